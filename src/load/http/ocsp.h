#pragma once

// What a server says by itself of whether its certificate was revoked, while it shakes hands: an answer of the certificate's authority that
// it has at hand (RFC 6960, and RFC 6066, §8). It is told to scripts, and nothing is decided by it. Private to load.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gantry::load {

struct OcspStaple {
  // Seconds since 1970; of what the authority does not say, Go's time that is none: the first second of the year 1.
  static constexpr std::int64_t kNever = -62'135'596'800;
  std::int64_t produced_at = kNever;
  std::int64_t this_update = kNever;
  std::int64_t next_update = kNever;
  std::int64_t revoked_at = kNever;
  std::string_view revocation_reason = "unspecified";  // k6's word; a literal, as the next
  std::string_view status = "unknown";                 // or "good", "revoked"
};

// DER. Nothing where it is no answer about one certificate, or one whose own signer did not sign it.
std::optional<OcspStaple> parse_ocsp_staple(std::span<const unsigned char> bytes);

// Of a connection by TLS; null where its server said nothing.
constexpr std::string_view ocsp_status(const OcspStaple* staple) { return staple ? staple->status : "unknown"; }

}  // namespace gantry::load

// Any bytes as an answer of a certificate authority: nothing, or one whose words and times can be told to a script, and which is no longer
// one when it has lost its last byte or has one too many.

#include "load/http/ocsp.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

constexpr std::array<std::string_view, 11> kReasons = {"",
                                                       "unspecified",
                                                       "key_compromise",
                                                       "ca_compromise",
                                                       "affiliation_changed",
                                                       "superseded",
                                                       "cessation_of_operation",
                                                       "certificate_hold",
                                                       "remove_from_crl",
                                                       "privilege_withdrawn",
                                                       "aa_compromise"};

// What GeneralizedTime can say: the years 0 to 9999, and a day to either side where it names an offset.
bool is_time(std::int64_t seconds) { return seconds >= -62'167'305'600 && seconds < 253'402'387'200; }

void read(std::span<const unsigned char> bytes) {
  const std::optional<OcspStaple> staple = parse_ocsp_staple(bytes);
  if (!staple) return;
  require(staple->status == "good" || staple->status == "revoked" || staple->status == "unknown");
  require(std::ranges::find(kReasons, staple->revocation_reason) != kReasons.end());
  for (const std::int64_t time : {staple->produced_at, staple->this_update, staple->next_update, staple->revoked_at})
    require(is_time(time));
  if (staple->status != "revoked")
    require(staple->revoked_at == OcspStaple::kNever && staple->revocation_reason == "unspecified");

  require(!parse_ocsp_staple(bytes.first(bytes.size() - 1)));
  std::vector<unsigned char> longer(bytes.begin(), bytes.end());
  longer.push_back(0);
  require(!parse_ocsp_staple(longer));
}

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy of exactly that size, so that the address sanitizer sees who reads behind it.
  const std::vector<unsigned char> bytes(data, data + size);
  gantry::load::read(bytes);
  return 0;
}

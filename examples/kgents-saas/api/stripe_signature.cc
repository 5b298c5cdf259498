#include "api/stripe_signature.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

namespace kgents {

namespace {

constexpr std::size_t kDigestDigits = 64;  // SHA-256 in hexadecimal
constexpr std::size_t kSignaturesMax = 8;  // there are one or two; a stranger could write thousands

struct ParsedHeader {
  std::string_view timestamp;  // as written: it is signed as text
  std::int64_t seconds = 0;
  std::vector<std::string_view> signatures;
};

std::optional<ParsedHeader> parse(std::string_view header) {
  ParsedHeader parsed;
  while (!header.empty()) {
    const std::string_view item = header.substr(0, header.find(','));
    header.remove_prefix(std::min(header.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = item.substr(0, equals);
    const std::string_view value = item.substr(equals + 1);
    if (key == "t") {
      if (!parsed.timestamp.empty()) return std::nullopt;
      parsed.timestamp = value;
    } else if (key == "v1") {
      if (value.size() != kDigestDigits || parsed.signatures.size() == kSignaturesMax) return std::nullopt;
      parsed.signatures.push_back(value);
    }
  }
  const char* const end = parsed.timestamp.data() + parsed.timestamp.size();
  const auto [rest, failure] = std::from_chars(parsed.timestamp.data(), end, parsed.seconds);
  // Twelve digits reach beyond the year 30000, and stay inside what a time can hold.
  if (failure != std::errc() || rest != end || parsed.timestamp.size() > 12) return std::nullopt;
  if (parsed.signatures.empty()) return std::nullopt;
  return parsed;
}

std::string hmac_hex(std::string_view timestamp, std::string_view payload, std::string_view secret) {
  const std::string signed_text = fmt::format("{}.{}", timestamp, payload);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

std::string_view to_string(SignatureCheck check) {
  switch (check) {
    case SignatureCheck::valid: return "valid";
    case SignatureCheck::malformed: return "malformed";
    case SignatureCheck::forged: return "forged";
    case SignatureCheck::stale: return "stale";
  }
  return "";
}

SignatureCheck check_stripe_signature(std::string_view header, std::string_view payload, std::string_view secret,
                                      gantry::base::Timestamp now) {
  const std::optional<ParsedHeader> parsed = parse(header);
  if (!parsed) return SignatureCheck::malformed;
  const std::string expected = hmac_hex(parsed->timestamp, payload, secret);
  bool matches = false;
  for (const std::string_view signature : parsed->signatures) {
    // No early way out: how long this takes tells nothing about how near a guess was.
    matches |= CRYPTO_memcmp(expected.data(), signature.data(), kDigestDigits) == 0;
  }
  if (!matches) return SignatureCheck::forged;
  const gantry::base::Timestamp signed_at{std::chrono::seconds(parsed->seconds)};
  const bool recent = signed_at >= now - kSignatureTolerance && signed_at <= now + kSignatureTolerance;
  return recent ? SignatureCheck::valid : SignatureCheck::stale;
}

std::string sign_stripe_payload(std::string_view payload, std::string_view secret, gantry::base::Timestamp time) {
  const std::string timestamp =
      std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  return fmt::format("t={},v1={}", timestamp, hmac_hex(timestamp, payload, secret));
}

}  // namespace kgents

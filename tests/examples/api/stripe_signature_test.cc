#include "api/stripe_signature.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace kgents {
namespace {

using gantry::base::Timestamp;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kSecret = "whsec_test";
constexpr const char* kPayload = R"({"id":"evt_1"})";
constexpr Timestamp kNow{seconds(1'765'704'600)};

std::string signed_at(Timestamp time) { return sign_stripe_payload(kPayload, kSecret, time); }

// Made with: printf '1765704600.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test
constexpr const char* kKnown = "3cb0812e1be09174e4a0d198828b09b379a9bafb013a1d6e1dcfeabcd76bb0dc";

TEST(StripeSignature, IsHmacSha256OverTimestampAndPayload) {
  EXPECT_EQ(signed_at(kNow), fmt::format("t=1765704600,v1={}", kKnown));
}

struct Case {
  const char* what;
  std::string header;
  SignatureCheck check;
};

const Case kCases[] = {
    {"the sender's own", signed_at(kNow), SignatureCheck::valid},
    {"one of two, while a secret is changed", signed_at(kNow) + ",v1=" + std::string(64, '0'), SignatureCheck::valid},
    {"the second of two", fmt::format("t=1765704600,v1={},v1={}", std::string(64, '0'), kKnown), SignatureCheck::valid},
    {"another scheme beside it", fmt::format("t=1765704600,v0=x,v1={}", kKnown), SignatureCheck::valid},
    {"just inside five minutes", signed_at(kNow - seconds(300)), SignatureCheck::valid},
    {"a clock ahead of ours, inside", signed_at(kNow + seconds(300)), SignatureCheck::valid},
    {"too old", signed_at(kNow - seconds(301)), SignatureCheck::stale},
    {"too far ahead", signed_at(kNow + seconds(301)), SignatureCheck::stale},
    {"an old signature under a new timestamp",
     fmt::format("t=1765704600,{}", signed_at(kNow - seconds(400)).substr(13)), SignatureCheck::forged},
    {"under another secret", sign_stripe_payload(kPayload, "whsec_other", kNow), SignatureCheck::forged},
    {"of another payload", sign_stripe_payload("{}", kSecret, kNow), SignatureCheck::forged},
    {"in capitals", "t=1765704600,v1=" + std::string(64, 'A'), SignatureCheck::forged},
    {"stale and forged is forged: a stranger learns nothing of our clock",
     sign_stripe_payload(kPayload, "whsec_other", kNow - seconds(301)), SignatureCheck::forged},
    {"nothing", "", SignatureCheck::malformed},
    {"no timestamp", fmt::format("v1={}", kKnown), SignatureCheck::malformed},
    {"no signature", "t=1765704600", SignatureCheck::malformed},
    {"only an old scheme", fmt::format("t=1765704600,v0={}", kKnown), SignatureCheck::malformed},
    {"two timestamps", fmt::format("t=1765704600,t=1765704600,v1={}", kKnown), SignatureCheck::malformed},
    {"a timestamp that is no number", fmt::format("t=now,v1={}", kKnown), SignatureCheck::malformed},
    {"a timestamp with more behind it", fmt::format("t=1765704600x,v1={}", kKnown), SignatureCheck::malformed},
    {"a timestamp beyond all time", fmt::format("t=9223372036854775807,v1={}", kKnown), SignatureCheck::malformed},
    {"a signature that is too short", "t=1765704600,v1=00", SignatureCheck::malformed},
    {"no pairs", "garbage", SignatureCheck::malformed},
};

TEST(StripeSignature, Checks) {
  for (const Case& c : kCases)
    EXPECT_EQ(to_string(check_stripe_signature(c.header, kPayload, kSecret, kNow)), to_string(c.check)) << c.what;
}

TEST(StripeSignature, ThousandsOfSignaturesAreNotLookedAt) {
  std::string header = "t=1765704600";
  for (int i = 0; i < 1'000; ++i) header += ",v1=" + std::string(64, '0');
  EXPECT_EQ(to_string(check_stripe_signature(header, kPayload, kSecret, kNow)), "malformed");
}

}  // namespace
}  // namespace kgents

#include "load/options/tls.h"

#include "base/json.h"
#include "base/node.h"
#include "load/http/cipher_suites.h"
#include "support/certificate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gantry::load {
namespace {

struct Case {
  std::string_view options;
  std::string expected;
};

const Case kCases[] = {
    {"{}", "verifies tls1.2 to tls1.3"},
    {R"({"insecureSkipTLSVerify": true, "vus": 3})", "trusts all tls1.2 to tls1.3"},
    {R"({"insecureSkipTLSVerify": false})", "verifies tls1.2 to tls1.3"},
    {R"({"tlsVersion": "tls1.1"})", "verifies tls1.1 to tls1.1"},
    {R"({"tlsVersion": {"min": "tls1.0", "max": "tls1.2"}})", "verifies tls1.0 to tls1.2"},
    {R"({"tlsVersion": {"min": "tls1.3"}})", "verifies tls1.3 to tls1.3"},
    {R"({"insecureSkipTLSVerify": "yes"})", "options: insecureSkipTLSVerify must be true or false, not a string"},
    {R"({"tlsVersion": "ssl3.0"})", "options: tlsVersion there is no \"ssl3.0\""},
    {R"({"tlsVersion": {"min": "tls1.3", "max": "tls1.2"}})", "tlsVersion: min is above max"},
    {R"({"tlsVersion": {"least": "tls1.3"}})", "tlsVersion: least is no option here"},
    {R"({"tlsCipherSuites": []})", "verifies tls1.2 to tls1.3"},
    // In Go's order.
    {R"({"tlsCipherSuites": ["TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
         "TLS_AES_128_GCM_SHA256"]})",
     "verifies tls1.2 to tls1.3 by ECDHE-RSA-CHACHA20-POLY1305:AES128-SHA"},
    // Below TLS 1.3 there is nothing to speak by then.
    {R"({"tlsCipherSuites": ["TLS_AES_128_GCM_SHA256"]})", "verifies tls1.3 to tls1.3"},
    {R"({"tlsCipherSuites": ["TLS_AES_128_GCM_SHA256"], "tlsVersion": "tls1.2"})",
     "options: tlsCipherSuites has suites of TLS 1.3 alone, which tlsVersion does not allow"},
    {R"({"tlsCipherSuites": ["TLS_RSA_WITH_RC4_128_SHA"]})",
     "options: tlsCipherSuites TLS_RSA_WITH_RC4_128_SHA is broken, and OpenSSL has it no more"},
    {R"({"tlsCipherSuites": ["TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_128_GCM_SHA256"]})",
     "verifies tls1.2 to tls1.3 by AES128-GCM-SHA256"},
    {R"({"tlsCipherSuites": ["TLS_RSA_WITH_AES_128_CBC"]})",
     "options: tlsCipherSuites there is no TLS_RSA_WITH_AES_128_CBC"},
    {R"({"tlsCipherSuites": "TLS_RSA_WITH_AES_128_CBC_SHA"})", "options: tlsCipherSuites must be a list"},
    {R"({"tlsCipherSuites": [7]})", "options: tlsCipherSuites must be a list of texts"},
    {R"({"tlsAuth": []})", "verifies tls1.2 to tls1.3"},
    {R"({"tlsAuth": "mine"})", "options: tlsAuth must be a list"},
    {R"({"tlsAuth": [{"cert": "none", "key": "none"}]})", "options: tlsAuth cert has no certificate in PEM"},
};

TEST(TlsOptions, AreReadOrRefused) {
  for (const Case& c : kCases) {
    const auto tls = read_tls_options(*base::load_json(c.options, "options"));
    EXPECT_EQ(tls ? fmt::format("{} {} to {}{}{}", tls->verifies_peer ? "verifies" : "trusts all", to_string(tls->min),
                                to_string(tls->max), tls->ciphers.empty() ? "" : " by ", tls->ciphers)
                  : tls.error().message,
              c.expected)
        << c.options;
  }
}

TEST(TlsOptions, NameSuitesThatOpenSslHas) {
  for (const CipherSuite& suite : cipher_suites()) {
    if (suite.openssl.empty()) continue;
    TlsOptions tls;
    if (!suite.is_tls1_3) tls.ciphers = suite.openssl;
    EXPECT_TRUE(TlsContext::create(tls)) << suite.name;
    EXPECT_EQ(find_cipher_suite(suite.name), &suite);
  }
}

std::string in_json(const std::string& text) { return base::dump_json(base::Node(text)); }

TEST(TlsOptions, ReadWhoTheClientIs) {
  const test::Certificate mine = test::make_certificate("client");
  const test::Certificate other = test::make_certificate("other");
  const auto read = [](const test::Certificate& certificate, const std::string& key) {
    return read_tls_options(
        *base::load_json(fmt::format(R"({{"tlsAuth": [{{"domains": ["*.Shop.test"], "cert": {}, "key": {}}}]}})",
                                     in_json(certificate.chain), in_json(key)),
                         "options"));
  };
  const auto tls = read(mine, mine.key);
  ASSERT_TRUE(tls);
  ASSERT_EQ(tls->identities.size(), 1U);
  EXPECT_TRUE(tls->identities[0]->is_for("api.shop.test"));
  EXPECT_FALSE(tls->identities[0]->is_for("shop.example"));
  const auto mixed = read(mine, other.key);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().message, "options: tlsAuth key is not that of the certificate");
  const auto none = read(mine, "none");
  ASSERT_FALSE(none);
  EXPECT_TRUE(none.error().message.starts_with("options: tlsAuth key cannot be read: ")) << none.error().message;
}

}  // namespace
}  // namespace gantry::load

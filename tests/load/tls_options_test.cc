#include "load/options/tls.h"

#include "base/json.h"

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
};

TEST(TlsOptions, AreReadOrRefused) {
  for (const Case& c : kCases) {
    const auto tls = read_tls_options(*base::load_json(c.options, "options"));
    EXPECT_EQ(tls ? fmt::format("{} {} to {}", tls->verifies_peer ? "verifies" : "trusts all", to_string(tls->min),
                                to_string(tls->max))
                  : tls.error().message,
              c.expected)
        << c.options;
  }
}

}  // namespace
}  // namespace gantry::load

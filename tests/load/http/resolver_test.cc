// From names to addresses: what a script's options say comes before, between and after what the system's resolver does.

#include "load/http/resolver.h"

#include "base/json.h"
#include "load/options/names.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::load {
namespace {

struct Case {
  std::string_view options;
  std::string_view host;
  std::string_view answer;  // ip:port, or the code of the failure; or what is wrong with the options
};

constexpr Case kCases[] = {
    {"{}", "127.0.0.1", "127.0.0.1:80"},
    {R"({"hosts": {"a.example": "127.0.0.2"}})", "A.Example", "127.0.0.2:80"},
    {R"({"hosts": {"a.example": "127.0.0.2:8080"}})", "a.example", "127.0.0.2:8080"},
    {R"({"hosts": {"a.example": "127.0.0.2", "a.example:80": "127.0.0.3"}})", "a.example", "127.0.0.3:80"},
    {R"({"hosts": {"*.example": "127.0.0.2", "*.a.example": "127.0.0.3", "b.a.example": "127.0.0.4"}})", "c.a.example",
     "127.0.0.3:80"},
    {R"({"hosts": {"*.example": "127.0.0.2", "b.a.example": "127.0.0.4"}})", "b.a.example", "127.0.0.4:80"},
    {R"({"hosts": {"a.example": "[::1]:81"}})", "a.example", "::1:81"},
    {R"({"hosts": {"a.example": "nowhere"}})", "",
     R"(options: hosts leads a.example to "nowhere", which is no address)"},
    {R"({"hosts": {"a.example": "127.0.0.1"}, "blockHostnames": ["*.example"]})", "a.example", "1111"},
    {R"({"blockHostnames": ["A.example"]})", "a.EXAMPLE", "1111"},
    {R"({"blockHostnames": ["a*b"]})", "", R"(options: blockHostnames has "a*b", which is no pattern)"},
    {R"({"blacklistIPs": ["127.0.0.0/31"]})", "127.0.0.1", "1110"},
    {R"({"blacklistIPs": ["127.0.0.0/31"]})", "127.0.0.2", "127.0.0.2:80"},
    {R"({"blacklistIPs": ["::1/128"], "hosts": {"a.example": "::1"}})", "a.example", "1110"},
    {R"({"blacklistIPs": ["10.0.0.0/33"]})", "", R"(options: blacklistIPs has "10.0.0.0/33", which is no range)"},
    {R"({"dns": {"policy": "onlyIPv6"}})", "127.0.0.1", "127.0.0.1:80"},
    {R"({"dns": {"policy": "onlyIPv6"}, "hosts": {"a.example": "127.0.0.2"}})", "a.example", "127.0.0.2:80"},
    // A name as any other, which everybody knows.
    {R"({"dns": {"policy": "onlyIPv6"}})", "127.1", "1101"},
    {R"({"dns": {"policy": "onlyIPv4"}})", "127.1", "127.0.0.1:80"},
    {R"({"dns": {"ttl": "inf", "select": "roundRobin"}})", "127.0.0.1", "127.0.0.1:80"},
    {R"({"dns": {"select": "last"}})", "", R"(dns: select "last" is none)"},
};

std::string answer(const Case& c) {
  const auto rules = read_name_rules(*base::load_json(c.options, "options"));
  if (!rules) return rules.error().message;
  Resolver resolver;
  resolver.set_rules(*rules);
  const auto address = resolver.resolve(std::string(c.host), 80);
  return address ? fmt::format("{}:{}", address->ip, address->port) : fmt::format("{}", address.error().code);
}

TEST(Resolver, KeepsToTheOptions) {
  for (const Case& c : kCases) EXPECT_EQ(answer(c), c.answer) << c.options << " " << c.host;
}

}  // namespace
}  // namespace gantry::load

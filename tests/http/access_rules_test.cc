#include "http/access_rules.h"

#include <gtest/gtest.h>

namespace gantry::http {
namespace {

TEST(TokenGate, AdmitsTheBearerOfTheToken) {
  const TokenGate gate("s3cret");
  struct Case {
    Headers headers;
    bool admits;
  };
  const Case kCases[] = {
      {{{"Authorization", "Bearer s3cret"}}, true},
      {{{"authorization", "bearer  s3cret "}}, true},
      {{}, false},
      {{{"Authorization", ""}}, false},
      {{{"Authorization", "Bearer"}}, false},
      {{{"Authorization", "Bearer "}}, false},
      {{{"Authorization", "s3cret"}}, false},
      {{{"Authorization", "Basic s3cret"}}, false},
      {{{"Authorization", "Bearer s3cre"}}, false},
      {{{"Authorization", "Bearer s3crets"}}, false},
      {{{"Authorization", "Bearer S3CRET"}}, false},
      {{{"X-Authorization", "Bearer s3cret"}}, false},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(gate.admits(c.headers), c.admits) << (c.headers.empty() ? "nothing" : c.headers.begin()->value);
}

struct HostCase {
  const char* what;
  const char* host;
  bool admits;
};
constexpr HostCase kHosts[] = {
    {"this machine", "localhost", true},
    {"and a port, which says nothing", "localhost:8000", true},
    {"in any case", "LocalHost", true},
    {"a name below it", "console.localhost:8000", true},
    {"an address", "127.0.0.1", true},
    {"an address and a port", "127.0.0.1:8000", true},
    {"another that is loopback", "127.1.2.3", true},
    {"one that is not: nobody can point it here", "192.0.2.1:8000", true},
    {"version 6", "[::1]", true},
    {"version 6 and a port", "[::1]:8000", true},
    {"a name that was given", "Console.Example", true},
    {"a page's own name", "evil.example", false},
    {"and a port", "evil.example:8000", false},
    {"that begins like an address", "127.0.0.1.evil.example", false},
    {"that begins like a name", "localhost.evil.example", false},
    {"that ends like a name", "evillocalhost", false},
    {"below a name that was given", "evil.console.example", false},
    {"half an address", "127.1", false},
    {"no closing bracket", "[::1", false},
    {"words after it", "[::1]evil.example", false},
    {"words for a port", "localhost:evil.example", false},
    {"a port twice", "localhost:1:2", false},
    {"a dot", ".localhost", false},
    {"nothing", "", false},
};

TEST(HostGate, AdmitsWhatNobodyCanPointHere) {
  const std::optional<HostGate> gate = make_host_gate({.hosts = {"console.example"}});
  ASSERT_TRUE(gate);
  for (const HostCase& c : kHosts) EXPECT_EQ(gate->admits({{"Host", c.host}}), c.admits) << c.what;
  EXPECT_TRUE(gate->admits({})) << "HTTP/1.0";
}

TEST(HostGate, IsThereWhereNothingElseGuards) {
  struct Case {
    const char* what;
    Options options;
    bool is_there;
  };
  const Case kCases[] = {
      {"loopback", {}, true},
      {"loopback by name", {.host = "localhost"}, true},
      {"loopback, version 6", {.host = "::1"}, true},
      {"meant to be insecure, which is about the address", {.insecure = true}, true},
      {"a token guards", {.token = "t"}, false},
      {"for everybody", {.host = "0.0.0.0", .insecure = true}, false},
      {"for everybody, by some names", {.host = "0.0.0.0", .insecure = true, .hosts = {"a.example"}}, true},
      {"a token and names", {.token = "t", .hosts = {"a.example"}}, true},
      {"any name", {.hosts = {"*"}}, false},
  };
  for (const Case& c : kCases) EXPECT_EQ(make_host_gate(c.options).has_value(), c.is_there) << c.what;
}

// What the headers of a response have for CORS, "allow|vary".
std::string cors_of(const Cors& cors, const Headers& request) {
  Response response;
  add_cors_headers(cors, request, response);
  return std::string(response.headers.find("Access-Control-Allow-Origin").value_or("-")) + "|" +
         std::string(response.headers.find("Vary").value_or("-"));
}

TEST(Cors, LetsPagesOfAllowedOriginsRead) {
  const Cors some{.origins = {"https://a.example", "https://b.example"}};
  const Cors all{.origins = {"*"}};
  EXPECT_EQ(cors_of(some, {{"Origin", "https://b.example"}}), "https://b.example|Origin");
  EXPECT_EQ(cors_of(some, {{"Origin", "https://b.example.evil"}}), "-|Origin");
  EXPECT_EQ(cors_of(some, {{"Origin", "http://b.example"}}), "-|Origin");
  EXPECT_EQ(cors_of(some, {{"Origin", "null"}}), "-|Origin");
  EXPECT_EQ(cors_of(some, {}), "-|Origin");
  EXPECT_EQ(cors_of(all, {{"Origin", "https://c.example"}}), "*|Origin");
  EXPECT_EQ(cors_of({}, {{"Origin", "https://a.example"}}), "-|-");
}

TEST(Cors, AnswersPreflights) {
  const Cors cors{.origins = {"https://a.example"}, .headers = {"X-One", "X-Two"}, .age_max = std::chrono::seconds(60)};
  const Request asks{.method = "OPTIONS",
                     .headers = {{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "PUT"}}};
  ASSERT_TRUE(is_preflight(cors, asks));
  EXPECT_FALSE(is_preflight({}, asks));
  EXPECT_FALSE(is_preflight(cors, {.method = "OPTIONS"}));
  const Response response = preflight_response(cors, asks, "GET, PUT");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.find("Access-Control-Allow-Methods"), "GET, PUT");
  EXPECT_EQ(response.headers.find("Access-Control-Allow-Headers"), "X-One, X-Two");
  EXPECT_EQ(response.headers.find("Access-Control-Max-Age"), "60");
  Request stranger = asks;
  stranger.headers.set("Origin", "https://evil.example");
  EXPECT_FALSE(preflight_response(cors, stranger, "GET").headers.contains("Access-Control-Allow-Methods"));
}

TEST(AllowsPage, IsForTheOwnOriginAndAllowedOnes) {
  const Cors cors{.origins = {"https://a.example"}};
  EXPECT_TRUE(allows_page({}, {{"Host", "h:80"}}));
  EXPECT_TRUE(allows_page({}, {{"Host", "h:80"}, {"Origin", "http://h:80"}}));
  EXPECT_TRUE(allows_page(cors, {{"Host", "h:80"}, {"Origin", "https://a.example"}}));
  EXPECT_FALSE(allows_page({}, {{"Host", "h:80"}, {"Origin", "https://a.example"}}));
  EXPECT_FALSE(allows_page({}, {{"Host", "h:80"}, {"Origin", "null"}}));
}

TEST(CheckOptions, WantsATokenWhereOthersReach) {
  struct Case {
    const char* what;
    Options options;
    const char* message;
  };
  const Case kCases[] = {
      {"loopback", {}, ""},
      {"loopback by name", {.host = "localhost"}, ""},
      {"loopback, version 6", {.host = "::1"}, ""},
      {"loopback, another address", {.host = "127.1.2.3"}, ""},
      {"everywhere with a token", {.host = "0.0.0.0", .token = "t"}, ""},
      {"everywhere, meant so", {.host = "::", .insecure = true}, ""},
      {"everywhere", {.host = "0.0.0.0"}, "0.0.0.0 can be reached from other machines, and no token is asked for"},
      {"a network", {.host = "10.0.0.1"}, "10.0.0.1 can be reached from other machines, and no token is asked for"},
      {"an empty token", {.token = ""}, "the token is empty"},
      {"no worker", {.workers = 0}, "0 workers; 1 to 256 are possible"},
  };
  for (const Case& c : kCases) {
    const base::Result<void> checked = check_options(c.options);
    EXPECT_EQ(checked ? "" : checked.error().message, c.message) << c.what;
    if (!checked) {
      EXPECT_EQ(checked.error().kind, base::ErrorKind::usage);
    }
  }
}

}  // namespace
}  // namespace gantry::http

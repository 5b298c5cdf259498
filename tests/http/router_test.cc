#include "http/router.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gantry::http {
namespace {

Response answer(const Request&) { return Response::empty(); }

std::vector<Route> table() {
  std::vector<Route> routes;
  for (const auto& [method, pattern] : std::vector<std::pair<const char*, const char*>>{
           {"GET", "/"},
           {"GET", "/health"},
           {"POST", "/health"},
           {"GET", "/sessions/{id}"},
           {"DELETE", "/sessions/{session}"},
           {"GET", "/sessions/latest"},
           {"GET", "/sessions/{id}/events/{event}"},
           {"GET", "/assets/{file...}"},
           {"GET", "/assets/app.js"},
           {"POST", "/sessions/latest/{rest...}"},
           {"GET", "/a%20b"},
       }) {
    routes.push_back({.method = method, .pattern = pattern, .handler = answer});
  }
  return routes;
}

// "pattern name=value …", "405 GET, POST", or "404".
std::string found(const Router& router, std::string_view method, std::string_view path) {
  const Match match = router.find(method, path);
  if (!match.route) {
    return match.allowed.empty() ? "404" : fmt::format("405 {}", fmt::join(match.allowed, ", "));
  }
  std::string text = match.route->pattern;
  for (const auto& [name, value] : match.parameters) text += fmt::format(" {}={}", name, value);
  return text;
}

struct Case {
  const char* method;
  const char* path;
  const char* found;
};

constexpr Case kCases[] = {
    {"GET", "/", "/"},
    {"GET", "/health", "/health"},
    {"HEAD", "/health", "/health"},  // GET answers HEAD
    {"POST", "/health", "/health"},
    {"PUT", "/health", "405 GET, POST"},
    {"HEAD", "/sessions/latest/x", "405 POST"},
    {"GET", "/health/", "404"},
    {"GET", "/Health", "404"},
    {"GET", "//health", "404"},
    {"GET", "/%68ealth", "/health"},  // compared decoded
    {"GET", "/a%20b", "/a%20b"},
    {"GET", "/a b", "/a%20b"},
    {"GET", "/sessions/7", "/sessions/{id} id=7"},
    {"DELETE", "/sessions/7", "/sessions/{session} session=7"},  // names belong to the routes
    {"GET", "/sessions/latest", "/sessions/latest"},             // a literal before {name}
    {"DELETE", "/sessions/latest", "/sessions/{session} session=latest"},
    {"GET", "/sessions/", "404"},  // {name} is not empty
    {"GET", "/sessions", "404"},
    {"GET", "/sessions/a%2Fb", "/sessions/{id} id=a/b"},
    {"GET", "/sessions/%C3%A9", "/sessions/{id} id=é"},
    {"GET", "/sessions/%", "404"},
    {"GET", "/sessions/..", "404"},
    {"GET", "/sessions/%2e%2E", "404"},
    {"GET", "/sessions/.", "404"},
    {"GET", "/sessions/7/events/8", "/sessions/{id}/events/{event} id=7 event=8"},
    {"GET", "/sessions/latest/events/8", "/sessions/{id}/events/{event} id=latest event=8"},  // back from the literal
    {"POST", "/sessions/latest/a/b", "/sessions/latest/{rest...} rest=a/b"},
    {"GET", "/assets/app.js", "/assets/app.js"},
    {"GET", "/assets/css/a%20b.css", "/assets/{file...} file=css/a b.css"},
    {"GET", "/assets/../secret", "404"},
    {"GET", "/assets/a%2F..%2F..%2Fsecret", "404"},
    {"GET", "/assets", "404"},
    {"GET", "", "404"},
    {"GET", "health", "404"},
    {"GET", "*", "404"},
};

TEST(Router, FindsTheRouteOfARequest) {
  const base::Result<Router> router = Router::create(table());
  ASSERT_TRUE(router) << describe(router.error());
  for (const Case& c : kCases) EXPECT_EQ(found(*router, c.method, c.path), c.found) << c.method << " " << c.path;
}

TEST(Router, DoesNotFollowPathsWithoutEnd) {
  const base::Result<Router> router = Router::create({{.pattern = "/{all...}", .handler = answer}});
  ASSERT_TRUE(router);
  std::string path;
  for (int i = 0; i < 64; ++i) path += "/a";
  EXPECT_NE(router->find("GET", path).route, nullptr);
  EXPECT_EQ(router->find("GET", path + "/a").route, nullptr);
}

TEST(Router, RefusesTablesThatMeanNothingOrTwoThings) {
  struct Bad {
    std::vector<std::pair<const char*, const char*>> routes;
    const char* message;
  };
  const Bad kBad[] = {
      {{{"GET", "health"}}, "it does not begin with a slash"},
      {{{"GET", ""}}, "it does not begin with a slash"},
      {{{"G T", "/a"}}, "\"G T\" is no method"},
      {{{"GET", "/a/{}"}}, "\"{}\" has no name"},
      {{{"GET", "/{...}"}}, "\"{...}\" has no name"},
      {{{"GET", "/{rest...}/b"}}, "something follows \"{rest...}\""},
      {{{"GET", "/a{b}"}}, "\"a{b}\" is no segment of a path"},
      {{{"GET", "/a/../b"}}, "\"..\" is no segment of a path"},
      {{{"GET", "/%zz"}}, "\"%zz\" is no segment of a path"},
      {{{"GET", "/a/{x}"}, {"GET", "/a/{y}"}}, "/a/{x} matches the same"},
      {{{"GET", "/ab"}, {"GET", "/%61b"}}, "/ab matches the same"},
  };
  for (const Bad& bad : kBad) {
    std::vector<Route> routes;
    for (const auto& [method, pattern] : bad.routes)
      routes.push_back({.method = method, .pattern = pattern, .handler = answer});
    const base::Result<Router> router = Router::create(std::move(routes));
    ASSERT_FALSE(router) << bad.message;
    EXPECT_EQ(router.error().message, bad.message);
  }
}

}  // namespace
}  // namespace gantry::http

// What a target's status page says of what it depends on.

#include "launch/checks/load/dependencies.h"

#include "base/json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string_view>

namespace gantry::launch {
namespace {

std::string show(const std::vector<Dependency>& dependencies) {
  std::string text;
  for (const Dependency& each : dependencies)
    text += fmt::format("{}{}={} ", each.is_on ? "+" : "-", each.name, each.state);
  return text;
}

struct Case {
  std::string_view page;
  std::string_view dependencies;
};
constexpr Case kCases[] = {
    {R"({"status": "ok", "components": {"api": "healthy", "nats": "disabled", "redis": "disconnected"}})",
     "+api=healthy -nats=disabled -redis=disconnected "},
    {R"({"status": "UP", "components": {"db": {"status": "UP"}, "bus": {"status": "DOWN"}}})", "+db=UP -bus=DOWN "},
    {R"({"checks": {"db": true, "bus": false, "note": 3}})", "+db=up -bus=down "},
    {R"({"status": "ok", "nats": {"configured": false, "status": "circuit_open"}, "uptime": 3})",
     "-nats=circuit_open "},
    {R"({"dependencies": {"cache": {"state": "warming"}}})", "-cache=warming "},
    {R"({"components": [{"name": "db", "status": "up"}, {"component": "bus", "healthy": false}, {"status": "up"}]})",
     "+db=up -bus=down "},
    {R"({"checks": {"db:connections": [{"status": "pass"}, {"status": "fail"}], "cache:up": [{"status": "pass"}]}})",
     "-db:connections=fail +cache:up=pass "},
    {R"({"ok": true, "ready": true, "nats": true, "redis": false})", "+nats=up -redis=down "},
    {R"({"status": "Healthy", "entries": {"db": {"status": "Unhealthy"}}})", "-db=Unhealthy "},
    {R"([{"name": "db", "state": "down"}])", "-db=down "},
    {R"({"status": "ok", "healthy": true})", ""},
    {R"([1, 2])", ""},
};

TEST(Dependencies, AreReadFromAStatusPage) {
  for (const Case& c : kCases)
    EXPECT_EQ(show(read_dependencies(*base::load_json(c.page, "page"))), c.dependencies) << c.page;
}

TEST(Dependencies, AreAsTheyWereWhenTheyWereWorse) {
  const std::vector<Dependency> before = {{"nats", "healthy", true}, {"redis", "disconnected", false}};
  const std::vector<Dependency> after = {
      {"nats", "circuit_open", false}, {"redis", "healthy", true}, {"db", "up", true}};
  EXPECT_EQ(show(worse_of(before, after)), "-nats=circuit_open -redis=disconnected +db=up ");
}

}  // namespace
}  // namespace gantry::launch

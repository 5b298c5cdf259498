// The load of k6 scripts, from what `k6 inspect` prints (k6 documentation: scenarios, executors, options).

#include "capacity/traffic.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::capacity {
namespace {

using base::Result;

std::string dump(const Result<Traffic>& traffic) {
  if (!traffic) return traffic.error().message;
  std::string text;
  for (const RatePoint& point : traffic->points())
    text += fmt::format("{}{}s:{}", text.empty() ? "" : " ", static_cast<double>(point.at.count()) / 1000,
                        point.per_second);
  return text;
}

struct Case {
  std::string_view name;
  std::string_view options;
  std::string_view load;  // time:rate
  ScriptLoad how = {};
};

const Case kCases[] = {
    {"a ramping arrival rate",
     R"({"scenarios": {"a": {"executor": "ramping-arrival-rate", "startRate": 5, "timeUnit": "1s", "stages": [
        {"duration": "30s", "target": 10}, {"duration": "1m0s", "target": 100}]}}})",
     "0s:5 30s:10 90s:100"},
    {"startRate is 0 when it is not written",
     R"({"scenarios": {"a": {"executor": "ramping-arrival-rate", "startRate": null, "stages": [
        {"duration": "10s", "target": 10}]}}})",
     "0s:0 10s:10"},
    {"a stage that lasts no time is a jump",
     R"({"scenarios": {"a": {"executor": "ramping-arrival-rate", "stages": [{"duration": "10s", "target": 10},
        {"duration": "0s", "target": 50}, {"duration": "10s", "target": 50}]}}})",
     "0s:0 10s:10 10s:50 20s:50"},
    {"so many a minute",
     R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 600, "timeUnit": "1m0s", "duration": "5m0s"}}})",
     "0s:10 300s:10"},
    {"several requests for an iteration",
     R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 10, "duration": "60s"}}})",
     "0s:30 60s:30",
     {.requests_per_iteration = 3}},
    {"durations as Go writes them, and as milliseconds",
     R"({"scenarios": {"a": {"executor": "ramping-arrival-rate", "stages": [{"duration": "1h0m1.5s", "target": 1},
        {"duration": "500ms", "target": 2}, {"duration": 1000, "target": 3}]}}})",
     "0s:0 3601.5s:1 3602s:2 3603s:3"},
    {"scenarios add up, each from its start to its end",
     R"({"scenarios": {
        "a": {"executor": "constant-arrival-rate", "rate": 10, "duration": "60s"},
        "b": {"executor": "ramping-arrival-rate", "startTime": "30s", "stages": [{"duration": "60s", "target": 60}]}}})",
     "0s:10 30s:10 60s:40 60s:30 90s:60"},
    {"one that starts late is preceded by nothing",
     R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "startTime": "10s", "rate": 7, "duration": "5s"}}})",
     "0s:0 10s:0 10s:7 15s:7"},
    {"one of them",
     R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 10, "duration": "60s"},
        "b": {"executor": "shared-iterations", "iterations": 5}}})",
     "0s:10 60s:10",
     {.scenario = "a"}},
    {"VUs, with what one of them sends",
     R"({"scenarios": {"a": {"executor": "ramping-vus", "startVUs": 0, "stages": [{"duration": "10s", "target": 20}]}}})",
     "0s:0 10s:192",
     {.rate_per_vu = 9.6}},
    {"stages without a scenario are VUs, from 1",
     R"({"scenarios": null, "stages": [{"duration": "10s", "target": 5}]})",
     "0s:2 10s:10",
     {.rate_per_vu = 2}},
    {"VUs for a duration", R"({"vus": 50, "duration": "1m0s", "scenarios": {}})", "0s:100 60s:100", {.rate_per_vu = 2}},
    // ---- What says no rate, and what is wrong
    {"VUs alone", R"({"stages": [{"duration": "10s", "target": 5}]})",
     "the VUs of scenario default (stages) say no rate: that hangs on how long an iteration takes"},
    {"iterations", R"({"scenarios": {"a": {"executor": "shared-iterations", "iterations": 5}}})",
     "scenario a (shared-iterations) does not say how much comes a second"},
    {"a scenario that is not there",
     R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 10, "duration": "60s"}}})",
     "there is no scenario b",
     {.scenario = "b"}},
    {"nothing", R"({"vus": 5, "stages": null})", "the options say neither scenarios, nor stages, nor a duration"},
    {"no map", "[]", "these are no options of a script"},
    {"no stage", R"({"scenarios": {"a": {"executor": "ramping-arrival-rate", "stages": []}}})",
     "scenario a (ramping-arrival-rate) has no stages"},
    {"no rate", R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "duration": "60s"}}})",
     "\"rate\" is missing"},
    {"a rate below 0", R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": -1, "duration": "60s"}}})",
     "\"rate\" is no number from 0 to 100000000"},
    {"no duration", R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 1, "duration": "soon"}}})",
     "\"duration\" is no duration"},
    {"a duration below 0",
     R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 1, "duration": "-5s"}}})",
     "\"duration\" is no duration"},
    {"a duration without end",
     R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 1, "duration": "9e99h"}}})",
     "\"duration\" is longer than 31 days"},
    {"no time unit",
     R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 1, "timeUnit": "0s", "duration": "5s"}}})",
     "\"timeUnit\" is no time"},
    {"shorter than a second",
     R"({"scenarios": {"a": {"executor": "constant-arrival-rate", "rate": 1, "duration": "5ms"}}})",
     "the traffic lasts less than a second"},
};

TEST(ScriptOptions, SayHowMuchComes) {
  for (const Case& row : kCases)
    EXPECT_EQ(dump(parse_script_file(row.options, "options.json", row.how)), row.load) << row.name;
}

TEST(ScriptOptions, AScriptItselfIsNotRead) {
  const Result<Traffic> script = parse_script_file("import http from 'k6/http';\n", "load.js");
  ASSERT_FALSE(script);
  EXPECT_EQ(script.error().message, "load.js is a script, not its options");
  EXPECT_EQ(script.error().help, "write them as JSON, and name that: k6 inspect load.js > options.json");
  // What begins as JSON is told what is wrong with it.
  const Result<Traffic> broken = parse_script_file("{\"scenarios\": ", "options.json");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message.find("is a script"), std::string::npos) << broken.error().message;
}

}  // namespace
}  // namespace gantry::capacity

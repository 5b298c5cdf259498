#include "load/rest/rest.h"

#include "base/json.h"
#include "load/run/judging.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gantry::load {
namespace {

struct Case {
  std::string_view method;
  std::string_view path;
  std::string_view body;
  int status;
  std::string_view answer;  // a part of it
};

// k6 reference, §16; a run with one group, one check and one metric that has a threshold which does not hold.
const Case kCases[] = {
    {"GET", "/v1/status", "", 200,
     R"({"data":{"type":"status","id":"default","attributes":{"status":7,"paused":false,"vus":2,"vus-max":3,"stopped":false,"running":true,"tainted":true}}})"},
    {"GET", "/v1/metrics/http_reqs", "", 200,
     R"({"data":{"type":"metrics","id":"http_reqs","attributes":{"type":"counter","contains":"default","tainted":true,"sample":{"count":4.0,"rate":2.0}}}})"},
    {"GET", "/v1/metrics", "", 200, R"({"data":[{"type":"metrics","id":"http_req_duration")"},
    {"GET", "/v1/metrics/http_req_duration", "", 200,
     R"x("sample":{"min":1.0,"max":3.0,"avg":2.0,"med":2.0,"p(90)":2.8,)x"},
    {"GET", "/v1/metrics/none", "", 404,
     R"({"errors":[{"status":"404","title":"Not Found","detail":"No metric with that ID was found"}]})"},
    {"GET", "/v1/groups", "", 200, R"("attributes":{"path":"::shop","name":"shop","checks":[{"id":)"},
    {"GET", "/v1/groups/d41d8cd98f00b204e9800998ecf8427e", "", 200, R"("parent":{"data":null})"},
    {"GET", "/v1/groups/0", "", 404, "No group with that ID was found"},
    {"GET", "/v1/setup", "", 200, R"({"data":{"type":"setupData","id":"default","attributes":{}}})"},
    {"PUT", "/v1/setup", R"({"a":[1]})", 200,
     R"({"data":{"type":"setupData","id":"default","attributes":{"data":{"a":[1]}}}})"},
    {"PUT", "/v1/setup", "{", 400, "Error parsing request body"},
    {"PUT", "/v1/setup", "", 200, R"("attributes":{})"},
    {"POST", "/v1/setup", "", 200, R"("attributes":{"data":"called"})"},
    {"POST", "/v1/teardown", "", 500, R"("title":"Error executing teardown","detail":"it threw")"},
    {"PATCH", "/v1/status", R"({"data":{"attributes":{"paused":true}}})", 500, "Pause error"},
    {"PATCH", "/v1/status", R"({"data":{"attributes":{"vus":5}}})", 500,
     "live VU configuration updates are not supported"},
    {"PATCH", "/v1/status", "[", 400, "Invalid data"},
    {"PATCH", "/v1/status", R"({"data":{"attributes":{"stopped":true}}})", 200, R"("stopped":true)"},
    {"DELETE", "/v1/status", "", 405, "Method Not Allowed"},
    {"GET", "/v1/nothing", "", 404, "the API has"}};

struct Under {
  RunOutcome outcome = {};
  RunLook look = {.phase = RunPhase::running,
                  .outcome = outcome,
                  .elapsed = std::chrono::seconds(2),
                  .vus_active = 2,
                  .vus = 3,
                  .call_setup =
                      [this] {
                        outcome.setup_data = R"("called")";
                        return base::Result<void>();
                      },
                  .call_teardown = []() -> base::Result<void> { return base::input_error("it threw"); }};

  Under() {
    for (int i = 0; i < 4; ++i) outcome.recorder->add(BuiltInMetric::http_reqs, 1, 0, {});
    for (const double ms : {1.0, 2.0, 3.0}) outcome.recorder->add(BuiltInMetric::http_req_duration, ms, 0, {});
    check_of(outcome.checks.groups.at("::shop").checks, "is open").count(true);
    const auto options = base::load_json(R"({"thresholds":{"http_reqs":["count>10"]}})", "options");
    outcome.thresholds = *read_thresholds(*options, *outcome.registry);
    judge_thresholds(outcome, std::chrono::seconds(2));
  }
};

TEST(Rest, AnswersAsK6Does) {
  Under run;
  for (const Case& c : kCases) {
    const RestAnswer answer = answer_rest({std::string(c.method), std::string(c.path), std::string(c.body)}, run.look);
    EXPECT_EQ(answer.status, c.status) << c.method << " " << c.path;
    EXPECT_TRUE(answer.body.contains(c.answer)) << c.method << " " << c.path << ": " << answer.body;
  }
  EXPECT_TRUE(run.look.is_stopped);
}

TEST(Rest, ResumesARunThatIsPaused) {
  Under run;
  run.look.phase = RunPhase::paused;
  run.look.is_paused = true;
  const std::string body = R"({"data":{"type":"status","id":"default","attributes":{"paused":false}}})";
  const RestAnswer answer = answer_rest({"PATCH", "/v1/status", body}, run.look);
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(run.look.is_paused);
}

}  // namespace
}  // namespace gantry::load

// What the figures of a load test say, and what they leave open. The runs are made up, sample by sample.

#include "launch/checks/load/verdict.h"

#include "base/json.h"
#include "launch/checks/check_run.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gantry::launch {
namespace {

using load::BuiltInMetric;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A run of ten seconds in which 50 VUs send 4,000 requests of 4 ms each, and sleep 100 ms between them; changed by the case.
struct MadeUp {
  double requests = 4000;
  double failed = 0;
  double unanswered = 0;
  double server_errors = 0;       // that the script may well expect
  bool judges_no_answer = false;  // http.setResponseCallback(null)
  bool has_hosts = false;         // the option
  double dropped = 0;
  double latency_ms = 4;
  double sleep_ms = 100;
  milliseconds own_cpu{2000};
  double delay_ms = 0.1;
  load::ExecutorPlan plan = load::ConstantVus{.vus = 50, .duration = seconds(10)};
  double freeze_ms = 0;  // for which the target stood still, and 1,000 arrivals waited
  bool checks_fail = false;
  std::uint64_t thrown = 0;                  // iterations
  std::vector<std::string> thresholds = {};  // "metric: expression"
  std::vector<std::string> expect = {};
  seconds lasted{10};
  TargetRecord target = {};
  std::map<std::string, std::uint64_t, std::less<>> places = {};
  std::vector<std::string> others = {};
  MemoryCurve memory = {};
  double latency_grows = 0;  // ms a second
};

load::RunOutcome play(const MadeUp& made_up) {
  load::RunOutcome outcome;
  outcome.duration = made_up.lasted;
  outcome.measurement.generator.played = made_up.lasted;
  outcome.measurement.places = made_up.places;
  outcome.measurement.generator.cpu = made_up.own_cpu;
  outcome.measurement.generator.delays.add(made_up.delay_ms);
  if (made_up.latency_grows > 0)
    for (int second = 0; second < 100; ++second)
      for (int i = 0; i < 10; ++i)
        outcome.measurement.series.answer(seconds(second), made_up.latency_ms + made_up.latency_grows * second, false);
  outcome.scenarios.push_back({.scenario = {.name = "baseline", .plan = made_up.plan}});
  load::Recorder& recorder = *outcome.recorder;
  const auto to_count = [](double number) { return static_cast<std::uint64_t>(number); };
  outcome.measurement.answers = {to_count(made_up.requests), to_count(made_up.unanswered),
                                 to_count(made_up.server_errors)};
  if (made_up.has_hosts) outcome.options = *base::load_json(R"({"hosts": {"127.0.0.1": "10.0.0.5:80"}})", "options");
  for (const std::string& text : made_up.thresholds) {
    const std::size_t at = text.find(": ");
    const load::MetricSelector selector = *load::parse_metric_selector(text.substr(0, at));
    if (!selector.tags.empty()) recorder.keep_apart(selector);
    outcome.thresholds.push_back({selector, {{*load::parse_threshold(text.substr(at + 2)), {}}}});
  }
  for (double i = 0; i < made_up.requests; ++i) {
    const bool is_answered = i >= made_up.unanswered;
    const load::TagSetId tags = recorder.intern({{"scenario", "baseline"}, {"status", is_answered ? "200" : "0"}});
    recorder.add(BuiltInMetric::http_reqs, 1, tags, {});
    recorder.add(BuiltInMetric::http_req_duration, made_up.latency_ms, tags, {});
    if (!made_up.judges_no_answer) recorder.add(BuiltInMetric::http_req_failed, i < made_up.failed ? 1 : 0, tags, {});
    recorder.add(BuiltInMetric::iterations, 1, tags, {});
    recorder.add(BuiltInMetric::iteration_duration, made_up.latency_ms + made_up.sleep_ms, tags, {});
  }
  if (made_up.freeze_ms > 0) {
    load::ResponseTimes& responses =
        outcome.measurement.scenarios
            .emplace_back(load::ScenarioTimes{"baseline", load::ResponseTimes(load::ResponseTimes::Model::open)})
            .responses;
    for (int i = 0; i < 1000; ++i) responses.drop(std::chrono::microseconds(static_cast<int>(i * made_up.freeze_ms)));
    responses.free(std::chrono::milliseconds(static_cast<int>(made_up.freeze_ms)));
  }
  if (made_up.checks_fail) check_of(outcome.checks.by_name, "never").fails = 4000;
  outcome.measurement.thrown = made_up.thrown;
  if (made_up.dropped > 0) recorder.add(BuiltInMetric::dropped_iterations, made_up.dropped, 0, {});
  outcome.slept = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double, std::milli>(made_up.requests * made_up.sleep_ms));
  for (load::JudgedMetric& metric : outcome.thresholds) {
    const load::MetricId id = *outcome.registry->find(metric.selector.metric);
    const load::Sink* sink = metric.selector.tags.empty() ? recorder.sink(id) : recorder.sink(metric.selector.text);
    metric.thresholds[0].judgement = load::judge(
        metric.thresholds[0].threshold, sink ? *sink : load::make_sink((*outcome.registry)[id].type), outcome.duration);
  }
  return outcome;
}

CheckOutcome judge(const MadeUp& made_up) {
  const load::RunOutcome played = play(made_up);
  std::vector<Expectation> expectations;
  for (const std::string& text : made_up.expect) expectations.push_back(*parse_expectation(text));
  CheckOutcome outcome;
  judge_load_test({.script = "load.js",
                   .outcome = played,
                   .measured = measure(played, {}),
                   .expectations = expectations,
                   .target = made_up.target,
                   .place = made_up.target.name.empty() ? Place() : Place{"127.0.0.1", "8000"},
                   .others = made_up.others,
                   .memory = made_up.memory},
                  outcome);
  return outcome;
}

// 100 samples, with what a garbage collector adds and takes.
MemoryCurve growing(double by) {
  MemoryCurve curve;
  for (int i = 0; i < 100; ++i) curve.add(5e7 + by * i + (i % 3) * 1e5);
  return curve;
}
MemoryCurve levelled() {
  MemoryCurve curve;
  for (int i = 0; i < 100; ++i) curve.add(i < 20 ? 1e7 + 2e6 * i : 5e7 + (i % 3) * 1e5);
  return curve;
}

struct Case {
  std::string_view name;
  MadeUp run;
  std::string_view verdict;  // and the rules that were found
};

const TargetRecord kTarget = {.name = "local", .dependencies = {{"nats", "up", true}}};
const std::vector<std::string> kPlan = {"rate >= 100", "p95 < 500ms", "errors < 1%"};

const Case kCases[] = {
    {"all holds, and the rate was the script's", {.expect = kPlan}, "pass load.rate-set-by-script"},
    {"nothing is asked", {.sleep_ms = 0}, "pass"},
    {"too slow", {.latency_ms = 600, .sleep_ms = 0, .expect = kPlan}, "fail load.expectation-missed"},
    {"too many errors", {.failed = 50, .sleep_ms = 0, .expect = kPlan}, "fail load.expectation-missed"},
    {"the target is slower than asked",
     {.latency_ms = 100, .sleep_ms = 5, .expect = {"rate >= 500"}},
     "fail load.expectation-missed"},
    {"the script cannot ask so often",
     {.expect = {"rate >= 500"}},
     "error load.rate-out-of-reach load.rate-set-by-script"},
    {"arrivals were fewer than asked",
     {.sleep_ms = 0,
      .plan = load::ConstantArrivalRate{.rate = 400, .duration = seconds(10)},
      .expect = {"rate >= 500"}},
     "error load.rate-out-of-reach"},
    {"most requests fail, and nothing is asked", {.failed = 2400, .sleep_ms = 0}, "fail load.mostly-failed"},
    {"most have no answer",
     {.unanswered = 3600, .sleep_ms = 0, .thresholds = {"http_req_duration: p(95)<500"}},
     "fail load.mostly-failed load.unanswered"},
    {"most answers are errors, and the script judges none",
     {.server_errors = 2400, .judges_no_answer = true, .sleep_ms = 0, .expect = {"p95 < 500ms"}},
     "fail load.mostly-failed"},
    {"the script says where hosts are",
     {.has_hosts = true, .sleep_ms = 0, .target = kTarget, .places = {{"127.0.0.1:8000", 4000}}},
     "error load.other-host"},
    {"half of the requests fail, and nothing is asked", {.failed = 2000, .sleep_ms = 0}, "pass"},
    {"all requests went to the target, by another name",
     {.sleep_ms = 0, .target = kTarget, .places = {{"localhost:8000", 4000}}},
     "pass"},
    {"some requests went elsewhere",
     {.sleep_ms = 0, .target = kTarget, .places = {{"127.0.0.1:8000", 3999}, {"prod.example.com:443", 1}}},
     "error load.other-host"},
    {"some went where they may",
     {.sleep_ms = 0,
      .target = kTarget,
      .places = {{"127.0.0.1:8000", 3999}, {"auth.example.com:443", 1}},
      .others = {"auth.example.com:443"}},
     "pass"},
    {"nobody named a target, and there were two",
     {.sleep_ms = 0, .places = {{"a.example.com:80", 1}, {"b.example.com:80", 1}}},
     "pass load.several-hosts"},
    {"the page that tells what is on is not there",
     {.sleep_ms = 0, .target = {.name = "local", .status_fault = "/ready answered 404"}},
     "error load.status-unread"},
    {"a threshold holds", {.sleep_ms = 0, .thresholds = {"http_req_duration: p(95)<500"}}, "pass"},
    {"a threshold is missed",
     {.sleep_ms = 0, .thresholds = {"http_req_duration: p(95)<3"}},
     "fail load.threshold-missed"},
    {"a threshold about nothing passes in k6",
     {.sleep_ms = 0, .thresholds = {"http_req_duration{scenario:gone}: p(95)<500"}},
     "error load.threshold-undecided"},
    {"what is refuted outranks what is open",
     {.sleep_ms = 0, .thresholds = {"http_req_duration{scenario:gone}: p(95)<500", "http_req_duration: p(95)<3"}},
     "fail load.threshold-missed load.threshold-undecided"},
    {"users waited whom no percentile has",
     {.sleep_ms = 0, .freeze_ms = 1000, .expect = {"p95 < 500ms", "errors < 1%"}},
     "error load.users-waited"},
    {"users waited, and nobody asked for less", {.sleep_ms = 0, .freeze_ms = 400, .expect = {"p95 < 500ms"}}, "pass"},
    {"a threshold that holds for what was sent only",
     {.sleep_ms = 0, .freeze_ms = 1000, .thresholds = {"http_req_duration: p(95)<500"}},
     "error load.users-waited"},
    {"a check that never passed", {.sleep_ms = 0, .checks_fail = true}, "error load.check-never-passed"},
    {"most iterations threw",
     {.sleep_ms = 0, .thrown = 2400, .thresholds = {"http_req_duration: p(95)<500"}},
     "error load.iterations-threw"},
    {"some iterations threw", {.sleep_ms = 0, .thrown = 2000, .expect = {"p95 < 500ms"}}, "pass load.iterations-threw"},
    {"nobody answers", {.failed = 4000, .unanswered = 4000, .sleep_ms = 0}, "error load.no-answer"},
    {"some were not answered", {.failed = 9, .unanswered = 9, .sleep_ms = 0, .expect = kPlan}, "pass load.unanswered"},
    {"nothing was sent", {.requests = 0}, "error load.no-requests"},
    {"hardly any arrival was dropped",
     {.dropped = 3, .sleep_ms = 0, .plan = load::ConstantArrivalRate{.rate = 400, .duration = seconds(10)}},
     "pass load.dropped-iterations"},
    {"many arrivals were dropped",
     {.dropped = 900,
      .sleep_ms = 0,
      .plan = load::ConstantArrivalRate{.rate = 490, .duration = seconds(10)},
      .expect = {"p95 < 500ms"}},
     "error load.dropped-iterations"},
    {"Gantry was the bottleneck",
     {.latency_ms = 600, .sleep_ms = 0, .own_cpu = milliseconds(9500), .expect = {"p95 < 500ms"}},
     "error load.expectation-missed load.generator-busy"},
    {"others used the machine",
     {.latency_ms = 600, .sleep_ms = 0, .delay_ms = 35, .expect = {"p95 < 500ms"}},
     "error load.expectation-missed load.generator-busy"},
    {"others used the machine, and it was enough all the same",
     {.sleep_ms = 0, .delay_ms = 35, .expect = {"p95 < 500ms"}},
     "pass load.generator-busy"},
    {"what the target depends on was off",
     {.sleep_ms = 0, .expect = kPlan, .target = {.name = "local", .dependencies = {{"nats", "disabled", false}}}},
     "error load.dependency-off"},
    {"a dependency was off, as the workspace says",
     {.sleep_ms = 0,
      .expect = kPlan,
      .target = {.name = "local", .dependencies = {{"nats", "disabled", false}}, .without = {"nats"}}},
     "pass load.dependency-off"},
    {"the target does not tell what it depends on",
     {.sleep_ms = 0, .expect = kPlan, .target = {.name = "local"}},
     "pass load.dependencies-unknown"},
    {"all that the target depends on was there",
     {.sleep_ms = 0, .expect = kPlan, .target = {.name = "local", .dependencies = {{"nats", "healthy", true}}}},
     "pass"},
    {"a soak whose target keeps growing",
     {.sleep_ms = 0, .lasted = seconds(3600), .memory = growing(1e6)},
     "error load.memory-grows"},
    {"a soak whose target grew at the start only",
     {.sleep_ms = 0, .lasted = seconds(3600), .memory = levelled()},
     "pass"},
    {"a short run still grows", {.sleep_ms = 0, .memory = growing(1e6)}, "pass"},
    {"a soak that gets slower",
     {.sleep_ms = 0, .lasted = seconds(3600), .latency_grows = 0.1},
     "pass load.latency-drifts"},
    {"a high percentile of few requests",
     {.requests = 80, .sleep_ms = 0, .expect = {"p99 < 500ms"}},
     "pass load.few-samples"},
};

TEST(LoadVerdict, SaysWhatTheFiguresSay) {
  for (const Case& c : kCases) EXPECT_EQ(test::verdict_and_rules(judge(c.run)), c.verdict) << c.name;
}

TEST(LoadVerdict, NamesTheScenarioThatFlagsReplaced) {
  const CheckOutcome outcome = judge({.sleep_ms = 0, .thresholds = {"http_req_duration{scenario:gone}: p(95)<500"}});
  ASSERT_FALSE(outcome.findings.empty());
  EXPECT_TRUE(outcome.findings[0].explanation.contains("no scenario \"gone\" ran")) << outcome.findings[0].explanation;
}

TEST(LoadVerdict, SaysTheMostThatAScriptLetsThrough) {
  const CheckOutcome outcome = judge({.expect = kPlan});
  // 4,000 requests in 10 s, each VU asleep for 100 of 104 ms.
  EXPECT_EQ(outcome.summary, "4000 requests at 400/s, p95 4 ms, 0 % failed; all 3 that was asked of it holds");
  ASSERT_EQ(outcome.findings.size(), 1U);
  EXPECT_TRUE(outcome.findings[0].explanation.contains("416 a second is the most they can ask"))
      << outcome.findings[0].explanation;
}

}  // namespace
}  // namespace gantry::launch

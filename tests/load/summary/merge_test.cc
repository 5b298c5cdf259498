#include "load/summary/merge.h"

#include "base/json.h"
#include "base/version.h"
#include "load/run/judging.h"
#include "load/summary/data.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {
namespace {

using base::Node;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kOptions = R"x({
  "scenarios": {"shop": {"executor": "constant-vus", "vus": 4, "duration": "10s"}},
  "summaryTrendStats": ["avg", "min", "med", "max", "p(90)", "p(99.9)", "count"],
  "thresholds": {
    "waited": ["p(95)<900"], "waited{kind:slow}": ["max<2000"], "http_reqs": ["count>=1000"],
    "checks": ["rate>0.5"], "level": ["value<100"], "unfed": ["avg<1"]}})x";

// Options of one part, or of a run that nobody shares.
Node options_of(std::string_view segment) {
  Node options = *base::load_json(kOptions, "options");
  if (!segment.empty()) options.set("executionSegment", segment);
  return options;
}

RunOutcome begin(std::string_view segment) {
  RunOutcome outcome;
  outcome.has_begun = true;
  outcome.script = "export default () => 1;";
  outcome.options = options_of(segment);
  outcome.duration = seconds(10);
  for (const std::string_view name : {"waited", "unfed"})
    EXPECT_TRUE(outcome.registry->declare(name, MetricType::trend, Contains::time));
  EXPECT_TRUE(outcome.registry->declare("level", MetricType::gauge, Contains::plain));
  outcome.thresholds = *read_thresholds(outcome.options, *outcome.registry);
  for (const JudgedMetric& metric : outcome.thresholds)
    if (!metric.selector.tags.empty()) outcome.recorder->keep_apart(metric.selector);
  outcome.scenarios.push_back({.scenario = read_scenarios(outcome.options)->front()});
  outcome.measurement.scenarios.push_back({"shop", ResponseTimes(ResponseTimes::Model::closed)});
  outcome.measurement.generator.played = seconds(10);
  return outcome;
}

// One iteration of one VU; all of them together are the samples of a run.
struct Iteration {
  double ms = 0;
  bool is_slow = false;
  bool passes = false;
  double level = 0;
  SampleTime at{0};
};

std::vector<Iteration> make_iterations(unsigned seed, int many) {
  std::mt19937 random(seed);
  std::vector<Iteration> iterations;
  for (int i = 0; i < many; ++i)
    // Whole 1024ths add up without a rest, in whichever order.
    iterations.push_back({static_cast<double>(random() % (1U << 20)) / 1024, random() % 7 == 0, random() % 3 != 0,
                          static_cast<double>(random() % 90), milliseconds(10 * i)});
  return iterations;
}

void play(RunOutcome& outcome, const Iteration& iteration) {
  Recorder& recorder = *outcome.recorder;
  const TagSetId tags = recorder.intern({{"kind", iteration.is_slow ? "slow" : "quick"}});
  recorder.add(*outcome.registry->find("waited"), iteration.ms, tags, iteration.at);
  recorder.add(*outcome.registry->find("level"), iteration.level, tags, iteration.at);
  recorder.add(BuiltInMetric::http_reqs, 1, tags, iteration.at);
  recorder.add(BuiltInMetric::http_req_duration, iteration.ms, tags, iteration.at);
  recorder.add(BuiltInMetric::checks, iteration.passes ? 1 : 0, tags, iteration.at);
  check_of(outcome.checks.by_name, "is quick").count(iteration.passes);
  check_of(outcome.checks.groups.at("::shop").checks, "is quick").count(iteration.passes);
  outcome.checks.groups.at("::shop::");  // group('', …) in that
  outcome.measurement.series.begin(iteration.at);
  outcome.measurement.series.answer(iteration.at, iteration.ms, !iteration.passes);
  ++outcome.scenarios.front().completed;
}

// By way of the file.
PartOfRun reread(const RunOutcome& outcome, std::string name, PartIdentity identity = {}) {
  static int processes = 0;
  if (identity.process.empty()) identity.process = fmt::to_string(++processes);
  const std::string text = base::dump_json(make_mergeable(outcome, identity));
  base::Result<PartOfRun> part = read_mergeable(*base::load_json(text, name), name);
  EXPECT_TRUE(part) << part.error().message;
  return *std::move(part);
}

std::string shown(const RunOutcome& outcome) {
  return base::dump_json(make_summary_export(outcome), base::JsonStyle::indented);
}

TEST(Merge, IsTheRunThatHadAllSamples) {
  for (const int many : {3, 900, 1500, 20'000}) {
    const std::vector<Iteration> iterations = make_iterations(static_cast<unsigned>(many), many);
    RunOutcome whole = begin("");
    std::vector<RunOutcome> parts;
    for (const std::string_view segment : {"0:1/3", "1/3:2/3", "2/3:1"}) parts.push_back(begin(segment));
    for (std::size_t i = 0; i < iterations.size(); ++i) {
      play(whole, iterations[i]);
      play(parts[i % 7 % 3], iterations[i]);
    }
    judge_thresholds(whole, whole.duration);
    std::vector<PartOfRun> read;
    for (const RunOutcome& part : parts) read.push_back(reread(part, fmt::format("part {}", read.size())));
    const base::Result<MergedRun> merged = merge_runs(std::move(read));
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_EQ(merged->remarks, std::vector<std::string>());
    EXPECT_FALSE(merged->is_undecided);
    EXPECT_EQ(merged->exit_code, has_crossed(whole) ? 99 : 0);
    EXPECT_EQ(shown(merged->outcome), shown(whole)) << many;
    EXPECT_EQ(merged->outcome.end, has_crossed(whole) ? RunEnd::thresholds_crossed : RunEnd::passed) << many;
    EXPECT_EQ(merged->outcome.scenarios.front().completed, iterations.size());
  }
}

TEST(Merge, EndsAsThePartThatAThresholdEnded) {
  std::vector<PartOfRun> parts;
  for (const std::string_view segment : {"0:1/2", "1/2:1"}) {
    RunOutcome part = begin(segment);
    for (const Iteration& iteration : make_iterations(7, 2000))
      play(part, {.ms = 5, .passes = true, .at = iteration.at});
    parts.push_back(reread(part, std::string(segment)));
  }
  RunOutcome ended = begin("0:1/2");
  ended.end = RunEnd::thresholds_crossed;
  ended.error = base::Error{.kind = base::ErrorKind::input, .message = "stopping test prematurely"};
  parts.front() = reread(ended, "0:1/2");
  const base::Result<MergedRun> merged = merge_runs(std::move(parts));
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(merged->outcome.end, RunEnd::thresholds_crossed);
  ASSERT_TRUE(merged->outcome.error);
}

TEST(Merge, JudgesAllSamplesAndNotEachPart) {
  // 600 requests each are too few for http_reqs: count>=1000; together they are enough.
  std::vector<PartOfRun> parts;
  for (const std::string_view segment : {"0:1/2", "1/2:1"}) {
    RunOutcome part = begin(segment);
    for (const Iteration& iteration : make_iterations(7, 600))
      play(part, {.ms = 5, .passes = true, .at = iteration.at});
    judge_thresholds(part, part.duration);
    EXPECT_TRUE(has_crossed(part));
    part.end = RunEnd::thresholds_crossed;
    parts.push_back(reread(part, std::string(segment)));
  }
  const base::Result<MergedRun> merged = merge_runs(std::move(parts));
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->outcome.end, RunEnd::passed);
}

TEST(Merge, AddsTheVusOfAll) {
  std::vector<PartOfRun> parts;
  for (const double vus : {3.0, 4.0}) {
    RunOutcome part = begin("");
    part.recorder->add(BuiltInMetric::vus_max, vus, 0, seconds(1));
    parts.push_back(reread(part, "part"));
  }
  const base::Result<MergedRun> merged = merge_runs(std::move(parts));
  const Sink* sink = merged->outcome.recorder->sink(static_cast<MetricId>(BuiltInMetric::vus_max));
  EXPECT_EQ(std::get<GaugeSink>(*sink).value(), 7);
}

TEST(Merge, EndsAsThePartThatDidNotComeToItsEnd) {
  RunOutcome failed = begin("1/2:1");
  failed.end = RunEnd::script_failed;
  failed.error = base::Error{.kind = base::ErrorKind::input, .message = "boom"};
  std::vector<PartOfRun> parts;
  parts.push_back(reread(begin("0:1/2"), "a.json"));
  parts.push_back(reread(failed, "b.json"));
  const base::Result<MergedRun> merged = merge_runs(std::move(parts));
  EXPECT_EQ(merged->outcome.end, RunEnd::script_failed);
  EXPECT_EQ(merged->outcome.error->message, "b.json: boom");
}

std::vector<PartOfRun> parts_of(std::initializer_list<std::string_view> segments) {
  std::vector<PartOfRun> parts;
  for (const std::string_view segment : segments) {
    RunOutcome part = begin(segment);
    for (const Iteration& iteration : make_iterations(7, 2000))
      play(part, {.ms = 5, .passes = true, .at = iteration.at});
    parts.push_back(reread(part, std::string(segment)));
  }
  return parts;
}

bool judges(const MergedRun& merged) {
  return std::ranges::any_of(merged.outcome.thresholds,
                             [](const JudgedMetric& metric) { return !metric.thresholds.empty(); });
}

TEST(Merge, JudgesNothingOfWhatIsNoWhole) {
  const auto merged = merge_runs(parts_of({"1/4:1/2", "1/4:1/2", "3/4:1"}));
  const std::vector<std::string> remarks = {"the segment 0:1/4 of the load is missing",
                                            "the segment 1/2:3/4 of the load is missing",
                                            "the segment 1/4:1/2 of the load is there twice"};
  EXPECT_EQ(merged->remarks, remarks);
  EXPECT_TRUE(merged->is_undecided);
  EXPECT_FALSE(judges(*merged));
  EXPECT_EQ(merged->exit_code, 0);
  EXPECT_EQ(merged->outcome.scenarios.front().completed, 6000U);
}

TEST(Merge, JudgesWithoutSomePartsWhereThatIsAsked) {
  const auto merged = merge_runs(parts_of({"1/4:1/2"}), {.allows_missing = true, .missing = {"1 of 4 came"}});
  EXPECT_EQ(merged->remarks, (std::vector<std::string>{"1 of 4 came", "the segment 0:1/4 of the load is missing",
                                                       "the segment 1/2:1 of the load is missing"}));
  EXPECT_FALSE(merged->is_undecided);
  EXPECT_TRUE(judges(*merged));
  const auto twice = merge_runs(parts_of({"0:1/2", "0:1/2", "1/2:1"}), {.allows_missing = true});
  EXPECT_TRUE(twice->is_undecided);
  EXPECT_FALSE(judges(*twice));
}

// One file given twice, of runs that were not dealt out.
TEST(Merge, SeesOneProcessTwice) {
  std::vector<PartOfRun> parts;
  for (const std::string_view name : {"a.json", "b.json"})
    parts.push_back(reread(begin(""), std::string(name), {.process = "p"}));
  const auto merged = merge_runs(std::move(parts));
  EXPECT_EQ(merged->remarks, std::vector<std::string>{"a.json and b.json are of one process"});
  EXPECT_TRUE(merged->is_undecided);
}

PartOfRun failed(std::string name, const std::string& why, int code) {
  const base::Error error{.kind = base::ErrorKind::usage, .message = why};
  const std::string text = base::dump_json(make_mergeable(error, code, {.process = name}));
  return *read_mergeable(*base::load_json(text, name), name);
}

TEST(Merge, SaysWhichPartFailedBeforeItBegan) {
  std::vector<PartOfRun> parts = parts_of({"0:1/2"});
  parts.push_back(failed("member 1", "no such flag", 2));
  parts.push_back(failed("member 2", "no such script", 3));
  const auto merged = merge_runs(std::move(parts));
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(merged->outcome.error->message, "member 1 failed before it began: no such flag");
  EXPECT_EQ(merged->remarks.front(), "member 2 failed before it began: no such script");
  EXPECT_EQ(merged->exit_code, 2);
  EXPECT_TRUE(merged->is_undecided);
  EXPECT_FALSE(judges(*merged));
  EXPECT_TRUE(merged->outcome.has_begun);
}

TEST(Merge, JudgesWithoutThoseThatFailedBeforeTheyBeganWhereThatIsAsked) {
  std::vector<PartOfRun> parts = parts_of({"0:1/2"});
  parts.push_back(failed("member 1", "no such flag", 2));
  const auto merged = merge_runs(std::move(parts), {.allows_missing = true});
  EXPECT_FALSE(merged->is_undecided);
  EXPECT_TRUE(judges(*merged));
  EXPECT_EQ(merged->exit_code, 2);
}

TEST(Merge, HasNoOutcomeWhereNoneHasBegun) {
  std::vector<PartOfRun> parts;
  RunOutcome never;
  never.end = RunEnd::script_failed;
  never.error = base::Error{.kind = base::ErrorKind::input, .message = "boom"};
  parts.push_back(reread(never, "a.json"));
  const auto merged = merge_runs(std::move(parts));
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_FALSE(merged->outcome.has_begun);
  EXPECT_EQ(merged->exit_code, 107);
  EXPECT_EQ(merged->outcome.error->message, "a.json failed before it began: boom");
}

struct ForeignCase {
  std::string_view script;
  std::string_view option;  // "" for none
  PartIdentity identity;
  std::string_view differs;
};
const PartIdentity kIdentity = {
    .run = "r", .files = {{"a.js", "1"}, {"own.csv", "2"}}, .variables = {{"API", "3"}, {"TOKEN", "4"}}};
const ForeignCase kForeign[] = {
    {"export default () => 2;", "", kIdentity, "their scripts differ: the text of one is not the other's"},
    {"", "rps", kIdentity, "their options differ: rps"},
    {"",
     "",
     {.run = "r", .files = {{"a.js", "9"}, {"other.csv", "2"}}, .variables = kIdentity.variables},
     "their files differ: a.js"},
    {"",
     "",
     {.run = "r", .files = kIdentity.files, .variables = {{"API", "9"}, {"USER", "3"}}},
     "their variables (-e) differ: API, TOKEN, USER"},
    {"",
     "",
     {.run = "s", .files = kIdentity.files, .variables = kIdentity.variables},
     "the starts that they waited for differ: one began with others than the other"},
};

TEST(Merge, RefusesPartsOfTwoRuns) {
  for (const ForeignCase& c : kForeign) {
    RunOutcome other = begin("1/2:1");
    if (!c.script.empty()) other.script = c.script;
    if (!c.option.empty()) other.options.set(std::string(c.option), 7);
    std::vector<PartOfRun> parts;
    parts.push_back(reread(begin("0:1/2"), "a.json", kIdentity));
    parts.push_back(reread(other, "b.json", c.identity));
    const auto merged = merge_runs(std::move(parts));
    ASSERT_FALSE(merged) << c.differs;
    EXPECT_EQ(merged.error().message, fmt::format("a.json and b.json are no parts of one run: {}", c.differs));
  }
}

// Who has a list of a million passwords makes these of another script or name in vain, and of this one for a day.
TEST(Merge, KeepsValuesOfVariablesToItself) {
  const std::map<std::string, std::string> variables = {{"A", "secret"}, {"B", "secret"}, {"C", ""}};
  const auto prints = make_fingerprints(variables, "digest");
  const auto others = make_fingerprints({{"A", "secret"}, {"C", "Secret"}}, "another");
  ASSERT_TRUE(prints && others);
  EXPECT_EQ(prints, make_fingerprints(variables, "digest"));
  EXPECT_EQ(prints->size(), 3U);
  std::set<std::string> seen;
  for (const auto* some : {&*prints, &*others})
    for (const auto& [name, print] : *some) {
      EXPECT_EQ(print.size(), 32U) << name;  // 128 bits
      EXPECT_TRUE(seen.insert(print).second) << name;
    }
}

struct BadCase {
  std::string_view what;
  std::string_view from;  // in the document
  std::string_view to;
  std::string_view error;
};
const BadCase kBad[] = {
    {"another format", "gantry-load-run/4", "gantry-net/1", "x: is no gantry-load-run/4"},
    {"a metric of no type", R"("type":"gauge")", R"("type":"gouge")", "x: a metric has no type"},
    {"a count below none", R"("trues":)", R"("trues":-)", "x: metric checks: trues is no count"},
    {"a bucket beyond the last", R"("histogram":[)", R"("histogram":[0,512,1,)",
     "x: metric http_req_duration: its histogram has a bucket that there is not"},
    {"half a bucket", R"("histogram":[)", R"("histogram":[0,)", "x: metric http_req_duration: a list is not whole"},
    {"a width that is no power of two", R"("seconds":1)", R"("seconds":3)", "x: has intervals that are none"},
    {"a code of no run", R"("exit_code":0)", R"("exit_code":7)", "x: ended with no exit code of a run"},
    {"files that are none", R"("files":{})", R"("files":{"a":1})", "x: files is no object of texts"},
    {"a scenario that nobody wants", R"("name":"shop","completed")", R"("name":"shep","completed")",
     "x: a scenario is not in the options"},
    {"a threshold that is none", "p(95)<900", "p(95)!900", "threshold \"p(95)!900\" cannot be read"},
    {"samples of another metric", "waited{kind:slow}\":{\"min\"", "http_reqs{kind:slow}\":{\"min\"",
     "x: metric waited: http_reqs{kind:slow} is no part of it"}};

TEST(Merge, RefusesWhatIsNoSummary) {
  RunOutcome outcome = begin("");
  for (const Iteration& iteration : make_iterations(1, 1200)) play(outcome, iteration);
  const std::string good = base::dump_json(make_mergeable(outcome, {}));
  for (const BadCase& c : kBad) {
    std::string text = good;
    const std::size_t at = text.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.what;
    text.replace(at, c.from.size(), c.to);
    const base::Result<Node> node = base::load_json(text, "x");
    ASSERT_TRUE(node) << c.what;
    const base::Result<PartOfRun> part = read_mergeable(*node, "x");
    ASSERT_FALSE(part) << c.what;
    EXPECT_TRUE(part.error().message.starts_with(c.error)) << c.what << ": " << part.error().message;
  }
}

TEST(Merge, RefusesWhatAnotherVersionWrote) {
  const std::string good = base::dump_json(make_mergeable(begin(""), {}));
  const std::string own_version = fmt::format(R"("version":"{}")", base::version());
  struct Case {
    std::string from;
    std::string to;
    std::string writer;
  };
  for (const Case& c : std::vector<Case>{
           {"gantry-load-run/4", "gantry-load-run/3", fmt::format("Gantry {} (gantry-load-run/3)", base::version())},
           {own_version, R"("version":"0.0.9")", "Gantry 0.0.9 (gantry-load-run/4)"},
           {own_version + ",", "", "another Gantry (gantry-load-run/4)"}}) {
    std::string text = good;
    ASSERT_TRUE(text.contains(c.from)) << c.from;
    text.replace(text.find(c.from), c.from.size(), c.to);
    const base::Result<PartOfRun> part = read_mergeable(*base::load_json(text, "x"), "x");
    ASSERT_FALSE(part) << c.writer;
    EXPECT_EQ(part.error().message,
              fmt::format("x was written by {}, and this is Gantry {} (gantry-load-run/4)", c.writer, base::version()));
  }
}

TEST(Merge, KeepsPrivateKeysOutOfTheFile) {
  RunOutcome outcome = begin("");
  outcome.options.set("tlsAuth", Node::Array{Node::Map{{"key", "secret", {}}}});
  outcome.setup_data = R"({"token":"secret"})";
  EXPECT_FALSE(base::dump_json(make_mergeable(outcome, {})).contains("secret"));
}

}  // namespace
}  // namespace gantry::load

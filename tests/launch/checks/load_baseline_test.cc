// load.baseline: each figure of a document beside what the load test measured, and what --write makes of the document.

#include "launch/checks/made_up_run.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace gantry::launch {
namespace {

constexpr std::string_view kWhole =
    "# Baseline\n"
    "\n"
    "| Metric | Target | Baseline | Status |\n"
    "|--------|--------|----------|--------|\n"
    "| Throughput (req/s) | >= 100 | 483.3 | holds |\n"
    "| p50 latency | | 1.9 ms | |\n"
    "| p(95) | < 500 ms | 3.1ms | holds |\n"
    "| **p99** | | 0.00555 s | |\n"
    "| Error rate | < 1 % | 0.02 % | holds |\n"
    "| Total requests | | 29,000 | |\n"
    "| Duration | | 1m | |\n";

std::string with_prose(std::string_view prose) { return fmt::format("{}\n{}\n", kWhole, prose); }
std::string without(std::string_view line) {
  std::string text(kWhole);
  const std::size_t at = text.find(line);
  return text.erase(at, text.find('\n', at) + 1 - at);
}
std::string changed(std::string_view from, std::string_view to) {
  std::string text(kWhole);
  return text.replace(text.find(from), from.size(), to);
}

const std::string kCases[][2] = {
    {"all that is stated was measured", std::string(kWhole)},
    {"a figure is better than it was", changed("3.1ms", "2.1ms")},
    {"a figure in another unit", changed("0.00555 s", "5.55 s")},
    {"a figure with the unit of another", changed("483.3 |", "483.3 ms |")},
    {"rounded to nothing", changed("483.3", "~480")},
    {"a rough figure that is too good", changed("483.3", "~500")},
    {"a figure is left out", without("| **p99**")},
    {"two figures are left out", "# Baseline\n\nThe p95 was 3.1 ms, p99 5.6 ms.\n"},
    {"a percentile that nobody asked for", changed("p50 latency", "p75 latency")},
    {"one that only the summary has", changed("| p50 latency | | 1.9 ms", "| p99.9 | | 12.5 ms")},
    {"a figure that no load test has", changed("p50 latency | | 1.9 ms", "Headroom | | 4.8x")},
    {"prose that is so", with_prose("It served 483 req/s, with a median of `1.95 ms` and **p95** = 3.1 ms.")},
    {"prose about what is wished for",
     with_prose(
         "The target of 100 req/s holds: p95 stays under 500 ms, errors below 1 %. Five times 100 req/s would do.")},
    {"prose that is invented", with_prose("It served 2,500 req/s.\nThe p95 was 0.9 ms all along.")},
    {"prose with the error rate", with_prose("The error rate was 0.1 %.")},
    {"thresholds as they ended",
     with_prose("| Threshold | Measured | Result |\n|---|---|---|\n| `http_req_duration: p(95)<500` | 3.1 | pass |\n"
                "| `http_req_duration{scenario:gone}: p(99)<900` | – | undecided |")},
    {"thresholds otherwise than they ended",
     with_prose("| Threshold | Result |\n|---|---|\n| `http_req_duration{scenario:gone}: p(99)<900` | ✓ |\n"
                "| `checks: rate==1` | ✓ |")},
    {"a table of scenarios", with_prose("| Scenario | p95 | p99 |\n|---|---|---|\n| baseline | 3.10 ms | 4 ms |")},
    {"nothing that is a figure", "# Baseline\n\nTo be measured.\n"},
    {"a column of results",
     with_prose("| Metric | Result |\n|---|---|\n| p95 | 2.1 ms |\n| p99 | met |\n| Rate | 480 |")},
    {"in words, and so",
     with_prose("It served 483 requests per second, 3.1 ms at p95 and 5.6 ms (p99); 0.5k req/s in round "
                "figures.")},
    {"in words, and invented", with_prose("It served 12k requests per second, with 1 ms at p95.")},
    {"bounds that hold",
     with_prose("The p95 stayed under 4 ms, the median below 2 ms, and at least 450 req/s were served.")},
    {"bounds that do not", with_prose("The p95 stayed under 3 ms; the error rate was at most 0.01 %.")},
    {"a figure beside its limit",
     with_prose("The p95 was 2.1 ms, under the 500 ms limit, and far from a target of 500 ms.")},
    {"a bound in a cell is no figure", changed("3.1ms", "< 4 ms")},
    {"a bound in a cell that does not hold", changed("3.1ms", "< 3 ms")},
};

constexpr std::string_view kBlock = "check: load.baseline\npath: baseline.md\n";

TEST(LoadBaseline, ComparesEachFigureWithWhatWasMeasured) {
  const test::MadeUpEvidence evidence = test::one_load_test();
  std::string all;
  const std::string origin = fmt::format("\nRaw summary: `sha256:{}`\n", evidence.all[0].evidence.artifacts[0].sha256);
  for (const auto& [name, document] : kCases) {
    const test::CheckRun run =
        test::run_check(kBlock, {.manifests = {}, .files = {{"baseline.md", document + origin}}, .found = &evidence});
    all += fmt::format("== {}\n{}", name, test::dump(run));
  }
  all +=
      fmt::format("== nobody knows of which run it is\n{}",
                  test::dump(test::run_check(
                      kBlock, {.manifests = {}, .files = {{"baseline.md", std::string(kWhole)}}, .found = &evidence})));
  all += fmt::format("== there is no document\n{}",
                     test::dump(test::run_check(kBlock, {.manifests = {}, .found = &evidence})));
  EXPECT_TRUE(gantry::test::matches_golden(all, "launch/checks/load_baseline.txt"));
}

// What it writes passes, keeps people's words, and is written once.
TEST(LoadBaseline, WritesWhatWasMeasured) {
  const test::MadeUpEvidence evidence = test::one_load_test();
  std::string all;
  const std::string documents[] = {
      "", changed("3.1ms", "3.1ms") + "\nHistory: nothing.\n",
      "# Mine\n\nBefore.\n\n<!-- gantry:load-baseline: written by `gantry run --write` -->\nold\n"
      "<!-- /gantry:load-baseline -->\n\nAfter.\n"};
  for (const std::string& document : documents) {
    test::CheckInput input{.manifests = {}, .found = &evidence};
    if (!document.empty()) input.files.emplace("baseline.md", document);
    const auto drafted = test::draft_document(kBlock, input);
    ASSERT_TRUE(drafted && *drafted) << document;
    all += "==\n" + (*drafted)->text;
    for (const std::string& change : (*drafted)->changes) all += "-- " + change + "\n";
    input.files.insert_or_assign("baseline.md", (*drafted)->text);
    all += "-- then: " + test::dump(test::run_check(kBlock, input));
    const auto again = test::draft_document(kBlock, input);
    ASSERT_TRUE(again);
    EXPECT_FALSE(*again) << (*again)->text;
  }
  EXPECT_TRUE(gantry::test::matches_golden(all, "launch/checks/load_baseline_written.txt"));
}

// Where the lines around Gantry's results do not pair, nothing is written, and nothing is believed; quoted, they are nobody's.
TEST(LoadBaseline, WritesNothingBetweenLinesThatDoNotPair) {
  const std::string begin = "<!-- gantry:load-baseline: written by `gantry run --write` -->\n";
  const std::string end = "<!-- /gantry:load-baseline -->\n";
  const test::MadeUpEvidence evidence = test::one_load_test();
  for (const std::string& document : {begin, end, begin + begin + end, begin + end + begin + end, end + begin}) {
    const test::CheckInput input{
        .manifests = {}, .files = {{"baseline.md", "# Mine\n" + document}}, .found = &evidence};
    EXPECT_EQ(test::verdict_and_rules(test::run_check(kBlock, input)), "undecided") << document;
    EXPECT_FALSE(test::draft_document(kBlock, input)) << document;
  }
  const std::string quoted = "# Mine\n\n```\n" + begin + "```\n\nMine too.\n";
  const test::CheckInput input{.manifests = {}, .files = {{"baseline.md", quoted}}, .found = &evidence};
  const auto drafted = test::draft_document(kBlock, input);
  ASSERT_TRUE(drafted && *drafted);
  EXPECT_TRUE((*drafted)->text.starts_with(quoted)) << (*drafted)->text;
}

TEST(LoadBaseline, KnowsWhichRunItsDocumentIsAbout) {
  const test::MadeUpEvidence then = test::one_load_test();
  test::CheckInput input{.manifests = {}, .found = &then};
  std::string text = (*test::draft_document(kBlock, input))->text;
  test::MadeUpEvidence now;
  now.all.push_back(test::load_evidence(now, "load.js", test::summary_of(std::array{4.0, 4.1})));
  input = {.manifests = {}, .files = {{"baseline.md", text}}, .found = &now};
  EXPECT_EQ(test::verdict_and_rules(test::run_check(kBlock, input)), "fail load.baseline-outdated");
  // A word of Gantry's that somebody changed.
  text.replace(text.find("not by the target"), 17, "and by the target");
  input = {.manifests = {}, .files = {{"baseline.md", text}}, .found = &then};
  EXPECT_EQ(test::verdict_and_rules(test::run_check(kBlock, input)), "fail load.baseline-edited");
}

// What a run measured that did not pass takes no good figures' place.
TEST(LoadBaseline, WritesNothingOfARunThatFailed) {
  test::MadeUpEvidence evidence = test::one_load_test();
  test::CheckInput input{.manifests = {}, .found = &evidence};
  const std::string good = (*test::draft_document(kBlock, input))->text;
  evidence.all[0] = test::load_evidence(evidence, "load.js", test::summary_of(std::array{900.0}));
  input.files.emplace("baseline.md", good);
  for (const base::Verdict verdict : {base::Verdict::fail, base::Verdict::error}) {
    evidence.all[0].evidence.verdict = verdict;
    const auto drafted = test::draft_document(kBlock, input);
    ASSERT_TRUE(drafted);
    EXPECT_FALSE(*drafted);
    EXPECT_EQ(test::verdict_and_rules(test::run_check(kBlock, input)), "fail load.baseline-outdated");
  }
}

TEST(LoadBaseline, WantsToKnowWhichLoadTestIsMeant) {
  test::MadeUpEvidence evidence = test::one_load_test();
  evidence.all.push_back(test::load_evidence(evidence, "soak.js", test::summary_of(std::array{4.0})));
  test::CheckInput input{.manifests = {}, .files = {{"baseline.md", std::string(kWhole)}}, .found = &evidence};
  EXPECT_EQ(test::verdict_and_rules(test::run_check(kBlock, input)), "undecided");
  EXPECT_EQ(test::verdict_and_rules(test::run_check(fmt::format("{}script: soak.js\n", kBlock), input)),
            "fail load.baseline-without-origin");
  EXPECT_EQ(test::verdict_and_rules(test::run_check(fmt::format("{}script: gone.js\n", kBlock), input)), "undecided");
  // One script with other flags is another load test.
  evidence.all[1] = test::load_evidence(evidence, "load.js", test::summary_of(std::array{4.0}));
  evidence.all[1].step = "B.4";
  const auto of_step = [&](std::string_view step) {
    return test::verdict_and_rules(test::run_check(fmt::format("{}script: load.js\nstep: {}\n", kBlock, step), input));
  };
  EXPECT_EQ(test::verdict_and_rules(test::run_check(fmt::format("{}script: load.js\n", kBlock), input)), "undecided");
  EXPECT_EQ(of_step("B.4"), "fail load.baseline-without-origin");
  EXPECT_EQ(of_step("B.9"), "undecided");
}

}  // namespace
}  // namespace gantry::launch

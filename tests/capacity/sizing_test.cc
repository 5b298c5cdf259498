// Figures and the arithmetic that they carry (disruption reference, §14.3), the knee (§14.2), what a baseline is worth (§14.1).

#include "capacity/sizing.h"

#include "base/json.h"
#include "capacity/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace gantry::capacity {
namespace {

std::set<std::string> rules_of(const std::vector<base::Finding>& findings) {
  std::set<std::string> rules;
  for (const base::Finding& finding : findings) rules.insert(finding.rule);
  return rules;
}

// 100 requests a second of two replicas that used 1.2 cores.
SizingInput measured() {
  SizingInput input;
  input.baseline.rate = 100;
  input.baseline.latency_ms = {{"avg", 40}, {"p95", 90}};
  input.baseline.replicas = 2;
  input.baseline.cpu_milli = 1200;
  input.target = {.rate = 200, .burst = 1.5, .p95_ms = 500, .error_percent = 1, .now = 100, .growth_per_minute = 40};
  return input;
}

double value_of(const Sizing& sizing, std::string_view id) {
  const Figure* figure = sizing.find(id);
  EXPECT_NE(figure, nullptr) << id;
  return figure ? figure->value : NAN;
}

TEST(Sizing, FiguresByHand) {
  const Sizing sizing = *size(measured());
  EXPECT_DOUBLE_EQ(value_of(sizing, "knee"), 50);                // 100 ÷ 2
  EXPECT_DOUBLE_EQ(value_of(sizing, "cpu_per_request"), 12);     // 1200m ÷ 100/s
  EXPECT_DOUBLE_EQ(value_of(sizing, "safe_rate"), 40);           // × 0.8
  EXPECT_DOUBLE_EQ(value_of(sizing, "cpu_request"), 690);        // 40 × 12 ÷ 0.7 = 685.7
  EXPECT_DOUBLE_EQ(value_of(sizing, "reaction"), 75);            // 15 + 15 + 15 + 30
  EXPECT_DOUBLE_EQ(value_of(sizing, "replicas_for_target"), 5);  // 200 ÷ 40
  EXPECT_DOUBLE_EQ(value_of(sizing, "replicas_zone_lost"), 9);   // 9 − 3 − 1 = 5
  EXPECT_DOUBLE_EQ(value_of(sizing, "replicas_min"), 8);   // ⌈(100 + 40 ÷ 60 × 75) ÷ 40⌉ = 4; 8 − 3 − 1
  EXPECT_DOUBLE_EQ(value_of(sizing, "replicas_max"), 14);  // ⌈300 ÷ 40⌉ = 8; 14 − 5 − 1
  // 50 × 12 = 600m of 690m is 87 % at the knee; × 100 ÷ 150 is 58 %.
  EXPECT_DOUBLE_EQ(value_of(sizing, "hpa_target"), 57);
  EXPECT_DOUBLE_EQ(value_of(sizing, "pdb_max_unavailable"), 5);  // 8 − ⌈150 ÷ 50⌉
  EXPECT_TRUE(sizing.autoscaler_yaml.contains("minReplicas: 8\n  maxReplicas: 14\n"));
  EXPECT_TRUE(sizing.autoscaler_yaml.contains("averageUtilization: 57"));
}

TEST(Sizing, EveryFigureShowsItsArithmetic) {
  const Sizing sizing = *size(measured());
  std::set<std::string> ids;
  for (const Figure& figure : sizing.figures) {
    EXPECT_TRUE(ids.insert(figure.id).second) << figure.id;
    EXPECT_FALSE(figure.label.empty() || figure.shown.empty() || figure.arithmetic.empty() || figure.why.empty())
        << figure.id;
  }
  EXPECT_EQ(sizing.find("cpu_request")->arithmetic, "40.0/s × 12 ms ÷ 0.70 = 686m, rounded up to 10m");
  EXPECT_EQ(sizing.find("replicas_zone_lost")->arithmetic,
            "of 9 ⌈9/3⌉ = 3 go with a zone, 1 may be away: 5 are left, 5 are needed");
}

TEST(Sizing, MemoryByLittlesLaw) {
  SizingInput input = measured();
  EXPECT_EQ(size(input)->find("memory"), nullptr);
  input.idle_memory_bytes = 100.0 * 1024 * 1024;
  input.memory_bytes_per_request = 10.0 * 1024 * 1024;
  // 40/s × 40 ms = 1.6 in flight: 116 MiB × 1.25 = 145, in steps of 16.
  EXPECT_DOUBLE_EQ(value_of(*size(input), "memory"), 160.0 * 1024 * 1024);
  input.baseline.memory_bytes = 200.0 * 1024 * 1024;
  EXPECT_DOUBLE_EQ(value_of(*size(input), "memory"), 256.0 * 1024 * 1024);
}

// What is promised is kept, and one replica fewer would not keep it: by brute force.
TEST(Sizing, ReplicasThatSurvive) {
  for (std::int64_t zones = 1; zones <= 6; ++zones)
    for (std::int64_t absent = 0; absent <= 4; ++absent)
      for (std::int64_t needed = 1; needed <= 60; ++needed) {
        const auto left = [&](std::int64_t n) { return n - (zones > 1 ? (n + zones - 1) / zones : 0) - absent; };
        std::int64_t expected = needed;
        while (left(expected) < needed) ++expected;
        EXPECT_EQ(replicas_to_survive(needed, {zones, absent}), expected) << zones << " " << absent << " " << needed;
      }
}

TEST(Sizing, WithoutCpuThereIsNoRequest) {
  SizingInput input = measured();
  input.baseline.cpu_milli.reset();
  const Sizing sizing = *size(input);
  EXPECT_EQ(sizing.find("cpu_request"), nullptr);
  EXPECT_EQ(sizing.find("hpa_target"), nullptr);
  EXPECT_NE(sizing.find("replicas_min"), nullptr);
  EXPECT_TRUE(rules_of(sizing.findings).contains("capacity.baseline-no-cpu"));
}

TEST(Sizing, NoGoodRateIsSaid) {
  SizingInput input = measured();
  input.baseline.latency_ms["p95"] = 700;
  const Sizing sizing = *size(input);
  EXPECT_TRUE(sizing.figures.empty());
  EXPECT_TRUE(rules_of(sizing.findings).contains("capacity.no-good-rate"));
}

TEST(Sizing, RefusesMoreThanAnyClusterHas) {
  SizingInput input = measured();
  input.target.rate = 1e8;
  const base::Result<Sizing> sizing = size(input);
  ASSERT_FALSE(sizing);
  EXPECT_TRUE(sizing.error().message.contains("replicas")) << sizing.error().message;
}

// ---- The knee

std::vector<LoadLevel> levels(const std::vector<std::pair<double, double>>& rate_and_p95) {
  std::vector<LoadLevel> out;
  for (const auto& [rate, p95] : rate_and_p95)
    out.push_back({.rate = rate, .achieved = {}, .mean_ms = {}, .p95_ms = p95, .cpu_milli = {}});
  return out;
}

TEST(Knee, FirstCriterionThatBreaks) {
  std::vector<LoadLevel> curve = levels({{50, 40}, {100, 60}, {150, 100}, {200, 600}});
  const Knee knee = *find_knee(curve, {});
  EXPECT_EQ(knee.broken, "p95");
  EXPECT_FALSE(knee.is_lower_bound);
  EXPECT_DOUBLE_EQ(knee.estimates.front().rate, 150 + 50 * 0.8);  // 500 of 100 … 600
  curve[2].error_percent = 3;
  EXPECT_EQ(find_knee(curve, {})->broken, "errors");
  curve[2].error_percent = 0;
  curve[2].achieved = 120;
  EXPECT_EQ(find_knee(curve, {})->broken, "gain") << "the third level brings 20 of 50";
  curve[2].achieved = 145;
  EXPECT_EQ(find_knee(curve, {})->broken, "achieved");
}

TEST(Knee, WithoutABendItIsALowerBound) {
  const Knee knee = *find_knee(levels({{50, 40}, {100, 42}, {150, 44}, {200, 46}}), {});
  EXPECT_TRUE(knee.is_lower_bound);
  EXPECT_DOUBLE_EQ(knee.rate, 200);
  EXPECT_EQ(knee.confidence, Confidence::low);
  EXPECT_EQ(find_knee(levels({{50, 40}}), {})->confidence, Confidence::none);
  EXPECT_FALSE(find_knee(levels({{50, 900}, {100, 950}}), {}));
  EXPECT_FALSE(find_knee({}, {}));
}

TEST(Knee, EstimatorsThatAgreeGiveConfidence) {
  // M/M/1 with a service time of 10 ms: R = S / (1 − U); p95 is three times the mean.
  std::vector<LoadLevel> curve;
  for (const double rate : {20.0, 40.0, 60.0, 80.0, 90.0, 95.0, 97.0, 98.0}) {
    const double mean = 10 / (1 - rate / 100);
    curve.push_back(
        {.rate = rate, .achieved = {}, .mean_ms = mean, .p95_ms = 3 * mean, .cpu_milli = {}, .throttled = rate >= 95});
  }
  const Knee knee = *find_knee(curve, {});
  ASSERT_GE(knee.estimates.size(), 3U);
  EXPECT_EQ(knee.confidence, Confidence::high) << knee.why;
  EXPECT_NEAR(knee.rate, 94, 4) << "p95 of 500 ms is at 94/s";
}

TEST(Knee, ScalabilityLawIsFoundAgain) {
  // X(N) = λN / (1 + σ(N−1) + κN(N−1)) with λ 100, σ 0.02, κ 0.0005: the peak is at √(0.98 ÷ 0.0005) = 44.3.
  std::vector<LoadLevel> curve;
  for (const double n : {1.0, 5.0, 10.0, 20.0, 30.0, 40.0}) {
    const double rate = 100 * n / (1 + 0.02 * (n - 1) + 0.0005 * n * (n - 1));
    curve.push_back({.rate = rate, .achieved = {}, .mean_ms = n / rate * 1000, .p95_ms = 50, .cpu_milli = {}});
  }
  const Knee knee = *find_knee(curve, {.gain_share = 0});
  const auto scaling = std::ranges::find(knee.estimates, KneeMethod::scaling, &KneeEstimate::method);
  ASSERT_NE(scaling, knee.estimates.end());
  const double n = std::sqrt(0.98 / 0.0005);
  EXPECT_NEAR(scaling->rate, 100 * n / (1 + 0.02 * (n - 1) + 0.0005 * n * (n - 1)), 1);
}

// ---- Summaries

constexpr std::string_view kData = R"json({
  "root_group": {"name": ""}, "state": {"testRunDurationMs": 300000.5},
  "metrics": {
    "http_reqs": {"type": "counter", "values": {"count": 143340, "rate": 477.8}, "thresholds": {"rate>=100": {"ok": true}}},
    "http_req_duration": {"type": "trend", "values": {"avg": 4.6, "med": 4, "p(90)": 6, "p(95)": 7.5, "max": 90}},
    "http_req_duration{scenario:baseline}": {"type": "trend", "values": {"avg": 0, "p(95)": 0},
                                             "thresholds": {"p(99)<1000": {"ok": true}}},
    "http_req_failed": {"type": "rate", "values": {"rate": 0, "passes": 0, "fails": 143340}},
    "vus_max": {"type": "gauge", "values": {"value": 50, "min": 50, "max": 50}}}})json";
constexpr std::string_view kExport = R"json({
  "metrics": {
    "http_reqs": {"count": 143340, "rate": 477.8, "thresholds": {"rate>=100": false}},
    "http_req_duration": {"avg": 4.6, "med": 4, "p(90)": 6, "p(95)": 7.5, "max": 90, "thresholds": {"p(95)<5": true}},
    "http_req_failed": {"value": 0, "passes": 0, "fails": 143340},
    "vus_max": {"value": 50, "min": 50, "max": 50}}})json";
constexpr std::string_view kNewer = R"json({
  "version": "1.0.0", "config": {"duration": 300, "execution": "local"},
  "results": {"metrics": [
    {"name": "http_reqs", "type": "counter", "values": {"count": 143340}},
    {"name": "http_req_duration", "type": "trend", "values": {"avg": 4.6, "med": 4, "p(90)": 6, "p(95)": 7.5}},
    {"name": "http_req_failed", "type": "rate", "values": {"rate": 0, "matches": 0, "total": 143340}},
    {"name": "vus_max", "type": "gauge", "values": {"value": 50, "min": 50, "max": 50}}]}})json";
constexpr std::string_view kFlat = R"json({
  "duration_seconds": 300, "requests": 143340, "requests_per_second": 477.8, "error_rate": 0, "vus": 50,
  "http_req_duration_ms": {"avg": 4.6, "p50": 4, "p90": 6, "p95": 7.5}, "thresholds": {"http_reqs": true}})json";

base::Result<Baseline> parse(std::string_view text) { return parse_summary(*base::load_json(text, "summary.json")); }

TEST(Summary, FourForms) {
  for (const std::string_view text : {kData, kExport, kNewer, kFlat}) {
    const base::Result<Baseline> baseline = parse(text);
    ASSERT_TRUE(baseline) << text << baseline.error().message;
    SCOPED_TRACE(baseline->format);
    EXPECT_NEAR(baseline->rate, 477.8, 0.01);
    EXPECT_EQ(baseline->requests, 143340);
    EXPECT_EQ(baseline->latency("avg"), 4.6);
    EXPECT_EQ(baseline->latency("p50"), 4);
    EXPECT_EQ(baseline->latency("p95"), 7.5);
    EXPECT_EQ(baseline->latency("p99"), std::nullopt);
    EXPECT_EQ(baseline->error_share, 0);
    EXPECT_EQ(baseline->vus, 50);
  }
  EXPECT_TRUE(parse(kExport)->thresholds[0].ok) << "in an export true means failed";
  EXPECT_FALSE(parse(kExport)->thresholds[1].ok);
  EXPECT_EQ(parse(kData)->duration, Millis(300'001));
}

TEST(Summary, WhatIsNone) {
  for (const std::string_view text :
       {"{}", "[]", "null", R"({"metrics": {}})", R"({"metrics": {"http_reqs": {"rate": -3}}})",
        R"({"requests_per_second": 0})", R"({"results": {"metrics": [1, null]}})",
        R"({"metrics": {"http_reqs": {"rate": 9}, "http_req_failed": {"value": 2}}})"}) {
    const base::Result<Baseline> baseline = parse(text);
    ASSERT_FALSE(baseline) << text;
    EXPECT_FALSE(baseline.error().message.empty());
  }
}

// Disruption reference, §14.1: 50 users, 0.1 s of thinking, 477.8/s.
TEST(Baseline, SaysWhatItIsWorth) {
  Baseline baseline = *parse(kData);
  baseline.think_ms = 100;
  std::vector<base::Finding> findings;
  judge_baseline(baseline, {.rate = 100, .now = {}}, findings);
  EXPECT_EQ(rules_of(findings),
            (std::set<std::string>{"capacity.baseline-closed-loop", "capacity.baseline-no-cpu",
                                   "capacity.baseline-short", "capacity.baseline-threshold-empty"}));
  EXPECT_TRUE(findings.front().message.contains("cannot ask more than 500 times a second")) << findings.front().message;
}

TEST(Baseline, OtherProblems) {
  Baseline baseline = *parse(kFlat);
  baseline.thresholds = {{"http_req_duration", "p(95)<5", false, true}};
  baseline.error_share = 0.05;
  baseline.dropped_iterations = 12;
  baseline.requests = 90'000;
  baseline.latency_ms.erase("p95");
  std::vector<base::Finding> findings;
  judge_baseline(baseline, {.rate = 100, .now = {}}, findings);
  const std::set<std::string> rules = rules_of(findings);
  for (const char* rule :
       {"capacity.baseline-threshold-failed", "capacity.baseline-errors", "capacity.baseline-dropped",
        "capacity.baseline-inconsistent", "capacity.baseline-percentile", "capacity.baseline-rate-not-demanded"})
    EXPECT_TRUE(rules.contains(rule)) << rule;
}

TEST(Rules, EachSaysWhy) {
  for (const base::Rule& rule : capacity_rules()) EXPECT_FALSE(rule.explanation.empty()) << rule.id;
}

}  // namespace
}  // namespace gantry::capacity

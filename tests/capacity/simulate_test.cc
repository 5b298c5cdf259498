#include "capacity/simulate.h"

#include "capacity/request_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <random>

namespace gantry::capacity {
namespace {

using kube::ScaleMetric;
using kube::ScalePolicy;
using std::chrono::seconds;

// CPU at `percent` of a request of 100m; a request to the service costs 10 ms, so 10 a second are all of it.
Scenario scenario(Traffic traffic, std::int64_t min = 2, std::int64_t max = 10, std::int64_t percent = 70) {
  kube::HorizontalPodAutoscaler hpa;
  hpa.min_replicas = min;
  hpa.max_replicas = max;
  ScaleMetric metric;
  metric.name = "cpu";
  metric.utilization_percent = percent;
  hpa.metrics = {metric};
  hpa.scale_up.stabilization_window = seconds(0);
  hpa.scale_up.policies = {{ScalePolicy::Type::pods, 4, seconds(15)}, {ScalePolicy::Type::percent, 100, seconds(15)}};
  hpa.scale_down.policies = {{ScalePolicy::Type::percent, 100, seconds(15)}};
  Scenario scenario{.autoscaler = hpa,
                    .requests_milli = {100},
                    .signals = {Signal{}},
                    .replicas = {},
                    .traffic = std::move(traffic),
                    .pod = {},
                    .controller = {},
                    .outages = {}};
  scenario.pod.cpu_ms_per_request = 10;
  return scenario;
}

Traffic constant(double rate, Millis duration) { return *Traffic::from_points({{Millis(0), rate}, {duration, rate}}); }

Simulation run(const Scenario& scenario) {
  base::Result<Simulation> simulation = simulate(scenario);
  EXPECT_TRUE(simulation) << simulation.error().message;
  return simulation ? *std::move(simulation) : Simulation{};
}

// Disruption reference, §13: 500m in all has two resting points, and which one is reached depends on the path.
TEST(Simulate, TwoRestingPoints) {
  Scenario from = scenario(constant(50, std::chrono::minutes(20)));
  for (const auto& [start, rest] : {std::pair{2, 8}, {7, 7}, {8, 8}, {10, 8}}) {
    from.replicas = start;
    EXPECT_EQ(run(from).answers.replicas_at_end, rest) << "from " << start;
  }
}

TEST(Simulate, CalmLoadChangesNothing) {
  Scenario calm = scenario(constant(14, std::chrono::hours(2)));  // 70 % of two pods
  const Simulation simulation = run(calm);
  const Answers& answers = simulation.answers;
  EXPECT_EQ(simulation.steps.size(), 480U);
  EXPECT_NEAR(answers.requests, 14 * 7200, 1e-6);
  EXPECT_EQ(answers.scaled_up + answers.scaled_down, 0U);
  EXPECT_EQ(answers.late, 0);
  EXPECT_EQ(answers.saturated, Millis(0));
  EXPECT_EQ(answers.replicas_peak, 2);
  EXPECT_NEAR(simulation.steps.front().load, 14.0 / 200, 1e-9);
}

// A jump at 60 s. The sample of 60 s does not know of it; that of 75 s does, and is read at 90 s, when two become
// min(8, 2 × 2, at least 4) = 4.
TEST(Simulate, DecisionsComeAfterTheirSamples) {
  Scenario jump = scenario(
      *Traffic::from_points({{Millis(0), 14}, {Millis(60'000), 14}, {Millis(60'000), 50}, {Millis(180'000), 50}}));
  const std::vector<Step> steps = run(jump).steps;
  EXPECT_EQ(steps[5].at, Millis(75'000));
  EXPECT_EQ(steps[5].desired, 2);
  EXPECT_EQ(steps[6].desired, 4);
  EXPECT_EQ(steps[6].recommendation, 8);
  EXPECT_EQ(steps[6].limit, Limit::up_rate);
}

// Two pods serve 40/s and 80/s come from the start: nothing helps before metrics, sync and start-up have passed.
TEST(Simulate, SaturationLastsUntilPodsAreReady) {
  Scenario late = scenario(*Traffic::from_points({{Millis(0), 20}, {Millis(0), 80}, {Millis(600'000), 80}}));
  late.pod.rate_max = 20;
  late.pod.start_up = Millis(60'000);
  const Answers answers = run(late).answers;
  EXPECT_EQ(answers.saturated_first, Millis(0));
  EXPECT_GE(answers.saturated_longest, Millis(30'000 + 60'000));
  EXPECT_GT(answers.late, 40 * 60);
  EXPECT_EQ(answers.replicas_needed, 4);
  late.pod.start_up = Millis(5'000);
  EXPECT_LT(run(late).answers.late, answers.late);
}

TEST(Simulate, ClientsGoAwayAfterTheTimeout) {
  Scenario hopeless = scenario(constant(100, std::chrono::minutes(10)), 1, 1);
  hopeless.pod.rate_max = 20;
  hopeless.timeout_ms = 10'000;
  const Answers answers = run(hopeless).answers;
  EXPECT_NEAR(answers.lost, 80 * 600, 80 * 30) << "but for those that still wait at the end";
  EXPECT_LE(answers.queue_peak, 100 * 11 + 1e-6) << "nobody waits longer than the timeout";
  EXPECT_EQ(answers.short_of_max, Millis(600'000)) << "it was so before the start";
}

TEST(Simulate, MetricsOutageStopsScaling) {
  Scenario blind = scenario(constant(50, std::chrono::minutes(5)));
  blind.outages = {{Millis(0), Millis(120'000)}};
  const Simulation simulation = run(blind);
  EXPECT_EQ(simulation.answers.without_metrics, Millis(120'000));
  EXPECT_EQ(simulation.steps[7].desired, 2);
  EXPECT_EQ(simulation.steps[8].desired, 4);
  EXPECT_EQ(simulation.steps[0].limit, Limit::metrics_failed);
}

// A load that goes up and down every two minutes, and no window: there, back, and there again.
TEST(Simulate, FlapsWithoutAWindowAndNotWithIt) {
  std::vector<RatePoint> points;
  for (std::int64_t i = 0; i < 30; ++i)
    for (const std::int64_t at : {i * 120, i * 120 + 120})
      points.push_back({Millis(at * 1000), i % 2 == 0 ? 14.0 : 50.0});
  Scenario wave = scenario(*Traffic::from_points(points));
  wave.autoscaler.behavior_written = true;
  wave.autoscaler.scale_down.stabilization_window = seconds(0);
  EXPECT_GE(run(wave).answers.flaps, 5U);
  wave.autoscaler.scale_down.stabilization_window = seconds(300);
  EXPECT_EQ(run(wave).answers.flaps, 0U);
}

// Disruption reference, §15: idle memory above the target.
TEST(Simulate, MemoryThatNeverFallsPinsAtMax) {
  Scenario memory = scenario(constant(1, std::chrono::hours(1)));
  memory.autoscaler.metrics.front().name = "memory";
  memory.autoscaler.metrics.front().utilization_percent = 80;
  memory.requests_milli = {256LL * 1024 * 1024 * 1000};
  memory.signals = {Signal{.source = Signal::Source::memory}};
  memory.pod.idle_memory_bytes = 229.0 * 1024 * 1024;  // 89 %
  const Answers answers = run(memory).answers;
  EXPECT_EQ(answers.replicas_at_end, 10);
  EXPECT_GT(answers.short_of_max, Millis(0));
  memory.pod.idle_memory_bytes = 210.0 * 1024 * 1024;  // 82 %: within tolerance, it neither rises nor falls
  EXPECT_EQ(run(memory).answers.replicas_at_end, 2);
}

TEST(Simulate, OtherSignals) {
  Scenario other = scenario(constant(100, std::chrono::minutes(10)), 1, 50);
  ScaleMetric& metric = other.autoscaler.metrics.front();
  metric.name = "requests";
  metric.type = ScaleMetric::Type::pods;
  metric.target = ScaleMetric::Target::average_value;
  metric.amount = kube::Quantity::from_integer(10);
  other.requests_milli = {std::nullopt};
  other.signals = {Signal{.source = Signal::Source::rate}};
  other.pod.cpu_ms_per_request = 1;
  EXPECT_EQ(run(other).answers.replicas_at_end, 10) << "100/s, 10/s for each";
  other.signals = {Signal{.source = Signal::Source::in_flight}};
  other.pod.response_ms = 500;
  EXPECT_EQ(run(other).answers.replicas_at_end, 5) << "50 in flight";
  metric.type = ScaleMetric::Type::external;
  other.signals = {Signal{.source = Signal::Source::rate, .base = 20}};
  EXPECT_EQ(run(other).answers.replicas_at_end, 12) << "120 in all";
  other.signals = {Signal{.source = Signal::Source::constant, .base = 70}};
  EXPECT_EQ(run(other).answers.replicas_at_end, 7);
  other.signals = {Signal{.source = Signal::Source::missing}};
  EXPECT_EQ(run(other).answers.replicas_at_end, 1);
}

// A day at 15 s steps (the figure that bench/capacity times).
TEST(Simulate, AWholeDay) {
  std::vector<RatePoint> points;
  for (std::int64_t hour = 0; hour <= 24; ++hour)
    points.push_back({Millis(hour * 3'600'000), hour % 12 < 6 ? 20.0 : 90.0});
  const Simulation day = run(scenario(*Traffic::from_points(points), 2, 20));
  EXPECT_EQ(day.steps.size(), 5760U);
  EXPECT_GE(day.answers.replicas_peak, 12);
  EXPECT_EQ(day.answers.saturated, Millis(0));
}

struct Refused {
  std::string_view what;
  void (*change)(Scenario&);
  std::string_view message;
};

TEST(Simulate, RefusesWhatCannotBe) {
  const Refused kRefused[] = {
      {"10^9 replicas", [](Scenario& s) { s.autoscaler.max_replicas = 1'000'000'000; }, "up to 1000000000 replicas"},
      {"max below min", [](Scenario& s) { s.autoscaler.max_replicas = 1; }, "2 to 1 replicas"},
      {"no target", [](Scenario& s) { s.autoscaler.metrics[0].utilization_percent = 0; }, "no target above 0"},
      {"a free request", [](Scenario& s) { s.pod.cpu_ms_per_request = 0; }, "serves no request"},
      {"idle uses all", [](Scenario& s) { s.pod.idle_cpu_milli = 1000; }, "serves no request"},
      {"ready before running", [](Scenario& s) { s.pod.start_up = Millis(0); }, "cannot be ready"},
      {"half seconds", [](Scenario& s) { s.controller.sync_period = Millis(1500); }, "period of 1500 ms"},
      {"too many at first", [](Scenario& s) { s.replicas = 1'000'000'000; }, "at the start"},
  };
  for (const Refused& refused : kRefused) {
    Scenario bad = scenario(constant(10, Millis(60'000)));
    refused.change(bad);
    const base::Result<Simulation> simulation = simulate(bad);
    ASSERT_FALSE(simulation) << refused.what;
    EXPECT_FALSE(simulation.error().help.empty()) << refused.what;
    EXPECT_TRUE(simulation.error().message.contains(refused.message)) << refused.what << simulation.error().message;
  }
}

// Whatever comes, the number stays within its bounds, nobody is counted twice, and steps add up to the answers.
TEST(Simulate, InvariantsOfRandomScenarios) {
  const std::uint32_t seed = 20261129;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto between = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  for (int round = 0; round < 60; ++round) {
    std::vector<RatePoint> points = {{Millis(0), static_cast<double>(between(0, 100))}};
    for (int i = 0; i < 6; ++i)
      points.push_back({points.back().at + Millis(between(1, 200) * 1000), static_cast<double>(between(0, 400))});
    Scenario any = scenario(*Traffic::from_points(points), between(1, 4), between(4, 30), between(10, 95));
    any.autoscaler.behavior_written = between(0, 1) == 1;
    any.pod.start_up = Millis(between(2, 90) * 1000);
    any.pod.rate_max = between(5, 60);
    const Simulation simulation = run(any);
    double late = 0;
    double lost = 0;
    Millis saturated{0};
    for (const Step& step : simulation.steps) {
      EXPECT_GE(step.desired, any.autoscaler.min_replicas);
      EXPECT_LE(step.desired, any.autoscaler.max_replicas);
      EXPECT_LE(step.ready, step.replicas);
      EXPECT_LE(step.load, 1 + 1e-9);
      late += step.late;
      lost += step.lost;
      saturated += step.saturated;
    }
    EXPECT_NEAR(late, simulation.answers.late, 1e-6);
    EXPECT_NEAR(lost, simulation.answers.lost, 1e-6);
    EXPECT_EQ(saturated, simulation.answers.saturated);
    EXPECT_LE(simulation.answers.late + simulation.answers.lost, simulation.answers.requests + 1e-6);
  }
}

// ---- The queue against its stupid twin: one request after the other, a thousandth of a second apart at least

struct Twin {
  double served = 0, late = 0;
};

Twin serve_one_by_one(const std::vector<std::pair<double, double>>& seconds_of, double late_after) {
  constexpr int kParts = 2000;                    // of a second: requests come and are served in so many small portions
  std::deque<std::pair<double, double>> waiting;  // arrived, how much
  Twin twin;
  for (std::size_t second = 0; second < seconds_of.size(); ++second) {
    const auto [arrivals, capacity] = seconds_of[second];
    for (int part = 0; part < kParts; ++part) {
      const double now = static_cast<double>(second) + static_cast<double>(part) / kParts;
      if (arrivals > 0) waiting.emplace_back(now, arrivals / kParts);
      for (double left = capacity / kParts; !waiting.empty() && left > 1e-12;) {
        auto& [arrived, amount] = waiting.front();
        const double served = std::min(amount, left);
        twin.served += served;
        if (now - arrived > late_after) twin.late += served;
        left -= served;
        amount -= served;
        if (amount <= 1e-12) waiting.pop_front();
      }
    }
  }
  return twin;
}

TEST(RequestQueue, AgreesWithServingOneByOne) {
  const std::uint32_t seed = 7;
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::pair<double, double>> load;
    for (int second = 0; second < 30; ++second)
      load.emplace_back(std::uniform_int_distribution(0, 150)(random), std::uniform_int_distribution(0, 120)(random));
    RequestQueue queue(0.5, 1e9);
    Twin fluid;
    for (std::size_t second = 0; second < load.size(); ++second) {
      const RequestQueue::Served served =
          queue.step(static_cast<double>(second), load[second].first, load[second].second);
      fluid.served += served.served;
      fluid.late += served.late;
    }
    const Twin twin = serve_one_by_one(load, 0.5);
    EXPECT_NEAR(fluid.served, twin.served, 3) << "round " << round << ", seed " << seed;
    EXPECT_NEAR(fluid.late, twin.late, 6) << "round " << round << ", seed " << seed;
  }
}

}  // namespace
}  // namespace gantry::capacity

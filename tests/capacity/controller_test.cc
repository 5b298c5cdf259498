// What windows, policies and bounds leave of what the metrics ask for (disruption reference, §12.2 and §12.5 to §12.7). Metrics are
// External ones here, so that each sync recommends exactly the number that the case names.

#include "capacity/controller.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace gantry::capacity {
namespace {

using kube::Quantity;
using kube::ScaleMetric;
using kube::ScalePolicy;
using kube::ScaleRules;
using std::chrono::seconds;

constexpr auto kPods = ScalePolicy::Type::pods;
constexpr auto kPercent = ScalePolicy::Type::percent;

kube::HorizontalPodAutoscaler autoscaler(std::int64_t min, std::int64_t max) {
  kube::HorizontalPodAutoscaler hpa;
  hpa.min_replicas = min;
  hpa.max_replicas = max;
  ScaleMetric metric;
  metric.type = ScaleMetric::Type::external;
  metric.name = "wanted";
  metric.target = ScaleMetric::Target::average_value;
  metric.amount = Quantity::from_integer(1);
  hpa.metrics = {metric};
  // As kube's reader fills in what is not written.
  hpa.scale_up.stabilization_window = seconds(0);
  hpa.scale_up.policies = {{kPods, 4, seconds(15)}, {kPercent, 100, seconds(15)}};
  hpa.scale_down.policies = {{kPercent, 100, seconds(15)}};
  return hpa;
}

kube::HorizontalPodAutoscaler with_behavior(std::int64_t min, std::int64_t max) {
  kube::HorizontalPodAutoscaler hpa = autoscaler(min, max);
  hpa.behavior_written = true;
  return hpa;
}

Observation wanting(std::int64_t replicas) {
  return {.pods = {}, .readings = {{.samples = {}, .value_milli = replicas * 1000}}};
}

// Syncs each 15 s, wanting these, scaling as decided: the replicas after each.
std::vector<std::int64_t> run(const kube::HorizontalPodAutoscaler& hpa, std::int64_t start,
                              const std::vector<std::int64_t>& wanted, const ControllerOptions& options = {}) {
  Controller controller(hpa, {}, options);
  std::vector<std::int64_t> replicas;
  std::int64_t current = start;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    current = controller.sync(Moment(15'000 * static_cast<std::int64_t>(i)), current, wanting(wanted[i])).desired;
    replicas.push_back(current);
  }
  return replicas;
}

std::vector<std::int64_t> times(std::size_t count, std::int64_t value) { return std::vector(count, value); }

// horizontal.go, reconcileAutoscaler: before metrics are read (§12.2).
TEST(Controller, GateBeforeMetrics) {
  struct Gate {
    std::int64_t min, max, current, desired;
    Limit limit;
  };
  constexpr Gate kGates[] = {
      {1, 10, 0, 0, Limit::disabled},  // someone scaled it to nothing: it stays so
      {0, 10, 0, 3, Limit::none},      // unless nothing is a legal minimum
      {1, 10, 12, 10, Limit::above_max}, {4, 10, 2, 4, Limit::below_min}, {1, 10, 3, 3, Limit::none},
  };
  for (const Gate& gate : kGates) {
    Controller controller(autoscaler(gate.min, gate.max), {}, {});
    const Decision decision = controller.sync(Moment(0), gate.current, wanting(3));
    EXPECT_EQ(decision.desired, gate.desired) << gate.current;
    EXPECT_EQ(decision.limit, gate.limit) << gate.current;
    EXPECT_EQ(decision.recommendation.has_value(), gate.limit == Limit::none) << "metrics are not read";
  }
}

// §12.6, without behavior: at most max(2 × current, 4), then the bounds. The conversion cases are upstream's
// TestConvertDesiredReplicasWithRules and TestCalculateScaleUpLimit.
TEST(Controller, WithoutBehaviorUp) {
  struct Row {
    std::int64_t min, max, current, wanted, desired;
    Limit limit;
  };
  constexpr Row kRows[] = {
      {1, 10, 1, 15, 4, Limit::up_rate},
      {1, 100, 10, 50, 20, Limit::up_rate},
      {1, 1000, 100, 500, 200, Limit::up_rate},
      {1, 2000, 3, 1000, 6, Limit::up_rate},       // scaleUpLimit is below maxReplicas
      {1, 10, 15 - 5, 1000, 10, Limit::too_many},  // maxReplicas is below scaleUpLimit
      {1, 20, 10, 1000, 20, Limit::too_many},      // both are one
      {0, 10, 5, 7, 7, Limit::none},
  };
  for (const Row& row : kRows) {
    Controller controller(autoscaler(row.min, row.max), {}, {});
    const Decision decision = controller.sync(Moment(0), row.current, wanting(row.wanted));
    EXPECT_EQ(decision.desired, row.desired) << row.current << " wants " << row.wanted;
    EXPECT_EQ(decision.limit, row.limit) << row.current << " wants " << row.wanted;
  }
}

TEST(Controller, WithoutBehaviorDown) {
  // The highest recommendation of five minutes holds: 20 syncs after the last one that wanted 10.
  const std::vector<std::int64_t> replicas = run(autoscaler(1, 10), 10, times(25, 2));
  EXPECT_EQ(replicas[19], 10);
  EXPECT_EQ(replicas[21], 2);
  // minReplicas ends it, whatever the metrics say.
  Controller controller(autoscaler(3, 10), {}, {.downscale_stabilization = std::chrono::milliseconds(0)});
  controller.sync(Moment(0), 5, wanting(5));
  const Decision decision = controller.sync(Moment(15'000), 5, wanting(1));
  EXPECT_EQ(decision.desired, 3);
  EXPECT_EQ(decision.limit, Limit::too_few);
}

// A controller that starts recommends what it finds, so that a restart does not scale down at once.
TEST(Controller, FirstRecommendationIsWhatIsThere) {
  Controller controller(autoscaler(1, 10), {}, {});
  const Decision decision = controller.sync(Moment(0), 8, wanting(2));
  EXPECT_EQ(decision.desired, 8);
  EXPECT_EQ(decision.limit, Limit::down_stabilized);
}

// §12.7, point 2: bounds by policy, both directions, all selections. One sync from a fresh start.
TEST(Controller, PoliciesAndTheirSelection) {
  using Select = ScaleRules::Select;
  struct Row {
    std::string_view rule;
    Select select;
    std::vector<ScalePolicy> policies;
    std::int64_t current, wanted, desired;
  };
  const ScalePolicy two{kPods, 2, seconds(60)};
  const ScalePolicy half{kPercent, 50, seconds(60)};
  const ScalePolicy tenth{kPercent, 10, seconds(60)};
  const Row kUp[] = {
      {"pods", Select::max, {two}, 5, 50, 7},
      {"percent", Select::max, {half}, 10, 50, 15},
      {"percent rounds up, or one pod would never grow", Select::max, {tenth}, 1, 50, 2},
      {"Max takes the larger", Select::max, {two, half}, 10, 50, 15},
      {"Min takes the smaller", Select::min, {two, half}, 10, 50, 12},
      {"Disabled forbids", Select::disabled, {two, half}, 10, 50, 10},
      {"less than the bound is not raised", Select::max, {half}, 10, 12, 12},
      {"maxReplicas ends it", Select::max, {{kPercent, 900, seconds(15)}}, 50, 400, 100},
  };
  for (const Row& row : kUp) {
    kube::HorizontalPodAutoscaler hpa = with_behavior(1, 100);
    hpa.scale_up.select = row.select;
    hpa.scale_up.policies = row.policies;
    EXPECT_EQ(run(hpa, row.current, {row.wanted}).back(), row.desired) << "up: " << row.rule;
  }
  const Row kDown[] = {
      {"pods", Select::max, {two}, 10, 1, 8},
      {"percent", Select::max, {half}, 10, 1, 5},
      {"percent of the rest is cut off: 10 % of 5 leaves 4", Select::max, {tenth}, 5, 1, 4},
      {"Max is the largest change", Select::max, {two, half}, 10, 1, 5},
      {"Min is the smallest change", Select::min, {two, half}, 10, 1, 8},
      {"Disabled forbids", Select::disabled, {two, half}, 10, 1, 10},
      {"100 % may take all but minReplicas", Select::max, {{kPercent, 100, seconds(15)}}, 10, 0, 1},
  };
  for (const Row& row : kDown) {
    kube::HorizontalPodAutoscaler hpa = with_behavior(1, 100);
    hpa.scale_down.stabilization_window = seconds(0);
    hpa.scale_down.select = row.select;
    hpa.scale_down.policies = row.policies;
    // With a window of 0 even the recommendation of this very start is past.
    EXPECT_EQ(run(hpa, row.current, {row.wanted}).back(), row.desired) << "down: " << row.rule;
  }
}

// §13: the event of a scaling is stamped a moment after its sync began. 15 s later it is still inside a period of 15 s.
TEST(Controller, PeriodOfOneSyncGrowsEverySecondSync) {
  kube::HorizontalPodAutoscaler hpa = with_behavior(1, 1000);
  hpa.scale_up.policies = {{kPods, 4, seconds(15)}};
  EXPECT_EQ(run(hpa, 2, times(7, 500)), (std::vector<std::int64_t>{6, 6, 10, 10, 14, 14, 18}));
  hpa.scale_up.policies = {{kPercent, 100, seconds(15)}, {kPods, 4, seconds(15)}};
  EXPECT_EQ(run(hpa, 2, times(7, 500)), (std::vector<std::int64_t>{6, 6, 12, 12, 24, 24, 48}));
}

// §12.7: the period begins with current − added + removed.
TEST(Controller, PeriodsCountBothDirections) {
  kube::HorizontalPodAutoscaler hpa = with_behavior(1, 100);
  hpa.scale_down.stabilization_window = seconds(0);
  hpa.scale_up.policies = {{kPods, 4, seconds(60)}};
  hpa.scale_down.policies = {{kPods, 3, seconds(60)}};
  // Up to 14, down to the 10 at the start less 3, and up again no further than that start plus 4.
  EXPECT_EQ(run(hpa, 10, {50, 1, 50}), (std::vector<std::int64_t>{14, 7, 14}));
}

// The example of the disruption reference, §13: an up window of 60 s.
TEST(Controller, UpWindowWaitsForTheLowest) {
  kube::HorizontalPodAutoscaler hpa = with_behavior(2, 10);
  hpa.scale_up.stabilization_window = seconds(60);
  const std::vector<std::int64_t> replicas = run(hpa, 2, times(10, 8));
  EXPECT_EQ(replicas, (std::vector<std::int64_t>{2, 2, 2, 2, 6, 6, 8, 8, 8, 8}))
      << "2 until the window has passed without a lower recommendation, then 6, then 8";
}

TEST(Controller, DownWindowHoldsTheHighest) {
  kube::HorizontalPodAutoscaler hpa = with_behavior(1, 10);
  hpa.scale_down.stabilization_window = seconds(30);
  EXPECT_EQ(run(hpa, 2, {8, 8, 8, 3, 3, 3, 3}), (std::vector<std::int64_t>{6, 6, 8, 8, 8, 3, 3}));
  // The controller's own five minutes where none is written.
  hpa.scale_down.stabilization_window.reset();
  EXPECT_EQ(run(hpa, 8, times(20, 3)).back(), 8);
  EXPECT_EQ(run(hpa, 8, times(22, 3)).back(), 3);
  EXPECT_EQ(run(hpa, 8, times(6, 3), {.downscale_stabilization = std::chrono::milliseconds(60'000)}).back(), 3);
}

// §12.7, point 1: between both windows' limits nothing changes.
TEST(Controller, WindowsKeepWhatBothAgreeTo) {
  kube::HorizontalPodAutoscaler hpa = with_behavior(1, 100);
  hpa.scale_up.stabilization_window = seconds(120);
  hpa.scale_down.stabilization_window = seconds(120);
  EXPECT_EQ(run(hpa, 10, {20, 5, 20, 5, 20, 5}), times(6, 10));
}

// computeReplicasForMetrics (§12.5).
TEST(Controller, SeveralMetrics) {
  struct Row {
    std::string_view rule;
    std::vector<std::int64_t> wanted;  // -1 fails
    std::int64_t desired;
    Limit limit;
  };
  const Row kRows[] = {
      {"the largest counts", {3, 7}, 7, Limit::none},
      {"up although one fails", {7, -1}, 7, Limit::none},
      {"not down when one fails", {2, -1}, 5, Limit::metrics_failed},
      {"the same when one fails", {5, -1}, 5, Limit::none},
      {"nothing when all fail", {-1, -1}, 5, Limit::metrics_failed},
  };
  for (const Row& row : kRows) {
    kube::HorizontalPodAutoscaler hpa = with_behavior(1, 100);
    hpa.scale_down.stabilization_window = seconds(0);
    hpa.metrics.push_back(hpa.metrics.front());
    Observation observation;
    for (const std::int64_t wanted : row.wanted)
      observation.readings.push_back(wanted < 0 ? MetricReading{.samples = {}, .value_milli = {}, .failure = "gone"}
                                                : MetricReading{.samples = {}, .value_milli = wanted * 1000});
    Controller controller(hpa, {}, {});
    const Decision decision = controller.sync(Moment(0), 5, observation);
    EXPECT_EQ(decision.desired, row.desired) << row.rule;
    EXPECT_EQ(decision.limit, row.limit) << row.rule;
    EXPECT_EQ(decision.proposals.size(), 2U);
  }
}

// A sync without metrics recommends nothing: windows do not see it.
TEST(Controller, FailedSyncsLeaveNoTrace) {
  kube::HorizontalPodAutoscaler hpa = with_behavior(1, 10);
  hpa.scale_up.stabilization_window = seconds(30);
  Controller controller(hpa, {}, {});
  const Observation failing{.pods = {}, .readings = {{.samples = {}, .value_milli = {}, .failure = "gone"}}};
  controller.sync(Moment(0), 2, wanting(8));
  EXPECT_EQ(controller.sync(Moment(15'000), 2, failing).desired, 2);
  EXPECT_EQ(controller.sync(Moment(30'000), 2, wanting(8)).desired, 6) << "the 2 of the start is past the window";
}

// behavior.scaleUp.tolerance is a field of current releases; older ones drop it.
TEST(Controller, ToleranceOfTheObject) {
  kube::HorizontalPodAutoscaler hpa = with_behavior(1, 10);
  hpa.scale_up.tolerance = Quantity::from_milli(0);
  const Observation observation = {.pods = {}, .readings = {{.samples = {}, .value_milli = 5400}}};
  for (const ControllerRelease release : {ControllerRelease::current, ControllerRelease::older}) {
    Controller controller(hpa, {}, {.release = release});
    EXPECT_EQ(controller.sync(Moment(0), 5, observation).desired, release == ControllerRelease::current ? 6 : 5)
        << to_string(release);
  }
}

}  // namespace
}  // namespace gantry::capacity

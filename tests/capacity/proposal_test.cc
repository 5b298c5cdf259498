// What one metric proposes. The cases named "upstream" are those of Kubernetes' replica_calculator_test.go as data; the other ones state
// a rule of the disruption reference, §12.3 and §12.4.

#include "capacity/proposal.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace gantry::capacity {
namespace {

using kube::Quantity;
using kube::ScaleMetric;

constexpr Moment kNow{3'600'000};
constexpr Moment kLongAgo{0};

// How a pod stands at the sync: what the controller makes of it.
enum class Is {
  ready,
  unready,      // young and not Ready
  hot,          // Ready for less than a window
  once_ready,   // old, not Ready now, and was
  never_ready,  // old, and was never Ready
  missing,      // without a sample
  pending,
  failed,
  terminating,
};

struct Pod {
  std::int64_t milli;
  Is is = Is::ready;
};

struct World {
  std::vector<PodGroup> pods;
  MetricReading reading;
};

World build(const std::vector<Pod>& pods) {
  World world;
  for (const Pod& pod : pods) {
    PodGroup group{.started = kLongAgo, .ready_changed = kLongAgo + Moment(60'000)};
    PodSample sample{.total_milli = pod.milli, .taken = kNow, .window = Moment(60'000)};
    if (pod.is == Is::unready || pod.is == Is::hot) group.started = kNow - Moment(120'000);
    if (pod.is == Is::unready || pod.is == Is::once_ready || pod.is == Is::never_ready) group.ready = false;
    if (pod.is == Is::hot) group.ready_changed = kNow - Moment(30'000);
    if (pod.is == Is::never_ready) group.ready_changed = kLongAgo + Moment(1'000);
    if (pod.is == Is::pending) group.phase = PodGroup::Phase::pending;
    if (pod.is == Is::failed) group.phase = PodGroup::Phase::failed;
    if (pod.is == Is::terminating) group.terminating = true;
    const bool has_sample = pod.is != Is::missing && pod.is != Is::pending;
    world.pods.push_back(group);
    world.reading.samples.push_back(has_sample ? std::optional(sample) : std::nullopt);
  }
  return world;
}

ScaleMetric utilization(std::int64_t percent, std::string name = "cpu") {
  ScaleMetric metric;
  metric.name = std::move(name);
  metric.utilization_percent = percent;
  return metric;
}

ScaleMetric valued(ScaleMetric::Type type, ScaleMetric::Target target, std::int64_t milli) {
  ScaleMetric metric;
  metric.type = type;
  metric.name = "qps";
  metric.target = target;
  metric.amount = Quantity::from_milli(milli);
  return metric;
}

struct Case {
  std::string_view rule;
  std::int64_t target;
  std::int64_t current;
  std::vector<Pod> pods;
  std::int64_t replicas;
  std::int64_t reading;
};

// Every pod requests 1000m, unless the rule says otherwise.
const Case kUtilization[] = {
    {"upstream ScaleUp", 30, 3, {{300}, {500}, {700}}, 5, 50},
    {"upstream ScaleUpUnreadyLessScale", 30, 3, {{300, Is::unready}, {500}, {700}}, 4, 60},
    {"upstream ScaleUpHotCpuLessScale", 30, 3, {{300, Is::hot}, {500}, {700}}, 4, 60},
    {"upstream ScaleUpUnreadyNoScale", 30, 3, {{400}, {500, Is::unready}, {700, Is::unready}}, 3, 40},
    {"upstream ScaleUpIgnoresFailedPods", 30, 2, {{500}, {700}, {0, Is::failed}, {0, Is::failed}}, 4, 60},
    {"upstream ScaleUpIgnoresDeletionPods", 30, 2, {{500}, {700}, {9, Is::terminating}, {9, Is::terminating}}, 4, 60},
    {"upstream ScaleDown", 50, 5, {{100}, {300}, {500}, {250}, {250}}, 3, 28},
    {"upstream ScaleDownIncludeUnreadyPods",
     50,
     5,
     {{100}, {300}, {500}, {250, Is::unready}, {250, Is::unready}},
     2,
     30},
    {"upstream ScaleDownExcludeUnscheduledPods",
     50,
     5,
     {{100}, {0, Is::pending}, {0, Is::pending}, {0, Is::pending}, {0, Is::pending}},
     1,
     10},
    {"upstream ScaleDownIgnoreHotCpuPods", 50, 5, {{100}, {300}, {500}, {250, Is::hot}, {250, Is::hot}}, 2, 30},
    {"upstream Tolerance", 100, 3, {{1010}, {1030}, {1020}}, 3, 102},
    {"upstream SuperfluousMetrics", 100, 4, {{4000}, {9500}, {3000}, {7000}}, 24, 587},
    {"upstream MissingMetrics", 100, 4, {{400}, {95}, {0, Is::missing}, {0, Is::missing}}, 3, 24},
    {"upstream MissingMetricsNoChangeEq", 100, 2, {{1000}, {0, Is::missing}}, 2, 100},
    {"upstream MissingMetricsNoChangeGt", 100, 2, {{1900}, {0, Is::missing}}, 2, 190},
    {"upstream MissingMetricsNoChangeLt", 100, 2, {{600}, {0, Is::missing}}, 2, 60},
    {"upstream MissingMetricsUnreadyChange", 50, 3, {{100, Is::unready}, {450}, {0, Is::missing}}, 3, 45},
    {"upstream MissingMetricsHotCpuNoChange", 50, 3, {{100, Is::hot}, {450}, {0, Is::missing}}, 3, 45},
    {"upstream MissingMetricsUnreadyScaleUp", 50, 3, {{100, Is::unready}, {2000}, {0, Is::missing}}, 4, 200},
    {"upstream MissingMetricsUnreadyScaleDown", 50, 4, {{100, Is::unready}, {100}, {100}, {0, Is::missing}}, 3, 10},
    {"an old pod that is not ready but was counts [12.3, 2]", 50, 2, {{1000}, {1000, Is::once_ready}}, 4, 100},
    {"an old pod that was never ready does not", 50, 2, {{1000}, {1000, Is::never_ready}}, 2, 100},
    {"the fraction is cut off: 62.5 % are 62 [12.3, 4]", 62, 2, {{620}, {630}}, 2, 62},
    {"the ratio may not turn round: 1.2 and 0.8 keep [12.3, 7]", 100, 3, {{1200}, {1200}, {0, Is::missing}}, 3, 120},
    {"0 % of load is one replica less than none: ceil of 0", 50, 3, {{0}, {0}, {0}}, 0, 0},
};

TEST(Proposal, UtilizationFollowsTheController) {
  for (const Case& c : kUtilization) {
    SCOPED_TRACE(c.rule);
    const World world = build(c.pods);
    const Proposal proposal = propose(utilization(c.target), 1000, world.pods, world.reading, c.current, kNow, {});
    EXPECT_EQ(proposal.failure, "");
    EXPECT_EQ(proposal.replicas, c.replicas);
    EXPECT_EQ(proposal.reading, c.reading);
  }
}

// Disruption reference, §13: 500m in all, 100m requested by each, target 70 %.
TEST(Proposal, WorkedExample) {
  struct Row {
    std::int64_t replicas, reading, proposal;
  };
  constexpr Row kRows[] = {{2, 250, 8}, {3, 166, 8}, {5, 100, 8}, {7, 71, 7}, {8, 62, 8}, {10, 50, 8}};
  for (const Row& row : kRows) {
    std::vector<PodGroup> pods = {
        PodGroup{.count = row.replicas, .started = kLongAgo, .ready_changed = kLongAgo + Moment(60'000)}};
    const MetricReading reading{.samples = {PodSample{.total_milli = 500, .taken = kNow, .window = Moment(15'000)}},
                                .value_milli = {}};
    const Proposal proposal = propose(utilization(70), 100, pods, reading, row.replicas, kNow, {});
    EXPECT_EQ(proposal.reading, row.reading) << row.replicas;
    EXPECT_EQ(proposal.replicas, row.proposal) << row.replicas;
  }
}

// Disruption reference, §12.3: the edge on which both rules differ.
TEST(Proposal, ToleranceOfBothReleases) {
  struct Edge {
    std::int64_t used, target;
    bool current, older;
  };
  constexpr Edge kEdges[] = {
      {770, 70, true, false},                           // 1.1 is inside with the current test, and 1.1 - 1 is above 0.1
      {771, 70, true, false},                           // 77.1 % is 77 %
      {780, 70, false, false},  {630, 70, true, true},  // 0.9
      {620, 70, false, false},  {550, 50, true, false},  // 1.1 as well
      {1100, 100, true, false}, {900, 100, true, true},
  };
  for (const Edge& edge : kEdges) {
    const World world = build({{edge.used}, {edge.used}});
    for (const ControllerRelease release : {ControllerRelease::current, ControllerRelease::older}) {
      const Proposal proposal =
          propose(utilization(edge.target), 1000, world.pods, world.reading, 2, kNow, {.release = release});
      EXPECT_EQ(proposal.kept, release == ControllerRelease::current ? edge.current : edge.older)
          << edge.used << " of " << edge.target << ", " << to_string(release);
    }
  }
}

TEST(Proposal, TolerancesMayDifferByDirection) {
  const CalculatorOptions options{.tolerances = {.up = 0, .down = 0.5}};
  const World more = build({{710}});
  EXPECT_EQ(propose(utilization(70), 1000, more.pods, more.reading, 1, kNow, options).replicas, 2);
  const World less = build({{400}, {400}});
  EXPECT_EQ(propose(utilization(70), 1000, less.pods, less.reading, 2, kNow, options).replicas, 2);
}

// Disruption reference, §12.3, point 6: what a missing pod counts as on the way down.
TEST(Proposal, MissingPodsAboveFullUtilization) {
  const World world = build({{500}, {500}, {0, Is::missing}});
  // Target 200 %: 50 % used. Missing as 200 %: 3000 of 3000 = 100 %, ratio 0.5, 2 of 3. As 100 %: 2000 of 3000 = 66 %, 1.
  EXPECT_EQ(propose(utilization(200), 1000, world.pods, world.reading, 3, kNow, {}).replicas, 2);
  EXPECT_EQ(propose(utilization(200), 1000, world.pods, world.reading, 3, kNow, {.release = ControllerRelease::older})
                .replicas,
            1);
}

TEST(Proposal, CpuAloneLooksAtReadiness) {
  const World world = build({{900}, {900, Is::unready}});
  EXPECT_EQ(propose(utilization(50), 1000, world.pods, world.reading, 2, kNow, {}).replicas, 2);
  EXPECT_EQ(propose(utilization(50, "memory"), 1000, world.pods, world.reading, 2, kNow, {}).replicas, 4);
}

const Case kAverage[] = {
    {"upstream ScaleUpCM", 15000, 3, {{20000}, {10000}, {30000}}, 4, 20000},
    {"upstream ScaleUpCMUnreadyHotCpuNoLessScale", 15000, 3, {{50000}, {10000}, {30000, Is::unready}}, 6, 30000},
    {"upstream ScaleUpCMUnreadyHotCpuScaleWouldScaleDown",
     15000,
     3,
     {{50000, Is::unready}, {15000}, {30000, Is::unready}},
     7,
     31666},
    {"upstream ScaleDownCM", 20000, 5, {{12000}, {12000}, {12000}, {12000}, {12000}}, 3, 12000},
    {"upstream ToleranceCM", 20000, 3, {{20000}, {21000}, {21000}}, 3, 20666},
    {"missing counts as the target on the way down [12.4]", 1000, 3, {{100}, {100}, {0, Is::missing}}, 2, 100},
    {"missing counts as nothing on the way up", 1000, 2, {{3000}, {0, Is::missing}}, 3, 3000},
    {"pending counts as nothing on the way up", 1000, 2, {{3000}, {0, Is::pending}}, 3, 3000},
};

TEST(Proposal, PodsMetricsCountWhateverHasASample) {
  for (const Case& c : kAverage) {
    SCOPED_TRACE(c.rule);
    const World world = build(c.pods);
    const ScaleMetric metric = valued(ScaleMetric::Type::pods, ScaleMetric::Target::average_value, c.target);
    const Proposal proposal = propose(metric, {}, world.pods, world.reading, c.current, kNow, {});
    EXPECT_EQ(proposal.replicas, c.replicas);
    EXPECT_EQ(proposal.reading, c.reading);
  }
}

struct ValueCase {
  std::string_view rule;
  ScaleMetric::Target target;
  std::int64_t amount;
  std::int64_t current;
  std::vector<Pod> pods;
  std::int64_t value;
  std::int64_t replicas;
};
constexpr auto kValue = ScaleMetric::Target::value;
constexpr auto kAverageValue = ScaleMetric::Target::average_value;
const std::vector<Pod> kThree = {{1}, {1}, {1}};
const ValueCase kValues[] = {
    {"upstream ScaleUpCMObject", kValue, 15000, 3, kThree, 20000, 4},
    {"upstream ScaleUpCMObjectIgnoresUnreadyPods",
     kValue,
     10000,
     3,
     {{1, Is::unready}, {1}, {1, Is::unready}},
     50000,
     5},
    {"upstream ScaleUpCMExternalIgnoresUnreadyPods",
     kValue,
     4400,
     3,
     {{1, Is::unready}, {1}, {1, Is::unready}},
     8600,
     2},
    {"upstream ScaleDownCMObject", kValue, 20000, 5, {{1}, {1}, {1}, {1}, {1}}, 12000, 3},
    {"upstream ToleranceCMObject", kValue, 20000, 3, kThree, 20666, 3},
    {"upstream ScaleUpCMPerPodObject", kAverageValue, 5000, 3, kThree, 20000, 4},
    {"upstream ScaleUpPerPodCMExternal", kAverageValue, 2150, 3, kThree, 8600, 4},
    {"upstream ScaleDownPerPodCMExternal", kAverageValue, 2867, 5, {{1}, {1}, {1}, {1}, {1}}, 8600, 3},
    {"upstream TolerancePerPodCMObject", kAverageValue, 5000, 4, {{1}, {1}, {1}, {1}}, 20166, 4},
    {"from nothing, the ratio itself [12.4]", kValue, 100, 0, {}, 250, 3},
    {"from nothing, per pod", kAverageValue, 100, 0, {}, 250, 3},
    {"nothing asked of nothing", kAverageValue, 100, 0, {}, 0, 0},
    {"more than 32 bits hold", kAverageValue, 1, 1, {{1}}, 9'000'000'000'000, kReplicasEnd},
};

TEST(Proposal, ObjectAndExternalValues) {
  for (const ValueCase& c : kValues) {
    SCOPED_TRACE(c.rule);
    World world = build(c.pods);
    world.reading.value_milli = c.value;
    for (const ScaleMetric::Type type : {ScaleMetric::Type::object, ScaleMetric::Type::external})
      EXPECT_EQ(propose(valued(type, c.target, c.amount), {}, world.pods, world.reading, c.current, kNow, {}).replicas,
                c.replicas);
  }
}

TEST(Proposal, FailsWithAReason) {
  const World none = build({});
  EXPECT_EQ(propose(utilization(50), 100, none.pods, none.reading, 2, kNow, {}).failure, "the selector finds no pod");
  const World unready = build({{9, Is::unready}, {0, Is::missing}});
  EXPECT_EQ(propose(utilization(50), 100, unready.pods, unready.reading, 2, kNow, {}).failure,
            "no pod that could be believed has a sample");
  const World ready = build({{9}});
  EXPECT_EQ(propose(utilization(50), {}, ready.pods, ready.reading, 1, kNow, {}).failure,
            "a container has no request for cpu");
  EXPECT_EQ(propose(valued(ScaleMetric::Type::external, kValue, 1), {}, ready.pods, ready.reading, 1, kNow, {}).failure,
            "the metric has no value");
  MetricReading silent = ready.reading;
  silent.failure = "the metrics API does not answer";
  EXPECT_EQ(propose(utilization(50), 100, ready.pods, silent, 1, kNow, {}).failure, "the metrics API does not answer");
}

// A group is as many single pods.
TEST(Proposal, GroupsAreSums) {
  const World apart = build({{300}, {300}, {500, Is::missing}, {500, Is::missing}, {40, Is::unready}});
  const std::vector<PodGroup> together = {
      PodGroup{.count = 2, .started = kLongAgo, .ready_changed = kLongAgo + Moment(60'000)},
      PodGroup{.count = 2, .started = kLongAgo, .ready_changed = kLongAgo + Moment(60'000)},
      PodGroup{.count = 1, .ready = false, .started = kNow - Moment(120'000)}};
  const PodSample two{.total_milli = 600, .taken = kNow, .window = Moment(60'000)};
  const PodSample one{.total_milli = 40, .taken = kNow, .window = Moment(60'000)};
  const MetricReading reading{.samples = {two, std::nullopt, one}, .value_milli = {}};
  for (const std::int64_t target : {10, 50, 90}) {
    const Proposal left = propose(utilization(target), 1000, apart.pods, apart.reading, 5, kNow, {});
    const Proposal right = propose(utilization(target), 1000, together, reading, 5, kNow, {});
    EXPECT_EQ(left.replicas, right.replicas) << target;
    EXPECT_EQ(left.ratio, right.ratio) << target;
  }
}

}  // namespace
}  // namespace gantry::capacity

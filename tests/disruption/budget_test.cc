#include "disruption/budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace gantry::disruption {

void PrintTo(const BudgetNumbers& numbers, std::ostream* out) {
  *out << "E " << numbers.expected << " D " << numbers.desired << " H " << numbers.healthy << " A " << numbers.allowed
       << (numbers.sync_failed ? " sync failed" : "");
}

namespace {

using kube::IntOrPercent;

BudgetBounds min(IntOrPercent value) { return {.min_available = value, .max_unavailable = {}}; }
BudgetBounds max(IntOrPercent value) { return {.min_available = {}, .max_unavailable = value}; }
IntOrPercent n(std::int64_t value) { return IntOrPercent::count(value); }
IntOrPercent p(std::int64_t value) { return IntOrPercent::percent(value); }

// The table of the disruption reference, §2.7: desired and allowed with every pod healthy. The first row is
// pkg/controller/disruption's `expectedCount <= 0` rule.
TEST(Budget, TableOfDesiredAndAllowed) {
  const std::vector<BudgetBounds> columns = {min(n(1)),   min(n(2)),  min(p(50)), min(p(66)), min(p(67)),
                                             min(p(100)), max(n(0)),  max(n(1)),  max(p(1)),  max(p(25)),
                                             max(p(30)),  max(p(34)), max(p(50))};
  struct Row {
    std::int64_t replicas;
    std::vector<std::string> cells;
  };
  const std::vector<Row> rows = {
      {0, {"1/0", "2/0", "0/0", "0/0", "0/0", "0/0", "0/0", "0/0", "0/0", "0/0", "0/0", "0/0", "0/0"}},
      {1, {"1/0", "2/0", "1/0", "1/0", "1/0", "1/0", "1/0", "0/1", "0/1", "0/1", "0/1", "0/1", "0/1"}},
      {2, {"1/1", "2/0", "1/1", "2/0", "2/0", "2/0", "2/0", "1/1", "1/1", "1/1", "1/1", "1/1", "1/1"}},
      {3, {"1/2", "2/1", "2/1", "2/1", "3/0", "3/0", "3/0", "2/1", "2/1", "2/1", "2/1", "1/2", "1/2"}},
      {5, {"1/4", "2/3", "3/2", "4/1", "4/1", "5/0", "5/0", "4/1", "4/1", "3/2", "3/2", "3/2", "2/3"}},
      {7, {"1/6", "2/5", "4/3", "5/2", "5/2", "7/0", "7/0", "6/1", "6/1", "5/2", "4/3", "4/3", "3/4"}},
      {10, {"1/9", "2/8", "5/5", "7/3", "7/3", "10/0", "10/0", "9/1", "9/1", "7/3", "7/3", "6/4", "5/5"}},
  };
  for (const Row& row : rows)
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const BudgetNumbers numbers =
          compute_budget(columns[i], {.matched = row.replicas, .scaled = row.replicas, .healthy = row.replicas});
      EXPECT_EQ(std::to_string(numbers.desired) + "/" + std::to_string(numbers.allowed), row.cells[i])
          << row.replicas << " replicas, " << to_string(columns[i]);
    }
}

TEST(Budget, CornersOfTheController) {
  struct Case {
    const char* name;
    BudgetBounds bounds;
    BudgetCounts counts;
    BudgetNumbers numbers;
  };
  const Case cases[] = {
      {"neither bound: expected 0, and nothing is allowed (§2.1)",
       {},
       {.matched = 3, .scaled = 3, .healthy = 3},
       {.expected = 0, .desired = 0, .healthy = 3, .allowed = 0}},
      {"integer minAvailable never asks the scale: owners without one are fine (§2.3)",
       min(n(1)),
       {.matched = 3, .scaled = {}, .healthy = 3},
       {.expected = 3, .desired = 1, .healthy = 3, .allowed = 2}},
      {"a percentage over an owner without scale fails safe (§2.3)",
       min(p(50)),
       {.matched = 3, .scaled = {}, .healthy = 3},
       {.expected = 0, .desired = 0, .healthy = 3, .allowed = 0, .sync_failed = true}},
      {"maxUnavailable over an owner without scale fails safe (§2.3)",
       max(n(1)),
       {.matched = 3, .scaled = {}, .healthy = 3},
       {.expected = 0, .desired = 0, .healthy = 3, .allowed = 0, .sync_failed = true}},
      {"unmanaged pods count as healthy and not in the sum (§2.3)",
       max(n(1)),
       {.matched = 3, .scaled = 0, .healthy = 3},
       {.expected = 0, .desired = 0, .healthy = 3, .allowed = 0}},
      {"integer minAvailable may exceed what exists (§2.2)",
       min(n(5)),
       {.matched = 3, .scaled = 3, .healthy = 3},
       {.expected = 3, .desired = 5, .healthy = 3, .allowed = 0}},
      {"terminating pods count as matched, not as healthy (§2.2)",
       min(n(2)),
       {.matched = 4, .scaled = 3, .healthy = 2},
       {.expected = 4, .desired = 2, .healthy = 2, .allowed = 0}},
      {"surge pods of a rollout are healthy but not expected: more is allowed (§2.2)",
       max(n(1)),
       {.matched = 5, .scaled = 4, .healthy = 5},
       {.expected = 4, .desired = 3, .healthy = 5, .allowed = 2}},
      {"unhealthy pods use the budget up",
       max(n(1)),
       {.matched = 3, .scaled = 3, .healthy = 2},
       {.expected = 3, .desired = 2, .healthy = 2, .allowed = 0}},
      {"maxUnavailable above the replicas: desired stops at 0",
       max(n(5)),
       {.matched = 3, .scaled = 3, .healthy = 3},
       {.expected = 3, .desired = 0, .healthy = 3, .allowed = 3}},
      {"0 % of anything asks for nothing",
       min(p(0)),
       {.matched = 3, .scaled = 3, .healthy = 3},
       {.expected = 3, .desired = 0, .healthy = 3, .allowed = 3}},
      {"maxUnavailable 0 % is the one percentage that comes to 0",
       max(p(0)),
       {.matched = 3, .scaled = 3, .healthy = 3},
       {.expected = 3, .desired = 3, .healthy = 3, .allowed = 0}},
      {"90 % of 9 rounds up to 9 (§2.2)",
       min(p(90)),
       {.matched = 9, .scaled = 9, .healthy = 9},
       {.expected = 9, .desired = 9, .healthy = 9, .allowed = 0}},
  };
  for (const Case& c : cases) EXPECT_EQ(compute_budget(c.bounds, c.counts), c.numbers) << c.name;
}

// Every small world: allowed never exceeds max(0, H - D), and more healthy pods never allow less.
TEST(Budget, AllowedIsBoundedAndMonotone) {
  for (std::int64_t value = 0; value <= 120; value += value < 12 ? 1 : 9)
    for (std::int64_t replicas = 0; replicas <= 12; ++replicas)
      for (const BudgetBounds& bounds : {min(n(value)), max(n(value)), min(p(value)), max(p(value))}) {
        std::int64_t before = 0;
        for (std::int64_t healthy = 0; healthy <= replicas + 2; ++healthy) {
          const BudgetNumbers numbers =
              compute_budget(bounds, {.matched = replicas, .scaled = replicas, .healthy = healthy});
          EXPECT_LE(numbers.allowed, std::max<std::int64_t>(0, healthy - numbers.desired));
          EXPECT_GE(numbers.allowed, before) << to_string(bounds);
          before = numbers.allowed;
        }
      }
}

TEST(Budget, SaysWhetherItAlwaysBlocks) {
  const auto blocks = [](const BudgetBounds& bounds, std::int64_t replicas) {
    return compute_budget(bounds, {.matched = replicas, .scaled = replicas, .healthy = replicas}).always_blocks();
  };
  EXPECT_TRUE(blocks(min(n(1)), 1));
  EXPECT_TRUE(blocks(min(p(67)), 3));
  EXPECT_TRUE(blocks(max(p(0)), 3));
  EXPECT_TRUE(blocks({}, 3));
  EXPECT_FALSE(blocks(max(p(1)), 3));
  EXPECT_FALSE(blocks(min(n(2)), 3));
}

TEST(Budget, MajorityTable) {  // §9.1
  constexpr std::int64_t kMajorities[] = {1, 2, 2, 3, 3, 4, 4};
  for (std::int64_t voters = 1; voters <= 7; ++voters) EXPECT_EQ(majority_of(voters), kMajorities[voters - 1]);
}

}  // namespace
}  // namespace gantry::disruption

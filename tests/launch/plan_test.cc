#include "launch/plan.h"

#include "support/golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

constexpr std::string_view kRealPlan = "launch/plans/saas-phase7-production-launch.md";

TEST(Plan, ReadsTheRealPlanByteForByte) {
  const std::string bytes = test::read_test_file(kRealPlan);
  const base::Result<Plan> plan = Plan::parse(bytes, "saas-phase7-production-launch.md");
  ASSERT_TRUE(plan) << base::describe(plan.error());
  EXPECT_EQ(plan->text(), bytes);
  EXPECT_TRUE(test::matches_golden(dump(*plan), "launch/plans/saas-phase7-production-launch.dump"));
}

}  // namespace
}  // namespace gantry::launch

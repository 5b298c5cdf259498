#include "load/processes/whole_progress.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace gantry::load {
namespace {

using std::chrono::seconds;

std::vector<Scenario> scenarios() {
  return {{.name = "early", .plan = SharedIterations{.vus = 3, .iterations = 30}},
          {.name = "late", .plan = ConstantVus{.vus = 1, .duration = seconds(9)}, .start_time = seconds(5)}};
}

TEST(WholeProgress, AddsUpWhatProcessesSay) {
  const std::vector<Scenario> all = scenarios();
  WholeProgress whole(3, scenarios());
  RunProgress first{.elapsed = seconds(2),
                    .planned = seconds(14),
                    .vus_active = 2,
                    .vus = 3,
                    .iterations = 10,
                    .requests = 10,
                    .scenarios = {{all[0], seconds(2), 2, 10, false}, {all[1], seconds(-3), 0, 0, false}}};
  first.lately.failed = 1;
  for (int i = 0; i < 9; ++i) first.lately.latency.add(8);
  EXPECT_TRUE(whole.hear(0, to_node(first)));
  EXPECT_FALSE(whole.so_far());
  EXPECT_FALSE(whole.is_new());
  RunProgress second{.elapsed = seconds(3),
                     .planned = seconds(10),
                     .vus_active = 1,
                     .vus = 1,
                     .iterations = 5,
                     .dropped = 2,
                     .scenarios = {{all[0], seconds(3), 1, 5, true}}};
  second.lately.latency.add(64);
  EXPECT_TRUE(whole.hear(1, to_node(second)));
  whole.leave(2);  // it had nothing to do
  EXPECT_TRUE(whole.is_new());
  const std::optional<RunProgress> sum = whole.so_far();
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum->elapsed, seconds(3));
  EXPECT_EQ(sum->planned, seconds(14));
  EXPECT_EQ(sum->vus_active, 3U);
  EXPECT_EQ(sum->vus, 4U);
  EXPECT_EQ(sum->iterations, 15);
  EXPECT_EQ(sum->dropped, 2);
  EXPECT_EQ(sum->requests, 10);
  EXPECT_EQ(sum->lately.failed, 1U);
  EXPECT_EQ(sum->lately.latency.count(), 10U);
  EXPECT_EQ(sum->lately.latency.max(), 64);
  ASSERT_EQ(sum->scenarios.size(), 2U);
  EXPECT_EQ(sum->scenarios[0].elapsed, seconds(3));
  EXPECT_EQ(sum->scenarios[0].vus_active, 3U);
  EXPECT_EQ(sum->scenarios[0].completed, 15U);
  EXPECT_FALSE(sum->scenarios[0].is_over);
  EXPECT_EQ(sum->scenarios[1].elapsed, seconds(-3));
  EXPECT_FALSE(whole.is_new());
  EXPECT_TRUE(whole.hear(1, to_node(second)));
  EXPECT_FALSE(whole.is_new());
  EXPECT_TRUE(whole.hear(0, to_node(first)));
  EXPECT_TRUE(whole.is_new());
}

TEST(WholeProgress, RefusesWhatIsNone) {
  WholeProgress whole(1, scenarios());
  EXPECT_FALSE(whole.hear(0, base::Node()));
  base::Node said = to_node(RunProgress{});
  said.set("vus", -1);
  EXPECT_FALSE(whole.hear(0, said));
}

}  // namespace
}  // namespace gantry::load

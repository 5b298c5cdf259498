// What the API server refuses (network policy reference, §11), in both worlds (§10): the object is not there, and only
// the others are; or it has come in some other way, and what can be read of it counts, with nothing wider than it was
// written. The scenarios of §11 say what each world allows; here both are held against the twin, flow by flow.

#include "netpol/compare.h"
#include "netpol/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gantry::netpol {
namespace {

TEST(Rejected, IsJudgedInBothWorlds) {
  std::size_t refused = 0;
  for (const Scenario& scenario : read_scenarios("11-validation")) {
    SCOPED_TRACE(scenario.name + ", " + scenario.where);
    const base::Result<kube::Snapshot> snapshot = kube::build_snapshot(scenario.documents);
    ASSERT_TRUE(snapshot);
    const auto is_refused = [](const kube::NetworkPolicy& policy) { return policy.object.rejected(); };
    const bool any = std::ranges::any_of((*snapshot)->network_policies, is_refused);
    EXPECT_EQ(any, scenario.has("as-read"));
    EXPECT_EQ(any, !report_unjudged(*snapshot).empty());
    if (!any) continue;
    ++refused;
    AnalysisOptions kept = scenario.options;
    kept.without_rejected = false;
    Compared compared;
    const Questions all{.flows_max = 3'000, .explained_every = 7, .openings = true, .facts = true};
    EXPECT_EQ(find_disagreement(*snapshot, scenario.options, all, 1, compared).value_or(""), "");
    EXPECT_EQ(find_disagreement(*snapshot, kept, all, 1, compared).value_or(""), "");
  }
  EXPECT_GT(refused, 20U);
}

}  // namespace
}  // namespace gantry::netpol

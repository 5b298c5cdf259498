// The example workspace: a complete system, whose policies admit what it needs and nothing else.

#include "base/file.h"
#include "kube/sources.h"
#include "netpol/judgement.h"
#include "netpol/needs.h"
#include "netpol/needs/dump_needs.h"
#include "support/golden.h"

#include <gtest/gtest.h>

namespace gantry::netpol {
namespace {

kube::Snapshot load_example() {
  const auto files = base::open_directory(gantry::test::repository_path("examples/kgents-saas"));
  EXPECT_TRUE(files);
  if (!files) return {};
  base::Result<kube::Snapshot> snapshot =
      kube::load_snapshot(**files, {kube::Source::path("impl/claude/infra/k8s/manifests")});
  EXPECT_TRUE(snapshot) << (snapshot ? "" : base::describe(snapshot.error()));
  return snapshot ? *std::move(snapshot) : kube::Snapshot();
}

TEST(ExampleNeeds, AreTheOnesThatTheManifestsNameEachWithItsLine) {
  const kube::Snapshot snapshot = load_example();
  EXPECT_TRUE(gantry::test::matches_golden(test::dump_needs(snapshot, infer_needs(snapshot)),
                                           "netpol/needs/example-needs.txt"));
}

TEST(ExampleNeeds, AreAllAdmittedAndNothingElseIsOpen) {
  const kube::Snapshot snapshot = load_example();
  const base::Result<Reachability> reach = analyse(snapshot);
  ASSERT_TRUE(reach) << base::describe(reach.error());
  const Needs needs = infer_needs(snapshot);
  const Judgement judgement = judge_needs(*reach, needs);
  for (const JudgedNeed& need : judgement.needs) {
    EXPECT_EQ(need.access, Access::yes) << reach->endpoints()[need.source].name << " -> "
                                        << reach->endpoints()[need.destination].name << " " << need.port.value();
  }
  for (const OneSidedNeed& need : judgement.one_sided) EXPECT_EQ(need.access, Access::yes) << need.need;
  EXPECT_TRUE(judgement.openings.empty());
  for (const base::Finding& finding : judgement.findings) ADD_FAILURE() << finding.rule << ": " << finding.message;
  EXPECT_GT(judgement.needs.size(), 30U);
}

}  // namespace
}  // namespace gantry::netpol

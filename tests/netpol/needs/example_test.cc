// The example workspace: a complete system, whose policies admit what it needs and nothing else.

#include "base/file.h"
#include "kube/sources.h"
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

}  // namespace
}  // namespace gantry::netpol

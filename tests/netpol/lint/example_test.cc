// The catalogue is quiet on manifests that are as they should be.

#include "base/file.h"
#include "kube/sources.h"
#include "netpol/lint.h"
#include "support/golden.h"

#include <gtest/gtest.h>

namespace gantry::netpol {
namespace {

TEST(LintOfTheExample, FindsNothing) {
  const auto files = base::open_directory(test::repository_path("examples/kgents-saas"));
  ASSERT_TRUE(files);
  const auto snapshot = kube::load_snapshot(**files, {kube::Source::path("impl/claude/infra/k8s/manifests")});
  ASSERT_TRUE(snapshot) << base::describe(snapshot.error());
  ASSERT_FALSE((*snapshot)->network_policies.empty());
  const auto reach = analyse(*snapshot);
  ASSERT_TRUE(reach) << base::describe(reach.error());
  for (const base::Finding& finding : lint(*reach, infer_needs(*snapshot)))
    ADD_FAILURE() << finding.rule << " " << to_string(finding.where) << ": " << finding.message;
}

}  // namespace
}  // namespace gantry::netpol

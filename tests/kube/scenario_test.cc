// Each folder of tests/kube/scenarios holds an input and what the snapshot of it looks like; its first line says why it exists.

#include "base/yaml.h"
#include "kube/snapshot.h"
#include "support/golden.h"

#include <gtest/gtest.h>

namespace gantry::kube {
namespace {

TEST(Scenarios, EachReadsAsItsGoldenSays) {
  for (const std::string& name : test::scenario_names("kube/scenarios")) {
    SCOPED_TRACE(name);
    const std::string folder = "kube/scenarios/" + name;
    base::Result<std::vector<base::Node>> documents =
        base::load_yaml(test::read_test_file(folder + "/input.yaml"), "input.yaml");
    ASSERT_TRUE(documents) << base::describe(documents.error());
    const base::Result<Snapshot> snapshot = build_snapshot(*std::move(documents));
    ASSERT_TRUE(snapshot) << base::describe(snapshot.error());
    EXPECT_TRUE(test::matches_golden(dump(*snapshot), folder + "/expected.txt"));
  }
}

}  // namespace
}  // namespace gantry::kube

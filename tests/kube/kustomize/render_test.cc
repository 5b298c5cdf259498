#include "kube/kustomize/fixtures.h"
#include "support/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace gantry::kube {
namespace {

std::string golden(const Fixture& fixture, std::string_view file) {
  return std::string(kFixtures) + "/" + fixture.name + "/" + std::string(file);
}

// A golden that no longer belongs there would be believed by readers.
void expect_absent(const Fixture& fixture, std::string_view file) {
  EXPECT_FALSE(std::filesystem::exists(test::test_path(golden(fixture, file))))
      << "left over: " << golden(fixture, file);
}

class KustomizeFixture : public testing::TestWithParam<std::string> {};

TEST_P(KustomizeFixture, RendersAsExpected) {
  const Fixture input = fixture(GetParam());
  const base::Result<Rendered> rendered = render(input);
  EXPECT_EQ(rendered.has_value(), !input.name.starts_with("error-"));
  if (!rendered) {
    EXPECT_TRUE(test::matches_golden(describe(rendered.error()), golden(input, "expected-error.txt")));
    expect_absent(input, "expected.yaml");
    return;
  }
  EXPECT_TRUE(test::matches_golden(show_objects(rendered->objects), golden(input, "expected.yaml")));
  expect_absent(input, "expected-error.txt");
  if (rendered->findings.empty()) {
    expect_absent(input, "expected-findings.txt");
  } else {
    EXPECT_TRUE(test::matches_golden(show_findings(rendered->findings), golden(input, "expected-findings.txt")));
  }
}

// The sentence in the folder's name, as a test may be called: "a-dead-patch" -> "a_dead_patch".
std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, KustomizeFixture, testing::ValuesIn(test::scenario_names(kFixtures)), test_name);

}  // namespace
}  // namespace gantry::kube

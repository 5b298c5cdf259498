#pragma once

// Expected outputs kept as files beside the input that leads to them.
//
//   EXPECT_TRUE(matches_golden(render_json(evidence), "report/scenarios/one-waiver/expected.json"));
//
// On a difference both texts are printed whole. With GANTRY_UPDATE_GOLDEN=1 in the environment the file is rewritten
// instead and the test passes; the change is then reviewed like code.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gantry::test {

// The absolute path of something under tests/: "kube/scenarios".
std::string test_path(std::string_view under_tests);
// The absolute path of something in the repository: "examples/kgents-saas".
std::string repository_path(std::string_view under_root);

// The content of a file under tests/; fails the running test, and is empty, when it cannot be read.
std::string read_test_file(std::string_view under_tests);
// The folders directly in a folder under tests/, sorted: one per scenario. Fails the running test when there is none,
// so that a misspelt path can't make a test that looks at nothing.
std::vector<std::string> scenario_names(std::string_view under_tests);

// Whether `actual` equals the file under tests/, byte for byte.
testing::AssertionResult matches_golden(std::string_view actual, std::string_view under_tests);
// The same for a file given by its absolute path.
testing::AssertionResult matches_golden_file(std::string_view actual, const std::string& path);

}  // namespace gantry::test

// The names of checks and groups, in the order in which they were seen.

#include "load/metrics/script_checks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iterator>
#include <string_view>

namespace gantry::load {
namespace {

TEST(ScriptChecks, AreInTheOrderInWhichTheyWereSeenAndStayWhereTheyAre) {
  ScriptCheckList checks;
  ScriptCheck& first = check_of(checks, "b");
  check_of(checks, "a").count(false);
  for (int i = 0; i < 1000; ++i) check_of(checks, fmt::format("more {}", i)).count(true);
  check_of(checks, "b").count(true);
  EXPECT_EQ(first.passes, 1U);
  ASSERT_EQ(checks.size(), 1002U);
  EXPECT_EQ(checks.begin()->name, "b");
  EXPECT_EQ(std::next(checks.begin())->name, "a");
}

TEST(ScriptChecks, OfACopyAreItsOwn) {
  ScriptCheckList checks;
  check_of(checks, "a").count(true);
  ScriptCheckList copy = checks;
  check_of(copy, "a").count(true);
  check_of(copy, "b").count(true);
  EXPECT_EQ(check_of(checks, "a").passes, 1U);
  EXPECT_EQ(checks.size(), 1U);
  EXPECT_EQ(check_of(copy, "a").passes, 2U);
}

struct PathCase {
  std::string_view given;
  std::string_view path;
};
constexpr PathCase kPaths[] = {{"", ""},         {"::a", "::a"},    {"::a::b", "::a::b"}, {"of no group::a", "::a"},
                               {"no path", ""},  {"::", ""},  // without a name, in the root: k6 has it so
                               {"::::a", "::a"}, {"::a::", "::a::"}};

TEST(ScriptGroup, IsFoundByItsPath) {
  for (const PathCase& c : kPaths) {
    ScriptGroup root;
    ScriptGroup& group = root.at(c.given);
    EXPECT_EQ(group.path, c.path) << c.given;
    EXPECT_EQ(&root.at(c.given), &group) << c.given;
  }
  EXPECT_EQ(path_of_group("", ""), "");
  EXPECT_EQ(path_of_group("x", ""), "x::");
  EXPECT_EQ(path_of_group("::a", "b"), "::a::b");
}

}  // namespace
}  // namespace gantry::load

#include "base/rule.h"

#include <gtest/gtest.h>

namespace gantry::base {
namespace {

constexpr Rule kRules[] = {{"a.one", Severity::low, "why one"}, {"a.two", Severity::critical, "why two"}};

TEST(Rule, GivesItsFindingsWhatItSays) {
  const Finding finding = make_finding(find_rule(kRules, "a.two"), "Pod a/b", {}, "it is wrong", "mend it");
  EXPECT_EQ(finding, (Finding{.rule = "a.two",
                              .severity = Severity::critical,
                              .object = "Pod a/b",
                              .where = {},
                              .message = "it is wrong",
                              .explanation = "why two",
                              .fix = "mend it",
                              .related = {}}));
}

TEST(RuleDeathTest, AnIdThatNoTableHasIsAMistakeOfTheProgram) {
  EXPECT_DEATH(find_rule(kRules, "a.three"), "known != rules.end");
}

}  // namespace
}  // namespace gantry::base

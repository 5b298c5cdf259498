#include "base/finding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace gantry::base {
namespace {

SourcePos place(const char* file, std::uint32_t line, std::uint32_t column = 0) {
  return {.file = std::make_shared<const std::string>(file), .line = line, .column = column};
}

Finding finding(Severity severity, SourcePos where, std::string rule = "r", std::string object = "o",
                std::string message = "m") {
  Finding made;
  made.rule = std::move(rule);
  made.severity = severity;
  made.object = std::move(object);
  made.where = std::move(where);
  made.message = std::move(message);
  return made;
}

TEST(Severity, NamesGoBothWays) {
  for (const Severity severity :
       {Severity::info, Severity::low, Severity::medium, Severity::high, Severity::critical}) {
    EXPECT_EQ(find_severity(to_string(severity)), severity);
  }
  EXPECT_EQ(to_string(Severity::critical), "critical");
  EXPECT_EQ(find_severity("hgh"), std::nullopt);
  EXPECT_EQ(find_severity(""), std::nullopt);
}

TEST(Severity, LaterIsWorse) { EXPECT_LT(Severity::medium, Severity::high); }

TEST(Fingerprint, StaysWhenThePlaceOrTheAdviceChanges) {
  const Finding before =
      finding(Severity::high, place("a.yaml", 3), "ref.configmap-missing", "Pod shop/web", "no ConfigMap settings");
  Finding after = before;
  after.where = place("moved/b.yaml", 90, 4);
  after.severity = Severity::low;
  after.explanation = "the pod will not start";
  after.fix = "add it";
  after.related.push_back({place("c.yaml", 1), "here"});
  EXPECT_EQ(after.fingerprint(), before.fingerprint());
}

TEST(Fingerprint, ChangesWithRuleObjectAndMessage) {
  const Finding base = finding(Severity::high, {}, "r", "o", "m");
  EXPECT_NE(finding(Severity::high, {}, "r2", "o", "m").fingerprint(), base.fingerprint());
  EXPECT_NE(finding(Severity::high, {}, "r", "o2", "m").fingerprint(), base.fingerprint());
  EXPECT_NE(finding(Severity::high, {}, "r", "o", "m2").fingerprint(), base.fingerprint());
  EXPECT_NE(finding(Severity::high, {}, "ro", "", "m").fingerprint(), base.fingerprint());
}

// Waivers on disk hold fingerprints: a change of the algorithm would end all of them. sha256sum of
// "\0\0\0\0\0\0\0\1r" "\0\0\0\0\0\0\0\1o" "\0\0\0\0\0\0\0\1m".
TEST(Fingerprint, IsForEver) {
  EXPECT_EQ(finding(Severity::high, {}, "r", "o", "m").fingerprint(),
            "88120b87335fa06985c0cb20e6e31d46bbdaefd2d59f7a5d68310f962baa6b8e");
}

TEST(SortFindings, GivesOneOrderWhateverTheyCameIn) {
  const std::vector<Finding> sorted = {
      finding(Severity::critical, place("z.yaml", 9)),
      finding(Severity::high, {}),  // about no file: before all files
      finding(Severity::high, place("a.yaml", 2)),
      finding(Severity::high, place("a.yaml", 10)),           // lines are numbers
      finding(Severity::high, place("b.yaml", 1), "a", "z"),  // rule before object
      finding(Severity::high, place("b.yaml", 1), "b", "a"),
      finding(Severity::high, place("b.yaml", 1, 3), "b", "b", "y"),
      finding(Severity::high, place("b.yaml", 1, 4), "b", "b", "x"),  // column before message
      finding(Severity::high, place("b.yaml", 1, 4), "b", "b", "z"),
      finding(Severity::info, place("a.yaml", 1)),
  };
  std::vector<Finding> shuffled = sorted;
  std::ranges::reverse(shuffled);
  for (std::size_t turn = 0; turn < sorted.size(); ++turn) {
    std::vector<Finding> again = shuffled;
    sort_findings(again);
    EXPECT_EQ(again, sorted);
    std::ranges::rotate(shuffled, shuffled.begin() + 1);
  }
}

}  // namespace
}  // namespace gantry::base

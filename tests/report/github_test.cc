#include "report/boards.h"

#include "base/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace gantry::report {
namespace {

base::Finding finding_with(std::string message) {
  base::Finding finding;
  finding.rule = "doc.placeholder";
  finding.severity = base::Severity::medium;
  finding.where = at("docs/a,b:c.md", 3, 2);
  finding.message = std::move(message);
  return finding;
}

TEST(Github, EscapesWhatEndsACommandOrProperty) {
  Board board;
  board.decision = Decision::go;
  board.plan_findings = {finding_with("100 %, at once\n::error::x")};
  EXPECT_EQ(render(board, Format::github),
            "::warning file=docs/a%2Cb%3Ac.md,line=3,col=2,title=doc.placeholder::100 %25, at once ::error::x\n"
            "::notice title=GO::nothing stands between you and launch\n");
}

TEST(Github, IsALinePerCommand) {
  for (const Scenario& scenario : scenarios()) {
    const std::string text = render(scenario.build(), Format::github);
    for (const std::string_view line : base::split(base::trim(text), '\n')) {
      EXPECT_TRUE(line.starts_with("::error ") || line.starts_with("::warning ") || line.starts_with("::notice "))
          << line;
    }
  }
}

TEST(Github, KeepsToWhatIsDisplayed) {
  const std::string text = render(huge_board(), Format::github);
  const std::vector<std::string_view> lines = base::split(base::trim(text), '\n');
  EXPECT_EQ(std::ranges::count_if(lines, [](std::string_view line) { return line.starts_with("::error "); }), 10);
  EXPECT_EQ(lines.back(), "::error title=NO-GO::1000 things stand between you and launch");
}

TEST(Github, LeavesOutWhatIsWaived) {
  EXPECT_EQ(render(go_with_waiver_board(), Format::github),
            "::notice title=GO::nothing stands between you and launch\n");
}

}  // namespace
}  // namespace gantry::report

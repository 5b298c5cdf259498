// The shape of the documents is checked against docs/formats/*.schema.json, their content by the boards' goldens.

#include "report/json_values.h"

#include "base/text.h"
#include "report/boards.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>

namespace gantry::report {
namespace {

using namespace std::string_view_literals;

Json parse(const Board& board) { return Json::parse(render(board, Format::json)); }

TEST(DumpDocument, EscapesWhatNobodySees) {
  struct Case {
    std::string_view text;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {"Größe 日本語 🚀", "\"Größe 日本語 🚀\"\n"}, {"\x1b[2J\0"sv, "\"\\u001b[2J\\u0000\"\n"},
      {"\x7f\xc2\x9b", "\"\\u007f\\u009b\"\n"},   {"\xe2\x80\xae\xef\xbb\xbf", "\"\\u202e\\ufeff\"\n"},
      {"\xff\xed\xa0\x80", "\"����\"\n"},
  };
  for (const Case& c : kCases) EXPECT_EQ(dump_document(Json(std::string(c.text))), c.expected);
}

TEST(JsonPlace, TellsUnknownFromZero) {
  EXPECT_EQ(json_place({}), Json(nullptr));
  EXPECT_EQ(json_place(at("a.yaml", 0, 0)).dump(), R"({"file":"a.yaml","line":null,"column":null})");
  EXPECT_EQ(json_place(at("a.yaml", 3, 0)).dump(), R"({"file":"a.yaml","line":3,"column":null})");
  EXPECT_EQ(json_place(at("a.yaml", 3, 4)).dump(), R"({"file":"a.yaml","line":3,"column":4})");
}

TEST(BoardJson, KeepsTextAsItCame) {
  // What is inert elsewhere is whole here: JSON can hold it, and a program may need it.
  const Json board = parse(hostile_board());
  for (std::size_t i = 0; i < board["tracks"].size(); ++i) {
    EXPECT_EQ(board["tracks"][i]["id"], base::replace_invalid_utf8(hostile_texts()[i]));
  }
}

TEST(BoardJson, HasNullForNumbersThatJsonLacks) {
  Board board = go_board();
  board.tracks[0].steps[0].checks[0].evidence->metrics = {{"nan", std::numeric_limits<double>::quiet_NaN()},
                                                          {"inf", std::numeric_limits<double>::infinity()}};
  const Json metrics = parse(board)["tracks"][0]["steps"][0]["checks"][0]["evidence"]["metrics"];
  EXPECT_EQ(metrics[0]["value"], nullptr);
  EXPECT_EQ(metrics[1]["value"], nullptr);
}

TEST(BoardJson, NamesTheWaiverOfAFinding) {
  const auto waived_by = [](const Board& board) {
    return parse(board)["tracks"][0]["steps"][1]["checks"][0]["evidence"]["findings"][0]["waived_by"];
  };
  Board board = go_with_waiver_board();
  EXPECT_EQ(waived_by(board), "A.4");
  board.waivers.clear();
  EXPECT_EQ(waived_by(board), nullptr);
}

TEST(BoardJson, IsTheSameWhateverTheOrderOfFindings) {
  Board board = no_go_board();
  const std::string once = render(board, Format::json);
  for (TrackRow& track : board.tracks) {
    for (StepRow& step : track.steps) {
      for (BoundCheck& check : step.checks) {
        if (check.evidence) std::ranges::reverse(check.evidence->findings);
      }
    }
  }
  std::ranges::reverse(board.plan_findings);
  EXPECT_EQ(render(board, Format::json), once);
}

}  // namespace
}  // namespace gantry::report

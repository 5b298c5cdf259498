// Whatever a board holds, every document is well-formed and no line is wider than the page.

#include "base/text.h"
#include "report/boards.h"
#include "report/xml_check.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace gantry::report {
namespace {

// Hostile texts, ordinary ones and arbitrary bytes, in pieces.
rc::Gen<std::string> any_text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
          rc::gen::map(rc::gen::inRange<std::size_t>(0, hostile_texts().size()),
                       [](std::size_t i) { return std::string(hostile_texts()[i]); }),
          rc::gen::arbitrary<std::string>(),
          rc::gen::element<std::string>("A.4", "kgents-agents", "Apply `this`", " ", "🚀", "é", "👩‍🚀", "🇩🇪",
                                        "1\xe2\x83\xa3", "e\xcc\x81", "\xe1\x84\x80\xe1\x85\xa1", "\xef\xb8\x8f"))),
      [](const std::vector<std::string>& pieces) {
        std::string text;
        for (const std::string& piece : pieces) text += piece;
        return text.substr(0, 300);
      });
}

std::string text() { return *any_text(); }
State any_state() {
  return *rc::gen::map(rc::gen::inRange(0, 7), [](int i) { return static_cast<State>(i); });
}
int number(int below) { return *rc::gen::inRange(0, below); }
base::SourcePos any_place() {
  if (number(4) == 0) return {};
  return at(text(), static_cast<std::uint32_t>(number(100)), static_cast<std::uint32_t>(number(100)));
}

base::Finding any_finding() {
  base::Finding finding;
  finding.rule = text();
  finding.severity = static_cast<base::Severity>(number(5));
  finding.object = text();
  finding.where = any_place();
  finding.message = text();
  finding.explanation = text();
  finding.fix = text();
  for (int i = number(4); i > 0; --i) finding.related.push_back({any_place(), text()});
  return finding;
}

BoundCheck any_check() {
  BoundCheck check;
  check.check = text();
  check.subject = text();
  check.source = static_cast<BindingSource>(number(3));
  check.where = any_place();
  check.state = any_state();
  check.summary = text();
  check.stale_because = text();
  if (number(3) == 0) return check;
  check.evidence.emplace();
  check.evidence->id = text();
  for (int i = number(5); i > 0; --i) check.evidence->findings.push_back(any_finding());
  check.evidence->metrics = {{text(), *rc::gen::arbitrary<double>()}};
  return check;
}

StepRow any_step() {
  StepRow step;
  step.id = text();
  step.text = text();
  step.where = any_place();
  step.state = any_state();
  step.summary = text();
  for (int i = number(3); i > 0; --i) step.checks.push_back(any_check());
  return step;
}

Board any_board() {
  Board board;
  board.title = text();
  board.plan_file = text();
  board.environment = text();
  board.decision = static_cast<Decision>(number(3));
  board.progress_percent = number(120);
  for (int t = number(4); t > 0; --t) {
    TrackRow& track = board.tracks.emplace_back();
    track.id = text();
    track.title = text();
    track.weight_percent = number(101);
    track.state = any_state();
    for (int s = number(4); s > 0; --s) track.steps.push_back(any_step());
  }
  for (int i = number(4); i > 0; --i) {
    board.criteria.push_back({i, text(), any_place(), number(2) == 1, any_state(), text(), {text(), text()}});
    board.blockers.push_back({text(), any_state(), text(), text()});
    board.plan_findings.push_back(any_finding());
    board.waivers.push_back({text(), text(), text(), {}, {board.plan_findings.back().fingerprint()}});
  }
  board.changed_files = {text()};
  return board;
}

void expect_width(const std::string& page, std::size_t width) {
  for (const std::string_view line : base::split(page, '\n')) {
    if (base::display_width(line) > width)
      RC_FAIL("a line of " + std::to_string(base::display_width(line)) + " columns: " + std::string(line));
  }
}

TEST(RandomBoards, AreWellFormedInEveryFormat) {
  EXPECT_TRUE(rc::check([] {
    const Board board = any_board();
    RC_ASSERT(nlohmann::json::accept(render(board, Format::json)));
    RC_ASSERT(nlohmann::json::accept(render(board, Format::sarif)));
    RC_ASSERT(nlohmann::json::accept(render_bindings(board, Format::json)));
    RC_ASSERT(find_xml_error(render(board, Format::junit)) == std::nullopt);
    RC_ASSERT(std::ranges::count(render(board, Format::markdown), '\n') <= 60);
    for (const Format format :
         {Format::terminal, Format::json, Format::junit, Format::sarif, Format::markdown, Format::github}) {
      const std::string document = render(board, format);
      RC_ASSERT(base::is_utf8(document));
      RC_ASSERT(document.ends_with('\n'));
    }
  }));
}

TEST(RandomBoards, AreNeverWiderThanThePage) {
  EXPECT_TRUE(rc::check([] {
    const Board board = any_board();
    const int width = *rc::gen::inRange(40, 201);
    const Detail detail = *rc::gen::element(Detail::normal, Detail::verbose);
    expect_width(render(board, Format::terminal, {.width = width, .detail = detail}), static_cast<std::size_t>(width));
    expect_width(render_bindings(board, Format::terminal, {.width = width}), static_cast<std::size_t>(width));
  }));
}

}  // namespace
}  // namespace gantry::report

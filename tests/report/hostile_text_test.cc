// One hostile text at a time, in every place of a board, in every format: nothing breaks out.

#include "base/text.h"
#include "base/utf8.h"
#include "report/boards.h"
#include "report/xml_check.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <string>

namespace gantry::report {
namespace {

// A board in which every text is this one.
Board board_of(std::string_view hostile) {
  const std::string text(hostile);
  base::Finding finding{.rule = text,
                        .severity = base::Severity::high,
                        .object = text,
                        .where = at(hostile, 1, 1),
                        .message = text,
                        .explanation = text,
                        .fix = text,
                        .related = {{at(hostile, 2, 2), text}}};
  base::Evidence evidence;
  evidence.id = evidence.key = evidence.check = evidence.subject = evidence.engine_version = evidence.summary = text;
  evidence.inputs = {{text, text}};
  evidence.findings = {finding};
  evidence.metrics = {{text, std::numeric_limits<double>::infinity()}};
  evidence.artifacts = {{text, text, text}};
  BoundCheck check{.check = text,
                   .subject = text,
                   .source = BindingSource::command,
                   .origin = text,
                   .where = at(hostile, 1, 1),
                   .state = State::failed,
                   .summary = text,
                   .evidence = evidence,
                   .reused = false,
                   .stale_because = text};
  StepRow step{.id = text,
               .text = text,
               .where = at(hostile, 1, 1),
               .state = State::failed,
               .summary = text,
               .checks = {check},
               .proposal = text};
  StepRow unbound = step;
  unbound.checks.clear();

  Board board;
  board.title = board.plan_file = board.gantry_version = board.environment = text;
  board.tracks = {{text, text, 10, State::failed, {step, unbound}}};
  board.criteria = {{1, text, at(hostile, 1, 1), true, State::failed, text, {text}}};
  board.plan_findings = {finding};
  board.blockers = {{text, State::failed, text, text}};
  board.waivers = {{text, text, text, {}, {finding.fingerprint()}}};
  board.changed_files = {text};
  return board;
}

// Text that is safe to look at: UTF-8 without a control character but line ends.
void expect_inert(const std::string& text, std::string_view hostile) {
  EXPECT_TRUE(base::is_utf8(text)) << hostile;
  for (std::size_t at = 0; at < text.size();) {
    const base::CodePoint next = base::first_code_point(std::string_view(text).substr(at));
    const bool is_control = (next.value < 0x20 && next.value != '\n') || (next.value >= 0x7F && next.value < 0xA0);
    const bool turns_direction =
        (next.value >= 0x202A && next.value <= 0x202E) || (next.value >= 0x2066 && next.value <= 0x2069);
    EXPECT_FALSE(is_control || turns_direction)
        << "U+" << std::hex << static_cast<unsigned>(next.value) << " from " << hostile;
    at += std::max<std::size_t>(next.bytes, 1);
  }
}

class HostileText : public testing::TestWithParam<std::size_t> {
 protected:
  std::string_view text() const { return hostile_texts()[GetParam()]; }
  std::string rendered(Format format) const { return render(board_of(text()), format); }
};

TEST_P(HostileText, MovesNothingOnATerminal) {
  expect_inert(rendered(Format::terminal), text());
  expect_inert(render_bindings(board_of(text()), Format::terminal), text());
  const std::string verbose = render(board_of(text()), Format::terminal, {.detail = Detail::verbose});
  expect_inert(verbose, text());
  // Nothing can pass for the verdict: text from outside has no two spaces in a row.
  EXPECT_EQ(verbose.find("\nGO  "), std::string::npos);
}

TEST_P(HostileText, LeavesJsonWhole) {
  for (const std::string& document :
       {rendered(Format::json), rendered(Format::sarif), render_bindings(board_of(text()), Format::json)}) {
    EXPECT_TRUE(nlohmann::json::accept(document)) << document;
    expect_inert(document, text());
  }
}

TEST_P(HostileText, LeavesXmlWhole) {
  EXPECT_EQ(find_xml_error(rendered(Format::junit)), std::nullopt);
  expect_inert(rendered(Format::junit), text());
}

TEST_P(HostileText, StaysInItsCellOfMarkdown) {
  const std::string markdown = rendered(Format::markdown);
  expect_inert(markdown, text());
  const std::string calm = render(board_of("calm"), Format::markdown);
  EXPECT_EQ(std::ranges::count(markdown, '\n'), std::ranges::count(calm, '\n')) << markdown;
}

TEST_P(HostileText, IssuesNoWorkflowCommand) {
  const std::string text = rendered(Format::github);
  expect_inert(text, this->text());
  EXPECT_EQ(std::ranges::count(text, '\n'), 2) << text;  // the finding and the verdict
}

INSTANTIATE_TEST_SUITE_P(All, HostileText, testing::Range(std::size_t{0}, hostile_texts().size()));

}  // namespace
}  // namespace gantry::report

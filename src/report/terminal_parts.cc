#include "report/terminal_parts.h"

#include "base/text.h"
#include "report/board_facts.h"
#include "report/plain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gantry::report {

namespace {

// From here on text and summary fit side by side with room to read both.
constexpr std::size_t kWideFrom = 100;
constexpr std::size_t kIdWidthMax = 8;
constexpr std::size_t kTextWidthMin = 30;

}  // namespace

Style style_of(State state) {
  switch (state) {
    case State::passed:
    case State::signed_off: return Style::good;
    case State::failed: return Style::bad;
    case State::undecided:
    case State::waived: return Style::warning;
    case State::unverified: return Style::plain;
    case State::not_required: return Style::faint;
  }
  std::unreachable();
}

Style style_of(base::Severity severity) {
  switch (severity) {
    case base::Severity::critical:
    case base::Severity::high: return Style::bad;
    case base::Severity::medium: return Style::warning;
    case base::Severity::low:
    case base::Severity::info: return Style::faint;
  }
  std::unreachable();
}

Cell glyph_cell(State state) { return {.text = std::string(glyph(state)), .width = 1, .style = style_of(state)}; }

Columns measure_columns(const Board& board, std::size_t page_width) {
  Columns columns;
  std::size_t longest_text = kTextWidthMin;
  for (const TrackRow& track : board.tracks) {
    for (const StepRow& step : track.steps) {
      columns.id_width = std::max(columns.id_width, base::display_width(inert_line(step.id)));
      longest_text = std::max(longest_text, base::display_width(plain_markdown(step.text)));
    }
  }
  columns.id_width = std::min(columns.id_width, kIdWidthMax);
  if (page_width < kWideFrom) return columns;
  const std::size_t rest = page_width - columns.text_start();
  columns.text_width = std::min(longest_text, rest * 55 / 100);
  return columns;
}

void write_outcome(Page& page, const Columns& columns, State state, const std::string& id, const std::string& text,
                   const std::string& summary) {
  std::vector<Cell> cells = {glyph_cell(state),
                             {.text = id, .width = columns.id_width + 1, .style = Style::accent},
                             {.text = plain_markdown(text), .width = columns.text_width, .lines_max = 3}};
  if (columns.text_width == 0) {
    page.row(Columns::kIndent, cells);
    page.row(columns.text_start(), {{.text = summary, .style = Style::faint, .lines_max = 3}});
    return;
  }
  cells.push_back({.text = {}, .width = 1});  // two columns between text and summary
  cells.push_back({.text = summary, .style = Style::faint, .lines_max = 4});
  page.row(Columns::kIndent, cells);
}

void write_headline(Page& page, const Board& board) {
  page.row(0, {{.text = board.title, .style = Style::strong, .lines_max = 2}});
  page.row(0, {{.text = fmt::format("{} · {} · {} · gantry {}", board.plan_file, board.environment,
                                    format_minute(board.judged_at), board.gantry_version),
                .style = Style::faint,
                .lines_max = 3}});
  page.rule();
}

void write_heading(Page& page, const std::string& text) {
  page.blank();
  page.row(0, {{.text = text, .style = Style::strong}});
}

void write_left_out(Page& page, std::size_t indent, std::size_t count, Detail detail) {
  if (count == 0) return;
  const std::string_view how = detail == Detail::verbose ? "--json" : "--json or --verbose";
  page.row(indent, {{.text = fmt::format("… and {} more: {}", count, how), .style = Style::faint}});
}

void write_track_heading(Page& page, const TrackRow& track, std::vector<Cell> right) {
  const std::size_t id_width = std::min(base::display_width(inert_line(track.id)), kIdWidthMax);
  std::vector<Cell> cells = {{.text = track.id, .width = id_width + 1, .style = Style::strong},
                             {.text = plain_markdown(track.title), .style = Style::strong, .lines_max = 3}};
  std::ranges::move(right, std::back_inserter(cells));
  page.blank();
  page.row(0, cells);
}

}  // namespace gantry::report

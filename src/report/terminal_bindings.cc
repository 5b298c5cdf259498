// What `gantry plan` shows on a terminal: for each step what decides it, and for each unbound one a block to paste.

#include "base/text.h"
#include "report/board_facts.h"
#include "report/page.h"
#include "report/plain_text.h"
#include "report/renderers.h"
#include "report/terminal_findings.h"
#include "report/terminal_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::report {

namespace {

struct BindingCounts {
  int bound = 0;
  int unbound = 0;
  int proposed = 0;
};

BindingCounts count_bindings(const Board& board) {
  BindingCounts counts;
  for (const TrackRow& track : board.tracks) {
    for (const StepRow& step : track.steps) {
      ++(step.checks.empty() ? counts.unbound : counts.bound);
      if (step.checks.empty() && !step.proposal.empty()) ++counts.proposed;
    }
  }
  return counts;
}

// "by the command `kubectl apply -k manifests/`", "by a gantry block at plan.md:50:4", "by gantry.yaml"
std::string describe_source(const BoundCheck& check) {
  switch (check.source) {
    case BindingSource::command: return fmt::format("by the command `{}`", check.origin);
    case BindingSource::block:
      return check.where.file ? "by the gantry block at " + base::to_string(check.where) : "by a gantry block";
    case BindingSource::workspace: return "by gantry.yaml";
  }
  std::unreachable();
}

void write_bound_check(Page& page, std::size_t start, const BoundCheck& check) {
  const std::string what = check.subject.empty() ? check.check : check.check + "  " + check.subject;
  page.row(start, {{.text = "→", .width = 1, .style = Style::accent}, {.text = what, .lines_max = 3}});
  page.row(start + 2, {{.text = describe_source(check), .style = Style::faint, .lines_max = 3}});
}

// A fence that the proposal's own backticks cannot close.
std::string fence_for(const std::vector<std::string>& lines) {
  std::size_t longest = 2;
  for (const std::string& line : lines) {
    for (std::size_t at = line.find('`'); at < line.size();) {
      const std::size_t end = std::min(line.find_first_not_of('`', at), line.size());
      longest = std::max(longest, end - at);
      at = line.find('`', end);
    }
  }
  return std::string(longest + 1, '`');
}

// The block with its fence, indented as it must stand in the plan: under "10. Step" a block belongs to the step from the
// fourth column on (CommonMark 0.30, 5.2), so that the lines can be copied from the terminal as they are.
void write_proposal(Page& page, std::size_t start, const StepRow& step) {
  const std::vector<std::string> lines = inert_lines(step.proposal);
  if (lines.empty()) return;
  const std::string fence = fence_for(lines);
  const std::size_t ordinal = step.id.size() - std::min(step.id.rfind('.') + 1, step.id.size());
  const std::size_t indent = std::min<std::size_t>(ordinal, 4) + 2;
  page.row(start, {{.text = "this block under the step would bind it:", .style = Style::faint, .lines_max = 2}});
  page.verbatim(indent, fence + "gantry");
  for (const std::string& line : lines) page.verbatim(indent, line);
  page.verbatim(indent, fence);
}

void write_step(Page& page, const Columns& columns, const StepRow& step) {
  const bool is_bound = !step.checks.empty();
  page.row(Columns::kIndent,
           {{.text = is_bound ? "✓" : "·", .width = 1, .style = is_bound ? Style::good : Style::plain},
            {.text = step.id, .width = columns.id_width + 1, .style = Style::accent},
            {.text = plain_markdown(step.text), .lines_max = 3}});
  for (const BoundCheck& check : step.checks) write_bound_check(page, columns.text_start(), check);
  if (is_bound) return;
  page.row(columns.text_start(), {{.text = "a person's: open until somebody signs it", .style = Style::faint}});
  write_proposal(page, columns.text_start(), step);
}

}  // namespace

std::string render_bindings_terminal(const Board& board, const RenderOptions& options) {
  Page page(options.width, options.colour);
  const Columns columns = measure_columns(board, page.width());
  write_headline(page, board);
  for (const TrackRow& track : board.tracks) {
    write_track_heading(page, track);
    for (const StepRow& step : track.steps) write_step(page, columns, step);
  }
  write_plan_findings(page, board, options.detail);

  const BindingCounts counts = count_bindings(board);
  page.blank();
  page.row(0, {{.text = fmt::format("✓ {} bound to checks  · {} for a person to sign, {} with a proposed block",
                                    count_of(counts.bound, "step"), counts.unbound, counts.proposed),
                .style = Style::strong,
                .lines_max = 3}});
  return page.text();
}

}  // namespace gantry::report

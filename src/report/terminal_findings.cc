#include "report/terminal_findings.h"

#include "base/text.h"
#include "report/plain_text.h"
#include "report/terminal_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

namespace gantry::report {

namespace {

// Under one step: what fits without losing the next step from sight; and with --verbose, what anybody scrolls through.
constexpr std::size_t kFindingsNormal = 5;
constexpr std::size_t kFindingsVerbose = 100;
constexpr std::size_t kRelatedNormal = 2;
constexpr std::size_t kRelatedVerbose = 20;

constexpr std::size_t kSeverityWidth = 8;  // "critical"

// A place, on one line where it fits so that a terminal can make it a link, and what belongs to it: beside it where there is
// room, else below.
void write_place(Page& page, std::size_t start, const std::string& place, Style style, const std::string& note) {
  const std::size_t place_width = base::display_width(inert_line(place));
  const std::size_t note_width = base::display_width(inert_line(note));
  if (place_width != 0 && start + place_width + 2 + note_width <= page.width()) {
    page.row(start, {{.text = place, .width = place_width + 1, .style = style}, {.text = note, .style = Style::faint}});
    return;
  }
  page.row(start, {{.text = place, .style = style, .lines_max = 4}});
  page.row(start, {{.text = note, .style = Style::faint, .lines_max = 2}});
}

void write_related(Page& page, std::size_t start, const base::Finding& finding, Detail detail) {
  const std::size_t shown =
      std::min(finding.related.size(), detail == Detail::verbose ? kRelatedVerbose : kRelatedNormal);
  for (const base::RelatedPlace& place : std::span(finding.related).first(shown)) {
    write_place(page, start, base::to_string(place.where), Style::plain, place.note);
  }
  if (shown < finding.related.size()) {
    page.row(start, {{.text = fmt::format("and {} more place{}", finding.related.size() - shown,
                                          finding.related.size() - shown == 1 ? "" : "s"),
                      .style = Style::faint}});
  }
}

void write_finding(Page& page, std::size_t indent, const ShownFinding& shown, Detail detail) {
  const base::Finding& finding = shown.finding;
  const std::string severity = shown.waiver ? "waived" : std::string(base::to_string(finding.severity));
  page.row(
      indent,
      {{.text = severity, .width = kSeverityWidth, .style = shown.waiver ? Style::warning : style_of(finding.severity)},
       {.text = finding.message, .lines_max = 6}});
  const std::size_t start = indent + kSeverityWidth + 1;
  write_place(page, start, base::to_string(finding.where), Style::accent, finding.rule);
  write_related(page, start, finding, detail);
  if (detail == Detail::verbose) {
    page.row(start, {{.text = finding.object, .style = Style::faint, .lines_max = 2}});
    page.row(start, {{.text = finding.explanation, .style = Style::faint, .lines_max = 6}});
  }
  if (!finding.fix.empty()) page.row(start, {{.text = "fix: " + finding.fix, .lines_max = 6}});
}

}  // namespace

std::vector<ShownFinding> findings_of(const StepRow& step, const WaiverIndex& waivers) {
  std::vector<base::Finding> findings;
  for (const BoundCheck& check : step.checks) {
    if (check.evidence)
      findings.insert(findings.end(), check.evidence->findings.begin(), check.evidence->findings.end());
  }
  base::sort_findings(findings);
  // Checks of one step may meet the same thing, a file that cannot be read for one: a person reads it once.
  std::set<std::tuple<std::string, std::string, std::string>> said;
  std::erase_if(findings, [&said](const base::Finding& finding) {
    return !said.emplace(finding.rule, base::to_string(finding.where), finding.message).second;
  });

  std::vector<ShownFinding> shown;
  shown.reserve(findings.size());
  for (base::Finding& finding : findings) {
    const WaiverRow* waiver = waivers.find(finding, step.id);
    shown.push_back({std::move(finding), waiver});
  }
  return shown;
}

std::size_t findings_indent(const Page& page, const Columns& columns) {
  constexpr std::size_t kRoomFrom = 60;
  return page.width() < kRoomFrom ? Columns::kIndent + 2 : columns.text_start();
}

void write_findings(Page& page, std::size_t indent, std::span<const ShownFinding> findings, Detail detail) {
  const std::size_t most = detail == Detail::verbose ? kFindingsVerbose : kFindingsNormal;
  std::size_t written = 0;
  std::size_t left_out = 0;
  for (const ShownFinding& finding : findings) {
    if (finding.finding.severity == base::Severity::info && detail == Detail::normal) continue;
    if (written == most) {
      ++left_out;
      continue;
    }
    write_finding(page, indent, finding, detail);
    ++written;
  }
  write_left_out(page, indent, left_out, detail);
}

void write_every_finding(Page& page, std::size_t indent, std::vector<base::Finding> findings, Detail detail) {
  base::sort_findings(findings);
  for (base::Finding& finding : findings)
    write_finding(page, indent, {.finding = std::move(finding), .waiver = nullptr}, detail);
}

void write_plan_findings(Page& page, const Board& board, Detail detail) {
  const WaiverIndex waivers(board);
  std::vector<base::Finding> findings = board.plan_findings;
  base::sort_findings(findings);
  std::vector<ShownFinding> shown;
  for (base::Finding& finding : findings) {
    // A tick that evidence does not bear out is shown by its criterion already.
    const bool is_less = finding.severity == base::Severity::info || finding.rule.starts_with("doc.tick-");
    if (is_less && detail == Detail::normal) continue;
    const WaiverRow* waiver = waivers.find(finding, kPlanSubject);
    shown.push_back({std::move(finding), waiver});
  }
  if (shown.empty()) return;
  write_heading(page, "Plan and workspace");
  write_findings(page, Columns::kIndent, shown, detail);
}

}  // namespace gantry::report

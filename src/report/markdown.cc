// The board as Markdown for the page of a CI job or a pull request: the verdict first, because there the top is what is seen;
// what stands in the way, the tracks at a glance, and the rest folded. Never more than 60 lines, however large the board.

#include "report/board_facts.h"
#include "report/markdown_text.h"
#include "report/plain_text.h"
#include "report/renderers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace gantry::report {

namespace {

constexpr std::size_t kLinesMax = 60;
// Columns of one table cell: about three lines of it on a page.
constexpr std::size_t kCellColumns = 200;

std::string cell(std::string_view text) { return markdown_text(text, kCellColumns); }

// A part of the page: a table, folded or not. `lead` and `tail` stand around its rows.
struct Section {
  std::vector<std::string> lead;
  std::vector<std::string> rows;
  std::vector<std::string> tail;
  std::string more;  // the row that says how many more there are, around "{}"

  // Lines besides rows, with an empty line behind and one for `more`.
  std::size_t frame() const { return lead.size() + tail.size() + 2; }
};

std::vector<std::string> folded_lead(std::string_view summary, std::string_view head, std::string_view line) {
  return {fmt::format("<details><summary>{}</summary>", summary), "", std::string(head), std::string(line)};
}

Section blockers_section(const Board& board) {
  Section section;
  section.lead = {"| | Between you and launch | Next step |", "|---|---|---|"};
  section.more = "| | … and {} more | |";
  for (const Blocker& blocker : board.blockers) {
    section.rows.push_back(fmt::format("| {} {} | {} | {} |", glyph(blocker.state), cell(blocker.subject),
                                       cell(blocker.reason), cell(blocker.next_step)));
  }
  return section;
}

// Every step of a track in one cell: "✓ A.1 ✓ A.2 ✗ A.3".
std::string steps_at_a_glance(const TrackRow& track) {
  constexpr std::size_t kStepsMax = 30;
  std::string text;
  for (std::size_t i = 0; i < std::min(track.steps.size(), kStepsMax); ++i) {
    const StepRow& step = track.steps[i];
    text += fmt::format("{}{}&nbsp;{}", i == 0 ? "" : " ", glyph(step.state), markdown_text(step.id, 12));
  }
  if (track.steps.size() > kStepsMax) text += fmt::format(" … {} more", track.steps.size() - kStepsMax);
  return text;
}

Section tracks_section(const Board& board) {
  Section section;
  section.lead = {"| Track | Weight | State | Steps |", "|---|---|---|---|"};
  section.more = "| … and {} more | | | |";
  for (const TrackRow& track : board.tracks) {
    const StateCounts counts = count_steps(track);
    const std::string weight = track.weight_percent == 0 ? "" : fmt::format("{} %", track.weight_percent);
    section.rows.push_back(fmt::format("| **{}** {} | {} | {} {}, {} of {} | {} |", markdown_text(track.id, 12),
                                       cell(plain_markdown(track.title)), weight, glyph(track.state),
                                       to_string(track.state), counts.holding(), counts.required(),
                                       steps_at_a_glance(track)));
  }
  return section;
}

Section criteria_section(const Board& board) {
  const auto holding =
      std::ranges::count_if(board.criteria, [](const CriterionRow& criterion) { return holds(criterion.state); });
  Section section;
  section.lead = folded_lead(fmt::format("Exit criteria: {} of {} hold", holding, board.criteria.size()),
                             "| | Ticked | Criterion | |", "|---|---|---|---|");
  section.tail = {"", "</details>"};
  section.more = "| | | … and {} more | |";
  for (const CriterionRow& criterion : board.criteria) {
    section.rows.push_back(fmt::format("| {} {} | {} | {} | {} |", glyph(criterion.state), to_string(criterion.state),
                                       criterion.ticked ? "yes" : "no", cell(plain_markdown(criterion.text)),
                                       cell(criterion.summary)));
  }
  return section;
}

Section findings_section(const Board& board) {
  Section section;
  for (const CollectedFinding& each : collect_findings(board)) {
    const base::Finding& finding = *each.finding;
    if (finding.severity == base::Severity::info) continue;
    const std::string severity = each.waiver ? "waived" : std::string(base::to_string(finding.severity));
    const std::string fix = finding.fix.empty() ? "" : fmt::format("<br>*Fix:* {}", cell(finding.fix));
    section.rows.push_back(fmt::format("| {} | {} | {}{} |", severity,
                                       markdown_code(base::to_string(finding.where), kCellColumns),
                                       cell(finding.message), fix));
  }
  section.lead =
      folded_lead(fmt::format("Findings: {}", section.rows.size()), "| Severity | Where | What |", "|---|---|---|");
  section.tail = {"", "</details>"};
  section.more = "| | | … and {} more |";
  return section;
}

Section waivers_section(const Board& board) {
  Section section;
  section.lead = folded_lead(fmt::format("Waivers in force: {}", board.waivers.size()),
                             "| What | Until | Accepted by | Why |", "|---|---|---|---|");
  section.tail = {"", "</details>"};
  section.more = "| … and {} more | | | |";
  for (const WaiverRow& waiver : board.waivers) {
    section.rows.push_back(fmt::format("| {} | {} | {} | {} |", cell(waiver.subject), base::format_date(waiver.expires),
                                       cell(waiver.accepted_by), cell(waiver.why)));
  }
  return section;
}

// How many rows each section may show: one to each in turn, so that no long section starves a short one.
std::vector<std::size_t> share_rows(const std::vector<Section>& sections, std::size_t lines) {
  for (const Section& section : sections) lines -= std::min(lines, section.frame());
  std::vector<std::size_t> shown(sections.size(), 0);
  bool has_grown = true;
  while (lines > 0 && has_grown) {
    has_grown = false;
    for (std::size_t i = 0; i < sections.size() && lines > 0; ++i) {
      if (shown[i] == sections[i].rows.size()) continue;
      ++shown[i];
      --lines;
      has_grown = true;
    }
  }
  return shown;
}

std::vector<std::string> headline(const Board& board) {
  const SpokenVerdict verdict = spoken_verdict(board);
  const std::string heading = fmt::format("## {} · {}", verdict.word, markdown_text(board.title, kCellColumns));
  const std::string sentence =
      fmt::format("**{}.** {} run and {} reused, against {}; judged {} by Gantry {}. Progress {} %.", verdict.sentence,
                  count_of(board.checks_run, "check"), board.checks_reused, cell(board.environment),
                  format_minute(board.judged_at), markdown_text(board.gantry_version, 20), board.progress_percent);
  return {heading, "", sentence, ""};
}

void append_section(std::vector<std::string>& lines, const Section& section, std::size_t shown) {
  lines.insert(lines.end(), section.lead.begin(), section.lead.end());
  lines.insert(lines.end(), section.rows.begin(), section.rows.begin() + static_cast<std::ptrdiff_t>(shown));
  if (shown < section.rows.size())
    lines.push_back(fmt::format(fmt::runtime(section.more), section.rows.size() - shown));
  lines.insert(lines.end(), section.tail.begin(), section.tail.end());
  lines.emplace_back();
}

}  // namespace

std::string render_markdown(const Board& board, const RenderOptions&) {
  std::vector<Section> sections = {blockers_section(board), tracks_section(board), criteria_section(board),
                                   findings_section(board), waivers_section(board)};
  std::erase_if(sections, [](const Section& section) { return section.rows.empty(); });

  std::vector<std::string> lines = headline(board);
  const std::vector<std::size_t> shown = share_rows(sections, kLinesMax - lines.size());
  for (std::size_t i = 0; i < sections.size(); ++i) append_section(lines, sections[i], shown[i]);

  lines.pop_back();  // the empty line behind the last part
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace gantry::report

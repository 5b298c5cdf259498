// The board on a terminal. It reads from top to bottom like a countdown: the tracks step by step, the exit criteria, what
// was accepted, and last, where the eye rests when the output stops, what to do next and the verdict.
//
// Colour only repeats what a glyph or a word says already.

#include "base/text.h"
#include "report/board_facts.h"
#include "report/page.h"
#include "report/plain_text.h"
#include "report/renderers.h"
#include "report/terminal_findings.h"
#include "report/terminal_parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace gantry::report {

namespace {

// A person works through a few blockers before looking again.
constexpr std::size_t kBlockersNormal = 12;
constexpr std::size_t kBlockersVerbose = 200;
constexpr std::size_t kSubjectWidthMax = 12;  // "criterion 12"; a longer one stands on a line of its own

// What every part of the board needs to know.
struct View {
  const Board& board;
  const WaiverIndex& waivers;
  Columns columns;
  Detail detail;
};

void write_track(Page& page, const View& view, const TrackRow& track);
void write_step(Page& page, const View& view, const StepRow& step);
void write_criteria(Page& page, const View& view);
void write_waivers(Page& page, const View& view);
void write_figures(Page& page, const View& view);
void write_blockers(Page& page, const View& view);
void write_verdict(Page& page, const View& view);

}  // namespace

std::string render_terminal(const Board& board, const RenderOptions& options) {
  Page page(options.width, options.colour);
  const WaiverIndex waivers(board);
  const View view = {board, waivers, measure_columns(board, page.width()), options.detail};
  write_headline(page, board);
  for (const TrackRow& track : board.tracks) write_track(page, view, track);
  write_criteria(page, view);
  write_plan_findings(page, board, options.detail);
  write_waivers(page, view);
  write_figures(page, view);
  write_blockers(page, view);
  write_verdict(page, view);
  return page.text();
}

namespace {

// Below this the heading of a track has room for its title and state alone.
constexpr std::size_t kTrackFiguresFrom = 60;
constexpr std::size_t kStateWidth = 14;  // glyph and "not-required"

void write_track(Page& page, const View& view, const TrackRow& track) {
  const StateCounts counts = count_steps(track);
  std::vector<Cell> right;
  if (page.width() >= kTrackFiguresFrom) {
    const std::string weight = track.weight_percent == 0 ? "" : fmt::format("{} %", track.weight_percent);
    right.push_back({.text = weight, .width = 5, .style = Style::faint, .align = Align::right});
    right.push_back(
        {.text = fmt::format("{} of {}", counts.holding(), counts.required()), .width = 10, .align = Align::right});
    right.push_back({.text = {}, .width = 1});
  }
  right.push_back({.text = fmt::format("{} {}", glyph(track.state), to_string(track.state)),
                   .width = kStateWidth,
                   .style = style_of(track.state)});
  write_track_heading(page, track, std::move(right));
  for (const StepRow& step : track.steps) write_step(page, view, step);
}

// "evidence 3f2a9c11 · static · 120ms · reused · fresh until 2026-12-01 03:00 UTC"
std::string describe_evidence(const BoundCheck& check) {
  const base::Evidence& evidence = *check.evidence;
  std::string text = fmt::format("evidence {:.12} · {} · {}", evidence.id, base::to_string(evidence.evidence_class),
                                 base::format_duration(evidence.finished - evidence.started));
  if (check.reused) text += " · reused";
  if (evidence.fresh_until) text += " · fresh until " + format_minute(*evidence.fresh_until);
  return text;
}

// What several checks of a step found alike is said by the step itself.
bool is_said_by_step(const StepRow& step, const BoundCheck& check) {
  return check.summary == step.summary && std::ranges::count(step.checks, check.summary, &BoundCheck::summary) > 1;
}

void write_check(Page& page, const View& view, const StepRow& step, const BoundCheck& check) {
  const std::size_t start = view.columns.text_start();
  const std::string what = check.subject.empty() ? check.check : check.check + " " + check.subject;
  const bool is_said = check.summary.empty() || is_said_by_step(step, check);
  page.row(start, {glyph_cell(check.state), {.text = is_said ? what : what + ": " + check.summary, .lines_max = 3}});
  if (view.detail == Detail::normal || !check.evidence) return;
  page.row(start + 2, {{.text = describe_evidence(check), .style = Style::faint, .lines_max = 2}});
  for (const base::Metric& metric : check.evidence->metrics) {
    page.row(start + 2, {{.text = fmt::format("{} {}", metric.name, metric.value), .style = Style::faint}});
  }
}

// Checks stand on lines of their own where the step's summary cannot speak for all of them: beside an open one, those that
// hold show how much of the step is proved already.
bool shows_checks(const View& view, const StepRow& step) {
  const bool is_open = std::ranges::any_of(step.checks, [](const BoundCheck& check) { return !holds(check.state); });
  return view.detail == Detail::verbose || (is_open && (step.checks.size() > 1 || step.summary.empty()));
}

void write_step(Page& page, const View& view, const StepRow& step) {
  write_outcome(page, view.columns, step.state, step.id, step.text, step.summary);
  for (const BoundCheck& check : step.checks) {
    if (shows_checks(view, step)) write_check(page, view, step, check);
    if (!check.stale_because.empty()) {
      const std::string stale = fmt::format("{} is stale: {}", check.check, check.stale_because);
      page.row(view.columns.text_start(), {{.text = stale, .style = Style::warning, .lines_max = 2}});
    }
  }
  const std::vector<ShownFinding> findings = findings_of(step, view.waivers);
  if (!holds(step.state) || view.detail == Detail::verbose) {
    write_findings(page, findings_indent(page, view.columns), findings, view.detail);
    return;
  }
  const auto count =
      std::ranges::count_if(findings, [](const ShownFinding& f) { return f.finding.severity > base::Severity::info; });
  if (count == 0) return;
  const std::string hint = fmt::format("{}: --verbose", count_of(static_cast<int>(count), "finding"));
  page.row(view.columns.text_start(), {{.text = hint, .style = Style::faint}});
}

// A tick is a view of evidence: where the two disagree, the row says so. "" where they agree, or where --write has just
// brought them together.
std::string tick_remark(const CriterionRow& criterion, const Board& board) {
  if (!criterion.ticked) {
    const bool is_open = criterion.state == State::passed && board.changed_files.empty();
    return is_open ? "holds, and is not ticked yet: --write ticks it" : "";
  }
  switch (criterion.state) {
    case State::failed: return "ticked in the plan, contradicted by evidence";
    case State::undecided: return "ticked in the plan, could not be decided";
    case State::unverified: return "ticked in the plan, without evidence";
    case State::passed:
    case State::waived:
    case State::signed_off:
    case State::not_required: return "";
  }
  std::unreachable();
}

// What decided a criterion, with its steps where the summary does not name them all.
std::string criterion_summary(const CriterionRow& criterion) {
  const std::string steps = fmt::format("{}", fmt::join(criterion.decided_by, ", "));
  if (steps.empty() || criterion.summary.contains(steps)) return criterion.summary;
  return criterion.summary.empty() ? "decided by " + steps : fmt::format("{} (of {})", criterion.summary, steps);
}

void write_criteria(Page& page, const View& view) {
  if (view.board.criteria.empty()) return;
  write_heading(page, "Exit criteria");
  for (const CriterionRow& criterion : view.board.criteria) {
    write_outcome(page, view.columns, criterion.state, criterion.ticked ? "[x]" : "[ ]", criterion.text,
                  criterion_summary(criterion));
    const Style style = criterion.ticked ? Style::warning : Style::faint;
    page.row(view.columns.text_start(), {{.text = tick_remark(criterion, view.board), .style = style, .lines_max = 2}});
  }
}

// "in 30 days", "in 5 hours", "within the hour", "ended"
std::string time_left(base::Timestamp now, base::Timestamp until) {
  using namespace std::chrono_literals;
  const auto left = until - now;
  if (left <= 0ms) return "ended";
  const auto days = std::chrono::duration_cast<std::chrono::days>(left).count();
  if (days > 0) return "in " + count_of(static_cast<int>(days), "day");
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(left).count();
  return hours > 0 ? "in " + count_of(static_cast<int>(hours), "hour") : "within the hour";
}

void write_waivers(Page& page, const View& view) {
  if (view.board.waivers.empty()) return;
  write_heading(page, "Waivers in force");
  for (const WaiverRow& waiver : view.board.waivers) {
    const std::string terms =
        fmt::format("until {} ({}), accepted by {}: {}", base::format_date(waiver.expires),
                    time_left(view.board.judged_at, waiver.expires), waiver.accepted_by, waiver.why);
    const std::size_t subject_width = std::clamp<std::size_t>(base::display_width(inert_line(waiver.subject)), 3, 14);
    page.row(Columns::kIndent, {glyph_cell(State::waived),
                                {.text = waiver.subject, .width = subject_width, .style = Style::accent},
                                {.text = terms, .lines_max = 4}});
  }
}

constexpr std::size_t kLabelWidth = 9;  // "Progress" and a space

// "✓ 6 passed  ✗ 2 failed": the legend of the glyphs, and how many there are of each.
void write_state_counts(Page& page, const StateCounts& counts) {
  std::vector<Cell> cells = {{.text = "Steps", .width = kLabelWidth, .style = Style::faint}};
  std::size_t used = kLabelWidth;
  for (const State state : kStates) {
    if (counts.of(state) == 0) continue;
    const std::string text = fmt::format("{} {} {}", glyph(state), counts.of(state), to_string(state));
    const std::size_t width = base::display_width(text) + 1;
    if (used + 1 + width > page.width()) {
      page.row(0, cells);
      cells = {{.text = {}, .width = kLabelWidth}};
      used = kLabelWidth;
    }
    cells.push_back({.text = text, .width = width, .style = style_of(state)});
    used += 1 + width;
  }
  if (counts.required() + counts.of(State::not_required) == 0) cells.push_back({.text = "none"});
  page.row(0, cells);
}

void write_progress(Page& page, int percent) {
  constexpr int kBarWidth = 25;
  const int filled = std::clamp(percent, 0, 100) * kBarWidth / 100;
  std::string done, rest;
  for (int i = 0; i < kBarWidth; ++i) (i < filled ? done : rest) += i < filled ? "━" : "╌";
  std::vector<Cell> cells = {{.text = "Progress", .width = kLabelWidth, .style = Style::faint}};
  cells.push_back({.text = done + rest, .width = kBarWidth, .style = Style::good});
  cells.push_back({.text = fmt::format("{} % by weight", percent)});
  page.row(0, cells);
}

void write_figures(Page& page, const View& view) {
  const Board& board = view.board;
  page.blank();
  write_state_counts(page, count_steps(board));
  write_progress(page, board.progress_percent);
  const auto line = [&](std::string label, std::string text, std::size_t lines_max) {
    page.row(0, {{.text = std::move(label), .width = kLabelWidth, .style = Style::faint},
                 {.text = std::move(text), .lines_max = lines_max}});
  };
  line("Checks", fmt::format("{} run, {} reused from fresh evidence", board.checks_run, board.checks_reused), 2);
  if (!board.changed_files.empty()) line("Changed", fmt::format("{}", fmt::join(board.changed_files, ", ")), 6);
}

// Blockers that are the same thing said of several subjects.
struct BlockerGroup {
  const Blocker* first = nullptr;
  std::string subjects;     // "B.2, B.3, B.4"
  bool is_one_step = true;  // the same next step for all of them
};

std::vector<BlockerGroup> group_blockers(const std::vector<Blocker>& blockers) {
  std::vector<BlockerGroup> groups;
  std::map<std::pair<State, std::string_view>, std::size_t> places;
  for (const Blocker& blocker : blockers) {
    const auto [place, is_new] = places.try_emplace({blocker.state, blocker.reason}, groups.size());
    if (is_new) {
      groups.push_back({&blocker, blocker.subject});
      continue;
    }
    BlockerGroup& group = groups[place->second];
    group.subjects += ", " + blocker.subject;
    group.is_one_step = group.is_one_step && blocker.next_step == group.first->next_step;
  }
  return groups;
}

void write_blocker(Page& page, const BlockerGroup& group, std::size_t subject_width) {
  const Blocker& blocker = *group.first;
  const std::size_t start = Columns::kIndent + 2 + subject_width + 2;
  const Cell subjects = {.text = group.subjects, .style = Style::accent, .lines_max = 6};
  const Cell reason = {.text = blocker.reason, .lines_max = 3};
  if (base::display_width(inert_line(group.subjects)) <= subject_width) {
    Cell narrow = subjects;
    narrow.width = subject_width + 1;
    page.row(Columns::kIndent, {glyph_cell(blocker.state), narrow, reason});
  } else {
    page.row(Columns::kIndent, {glyph_cell(blocker.state), subjects});
    page.row(start, {reason});
  }
  if (blocker.next_step.empty()) return;
  const std::string next = group.is_one_step ? blocker.next_step : blocker.next_step + ", and so for each";
  page.row(start, {{.text = "→", .width = 1, .style = Style::accent}, {.text = next, .lines_max = 3}});
}

void write_blockers(Page& page, const View& view) {
  if (view.board.blockers.empty()) return;
  const std::vector<BlockerGroup> groups = group_blockers(view.board.blockers);
  const std::size_t shown =
      std::min(groups.size(), view.detail == Detail::verbose ? kBlockersVerbose : kBlockersNormal);
  std::size_t subject_width = 3;
  for (const BlockerGroup& group : std::span(groups).first(shown)) {
    const std::size_t width = base::display_width(inert_line(group.first->subject));
    if (width <= kSubjectWidthMax) subject_width = std::max(subject_width, width);
  }
  write_heading(page, "Between you and launch");
  for (const BlockerGroup& group : std::span(groups).first(shown)) write_blocker(page, group, subject_width);
  write_left_out(page, Columns::kIndent + 2, groups.size() - shown, view.detail);
}

Style banner_of(Decision decision) {
  switch (decision) {
    case Decision::go: return Style::banner_good;
    case Decision::no_go: return Style::banner_bad;
    case Decision::undecided: return Style::banner_warning;
  }
  std::unreachable();
}

void write_verdict(Page& page, const View& view) {
  const Board& board = view.board;
  page.blank();
  const std::optional<Expiry> expiry = board.decision == Decision::go ? first_expiry(board) : std::nullopt;
  if (expiry) {
    const std::string until =
        fmt::format("This holds until {}, when {} ends.", format_minute(expiry->at), expiry->what);
    page.row(0, {{.text = until, .style = Style::faint, .lines_max = 2}});
  }
  const SpokenVerdict verdict = spoken_verdict(board);
  page.banner(std::string(verdict.word), banner_of(board.decision), verdict.sentence);
}

}  // namespace

}  // namespace gantry::report

#include "report/board_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace gantry::report {

namespace {

// Equal for findings that are one and the same, and ordered as base::sort_findings orders.
auto identity(const base::Finding& f) {
  return std::tuple(-static_cast<int>(f.severity), f.where.file_name(), f.where.line, std::string_view(f.rule),
                    std::string_view(f.object), f.where.column, std::string_view(f.message));
}

base::SourcePos place_of(const base::Finding& finding, const base::SourcePos& otherwise, const Board& board) {
  if (finding.where.file) return finding.where;
  if (otherwise.file) return otherwise;
  return {std::make_shared<const std::string>(board.plan_file), 0, 0};
}

// Calls visit(finding, subject, place) for every finding of the board.
template <typename Visit>
void for_each_finding(const Board& board, const Visit& visit) {
  for (const base::Finding& finding : board.plan_findings) visit(finding, kPlanSubject, base::SourcePos());
  for (const TrackRow& track : board.tracks) {
    for (const StepRow& step : track.steps) {
      for (const BoundCheck& check : step.checks) {
        if (!check.evidence) continue;
        for (const base::Finding& finding : check.evidence->findings)
          visit(finding, std::string_view(step.id), step.where);
      }
    }
  }
}

}  // namespace

std::string_view glyph(State state) {
  constexpr std::array<std::string_view, kStates.size()> kGlyphs = {"✓", "✗", "?", "·", "~", "✎", "–"};
  return kGlyphs.at(static_cast<std::size_t>(state));
}

bool holds(State state) { return state == State::passed || state == State::signed_off || state == State::waived; }

int StateCounts::holding() const { return of(State::passed) + of(State::signed_off) + of(State::waived); }

int StateCounts::required() const {
  return std::accumulate(counts_.begin(), counts_.end(), 0) - of(State::not_required);
}

StateCounts count_steps(const TrackRow& track) {
  StateCounts counts;
  for (const StepRow& step : track.steps) counts.add(step.state);
  return counts;
}

StateCounts count_steps(const Board& board) {
  StateCounts counts;
  for (const TrackRow& track : board.tracks) {
    for (const StepRow& step : track.steps) counts.add(step.state);
  }
  return counts;
}

std::string verdict_sentence(const Board& board) {
  const std::size_t count = board.blockers.size();
  const std::string things = fmt::format("{} {}", count, count == 1 ? "thing" : "things");
  switch (board.decision) {
    case Decision::go: return "nothing stands between you and launch";
    case Decision::no_go:
      if (count == 0) return "the plan does not hold";
      return fmt::format("{} {} between you and launch", things, count == 1 ? "stands" : "stand");
    case Decision::undecided:
      if (count == 0) return "a check could not decide, and that is never a GO";
      return fmt::format("{} to settle, and not every check could decide", things);
  }
  std::unreachable();
}

SpokenVerdict spoken_verdict(const Board& board) {
  if (board.decision != Decision::undecided) return {to_string(board.decision), verdict_sentence(board)};
  return {to_string(Decision::no_go), "undecided: " + verdict_sentence(board)};
}

std::optional<Expiry> first_expiry(const Board& board) {
  std::optional<Expiry> first;
  const auto consider = [&](base::Timestamp at, std::string what) {
    if (!first || at < first->at) first = Expiry{at, std::move(what)};
  };
  for (const TrackRow& track : board.tracks) {
    for (const StepRow& step : track.steps) {
      for (const BoundCheck& check : step.checks) {
        if (check.evidence && check.evidence->fresh_until)
          consider(*check.evidence->fresh_until, "the evidence of " + step.id);
      }
    }
  }
  for (const WaiverRow& waiver : board.waivers) consider(waiver.expires, "the waiver of " + waiver.subject);
  return first;
}

WaiverIndex::WaiverIndex(const Board& board) {
  for (const WaiverRow& waiver : board.waivers) {
    for (const std::string& fingerprint : waiver.fingerprints) by_fingerprint_.emplace(fingerprint, &waiver);
  }
}

const WaiverRow* WaiverIndex::find(const base::Finding& finding, std::string_view subject) const {
  if (by_fingerprint_.empty()) return nullptr;
  const auto [first, last] = by_fingerprint_.equal_range(finding.fingerprint());
  const auto found = std::find_if(first, last, [&](const auto& entry) { return entry.second->subject == subject; });
  return found == last ? nullptr : found->second;
}

std::vector<CollectedFinding> collect_findings(const Board& board) {
  const WaiverIndex waivers(board);
  struct Entry {
    CollectedFinding collected;
    bool has_unwaived = false;
  };
  std::map<decltype(identity(std::declval<const base::Finding&>())), Entry> entries;
  for_each_finding(board,
                   [&](const base::Finding& finding, std::string_view subject, const base::SourcePos& otherwise) {
                     Entry& entry = entries[identity(finding)];
                     if (!entry.collected.finding) {
                       entry.collected.finding = &finding;
                       entry.collected.where = place_of(finding, otherwise, board);
                     }
                     std::vector<std::string>& steps = entry.collected.steps;
                     if (subject != kPlanSubject && (steps.empty() || steps.back() != subject))
                       steps.emplace_back(subject);
                     entry.collected.waiver = waivers.find(finding, subject);
                     entry.has_unwaived = entry.has_unwaived || !entry.collected.waiver;
                   });

  std::vector<CollectedFinding> findings;
  findings.reserve(entries.size());
  for (auto& [_, entry] : entries) {
    if (entry.has_unwaived) entry.collected.waiver = nullptr;
    findings.push_back(std::move(entry.collected));
  }
  return findings;
}

std::string count_of(int count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string format_minute(base::Timestamp time) {
  std::string text = base::format_rfc3339(time);  // "2026-11-24T01:50:00.000Z"
  text.resize(16);
  text[10] = ' ';
  return text + " UTC";
}

}  // namespace gantry::report

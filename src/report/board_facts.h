#pragma once

// What more than one format says about a board: how many steps hold, which findings there are in all, which of them are
// waived, and the verdict in one sentence.

#include "report/report.h"

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::report {

inline constexpr std::array kStates = {State::passed, State::failed,     State::undecided,   State::unverified,
                                       State::waived, State::signed_off, State::not_required};

// One column that stands for a state without colour: "✓", "✗", "?", "·", "~", "✎", "–".
std::string_view glyph(State state);

// Whether nothing more is asked of what is in this state.
bool holds(State state);

// How many steps are in each state.
class StateCounts {
 public:
  void add(State state) { ++counts_.at(static_cast<std::size_t>(state)); }
  int of(State state) const { return counts_.at(static_cast<std::size_t>(state)); }
  int holding() const;   // passed, signed off or waived
  int required() const;  // all but those not required

 private:
  std::array<int, kStates.size()> counts_{};
};
StateCounts count_steps(const TrackRow& track);
StateCounts count_steps(const Board& board);

// "9 things stand between you and launch": what follows the decision's word.
std::string verdict_sentence(const Board& board);

// The verdict in the words of reports for people: what could not be decided is no GO (reference: launch, §8), and says so.
// Machines get the three decisions as they are.
struct SpokenVerdict {
  std::string_view word;  // "GO" or "NO-GO"
  std::string sentence;
};
SpokenVerdict spoken_verdict(const Board& board);

// The moment at which the first evidence or waiver that the board rests on ends, and what that is; nothing when all of it
// holds until an input changes.
struct Expiry {
  base::Timestamp at;
  std::string what;  // "evidence of A.3", "the waiver of C.2"
};
std::optional<Expiry> first_expiry(const Board& board);

// Under which subject findings about the plan and the workspace themselves stand.
inline constexpr std::string_view kPlanSubject = "plan";

// Which waiver covers a finding.
class WaiverIndex {
 public:
  // `board` must outlive the index.
  explicit WaiverIndex(const Board& board);

  // `subject` is where the finding turned up: a step id or kPlanSubject. Null when the finding is not waived there: a waiver
  // binds to a subject and to fingerprints (reference: launch, §7.2).
  const WaiverRow* find(const base::Finding& finding, std::string_view subject) const;

 private:
  std::multimap<std::string, const WaiverRow*, std::less<>> by_fingerprint_;
};

// One finding of the board, once, however many steps came upon it.
struct CollectedFinding {
  const base::Finding* finding = nullptr;
  std::vector<std::string> steps;     // in the order of the plan; empty: about the plan and the workspace
  base::SourcePos where;              // the finding's place, else that of the first step, else the plan's file
  const WaiverRow* waiver = nullptr;  // set only when it is waived in every step that came upon it
};
// In the order of base::sort_findings. Points into `board`.
std::vector<CollectedFinding> collect_findings(const Board& board);

// "1 check", "2 checks".
std::string count_of(int count, std::string_view noun);

// "2026-11-24 01:50 UTC"
std::string format_minute(base::Timestamp time);

}  // namespace gantry::report

#include "base/text.h"
#include "launch/plan_preamble.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

namespace {

// Eleven phases; each new entry is compared with all before it.
constexpr std::size_t kEntriesMax = 200;

struct StatusWord {
  std::string_view word;
  PhaseStatus status;
};

// Every word seen in real ledgers, and its normal form (reference §2.3).
constexpr StatusWord kStatusWords[] = {
    {"touched", PhaseStatus::touched},        {"not_started", PhaseStatus::not_started},
    {"complete", PhaseStatus::complete},      {"completed", PhaseStatus::complete},
    {"done", PhaseStatus::complete},          {"in_progress", PhaseStatus::in_progress},
    {"pending", PhaseStatus::not_started},    {"planned", PhaseStatus::not_started},
    {"skipped", PhaseStatus::skipped},        {"deferred", PhaseStatus::deferred},
    {"not_applicable", PhaseStatus::skipped},
};

// "In progress" and "in-progress" are "in_progress".
std::string normal_word(std::string_view text, char separator) {
  std::string word = base::to_lower_ascii(text);
  std::ranges::replace_if(
      word, [](char c) { return c == ' ' || c == '-' || c == '_'; }, separator);
  return word;
}

std::optional<PhaseStatus> find_status(std::string_view written) {
  const std::string word = normal_word(written, '_');
  const auto* found = std::ranges::find(kStatusWords, word, &StatusWord::word);
  if (found == std::end(kStatusWords)) return std::nullopt;
  return found->status;
}

// The ledger's own spelling of a phase; as written when there is no such phase.
std::string phase_name(std::string_view written) {
  const std::string word = normal_word(written, '-');
  for (const std::string_view phase : kPhases) {
    if (base::to_lower_ascii(phase) == word) return std::string(phase);
  }
  return std::string(written);
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

class LedgerReader {
 public:
  LedgerReader(Span region, PlanFindings& findings)
      : findings_(findings), text_(findings.document().text()), at_(region.offset), end_(region.end()) {}

  std::vector<LedgerEntry> read() {
    while (skip_between_entries(), at_ < end_) {
      if (entries_.size() == kEntriesMax) {
        findings_.add({.rule = "plan.ledger-syntax",
                       .where = findings_.pos(at_),
                       .message = fmt::format("only the first {} entries of the ledger are read", kEntriesMax),
                       .fix = "list each of the eleven phases once"});
        break;
      }
      if (!read_entry()) skip_to_next_entry();
    }
    return std::move(entries_);
  }

 private:
  char current() const { return at_ < end_ ? text_[at_] : '\0'; }
  void skip_spaces() {
    while (at_ < end_ && is_space_or_tab(text_[at_])) ++at_;
  }

  // Commas, line ends, bullets, and a comment, which belongs to the entry before it on the same line.
  void skip_between_entries() {
    while (at_ < end_) {
      if (current() == '#') {
        read_comment();
      } else if (is_line_end(current())) {
        is_same_line_ = false;
        ++at_;
      } else if (is_space_or_tab(current()) || current() == ',' || current() == '-') {
        ++at_;
      } else {
        return;
      }
    }
  }

  void read_comment() {
    const std::size_t start = ++at_;
    while (at_ < end_ && !is_line_end(text_[at_])) ++at_;
    const bool has_owner = is_same_line_ && !entries_.empty() && entries_.back().reason.empty();
    if (has_owner) entries_.back().reason = std::string(base::trim(text_.substr(start, at_ - start)));
  }

  // A key or a status: up to what can follow it.
  Span read_word(std::string_view stops) {
    const std::size_t start = at_;
    while (at_ < end_ && !is_line_end(text_[at_]) && !stops.contains(text_[at_])) ++at_;
    Span word = trim_span(text_, {.offset = start, .length = at_ - start});
    const bool is_quoted = word.length >= 2 && text_[word.offset] == text_[word.end() - 1] &&
                           std::string_view("\"'*`").contains(text_[word.offset]);
    return is_quoted ? Span{.offset = word.offset + 1, .length = word.length - 2} : word;
  }

  bool read_entry() {
    const std::size_t start = at_;
    const Span phase = read_word(":=,#({");
    if ((current() != ':' && current() != '=') || phase.length == 0) {
      findings_.add({.rule = "plan.ledger-syntax",
                     .where = findings_.pos(start),
                     .message = fmt::format("the ledger is not understood at '{}'", rest_of_line(start)),
                     .fix = "write it as {PLAN:complete, RESEARCH:in_progress}"});
      return false;
    }
    ++at_;
    const Span status = read_word(",#(}");
    LedgerEntry entry{.phase = phase_name(text_.substr(phase.offset, phase.length)),
                      .status = PhaseStatus::not_started,
                      .is_known = true,
                      .written = std::string(text_.substr(status.offset, status.length)),
                      .reason = read_parenthesis(),
                      .span = status,
                      .where = findings_.pos(phase.offset)};
    check_phase(entry);
    read_status(entry);
    entries_.push_back(std::move(entry));
    is_same_line_ = true;
    return true;
  }

  std::string read_parenthesis() {
    if (current() != '(') return {};
    const std::size_t start = ++at_;
    int depth = 1;
    for (; at_ < end_ && !is_line_end(text_[at_]); ++at_) {
      depth += text_[at_] == '(' ? 1 : text_[at_] == ')' ? -1 : 0;
      if (depth == 0) break;
    }
    std::string reason(base::trim(text_.substr(start, at_ - start)));
    if (current() == ')') ++at_;
    return reason;
  }

  void read_status(LedgerEntry& entry) {
    const std::optional<PhaseStatus> status = find_status(entry.written);
    if (status) {
      entry.status = *status;
      return;
    }
    entry.is_known = false;
    findings_.add({.rule = "plan.ledger-status",
                   .where = findings_.pos(entry.span.offset),
                   .object = entry.phase,
                   .message = entry.written.empty()
                                  ? fmt::format("phase {} has no status", entry.phase)
                                  : fmt::format("'{}' is no status of phase {}", entry.written, entry.phase),
                   .explanation = "it counts as not_started",
                   .fix = "use not_started, in_progress, touched, complete, skipped or deferred"});
  }

  void check_phase(const LedgerEntry& entry) {
    if (std::ranges::find(kPhases, entry.phase) == kPhases.end()) {
      findings_.add({.rule = "plan.ledger-phase",
                     .where = entry.where,
                     .object = entry.phase,
                     .message = fmt::format("'{}' is none of the eleven phases", entry.phase),
                     .fix = fmt::format("use one of {}", fmt::join(kPhases, ", "))});
    }
    const auto earlier = std::ranges::find(entries_, entry.phase, &LedgerEntry::phase);
    if (earlier == entries_.end()) return;
    findings_.add({.rule = "plan.ledger-phase",
                   .where = entry.where,
                   .object = entry.phase,
                   .message = fmt::format("phase {} is listed twice; the first counts", entry.phase),
                   .fix = "keep one of both",
                   .related = {{.where = earlier->where, .note = "first listed here"}}});
  }

  std::string_view rest_of_line(std::size_t from) const {
    std::size_t to = from;
    while (to < end_ && !is_line_end(text_[to])) ++to;
    return base::trim(text_.substr(from, std::min<std::size_t>(to - from, 40)));
  }

  void skip_to_next_entry() {
    while (at_ < end_ && !is_line_end(text_[at_]) && text_[at_] != ',') ++at_;
  }

  PlanFindings& findings_;
  std::string_view text_;
  std::size_t at_;
  std::size_t end_;
  bool is_same_line_ = false;  // as the last entry
  std::vector<LedgerEntry> entries_;
};

}  // namespace

std::string_view to_string(PhaseStatus status) {
  constexpr std::array<std::string_view, 6> kNames = {"not_started", "in_progress", "touched",
                                                      "complete",    "skipped",     "deferred"};
  return kNames.at(static_cast<std::size_t>(status));
}

std::vector<LedgerEntry> read_ledger(Span region, PlanFindings& findings) {
  return LedgerReader(region, findings).read();
}

}  // namespace gantry::launch

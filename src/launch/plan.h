#pragma once

// The launch plan: a Markdown document that people review (shared reference: launch, §2). Parsing is lossless: everything
// that Gantry may change is kept as a span over the original bytes, and an edit replaces exactly that span.
//
//   const Plan plan = TRY(Plan::parse(bytes, "saas-phase7.md"));
//   PlanEdits edits(plan);
//   edits.set_tick(1, Tick::on);
//   std::string changed = edits.apply();   // one byte differs

#include "base/finding.h"
#include "base/node.h"
#include "base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// Bytes [offset, offset + length) of the plan's file.
struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

// "concept.forest.manifest[phase=PLAN][sprint=NAME]@span=NAME"
struct PlanHeader {
  std::string path;    // "concept.forest.manifest"
  std::string phase;   // "PLAN"; "" when not given
  std::string sprint;
  std::string span_name;
  std::vector<std::pair<std::string, std::string>> other;  // keys without a meaning to us, kept
  base::SourcePos where;
};

// A named input or output of the plan.
struct Handle {
  std::string name;
  std::string path;     // as written
  std::string comment;  // after '#'
  bool is_output = false;  // the comment says "to create": it may be missing
  base::SourcePos where;
};

inline constexpr std::array<std::string_view, 11> kPhases = {"PLAN", "RESEARCH", "DEVELOP", "STRATEGIZE", "CROSS-SYNERGIZE", "IMPLEMENT",
                                                             "QA",   "TEST",     "EDUCATE", "MEASURE",    "REFLECT"};

enum class PhaseStatus { not_started, in_progress, touched, complete, skipped, deferred };
std::string_view to_string(PhaseStatus status);

struct LedgerEntry {
  std::string phase;
  PhaseStatus status = PhaseStatus::not_started;  // normal form of what is written (reference §2.3)
  std::string written;                            // "done", "not_started"
  std::string reason;                             // a trailing comment or parenthesis; may be empty
  Span span;                                      // of the written status
  base::SourcePos where;
};

// A decimal number that remembers how many digits it was written with: 0.10 stays 0.10.
struct Decimal {
  std::int64_t units = 0;  // value × 10^digits
  int digits = 0;          // at most 9
  friend bool operator==(const Decimal&, const Decimal&) = default;
};
std::string to_string(Decimal value);

// planned = spent + returned + remaining (reference §2.4). A number that is not written is absent; its span too.
struct Entropy {
  struct Amount {
    Decimal value;
    std::optional<Span> span;  // absent when the value is derived
  };
  std::optional<Amount> planned, spent, returned, remaining;
  std::string text;  // as written
  base::SourcePos where;
};

// A fenced block with info string "gantry", parsed; a map with at least `check`, or a list of such maps.
struct GantryBlock {
  base::Node content;
  base::SourcePos where;
};

// Inline code of a step that is a command, split into words.
struct QuotedCommand {
  std::string text;
  std::vector<std::string> words;
  base::SourcePos where;
};

struct PlanStep {
  std::string id;       // "A.4"
  std::string ordinal;  // "4", as written
  std::string text;     // Markdown of its first paragraph, one line
  std::vector<GantryBlock> blocks;
  std::vector<QuotedCommand> commands;
  bool is_conditional = false;  // "If …", "When …"
  base::SourcePos where;
};

struct PlanTrack {
  std::string id;     // "A"
  std::string title;  // "Apply & Verify Manifests"
  std::optional<int> weight_percent;
  std::vector<PlanStep> steps;
  base::SourcePos where;
};

struct Criterion {
  int ordinal = 0;       // 1-based over the whole plan
  std::string text;      // Markdown
  std::string identity;  // normalised: lower case, single spaces, Markdown removed
  bool ticked = false;
  Span tick;             // the one character between the brackets
  std::vector<GantryBlock> blocks;
  base::SourcePos where;
};

struct RemainingItem {
  std::string item, category, priority, status;
  std::optional<Span> status_span;
  base::SourcePos where;
};

struct AttentionShare {
  std::string name;
  int percent = 0;
  std::vector<std::string> tracks;  // letters named in the line
  base::SourcePos where;
};

enum class MarkerKind { proceed, halt };  // U+27FF, U+27C2, or their damaged forms
struct ContinuationMarker {
  MarkerKind kind = MarkerKind::proceed;
  std::string target;  // "RESEARCH", "BLOCKED:…"
  bool is_damaged = false;
  Span span;           // the whole marker
  base::SourcePos where;
};

// A value; all spans refer to text().
class Plan {
 public:
  // Errors (input, with position): not text, larger than kPlanBytesMax, no tracks, two tracks with one letter, a gantry block
  // that is not a map with `check`. Everything milder is in findings().
  static base::Result<Plan> parse(std::string text, std::string_view file);

  const std::string& text() const { return text_; }
  const std::string& file() const { return file_; }

  std::optional<PlanHeader> header;
  bool has_hydrate_cue = false;
  std::vector<Handle> handles;
  std::vector<LedgerEntry> ledger;  // as written; missing phases are not_started
  std::optional<Entropy> entropy;
  std::string mission;
  std::vector<PlanTrack> tracks;
  std::vector<Criterion> criteria;
  std::vector<RemainingItem> remaining_items;
  std::vector<std::string> non_goals;
  std::vector<AttentionShare> attention;
  std::vector<std::string> branch_candidates;
  std::vector<ContinuationMarker> markers;
  std::vector<base::Finding> findings;  // plan.mojibake, plan.weights, plan.ledger-status, …

  // "saas_phase7_production_launch", else the first heading, else the file's name.
  std::string title() const;
  const PlanStep* find_step(std::string_view id) const;
  const Handle* find_handle(std::string_view name) const;

 private:
  Plan() = default;
  std::string text_;
  std::string file_;
};

// 10 MiB: a plan that people review is a thousand times smaller.
inline constexpr std::size_t kPlanBytesMax = 10U << 20;

enum class Tick { off, on };

// Changes to a plan, applied at once. Setting what is already so changes nothing.
class PlanEdits {
 public:
  // `plan` must outlive the edits.
  explicit PlanEdits(const Plan& plan) : plan_(plan) {}

  base::Result<void> set_tick(int criterion_ordinal, Tick tick);
  // A phase that the ledger does not list is an error. The word written is the normal form.
  base::Result<void> set_phase(std::string_view phase, PhaseStatus status);
  // Moves `amount` from remaining to spent, keeping digits; where the text has no such number, rewrites only the numbers' span.
  base::Result<void> spend_entropy(Decimal amount);
  base::Result<void> set_marker(MarkerKind kind, std::string_view target);

  bool empty() const { return replacements_.empty(); }
  // One line each: "criterion 2 ticked", "ledger: QA not_started -> complete".
  const std::vector<std::string>& descriptions() const { return descriptions_; }
  std::string apply() const;

 private:
  struct Replacement {
    Span span;
    std::string text;
  };
  const Plan& plan_;
  std::vector<Replacement> replacements_;
  std::vector<std::string> descriptions_;
};

}  // namespace gantry::launch

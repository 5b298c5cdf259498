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
#include "launch/decimal.h"
#include "launch/span.h"

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::launch {

// "concept.forest.manifest[phase=PLAN][sprint=NAME]@span=NAME"
struct PlanHeader {
  std::string path;   // "concept.forest.manifest"
  std::string phase;  // "PLAN"; "" when not given
  std::string sprint;
  std::string span_name;
  std::vector<std::pair<std::string, std::string>> other;  // keys without a meaning to us, kept
  base::SourcePos where;
};

// A named input or output of the plan.
struct Handle {
  std::string name;
  std::string path;        // as written
  std::string comment;     // after '#'
  bool is_output = false;  // the comment says "to create": it may be missing
  base::SourcePos where;
};

// In order.
inline constexpr std::array<std::string_view, 11> kPhases = {
    "PLAN", "RESEARCH", "DEVELOP", "STRATEGIZE", "CROSS-SYNERGIZE", "IMPLEMENT",
    "QA",   "TEST",     "EDUCATE", "MEASURE",    "REFLECT"};

enum class PhaseStatus { not_started, in_progress, touched, complete, skipped, deferred };
std::string_view to_string(PhaseStatus status);

struct LedgerEntry {
  std::string phase;  // one of kPhases; anything else as written, with a finding
  PhaseStatus status =
      PhaseStatus::not_started;  // normal form of what is written (reference §2.3); unknown: not_started
  bool is_known = true;          // false: the word written is no status
  std::string written;           // "done", "not_started"
  std::string reason;            // a trailing comment or parenthesis; may be empty
  Span span;                     // of the written status
  base::SourcePos where;
};

// planned = spent + returned + remaining (reference §2.4). A number that is not written is absent; its span too.
struct Entropy {
  struct Amount {
    Decimal value;
    std::optional<Span> span;  // absent when the value is derived
  };
  std::optional<Amount> planned, spent, returned, remaining;
  std::string text;           // as written
  std::size_t insert_at = 0;  // behind the planned amount and the word for it
  base::SourcePos where;
};

// A fenced block with info string "gantry", parsed; a map with at least `check`, or a list of such maps.
struct GantryBlock {
  base::Node content;
  base::SourcePos where;
};

// A command that a step quotes: inline code, or a line of a fenced shell block below it.
struct QuotedCommand {
  std::string text;  // as written; a line that ends in a backslash is joined with the next
  base::SourcePos where;
};

struct PlanStep {
  std::string id;       // "A.4"; unique in the plan: a second step 4 of track A is "A.4#2", with a finding
  std::string ordinal;  // "4", as written
  std::string text;     // Markdown of its first paragraph, one line
  std::vector<GantryBlock> blocks;
  std::vector<QuotedCommand> commands;
  bool is_conditional = false;  // "If …", "When …": not required when the condition is known to be false
  bool is_choice = false;       // "Evaluate options: …": a recorded decision decides it
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
  std::optional<Span> tick;  // what is between the brackets: one character; absent for an item without a box
  std::vector<GantryBlock> blocks;
  base::SourcePos where;
};

struct RemainingItem {
  std::string item, category, priority, status;  // Markdown, as written in the cells
  std::optional<Span> status_span;               // of the cell between its pipes, padding included
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
  Span span;  // the whole marker
  base::SourcePos where;
};

// A value; all spans refer to text().
class Plan {
 public:
  // Errors (input, with position): not text, larger than kPlanBytesMax, no tracks, two tracks with one letter, a gantry block
  // that is not a map with `check`. Everything milder is in `findings`. Linear in the text.
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
  std::string heading;                  // the first of level 1
  std::vector<base::Finding> findings;  // plan.mojibake, plan.weights, plan.ledger-status, …; at most 100 of each rule

  // "saas_phase7_production_launch", else the first heading, else the file's name.
  std::string title() const;
  const PlanStep* find_step(std::string_view id) const;
  const Handle* find_handle(std::string_view name) const;
  // What the ledger says; not_started for a phase that it does not list.
  PhaseStatus phase_status(std::string_view phase) const;

 private:
  Plan() = default;
  std::string text_;
  std::string file_;
};

// 10 MiB: a plan that people review is a thousand times smaller.
inline constexpr std::size_t kPlanBytesMax = 10U << 20;

enum class Tick { off, on };

// Changes to a plan, applied at once. Setting what is already so changes nothing; setting a thing twice keeps the last.
// Errors are of kind input where the plan has no place for the change.
class PlanEdits {
 public:
  // `plan` must outlive the edits.
  explicit PlanEdits(const Plan& plan) : plan_(plan) {}

  // No such criterion, or one without a box, is an error.
  base::Result<void> set_tick(int criterion_ordinal, Tick tick);
  // A phase that the ledger does not list, or lists twice, is an error. The word written is the normal form.
  base::Result<void> set_phase(std::string_view phase, PhaseStatus status);
  // Moves `amount` from remaining to spent, keeping digits; several calls add up. Numbers that are written are replaced; a
  // remaining amount that is not gets written behind the budget: "0.10 budget (0.08 remaining)". More than remains is an error.
  base::Result<void> spend_entropy(Decimal amount);
  // The last marker, or a new last line. An error where a halt marker would be lifted (only a person does that), or where the text
  // around would make it part of code or of a comment.
  base::Result<void> set_marker(MarkerKind kind, std::string_view target);
  // The Status cell of row `index` of remaining_items; its padding gives way so that the table keeps its width where it can.
  base::Result<void> set_remaining_status(std::size_t index, std::string_view status);

  bool empty() const { return replacements_.empty(); }
  // One line each, in the order of the text: "criterion 2 ticked", "ledger: QA not_started -> complete".
  std::vector<std::string> descriptions() const;
  std::string apply() const;

 private:
  struct Replacement {
    Span span;
    std::string text;
    std::string description;
  };
  void replace(Replacement replacement);
  void write_amount(const Entropy::Amount& amount, Decimal value, std::string_view name);

  const Plan& plan_;
  std::map<std::size_t, Replacement> replacements_;  // by offset; none overlap
  Decimal entropy_spent_;
};

// The plan's structure in short lines, without positions of the file: for tests and for looking at.
std::string dump(const Plan& plan);

}  // namespace gantry::launch

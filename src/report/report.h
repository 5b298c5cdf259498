#pragma once

// Turns a judged plan into something to read: a board for the terminal, Markdown, and JSON, JUnit XML, SARIF and GitHub
// annotations for machines. The only room below floor 5 that writes for people. Pure: a Board and options in, text out.
//
// Texts in a Board may come from anywhere. Whatever they hold, no report lets them move a cursor, end an element or a table
// cell, become a link or a second line: what is not fit to be shown is shown as a visible stand-in.
//
//   fmt::print("{}", render(board, Format::terminal, {.width = 100, .colour = Colour::on}));
//
// The Board is a copy of what `launch` found out, in the words of the plan; this room decides nothing.

#include "base/evidence.h"
#include "base/finding.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::report {

// What became of one binding, step, criterion or track.
enum class State {
  passed,
  failed,
  undecided,   // a check ended in error: it could not decide
  unverified,  // nothing has looked: no binding and no sign-off, no evidence yet, or an engine that this version lacks
  waived,      // failed, and the risk is accepted
  signed_off,  // a person approved it
  not_required,  // a condition is known to be false
};
std::string_view to_string(
    State state);  // "passed", "failed", "undecided", "unverified", "waived", "signed-off", "not-required"

enum class Decision { go, no_go, undecided };
std::string_view to_string(Decision decision);  // "GO", "NO-GO", "UNDECIDED"

// Where the binding of a step to a check comes from.
enum class BindingSource { block, command, workspace };
std::string_view to_string(BindingSource source);  // "gantry block", "command", "gantry.yaml"

// One check that a step is bound to, and its evidence when there is some.
struct BoundCheck {
  std::string check;    // "net.only"
  std::string subject;  // the parameters in one line: "manifests/network-policies"
  BindingSource source = BindingSource::block;
  std::string origin;     // the quoted command, or ""
  base::SourcePos where;  // of the block or command
  State state = State::unverified;
  std::string summary;  // one line: what was proved, or why it is not
  std::optional<base::Evidence> evidence;
  bool reused = false;        // the evidence was there already and still fresh
  std::string stale_because;  // "manifests/nats/pdb.yaml changed"; "" when there is no stale evidence
};

struct StepRow {
  std::string id;    // "A.4"
  std::string text;  // Markdown, as in the plan, one line
  base::SourcePos where;
  State state = State::unverified;
  std::string summary;  // one line
  std::vector<BoundCheck> checks;
  std::string proposal;  // for an unbound step: a gantry block (without its fence) that would bind it, or ""
};

struct TrackRow {
  std::string id;  // "A"
  std::string title;
  int weight_percent = 0;  // 0: not given
  State state = State::unverified;
  std::vector<StepRow> steps;
};

struct CriterionRow {
  int ordinal = 0;  // 1-based, in the order of the plan
  std::string text;
  base::SourcePos where;
  bool ticked = false;
  State state = State::unverified;
  std::string summary;
  std::vector<std::string> decided_by;  // step ids
};

// One thing that stands between now and GO.
struct Blocker {
  std::string subject;  // "A.4", "criterion 3", "waiver …"
  State state = State::failed;
  std::string reason;
  std::string next_step;  // the command to type or the thing to do
};

struct WaiverRow {
  std::string subject;
  std::string why;
  std::string accepted_by;
  base::Timestamp expires;
  std::vector<std::string> fingerprints;  // of the findings it covers
};

struct Board {
  std::string title;  // the plan's sprint or title
  std::string plan_file;
  std::string gantry_version;
  base::Timestamp judged_at;
  std::string environment;  // "files alone", or "cluster kind-dev"
  Decision decision = Decision::no_go;
  int progress_percent = 0;  // Σ weight × share of steps passed; never decides anything
  std::vector<TrackRow> tracks;
  std::vector<CriterionRow> criteria;
  std::vector<base::Finding> plan_findings;  // about the plan and workspace themselves
  std::vector<Blocker> blockers;             // empty on GO; the smallest set that would give GO, worst first
  std::vector<WaiverRow> waivers;            // in force
  std::vector<std::string> changed_files;    // what --write changed
  int checks_run = 0;
  int checks_reused = 0;
};

enum class Format { terminal, json, junit, sarif, markdown, github };  // github: annotations as workflow commands
enum class Colour { off, on };
enum class Detail { normal, verbose };  // verbose lists passed checks with their metrics, and info findings

struct RenderOptions {
  int width = 80;  // columns; terminal only; brought to 40 … 200
  Colour colour = Colour::off;
  Detail detail = Detail::normal;
};

// JSON, JUnit and SARIF follow documented schemas (docs/formats/); their order is stable and they end in a newline.
std::string render(const Board& board, Format format, const RenderOptions& options = {});

// What `gantry plan` shows: for each step what it is bound to and a proposed block for each unbound one.
// Format::terminal and Format::json only; asking for another is a bug of the caller's.
std::string render_bindings(const Board& board, Format format, const RenderOptions& options = {});

}  // namespace gantry::report

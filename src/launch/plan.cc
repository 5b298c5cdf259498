// Reading a plan, top to bottom.

#include "launch/plan.h"

#include "base/file.h"
#include "launch/markdown.h"
#include "launch/plan_body.h"
#include "launch/plan_consistency.h"
#include "launch/plan_envelope.h"
#include "launch/plan_preamble.h"
#include "launch/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gantry::launch {

using base::Result;

namespace {

Result<void> require_text(const DocumentLines& document) {
  const std::string_view text = document.text();
  if (text.size() > kPlanBytesMax) {
    return base::input_error(fmt::format("the plan has {} bytes, more than {} MiB", text.size(), kPlanBytesMax >> 20),
                             document.whole(), "a plan is a document that people review: give Gantry that document");
  }
  const std::size_t nul = text.find('\0');
  if (nul == std::string_view::npos) return {};
  return base::input_error("the plan is not a text file", document.pos(nul),
                           "give Gantry a Markdown document in UTF-8");
}

// A letter names the track's steps, evidence and sign-offs; two tracks can't share it.
Result<void> require_tracks(const std::vector<PlanTrack>& tracks, const DocumentLines& document,
                            const PlanEnvelope& envelope) {
  if (tracks.empty() && envelope.open_fence) {
    return base::input_error("the plan has no tracks: the code fence around it is not closed on the last line",
                             document.pos(document.span(*envelope.open_fence).offset),
                             "end the file with the same fence, or remove it");
  }
  if (tracks.empty()) {
    return base::input_error("the plan has no tracks", document.whole(),
                             "add a heading such as '### Track A: Title (100%)' with numbered steps below it");
  }
  std::map<std::string_view, const PlanTrack*> seen;
  for (const PlanTrack& track : tracks) {
    const auto [earlier, is_new] = seen.try_emplace(track.id, &track);
    if (is_new) continue;
    return base::input_error(
        fmt::format("two tracks are called {}: the other one is on line {}", track.id, earlier->second->where.line),
        track.where, "give each track its own letter");
  }
  return {};
}

// Reading ends at the first block that cannot be read. Before it is reported, the others are looked at as well.
void gather_block_problems(const MarkdownBlock& block, const DocumentLines& document,
                           std::vector<base::Error>& problems) {
  if (is_gantry_block(block)) {
    Result<GantryBlock> read = read_gantry_block(document, block);
    if (!read) problems.push_back(std::move(read).error());
  }
  for (const MarkdownBlock& child : block.children) gather_block_problems(child, document, problems);
}

std::vector<base::Error> find_block_problems(const MarkdownBlock& root, const DocumentLines& document,
                                             base::Error first) {
  std::vector<base::Error> problems;
  gather_block_problems(root, document, problems);
  if (problems.empty()) problems.push_back(std::move(first));
  return problems;
}

}  // namespace

Result<Plan> Plan::parse(std::string text, std::string_view file) {
  Plan plan;
  plan.text_ = std::move(text);
  plan.file_ = std::string(file);
  // From here on everything is a span or a position in these lines.
  const DocumentLines document(plan.text_, file);
  TRY(require_text(document));
  PlanFindings findings(document);

  // The document may lie inside a code fence, behind front matter.
  const PlanEnvelope envelope = open_envelope(document);
  // What comes before the first section is not Markdown.
  Preamble preamble = read_preamble(document, envelope, findings);
  plan.header = std::move(preamble.header);
  plan.has_hydrate_cue = preamble.has_hydrate_cue;
  plan.handles = std::move(preamble.handles);
  plan.ledger = std::move(preamble.ledger);
  plan.entropy = std::move(preamble.entropy);

  // The sections are. (The preamble is parsed along as paragraphs that belong to no section.)
  const MarkdownBlock root = parse_markdown(document, envelope.first, envelope.last);
  Result<PlanBody> read = read_body(root, findings);
  if (!read)
    return std::unexpected(join_problems(find_block_problems(root, document, std::move(read).error()),
                                         "blocks of the plan cannot be read"));
  PlanBody body = *std::move(read);
  TRY(require_tracks(body.tracks, document, envelope));
  plan.heading = std::move(body.heading);
  plan.mission = std::move(body.mission);
  plan.tracks = std::move(body.tracks);
  plan.criteria = std::move(body.criteria);
  plan.remaining_items = std::move(body.remaining_items);
  plan.non_goals = std::move(body.non_goals);
  plan.attention = std::move(body.attention);
  plan.branch_candidates = std::move(body.branch_candidates);
  plan.markers = find_markers(root, document);

  // The plan is complete; what is left is whether it agrees with itself.
  check_consistency(plan, body.closing, findings);
  plan.findings = findings.take();
  return plan;
}

std::string Plan::title() const {
  if (header && !header->sprint.empty()) return header->sprint;
  return heading.empty() ? std::string(base::base_name_of(file_)) : heading;
}

const PlanStep* Plan::find_step(std::string_view id) const {
  for (const PlanTrack& track : tracks) {
    const auto found = std::ranges::find(track.steps, id, &PlanStep::id);
    if (found != track.steps.end()) return &*found;
  }
  return nullptr;
}

const Handle* Plan::find_handle(std::string_view name) const {
  const auto found = std::ranges::find(handles, name, &Handle::name);
  return found == handles.end() ? nullptr : &*found;
}

PhaseStatus Plan::phase_status(std::string_view phase) const {
  const auto found = std::ranges::find(ledger, phase, &LedgerEntry::phase);
  return found == ledger.end() ? PhaseStatus::not_started : found->status;
}

}  // namespace gantry::launch

#pragma once

// The sections of a plan, read from its Markdown blocks.

#include "launch/markdown.h"
#include "launch/markdown_inline.h"
#include "launch/plan.h"
#include "launch/plan_findings.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

// "This is the *PLAN* for …": names the phase again.
struct ClosingSentence {
  std::string phase;
  base::SourcePos where;
};

struct PlanBody {
  std::string heading;
  std::string mission;
  std::vector<PlanTrack> tracks;
  std::vector<Criterion> criteria;
  std::vector<RemainingItem> remaining_items;
  std::vector<std::string> non_goals;
  std::vector<AttentionShare> attention;
  std::vector<std::string> branch_candidates;
  std::optional<ClosingSentence> closing;
};

// Errors: a gantry block that can't be read.
base::Result<PlanBody> read_body(const MarkdownBlock& root, PlanFindings& findings);

// The parts.

// An item of a track's numbered list; its id is not yet given. In plan_steps.cc.
base::Result<PlanStep> read_step(const MarkdownBlock& item, const DocumentLines& document);

// A heading that names a track: "Track A: Title (30%)". In plan_tracks.cc.
std::optional<PlanTrack> read_track_heading(const InlineText& heading, base::SourcePos where);
// One numbered list: where every item has the same number, Markdown counts up from it, and so do we. In plan_tracks.cc.
void number_as_rendered(std::span<PlanStep> steps, PlanFindings& findings);
// All steps of a track: gives each its unique id and reports gaps and restarts. In plan_tracks.cc.
void number_steps(PlanTrack& track, PlanFindings& findings);

// The items of a list under "Exit Criteria", nested ones included, appended to `criteria`. In plan_criteria.cc.
base::Result<void> read_criteria(const MarkdownBlock& list, std::vector<Criterion>& criteria, PlanFindings& findings);
// Whether an item of the list starts with a box.
bool has_boxes(const MarkdownBlock& list, const DocumentLines& document);

// "Primary (55%): Tracks A + B (…)". In plan_attention.cc.
std::optional<AttentionShare> read_attention_line(std::string_view line, base::SourcePos where);

bool is_gantry_block(const MarkdownBlock& block);
// In plan_blocks.cc.
base::Result<GantryBlock> read_gantry_block(const DocumentLines& document, const MarkdownBlock& code);

// Markers outside code, in order. In plan_markers.cc.
std::vector<ContinuationMarker> find_markers(const MarkdownBlock& root, const DocumentLines& document);

}  // namespace gantry::launch

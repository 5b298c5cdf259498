#include "launch/plan_consistency.h"

#include "launch/text_encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace gantry::launch {

using base::Severity;

namespace {

// Rounded percentages may miss a hundred by one (reference §2.6).
constexpr int kPercentTolerance = 1;

bool is_about(int percent, int expected) { return std::abs(percent - expected) <= kPercentTolerance; }

void check_encoding(PlanFindings& findings) {
  const std::string_view text = findings.document().text();
  if (const std::optional<std::size_t> invalid = find_invalid_utf8(text)) {
    findings.add({.rule = "plan.encoding",
                  .severity = Severity::low,
                  .where = findings.pos(*invalid),
                  .message = "the text is not UTF-8 from here on",
                  .explanation = "it is kept as it is, and may look different elsewhere",
                  .fix = "save the plan as UTF-8"});
  }
  for (const DoubleEncoded& damaged : find_double_encoded(text)) {
    const std::string_view written = findings.document().slice(damaged.span);
    findings.add({.rule = "plan.mojibake",
                  .severity = Severity::info,
                  .where = findings.pos(damaged.span.offset),
                  .message = fmt::format("'{}' is the character '{}', encoded twice", written, damaged.repaired),
                  .explanation = "it is read as the character that was meant",
                  .fix = fmt::format("replace '{}' with '{}'", written, damaged.repaired)});
  }
}

void check_header(const Plan& plan, const std::optional<ClosingSentence>& closing, PlanFindings& findings) {
  if (!plan.header) {
    findings.add({.rule = "plan.header",
                  .severity = Severity::low,
                  .where = findings.document().whole(),
                  .message = "the plan has no header among its first ten lines",
                  .fix = "begin it with path[phase=PLAN][sprint=NAME]@span=NAME"});
    return;
  }
  if (!closing || plan.header->phase.empty() || closing->phase == plan.header->phase) return;
  findings.add(
      {.rule = "plan.phase-mismatch",
       .severity = Severity::low,
       .where = closing->where,
       .message = fmt::format("the closing sentence says {}, the header says {}", closing->phase, plan.header->phase),
       .fix = "make both name the phase that is being entered",
       .related = {{.where = plan.header->where, .note = "the header"}}});
}

void check_tracks(const Plan& plan, PlanFindings& findings) {
  for (const PlanTrack& track : plan.tracks) {
    if (!track.steps.empty()) continue;
    findings.add({.rule = "plan.track-empty",
                  .where = track.where,
                  .object = fmt::format("track {}", track.id),
                  .message = fmt::format("track {} has no steps", track.id),
                  .explanation = "only numbered items are steps; a track without any demands nothing",
                  .fix = "number its steps 1, 2, 3, …"});
  }
  if (!plan.criteria.empty()) return;
  findings.add({.rule = "plan.criteria-missing",
                .severity = Severity::high,
                .where = findings.document().whole(),
                .message = "the plan has no exit criteria",
                .explanation = "nothing in it says when the launch may go",
                .fix = "add a section '## Exit Criteria' with items '- [ ] …'"});
}

void check_weights(const Plan& plan, PlanFindings& findings) {
  const auto has_weight = [](const PlanTrack& track) { return track.weight_percent.has_value(); };
  if (std::ranges::none_of(plan.tracks, has_weight)) return;
  const auto without = std::ranges::find_if_not(plan.tracks, has_weight);
  if (without != plan.tracks.end()) {
    findings.add({.rule = "plan.weights",
                  .severity = Severity::low,
                  .where = without->where,
                  .object = fmt::format("track {}", without->id),
                  .message = fmt::format("track {} has no weight, and others have one", without->id),
                  .fix = "end its heading with (NN%)"});
  }
  const int sum = std::accumulate(plan.tracks.begin(), plan.tracks.end(), 0, [](int total, const PlanTrack& track) {
    return total + track.weight_percent.value_or(0);
  });
  if (is_about(sum, 100)) return;
  findings.add({.rule = "plan.weights",
                .severity = Severity::low,
                .where = plan.tracks.front().where,
                .message = fmt::format("the weights of the tracks sum to {}%", sum),
                .explanation = "the plan's progress is computed from them",
                .fix = "make them sum to 100%"});
}

const PlanTrack* find_track(const Plan& plan, std::string_view id) {
  const auto found = std::ranges::find(plan.tracks, id, &PlanTrack::id);
  return found == plan.tracks.end() ? nullptr : &*found;
}

// One line of the budget against the weights of the tracks that it names.
void check_share(const Plan& plan, const AttentionShare& share, PlanFindings& findings) {
  int weights = 0;
  bool all_have_weights = !share.tracks.empty();
  for (const std::string& id : share.tracks) {
    const PlanTrack* track = find_track(plan, id);
    if (track == nullptr) {
      findings.add({.rule = "plan.attention",
                    .severity = Severity::low,
                    .where = share.where,
                    .object = share.name,
                    .message = fmt::format("'{}' names track {}, which the plan does not have", share.name, id),
                    .fix = "name one of the plan's tracks"});
    }
    all_have_weights = all_have_weights && track != nullptr && track->weight_percent.has_value();
    weights += all_have_weights ? *track->weight_percent : 0;
  }
  if (!all_have_weights || is_about(share.percent, weights)) return;
  findings.add({.rule = "plan.attention",
                .severity = Severity::low,
                .where = share.where,
                .object = share.name,
                .message = fmt::format("'{}' gets {}% of the attention, its tracks weigh {}%", share.name,
                                       share.percent, weights),
                .fix = "make both agree"});
}

// Shares and tracks are compared with each other; a real budget has three lines.
constexpr std::size_t kSharesMax = 100;

void check_attention(const Plan& plan, PlanFindings& findings) {
  if (plan.attention.empty()) return;
  const int sum = std::accumulate(plan.attention.begin(), plan.attention.end(), 0,
                                  [](int total, const AttentionShare& share) { return total + share.percent; });
  if (!is_about(sum, 100)) {
    findings.add({.rule = "plan.attention",
                  .severity = Severity::low,
                  .where = plan.attention.front().where,
                  .message = fmt::format("the attention budget sums to {}%", sum),
                  .fix = "make it sum to 100%"});
  }
  if (plan.attention.size() > kSharesMax) return;
  for (const AttentionShare& share : plan.attention) check_share(plan, share, findings);
}

void check_marker_target(const ContinuationMarker& marker, PlanFindings& findings) {
  const std::string_view phase = std::string_view(marker.target).substr(0, marker.target.find(':'));
  const bool is_known = std::ranges::find(kPhases, phase) != kPhases.end() ||
                        std::ranges::find(kOtherTargets, phase) != kOtherTargets.end();
  if (marker.kind == MarkerKind::halt || is_known) return;
  findings.add({.rule = "plan.marker",
                .severity = Severity::low,
                .where = marker.where,
                .message = marker.target.empty()
                               ? "the marker names no phase to continue with"
                               : fmt::format("the marker continues with '{}', which is no phase", marker.target),
                .fix = fmt::format("use one of {} or {}", fmt::join(kPhases, ", "), fmt::join(kOtherTargets, ", "))});
}

void check_markers(const Plan& plan, PlanFindings& findings) {
  for (const ContinuationMarker& marker : plan.markers) check_marker_target(marker, findings);
  if (plan.markers.size() < 2) return;
  findings.add({.rule = "plan.marker",
                .severity = Severity::low,
                .where = plan.markers.back().where,
                .message = fmt::format("the plan has {} continuation markers", plan.markers.size()),
                .explanation = "a halt among them is obeyed; otherwise the last one tells what comes next",
                .fix = "keep one, and write others in code",
                .related = {{.where = plan.markers.front().where, .note = "the first one"}}});
}

}  // namespace

void check_consistency(const Plan& plan, const std::optional<ClosingSentence>& closing, PlanFindings& findings) {
  check_encoding(findings);
  check_header(plan, closing, findings);
  check_tracks(plan, findings);
  check_weights(plan, findings);
  check_attention(plan, findings);
  check_markers(plan, findings);
}

}  // namespace gantry::launch

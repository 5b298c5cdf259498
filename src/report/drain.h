#pragma once

// A rehearsal of drains, as text: what happened on which node, what was lost and why, and a timeline with pods as rows and time as
// columns. As in report.h: pure, and whatever names hold, no output lets them move a cursor or become a second line.
//
// Machines get JSON with a documented schema (docs/formats/drain.md); people get text and a picture, which may change.

#include "disruption/disruption.h"
#include "report/report.h"

#include <span>
#include <string>

namespace gantry::report {

struct RehearsalReport {
  const disruption::Rehearsal& rehearsal;
  // Where orders were tried; the rehearsal is then the first of the worst.
  const disruption::OrderSearch* orders = nullptr;
  // Every course of events of a group, for those groups that were searched.
  std::span<const disruption::GroupSearch> groups = {};
  // Why each quorum is safe or is not.
  std::span<const disruption::QuorumVerdict> quorums = {};
  // Of declared nodes: how few of them would do.
  const disruption::SmallestCluster* smallest = nullptr;
  // What the catalogue of mistakes has to say about budgets and workloads, whatever drains.
  std::span<const base::Finding> findings = {};
};

// The worst of the rehearsal's own verdict and what the searches of groups found.
disruption::Verdict verdict_of(const RehearsalReport& report);

// Detail::verbose lists every pod of the timeline, and what is taken as given.
std::string render_rehearsal(const RehearsalReport& report, const RenderOptions& options);
// Schema gantry.drain/v1.
std::string render_rehearsal_json(const RehearsalReport& report);
// A picture that stands alone: no script, no font or style from elsewhere, readable on light and on dark pages.
std::string render_rehearsal_svg(const RehearsalReport& report);

}  // namespace gantry::report

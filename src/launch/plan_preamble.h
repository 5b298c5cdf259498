#pragma once

// The lines before the first section: header, handles, ledger, entropy. They look like YAML and are not; they are read line
// by line.

#include "launch/plan.h"
#include "launch/plan_envelope.h"
#include "launch/plan_findings.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace gantry::launch {

struct Preamble {
  std::optional<PlanHeader> header;
  bool has_hydrate_cue = false;
  std::vector<Handle> handles;
  std::vector<LedgerEntry> ledger;
  std::optional<Entropy> entropy;
};

Preamble read_preamble(const DocumentLines& document, const PlanEnvelope& envelope, PlanFindings& findings);

// The parts, each over a span of the document.

// "{PLAN:complete, QA:skipped (no screens)}", the same over several lines, or one entry per line. In plan_ledger.cc.
std::vector<LedgerEntry> read_ledger(Span region, PlanFindings& findings);

// "0.08 remaining (0.02 spent on PLAN)". In plan_entropy.cc.
Entropy read_entropy(Span region, PlanFindings& findings);

// "name: path  # comment", without its bullet. Nothing, and a finding, when it is something else. In plan_handles.cc.
std::optional<Handle> read_handle(Span entry, PlanFindings& findings);

// "a.b.c[phase=PLAN]@span=x". Nothing when the line is something else. In plan_header.cc.
std::optional<PlanHeader> read_header(Span line, PlanFindings& findings);

}  // namespace gantry::launch

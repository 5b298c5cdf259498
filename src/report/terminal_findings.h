#pragma once

// Findings on a terminal: what is wrong, where, and what to do, most severe first and no more than a screen holds.

#include "report/board_facts.h"
#include "report/page.h"
#include "report/report.h"
#include "report/terminal_parts.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace gantry::report {

struct ShownFinding {
  base::Finding finding;
  const WaiverRow* waiver = nullptr;
};

// The findings of all evidence of a step, each once, in the order of base::sort_findings.
std::vector<ShownFinding> findings_of(const StepRow& step, const WaiverIndex& waivers);

// Under the step's text, or on a narrow page further left.
std::size_t findings_indent(const Page& page, const Columns& columns);

// Info findings only when verbose. Says how many were left out, and how to see them.
void write_findings(Page& page, std::size_t indent, std::span<const ShownFinding> findings, Detail detail);

// All of them, most severe first: for commands that are about nothing else.
void write_every_finding(Page& page, std::size_t indent, std::vector<base::Finding> findings, Detail detail);

// The section about the plan and the workspace themselves; nothing when there is nothing to show.
void write_plan_findings(Page& page, const Board& board, Detail detail);

}  // namespace gantry::report

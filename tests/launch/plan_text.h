#pragma once

// Small plans for tests: a frame that is right, in which one part is what the test is about; and the lines of the dump that
// tell about it.

#include "launch/plan.h"

#include <string>
#include <string_view>

namespace gantry::launch {

struct PlanFrame {
  std::string header = "a.plan[phase=PLAN][sprint=s]@span=x\n";
  std::string preamble = "";
  std::string context = "";
  std::string tracks = "### Track A: First (100%)\n1. a step\n";
  std::string criteria = "- [ ] it works\n";
  std::string rest = "";

  std::string text() const {
    return header + "\n" + preamble + "\n" + context + "\n## Your Mission\n\nDo it.\n\n" + tracks +
           "\n## Exit Criteria\n\n" + criteria + "\n" + rest;
  }
};

// The lines of the plan's dump that start with `prefix`, without it; the error when there is no plan.
inline std::string dump_of(const std::string& text, std::string_view prefix) {
  const base::Result<Plan> plan = Plan::parse(text, "plan.md");
  if (!plan) return base::describe(plan.error());
  std::string selected;
  std::string_view rest;
  const std::string all = dump(*plan);
  for (rest = all; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!line.starts_with(prefix)) continue;
    if (!selected.empty()) selected += '\n';
    selected += line.substr(prefix.size());
  }
  return selected;
}

}  // namespace gantry::launch

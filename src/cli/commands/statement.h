#pragma once

// What a person states about a launch and Gantry records: a sign-off, a waiver.

#include "base/time.h"
#include "cli/command.h"
#include "cli/commands/plan_argument.h"

#include <string>

namespace gantry::cli {

template <typename Request>
struct StatementFlags {
  PlanArgument plan;
  Request request;
  std::string valid_for;  // "" for the request's default
};

// `state` is launch::sign or launch::waive.
template <auto state, typename Request>
base::Result<int> record(const Invocation& invocation, const StatementFlags<Request>& flags) {
  Request request = flags.request;
  if (!flags.valid_for.empty()) request.valid_for = TRY(base::parse_duration(flags.valid_for));
  const launch::Workspace workspace = TRY(flags.plan.open());
  const base::SystemClock clock;
  return finish(invocation, TRY(state(workspace, request, clock)) + "\n", kYes);
}

}  // namespace gantry::cli

#include "launch/found_evidence.h"

#include "launch/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gantry::launch {

using base::Evidence;
using base::Result;

std::string evidence_input_name(std::string_view check, std::string_view subject) {
  return fmt::format("evidence:{} {}", check, subject);
}

std::vector<FoundEvidence::Found> SessionEvidence::of(std::string_view check) const {
  std::vector<Found> found;
  for (const StepBindings& step : session_.bound.steps)
    for (const Binding& binding : step.bindings) {
      const bool is_known = std::ranges::find(found, binding.key, &Found::binding_key) != found.end();
      if (binding.check->name != check || is_known) continue;
      const auto state = session_.checks.find(binding.key);
      if (state == session_.checks.end() || !state->second.evidence) continue;
      found.push_back({step.step, binding.key, binding.block, *state->second.evidence});
    }
  return found;
}

Result<std::optional<Evidence>> SessionEvidence::first_passed(const Found& found, base::Timestamp since) const {
  std::set<std::string_view> keys;
  for (const StepBindings& step : session_.bound.steps)
    for (const Binding& binding : step.bindings)
      if (binding.check->name == found.evidence.check && binding.subject == found.evidence.subject)
        keys.insert(binding.key);
  return store_.find_first({.check = found.evidence.check,
                            .subject = found.evidence.subject,
                            .binding_key = keys.size() > 1 ? std::string_view(found.binding_key) : std::string_view(),
                            .since = since});
}

Result<std::string> SessionEvidence::read(const base::Artifact& artifact) const { return store_.read(artifact); }

}  // namespace gantry::launch

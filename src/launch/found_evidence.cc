#include "launch/found_evidence.h"

#include "launch/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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

Result<std::vector<Evidence>> SessionEvidence::before(const Found& found) const {
  std::vector<Evidence> all = TRY(store_.find_by_binding(found.binding_key));
  const auto current = std::ranges::find(all, found.evidence.id, &Evidence::id);
  all.erase(all.begin(), current == all.end() ? current : std::next(current));
  return all;
}

Result<std::string> SessionEvidence::read(const base::Artifact& artifact) const { return store_.read(artifact); }

}  // namespace gantry::launch

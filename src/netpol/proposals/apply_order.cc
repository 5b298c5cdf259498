// In which order the policies of a change can be applied one by one (network policy reference, §10).

#include "netpol/proposals/edits.h"

#include <algorithm>
#include <map>
#include <utility>

namespace gantry::netpol {

using kube::Direction;
using kube::NetworkPolicy;

namespace {

// What a policy does to reachability when it comes in the place of what was there. Ordered: the earlier, the sooner it may come.
enum class Step { admits, both, closes };

bool admits_more(const NetworkPolicy* before, const NetworkPolicy* after) {
  if (!after) return false;
  for (const Direction direction : {Direction::ingress, Direction::egress}) {
    for (const kube::PolicyRule& rule : after->rules(direction)) {
      const std::string text = yaml_of(rule, direction);
      const bool was_there =
          before && std::ranges::any_of(before->rules(direction), [&](const kube::PolicyRule& other) {
            return yaml_of(other, direction) == text;
          });
      if (!was_there && after->isolates(direction)) return true;
    }
  }
  return false;
}

bool isolates_more(const NetworkPolicy* before, const NetworkPolicy* after) {
  if (!after) return false;
  for (const Direction direction : {Direction::ingress, Direction::egress})
    if (after->isolates(direction) && !(before && before->isolates(direction))) return true;
  return before && after->pod_selector != before->pod_selector;
}

// Who isolates afresh may cut something off, whatever else it admits; so may who admits less than before.
Step step_of(const NetworkPolicy* before, const NetworkPolicy* after) {
  const bool more = admits_more(before, after);
  const bool less = isolates_more(before, after) || admits_more(after, before) || !after;
  if (less && more && before) return Step::both;
  return less ? Step::closes : Step::admits;
}

}  // namespace

std::vector<kube::ObjectId> safe_apply_order(const kube::Snapshot& before, const kube::Snapshot& after) {
  std::map<kube::ObjectId, std::pair<const NetworkPolicy*, const NetworkPolicy*>> policies;
  for (const NetworkPolicy& policy : before->network_policies) policies[policy.object.id].first = &policy;
  for (const NetworkPolicy& policy : after->network_policies) policies[policy.object.id].second = &policy;
  std::vector<std::pair<Step, kube::ObjectId>> steps;
  for (const auto& [id, versions] : policies) {
    const auto& [was, is] = versions;
    if (was && is && yaml_of(*was) == yaml_of(*is)) continue;
    steps.emplace_back(step_of(was, is), id);
  }
  std::ranges::sort(steps);
  std::vector<kube::ObjectId> order;
  for (auto& [step, id] : steps) order.push_back(std::move(id));
  return order;
}

}  // namespace gantry::netpol

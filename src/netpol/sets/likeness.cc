#include "netpol/sets/likeness.h"

#include "netpol/peer_match.h"

#include <algorithm>

namespace gantry::netpol {

using kube::Direction;
using kube::NetworkPolicy;

namespace {

bool is_counted(const kube::Object& object, const Reachability& reach) {
  return !object.rejected() || !reach.options().without_rejected;
}

bool say_the_same(const kube::Object& a, const kube::Object& b) {
  if (a.document == b.document) return a.document != nullptr;
  if (!a.document || !b.document || a.id.kind != b.id.kind || a.version != b.version) return false;
  const base::Node* mine = a.document->get("spec");
  const base::Node* theirs = b.document->get("spec");
  return mine && theirs && *mine == *theirs;
}

using Policies = std::vector<const kube::Object*>;

// Without a direction, of both.
Policies policies_in(const std::string& name_space, std::optional<Direction> direction, const Reachability& reach) {
  Policies found;
  for (const NetworkPolicy& policy : kube::in_namespace(reach.snapshot()->network_policies, name_space))
    if (is_counted(policy.object, reach) && (!direction || policy.isolates(*direction)))
      found.push_back(&policy.object);
  return found;
}

// Those that may apply to it.
Policies policies_for(const Endpoint& endpoint, Direction direction, const Reachability& reach) {
  Policies found;
  for (const NetworkPolicy& policy : kube::in_namespace(reach.snapshot()->network_policies, endpoint.name_space))
    if (is_counted(policy.object, reach) && policy.isolates(direction) &&
        kube::match(policy.pod_selector, endpoint.labels) != kube::Match::no)
      found.push_back(&policy.object);
  return found;
}

bool holds_all(const Policies& larger, const Policies& smaller) {
  return std::ranges::all_of(smaller, [&](const kube::Object* each) {
    return std::ranges::any_of(larger, [&](const kube::Object* other) { return say_the_same(*each, *other); });
  });
}

bool are_same(const Policies& a, const Policies& b) { return holds_all(a, b) && holds_all(b, a); }

Policies admin_policies(const Reachability& reach) {
  Policies found;
  for (const kube::AdminPolicy& policy : reach.snapshot()->admin_policies)
    if (is_counted(policy.object, reach)) found.push_back(&policy.object);
  return found;
}

}  // namespace

Likeness::Likeness(const Reachability& open, const Reachability& shut)
    : open_(open), shut_(shut), admin_is_same_(are_same(admin_policies(open), admin_policies(shut))) {
  for (auto& known : known_) known.resize(open.endpoints().size());
}

bool Likeness::grows(EndpointId endpoint, Direction direction) {
  std::optional<bool>& known = known_.at(static_cast<std::size_t>(direction))[endpoint.value()];
  if (!known) known = compute_grows(endpoint, direction);
  return *known;
}

bool Likeness::compute_grows(EndpointId id, Direction direction) const {
  const Endpoint& endpoint = open_.endpoints()[id];
  if (!endpoint.is_pods()) return true;
  if (endpoint.host_network && !open_.options().profile.host_network_pods_are_policed) return true;
  if (!admin_is_same_) return false;
  const Policies mine = policies_for(endpoint, direction, open_);
  const Policies theirs = policies_for(endpoint, direction, shut_);
  if (are_same(mine, theirs)) {
    // Where both directions hang together, the tier behind asks for the other one as well.
    return open_.options().profile.baseline_is_decided_per_direction || are_same_in(endpoint.name_space, std::nullopt);
  }
  // More rules open more, for those who are isolated anyway: policies have no deny.
  return open_.snapshot()->admin_policies.empty() && holds_all(theirs, mine) && !open_.isolating(id, direction).empty();
}

bool Likeness::are_same_in(const std::string& name_space, std::optional<Direction> direction) const {
  return are_same(policies_in(name_space, direction, open_), policies_in(name_space, direction, shut_));
}

bool Likeness::grows_in(const std::string& name_space, Direction direction) const {
  if (!admin_is_same_) return false;
  const bool by_direction =
      open_.options().profile.baseline_is_decided_per_direction || open_.snapshot()->admin_policies.empty();
  if (are_same_in(name_space, by_direction ? std::optional(direction) : std::nullopt)) return true;
  const auto isolates_all = [&](const NetworkPolicy& policy) {
    return is_counted(policy.object, open_) && policy.isolates(direction) && policy.pod_selector.selects_everything();
  };
  return open_.snapshot()->admin_policies.empty() &&
         holds_all(policies_in(name_space, direction, shut_), policies_in(name_space, direction, open_)) &&
         std::ranges::any_of(kube::in_namespace(open_.snapshot()->network_policies, name_space), isolates_all);
}

}  // namespace gantry::netpol

// One NetworkPolicy changed, and everything that this leaves alone taken over: endpoints, what selectors mean, and the
// rows of all endpoints that the policy neither selected nor selects.

#include "netpol/analysis.h"
#include "netpol/vocabulary.h"

#include <algorithm>
#include <mutex>
#include <tuple>
#include <utility>

namespace gantry::netpol {

using kube::Direction;
using kube::NetworkPolicy;
using kube::ObjectId;
using kube::SnapshotData;

namespace {

const ObjectId& id_of(const NetworkPolicy& policy) { return policy.object.id; }

// Where the policy stands in the sorted list, or would stand.
std::vector<NetworkPolicy>::iterator find_place(std::vector<NetworkPolicy>& policies, const ObjectId& id) {
  return std::ranges::lower_bound(policies, std::pair(id.name_space, id.name), {},
                                  [](const NetworkPolicy& each) { return std::pair(each.name_space(), each.name()); });
}

kube::Snapshot freeze(SnapshotData data) {
  return kube::Snapshot(std::make_shared<const SnapshotData>(std::move(data)));
}

auto all_of(const kube::Object& object) {
  return std::tie(object.id, object.version, object.labels, object.annotations, object.owners, object.uid,
                  object.generation, object.origin, object.admission, object.unknown_fields, object.document);
}

// Who changes what a policy says mostly leaves the object as it was read, and then the list is left to be shared.
void put_object(kube::SharedList<kube::Object>& objects, const kube::Object& object) {
  const auto found = std::ranges::find(objects, object.id, &kube::Object::id);
  if (found == objects.end()) {
    objects.edit().push_back(object);
  } else if (all_of(*found) != all_of(object)) {
    const auto place = found - objects.begin();
    objects.edit()[static_cast<std::size_t>(place)] = object;
  }
}

kube::Snapshot put(const kube::Snapshot& before, const NetworkPolicy& policy) {
  SnapshotData data = *before;
  std::vector<NetworkPolicy>& policies = data.network_policies.edit();
  const auto place = find_place(policies, id_of(policy));
  if (place != policies.end() && id_of(*place) == id_of(policy)) {
    *place = policy;
  } else {
    policies.insert(place, policy);
  }
  put_object(data.objects, policy.object);
  return freeze(std::move(data));
}

kube::Snapshot take_away(const kube::Snapshot& before, const ObjectId& id) {
  SnapshotData data = *before;
  std::erase_if(data.network_policies.edit(), [&](const NetworkPolicy& each) { return id_of(each) == id; });
  std::erase_if(data.objects.edit(), [&](const kube::Object& each) { return each.id == id; });
  return freeze(std::move(data));
}

// Whether both are the same to a side: what a selector means is looked up once, so equal peers are one.
bool say_the_same(const CompiledPolicy& a, const CompiledPolicy& b, Direction direction) {
  const auto is_same_rule = [](const CompiledRule& one, const CompiledRule& other) {
    return one.action == other.action && one.peers == other.peers && one.ports.numbers == other.ports.numbers &&
           one.ports.names == other.ports.names;
  };
  return a.subject == b.subject && a.applies(direction) && b.applies(direction) &&
         std::ranges::equal(a.of(direction), b.of(direction), is_same_rule);
}

std::shared_ptr<const Side> change(const Plane& before, const CompiledPolicies& policies, const Endpoints& endpoints,
                                   const ObjectId& changed, Direction direction,
                                   const std::shared_ptr<const Side>& side) {
  const std::optional<std::uint32_t> old_index = before.policies.find(changed);
  const std::optional<std::uint32_t> new_index = policies.find(changed);
  // Who changes what a policy says of one direction mostly leaves the other.
  if (old_index && new_index && say_the_same(before.policies.all()[*old_index], policies.all()[*new_index], direction))
    return side;
  EndpointSet for_whom;
  if (old_index && before.policies.all()[*old_index].applies(direction))
    for_whom.unite(before.policies.all()[*old_index].subject->possible);
  if (new_index && policies.all()[*new_index].applies(direction))
    for_whom.unite(policies.all()[*new_index].subject->possible);
  if (for_whom.empty()) return side;
  return std::make_shared<const Side>(*side, policies, endpoints, new_index ? *new_index : *old_index, for_whom);
}

}  // namespace

Plane::Plane(const Plane& before, const kube::Snapshot& after, const Endpoints& endpoints, const ObjectId& changed)
    : family(before.family),
      policies(before.policies, after, changed),
      ingress(change(before, policies, endpoints, changed, Direction::ingress, before.ingress)),
      egress(change(before, policies, endpoints, changed, Direction::egress, before.egress)),
      own_nodes(before.own_nodes) {}

Reachability Reachability::changed(kube::Snapshot after, const ObjectId& policy) const {
  const NetworkPolicy* now = kube::find_named(after->network_policies, policy.name_space, policy.name);
  const bool is_covered = !now || endpoints().vocabulary().covers(*now);
  // Elsewhere both directions of an endpoint hang together.
  if (!is_covered || !options().profile.baseline_is_decided_per_direction) return *analyse(after, options());
  const std::lock_guard lock(*impl_->changing);
  auto impl = std::make_shared<Impl>();
  impl->snapshot = std::move(after);
  impl->endpoints = impl_->endpoints;
  impl->options = impl_->options;
  impl->changing = impl_->changing;
  impl->make_planes(
      [&](kube::IpFamily family) { return Plane(impl_->plane(family), impl->snapshot, *impl->endpoints, policy); });
  finish(*impl);
  return Reachability(std::move(impl));
}

Reachability Reachability::with_policy(const NetworkPolicy& policy) const {
  return changed(put(snapshot(), policy), id_of(policy));
}

Reachability Reachability::without_policy(const ObjectId& policy) const {
  return changed(take_away(snapshot(), policy), policy);
}

}  // namespace gantry::netpol

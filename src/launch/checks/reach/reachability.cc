// Two steps. First, once: which policies apply to which pods. From there on isolation is a list that is empty or not. Then,
// for each flow: at the source the egress rules, at the destination the ingress rules, and both must let it pass. Deliberately
// without any index or cache beyond that, so that each function can be read beside the section it names.

#include "launch/checks/reach/reachability.h"

#include "launch/checks/reach/address_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gantry::launch {

using kube::Cidr;
using kube::Direction;
using kube::IpBlock;
using kube::LabelKnowledge;
using kube::LabelSelector;
using kube::Match;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyPort;
using kube::PolicyRule;

namespace {

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";

Access access_of(Match match) {
  switch (match) {
    case Match::no: return Access::no;
    case Match::unknown: return Access::depends;
    case Match::yes: return Access::yes;
  }
  return Access::depends;
}

// §4: a number, a range, a name that the destination declares for that protocol, or every port of the protocol.
bool holds(const PolicyPort& entry, const PodClass& destination, FlowPort port) {
  if (entry.protocol != port.protocol) return false;
  if (!entry.port) return true;
  if (const auto* number = std::get_if<kube::Port>(&*entry.port))
    return *number <= port.number && port.number <= entry.end_port.value_or(*number);
  const std::vector<kube::Port> named =
      kube::find_named_ports(*destination.pod.spec, std::get<std::string>(*entry.port), entry.protocol);
  return std::ranges::find(named, port.number) != named.end();
}

// A pod has an address in one of the ranges of each family, so all ranges of one family are enough to be certain of it.
Access holds_ranges(const IpBlock& block, const std::vector<Cidr>& ranges) {
  bool is_met = false;
  bool is_covered = false;
  bool has_gap = false;
  for (const Cidr& range : ranges) {
    if (range.address.family != block.cidr.address.family) continue;
    is_met = is_met || meets(block, range);
    is_covered = is_covered || covers(block, range);
    has_gap = has_gap || !covers(block, range);
  }
  if (is_covered && !has_gap) return Access::yes;
  return is_met ? Access::depends : Access::no;
}

}  // namespace

std::string to_string(const FlowPort& port) {
  return fmt::format("{}/{}", port.number.value(), to_string(port.protocol));
}

const base::SourcePos& RulePlace::pos() const { return peer ? get_peer()->where : get_rule().where; }

std::string to_string(const RulePlace& place) {
  std::string text =
      fmt::format("{} {}[{}]", to_string(place.policy->object.id), to_string(place.direction), place.rule);
  if (place.peer) text += fmt::format(".{}[{}]", place.direction == Direction::ingress ? "from" : "to", *place.peer);
  return text;
}

LabelKnowledge namespace_labels(const kube::Snapshot& snapshot, std::string_view name) {
  if (const kube::Namespace* known = snapshot.find_namespace(name)) return known->labels;
  LabelKnowledge labels;
  labels.known.set(std::string(kNameLabel), std::string(name));
  labels.others_possible = true;
  return labels;
}

Reachability::Reachability(const kube::Snapshot& snapshot, const std::vector<PodClass>& classes,
                           const std::vector<Cidr>& pod_ranges)
    : snapshot_(snapshot), classes_(classes), pod_ranges_(pod_ranges) {
  for (const Direction direction : {Direction::ingress, Direction::egress}) {
    auto& by_class = applying_.at(std::to_underlying(direction));
    by_class.resize(classes.size());
    for (std::size_t i = 0; i < classes.size(); ++i) {
      // §7: the common reading of hostNetwork pods; no policy applies to them.
      if (classes[i].on_host_network()) continue;
      for (const NetworkPolicy& policy : kube::in_namespace(snapshot->network_policies, classes[i].name_space())) {
        // What the API server refuses does not exist in the cluster.
        if (policy.object.rejected() || !policy.isolates(direction)) continue;
        const Match match = kube::match(policy.pod_selector, classes[i].pod.labels);
        if (match != Match::no) by_class[i].push_back({.policy = &policy, .match = match});
      }
    }
  }
}

Flow Reachability::decide(const FlowQuestion& question) const {
  const PodClass& source = classes_[question.source];
  const PodClass& destination = classes_[question.destination];
  const Peer to{.pods = &destination};
  const Peer from{.pods = &source};
  return {.egress = judge(Direction::egress, question.source, to, destination, question.port),
          .ingress = judge(Direction::ingress, question.destination, from, destination, question.port)};
}

Side Reachability::decide_external(const Cidr& range, std::size_t destination, FlowPort port) const {
  return judge(Direction::ingress, destination, Peer{.range = &range}, classes_[destination], port);
}

std::vector<const NetworkPolicy*> Reachability::isolating(Direction direction, std::size_t pods) const {
  std::vector<const NetworkPolicy*> policies;
  for (const Applying& each : applying(direction, pods)) policies.push_back(each.policy);
  return policies;
}

const std::vector<Reachability::Applying>& Reachability::applying(Direction direction, std::size_t pods) const {
  return applying_.at(std::to_underlying(direction))[pods];
}

// §2: without an applying policy everything passes; with one, only what some rule of some applying policy lets pass. Where it
// is not certain that a policy applies, both worlds are looked at: in one it isolates, and in the other it does not exist.
Side Reachability::judge(Direction direction, std::size_t subject, const Peer& peer, const PodClass& destination,
                         FlowPort port) const {
  Side side;
  Access certain = Access::no;
  Access possible = Access::no;
  bool is_isolated = false;
  bool is_open_in_all_worlds = true;
  for (const Applying& each : applying(direction, subject)) {
    side.isolating.push_back(each.policy);
    const Access opened = open(*each.policy, direction, peer, destination, port, side.openings);
    if (each.match == Match::yes) {
      is_isolated = true;
      certain = std::max(certain, opened);
    } else {
      possible = std::max(possible, opened);
      is_open_in_all_worlds = is_open_in_all_worlds && opened == Access::yes;
    }
  }
  if (is_isolated) {
    side.access = std::max(certain, std::min(possible, Access::depends));
  } else {
    side.access = is_open_in_all_worlds ? Access::yes : Access::depends;
  }
  return side;
}

// §3: a rule lets pass what one of its ports and one of its peers hold; ports and peers of different rules never combine.
Access Reachability::open(const NetworkPolicy& policy, Direction direction, const Peer& peer,
                          const PodClass& destination, FlowPort port, std::vector<Opening>& openings) const {
  Access best = Access::no;
  const std::vector<PolicyRule>& rules = policy.rules(direction);
  for (std::size_t r = 0; r < rules.size(); ++r) {
    if (!holds_port(rules[r], destination, port)) continue;
    RulePlace place{.policy = &policy, .direction = direction, .rule = r, .peer = std::nullopt};
    // §2.2: no list, null and [] all mean everybody.
    if (rules[r].peers.empty()) {
      openings.push_back({.place = place, .access = Access::yes});
      best = Access::yes;
    }
    for (std::size_t p = 0; p < rules[r].peers.size(); ++p) {
      const Access access = holds(policy, rules[r].peers[p], peer);
      if (access == Access::no) continue;
      place.peer = p;
      openings.push_back({.place = place, .access = access});
      best = std::max(best, access);
    }
  }
  return best;
}

bool Reachability::holds_port(const PolicyRule& rule, const PodClass& destination, FlowPort port) {
  return rule.ports.empty() || std::ranges::any_of(rule.ports, [&](const PolicyPort& entry) {
           return launch::holds(entry, destination, port);
         });
}

Access Reachability::holds(const NetworkPolicy& policy, const PolicyPeer& peer, const Peer& other) const {
  if (other.pods) return holds_peer(policy, peer, *other.pods);
  // Selectors match pods only, never addresses outside (§3).
  if (!peer.ip_block || !meets(*peer.ip_block, *other.range)) return Access::no;
  return covers(*peer.ip_block, *other.range) ? Access::yes : Access::depends;
}

// §3: the namespace's labels and the pod's own, both; without a namespace selector, the policy's own namespace.
Access Reachability::holds_peer(const NetworkPolicy& policy, const PolicyPeer& peer, const PodClass& pods) const {
  if (peer.ip_block) return holds_address(*peer.ip_block, pods);
  // §7: selectors overlook pods on the host network.
  if (pods.on_host_network()) return Access::no;
  Access access = Access::yes;
  if (peer.namespace_selector) {
    access = access_of(kube::match(*peer.namespace_selector, namespace_labels(snapshot_, pods.name_space())));
  } else if (pods.name_space() != policy.name_space()) {
    return Access::no;
  }
  if (peer.pod_selector) access = std::min(access, access_of(kube::match(*peer.pod_selector, pods.pod.labels)));
  return access;
}

// §5: addresses that are known decide; else the ranges that pods get their addresses from; without those, only a block of
// every IPv4 address is certain to hold a pod.
Access Reachability::holds_address(const IpBlock& block, const PodClass& pods) const {
  const std::vector<kube::IpAddress>& known = pods.on_host_network() ? pods.pod.host_ips : pods.pod.ips;
  if (!known.empty()) {
    const bool holds = std::ranges::any_of(known, [&](const kube::IpAddress& ip) { return contains(block, ip); });
    return holds ? Access::yes : Access::no;
  }
  if (!pod_ranges_.empty() && !pods.on_host_network()) return holds_ranges(block, pod_ranges_);
  return covers(block, everywhere(kube::IpFamily::v4)) ? Access::yes : Access::depends;
}

}  // namespace gantry::launch

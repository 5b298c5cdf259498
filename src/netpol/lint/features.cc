// Verdicts that turn when the network plugin answers one question of §18 otherwise (NP042): where the policies ask it, and which
// flows it decides.

#include "netpol/lint/cluster_addresses.h"
#include "netpol/lint/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

namespace gantry::netpol::linting {

using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyPort;
using kube::PolicyRule;

namespace {

constexpr std::size_t kVerdictsMax = 10;  // that one finding lists
constexpr std::size_t kClassesMax = 64;   // endpoints that are compared for one topic

struct Place {
  std::string object;
  base::SourcePos where;
};

// A range inside the cluster is told by NP012.
bool asks(ProfileTopic topic, const PolicyPeer& peer, const ClusterAddresses& addresses) {
  return topic == ProfileTopic::ip_block_on_pods && peer.ip_block && addresses.holds_pods(*peer.ip_block) &&
         addresses.owner_of(peer.ip_block->cidr).empty();
}

bool asks(ProfileTopic topic, const PolicyPort& port) {
  if (topic == ProfileTopic::end_port) return port.end_port.has_value();
  if (topic == ProfileTopic::sctp) return port.protocol == kube::Protocol::sctp;
  return topic == ProfileTopic::sidecar_port_names && port.port && std::holds_alternative<std::string>(*port.port);
}

// Where a policy uses what the topic is about; nothing when it does not.
std::optional<Place> find_place(const Context& context, ProfileTopic topic, const NetworkPolicy& policy,
                                const ClusterAddresses& addresses) {
  for (const Direction direction : {Direction::ingress, Direction::egress}) {
    if (!policy.isolates(direction)) continue;
    for (const PolicyRule& rule : policy.rules(direction)) {
      for (const PolicyPeer& peer : rule.peers)
        if (asks(topic, peer, addresses)) return Place{name_of(policy), peer.where};
      for (const PolicyPort& port : rule.ports)
        if (asks(topic, port)) return Place{name_of(policy), port.where};
    }
  }
  // A policy that names such pods is told by NP030; one for the whole namespace may not know of them.
  const bool about_hosts = topic == ProfileTopic::host_network_pods && policy.pod_selector.selects_everything();
  const auto unnamed_host = [&](GroupId id) {
    const auto policies = context.index.policies_in(policy.name_space());
    return context.index[id].host_network && std::ranges::none_of(policies, [&](const NetworkPolicy* other) {
             return !other->pod_selector.selects_everything() &&
                    std::ranges::binary_search(context.index.selected_by(*other), id);
           });
  };
  if (about_hosts && std::ranges::any_of(context.index.selected_by(policy), unnamed_host))
    return Place{name_of(policy), policy.pod_selector_where};
  return std::nullopt;
}

// Two answers of an analysis to one question, told for people.
class Comparison {
 public:
  Comparison(const Reachability& as_is, ProfileTopic topic)
      : as_is_(as_is), flipped_(as_is.with_profile(as_is.options().profile.flipped(topic))) {}

  // What certainly turns: from open to closed or the reverse.
  void look_at(EndpointId id) {
    if (full() || !seen_.insert(id).second) return;
    compare(as_is_.sources_of(id), flipped_.sources_of(id), Direction::ingress, id);
    compare(as_is_.destinations_of(id), flipped_.destinations_of(id), Direction::egress, id);
  }

  bool full() const { return seen_.size() >= kClassesMax || verdicts_.size() >= kVerdictsMax; }
  const std::vector<std::string>& verdicts() const { return verdicts_; }

 private:
  using Openings = std::vector<Opening>;

  void compare(const Openings& before, const Openings& after, Direction direction, EndpointId id) {
    note(before, after, "open, and closed elsewhere", direction, id);
    note(after, before, "closed, and open elsewhere", direction, id);
  }

  struct Rectangle {
    PortSet ports;
    EndpointSet peers;
  };

  // Flows that are certainly open in the first and not even possible in the second: one of each opening.
  void note(const Openings& open, const Openings& other, std::string_view how, Direction direction, EndpointId id) {
    for (const Opening& opening : open) {
      if (opening.certain.empty()) continue;
      std::vector<Rectangle> rest{{opening.ports, opening.certain}};
      for (const Opening& each : other) rest = subtract(rest, each);
      if (!rest.empty()) add(*rest.front().peers.first(), id, rest.front().ports, how, direction);
    }
  }

  static std::vector<Rectangle> subtract(const std::vector<Rectangle>& rectangles, const Opening& opening) {
    std::vector<Rectangle> rest;
    const auto keep = [&](PortSet ports, EndpointSet peers) {
      if (!ports.empty() && !peers.empty()) rest.push_back({std::move(ports), std::move(peers)});
    };
    for (const Rectangle& each : rectangles) {
      keep(each.ports.without(opening.ports), each.peers);
      keep(each.ports.intersected(opening.ports), each.peers.without(opening.possible));
    }
    return rest;
  }

  void add(EndpointId peer, EndpointId id, const PortSet& ports, std::string_view how, Direction direction) {
    if (verdicts_.size() >= kVerdictsMax) return;
    const Endpoints& endpoints = as_is_.endpoints();
    const EndpointId source = direction == Direction::ingress ? peer : id;
    const EndpointId destination = direction == Direction::ingress ? id : peer;
    std::string text =
        fmt::format("{} -> {} {} is {}", endpoints[source].name, endpoints[destination].name, to_string(ports), how);
    if (std::ranges::find(verdicts_, text) == verdicts_.end()) verdicts_.push_back(std::move(text));
  }

  const Reachability& as_is_;
  Reachability flipped_;
  std::set<EndpointId> seen_;
  std::vector<std::string> verdicts_;
};

void check_topic(const Context& context, ProfileTopic topic, const ClusterAddresses& addresses, Report& report) {
  std::vector<Place> places;
  std::vector<const NetworkPolicy*> asking;
  for (const NetworkPolicy* policy : context.index.policies()) {
    std::optional<Place> place = find_place(context, topic, *policy, addresses);
    if (!place) continue;
    places.push_back(*std::move(place));
    asking.push_back(policy);
  }
  const bool about_tiers = topic == ProfileTopic::admin_tiers || topic == ProfileTopic::baseline_finality;
  // The other analysis is made only where something asks for it: it costs as much as the first.
  if (places.empty() && (!about_tiers || context.snapshot->admin_policies.empty())) return;
  Comparison comparison(context.reach, topic);
  for (const NetworkPolicy* policy : asking) {
    for (const GroupId group : context.index.selected_by(*policy)) {
      if (comparison.full()) break;
      const PodGroup& pods = context.index[group];
      if (!pods.workload) continue;
      for (const EndpointId id : context.reach.endpoints().find(pods.name_space, pods.workload->name()))
        comparison.look_at(id);
    }
  }
  // The tiers are the administrator's: every pod may be their subject.
  if (about_tiers && !context.snapshot->admin_policies.empty()) {
    for (const kube::AdminPolicy& policy : context.snapshot->admin_policies)
      places.push_back({to_string(policy.object.id), policy.object.pos()});
    const std::size_t count = std::min(context.reach.endpoints().pod_class_count(), kClassesMax);
    for (std::size_t i = 0; i < count; ++i) comparison.look_at(EndpointId(static_cast<std::uint32_t>(i)));
  }
  if (places.empty() || comparison.verdicts().empty()) return;
  base::Finding& finding = report.add(
      places.front().object, places.front().where,
      fmt::format("verdicts depend on the network plugin ({}), first through {}", to_string(topic),
                  places.front().object),
      "check what the cluster's plugin does, and say so in the profile; or write the rule so that it does not "
      "matter");
  finding.explanation =
      fmt::format("{} Under the profile in use: {}.", describe(topic), fmt::join(comparison.verdicts(), "; "));
  for (std::size_t i = 1; i < places.size() && i < kVerdictsMax; ++i)
    finding.related.push_back({.where = places[i].where, .note = places[i].object});
}

}  // namespace

void find_plugin_features(const Context& context, Report& report) {
  const ClusterAddresses addresses(context);
  for (const ProfileTopic topic : context.reach.topics()) check_topic(context, topic, addresses, report);
}

}  // namespace gantry::netpol::linting

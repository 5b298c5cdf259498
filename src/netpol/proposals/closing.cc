#include "netpol/proposals/closing.h"

#include "netpol/proposals/exact.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace gantry::netpol {

using kube::Direction;
using kube::NetworkPolicy;
using Kind = PolicyEdit::Kind;

namespace {

// One rule of one policy, and what flows through it.
using RuleKey = std::tuple<kube::ObjectId, Direction, std::size_t>;

struct RuleUse {
  std::set<std::size_t> needed_peers, needed_ports;
  bool needs_everybody = false;  // a need passes where no peer is written
  bool needs_every_port = false;
  bool is_needed = false;
};

Flow flow_between(const Reachability& reach, EndpointId source, EndpointId destination, kube::Protocol protocol,
                  kube::Port port) {
  kube::IpFamily family = reach.endpoints().families().front();
  for (const EndpointId id : {source, destination})
    if (!reach.endpoints()[id].is_pods()) family = reach.endpoints()[id].range.address.family;
  return {.source = source, .destination = destination, .protocol = protocol, .port = port, .family = family};
}

// A flow of the opening for each protocol: all of its ports are open alike.
std::vector<Flow> flows_of(const Reachability& reach, const UnneededOpening& opening) {
  std::vector<Flow> flows;
  for (const kube::Protocol protocol : {kube::Protocol::tcp, kube::Protocol::udp, kube::Protocol::sctp})
    for (const kube::PortRange& range : opening.ports.ranges(protocol))
      flows.push_back(flow_between(reach, opening.source, opening.destination, protocol, range.first));
  return flows;
}

class Closer {
 public:
  Closer(const Reachability& reach, const Needs& needs, const Judgement& judgement)
      : reach_(reach), needs_(needs), judgement_(judgement) {
    note_uses();
    note_unjudged();
  }

  std::vector<TypedEdit> run() {
    for (const UnneededOpening& opening : judgement_.openings)
      for (const Flow& flow : flows_of(reach_, opening)) close(flow);
    std::vector<TypedEdit> edits;
    for (auto& [key, edit] : removals_) edits.push_back(std::move(edit));
    for (const auto& [subject, directions] : isolated_) add_policy(subject, directions, edits);
    return edits;
  }

 private:
  void note_uses();
  void note_unjudged();
  void close(const Flow& flow);
  bool isolate(const Flow& flow, Direction direction);
  std::optional<std::vector<TypedEdit>> removals_on(const SideExplanation& side) const;
  std::optional<TypedEdit> removal_of(const RulePlace& place) const;
  void add_policy(EndpointId subject, const std::set<Direction>& directions, std::vector<TypedEdit>& edits) const;
  PeerPorts needed_by(EndpointId subject, Direction direction) const;

  const Reachability& reach_;
  const Needs& needs_;
  const Judgement& judgement_;
  std::map<RuleKey, RuleUse> uses_;
  // Workloads with a need, on that side, whose other end is not in the input.
  std::set<std::pair<std::size_t, Direction>> unjudged_;
  std::map<std::string, TypedEdit> removals_;
  std::map<EndpointId, std::set<Direction>> isolated_;
};

void Closer::note_uses() {
  for (const JudgedNeed& judged : judgement_.needs) {
    if (judged.access == Access::no) continue;
    const Explanation why = reach_.explain(
        flow_between(reach_, judged.source, judged.destination, needs_.needs[judged.need].protocol, judged.port));
    for (const SideExplanation* side : {&why.ingress, &why.egress}) {
      for (const RulePlace& place : side->admitting) {
        if (!place.rule) continue;
        RuleUse& use = uses_[{place.policy, place.direction, *place.rule}];
        use.is_needed = true;
        if (place.peer) use.needed_peers.insert(*place.peer);
        if (place.port) use.needed_ports.insert(*place.port);
        use.needs_everybody |= !place.peer;
        use.needs_every_port |= !place.port;
      }
    }
  }
}

void Closer::note_unjudged() {
  std::set<std::size_t> judged;
  for (const JudgedNeed& each : judgement_.needs) judged.insert(each.need);
  for (std::size_t i = 0; i < needs_.needs.size(); ++i) {
    if (judged.contains(i)) continue;
    const Need& need = needs_.needs[i];
    if (const auto* source = std::get_if<NeedWorkload>(&need.source))
      unjudged_.insert({source->workload, Direction::egress});
    if (const auto* to = std::get_if<NeedWorkload>(&need.destination))
      unjudged_.insert({to->workload, Direction::ingress});
  }
}

// The largest part that no need passes through; where a need passes every part of it, the part that goes is admitted again, in
// narrower words, by whoever completes the proposal.
std::optional<TypedEdit> Closer::removal_of(const RulePlace& place) const {
  if (!place.rule) return std::nullopt;
  const NetworkPolicy* policy =
      kube::find_named(reach_.snapshot()->network_policies, place.policy.name_space, place.policy.name);
  if (!policy || place.policy.kind != "NetworkPolicy" || policy->object.rejected()) return std::nullopt;
  const kube::PolicyRule& rule = policy->rules(place.direction).at(*place.rule);
  const auto use = uses_.find({place.policy, place.direction, *place.rule});
  const bool is_needed = use != uses_.end();
  TypedEdit typed;
  typed.edit.policy = place.policy;
  typed.edit.place = place;
  const bool peer_is_free = place.peer && (!is_needed || !use->second.needed_peers.contains(*place.peer));
  const bool port_is_free = place.port && (!is_needed || !use->second.needed_ports.contains(*place.port));
  if (rule.peers.size() > 1 && place.peer && (peer_is_free || !port_is_free)) {
    typed.edit.kind = Kind::remove_peer;
    typed.edit.place.port.reset();
    typed.edit.place.where = rule.peers.at(*place.peer).where;
  } else if (rule.ports.size() > 1 && port_is_free) {
    typed.edit.kind = Kind::remove_port;
    typed.edit.place.peer.reset();
    typed.edit.place.where = rule.ports.at(*place.port).where;
  } else {
    typed.edit.kind = Kind::remove_rule;
    typed.edit.place.peer.reset();
    typed.edit.place.port.reset();
    typed.edit.place.where = rule.where;
  }
  return typed;
}

std::optional<std::vector<TypedEdit>> Closer::removals_on(const SideExplanation& side) const {
  if (side.decided_by != DecidedBy::network_policy || side.admitting.empty()) return std::nullopt;
  std::vector<TypedEdit> edits;
  for (const RulePlace& place : side.admitting) {
    std::optional<TypedEdit> edit = removal_of(place);
    if (!edit) return std::nullopt;
    edits.push_back(std::move(*edit));
  }
  return edits;
}

bool Closer::isolate(const Flow& flow, Direction direction) {
  const EndpointId subject = direction == Direction::ingress ? flow.destination : flow.source;
  const Endpoint& endpoint = reach_.endpoints()[subject];
  if (endpoint.kind != Endpoint::Kind::pods || endpoint.host_network) return false;
  if (endpoint.workload && unjudged_.contains({*endpoint.workload, direction})) return false;
  if (!exact_selector(reach_, subject) || !exact_rules(reach_, needed_by(subject, direction), endpoint.name_space))
    return false;
  isolated_[subject].insert(direction);
  return true;
}

void Closer::close(const Flow& flow) {
  const auto is_isolated = [&](EndpointId subject, Direction direction) {
    const auto found = isolated_.find(subject);
    return found != isolated_.end() && found->second.contains(direction);
  };
  if (is_isolated(flow.destination, Direction::ingress) || is_isolated(flow.source, Direction::egress)) return;
  const Explanation why = reach_.explain(flow);
  std::optional<std::vector<TypedEdit>> best;
  std::size_t best_fresh = 0;
  for (const SideExplanation* side : {&why.ingress, &why.egress}) {
    std::optional<std::vector<TypedEdit>> edits = removals_on(*side);
    if (!edits) continue;
    const auto fresh = static_cast<std::size_t>(std::ranges::count_if(
        *edits, [&](const TypedEdit& each) { return !removals_.contains(to_string(each.edit.place)); }));
    if (best && best_fresh <= fresh) continue;
    best = std::move(edits);
    best_fresh = fresh;
  }
  if (best) {
    for (TypedEdit& edit : *best) {
      edit.edit.reason =
          fmt::format("closes {} -> {} {}/{}, which nobody needs", reach_.endpoints()[flow.source].name,
                      reach_.endpoints()[flow.destination].name, flow.port.value(), kube::to_string(flow.protocol));
      removals_.try_emplace(to_string(edit.edit.place), std::move(edit));
    }
    return;
  }
  if (why.ingress.decided_by == DecidedBy::nothing && isolate(flow, Direction::ingress)) return;
  if (why.egress.decided_by == DecidedBy::nothing) isolate(flow, Direction::egress);
}

PeerPorts Closer::needed_by(EndpointId subject, Direction direction) const {
  PeerPorts peers;
  for (const JudgedNeed& judged : judgement_.needs) {
    const bool is_ingress = direction == Direction::ingress;
    if ((is_ingress ? judged.destination : judged.source) != subject) continue;
    PortSet& ports = peers[is_ingress ? judged.source : judged.destination];
    ports = ports.united(PortSet::of(needs_.needs[judged.need].protocol, judged.port));
  }
  return peers;
}

void Closer::add_policy(EndpointId subject, const std::set<Direction>& directions,
                        std::vector<TypedEdit>& edits) const {
  ExactPolicy wanted{.subject = subject, .ingress = {}, .egress = {}};
  if (directions.contains(Direction::ingress)) wanted.ingress = needed_by(subject, Direction::ingress);
  if (directions.contains(Direction::egress)) wanted.egress = needed_by(subject, Direction::egress);
  std::optional<NetworkPolicy> policy = exact_policy(reach_, wanted);
  if (!policy) return;
  TypedEdit typed;
  typed.edit.kind = Kind::add_policy;
  typed.edit.policy = policy->object.id;
  typed.edit.place.policy = policy->object.id;
  typed.edit.yaml = yaml_of(*policy);
  typed.edit.reason =
      fmt::format("isolates {}: everything that reaches it unneeded is closed", reach_.endpoints()[subject].name);
  typed.policy = std::move(policy);
  const bool is_there =
      std::ranges::any_of(edits, [&](const TypedEdit& each) { return each.edit.policy == typed.edit.policy; });
  if (!is_there) edits.push_back(std::move(typed));
}

}  // namespace

std::vector<TypedEdit> close_openings(const Reachability& reach, const Needs& needs, const Judgement& judgement) {
  return Closer(reach, needs, judgement).run();
}

}  // namespace gantry::netpol

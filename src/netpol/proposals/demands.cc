#include "netpol/proposals/demands.h"

#include "netpol/judgement/service_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace gantry::netpol {

using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyRule;
using Kind = PolicyEdit::Kind;

namespace {

// Whether the rule's ports let a port of this destination pass.
bool covers_port(const Reachability& reach, const PolicyRule& rule, EndpointId destination, const Demand& demand) {
  if (rule.ports.empty()) return true;
  return std::ranges::any_of(rule.ports, [&](const kube::PolicyPort& port) {
    if (port.protocol != demand.protocol) return false;
    if (!port.port) return true;
    const kube::Port* first = std::get_if<kube::Port>(&*port.port);
    if (!first) return reach.resolve(destination, port.protocol, *port.port).contains(demand.protocol, demand.port);
    return *first <= demand.port && demand.port <= port.end_port.value_or(*first);
  });
}

bool matches_peer(const Endpoint& endpoint, const kube::PolicyPeer& peer, const std::string& name_space) {
  if (peer.ip_block) {
    return endpoint.kind == Endpoint::Kind::addresses && peer.ip_block->cidr.contains(endpoint.range) &&
           std::ranges::none_of(peer.ip_block->except,
                                [&](const kube::Cidr& hole) { return hole.contains(endpoint.range); });
  }
  if (!endpoint.is_pods() || endpoint.host_network) return false;
  const bool is_there = peer.namespace_selector
                            ? kube::match(*peer.namespace_selector, endpoint.namespace_labels) == kube::Match::yes
                            : endpoint.name_space == name_space;
  return is_there && (!peer.pod_selector || kube::match(*peer.pod_selector, endpoint.labels) == kube::Match::yes);
}

bool covers_peer(const Reachability& reach, const PolicyRule& rule, const std::string& name_space, EndpointId peer) {
  return rule.peers.empty() || std::ranges::any_of(rule.peers, [&](const kube::PolicyPeer& each) {
           return matches_peer(reach.endpoints()[peer], each, name_space);
         });
}

EndpointId destination_of(const Demand& demand) {
  return demand.direction == Direction::ingress ? demand.subject : demand.peer;
}

// Builds the candidates of all demands, each once.
class Builder {
 public:
  Builder(const Reachability& reach, const std::vector<Demand>& demands, const kube::Snapshot& original,
          const std::vector<TypedEdit>& removed)
      : reach_(reach), demands_(demands), original_(original) {
    for (const TypedEdit& typed : removed)
      if (typed.edit.place.rule)
        touched_.insert({typed.edit.policy, typed.edit.place.direction, *typed.edit.place.rule});
  }

  std::vector<Candidate> build() {
    for (const Demand& demand : demands_) extend_policies(demand);
    add_whole_rules();
    add_policies();
    for (Candidate& candidate : candidates_) find_grants(candidate);
    return std::move(candidates_);
  }

 private:
  void add(TypedEdit typed) {
    std::string key =
        fmt::format("{} {} {} {} {}", static_cast<int>(typed.edit.kind), kube::to_string(typed.edit.policy),
                    kube::to_string(typed.edit.place.direction), typed.edit.place.rule.value_or(0), typed.edit.yaml);
    if (known_.insert(std::move(key)).second) candidates_.push_back({.typed = std::move(typed), .grants = {}});
  }

  static TypedEdit start(Kind kind, const NetworkPolicy& policy, Direction direction) {
    TypedEdit typed;
    typed.edit.kind = kind;
    typed.edit.policy = policy.object.id;
    typed.edit.place = {
        .policy = policy.object.id, .direction = direction, .rule = {}, .peer = {}, .port = {}, .where = {}};
    typed.edit.place.where = policy.object.pos();
    return typed;
  }

  // The policies that isolate the subject, as the original snapshot has them.
  std::vector<const NetworkPolicy*> policies_of(const Demand& demand) const {
    std::vector<const NetworkPolicy*> found;
    for (const NetworkPolicy* policy : reach_.isolating(demand.subject, demand.direction)) {
      const NetworkPolicy* original =
          kube::find_named(original_->network_policies, policy->name_space(), policy->name());
      if (original && !original->object.rejected()) found.push_back(original);
    }
    return found;
  }

  void extend_policies(const Demand& demand);
  void extend_rule(const Demand& demand, const NetworkPolicy& policy, std::size_t index);
  void add_whole_rules();
  void add_policies();
  void find_grants(Candidate& candidate) const;
  bool grants(const TypedEdit& typed, const Demand& demand) const;

  const Reachability& reach_;
  const std::vector<Demand>& demands_;
  const kube::Snapshot& original_;
  std::set<std::tuple<kube::ObjectId, Direction, std::size_t>> touched_;
  std::set<std::string> known_;
  std::vector<Candidate> candidates_;
};

void Builder::extend_rule(const Demand& demand, const NetworkPolicy& policy, std::size_t index) {
  const PolicyRule& rule = policy.rules(demand.direction)[index];
  TypedEdit typed = start(Kind::add_peer, policy, demand.direction);
  typed.edit.place.rule = index;
  typed.edit.place.where = rule.where;
  if (covers_port(reach_, rule, destination_of(demand), demand) && !rule.peers.empty()) {
    typed.peer = exact_peer(reach_, demand.peer, policy.name_space());
    if (!typed.peer) return;
    typed.edit.yaml = yaml_of(*typed.peer);
    add(std::move(typed));
  } else if (covers_peer(reach_, rule, policy.name_space(), demand.peer) && !rule.ports.empty()) {
    typed.edit.kind = Kind::add_port;
    typed.port = exact_ports(PortSet::of(demand.protocol, demand.port)).front();
    typed.edit.yaml = yaml_of(*typed.port);
    add(std::move(typed));
  }
}

void Builder::extend_policies(const Demand& demand) {
  for (const NetworkPolicy* policy : policies_of(demand))
    for (std::size_t index = 0; index < policy->rules(demand.direction).size(); ++index)
      if (!touched_.contains({policy->object.id, demand.direction, index})) extend_rule(demand, *policy, index);
}

using Side = std::pair<Direction, EndpointId>;

std::map<Side, PeerPorts> by_subject(const std::vector<Demand>& demands) {
  std::map<Side, PeerPorts> sides;
  for (const Demand& demand : demands) {
    PortSet& ports = sides[{demand.direction, demand.subject}][demand.peer];
    ports = ports.united(PortSet::of(demand.protocol, demand.port));
  }
  return sides;
}

// Rules of which each admits something and none can be made larger: for each peer its ports with all who ask for these too, and
// for each port those who ask for it with all ports that they share.
std::vector<PeerPorts> largest_rectangles(const PeerPorts& wanted) {
  std::vector<PeerPorts> rectangles;
  const auto add = [&](const PortSet& ports) {
    PeerPorts rectangle;
    std::optional<PortSet> shared;
    for (const auto& [peer, has] : wanted) {
      if (!has.contains(ports)) continue;
      shared = shared ? shared->intersected(has) : has;
      rectangle[peer] = ports;
    }
    if (!shared) return;
    for (auto& [peer, has] : rectangle) has = *shared;
    if (std::ranges::find(rectangles, rectangle) == rectangles.end()) rectangles.push_back(std::move(rectangle));
  };
  for (const auto& [peer, ports] : wanted) {
    add(ports);
    for (const kube::Protocol protocol : {kube::Protocol::tcp, kube::Protocol::udp, kube::Protocol::sctp})
      for (const kube::PortRange& range : ports.ranges(protocol)) add(PortSet::of(protocol, range.first));
  }
  return rectangles;
}

void Builder::add_whole_rules() {
  for (const auto& [side, wanted] : by_subject(demands_)) {
    Demand any;
    any.direction = side.first;
    any.subject = side.second;
    for (const NetworkPolicy* policy : policies_of(any)) {
      for (const PeerPorts& rectangle : largest_rectangles(wanted)) {
        std::optional<std::vector<PolicyRule>> rules = exact_rules(reach_, rectangle, policy->name_space());
        if (!rules || rules->size() != 1) continue;
        TypedEdit typed = start(Kind::add_rule, *policy, side.first);
        typed.rule = std::move(rules->front());
        typed.edit.yaml = yaml_of(*typed.rule, side.first);
        add(std::move(typed));
      }
    }
  }
}

void Builder::add_policies() {
  std::map<EndpointId, ExactPolicy> both;
  const auto add_policy = [&](const ExactPolicy& wanted) {
    std::optional<NetworkPolicy> policy = exact_policy(reach_, wanted);
    if (!policy) return;
    TypedEdit typed = start(Kind::add_policy, *policy, wanted.ingress ? Direction::ingress : Direction::egress);
    typed.edit.place.where = {};
    typed.edit.yaml = yaml_of(*policy);
    typed.policy = std::move(policy);
    add(std::move(typed));
  };
  for (const auto& [side, wanted] : by_subject(demands_)) {
    ExactPolicy& whole = both[side.second];
    whole.subject = side.second;
    (side.first == Direction::ingress ? whole.ingress : whole.egress) = wanted;
    ExactPolicy alone{.subject = side.second, .ingress = {}, .egress = {}};
    (side.first == Direction::ingress ? alone.ingress : alone.egress) = wanted;
    add_policy(alone);
  }
  for (const auto& [subject, wanted] : both)
    if (wanted.ingress && wanted.egress) add_policy(wanted);
}

bool Builder::grants(const TypedEdit& typed, const Demand& demand) const {
  const std::string& name_space = typed.edit.policy.name_space;
  const auto grants_by = [&](const PolicyRule& rule) {
    return covers_port(reach_, rule, destination_of(demand), demand) &&
           covers_peer(reach_, rule, name_space, demand.peer);
  };
  if (typed.policy) {
    const Endpoint& subject = reach_.endpoints()[demand.subject];
    return subject.name_space == name_space && typed.policy->isolates(demand.direction) &&
           kube::match(typed.policy->pod_selector, subject.labels) == kube::Match::yes &&
           std::ranges::any_of(typed.policy->rules(demand.direction), grants_by);
  }
  if (typed.edit.place.direction != demand.direction) return false;
  const std::vector<const NetworkPolicy*> policies = policies_of(demand);
  const auto mine = std::ranges::find_if(
      policies, [&](const NetworkPolicy* policy) { return policy->object.id == typed.edit.policy; });
  if (mine == policies.end()) return false;
  if (typed.rule) return grants_by(*typed.rule);
  PolicyRule rule = (*mine)->rules(demand.direction)[*typed.edit.place.rule];
  if (typed.peer) rule.peers.push_back(*typed.peer);
  if (typed.port) rule.ports.push_back(*typed.port);
  return grants_by(rule);
}

void Builder::find_grants(Candidate& candidate) const {
  for (std::size_t i = 0; i < demands_.size(); ++i) {
    if (!grants(candidate.typed, demands_[i])) continue;
    candidate.grants.insert(i);
    candidate.typed.edit.needs.insert(candidate.typed.edit.needs.end(), demands_[i].needs.begin(),
                                      demands_[i].needs.end());
  }
  std::vector<std::size_t>& needs = candidate.typed.edit.needs;
  std::ranges::sort(needs);
  const auto repeated = std::ranges::unique(needs);
  needs.erase(repeated.begin(), repeated.end());
}

}  // namespace

Demands find_demands(const Reachability& reach, const Needs& needs, const Judgement& judgement) {
  using Key = std::tuple<Direction, EndpointId, EndpointId, kube::Protocol, kube::Port>;
  std::map<Key, Demand> found;
  std::set<std::size_t> unmet;
  for (const JudgedNeed& judged : judgement.needs) {
    if (judged.access != Access::no) continue;
    const kube::Protocol protocol = needs.needs[judged.need].protocol;
    const Endpoint& other = reach.endpoints()[judged.destination].is_pods() ? reach.endpoints()[judged.source]
                                                                            : reach.endpoints()[judged.destination];
    const Flow flow{.source = judged.source,
                    .destination = judged.destination,
                    .protocol = protocol,
                    .port = judged.port,
                    .family = other.is_pods() ? reach.endpoints().families().front() : other.range.address.family};
    const Explanation why = explain_sides(reach, flow);
    for (const SideExplanation* side : {&why.ingress, &why.egress}) {
      if (side->access != Access::no) continue;
      if (side->decided_by != DecidedBy::network_policy) {
        unmet.insert(judged.need);
        continue;
      }
      const bool is_ingress = side == &why.ingress;
      Demand demand{.direction = is_ingress ? Direction::ingress : Direction::egress,
                    .subject = is_ingress ? judged.destination : judged.source,
                    .peer = is_ingress ? judged.source : judged.destination,
                    .protocol = protocol,
                    .port = judged.port,
                    .needs = {}};
      const Key key{demand.direction, demand.subject, demand.peer, protocol, judged.port};
      found.try_emplace(key, std::move(demand)).first->second.needs.insert(judged.need);
    }
  }
  Demands demands;
  for (auto& [key, demand] : found) {
    // Admitting one side of what stays closed would open a door to nowhere.
    std::erase_if(demand.needs, [&](std::size_t need) { return unmet.contains(need); });
    if (!demand.needs.empty()) demands.demands.push_back(std::move(demand));
  }
  demands.unmet.assign(unmet.begin(), unmet.end());
  return demands;
}

std::vector<Candidate> find_candidates(const Reachability& reach, const Demands& demands,
                                       const kube::Snapshot& original, const std::vector<TypedEdit>& removed) {
  return Builder(reach, demands.demands, original, removed).build();
}

}  // namespace gantry::netpol

// Two analyses that tell the same endpoints apart: each selector and range of either side splits the classes and regions of both,
// so that an endpoint of one side is an endpoint of the other or is not there.

#include "netpol/diff.h"

#include "netpol/claim_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace gantry::netpol {

using base::Result;
using kube::IpFamily;

namespace {

// ---- One refinement

class Refinement {
 public:
  explicit Refinement(AnalysisOptions options) : options_(std::move(options)) {}

  void add(const kube::Snapshot& snapshot) {
    for (const kube::NetworkPolicy& policy : snapshot->network_policies) {
      add_pods(policy.pod_selector);
      for (const auto* rules : {&policy.ingress, &policy.egress})
        for (const kube::PolicyRule& rule : *rules)
          for (const kube::PolicyPeer& peer : rule.peers) add(peer);
    }
    for (const kube::AdminPolicy& policy : snapshot->admin_policies) {
      add(policy.subject);
      for (const auto* rules : {&policy.ingress, &policy.egress})
        for (const kube::AdminRule& rule : *rules)
          for (const kube::AdminPeer& peer : rule.peers) {
            add(peer.pods);
            for (const kube::Cidr& range : peer.networks) options_.endpoints.ranges.push_back(range);
          }
    }
  }
  AnalysisOptions options() const { return options_; }

  // The labels that selectors ask for.
  std::string seen_of(const kube::LabelSet& labels) const {
    std::string text;
    for (const auto& [key, value] : labels)
      if (keys_.contains(key)) text += fmt::format(",{}={}", key, value);
    return text;
  }

 private:
  void add(const kube::PolicyPeer& peer) {
    if (peer.pod_selector) add_pods(*peer.pod_selector);
    if (peer.namespace_selector) options_.endpoints.namespace_selectors.push_back(*peer.namespace_selector);
    if (!peer.ip_block) return;
    options_.endpoints.ranges.push_back(peer.ip_block->cidr);
    for (const kube::Cidr& except : peer.ip_block->except) options_.endpoints.ranges.push_back(except);
  }
  void add(const kube::AdminPods& pods) {
    add_pods(pods.pods);
    options_.endpoints.namespace_selectors.push_back(pods.namespaces);
  }
  void add_pods(const kube::LabelSelector& selector) {
    options_.endpoints.pod_selectors.push_back(selector);
    for (const kube::Requirement& requirement : selector.requirements()) keys_.insert(requirement.key);
  }

  AnalysisOptions options_;
  std::set<std::string> keys_;
};

// ---- Endpoints of both sides

using Key = std::string;

Key key_of(EndpointId id, const Reachability& reach, const Refinement& refinement) {
  const Endpoint& endpoint = reach.endpoints()[id];
  if (!endpoint.is_pods()) return to_string(endpoint.range);
  return owner_name(id, reach) + refinement.seen_of(endpoint.labels.known);
}

std::map<Key, EndpointId> keys_of(const Reachability& reach, const Refinement& refinement) {
  std::map<Key, EndpointId> keys;
  for (std::uint32_t i = 0; i < reach.endpoints().size(); ++i)
    keys.try_emplace(key_of(EndpointId(i), reach, refinement), EndpointId(i));
  return keys;
}

struct Pair {
  EndpointId before;
  EndpointId after;
};

// What a source may open on one destination.
struct Ports {
  PortSet certain;
  PortSet possible;
};

Ports ports_from(EndpointId source, const std::vector<Opening>& openings) {
  Ports ports;
  for (const Opening& opening : openings) {
    if (opening.certain.contains(source)) ports.certain = ports.certain.united(opening.ports);
    if (opening.possible.contains(source)) ports.possible = ports.possible.united(opening.ports);
  }
  return ports;
}

// ---- The comparison

class Comparison {
 public:
  Comparison(Reachability before, Reachability after, const Refinement& refinement)
      : before_(std::move(before)), after_(std::move(after)) {
    const std::map<Key, EndpointId> others = keys_of(after_, refinement);
    for (const auto& [key, id] : keys_of(before_, refinement))
      if (const auto other = others.find(key); other != others.end()) pairs_.push_back({id, other->second});
  }

  std::vector<FlowChange> changes();

 private:
  void look(const Pair& destination, IpFamily family);
  struct What {
    FlowChange::Kind kind;
    bool may_open = false;
    auto operator<=>(const What&) const = default;
  };
  void note(What what, const PortSet& ports, const Pair& source, const Pair& destination, IpFamily family);

  using ChangeKey = std::tuple<What, std::string, std::string>;
  Reachability before_;
  Reachability after_;
  std::vector<Pair> pairs_;
  std::map<ChangeKey, FlowChange> changes_;
};

void Comparison::look(const Pair& destination, IpFamily family) {
  const std::vector<Opening> before = before_.sources_of(destination.before, family);
  const std::vector<Opening> after = after_.sources_of(destination.after, family);
  for (const Pair& source : pairs_) {
    const Ports was = ports_from(source.before, before);
    const Ports is = ports_from(source.after, after);
    if (was.certain == is.certain && was.possible == is.possible) continue;
    const PortSet opened = is.certain.without(was.possible);
    const PortSet closed = was.certain.without(is.possible);
    const PortSet doubted = is.possible.without(was.possible).united(was.possible.without(is.possible));
    const PortSet settled = is.certain.without(was.certain).united(was.certain.without(is.certain));
    const PortSet perhaps = doubted.united(settled).without(opened.united(closed));
    note({FlowChange::Kind::opened}, opened, source, destination, family);
    note({FlowChange::Kind::closed}, closed, source, destination, family);
    note({FlowChange::Kind::perhaps, true}, perhaps.without(was.certain), source, destination, family);
    note({FlowChange::Kind::perhaps, false}, perhaps.intersected(was.certain), source, destination, family);
  }
}

void Comparison::note(What what, const PortSet& ports, const Pair& source, const Pair& destination, IpFamily family) {
  if (ports.empty()) return;
  const bool is_closed = what.kind == FlowChange::Kind::closed;
  const Reachability& open = is_closed ? before_ : after_;
  Flow flow{.source = is_closed ? source.before : source.after,
            .destination = is_closed ? destination.before : destination.after,
            .protocol = {},
            .port = kube::Port{1},
            .family = family};
  for (const kube::Protocol protocol : {kube::Protocol::sctp, kube::Protocol::udp, kube::Protocol::tcp})
    if (!ports.ranges(protocol).empty()) {
      flow.protocol = protocol;
      flow.port = ports.ranges(protocol).front().first;
    }
  const std::string& from = open.endpoints()[flow.source].name;
  const std::string& to = open.endpoints()[flow.destination].name;
  FlowChange& change = changes_[{what, from, to}];
  if (change.ports.empty()) {
    const Explanation why = open.explain(flow);
    change = {.kind = what.kind,
              .may_open = what.may_open,
              .source = from,
              .destination = to,
              .ports = {},
              .because = why.egress.admitting};
    change.because.insert(change.because.end(), why.ingress.admitting.begin(), why.ingress.admitting.end());
  }
  change.ports = change.ports.united(ports);
}

std::vector<FlowChange> Comparison::changes() {
  std::set<IpFamily> families;
  for (const Reachability* reach : {&before_, &after_})
    families.insert(reach->endpoints().families().begin(), reach->endpoints().families().end());
  for (const IpFamily family : families)
    for (const Pair& destination : pairs_) look(destination, family);
  std::vector<FlowChange> changes;
  for (auto& [key, change] : changes_) changes.push_back(std::move(change));
  return changes;
}

std::set<std::string> names_of(const kube::Snapshot& snapshot) {
  std::set<std::string> names;
  for (const kube::Workload& workload : snapshot->workloads) names.insert(to_string(workload.object.id));
  for (const kube::NetworkPolicy& policy : snapshot->network_policies) names.insert(to_string(policy.object.id));
  for (const kube::AdminPolicy& policy : snapshot->admin_policies) names.insert(to_string(policy.object.id));
  return names;
}

std::vector<std::string> missing(const std::set<std::string>& from, const std::set<std::string>& in) {
  std::vector<std::string> names;
  std::ranges::set_difference(from, in, std::back_inserter(names));
  return names;
}

}  // namespace

bool PolicyDiff::opens() const {
  return std::ranges::any_of(changes, [](const FlowChange& change) { return change.kind == FlowChange::Kind::opened; });
}

bool PolicyDiff::may_open() const {
  return opens() || std::ranges::any_of(changes, [](const FlowChange& change) { return change.may_open; });
}

bool PolicyDiff::closes() const {
  return std::ranges::any_of(changes, [](const FlowChange& change) { return change.kind == FlowChange::Kind::closed; });
}

Result<PolicyDiff> compare(const kube::Snapshot& before, const kube::Snapshot& after, const AnalysisOptions& options) {
  Refinement refinement(options);
  refinement.add(before);
  refinement.add(after);
  Reachability was = TRY(analyse(before, refinement.options()));
  Reachability is = TRY(analyse(after, refinement.options()));
  PolicyDiff diff;
  diff.changes = Comparison(std::move(was), std::move(is), refinement).changes();
  diff.added = missing(names_of(after), names_of(before));
  diff.removed = missing(names_of(before), names_of(after));
  return diff;
}

}  // namespace gantry::netpol

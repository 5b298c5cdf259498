#include "netpol/claim_scope.h"

#include "base/text.h"
#include "kube/selector_hint.h"
#include "netpol/peer_match.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace gantry::netpol {

using base::Result;
using kube::Labelled;
using kube::LabelSelector;
using kube::Match;

namespace {

// ---- Who is there

std::pair<std::string_view, std::string_view> split_name(std::string_view workload) {
  const std::size_t slash = workload.find('/');
  return {workload.substr(0, slash), workload.substr(slash + 1)};
}

void add(PartySet& set, EndpointId id, Match match) {
  if (match == Match::no) return;
  set.possible.add(id);
  if (match == Match::yes) set.certain.add(id);
}

template <typename MatchOf>
void add_pods(PartySet& set, const Reachability& reach, MatchOf match_of) {
  const Endpoints& endpoints = reach.endpoints();
  for (std::uint32_t i = 0; i < endpoints.pod_class_count(); ++i)
    if (endpoints[EndpointId(i)].kind == Endpoint::Kind::pods)
      add(set, EndpointId(i), match_of(endpoints[EndpointId(i)]));
}

PartySet members_of_range(const kube::Cidr& range, const Reachability& reach) {
  PartySet set;
  for (const EndpointId region : reach.endpoints().regions_of(range)) add(set, region, Match::yes);
  const kube::IpBlock block{.cidr = range, .except = {}, .where = {}};
  add_pods(set, reach, [&](const Endpoint& endpoint) {
    return match_address(block, endpoint, range.address.family, reach.options());
  });
  return set;
}

Match match_namespace(const Party& party, const Endpoint& endpoint) {
  if (party.name_space && *party.name_space != endpoint.name_space) return Match::no;
  return party.namespaces ? kube::match(*party.namespaces, endpoint.namespace_labels) : Match::yes;
}

// Of one party and class after class: those of one namespace stand together, and are asked for it once.
class PartyMatcher {
 public:
  explicit PartyMatcher(const Party& party) : party_(party) {}

  Match operator()(const Endpoint& endpoint) {
    if (endpoint.name_space != name_space_) {
      name_space_ = endpoint.name_space;
      by_namespace_ = match_namespace(party_, endpoint);
    }
    if (by_namespace_ == Match::no || !party_.pods) return by_namespace_;
    return both(by_namespace_, kube::match(*party_.pods, endpoint.labels));
  }

 private:
  const Party& party_;
  std::optional<std::string_view> name_space_;
  Match by_namespace_ = Match::no;
};

// ---- What is not there

std::string nearest_help(std::string_view name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  if (const std::optional<std::string_view> nearest = base::nearest_name(name, views))
    return fmt::format("did you mean {}?", *nearest);
  constexpr std::size_t kListedMax = 20;
  if (known.empty() || known.size() > kListedMax) return {};
  return fmt::format("there are {}", fmt::join(known, ", "));
}

std::string nearest_pods(const LabelSelector& selector, const std::vector<Labelled>& candidates) {
  const std::optional<kube::NearestMatch> nearest = find_nearest(selector, candidates);
  return nearest ? fmt::format("the nearest is {}: {}", nearest->name, nearest->difference) : "no pod is there at all";
}

// The error when no namespace is meant.
Result<void> check_namespace(const Party& party, const Reachability& reach) {
  const std::vector<kube::Namespace>& known = reach.snapshot()->namespaces;
  if (party.name_space && !reach.snapshot().find_namespace(*party.name_space)) {
    std::vector<std::string> names;
    for (const kube::Namespace& each : known) names.push_back(each.name());
    return base::input_error(fmt::format("the manifests know no namespace {}", *party.name_space), party.where,
                             nearest_help(*party.name_space, names));
  }
  if (!party.namespaces) return {};
  std::vector<Labelled> candidates;
  for (const kube::Namespace& each : known) {
    if (kube::match(*party.namespaces, each.labels) != Match::no) return {};
    candidates.push_back({fmt::format("namespace {}", each.name()), &each.labels.known});
  }
  const std::optional<kube::NearestMatch> nearest = find_nearest(*party.namespaces, candidates);
  return base::input_error(fmt::format("no namespace of the manifests has the labels {}", to_string(*party.namespaces)),
                           party.where,
                           nearest ? fmt::format("the nearest is {}: {}", nearest->name, nearest->difference) : "");
}

std::vector<Labelled> pods_in_namespaces(const Party& party, const Reachability& reach) {
  std::vector<Labelled> candidates;
  for (std::uint32_t i = 0; i < reach.endpoints().pod_class_count(); ++i) {
    const Endpoint& endpoint = reach.endpoints()[EndpointId(i)];
    if (endpoint.kind == Endpoint::Kind::pods && match_namespace(party, endpoint) == Match::yes)
      candidates.push_back({owner_name(EndpointId(i), reach), &endpoint.labels.known});
  }
  return candidates;
}

std::unexpected<base::Error> no_such_workload(const Party& party, const Reachability& reach) {
  std::vector<std::string> known;
  for (const kube::Workload& each : reach.snapshot()->workloads)
    known.push_back(fmt::format("{}/{}", each.name_space(), each.name()));
  return base::input_error(fmt::format("there is no workload or pod {}", *party.workload), party.where,
                           nearest_help(*party.workload, known));
}

// Who is meant, or why nobody is.
Result<PartySet> find_party(const Party& party, const Reachability& reach) {
  PartySet found = members(party, reach);
  if (party.range || !found.possible.empty()) return found;
  if (party.workload) return no_such_workload(party, reach);
  TRY(check_namespace(party, reach));
  const LabelSelector pods = party.pods.value_or(LabelSelector());
  std::string what = fmt::format("there are no {}", describe(party));
  if (party.name_space && !party.namespaces)
    what = party.pods ? fmt::format("no pod of {} has the labels {}", *party.name_space, to_string(pods))
                      : fmt::format("namespace {} has no pods", *party.name_space);
  return base::input_error(std::move(what), party.where, nearest_pods(pods, pods_in_namespaces(party, reach)));
}

// ---- Ports

std::vector<kube::ContainerPort> declared_ports(const Endpoint& endpoint) {
  std::vector<kube::ContainerPort> ports;
  if (!endpoint.spec) return ports;
  for (const kube::Container& container : endpoint.spec->containers)
    ports.insert(ports.end(), container.ports.begin(), container.ports.end());
  for (const kube::Container& container : endpoint.spec->init_containers)
    if (container.sidecar) ports.insert(ports.end(), container.ports.begin(), container.ports.end());
  return ports;
}

PortSet numbers_on(const ClaimPort& port, EndpointId destination, const Reachability& reach) {
  if (!port.port) return PortSet::all_of(port.protocol);
  const PortSet numbers = reach.resolve(destination, port.protocol, *port.port);
  const Endpoint& endpoint = reach.endpoints()[destination];
  if (!endpoint.is_pods() || !std::holds_alternative<kube::Port>(*port.port)) return numbers;
  const std::vector<kube::ContainerPort> declared = declared_ports(endpoint);
  // A pod that declares nothing may listen anywhere: containerPort is documentation (§4).
  const bool is_there = declared.empty() || std::ranges::any_of(declared, [&](const kube::ContainerPort& each) {
                          return each.protocol == port.protocol && numbers.contains(each.protocol, each.port);
                        });
  return is_there ? numbers : PortSet();
}

// The target port of a Service of the destination whose own port was named instead.
std::string service_help(const ClaimPort& port, const Endpoint& endpoint, const Reachability& reach) {
  for (const kube::Service& service : kube::in_namespace(reach.snapshot()->services, endpoint.name_space)) {
    if (!service.selector || kube::match(*service.selector, endpoint.labels) != Match::yes) continue;
    for (const kube::ServicePort& each : service.ports) {
      const bool is_meant = each.protocol == port.protocol &&
                            (kube::PortRef(each.port) == *port.port || kube::PortRef(each.name) == *port.port);
      if (is_meant)
        return fmt::format("that is the port of Service {}, which leads to container port {}: name that one",
                           service.name(), to_string(each.target));
    }
  }
  return {};
}

base::Result<void> no_such_port(const ClaimPort& port, const std::vector<EndpointId>& destinations,
                                const Reachability& reach) {
  const Endpoint& first = reach.endpoints()[destinations.front()];
  std::string help = service_help(port, first, reach);
  std::set<std::string> known;
  for (const EndpointId id : destinations)
    for (const kube::ContainerPort& each : declared_ports(reach.endpoints()[id])) {
      known.insert(fmt::format("{}/{}", each.port.value(), to_string(each.protocol)));
      if (!each.name.empty()) known.insert(fmt::format("{}/{}", each.name, to_string(each.protocol)));
    }
  if (help.empty()) help = nearest_help(to_string(port), {known.begin(), known.end()});
  return base::input_error(fmt::format("no container of the destination declares port {}", to_string(port)), port.where,
                           std::move(help));
}

Result<std::vector<Target>> find_targets(const Claim& claim, const EndpointSet& destinations,
                                         const Reachability& reach) {
  const std::vector<EndpointId> ids = destinations.ids();
  if (claim.kind == ClaimKind::isolated && claim.direction == kube::Direction::egress) {
    std::vector<Target> sources;
    for (const EndpointId id : ids) sources.push_back({.endpoint = id, .ports = PortSet::everything()});
    return sources;
  }
  std::map<EndpointId, PortSet> targets;
  if (claim.ports.empty())
    for (const EndpointId id : ids) targets[id] = PortSet::everything();
  for (const ClaimPort& port : claim.ports) {
    bool is_there = false;
    for (const EndpointId id : ids) {
      const PortSet numbers = numbers_on(port, id, reach);
      if (numbers.empty()) continue;
      is_there = true;
      targets[id] = targets[id].united(numbers);
    }
    if (!is_there) TRY(no_such_port(port, ids, reach));
  }
  std::vector<Target> found;
  for (auto& [id, ports] : targets) found.push_back({.endpoint = id, .ports = std::move(ports)});
  return found;
}

Result<void> check_needed(const Claim& claim, const ClaimScope& scope, const Reachability& reach) {
  for (const Party& party : claim.needed) {
    const EndpointSet outside = members(party, reach).certain.without(scope.sources.possible);
    if (const std::optional<EndpointId> first = outside.first())
      return base::input_error(fmt::format("{} is needed, and not among the sources", owner_name(*first, reach)),
                               party.where,
                               "who must reach the port has to be one of those who may: add it to \"sources\"");
  }
  return {};
}

LabelSelector joined(const LabelSelector& a, const LabelSelector& b) {
  std::vector<kube::Requirement> all = a.requirements();
  all.insert(all.end(), b.requirements().begin(), b.requirements().end());
  return LabelSelector(std::move(all));
}

LabelSelector identity_of(const std::vector<EndpointId>& classes, const Reachability& reach) {
  const Endpoint& endpoint = reach.endpoints()[classes.front()];
  if (!endpoint.workload) return LabelSelector::from_labels(endpoint.labels.known);
  const kube::Workload& workload = reach.snapshot()->workloads[*endpoint.workload];
  return workload.selector ? *workload.selector : LabelSelector::from_labels(workload.pod_template.labels);
}

}  // namespace

PartySet members(const Party& party, const Reachability& reach) {
  if (party.range) return members_of_range(*party.range, reach);
  PartySet set;
  if (party.workload) {
    const auto [name_space, name] = split_name(*party.workload);
    for (const EndpointId id : reach.endpoints().find(name_space, name)) add(set, id, Match::yes);
  } else {
    add_pods(set, reach, PartyMatcher(party));
  }
  return set;
}

namespace {

Result<PartySet> find_parties(const std::vector<Party>& parties, const Reachability& reach) {
  PartySet all;
  for (const Party& party : parties) {
    const PartySet one = TRY(find_party(party, reach));
    all.certain.unite(one.certain);
    // That a pod might have one of the claimed addresses makes it no claimed pod.
    all.possible.unite(party.range ? one.certain : one.possible);
  }
  return all;
}

}  // namespace

Result<EndpointSet> find_members(const std::vector<Party>& parties, const Reachability& reach) {
  return TRY(find_parties(parties, reach)).possible;
}

Result<ClaimScope> resolve(const Claim& claim, const Reachability& reach) {
  const PartySet destinations = TRY(find_parties(claim.destinations, reach));
  ClaimScope scope;
  scope.sources = TRY(find_parties(claim.sources, reach));
  scope.needed = TRY(find_parties(claim.needed, reach));
  scope.targets = TRY(find_targets(claim, destinations.certain, reach));
  TRY(check_needed(claim, scope, reach));
  return scope;
}

std::vector<Wish> wishes_of(const std::vector<Party>& parties, const Reachability& reach) {
  std::vector<Wish> wishes;
  for (const Party& party : parties) {
    if (party.range) continue;
    if (party.workload) {
      const auto [name_space, name] = split_name(*party.workload);
      const std::vector<EndpointId> classes = reach.endpoints().find(name_space, name);
      if (!classes.empty())
        wishes.push_back({.namespaces = namespace_named(std::string(name_space)), .pods = identity_of(classes, reach)});
      continue;
    }
    Wish wish{.namespaces = party.namespaces.value_or(LabelSelector()), .pods = party.pods.value_or(LabelSelector())};
    if (party.name_space) wish.namespaces = joined(wish.namespaces, namespace_named(*party.name_space));
    wishes.push_back(std::move(wish));
  }
  return wishes;
}

std::vector<kube::Cidr> ranges_of(const std::vector<Party>& parties) {
  std::vector<kube::Cidr> ranges;
  for (const Party& party : parties)
    if (party.range) ranges.push_back(*party.range);
  return ranges;
}

std::string owner_name(EndpointId id, const Reachability& reach) {
  const Endpoint& endpoint = reach.endpoints()[id];
  if (endpoint.workload) return to_string(reach.snapshot()->workloads[*endpoint.workload].object.id);
  if (!endpoint.pods.empty()) return to_string(reach.snapshot()->pods[endpoint.pods.front()].object.id);
  return endpoint.name;
}

base::SourcePos owner_place(EndpointId id, const Reachability& reach) {
  const Endpoint& endpoint = reach.endpoints()[id];
  if (endpoint.workload) return reach.snapshot()->workloads[*endpoint.workload].object.pos();
  if (!endpoint.pods.empty()) return reach.snapshot()->pods[endpoint.pods.front()].object.pos();
  return {};
}

}  // namespace gantry::netpol

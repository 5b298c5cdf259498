// Openings in few lines: one for what one edit would close, which is a rule, and the kind of sources that it lets in.

#include "netpol/judgement/findings.h"
#include "netpol/judgement/need_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace gantry::netpol {

namespace {

using base::Finding;
using base::Severity;
using Reach = UnneededOpening::Reach;

constexpr std::size_t kNamesMax = 5;

Severity severity_of(Reach reach, bool sensitive) {
  if (reach == Reach::external) return sensitive ? Severity::high : Severity::medium;
  return reach == Reach::cross_namespace && sensitive ? Severity::medium : Severity::low;
}

// Workloads, each once, the first few by name.
std::string names_of(const Reachability& reach, const EndpointSet& endpoints) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const EndpointId id : endpoints.ids()) {
    const Endpoint& endpoint = reach.endpoints()[id];
    std::string name = endpoint.workload ? fmt::format("{}/{}", endpoint.name_space,
                                                       reach.snapshot()->workloads[*endpoint.workload].name())
                                         : endpoint.name;
    if (!seen.insert(name).second) continue;
    if (names.size() < kNamesMax) names.push_back(std::move(name));
  }
  const std::size_t others = seen.size() - names.size();
  return fmt::format("{}{}", fmt::join(names, ", "), others > 0 ? fmt::format(" and {} others", others) : "");
}

std::string_view kind_text(Reach reach, const Endpoint& source) {
  if (reach != Reach::external && !source.is_pods()) return "from private addresses";
  switch (reach) {
    case Reach::external: return "from outside the cluster";
    case Reach::cross_namespace: return "from other namespaces";
    case Reach::same_namespace: return "from its own namespace";
  }
  return {};
}

// A port of the set, to ask about.
Flow some_flow(const Reachability& reach, const OpeningGroup& group) {
  Flow flow{.source = *group.sources.first(), .destination = group.destination};
  flow.family = reach.endpoints().families().front();
  for (const EndpointId end : {flow.source, flow.destination}) {
    const Endpoint& endpoint = reach.endpoints()[end];
    if (!endpoint.is_pods()) flow.family = endpoint.range.address.family;
  }
  for (const kube::Protocol protocol : {kube::Protocol::tcp, kube::Protocol::udp, kube::Protocol::sctp}) {
    const std::vector<kube::PortRange>& ranges = group.ports.ranges(protocol);
    if (ranges.empty()) continue;
    flow.protocol = protocol;
    flow.port = ranges.front().first;
    break;
  }
  return flow;
}

// ---- Which rule opens it, by the policies themselves: an explanation of each flow would cost a hundred times as much ----

// Whether a block holds a pod that has no address yet: nobody knows, so it is asked both ways.
enum class Unaddressed : std::uint8_t { outside, inside };

bool is_peer(const kube::PolicyPeer& peer, const kube::NetworkPolicy& policy, const Endpoint& source,
             Unaddressed pods) {
  if (!source.is_pods()) return peer.ip_block && peer.ip_block->cidr.contains(source.range);
  if (peer.ip_block && source.ips.empty()) return pods == Unaddressed::inside;
  if (peer.ip_block)
    return std::ranges::any_of(source.ips, [&](const auto& ip) { return peer.ip_block->cidr.contains(ip); });
  if (!peer.namespace_selector && source.name_space != policy.name_space()) return false;
  if (peer.namespace_selector && kube::match(*peer.namespace_selector, source.namespace_labels) == kube::Match::no)
    return false;
  return !peer.pod_selector || kube::match(*peer.pod_selector, source.labels) != kube::Match::no;
}

bool opens_port(const Reachability& reach, const kube::PolicyRule& rule, const Flow& flow) {
  return rule.ports.empty() || std::ranges::any_of(rule.ports, [&](const kube::PolicyPort& port) {
           if (port.protocol != flow.protocol || !port.port) return port.protocol == flow.protocol;
           if (port.end_port) return std::get<kube::Port>(*port.port) <= flow.port && flow.port <= *port.end_port;
           return reach.resolve(flow.destination, flow.protocol, *port.port).contains(flow.protocol, flow.port);
         });
}

std::vector<RulePlace> opening_rules(const Reachability& reach, const Flow& flow, Unaddressed pods) {
  std::vector<RulePlace> places;
  const Endpoint& source = reach.endpoints()[flow.source];
  for (const kube::NetworkPolicy* policy : reach.isolating(flow.destination, kube::Direction::ingress)) {
    for (std::size_t i = 0; i < policy->ingress.size(); ++i) {
      const kube::PolicyRule& rule = policy->ingress[i];
      const bool is_met = rule.peers.empty() || std::ranges::any_of(rule.peers, [&](const kube::PolicyPeer& peer) {
                            return is_peer(peer, *policy, source, pods);
                          });
      if (is_met && opens_port(reach, rule, flow))
        places.push_back({policy->object.id, kube::Direction::ingress, i, {}, {}, rule.where});
    }
  }
  return places;
}

// Only where none surely does, those that may.
std::vector<RulePlace> opening_rules(const Reachability& reach, const Flow& flow) {
  std::vector<RulePlace> places = opening_rules(reach, flow, Unaddressed::outside);
  return places.empty() ? opening_rules(reach, flow, Unaddressed::inside) : places;
}

// ---- What one edit would close ----

// Openings of one rule, to sources of one kind. Where no rule of a NetworkPolicy opens it (an administrator's does, or
// nothing isolates the pods), the destination stands for it.
struct RuleOpenings {
  std::vector<RulePlace> rules;
  EndpointSet destinations;
  EndpointSet sources;
  PortSet ports;
  Reach reach = Reach::same_namespace;
  bool sensitive = false;
};

std::vector<RuleOpenings> join_by_rule(const Reachability& reach, const std::vector<OpeningGroup>& groups) {
  using Key = std::tuple<std::string, Reach, bool>;
  std::map<Key, std::size_t> known;
  std::vector<RuleOpenings> joined;
  for (const OpeningGroup& group : groups) {
    std::vector<RulePlace> rules = opening_rules(reach, some_flow(reach, group));
    const std::string name = rules.empty() ? object_name(reach, group.destination) : to_string(rules.front());
    const bool is_pods = reach.endpoints()[*group.sources.first()].is_pods();
    const auto [it, is_new] = known.emplace(Key(name, group.reach, is_pods), joined.size());
    if (is_new) {
      joined.emplace_back();
      joined.back().rules = std::move(rules);
      joined.back().reach = group.reach;
    }
    RuleOpenings& openings = joined[it->second];
    openings.destinations.add(group.destination);
    openings.sources.unite(group.sources);
    openings.ports = openings.ports.united(group.ports);
    openings.sensitive |= group.sensitive;
  }
  return joined;
}

Finding opening_finding(const Reachability& reach, const RuleOpenings& openings) {
  Finding finding =
      start_finding("net.unneeded-opening", severity_of(openings.reach, openings.sensitive),
                    "nothing in the manifests needs this flow: an opening that nobody uses helps only an intruder");
  const EndpointId first = *openings.destinations.first();
  const std::string_view kind = kind_text(openings.reach, reach.endpoints()[*openings.sources.first()]);
  const std::string whom = names_of(reach, openings.destinations);
  const bool is_one = whom.find(", ") == std::string::npos;
  finding.object =
      is_one || openings.rules.empty() ? object_name(reach, first) : to_string(openings.rules.front().policy);
  finding.message = fmt::format("{} may be reached on {} {} by {}, and nothing needs that", whom,
                                to_string(openings.ports), kind, names_of(reach, openings.sources));
  for (const RulePlace& place : openings.rules) {
    if (finding.where.file == nullptr) finding.where = place.where;
    finding.related.push_back({place.where, fmt::format("admits it: {}", to_string(place))});
  }
  finding.fix = openings.rules.empty() ? std::string("isolate it with a policy, or declare the flow where it is needed")
                                       : fmt::format("narrow {} to those who need it, or declare the flow",
                                                     to_string(openings.rules.front()));
  const std::optional<std::size_t> workload = reach.endpoints()[first].workload;
  if (finding.where.file == nullptr && workload) finding.where = reach.snapshot()->workloads[*workload].object.pos();
  return finding;
}

// One line for a namespace: a policy that isolates them all mends all of it.
void report_open_to_all(const Reachability& reach, const std::vector<EndpointId>& open,
                        std::vector<Finding>& findings) {
  std::map<std::string, EndpointSet> by_namespace;
  for (const EndpointId id : open) by_namespace[reach.endpoints()[id].name_space].add(id);
  for (const auto& [name, endpoints] : by_namespace) {
    const kube::Namespace* name_space = reach.snapshot().find_namespace(name);
    Finding finding =
        start_finding("net.open-to-all", Severity::medium,
                      "a pod that no policy isolates may be reached by every other pod of the cluster, on every port");
    finding.object = fmt::format("Namespace {}", name);
    finding.message =
        fmt::format("no policy isolates {}: every pod of the cluster may reach every port", names_of(reach, endpoints));
    finding.fix = fmt::format(
        "add a policy with an empty podSelector and no ingress rule to namespace {}, and one for each flow that is "
        "needed",
        name);
    if (name_space != nullptr && name_space->object.document) finding.where = name_space->object.pos();
    if (finding.where.file == nullptr) {
      if (const std::optional<std::size_t> workload = reach.endpoints()[*endpoints.first()].workload)
        finding.where = reach.snapshot()->workloads[*workload].object.pos();
    }
    findings.push_back(std::move(finding));
  }
}

// Ways out by the rule that opens them: narrowing it closes all of them.
struct WaysOut {
  EndpointSet sources;
  WayOut first;
  std::vector<RulePlace> admitting;
};

std::map<std::string, WaysOut> join_ways(const Reachability& reach, const std::vector<WayOut>& ways) {
  std::map<std::string, WaysOut> joined;
  for (const WayOut& way : ways) {
    OpeningGroup asked;
    asked.destination = *way.regions.first();
    asked.ports = way.ports;
    asked.sources = EndpointSet::of({way.source});
    std::vector<RulePlace> admitting = reach.explain(some_flow(reach, asked)).egress.admitting;
    const std::string rule = admitting.empty() ? std::string() : to_string(admitting.front());
    WaysOut& group = joined.try_emplace(rule, WaysOut{{}, way, std::move(admitting)}).first->second;
    group.sources.add(way.source);
  }
  return joined;
}

void report_ways_out(const Reachability& reach, const std::vector<WayOut>& ways, std::vector<Finding>& findings) {
  for (const auto& [rule, group] : join_ways(reach, ways)) {
    Finding finding =
        start_finding("net.unneeded-opening", Severity::low, "a way out that nobody needs is where stolen data leaves");
    finding.object = rule.empty() ? object_name(reach, group.first.source) : to_string(group.admitting.front().policy);
    finding.message =
        fmt::format("{} may reach {} outside the cluster on {}, and nothing needs that", names_of(reach, group.sources),
                    names_of(reach, group.first.regions), to_string(group.first.ports));
    for (const RulePlace& place : group.admitting) {
      if (finding.where.file == nullptr) finding.where = place.where;
      finding.related.push_back({place.where, fmt::format("admits it: {}", to_string(place))});
    }
    finding.fix = "narrow the rule to the addresses that are needed, or declare the flow";
    findings.push_back(std::move(finding));
  }
}

}  // namespace

void report_openings(const Reachability& reach, const Openings& openings, std::vector<Finding>& findings) {
  for (const RuleOpenings& one : join_by_rule(reach, openings.groups)) findings.push_back(opening_finding(reach, one));
  report_open_to_all(reach, openings.open_to_all, findings);
  report_ways_out(reach, openings.ways_out, findings);
}

}  // namespace gantry::netpol

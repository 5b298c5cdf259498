// Openings in few lines: one for each destination, its ports and the kind of its sources, with the rules that admit them.

#include "netpol/judgement/findings.h"
#include "netpol/judgement/need_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

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

Finding group_finding(const Reachability& reach, const OpeningGroup& group) {
  const Explanation why = reach.explain(some_flow(reach, group));
  Finding finding =
      start_finding("net.unneeded-opening", severity_of(group.reach, group.sensitive),
                    "nothing in the manifests needs this flow: an opening that nobody uses helps only an intruder");
  finding.object = object_name(reach, group.destination);
  finding.message =
      fmt::format("{} may be reached on {} {} by {}, and nothing needs that", finding.object, to_string(group.ports),
                  kind_text(group.reach, reach.endpoints()[*group.sources.first()]), names_of(reach, group.sources));
  for (const RulePlace& place : why.ingress.admitting) {
    if (finding.where.file == nullptr) finding.where = place.where;
    finding.related.push_back({place.where, fmt::format("admits it: {}", to_string(place))});
  }
  finding.fix = why.ingress.admitting.empty()
                    ? std::string("isolate it with a policy, or declare the flow where it is needed")
                    : fmt::format("narrow {} to those who need it, or declare the flow",
                                  to_string(why.ingress.admitting.front()));
  if (finding.where.file == nullptr && reach.endpoints()[group.destination].workload)
    finding.where = reach.snapshot()->workloads[*reach.endpoints()[group.destination].workload].object.pos();
  return finding;
}

// Several classes of one workload, open alike, are one line.
std::vector<OpeningGroup> join_classes(const Reachability& reach, const std::vector<OpeningGroup>& groups) {
  using Key = std::tuple<std::string, PortSet, Reach, Endpoint::Kind>;
  std::map<Key, std::size_t> known;
  std::vector<OpeningGroup> joined;
  for (const OpeningGroup& group : groups) {
    const auto [it, is_new] = known.emplace(Key(object_name(reach, group.destination), group.ports, group.reach,
                                                reach.endpoints()[*group.sources.first()].kind),
                                            joined.size());
    if (is_new) {
      joined.push_back(group);
    } else {
      joined[it->second].sources.unite(group.sources);
    }
  }
  return joined;
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
  for (const OpeningGroup& group : join_classes(reach, openings.groups))
    findings.push_back(group_finding(reach, group));
  report_open_to_all(reach, openings.open_to_all, findings);
  report_ways_out(reach, openings.ways_out, findings);
}

}  // namespace gantry::netpol

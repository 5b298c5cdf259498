// Needs of which one party is not in the input, and needs of nobody.

#include "netpol/judgement/findings.h"
#include "netpol/judgement/need_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace gantry::netpol {

namespace {

using base::Finding;
using base::Severity;
using kube::Direction;

// What one edit would mend: whoever the same policies isolate.
struct SideKey {
  std::vector<std::string> policies;
  Direction side = Direction::ingress;
  NeedParty other;
  friend auto operator<=>(const SideKey&, const SideKey&) = default;
};
struct SideGroup {
  std::vector<EndpointId> known;
  NeedGroup needs;
};

std::string fix_of(const Reachability& reach, const SideKey& key, const std::string& ports) {
  const NeedSpecial* special = std::get_if<NeedSpecial>(&key.other);
  const std::string_view side = kube::to_string(key.side);
  if (special && *special == NeedSpecial::cluster_dns)
    return "add an egress rule for UDP and TCP 53 to the pods of the cluster's DNS (k8s-app=kube-dns of namespace "
           "kube-system)";
  const std::string whom = to_string(key.other, reach.snapshot());
  const bool is_pod = special && (*special == NeedSpecial::prometheus || *special == NeedSpecial::ingress_controller);
  if (is_pod)
    return fmt::format("add an {} rule for {} that selects the namespace and the pods of {}", side, ports, whom);
  // Selectors match pods, and nothing else (§3).
  return fmt::format("add an {} rule for {} with an ipBlock that holds the addresses of {}: selectors match pods only",
                     side, ports, whom);
}

// "shop/api, shop/web need the cluster's DNS on 53/UDP (…)".
std::string several_text(const Reachability& reach, const Needs& needs, const SideKey& key, const SideGroup& group) {
  if (group.known.size() == 1) return need_text(reach, needs, group.needs);
  std::vector<std::string> names;
  for (const EndpointId known : group.known) names.push_back(reach.endpoints()[known].name);
  const std::string known = list_names(std::move(names));
  const std::string other = to_string(key.other, reach.snapshot());
  const bool outgoing = key.side == Direction::egress;
  return fmt::format("{} {} {} on {}", outgoing ? known : other, outgoing ? "need" : "needs", outgoing ? other : known,
                     ports_text(needs, group.needs));
}

Finding side_finding(const Reachability& reach, const Needs& needs, const SideKey& key, const SideGroup& group) {
  const EndpointId first = group.known.front();
  const bool dns = is_dns(needs.needs[*group.needs.begin()]);
  const kube::Object& policy = reach.isolating(first, key.side).front()->object;
  Finding finding = start_finding(dns ? "net.dns-missing" : "net.blocked-need", severity_of(needs, group.needs),
                                  dns ? kDnsExplanation : kBlockedExplanation);
  finding.object = group.known.size() == 1 ? object_name(reach, first) : to_string(policy.id);
  finding.where = policy.pos();
  finding.message = fmt::format("{}, and no {} rule of {} can admit it", several_text(reach, needs, key, group),
                                kube::to_string(key.side), list_names(key.policies));
  finding.fix = fix_of(reach, key, ports_text(needs, group.needs));
  add_evidence(needs, group.needs, finding);
  add_policies(reach, first, key.side, finding);
  return finding;
}

Finding dangling_finding(const Reachability& reach, const DanglingNeed& need) {
  // A near name is most likely what was meant; otherwise it may be somebody that another repository brings.
  const bool is_sure = need.evidence.confidence >= Confidence::strong;
  const Severity severity = !is_sure ? Severity::low : need.nearest.empty() ? Severity::medium : Severity::high;
  Finding finding = start_finding("net.need-dangling", severity,
                                  "whoever dials this reaches nobody: no Service, no pod or no port answers to it");
  if (const auto* workload = std::get_if<NeedWorkload>(&need.source))
    finding.object = to_string(reach.snapshot()->workloads[workload->workload].object.id);
  finding.where = need.evidence.where;
  finding.message =
      fmt::format("{} needs {}{}: {} ({})", to_string(need.source, reach.snapshot()), need.host,
                  need.port ? fmt::format(":{}", need.port->value()) : "", need.reason, need.evidence.text);
  finding.fix = need.nearest.empty() ? std::string("add what is missing, or correct the name")
                                     : fmt::format("did you mean {}?", need.nearest);
  return finding;
}

}  // namespace

void report_one_sided(const Reachability& reach, const Needs& needs, const std::vector<OneSidedNeed>& judged,
                      std::vector<Finding>& findings) {
  std::map<SideKey, SideGroup> groups;
  for (const OneSidedNeed& one : judged) {
    if (one.access != Access::no) continue;
    const Need& need = needs.needs[one.need];
    SideKey key{{}, one.side, one.side == Direction::ingress ? need.source : need.destination};
    for (const kube::NetworkPolicy* policy : reach.isolating(one.known, one.side))
      key.policies.push_back(to_string(policy->object.id));
    SideGroup& group = groups[std::move(key)];
    group.needs.insert(one.need);
    if (std::ranges::find(group.known, one.known) == group.known.end()) group.known.push_back(one.known);
  }
  for (const auto& [key, group] : groups) findings.push_back(side_finding(reach, needs, key, group));
}

void report_dangling(const Reachability& reach, const Needs& needs, std::vector<Finding>& findings) {
  for (const DanglingNeed& need : needs.dangling) findings.push_back(dangling_finding(reach, need));
}

}  // namespace gantry::netpol

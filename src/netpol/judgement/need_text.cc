#include "netpol/judgement/need_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::netpol {

using base::Finding;
using base::Severity;

Finding start_finding(std::string_view rule, Severity severity, std::string_view explanation) {
  Finding finding;
  finding.rule = rule;
  finding.severity = severity;
  finding.explanation = explanation;
  return finding;
}

bool is_dns(const Need& need) { return !need.evidence.empty() && need.evidence.front().origin == NeedOrigin::dns; }

Severity severity_of(const Needs& needs, const NeedGroup& group) {
  Severity severity = Severity::low;
  for (const std::size_t index : group) {
    const Need& need = needs.needs[index];
    const bool is_minor = is_dns(need) && need.protocol == kube::Protocol::tcp;
    if (need.confidence > Confidence::weak) severity = std::max(severity, is_minor ? Severity::medium : Severity::high);
  }
  return severity;
}

std::string object_name(const Reachability& reach, EndpointId endpoint) {
  const Endpoint& it = reach.endpoints()[endpoint];
  return it.workload ? to_string(reach.snapshot()->workloads[*it.workload].object.id) : it.name;
}

std::string list_names(std::vector<std::string> names) {
  constexpr std::size_t kNamesMax = 5;
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  if (names.size() <= kNamesMax) return fmt::format("{}", fmt::join(names, ", "));
  const std::size_t others = names.size() - kNamesMax;
  names.resize(kNamesMax);
  return fmt::format("{} and {} others", fmt::join(names, ", "), others);
}

std::string ports_text(const Needs& needs, const NeedGroup& group) {
  std::vector<std::string> texts;
  for (const std::size_t index : group) {
    const Need& need = needs.needs[index];
    std::vector<std::string> ports;
    for (const kube::Port port : need.ports) ports.push_back(std::to_string(port.value()));
    texts.push_back(fmt::format("{}/{}",
                                ports.empty() ? "an unknown port" : fmt::format("{}", fmt::join(ports, " or ")),
                                kube::to_string(need.protocol)));
  }
  return list_names(std::move(texts));
}

std::string need_text(const Reachability& reach, const Needs& needs, const NeedGroup& group) {
  const Need& need = needs.needs[*group.begin()];
  const bool is_several = need.source == NeedParty(NeedSpecial::nodes);
  return fmt::format("{} {} {} on {} ({})", to_string(need.source, reach.snapshot()), is_several ? "need" : "needs",
                     to_string(need.destination, reach.snapshot()), ports_text(needs, group),
                     need.evidence.front().text);
}

void add_evidence(const Needs& needs, const NeedGroup& group, Finding& finding) {
  constexpr std::size_t kPlacesMax = 4;
  for (const std::size_t need : group) {
    for (const NeedEvidence& evidence : needs.needs[need].evidence) {
      if (finding.related.size() >= kPlacesMax) return;
      finding.related.push_back({evidence.where, fmt::format("needed by: {}", evidence.text)});
    }
  }
}

void add_policies(const Reachability& reach, EndpointId endpoint, kube::Direction side, Finding& finding) {
  const std::string_view whom = side == kube::Direction::ingress ? "destination" : "source";
  for (const kube::NetworkPolicy* policy : reach.isolating(endpoint, side))
    finding.related.push_back(
        {policy->object.pos(), fmt::format("isolates the {}: {}", whom, to_string(policy->object.id))});
}

}  // namespace gantry::netpol

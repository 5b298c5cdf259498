// What the verdicts leave out: policies of other makers, and policies that the API server would refuse.

#include "netpol/reachability.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace gantry::netpol {

using base::Finding;

namespace {

struct PolicyKind {
  std::string_view group, kind;
};
constexpr PolicyKind kOtherKinds[] = {
    {"cilium.io", "CiliumClusterwideNetworkPolicy"},
    {"cilium.io", "CiliumNetworkPolicy"},
    {"crd.antrea.io", "ClusterNetworkPolicy"},
    {"crd.antrea.io", "NetworkPolicy"},
    {"crd.antrea.io", "Tier"},
    {"crd.projectcalico.org", "GlobalNetworkPolicy"},
    {"crd.projectcalico.org", "NetworkPolicy"},
    {"crd.projectcalico.org", "Tier"},
    {"projectcalico.org", "GlobalNetworkPolicy"},
    {"projectcalico.org", "NetworkPolicy"},
    {"projectcalico.org", "Tier"},
    {"security.istio.io", "AuthorizationPolicy"},
};

bool is_other_policy(const kube::Object& object) {
  return std::ranges::any_of(kOtherKinds, [&](const PolicyKind& each) {
    return each.group == object.id.group && each.kind == object.id.kind;
  });
}

Finding rejected(const kube::Object& object) {
  return {
      .rule = "NP038",
      .severity = base::Severity::high,
      .object = to_string(object.id),
      .where = object.pos(),
      .message = fmt::format("{} would be refused by the API server, so nothing it says counts", to_string(object.id)),
      .explanation =
          "The others still land, so the cluster ends up with a part of what was meant (network policy "
          "reference, §10).",
      .fix = "mend what validation says is wrong with it"};
}

}  // namespace

std::vector<Finding> report_other_policies(const kube::Snapshot& snapshot) {
  std::map<std::string, std::pair<const kube::Object*, std::size_t>> by_kind;
  for (const kube::Object& object : snapshot->others) {
    if (!is_other_policy(object)) continue;
    auto& [first, count] =
        by_kind.try_emplace(fmt::format("{} ({})", object.id.kind, object.id.group), &object, 0).first->second;
    ++count;
  }
  std::vector<Finding> findings;
  for (const auto& [kind, entry] : by_kind)
    findings.push_back({.rule = "net.other-policies",
                        .severity = base::Severity::info,
                        .object = to_string(entry.first->id),
                        .where = entry.first->pos(),
                        .message = fmt::format("verdicts ignore objects of kind {}", kind),
                        .explanation = fmt::format("There are {} of them. They may open or close what NetworkPolicies "
                                                   "say; they are not judged (network policy reference, §12).",
                                                   entry.second),
                        .fix = "judge by hand what they open and close"});
  return findings;
}

std::vector<Finding> report_unjudged(const kube::Snapshot& snapshot) {
  std::vector<Finding> findings = report_other_policies(snapshot);
  for (const kube::NetworkPolicy& policy : snapshot->network_policies)
    if (policy.object.rejected()) findings.push_back(rejected(policy.object));
  for (const kube::AdminPolicy& policy : snapshot->admin_policies)
    if (policy.object.rejected()) findings.push_back(rejected(policy.object));
  return findings;
}

}  // namespace gantry::netpol

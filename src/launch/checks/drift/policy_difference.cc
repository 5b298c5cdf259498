#include "launch/checks/drift/policy_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace gantry::launch {

using kube::AdminPeer;
using kube::AdminPolicy;
using kube::AdminPort;
using kube::AdminRule;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyPort;
using kube::PolicyRule;

namespace {

// ---- The same, wherever they stand

bool same(const std::optional<kube::IpBlock>& a, const std::optional<kube::IpBlock>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->cidr == b->cidr && a->except == b->except;
}

bool same(const PolicyPeer& a, const PolicyPeer& b) {
  return a.pod_selector == b.pod_selector && a.namespace_selector == b.namespace_selector &&
         same(a.ip_block, b.ip_block);
}

bool same(const PolicyPort& a, const PolicyPort& b) {
  return a.protocol == b.protocol && a.port == b.port && a.end_port == b.end_port;
}

bool same(const AdminPeer& a, const AdminPeer& b) {
  return a.kind == b.kind && a.pods == b.pods && a.nodes == b.nodes && a.networks == b.networks &&
         a.domain_names == b.domain_names;
}

bool same(const AdminPort& a, const AdminPort& b) {
  return a.protocol == b.protocol && a.range == b.range && a.name == b.name;
}

template <typename Part>
bool same(const std::vector<Part>& a, const std::vector<Part>& b) {
  return std::ranges::equal(a, b, [](const Part& left, const Part& right) { return same(left, right); });
}

// ---- The first that is not

using Difference = std::optional<std::string>;

Difference difference(const PolicyRule& a, const PolicyRule& b, std::string_view peers) {
  if (!same(a.peers, b.peers)) return std::string(peers);
  return same(a.ports, b.ports) ? Difference() : "ports";
}

Difference difference(const AdminRule& a, const AdminRule& b, std::string_view peers) {
  if (a.action != b.action) return "action";
  if (!same(a.peers, b.peers)) return std::string(peers);
  return same(a.ports, b.ports) ? Difference() : "ports";
}

template <typename Rule>
Difference difference(const std::vector<Rule>& a, const std::vector<Rule>& b, std::string_view list,
                      std::string_view peers) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (const Difference part = difference(a[i], b[i], peers)) return fmt::format("{}[{}].{}", list, i, *part);
  if (a.size() == b.size()) return std::nullopt;
  return fmt::format("the number of {} rules ({} and {})", list, a.size(), b.size());
}

template <typename Policy>
Difference rules_difference(const Policy& a, const Policy& b) {
  if (const Difference ingress = difference(a.ingress, b.ingress, "ingress", "from")) return ingress;
  return difference(a.egress, b.egress, "egress", "to");
}

}  // namespace

Difference find_difference(const NetworkPolicy& a, const NetworkPolicy& b) {
  if (a.pod_selector != b.pod_selector) return "podSelector";
  if (a.isolates_ingress != b.isolates_ingress || a.isolates_egress != b.isolates_egress) return "policyTypes";
  return rules_difference(a, b);
}

Difference find_difference(const AdminPolicy& a, const AdminPolicy& b) {
  if (a.tier != b.tier) return "tier";
  if (a.priority != b.priority) return "priority";
  if (a.subject != b.subject) return "subject";
  return rules_difference(a, b);
}

}  // namespace gantry::launch

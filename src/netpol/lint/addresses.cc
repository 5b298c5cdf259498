// Address ranges of rules: inside the cluster, too wide, or of one family only (§5).

#include "netpol/lint/cluster_addresses.h"
#include "netpol/lint/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gantry::netpol::linting {

using kube::Cidr;
using kube::Direction;
using kube::IpAddress;
using kube::IpFamily;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyRule;

namespace {

struct BlockSite {
  const NetworkPolicy& policy;
  Direction direction;
  const PolicyRule& rule;
  const PolicyPeer& peer;

  base::SourcePos place() const {
    const base::Node* node = peer_node(policy, direction, rule, peer);
    return place_of(node ? node->get("ipBlock") : nullptr, "cidr", peer.ip_block->where);
  }
  std::string verb() const { return direction == Direction::ingress ? "admits" : "lets its pods reach"; }
};

template <typename Look>
void each_block(const Context& context, Look&& look) {
  for (const NetworkPolicy* policy : context.index.policies()) {
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
      if (!policy->isolates(direction)) continue;
      for (const PolicyRule& rule : policy->rules(direction))
        for (const PolicyPeer& peer : rule.peers)
          if (peer.ip_block) look(BlockSite{*policy, direction, rule, peer});
    }
  }
}

bool is_everything(const Cidr& cidr, IpFamily family) { return cidr.prefix == 0 && cidr.address.family == family; }

// ---- NP013

struct PrivateRange {
  std::string_view text;
  bool egress_only;
};
constexpr PrivateRange kPrivate[] = {
    {"10.0.0.0/8", false}, {"172.16.0.0/12", false}, {"192.168.0.0/16", false}, {"169.254.169.254/32", true}};

// What an all-embracing block ought to leave out and does not.
std::vector<std::string> missing_exceptions(const kube::IpBlock& block, Direction direction) {
  std::vector<std::string> missing;
  for (const PrivateRange& range : kPrivate) {
    if (range.egress_only && direction == Direction::ingress) continue;
    const base::Result<Cidr> wanted = Cidr::parse(range.text);
    const bool left_out =
        std::ranges::any_of(block.except, [&](const Cidr& except) { return except.contains(*wanted); });
    if (!left_out) missing.emplace_back(range.text);
  }
  return missing;
}

// ---- NP014

bool uses_both(const std::vector<IpAddress>& addresses) {
  const auto of = [](IpFamily family) { return [family](const IpAddress& a) { return a.family == family; }; };
  return std::ranges::any_of(addresses, of(IpFamily::v4)) && std::ranges::any_of(addresses, of(IpFamily::v6));
}

bool is_dual_stack(const Context& context) {
  std::vector<IpAddress> of_ranges;
  for (const Cidr& range : context.reach.options().endpoints.pod_ranges) of_ranges.push_back(range.address);
  if (uses_both(of_ranges)) return true;
  const auto service_is = [](const kube::Service& service) {
    return service.ip_families.size() > 1 || uses_both(service.cluster_ips);
  };
  return std::ranges::any_of(context.snapshot->services, service_is) ||
         std::ranges::any_of(context.snapshot->pods, uses_both, &kube::Pod::ips) ||
         std::ranges::any_of(context.snapshot->nodes, uses_both, &kube::ClusterNode::addresses);
}

// Whether the policy admits every IPv6 address on the same ports, in this rule or another.
bool has_other_family(const BlockSite& site) {
  const auto everything = [](const PolicyPeer& peer) {
    return peer.ip_block && is_everything(peer.ip_block->cidr, IpFamily::v6);
  };
  return std::ranges::any_of(site.policy.rules(site.direction), [&](const PolicyRule& rule) {
    const bool same_rule = &rule == &site.rule || describe_ports(rule) == describe_ports(site.rule);
    return same_rule && (rule.peers.empty() || std::ranges::any_of(rule.peers, everything));
  });
}

}  // namespace

void find_cluster_blocks(const Context& context, Report& report) {
  const ClusterAddresses addresses(context);
  each_block(context, [&](const BlockSite& site) {
    const std::string_view owner = addresses.owner_of(site.peer.ip_block->cidr);
    // Only a range can express nodes: the API server, node ports and health checks come from there (§7).
    if (owner.empty() || owner == "nodes") return;
    const std::string_view instead = owner == "pods" ? "select the pods with namespaceSelector and podSelector"
                                                     : "select the pods behind the Service: policies see their "
                                                       "addresses, not the Service's";
    report.add(name_of(site.policy), site.place(),
               fmt::format("{} {} {}, where {} of the cluster have their addresses", name_of(site.policy), site.verb(),
                           to_string(site.peer.ip_block->cidr), owner),
               std::string(instead));
  });
}

void find_unbounded_blocks(const Context& context, Report& report) {
  each_block(context, [&](const BlockSite& site) {
    const kube::IpBlock& block = *site.peer.ip_block;
    if (!is_everything(block.cidr, IpFamily::v4)) return;
    const std::vector<std::string> missing = missing_exceptions(block, site.direction);
    if (missing.empty()) return;
    std::vector<std::string> all;
    for (const Cidr& except : block.except) all.push_back(to_string(except));
    all.insert(all.end(), missing.begin(), missing.end());
    report.add(
        name_of(site.policy), site.place(),
        fmt::format("{} {} 0.0.0.0/0 without leaving out {}", name_of(site.policy), site.verb(), join_names(missing)),
        fmt::format("write `- ipBlock: {{cidr: 0.0.0.0/0, except: [{}]}}`", fmt::join(all, ", ")));
  });
}

void find_single_family_blocks(const Context& context, Report& report) {
  if (!is_dual_stack(context)) return;
  each_block(context, [&](const BlockSite& site) {
    if (!is_everything(site.peer.ip_block->cidr, IpFamily::v4) || has_other_family(site)) return;
    report.add(
        name_of(site.policy), site.place(),
        fmt::format("{} {} 0.0.0.0/0 and no IPv6 address, in a cluster that has both families", name_of(site.policy),
                    site.verb()),
        "add `- ipBlock: {cidr: \"::/0\", except: [\"fc00::/7\", \"fe80::/10\"]}`, or say why IPv6 stays closed");
  });
}

}  // namespace gantry::netpol::linting

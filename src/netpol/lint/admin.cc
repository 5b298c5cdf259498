// The administrator's tiers: orders that nobody defined, and rules that cut more or less than they say (§12).

#include "netpol/lint/admission.h"
#include "netpol/lint/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gantry::netpol::linting {

using kube::AdminAction;
using kube::AdminPeer;
using kube::AdminPolicy;
using kube::AdminPort;
using kube::AdminRule;
using kube::AdminTier;
using kube::Direction;

namespace {

// Policies of one priority that are compared with each other.
constexpr std::size_t kComparedMax = 100;

const std::vector<AdminRule>& rules_of(const AdminPolicy& policy, Direction direction) {
  return direction == Direction::ingress ? policy.ingress : policy.egress;
}

std::string rule_text(const AdminPolicy& policy, Direction direction, const AdminRule& rule) {
  const std::size_t index = static_cast<std::size_t>(&rule - rules_of(policy, direction).data());
  return rule.name.empty() ? fmt::format("{}[{}]", to_string(direction), index) : fmt::format("rule \"{}\"", rule.name);
}

bool meet(const std::vector<GroupId>& a, const std::vector<GroupId>& b) {
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    if (*left == *right) return true;
    *left < *right ? ++left : ++right;
  }
  return false;
}

bool subjects_meet(const Context& context, const AdminPolicy& a, const AdminPolicy& b) {
  return meet(context.index.select(a.subject.namespaces, a.subject.pods),
              context.index.select(b.subject.namespaces, b.subject.pods));
}

bool peers_meet(const Context& context, const AdminPeer& a, const AdminPeer& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == AdminPeer::Kind::pods)
    return meet(context.index.select(a.pods.namespaces, a.pods.pods),
                context.index.select(b.pods.namespaces, b.pods.pods));
  if (a.kind == AdminPeer::Kind::nodes)
    return a.nodes == b.nodes || a.nodes.selects_everything() || b.nodes.selects_everything();
  return std::ranges::any_of(a.networks, [&](const kube::Cidr& left) {
    return std::ranges::any_of(b.networks,
                               [&](const kube::Cidr& right) { return left.contains(right) || right.contains(left); });
  });
}

bool ports_meet(const AdminPort& a, const AdminPort& b) {
  if (!a.name.empty() || !b.name.empty()) return a.name == b.name;
  if (a.protocol != b.protocol) return false;
  return !a.range || !b.range || (a.range->first <= b.range->last && b.range->first <= a.range->last);
}

bool rules_meet(const Context& context, const AdminRule& a, const AdminRule& b) {
  const bool ports =
      a.ports.empty() || b.ports.empty() || std::ranges::any_of(a.ports, [&](const AdminPort& left) {
        return std::ranges::any_of(b.ports, [&](const AdminPort& right) { return ports_meet(left, right); });
      });
  return ports && std::ranges::any_of(a.peers, [&](const AdminPeer& left) {
           return std::ranges::any_of(b.peers,
                                      [&](const AdminPeer& right) { return peers_meet(context, left, right); });
         });
}

void compare(const Context& context, const AdminPolicy& a, const AdminPolicy& b, Report& report) {
  if (!subjects_meet(context, a, b)) return;
  for (const Direction direction : {Direction::ingress, Direction::egress}) {
    for (const AdminRule& left : rules_of(a, direction)) {
      for (const AdminRule& right : rules_of(b, direction)) {
        if (left.action == right.action || !rules_meet(context, left, right)) continue;
        base::Finding& finding = report.add(
            to_string(b.object.id), right.where,
            fmt::format("{} and {} have the same priority, and {} of the first says {} where {} of the second says {}",
                        to_string(a.object.id), to_string(b.object.id), rule_text(a, direction, left),
                        to_string(left.action), rule_text(b, direction, right), to_string(right.action)),
            fmt::format("give one of them a priority of its own, for example `priority: {}`",
                        b.priority < 1000 ? b.priority + 1 : b.priority - 1));
        finding.related.push_back({.where = left.where, .note = "the other rule"});
        return;
      }
    }
  }
}

// Those that the API server takes and that have a priority, by tier and priority.
std::map<std::pair<AdminTier, std::int64_t>, std::vector<const AdminPolicy*>> by_priority(const Context& context) {
  std::map<std::pair<AdminTier, std::int64_t>, std::vector<const AdminPolicy*>> groups;
  for (const AdminPolicy& policy : context.snapshot->admin_policies) {
    if (policy.object.rejected() || policy.kind == kube::AdminKind::baseline_admin_network_policy) continue;
    groups[{policy.tier, policy.priority}].push_back(&policy);
  }
  return groups;
}

bool holds_everything(const AdminPeer& peer) {
  return peer.kind == AdminPeer::Kind::networks &&
         std::ranges::any_of(peer.networks, [](const kube::Cidr& cidr) { return cidr.prefix == 0; });
}

bool is_about_pods(const AdminRule& rule) {
  return std::ranges::any_of(rule.peers, [](const AdminPeer& peer) { return peer.kind == AdminPeer::Kind::pods; });
}

// Rules of the same tier and direction that a flow of the same pods meets later.
bool decides_later(const Context& context, const AdminPolicy& policy, Direction direction) {
  return std::ranges::any_of(context.snapshot->admin_policies, [&](const AdminPolicy& other) {
    return &other != &policy && !other.object.rejected() && other.tier == policy.tier &&
           other.priority >= policy.priority && !rules_of(other, direction).empty() &&
           subjects_meet(context, policy, other);
  });
}

}  // namespace

void find_equal_priorities(const Context& context, Report& report) {
  for (const auto& [key, policies] : by_priority(context)) {
    const std::size_t count = std::min(policies.size(), kComparedMax);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = i + 1; j < count; ++j) compare(context, *policies[i], *policies[j], report);
  }
}

void find_denied_networks(const Context& context, Report& report) {
  for (const AdminPolicy& policy : context.snapshot->admin_policies) {
    if (policy.object.rejected()) continue;
    const auto& rules = policy.egress;
    const auto deny = std::ranges::find_if(rules, [](const AdminRule& rule) {
      return rule.action == AdminAction::deny && std::ranges::any_of(rule.peers, holds_everything);
    });
    if (deny == rules.end()) continue;
    const bool pods_before = std::any_of(rules.begin(), deny, is_about_pods);
    const bool pods_after = std::any_of(deny + 1, rules.end(), is_about_pods);
    if (pods_before && !pods_after) continue;
    const auto peer = std::ranges::find_if(deny->peers, holds_everything);
    report.add(to_string(policy.object.id), peer->where,
               fmt::format("{} denies every address in {} {}, and addresses of pods are among them",
                           to_string(policy.object.id), rule_text(policy, Direction::egress, *deny),
                           pods_after ? "before its rules about pods" : "and has no rule about pods before it"),
               policy.tier == AdminTier::admin
                   ? "write a rule before it that passes pods: `- {action: Pass, to: [{namespaces: {}}]}`"
                   : "write a rule before it that allows the pods that are meant");
  }
}

void find_useless_passes(const Context& context, Report& report) {
  for (const AdminPolicy& policy : context.snapshot->admin_policies) {
    if (policy.object.rejected()) continue;
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
      const std::vector<AdminRule>& rules = rules_of(policy, direction);
      // A Pass behind a Deny of every address is in the wrong place, not useless: NP036.
      const bool too_late = std::ranges::any_of(rules, [](const AdminRule& rule) {
        return rule.action == AdminAction::deny && std::ranges::any_of(rule.peers, holds_everything);
      });
      if (rules.empty() || too_late || rules.back().action != AdminAction::pass ||
          decides_later(context, policy, direction))
        continue;
      report.add(to_string(policy.object.id), rules.back().where,
                 fmt::format("{} of {} passes at the end of its tier, where nothing comes that it could skip",
                             rule_text(policy, direction, rules.back()), to_string(policy.object.id)),
                 "remove the rule, or put it before the rules that it is to skip");
    }
  }
}

}  // namespace gantry::netpol::linting

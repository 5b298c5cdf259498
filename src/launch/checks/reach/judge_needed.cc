#include "launch/checks/reach/address_set.h"
#include "launch/checks/reach/judge.h"
#include "launch/checks/reach/nearest_rule.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace gantry::launch {

using base::Finding;
using kube::Cidr;
using kube::Direction;
using kube::IpBlock;
using kube::NetworkPolicy;

namespace {

std::string name_policies(const std::vector<const NetworkPolicy*>& policies) {
  std::set<std::string> names;
  for (const NetworkPolicy* policy : policies) names.insert(to_string(policy->object.id));
  return fmt::format("{}", fmt::join(names, ", "));
}

// ---- Pods

// One finding for all ports that are closed between the same pods on the same side.
using GroupKey = std::tuple<std::string, std::string, Direction, Access>;  // source, destination
struct Group {
  FlowQuestion first;
  std::vector<FlowPort> ports;
  std::vector<const NetworkPolicy*> isolating;
};

Finding report_blocked(const ClaimView& view, const GroupKey& key, const Group& group) {
  const auto& [source, destination, direction, access] = key;
  const std::string_view whose = direction == Direction::egress ? source : destination;
  Finding finding = make_finding(
      "net.needed-blocked", source, group.isolating.front()->object.pos(),
      fmt::format("{} needs {} of {} and cannot reach it: {} of {} is isolated by {}, and no rule admits it", source,
                  join_ports(group.ports), destination, to_string(direction), whose, name_policies(group.isolating)),
      "add a rule that admits it, or mend the one that comes nearest");
  if (const std::optional<NearestRule> nearest = find_nearest_rule(view.reach, direction, group.first)) {
    finding.where = nearest->place.pos();
    finding.explanation += fmt::format(" The nearest rule is {}: {}.", to_string(nearest->place), nearest->lacking);
  }
  finding.related.push_back({view.claim.where, "the claim"});
  return finding;
}

Finding report_depends(const ClaimView& view, const GroupKey& key, const Group& group) {
  const auto& [source, destination, direction, access] = key;
  Finding finding = make_finding(
      "net.needed-depends", source, view.claim.where,
      fmt::format("whether {} reaches {} of {} cannot be said: it depends on addresses or labels that no "
                  "manifest says ({} by {})",
                  source, join_ports(group.ports), destination, to_string(direction), name_policies(group.isolating)),
      "give the claim `pod_ranges`, define the namespaces, or use selectors instead of an ipBlock");
  return finding;
}

void note_side(const ClaimView& view, const FlowQuestion& question, Direction direction, const Side& side,
               std::map<GroupKey, Group>& groups) {
  if (side.access == Access::yes) return;
  const std::vector<PodClass>& classes = view.reach.classes();
  Group& group = groups[{classes[question.source].owner_name(), classes[question.destination].owner_name(), direction,
                         side.access}];
  if (group.ports.empty()) group.first = question;
  if (std::ranges::find(group.ports, question.port) == group.ports.end()) group.ports.push_back(question.port);
  group.isolating = side.isolating;
}

bool is_needed(const ClaimView& view, const PodClass& pods) {
  return std::ranges::any_of(view.claim.needed, [&](const ClaimSource& source) {
    return !source.range && holds(source, pods, view.reach) == Access::yes;
  });
}

NeededCounts judge_pods_needed(const ClaimView& view, std::vector<Finding>& findings) {
  NeededCounts counts;
  std::map<GroupKey, Group> groups;
  for (std::size_t source = 0; source < view.reach.classes().size(); ++source) {
    if (!is_needed(view, view.reach.classes()[source])) continue;
    for (std::size_t i = 0; i < view.targets.size(); ++i) {
      const Target& target = view.targets[i];
      if (FlowTable::is_loopback(view.reach, target, source)) continue;
      const bool is_open = view.flows.at(i, source) == Access::yes;
      ++(is_open ? counts.open : counts.blocked);
      if (is_open) continue;
      const FlowQuestion question{.source = source, .destination = target.destination, .port = target.port};
      const Flow flow = view.reach.decide(question);
      note_side(view, question, Direction::egress, flow.egress, groups);
      note_side(view, question, Direction::ingress, flow.ingress, groups);
    }
  }
  for (const auto& [key, group] : groups)
    findings.push_back(std::get<Access>(key) == Access::no ? report_blocked(view, key, group)
                                                           : report_depends(view, key, group));
  return counts;
}

// ---- Addresses

// The part of a range that none of the blocks holds; nothing when all of it is held.
std::optional<Cidr> find_unadmitted(const Cidr& range, const std::vector<IpBlock>& blocks) {
  if (std::ranges::any_of(blocks, [&](const IpBlock& block) { return covers(block, range); })) return std::nullopt;
  if (std::ranges::none_of(blocks, [&](const IpBlock& block) { return meets(block, range); })) return range;
  const auto [lower, upper] = halves_of(range);
  std::optional<Cidr> found = find_unadmitted(lower, blocks);
  return found ? found : find_unadmitted(upper, blocks);
}

std::optional<Cidr> find_closed_part(const Cidr& range, const Side& side) {
  if (side.isolating.empty()) return std::nullopt;
  std::vector<IpBlock> blocks;
  for (const Opening& opening : side.openings) {
    const kube::PolicyPeer* peer = opening.place.get_peer();
    if (!peer) return std::nullopt;
    blocks.push_back(*peer->ip_block);
  }
  return find_unadmitted(range, blocks);
}

NeededCounts judge_ranges_needed(const ClaimView& view, std::vector<Finding>& findings) {
  NeededCounts counts;
  for (const ClaimSource& source : view.claim.needed) {
    if (!source.range) continue;
    for (const Target& target : view.targets) {
      const Side side = view.reach.decide_external(*source.range, target.destination, target.port);
      const std::optional<Cidr> closed = find_closed_part(*source.range, side);
      ++(closed ? counts.blocked : counts.open);
      if (!closed) continue;
      const std::string destination = view.destination(target).owner_name();
      findings.push_back(make_finding(
          "net.needed-blocked", destination, side.isolating.front()->object.pos(),
          fmt::format(
              "addresses of {} need {} of {} and cannot reach it: ingress is isolated by {}, and no ipBlock admits {}",
              to_string(*source.range), to_string(target.port), destination, name_policies(side.isolating),
              to_string(*closed)),
          "add a rule with an ipBlock that admits the range"));
      findings.back().related.push_back({source.where, "the claim"});
    }
  }
  return counts;
}

}  // namespace

NeededCounts judge_needed(const ClaimView& view, std::vector<Finding>& findings) {
  const NeededCounts pods = judge_pods_needed(view, findings);
  const NeededCounts ranges = judge_ranges_needed(view, findings);
  return {.open = pods.open + ranges.open, .blocked = pods.blocked + ranges.blocked};
}

}  // namespace gantry::launch

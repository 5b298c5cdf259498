#include "netpol/doors.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace gantry::netpol {

using kube::AdminAction;
using kube::AdminPeer;
using kube::AdminPolicy;
using kube::AdminRule;
using kube::AdminTier;
using kube::Direction;
using kube::Match;

namespace {

const std::vector<AdminRule>& rules_of(const AdminPolicy& policy, Direction direction) {
  return direction == Direction::ingress ? policy.ingress : policy.egress;
}

AdminAction towards(Outcome wanted) { return wanted == Outcome::open ? AdminAction::allow : AdminAction::deny; }

bool has_name(const kube::PolicyPort& port) { return port.port && std::holds_alternative<std::string>(*port.port); }

bool has_name(const kube::AdminPort& port) { return !port.name.empty(); }

// A field of a newer API as the peer: the rule allows nothing, or denies everything (§12.2).
bool is_unknown(const AdminPeer& peer) { return peer.kind == AdminPeer::Kind::unknown; }

RulePlace place_of(const AdminPolicy& policy, Direction direction, std::size_t rule, std::size_t peer,
                   const base::SourcePos& where) {
  return {.policy = policy.object.id,
          .direction = direction,
          .rule = rule,
          .peer = peer,
          .port = std::nullopt,
          .where = where};
}

}  // namespace

Direction opposite(Direction direction) {
  return direction == Direction::ingress ? Direction::egress : Direction::ingress;
}

Doors::Doors(const Reachability& reach, std::vector<kube::Cidr> claimed_ranges)
    : reach_(reach), claimed_(std::move(claimed_ranges)), index_(reach) {
  std::set<std::pair<AdminTier, std::int64_t>> seen;
  for (const AdminPolicy& policy : reach.snapshot()->admin_policies)
    if (!seen.emplace(policy.tier, policy.priority).second) has_ties_ = true;
}

const Wish* Doors::keep(Wish wish) { return &wishes_.emplace_back(std::move(wish)); }

const Wish* Doors::subject_of(const kube::NetworkPolicy& policy) {
  const Wish*& wish = wished_subjects_[&policy];
  if (!wish) wish = keep({.namespaces = {}, .pods = policy.pod_selector});
  return wish;
}

bool Doors::is_policed(const Endpoint& endpoint) const {
  return endpoint.is_pods() && (!endpoint.host_network || reach_.options().profile.host_network_pods_are_policed);
}

bool Doors::counts(const AdminPolicy& policy) const {
  return !(policy.object.rejected() && reach_.options().without_rejected);
}

Doors::RulePorts Doors::collect_ports(std::span<const kube::NetworkPolicy> policies, Direction direction) const {
  RulePorts found;
  for (const kube::NetworkPolicy& policy : policies)
    for (const kube::PolicyRule& rule : policy.rules(direction))
      if (std::ranges::any_of(rule.ports, [](const auto& port) { return has_name(port); })) {
        found.named.push_back(&rule);
      } else {
        found.numbers.insert(ports_of(rule, std::nullopt, reach_));
      }
  return found;
}

const Doors::RulePorts& Doors::rule_ports(Direction direction) {
  const auto [at, is_new] = rule_ports_.try_emplace(direction);
  if (is_new) at->second = collect_ports(reach_.snapshot()->network_policies, direction);
  return at->second;
}

const Doors::RulePorts& Doors::rule_ports(const std::string& name_space, Direction direction) {
  const auto [at, is_new] = ports_at_home_.try_emplace({name_space, direction});
  if (!is_new) return at->second;
  at->second = collect_ports(kube::in_namespace(reach_.snapshot()->network_policies, name_space), direction);
  const RulePorts& far = rule_ports(opposite(direction));
  at->second.numbers.insert(far.numbers.begin(), far.numbers.end());
  at->second.named.insert(at->second.named.end(), far.named.begin(), far.named.end());
  for (const AdminPolicy& policy : reach_.snapshot()->admin_policies)
    for (const Direction each : {direction, opposite(direction)})
      for (const AdminRule& rule : rules_of(policy, each))
        if (std::ranges::any_of(rule.ports, [](const auto& port) { return has_name(port); })) {
          at->second.named_by_admin.push_back(&rule);
        } else {
          at->second.numbers.insert(ports_of(rule, std::nullopt, reach_));
        }
  return at->second;
}

const std::set<PortSet>& Doors::numbered_port_sets(const std::string& name_space, Direction direction) {
  return rule_ports(name_space, direction).numbers;
}

std::set<PortSet> Doors::named_port_sets(EndpointId resident, Direction direction) {
  // Ports stand on the destination: the resident where it is ingress at its side, otherwise the stranger.
  const auto destination = direction == Direction::ingress ? std::optional(resident) : std::nullopt;
  const RulePorts& ports = rule_ports(reach_.endpoints()[resident].name_space, direction);
  std::set<PortSet> sets;
  for (const kube::PolicyRule* rule : ports.named) sets.insert(ports_of(*rule, destination, reach_));
  for (const AdminRule* rule : ports.named_by_admin) sets.insert(ports_of(*rule, destination, reach_));
  return sets;
}

std::set<PortSet> Doors::port_sets(EndpointId resident, Direction direction) {
  std::set<PortSet> sets = named_port_sets(resident, direction);
  const std::set<PortSet>& numbered = numbered_port_sets(reach_.endpoints()[resident].name_space, direction);
  sets.insert(numbered.begin(), numbered.end());
  return sets;
}

// ---- The main sequence

std::vector<Passage> Doors::at_resident(EndpointId resident, Direction direction, const DoorQuestion& question) {
  if (!is_policed(reach_.endpoints()[resident]))
    return question.wanted == Outcome::open ? Passages{Passage{}} : Passages{};
  const Sides sides{.resident = resident, .direction = direction, .at_resident = true};
  Passages found;
  Passages left = run_tier(rules_of_tier(AdminTier::admin, sides, question), {Passage{}}, question, found);
  left = run_resident_policies(sides, left, question, found);
  // Where a pod that any NetworkPolicy isolates is beyond the baseline tier in both directions (§12.2).
  const bool is_beyond = !reach_.options().profile.baseline_is_decided_per_direction &&
                         !reach_.isolating(resident, opposite(direction)).empty();
  finish(is_beyond ? TierRules{} : rules_of_tier(AdminTier::baseline, sides, question), left, question, found);
  return found;
}

std::vector<Passage> Doors::at_stranger(const Home& home, EndpointId resident, Direction direction,
                                        const DoorQuestion& question) {
  const Sides sides{.resident = resident, .direction = direction, .at_resident = false};
  Passages found;
  Passages left = run_tier(rules_of_tier(AdminTier::admin, sides, question), {Passage{}}, question, found);
  left = run_stranger_policies(home, sides, left, question, found);
  if (!reach_.options().profile.baseline_is_decided_per_direction) leave_isolated(home, sides, question, left, found);
  finish(rules_of_tier(AdminTier::baseline, sides, question), left, question, found);
  return found;
}

void Doors::finish(const TierRules& rules, const Passages& in, const DoorQuestion& question, Passages& found) const {
  Passages left = run_tier(rules, in, question, found);
  if (question.wanted == Outcome::open) std::ranges::move(left, std::back_inserter(found));
}

// ---- The administrator's tiers

// The first rule that matches decides, so each passage has failed what stands before it. A condition in doubt is resolved as the
// question says: for the wanted outcome both worlds are followed, against it the one that leads elsewhere.
Doors::Passages Doors::run_tier(const TierRules& rules, const Passages& in, const DoorQuestion& question,
                                Passages& found) const {
  const bool for_it = question.doubt == Doubt::for_it;
  Passages out;
  for (Passage passage : in) {
    // Whether anybody is left; if not, nobody gets to the rest.
    const auto take = [&](AdminAction action, const Condition& condition) {
      const bool is_wanted = action == towards(question.wanted);
      const bool is_pass = action == AdminAction::pass;
      if (!condition.certain && (for_it ? !is_wanted && !is_pass : is_wanted)) return true;
      Passage matched = passage;
      if (condition.wish) matched.holds.push_back(condition.wish);
      if (is_wanted) {
        matched.by = {condition.place};
        found.push_back(std::move(matched));
      } else if (is_pass && (condition.certain || for_it)) {
        out.push_back(std::move(matched));
      }
      if (!condition.certain && for_it) return true;
      if (condition.wish) passage.fails.push_back(condition.wish);
      return condition.wish != nullptr;
    };
    const bool is_left = std::ranges::all_of(rules, [&](const TierRule& rule) {
      return std::ranges::all_of(rule.conditions, [&](const Condition& each) { return take(rule.action, each); });
    });
    if (is_left) out.push_back(std::move(passage));
  }
  return out;
}

std::vector<const AdminPolicy*> Doors::sorted(AdminTier tier, bool reversed) const {
  std::vector<const AdminPolicy*> policies;
  if (!reach_.options().profile.admin_tiers_are_enforced) return policies;
  for (const AdminPolicy& policy : reach_.snapshot()->admin_policies)
    if (policy.tier == tier && counts(policy)) policies.push_back(&policy);
  if (reversed) std::ranges::reverse(policies);
  std::ranges::stable_sort(policies, {}, [](const AdminPolicy* policy) { return policy->priority; });
  return policies;
}

Doors::TierRules Doors::rules_of_tier(AdminTier tier, const Sides& sides, const DoorQuestion& question) {
  // Ports stand on the destination: the resident is it when ingress is judged at its side, or egress at the stranger's.
  const bool is_destination = (sides.direction == Direction::ingress) == sides.at_resident;
  const auto destination = is_destination ? std::optional(sides.resident) : std::nullopt;
  TierRules rules;
  for (const AdminPolicy* policy : sorted(tier, question.ties_reversed)) {
    const std::vector<AdminRule>& written = rules_of(*policy, sides.direction);
    for (std::size_t r = 0; r < written.size(); ++r)
      if (ports_of(written[r], destination, reach_).contains(question.protocol, question.port))
        rules.push_back(sides.at_resident ? resident_rule(*policy, r, sides, question)
                                          : stranger_rule(*policy, r, sides, question));
  }
  return rules;
}

Doors::TierRule Doors::resident_rule(const AdminPolicy& policy, std::size_t r, const Sides& sides,
                                     const DoorQuestion& question) {
  const AdminRule& written = rules_of(policy, sides.direction)[r];
  TierRule rule{.action = written.action, .conditions = {}};
  const Match subject = match_pods(policy.subject, reach_.endpoints()[sides.resident]);
  if (subject == Match::no) return rule;
  if (std::ranges::any_of(written.peers, is_unknown) && rule.action != AdminAction::allow)
    rule.action = AdminAction::deny;
  for (std::size_t p = 0; p < written.peers.size(); ++p) {
    const AdminPeer& peer = written.peers[p];
    Match match = Match::yes;
    const Wish* wish = nullptr;
    if (peer.kind == AdminPeer::Kind::pods) {
      wish = keep({.namespaces = peer.pods.namespaces, .pods = peer.pods.pods});
    } else if (!is_unknown(peer)) {
      match = match_unknown_address(peer.networks, question.family, reach_.options());
    } else if (rule.action == AdminAction::allow) {
      match = Match::no;
    }
    if (match == Match::no) continue;
    rule.conditions.push_back({.wish = wish,
                               .certain = both(match, subject) == Match::yes,
                               .place = place_of(policy, sides.direction, r, p, peer.where)});
  }
  return rule;
}

Doors::TierRule Doors::stranger_rule(const AdminPolicy& policy, std::size_t r, const Sides& sides,
                                     const DoorQuestion& question) {
  const AdminRule& written = rules_of(policy, sides.direction)[r];
  TierRule rule{.action = written.action, .conditions = {}};
  if (std::ranges::any_of(written.peers, is_unknown) && rule.action != AdminAction::allow)
    rule.action = AdminAction::deny;
  const Wish* subject = nullptr;
  for (std::size_t p = 0; p < written.peers.size(); ++p) {
    const AdminPeer& peer = written.peers[p];
    const Match match = is_unknown(peer) && rule.action == AdminAction::deny
                            ? Match::yes
                            : match_peer(peer, reach_.endpoints()[sides.resident], question.family, reach_.options());
    if (match == Match::no) continue;
    if (!subject) subject = keep({.namespaces = policy.subject.namespaces, .pods = policy.subject.pods});
    rule.conditions.push_back({.wish = subject,
                               .certain = match == Match::yes,
                               .place = place_of(policy, sides.direction, r, p, peer.where)});
  }
  return rule;
}

}  // namespace gantry::netpol

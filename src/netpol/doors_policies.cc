// The NetworkPolicy tier of doors.h (network policy reference, §2 and §3): no rule denies, and for those who are isolated what no
// rule admits is over here.

#include "netpol/doors.h"

#include <algorithm>
#include <utility>

namespace gantry::netpol {

using kube::Direction;
using kube::Match;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyRule;

namespace {

RulePlace place_of(const NetworkPolicy& policy, Direction direction) {
  return {.policy = policy.object.id,
          .direction = direction,
          .rule = std::nullopt,
          .peer = std::nullopt,
          .port = std::nullopt,
          .where = policy.object.pos()};
}

RulePlace place_of(const NetworkPolicy& policy, Direction direction, std::size_t r) {
  RulePlace place = place_of(policy, direction);
  place.rule = r;
  place.where = policy.rules(direction)[r].where;
  return place;
}

RulePlace place_of(const NetworkPolicy& policy, Direction direction, std::size_t r, std::size_t p) {
  RulePlace place = place_of(policy, direction, r);
  place.peer = p;
  place.where = policy.rules(direction)[r].peers[p].where;
  return place;
}

// A policy in the way of somebody, and what it does.
struct Barrier {
  const Wish* applies = nullptr;  // to whom, of the strangers
  Match admits = Match::no;
  RulePlace place;
};

bool selects_everybody(const Wish& wish) {
  return wish.namespaces.selects_everything() && wish.pods.selects_everything();
}

}  // namespace

// ---- At the resident's side

Doors::Passages Doors::run_resident_policies(const Sides& sides, const Passages& in, const DoorQuestion& question,
                                             Passages& found) {
  bool isolated = false;
  bool perhaps = false;
  std::vector<Condition> alternatives;
  std::vector<RulePlace> isolating;
  const bool is_open = question.wanted == Outcome::open;
  for (const auto& [policy, is_certain] : reach_.selecting(sides.resident, sides.direction)) {
    (is_certain ? isolated : perhaps) = true;
    if (!is_open) isolating.push_back(place_of(*policy, sides.direction));
    add_alternatives(*policy, is_certain, sides, question, alternatives);
  }
  if (!isolated && !perhaps) return in;
  const bool for_it = question.doubt == Doubt::for_it;
  for (const Passage& passage : in) {
    Passage shut = passage;
    shut.by = isolating;
    bool is_over = false;
    for (const Condition& each : alternatives) {
      // What is in doubt admits when that is for an opening, or against a stop.
      if (!each.certain && for_it != is_open) continue;
      Passage open = passage;
      if (each.wish) open.holds.push_back(each.wish);
      open.by = {each.place};
      if (is_open) found.push_back(std::move(open));
      is_over = is_over || !each.wish;
      if (each.wish) shut.fails.push_back(each.wish);
    }
    if (!is_open && !is_over && (isolated || for_it)) found.push_back(std::move(shut));
  }
  if (isolated || !for_it) return {};
  return in;
}

void Doors::add_alternatives(const NetworkPolicy& policy, bool certain, const Sides& sides,
                             const DoorQuestion& question, std::vector<Condition>& conditions) {
  const auto destination = sides.direction == Direction::ingress ? std::optional(sides.resident) : std::nullopt;
  const std::vector<PolicyRule>& rules = policy.rules(sides.direction);
  for (const std::size_t r : index_.opening(policy, sides.direction, question.protocol, question.port, destination)) {
    if (rules[r].peers.empty())
      conditions.push_back({.wish = nullptr, .certain = certain, .place = place_of(policy, sides.direction, r)});
    for (std::size_t p = 0; p < rules[r].peers.size(); ++p) {
      std::optional<Condition> condition = alternative(policy, rules[r].peers[p], question.family);
      if (!condition) continue;
      condition->certain = condition->certain && certain;
      condition->place = place_of(policy, sides.direction, r, p);
      conditions.push_back(*std::move(condition));
    }
  }
}

std::optional<Doors::Condition> Doors::alternative(const NetworkPolicy& policy, const PolicyPeer& peer,
                                                   kube::IpFamily family) {
  if (peer.ip_block) {
    const Match match = match_unknown_address(*peer.ip_block, family, reach_.options());
    if (match == Match::no || covered(peer.ip_block->cidr, claimed_)) return std::nullopt;
    return Condition{.wish = nullptr, .certain = match == Match::yes, .place = {}};
  }
  const auto [at, is_new] = wished_peers_.try_emplace(&peer, nullptr);
  if (is_new) {
    Wish wish{.namespaces = peer.namespace_selector.value_or(namespace_named(policy.name_space())),
              .pods = peer.pod_selector.value_or(kube::LabelSelector())};
    if (!selects_everybody(wish)) at->second = keep(std::move(wish));
  }
  return Condition{.wish = at->second, .certain = true, .place = {}};
}

// ---- At the stranger's side

Match Doors::admits_resident(const NetworkPolicy& policy, const Sides& sides, const DoorQuestion& question,
                             RulePlace& place) {
  const auto destination = sides.direction == Direction::egress ? std::optional(sides.resident) : std::nullopt;
  const std::vector<PolicyRule>& rules = policy.rules(sides.direction);
  Match best = Match::no;
  for (const std::size_t r : index_.opening(policy, sides.direction, question.protocol, question.port, destination)) {
    if (rules[r].peers.empty()) {
      place = place_of(policy, sides.direction, r);
      return Match::yes;
    }
    for (std::size_t p = 0; p < rules[r].peers.size() && best != Match::yes; ++p) {
      const Match match =
          match_peer(policy, rules[r].peers[p], reach_.endpoints()[sides.resident], question.family, reach_.options());
      if (match != Match::no) place = place_of(policy, sides.direction, r, p);
      best = either(best, match);
    }
    if (best == Match::yes) break;
  }
  return best;
}

Doors::Passages Doors::run_stranger_policies(const Home& home, const Sides& sides, const Passages& in,
                                             const DoorQuestion& question, Passages& found) {
  if (!home.name_space()) return in;  // nobody has written policies for it
  std::vector<Barrier> barriers;
  for (const NetworkPolicy* policy : index_.isolating(home.name_space()->name(), sides.direction)) {
    Barrier barrier{.applies = subject_of(*policy), .admits = Match::no, .place = place_of(*policy, sides.direction)};
    barrier.admits = admits_resident(*policy, sides, question, barrier.place);
    // What is in doubt admits when that is for an opening, or against a stop.
    const bool doubt_admits = (question.doubt == Doubt::for_it) == (question.wanted == Outcome::open);
    if (barrier.admits == Match::unknown) barrier.admits = doubt_admits ? Match::yes : Match::no;
    barriers.push_back(std::move(barrier));
  }
  Passages out;
  for (const Passage& passage : in) {
    Passage free = passage;  // of them all
    for (const Barrier& each : barriers) free.fails.push_back(each.applies);
    out.push_back(std::move(free));
    Passage met = passage;
    if (question.wanted == Outcome::shut)
      for (const Barrier& each : barriers)
        if (each.admits == Match::yes) met.fails.push_back(each.applies);
    for (const Barrier& each : barriers) {
      if ((each.admits == Match::yes) != (question.wanted == Outcome::open)) continue;
      Passage decided = met;
      decided.holds.push_back(each.applies);
      decided.by = {each.place};
      found.push_back(std::move(decided));
    }
  }
  return out;
}

void Doors::leave_isolated(const Home& home, const Sides& sides, const DoorQuestion& question, Passages& left,
                           Passages& found) {
  if (!home.name_space()) return;
  for (const NetworkPolicy* policy : index_.isolating(home.name_space()->name(), opposite(sides.direction))) {
    const Wish* applies = subject_of(*policy);
    for (Passage& passage : left) {
      if (question.wanted == Outcome::open) {
        Passage open = passage;
        open.holds.push_back(applies);
        found.push_back(std::move(open));
      }
      passage.fails.push_back(applies);
    }
  }
}

}  // namespace gantry::netpol

#include "netpol/row.h"

#include "netpol/port_sweep.h"

#include <algorithm>
#include <array>
#include <bit>
#include <deque>
#include <iterator>
#include <utility>

namespace gantry::netpol {

using kube::AdminAction;
using kube::AdminTier;
using kube::Direction;

namespace {

// What a rule's peers let through on some ports. Rules with port names give one entry for each different answer.
struct Entry {
  const PortSet* ports;
  TriSet peers;
  std::uint32_t applied = 0;  // index into GroupQuestion::applied
  AdminAction action = AdminAction::allow;
};

// Ports that are open for the same peers are one part, whatever rules opened them.
class RowBuilder {
 public:
  void add(PortSet ports, TriSet peers) {
    if (ports.empty() || peers.empty()) return;
    const std::size_t hash = peers.possible.hash();
    const auto [first, last] = part_by_hash_.equal_range(hash);
    const auto same = std::find_if(first, last, [&](const auto& each) { return row_[each.second].peers == peers; });
    if (same != last) {
      row_[same->second].ports = row_[same->second].ports.united(ports);
    } else {
      part_by_hash_.emplace(hash, row_.size());
      row_.push_back({std::move(ports), std::move(peers)});
    }
  }
  Row take() { return std::move(row_); }

 private:
  Row row_;
  std::unordered_multimap<std::size_t, std::size_t> part_by_hash_;
};

using Holding = std::vector<std::uint32_t>;  // the entries that hold some ports, ascending

class RowComputer {
 public:
  RowComputer(const CompiledPolicies& policies, const GroupQuestion& question, Unions& unions)
      : policies_(policies), question_(question), unions_(unions), everybody_(policies.universe()) {}

  Row compute();

 private:
  // Policies of equal priority, as indices into GroupQuestion::applied.
  using Tie = std::vector<std::uint32_t>;

  void sort_policies();
  void collect_entries();
  void add_entries(const CompiledRule& rule, std::uint32_t applied);
  TriSet decide(const Holding& holding) const;
  TriSet decide_network_policies(const Holding& holding, const TriSet& not_isolated) const;
  TriSet decide_tier(AdminTier tier, const Holding& holding, const TriSet& next, const TriSet& passed) const;
  TriSet decide_tie(const Tie& tie, const Holding& holding, const TriSet& next, const TriSet& passed) const;
  TriSet decide_policy(std::uint32_t applied, const Holding& holding, const TriSet& next, const TriSet& passed) const;
  auto entries_of(std::uint32_t applied, const Holding& holding) const {
    return std::ranges::equal_range(holding, applied, {},
                                    [this](std::uint32_t each) { return entries_[each].applied; });
  }
  const CompiledPolicy& policy_of(std::uint32_t applied) const {
    return policies_.all()[question_.applied[applied].policy];
  }

  const CompiledPolicies& policies_;
  const GroupQuestion& question_;
  Unions& unions_;
  const TriSet everybody_;
  std::array<std::vector<Tie>, 2> ties_;  // by tier, in the order in which they are asked
  bool is_isolated_ = false;              // by a NetworkPolicy that certainly applies
  std::vector<std::uint32_t> perhaps_;    // NetworkPolicies that may apply
  std::vector<Entry> entries_;            // by policy, in the order of its rules
  std::deque<PortSet> resolved_;          // what entries point to that no rule holds
};

Row RowComputer::compute() {
  sort_policies();
  collect_entries();
  std::vector<const PortSet*> ports;
  for (const Entry& entry : entries_) ports.push_back(entry.ports);
  RowBuilder row;
  for (PortAtom& atom : sweep_ports(ports)) row.add(std::move(atom.ports), decide(atom.holding));
  return row.take();
}

void RowComputer::sort_policies() {
  std::array<std::vector<std::pair<std::int64_t, std::uint32_t>>, 2> order;
  for (std::uint32_t i = 0; i < question_.applied.size(); ++i) {
    if (const kube::AdminPolicy* admin = policy_of(i).admin) {
      order.at(static_cast<std::size_t>(std::to_underlying(admin->tier))).emplace_back(admin->priority, i);
    } else if (question_.applied[i].is_certain) {
      is_isolated_ = true;
    } else {
      perhaps_.push_back(i);
    }
  }
  for (std::size_t tier = 0; tier < order.size(); ++tier) {
    std::ranges::sort(order.at(tier));
    for (auto at = order.at(tier).begin(); at != order.at(tier).end(); ++at) {
      if (at == order.at(tier).begin() || at->first != std::prev(at)->first) ties_.at(tier).emplace_back();
      ties_.at(tier).back().push_back(at->second);
    }
  }
}

void RowComputer::collect_entries() {
  for (std::uint32_t i = 0; i < question_.applied.size(); ++i)
    for (const CompiledRule& rule : policy_of(i).of(question_.direction)) add_entries(rule, i);
}

// §4: ingress rules look a name up on the pod that is selected, egress rules on each peer.
void RowComputer::add_entries(const CompiledRule& rule, std::uint32_t applied) {
  const TriSet peers = unions_.unite(rule.peers);
  const auto add = [&](const PortSet& ports, TriSet whom) {
    if (ports.empty() || whom.empty()) return;
    entries_.push_back({&ports, std::move(whom), applied, rule.action});
  };
  if (question_.direction == Direction::ingress && !rule.ports.names.empty()) {
    PortSet& numbers = resolved_.emplace_back(rule.ports.numbers);
    for (const PortName& name : rule.ports.names) numbers = numbers.united(policies_.resolve(question_.member, name));
    add(numbers, peers);
  } else {
    add(rule.ports.numbers, peers);
  }
  if (question_.direction == Direction::ingress) return;
  for (const PortName& name : rule.ports.names)
    for (const auto& [resolved, endpoints] : policies_.resolutions(name)) add(resolved, peers.intersected(endpoints));
}

// From the last tier to the first.
TriSet RowComputer::decide(const Holding& holding) const {
  const TriSet baseline =
      question_.is_beyond_baseline ? everybody_ : decide_tier(AdminTier::baseline, holding, everybody_, everybody_);
  const TriSet network = decide_network_policies(holding, baseline);
  return decide_tier(AdminTier::admin, holding, network, network);
}

// A policy that applies certainly isolates; what it admits is added up. Of one that only may apply, each way has to be
// looked at: the least is let through when exactly one of them applies.
TriSet RowComputer::decide_network_policies(const Holding& holding, const TriSet& not_isolated) const {
  if (!is_isolated_ && perhaps_.empty()) return not_isolated;
  std::vector<const TriSet*> admitted_certainly;
  EndpointSet possibly = is_isolated_ ? EndpointSet() : not_isolated.possible;
  for (const std::uint32_t entry : holding) {
    const std::uint32_t applied = entries_[entry].applied;
    if (!policy_of(applied).network) continue;
    if (question_.applied[applied].is_certain) {
      admitted_certainly.push_back(&entries_[entry].peers);
    } else {
      possibly.unite(entries_[entry].peers.possible);
    }
  }
  TriSet certainly = unions_.unite(admitted_certainly);
  if (perhaps_.empty()) return certainly;
  possibly.unite(certainly.possible);
  if (is_isolated_) return {std::move(certainly.certain), std::move(possibly)};
  EndpointSet least = not_isolated.certain;
  for (const std::uint32_t only : perhaps_) {
    EndpointSet admitted;
    for (const std::uint32_t entry : entries_of(only, holding)) admitted.unite(entries_[entry].peers.certain);
    least = least.intersected(admitted);
  }
  return {std::move(least), std::move(possibly)};
}

TriSet RowComputer::decide_tier(AdminTier tier, const Holding& holding, const TriSet& next,
                                const TriSet& passed) const {
  TriSet result = next;
  const std::vector<Tie>& ties = ties_.at(static_cast<std::size_t>(std::to_underlying(tier)));
  for (auto tie = ties.rbegin(); tie != ties.rend(); ++tie) result = decide_tie(*tie, holding, result, passed);
  return result;
}

// Policies of equal priority have no order (§12.2): whatever one of them says first can be the answer. So all of them
// have to let a peer through that is certainly let through, and what follows counts only where perhaps none of them
// says anything.
TriSet RowComputer::decide_tie(const Tie& tie, const Holding& holding, const TriSet& next, const TriSet& passed) const {
  if (tie.size() == 1) return decide_policy(tie.front(), holding, next, passed);
  static const TriSet kNobody;
  EndpointSet all_agree = everybody_.certain;
  EndpointSet one_allows;
  EndpointSet decided;
  for (const std::uint32_t applied : tie) {
    all_agree = all_agree.intersected(decide_policy(applied, holding, everybody_, passed).certain);
    one_allows.unite(decide_policy(applied, holding, kNobody, passed).possible);
    if (!question_.applied[applied].is_certain) continue;
    for (const std::uint32_t entry : entries_of(applied, holding)) decided.unite(entries_[entry].peers.certain);
  }
  return {all_agree.intersected(decided.united(next.certain)), one_allows.united(next.possible.without(decided))};
}

TriSet RowComputer::decide_policy(std::uint32_t applied, const Holding& holding, const TriSet& next,
                                  const TriSet& passed) const {
  static const TriSet kNobody;
  const auto entries = entries_of(applied, holding);
  TriSet result = next;
  for (auto at = entries.end(); at != entries.begin();) {
    const Entry& entry = entries_[*--at];
    const TriSet& outcome = entry.action == AdminAction::allow  ? everybody_
                            : entry.action == AdminAction::deny ? kNobody
                                                                : passed;
    const auto& [certain, possible] = entry.peers;
    if (entry.peers.is_known() && outcome.is_known() && result.is_known()) {
      result = TriSet(certain.intersected(outcome.certain).united(result.certain.without(possible)));
      continue;
    }
    const EndpointSet unsure = possible.without(certain);
    EndpointSet low = certain.intersected(outcome.certain);
    low.unite(unsure.intersected(outcome.certain).intersected(result.certain));
    low.unite(result.certain.without(possible));
    EndpointSet high = certain.intersected(outcome.possible);
    high.unite(unsure.intersected(outcome.possible.united(result.possible)));
    high.unite(result.possible.without(possible));
    result = TriSet(std::move(low), std::move(high));
  }
  if (question_.applied[applied].is_certain) return result;
  return {result.certain.intersected(next.certain), result.possible.united(next.possible)};
}

}  // namespace

TriSet Unions::unite(std::span<const TriSet* const> sets) {
  if (sets.empty()) return {};
  if (sets.size() == 1) return *sets.front();
  std::size_t hash = sets.size();
  const auto mix = [&hash](const void* part) {
    hash = (hash ^ std::bit_cast<std::uintptr_t>(part)) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 32U;
  };
  for (const TriSet* set : sets) {
    mix(set->certain.identity());
    mix(set->possible.identity());
  }
  const auto are_these = [&](const auto& each) {
    return std::ranges::equal(each.second.of, sets, [](const TriSet& a, const TriSet* b) {
      return a.certain.shares(b->certain) && a.possible.shares(b->possible);
    });
  };
  const auto [first, last] = by_hash_.equal_range(hash);
  if (const auto known = std::find_if(first, last, are_these); known != last) return known->second.all;
  Union made;
  for (const TriSet* set : sets) {
    made.all = made.all.united(*set);
    made.of.push_back(*set);
  }
  if (by_hash_.size() == kRememberedMax) by_hash_.clear();
  return by_hash_.emplace(hash, std::move(made))->second.all;
}

Row compute_row(const CompiledPolicies& policies, const GroupQuestion& question, Unions& unions) {
  return RowComputer(policies, question, unions).compute();
}

PortSet ports_of(const Row& row) {
  // One after the other would take as many steps as there are parts, squared.
  std::array<std::vector<kube::PortRange>, 3> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const RowPart& part : row) {
      const std::vector<kube::PortRange>& ranges = part.ports.ranges(static_cast<kube::Protocol>(i));
      all.at(i).insert(all.at(i).end(), ranges.begin(), ranges.end());
    }
    std::ranges::sort(all.at(i));
  }
  return PortSet::of(std::move(all));
}

Row intersect(Row left, const Row& right, const EndpointSet& universe) {
  // Whom `right` lets through whatever the port: mostly everybody there is, and then there is nothing to cut.
  TriSet always;
  std::vector<const RowPart*> sometimes;
  for (const RowPart& part : right) {
    if (part.ports.is_everything()) {
      always = always.united(part.peers);
    } else {
      sometimes.push_back(&part);
    }
  }
  const bool is_everybody = always.certain.contains(universe);
  RowBuilder both;
  std::vector<const RowPart*> to_cut;
  for (RowPart& part : left) {
    if (is_everybody || always.contains(part.peers)) {
      both.add(std::move(part.ports), std::move(part.peers));
    } else if (sometimes.empty()) {
      both.add(std::move(part.ports), part.peers.intersected(always));
    } else {
      to_cut.push_back(&part);
    }
  }
  if (to_cut.empty()) return both.take();

  const std::size_t from_left = to_cut.size();
  to_cut.insert(to_cut.end(), sometimes.begin(), sometimes.end());
  std::vector<const PortSet*> ports;
  for (const RowPart* part : to_cut) ports.push_back(&part->ports);
  for (PortAtom& atom : sweep_ports(ports)) {
    TriSet on_left;
    TriSet on_right = always;
    for (const std::uint32_t holding : atom.holding) {
      TriSet& side = holding < from_left ? on_left : on_right;
      side = side.united(to_cut[holding]->peers);
    }
    both.add(std::move(atom.ports), on_left.intersected(on_right));
  }
  return both.take();
}

}  // namespace gantry::netpol

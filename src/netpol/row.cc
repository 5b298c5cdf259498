#include "netpol/row.h"

#include "netpol/port_sweep.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace gantry::netpol {

using kube::AdminAction;
using kube::AdminTier;
using kube::Direction;

namespace {

// What a rule's peers let through on some ports. Rules with port names give one entry for each different answer.
struct Entry {
  PortSet ports;
  TriSet peers;
  std::uint32_t applied = 0;  // index into GroupQuestion::applied
  AdminAction action = AdminAction::allow;
};

TriSet unite(const std::vector<const TriSet*>& sets) {
  if (sets.size() == 1) return *sets.front();
  TriSet all;
  for (const TriSet* set : sets) all = all.united(*set);
  return all;
}

class RowComputer {
 public:
  RowComputer(const CompiledPolicies& policies, const GroupQuestion& question)
      : policies_(policies), question_(question), everybody_(policies.universe()) {}

  Row compute();

 private:
  void collect_entries();
  void add_entries(const CompiledRule& rule, std::uint32_t applied);
  TriSet decide(const std::vector<std::uint32_t>& holding) const;
  TriSet decide_network_policies(const std::vector<std::uint32_t>& holding, const TriSet& not_isolated) const;
  TriSet decide_tier(AdminTier tier, const std::vector<std::uint32_t>& holding, const TriSet& next,
                     const TriSet& passed) const;
  TriSet decide_policy(std::uint32_t applied, const std::vector<std::uint32_t>& holding, const TriSet& next,
                       const TriSet& passed) const;
  const CompiledPolicy& policy_of(std::uint32_t applied) const {
    return policies_.all()[question_.applied[applied].policy];
  }

  const CompiledPolicies& policies_;
  const GroupQuestion& question_;
  const TriSet everybody_;
  std::vector<Entry> entries_;  // by policy, in the order of its rules
};

Row RowComputer::compute() {
  collect_entries();
  std::vector<const PortSet*> ports;
  for (const Entry& entry : entries_) ports.push_back(&entry.ports);
  Row row;
  std::unordered_multimap<std::size_t, std::size_t> part_by_hash;
  for (PortAtom& atom : sweep_ports(ports)) {
    TriSet peers = decide(atom.holding);
    if (peers.empty()) continue;
    // Ports that are open for the same peers are one part, whatever rules opened them.
    const auto [first, last] = part_by_hash.equal_range(peers.possible.hash());
    const auto same = std::find_if(first, last, [&](const auto& each) { return row[each.second].peers == peers; });
    if (same != last) {
      row[same->second].ports = row[same->second].ports.united(atom.ports);
    } else {
      part_by_hash.emplace(peers.possible.hash(), row.size());
      row.push_back({std::move(atom.ports), std::move(peers)});
    }
  }
  return row;
}

void RowComputer::collect_entries() {
  for (std::uint32_t i = 0; i < question_.applied.size(); ++i)
    for (const CompiledRule& rule : policy_of(i).of(question_.direction)) add_entries(rule, i);
}

// §4: ingress rules look a name up on the pod that is selected, egress rules on each peer.
void RowComputer::add_entries(const CompiledRule& rule, std::uint32_t applied) {
  const TriSet peers = unite(rule.peers);
  const auto add = [&](PortSet ports, TriSet whom) {
    if (ports.empty() || whom.empty()) return;
    entries_.push_back({std::move(ports), std::move(whom), applied, rule.action});
  };
  PortSet numbers = rule.ports.numbers;
  if (question_.direction == Direction::ingress)
    for (const PortName& name : rule.ports.names) numbers = numbers.united(policies_.resolve(question_.member, name));
  add(std::move(numbers), peers);
  if (question_.direction == Direction::ingress) return;
  for (const PortName& name : rule.ports.names)
    for (const auto& [resolved, endpoints] : policies_.resolutions(name)) add(resolved, peers.intersected(endpoints));
}

// From the last tier to the first.
TriSet RowComputer::decide(const std::vector<std::uint32_t>& holding) const {
  const TriSet baseline =
      question_.is_beyond_baseline ? everybody_ : decide_tier(AdminTier::baseline, holding, everybody_, everybody_);
  const TriSet network = decide_network_policies(holding, baseline);
  return decide_tier(AdminTier::admin, holding, network, network);
}

// A policy that applies certainly isolates; what it admits is added up. Of one that only may apply, each way has to be looked at:
// the least is let through when exactly one of them applies.
TriSet RowComputer::decide_network_policies(const std::vector<std::uint32_t>& holding,
                                            const TriSet& not_isolated) const {
  const auto admitted_by = [&](auto&& is_wanted) {
    TriSet admitted;
    for (const std::uint32_t entry : holding)
      if (policy_of(entries_[entry].applied).network && is_wanted(entries_[entry].applied))
        admitted = admitted.united(entries_[entry].peers);
    return admitted;
  };
  std::vector<std::uint32_t> uncertain;
  bool is_isolated = false;
  for (std::uint32_t i = 0; i < question_.applied.size(); ++i) {
    if (!policy_of(i).network) continue;
    is_isolated |= question_.applied[i].is_certain;
    if (!question_.applied[i].is_certain) uncertain.push_back(i);
  }
  if (!is_isolated && uncertain.empty()) return not_isolated;
  const auto is_certain = [&](std::uint32_t applied) { return question_.applied[applied].is_certain; };
  TriSet certain = admitted_by(is_certain);
  if (uncertain.empty()) return certain;
  const EndpointSet possible = admitted_by([](std::uint32_t) { return true; }).possible;
  if (is_isolated) return {certain.certain, possible};
  EndpointSet least = not_isolated.certain;
  for (const std::uint32_t only : uncertain)
    least = least.intersected(admitted_by([only](std::uint32_t applied) { return applied == only; }).certain);
  return {std::move(least), possible.united(not_isolated.possible)};
}

// Policies of equal priority have no order (§12.2): whatever one of them says first can be the answer.
TriSet RowComputer::decide_tier(AdminTier tier, const std::vector<std::uint32_t>& holding, const TriSet& next,
                                const TriSet& passed) const {
  std::vector<std::pair<std::int64_t, std::uint32_t>> order;
  for (std::uint32_t i = 0; i < question_.applied.size(); ++i)
    if (const kube::AdminPolicy* admin = policy_of(i).admin; admin && admin->tier == tier)
      order.emplace_back(admin->priority, i);
  std::ranges::sort(order);
  TriSet result = next;
  for (std::size_t last = order.size(), first = 0; last > 0; last = first) {
    for (first = last - 1; first > 0 && order[first - 1].first == order[last - 1].first;) --first;
    TriSet combined;
    for (std::size_t rotation = 0; rotation < last - first; ++rotation) {
      TriSet turn = result;
      // The one at `rotation` is asked first, so it is evaluated last.
      for (std::size_t k = last - first; k-- > 0;)
        turn = decide_policy(order[first + (rotation + k) % (last - first)].second, holding, turn, passed);
      if (rotation == 0) {
        combined = std::move(turn);
      } else if (!(combined == turn)) {
        combined = TriSet(combined.certain.intersected(turn.certain), combined.possible.united(turn.possible));
      }
    }
    result = std::move(combined);
  }
  return result;
}

TriSet RowComputer::decide_policy(std::uint32_t applied, const std::vector<std::uint32_t>& holding, const TriSet& next,
                                  const TriSet& passed) const {
  static const TriSet kNobody;
  const bool subject_is_certain = question_.applied[applied].is_certain;
  const auto of_policy =
      std::ranges::equal_range(holding, applied, {}, [this](std::uint32_t entry) { return entries_[entry].applied; });
  TriSet result = next;
  for (auto at = of_policy.end(); at != of_policy.begin();) {
    const Entry& entry = entries_[*--at];
    const TriSet& outcome = entry.action == AdminAction::allow  ? everybody_
                            : entry.action == AdminAction::deny ? kNobody
                                                                : passed;
    const EndpointSet& possible = entry.peers.possible;
    const EndpointSet certain = subject_is_certain ? entry.peers.certain : EndpointSet();
    if (certain.shares(possible) && outcome.is_known() && result.is_known()) {
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
  return result;
}

}  // namespace

Row compute_row(const CompiledPolicies& policies, const GroupQuestion& question) {
  return RowComputer(policies, question).compute();
}

Row intersect(const Row& left, const Row& right) {
  std::vector<const PortSet*> ports;
  for (const Row* row : {&left, &right})
    for (const RowPart& part : *row) ports.push_back(&part.ports);
  Row both;
  for (PortAtom& atom : sweep_ports(ports)) {
    TriSet on_left, on_right;
    for (const std::uint32_t holding : atom.holding) {
      TriSet& side = holding < left.size() ? on_left : on_right;
      side = side.united(holding < left.size() ? left[holding].peers : right[holding - left.size()].peers);
    }
    TriSet peers = on_left.intersected(on_right);
    if (peers.empty()) continue;
    const auto same = std::ranges::find(both, peers, &RowPart::peers);
    if (same != both.end()) {
      same->ports = same->ports.united(atom.ports);
    } else {
      both.push_back({std::move(atom.ports), std::move(peers)});
    }
  }
  return both;
}

}  // namespace gantry::netpol

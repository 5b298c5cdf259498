#include "netpol/proposals/cover.h"

#include <algorithm>
#include <optional>
#include <set>

namespace gantry::netpol {

namespace {

// Branches that the exact search may try: a fraction of a second. Beyond, the best found so far stands, and it is at least as good
// as the greedy one, which it starts from.
constexpr std::size_t kBranchesMax = 200'000;

using Chosen = std::vector<std::size_t>;

class Search {
 public:
  Search(const std::vector<Candidate>& candidates, std::size_t demand_count) : candidates_(candidates) {
    for (const Candidate& candidate : candidates) costs_.push_back(cost_of({candidate.typed}));
    granters_.resize(demand_count);
    for (std::size_t i = 0; i < candidates.size(); ++i)
      for (const std::size_t demand : candidates[i].grants) granters_[demand].push_back(i);
    for (std::size_t demand = 0; demand < demand_count; ++demand)
      if (!granters_[demand].empty()) open_.insert(demand);
  }

  Chosen run() {
    best_ = greedy();
    best_cost_ = total(best_);
    Chosen chosen;
    branch(open_, chosen, {});
    std::ranges::sort(best_);
    return best_;
  }

 private:
  EditCost total(const Chosen& chosen) const {
    EditCost sum;
    for (const std::size_t each : chosen) sum = plus(sum, costs_[each]);
    return sum;
  }
  static EditCost plus(const EditCost& a, const EditCost& b) {
    return {a.objects + b.objects, a.rules + b.rules, a.edits + b.edits, a.parts + b.parts};
  }
  std::set<std::size_t> without(const std::set<std::size_t>& open, std::size_t candidate) const {
    std::set<std::size_t> rest = open;
    for (const std::size_t demand : candidates_[candidate].grants) rest.erase(demand);
    return rest;
  }

  // Cheapest per demand that it still grants: compared crosswise, as the cost has several parts.
  Chosen greedy() const {
    Chosen chosen;
    for (std::set<std::size_t> open = open_; !open.empty();) {
      std::optional<std::size_t> best;
      std::size_t best_granted = 0;
      for (std::size_t i = 0; i < candidates_.size(); ++i) {
        const std::size_t granted = open.size() - without(open, i).size();
        if (granted == 0) continue;
        const bool is_better = !best || times(costs_[i], best_granted) < times(costs_[*best], granted);
        if (is_better) {
          best = i;
          best_granted = granted;
        }
      }
      chosen.push_back(*best);
      open = without(open, *best);
    }
    return chosen;
  }
  static EditCost times(const EditCost& cost, std::size_t factor) {
    return {cost.objects * factor, cost.rules * factor, cost.edits * factor, cost.parts * factor};
  }

  // The demand that fewest can grant decides first: its choice cannot be avoided.
  void branch(const std::set<std::size_t>& open, Chosen& chosen, const EditCost& cost) {
    if (cost >= best_cost_ || ++branches_ > kBranchesMax) return;
    if (open.empty()) {
      best_ = chosen;
      best_cost_ = cost;
      return;
    }
    const std::size_t hardest =
        *std::ranges::min_element(open, {}, [&](std::size_t demand) { return granters_[demand].size(); });
    for (const std::size_t candidate : granters_[hardest]) {
      chosen.push_back(candidate);
      branch(without(open, candidate), chosen, plus(cost, costs_[candidate]));
      chosen.pop_back();
    }
  }

  const std::vector<Candidate>& candidates_;
  std::vector<EditCost> costs_;
  std::vector<std::vector<std::size_t>> granters_;  // of each demand
  std::set<std::size_t> open_;
  Chosen best_;
  EditCost best_cost_;
  std::size_t branches_ = 0;
};

}  // namespace

std::vector<std::size_t> cheapest_cover(const std::vector<Candidate>& candidates, std::size_t demand_count) {
  return Search(candidates, demand_count).run();
}

}  // namespace gantry::netpol

// From what is blocked and what is open to a proposal, top to bottom.

#include "netpol/proposals/closing.h"
#include "netpol/proposals/cover.h"
#include "netpol/proposals/demands.h"
#include "netpol/proposals/trial.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace gantry::netpol {

using base::Result;
using Kind = PolicyEdit::Kind;

namespace {

// Each candidate costs an analysis; beyond this the narrowest edits are taken without asking whether a wider one would do.
constexpr std::size_t kCandidatesTried = 300;

using Edits = std::vector<TypedEdit>;

// Weak evidence is a guess: it never is a reason to open anything, though what it speaks for stays open.
Judgement without_guesses(const Judgement& judgement, const Needs& needs) {
  Judgement surer = judgement;
  std::erase_if(surer.needs, [&](const JudgedNeed& judged) {
    return judged.access == Access::no && needs.needs[judged.need].confidence == Confidence::weak;
  });
  return surer;
}

std::string reason_of(const Demands& demands, const std::set<std::size_t>& grants, const Reachability& reach,
                      const Needs& needs) {
  constexpr std::size_t kShown = 3;
  std::vector<std::string> flows;
  std::string evidence;
  for (const std::size_t index : grants) {
    const Demand& demand = demands.demands[index];
    const bool is_ingress = demand.direction == kube::Direction::ingress;
    const EndpointId source = is_ingress ? demand.peer : demand.subject;
    const EndpointId destination = is_ingress ? demand.subject : demand.peer;
    flows.push_back(fmt::format("{} -> {} {}/{}", reach.endpoints()[source].name, reach.endpoints()[destination].name,
                                demand.port.value(), kube::to_string(demand.protocol)));
    const Need& need = needs.needs[*demand.needs.begin()];
    if (evidence.empty() && !need.evidence.empty()) evidence = need.evidence.front().text;
  }
  const std::size_t count = flows.size();
  if (count > kShown) {
    flows.resize(kShown);
    flows.push_back(fmt::format("{} more", count - kShown));
  }
  return fmt::format("admits {}{}", fmt::join(flows, ", "), evidence.empty() ? "" : fmt::format(" ({})", evidence));
}

// The edits of the proposal so far, and the ways to complete it.
class Proposer {
 public:
  Proposer(const Trial& trial, const Reachability& reach, const Needs& needs)
      : trial_(trial), reach_(reach), needs_(needs) {}

  // `closing` and the cheapest edits that admit what is then blocked, opening no more than the narrowest ones would.
  Result<Edits> complete(const Edits& closing, std::vector<std::size_t>& unmet) const {
    const Trial::Tried closed = TRY(trial_.run(closing));
    const Demands demands = find_demands(closed.reach, needs_, without_guesses(closed.judgement, needs_));
    unmet = demands.unmet;
    if (demands.demands.empty()) return closing;
    std::vector<Candidate> candidates = find_candidates(closed.reach, demands, reach_.snapshot(), closing);
    for (Candidate& candidate : candidates)
      candidate.typed.edit.reason = reason_of(demands, candidate.grants, closed.reach, needs_);
    const std::vector<Candidate> narrowest = narrow_ones(candidates);
    const Edits safe = with(closing, narrowest, cheapest_cover(narrowest, demands.demands.size()));
    const TrialOutcome at_best = TRY(trial_.run(safe)).outcome;
    const std::vector<Candidate> harmless = TRY(those_harmless(std::move(candidates), safe, at_best));
    Edits edits = with(closing, harmless, cheapest_cover(harmless, demands.demands.size()));
    // Two edits that are harmless alone may open something between them; then the narrowest ones stand.
    return TRY(trial_.run(edits)).outcome <= at_best ? edits : safe;
  }

 private:
  static std::vector<Candidate> narrow_ones(const std::vector<Candidate>& candidates) {
    std::vector<Candidate> narrow;
    std::ranges::copy_if(candidates, std::back_inserter(narrow),
                         [](const Candidate& each) { return each.typed.edit.kind == Kind::add_policy; });
    return narrow;
  }

  static Edits with(const Edits& closing, const std::vector<Candidate>& candidates,
                    const std::vector<std::size_t>& chosen) {
    Edits edits = closing;
    for (const std::size_t index : chosen) edits.push_back(candidates[index].typed);
    return edits;
  }

  // Those that open nothing when they come on top of what opens only what is needed.
  Result<std::vector<Candidate>> those_harmless(std::vector<Candidate> candidates, const Edits& safe,
                                                const TrialOutcome& at_best) const {
    std::vector<Candidate> harmless;
    std::size_t tried = 0;
    for (Candidate& candidate : candidates) {
      const bool is_narrow = candidate.typed.edit.kind == Kind::add_policy;
      if (!is_narrow && ++tried > kCandidatesTried) continue;
      Edits edits = safe;
      edits.push_back(candidate.typed);
      if (is_narrow || TRY(trial_.run(edits)).outcome <= at_best) harmless.push_back(std::move(candidate));
    }
    return harmless;
  }

  const Trial& trial_;
  const Reachability& reach_;
  const Needs& needs_;
};

bool same_ports(const std::vector<kube::PolicyPort>& a, const std::vector<kube::PolicyPort>& b) {
  return std::ranges::equal(a, b, [](const auto& left, const auto& right) { return yaml_of(left) == yaml_of(right); });
}

// Edits without which all is as good are taken back: several that were right one by one may be too many together.
Result<Edits> worthwhile(const Trial& trial, Edits edits) {
  TrialOutcome outcome = TRY(trial.run(edits)).outcome;
  for (std::size_t i = edits.size(); i-- > 0;) {
    Edits without = edits;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    const TrialOutcome then = TRY(trial.run(without)).outcome;
    if (outcome < then) continue;
    edits = std::move(without);
    outcome = then;
  }
  return edits;
}

// A rule that goes and one with the same ports that comes are one rule whose peers change: what was written about its ports stays.
Edits with_peers_replaced(const kube::Snapshot& before, const Edits& edits) {
  Edits result = edits;
  for (const TypedEdit& removal : edits) {
    if (removal.edit.kind != Kind::remove_rule) continue;
    const kube::ObjectId& id = removal.edit.policy;
    const kube::NetworkPolicy* policy = kube::find_named(before->network_policies, id.name_space, id.name);
    const kube::Direction direction = removal.edit.place.direction;
    const kube::PolicyRule* old = policy ? &policy->rules(direction).at(*removal.edit.place.rule) : nullptr;
    const auto is_removal_here = [&](const TypedEdit& each) { return each.edit.place == removal.edit.place; };
    const auto comes_instead = [&](const TypedEdit& each) {
      return each.rule && each.edit.policy == id && each.edit.place.direction == direction && old &&
             same_ports(each.rule->ports, old->ports);
    };
    const auto fresh = std::ranges::find_if(result, comes_instead);
    if (fresh == result.end() || old->peers.empty()) continue;
    const TypedEdit addition = *fresh;
    result.erase(fresh);
    std::erase_if(result, is_removal_here);
    for (std::size_t peer = 0; peer < old->peers.size(); ++peer) {
      TypedEdit& gone = result.emplace_back(removal);
      gone.edit.kind = Kind::remove_peer;
      gone.edit.place.peer = peer;
      gone.edit.place.where = old->peers[peer].where;
    }
    for (const kube::PolicyPeer& peer : addition.rule->peers) {
      TypedEdit& added = result.emplace_back(addition);
      added.rule.reset();
      added.peer = peer;
      added.edit.kind = Kind::add_peer;
      added.edit.place.rule = removal.edit.place.rule;
      added.edit.yaml = yaml_of(peer);
    }
  }
  return result;
}

// What admits comes before what closes: no moment has an outage (network policy reference, §10). A policy that isolates somebody
// for the first time closes, whatever it admits.
void put_in_safe_order(Edits& edits, const Reachability& reach) {
  const auto closes = [&](const TypedEdit& typed) {
    if (typed.edit.kind != Kind::add_policy) return is_removal(typed.edit.kind);
    for (std::size_t i = 0; i < reach.endpoints().pod_class_count(); ++i) {
      const EndpointId id(static_cast<std::uint32_t>(i));
      const Endpoint& endpoint = reach.endpoints()[id];
      if (endpoint.name_space != typed.edit.policy.name_space ||
          kube::match(typed.policy->pod_selector, endpoint.labels) == kube::Match::no)
        continue;
      for (const kube::Direction direction : {kube::Direction::ingress, kube::Direction::egress})
        if (typed.policy->isolates(direction) && reach.isolating(id, direction).empty()) return true;
    }
    return false;
  };
  std::ranges::stable_partition(edits, [&](const TypedEdit& typed) { return !closes(typed); });
}

// Each once, in order.
std::vector<std::size_t> blocked_one_sided(const Judgement& judgement) {
  std::set<std::size_t> blocked;
  for (const OneSidedNeed& judged : judgement.one_sided)
    if (judged.access == Access::no) blocked.insert(judged.need);
  return {blocked.begin(), blocked.end()};
}

}  // namespace

Result<Proposal> propose(const Reachability& reach, const Needs& needs, const Judgement& judgement,
                         const ProposalOptions& options) {
  const Trial trial(reach, needs, judgement);
  const Proposer proposer(trial, reach, needs);
  Proposal proposal;
  Edits edits;
  if (options.close_unneeded) edits = close_openings(reach, needs, judgement);
  if (options.admit_blocked) {
    edits = TRY(proposer.complete(edits, proposal.unmet));
    proposal.unproposed = blocked_one_sided(judgement);
  } else {
    // Closing alone must not block: what would have to be admitted again stays as it is.
    std::erase_if(edits, [&](const TypedEdit& typed) {
      const base::Result<Trial::Tried> tried = trial.run({typed});
      const base::Result<Trial::Tried> now = trial.run({});
      return !tried || !now || tried->outcome.blocked > now->outcome.blocked;
    });
  }
  edits = TRY(worthwhile(trial, std::move(edits)));
  Edits replaced = with_peers_replaced(reach.snapshot(), edits);
  if (cost_of(replaced) < cost_of(edits) && TRY(trial.run(replaced)).outcome <= TRY(trial.run(edits)).outcome)
    edits = std::move(replaced);
  put_in_safe_order(edits, reach);
  Trial::Tried tried = TRY(trial.run(edits));
  proposal.after = tried.reach.snapshot();
  proposal.excess = std::move(tried.excess);
  for (TypedEdit& typed : edits) proposal.edits.push_back(std::move(typed.edit));
  return proposal;
}

}  // namespace gantry::netpol

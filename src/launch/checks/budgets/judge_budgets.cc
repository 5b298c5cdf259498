#include "launch/checks/budgets/judge_budgets.h"

#include "launch/checks/system/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace gantry::launch {

using base::Finding;
using kube::PodDisruptionBudget;
using kube::Workload;

namespace {

class BudgetJudge {
 public:
  BudgetJudge(const JudgedBudget& judged, std::vector<Finding>& findings)
      : budget_(*judged.budget), numbers_(judged.numbers), name_(to_string(budget_.object.id)), findings_(findings) {}

  void judge_selection(const std::vector<PodClass>& pods);
  void judge_allowance(std::int64_t evictions);
  void judge_quorum();

 private:
  std::string why_blocked() const;
  std::string bound_text() const;
  const base::SourcePos& bound_where() const {
    return budget_.bound_where.file ? budget_.bound_where : budget_.object.pos();
  }
  std::string owners_text() const;
  void add(std::string_view rule, const base::SourcePos& where, std::string message, std::string fix) {
    findings_.push_back(make_finding(rule, name_, where, std::move(message), std::move(fix)));
  }

  const PodDisruptionBudget& budget_;
  const BudgetNumbers& numbers_;
  std::string name_;
  std::vector<Finding>& findings_;
};

std::string BudgetJudge::owners_text() const {
  std::vector<std::string_view> owners;
  for (const BudgetedPods& pods : numbers_.owners) owners.push_back(pods.owner);
  return fmt::format("{}", fmt::join(owners, ", "));
}

std::string BudgetJudge::bound_text() const {
  if (budget_.min_available) return fmt::format("minAvailable {}", to_string(*budget_.min_available));
  return budget_.max_unavailable ? fmt::format("maxUnavailable {}", to_string(*budget_.max_unavailable))
                                 : "neither bound";
}

void BudgetJudge::judge_selection(const std::vector<PodClass>& pods) {
  if (numbers_.owners.empty()) {
    const std::vector<kube::Labelled> candidates = with_labels(in_namespace(pods, budget_.name_space()));
    constexpr std::string_view kFix = "make the selector equal to the labels of the pod template";
    if (!budget_.selector)
      return add("pdb.selects-nothing", budget_.object.pos(),
                 fmt::format("{} has no selector, so it selects nothing", name_), std::string(kFix));
    return add("pdb.selects-nothing", budget_.selector_where,
               fmt::format("{} selects {}, and no pod of {} matches", name_, to_string(*budget_.selector),
                           budget_.name_space()),
               hinted_fix(*budget_.selector, candidates, kFix));
  }
  if (numbers_.owners.size() > 1)
    add("pdb.selects-several", budget_.selector_where,
        fmt::format("{} selects pods of several workloads: {}", name_, owners_text()),
        "give each workload a budget of its own, with a selector that no other workload matches");
}

// Which of the ways to allow nothing it is (B1, B2, B3, B7).
std::string BudgetJudge::why_blocked() const {
  if (!budget_.min_available && !budget_.max_unavailable) return "it has neither minAvailable nor maxUnavailable";
  if (numbers_.expected == 1) return fmt::format("{} of a single pod", bound_text());
  const std::optional<kube::IntOrPercent>& bound =
      budget_.min_available ? budget_.min_available : budget_.max_unavailable;
  if (budget_.min_available && bound->is_percent() && bound->value < 100)
    return fmt::format("{} of {} rounds up to {}", bound_text(), numbers_.expected, numbers_.desired);
  return fmt::format("{} of {}", bound_text(), numbers_.expected);
}

void BudgetJudge::judge_allowance(std::int64_t evictions) {
  if (numbers_.owners.empty()) return;
  if (numbers_.sync_fails)
    return add("pdb.sync-fails", bound_where(),
               fmt::format("{} asks for {} of {}, which has no scale", name_, bound_text(), owners_text()),
               "write minAvailable as a number of pods");
  const bool is_unbound = !budget_.min_available && !budget_.max_unavailable;
  if (is_unbound || (numbers_.expected > 0 && numbers_.allowed == 0))
    return add("pdb.blocks-forever", bound_where(),
               fmt::format("{} admits no eviction of {}: {}", name_, owners_text(), why_blocked()),
               numbers_.expected == 1 ? "run two replicas, or remove the budget and accept the outage"
                                      : "write maxUnavailable: 1");
  if (numbers_.expected == 1)
    return add("pdb.protects-nothing", bound_where(),
               fmt::format("{} admits the eviction of the only pod of {}", name_, owners_text()),
               "run two replicas, or remove the budget");
  if (numbers_.expected > 0 && numbers_.allowed < evictions)
    add("pdb.allows-too-few", bound_where(),
        fmt::format("{} admits {} of the {} evictions that are planned at once", name_, numbers_.allowed, evictions),
        "run more replicas, admit more evictions, or plan fewer at once");
}

// Condition 1 of a quorum-safe drain (§9.2); placement and the truth of Ready are the rehearsal's.
void BudgetJudge::judge_quorum() {
  for (const BudgetedPods& pods : numbers_.owners) {
    const std::string_view service = pods.workload ? quorum_service(*pods.workload) : std::string_view();
    if (service.empty() || pods.wanted < 2) continue;
    const std::int64_t majority = majority_of(pods.wanted);
    const std::int64_t left = pods.wanted - std::min(numbers_.allowed, pods.matched);
    if (left < majority)
      add("pdb.quorum-not-covered", bound_where(),
          fmt::format("{} may leave {} of {} members of {} ({}), whose majority is {}", name_, left, pods.wanted,
                      pods.owner, service, majority),
          pods.wanted == 2 ? "run three members: two tolerate no loss"
                           : fmt::format("write minAvailable: {}", majority));
    if (budget_.unhealthy_policy == kube::UnhealthyPodEvictionPolicy::always_allow)
      add("pdb.quorum-unhealthy", budget_.object.pos(),
          fmt::format("{} admits the eviction of members of {} that are not ready", name_, pods.owner),
          "write unhealthyPodEvictionPolicy: IfHealthyBudget");
  }
}

bool matches(const PodDisruptionBudget& budget, const PodClass& pods) {
  return budget.selector && budget.name_space() == pods.name_space() &&
         kube::match(*budget.selector, pods.pod.labels) != kube::Match::no;
}

std::vector<const PodDisruptionBudget*> budgets_of(const kube::Snapshot& system, const PodClass& pods) {
  std::vector<const PodDisruptionBudget*> found;
  for (const PodDisruptionBudget& budget : kube::in_namespace(system->disruption_budgets, pods.name_space()))
    if (matches(budget, pods)) found.push_back(&budget);
  return found;
}

}  // namespace

void judge_budget(const JudgedBudget& judged, std::int64_t evictions, const std::vector<PodClass>& pods,
                  std::vector<Finding>& findings) {
  BudgetJudge judge(judged, findings);
  judge.judge_selection(pods);
  judge.judge_allowance(evictions);
  judge.judge_quorum();
}

// Per pod, never by comparing selectors (§2.5).
void judge_overlaps(const kube::Snapshot& system, const std::vector<PodClass>& pods,
                    const std::vector<const PodDisruptionBudget*>& budgets, std::vector<Finding>& findings) {
  std::set<std::string> reported;
  for (const PodClass& each : pods) {
    const std::vector<const PodDisruptionBudget*> overlapping = budgets_of(system, each);
    if (overlapping.size() < 2) continue;
    const bool is_in_scope =
        std::ranges::any_of(budgets, [&](const PodDisruptionBudget* budget) { return matches(*budget, each); });
    if (!is_in_scope || !reported.insert(each.owner_name()).second) continue;
    std::vector<std::string> names;
    for (const PodDisruptionBudget* budget : overlapping) names.push_back(budget->name());
    Finding finding = make_finding(
        "pdb.overlap", each.owner_name(), overlapping.front()->selector_where,
        fmt::format("pods of {} are selected by several budgets: {}", each.owner_name(), fmt::join(names, ", ")),
        "keep one budget for each pod");
    for (std::size_t i = 1; i < overlapping.size(); ++i)
      finding.related.push_back(
          {overlapping[i]->selector_where, fmt::format("{} selects it too", to_string(overlapping[i]->object.id))});
    findings.push_back(std::move(finding));
  }
}

void judge_unprotected(const kube::Snapshot& system, const std::vector<PodClass>& pods, std::string_view name_space,
                       std::vector<Finding>& findings) {
  std::set<std::string> looked_at;
  for (const PodClass& each : pods) {
    if (!each.workload || !has_scale(*each.workload) || (!name_space.empty() && each.name_space() != name_space))
      continue;
    const std::int64_t replicas = lowest_replicas(system, *each.workload);
    if (replicas < 2 || !budgets_of(system, each).empty() || !looked_at.insert(each.owner_name()).second) continue;
    const std::string_view service = quorum_service(*each.workload);
    const bool has_quorum = !service.empty() && replicas > 2;
    const std::string quorum = has_quorum ? fmt::format(", and {} stops without a majority", service) : "";
    findings.push_back(make_finding(has_quorum ? "pdb.quorum-not-covered" : "pdb.missing", each.owner_name(),
                                    each.workload->object.pos(),
                                    fmt::format("{} has several replicas and no budget{}", each.owner_name(), quorum),
                                    "add a PodDisruptionBudget with maxUnavailable: 1"));
  }
}

}  // namespace gantry::launch

// What is wrong with budgets (disruption reference, §11.1).

#include "disruption/catalogue/rules.h"
#include "disruption/model/model.h"
#include "disruption/quorum.h"
#include "disruption/world.h"
#include "kube/selector_hint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace gantry::disruption {

using base::Finding;
using kube::PodDisruptionBudget;
using kube::WorkloadKind;

namespace {

class BudgetCritic {
 public:
  explicit BudgetCritic(const Cluster& cluster) : cluster_(cluster), model_(cluster.model()), world_(model_) {}

  std::vector<Finding> find_of_statuses() {
    for (std::uint32_t i = 0; i < model_.budgets.size(); ++i) judge_status(i);
    base::sort_findings(findings_);
    return std::move(findings_);
  }
  std::vector<Finding> find() {
    for (std::uint32_t i = 0; i < model_.budgets.size(); ++i) judge(i);
    find_overlaps();
    find_unprotected();
    for (std::uint32_t i = 0; i < model_.invariants.size(); ++i)
      if (model_.invariants[i].kind == Invariant::Kind::quorum) judge_quorum_group(InvariantIndex(i));
    base::sort_findings(findings_);
    return std::move(findings_);
  }

 private:
  void judge(std::uint32_t index);
  void judge_selection(const PodDisruptionBudget& budget, const std::vector<std::string>& owners);
  void judge_allowance(std::uint32_t index, const std::vector<std::string>& owners);
  void judge_laxness(std::uint32_t index);
  void judge_status(std::uint32_t index);
  void judge_unhealthy(std::uint32_t index);
  void find_overlaps();
  void find_unprotected();
  void judge_quorum_group(InvariantIndex index);

  std::vector<std::string> owners_of(std::uint32_t index) const;
  // Null where it selects pods of several workloads, or of controllers that nobody gave.
  const kube::Workload* only_workload_of(std::uint32_t index) const;
  // Every pod that it selects, as if all were healthy; at the scale that its autoscaler may go down to.
  BudgetNumbers when_healthy(std::uint32_t index) const;
  std::string why_blocked(const PodDisruptionBudget& budget, const BudgetNumbers& numbers) const;
  void add(std::string_view rule, const PodDisruptionBudget& budget, const base::SourcePos& where, std::string message,
           std::string fix) {
    findings_.push_back(make_finding(rule, to_string(budget.object.id), where.file ? where : budget.object.pos(),
                                     std::move(message), std::move(fix)));
  }

  const Cluster& cluster_;
  const Model& model_;
  World world_;
  std::vector<Finding> findings_;
};

// Jobs do not run while nothing is rehearsed, and still their pods can be selected.
std::vector<std::string> BudgetCritic::owners_of(std::uint32_t index) const {
  std::set<std::string> names;
  for (const Kind& kind : model_.kinds)
    if (std::ranges::find(kind.budgets, index) != kind.budgets.end())
      names.insert(model_.workloads[kind.workload].name);
  const PodDisruptionBudget& budget = model_.budget(index);
  for (const kube::Workload& workload : kube::in_namespace(model_.snapshot->workloads, budget.name_space()))
    if (budget.selector && budget.selector->matches(workload.pod_template.labels) &&
        !model_.snapshot.controller_of(workload))
      names.insert(to_string(workload.object.id));
  return {names.begin(), names.end()};
}

const kube::Workload* BudgetCritic::only_workload_of(std::uint32_t index) const {
  std::set<std::uint32_t> owners;
  for (const Kind& kind : model_.kinds)
    if (std::ranges::find(kind.budgets, index) != kind.budgets.end()) owners.insert(kind.workload);
  if (owners.size() != 1 || !model_.workloads[*owners.begin()].kube_index) return nullptr;
  return &model_.snapshot->workloads[*model_.workloads[*owners.begin()].kube_index];
}

BudgetNumbers BudgetCritic::when_healthy(std::uint32_t index) const {
  std::int64_t matched = 0;
  for (const ModelPod& pod : model_.pods) {
    const std::vector<std::uint32_t>& budgets = model_.kinds[pod.kind].budgets;
    matched += pod.state != PodState::finished && std::ranges::find(budgets, index) != budgets.end();
  }
  std::optional<std::int64_t> scaled = model_.budgets[index].scaled;
  const kube::Workload* workload = only_workload_of(index);
  // A live workload may be above the least that its autoscaler keeps.
  if (workload != nullptr && scaled && *scaled > lowest_replicas(model_.snapshot, *workload))
    scaled = matched = lowest_replicas(model_.snapshot, *workload);
  return compute_budget(model_.budgets[index].bounds, {.matched = matched, .scaled = scaled, .healthy = matched});
}

void BudgetCritic::judge(std::uint32_t index) {
  const PodDisruptionBudget& budget = model_.budget(index);
  const std::vector<std::string> owners = owners_of(index);
  judge_selection(budget, owners);
  if (budget.object.version == "v1beta1")
    add("pdb.old-api", budget, budget.object.pos(), fmt::format("{} is of policy/v1beta1", to_string(budget.object.id)),
        "write apiVersion: policy/v1, and check what its selector selects");
  judge_status(index);
  if (owners.empty()) return;
  judge_allowance(index, owners);
  judge_laxness(index);
  judge_unhealthy(index);
}

void BudgetCritic::judge_selection(const PodDisruptionBudget& budget, const std::vector<std::string>& owners) {
  constexpr std::string_view kFix = "make the selector equal to the labels of the pod template";
  const std::string name = to_string(budget.object.id);
  if (owners.size() > 1)
    add("pdb.selects-several", budget, budget.selector_where,
        fmt::format("{} selects pods of several workloads: {}", name, fmt::join(owners, ", ")),
        "give each workload a budget of its own, with a selector that no other workload matches");
  if (!owners.empty()) return;
  if (!budget.selector)
    return add("pdb.selects-nothing", budget, budget.object.pos(),
               fmt::format("{} has no selector, so it selects nothing", name), std::string(kFix));
  for (const kube::Workload& workload : model_.snapshot->workloads)
    if (workload.name_space() != budget.name_space() && !budget.selector->selects_everything() &&
        budget.selector->matches(workload.pod_template.labels))
      return add("pdb.selects-nothing", budget, budget.selector_where,
                 fmt::format("{} selects pods of {}, which is in another namespace: it sees those of {} alone", name,
                             to_string(workload.object.id), budget.name_space()),
                 fmt::format("write namespace: {}", workload.name_space()));
  std::vector<kube::Labelled> candidates;
  for (const kube::Workload& workload : kube::in_namespace(model_.snapshot->workloads, budget.name_space()))
    candidates.push_back({to_string(workload.object.id), &workload.pod_template.labels});
  add("pdb.selects-nothing", budget, budget.selector_where,
      fmt::format("{} selects {}, and no pod of {} matches", name, to_string(*budget.selector), budget.name_space()),
      kube::hinted_fix(*budget.selector, candidates, kFix));
}

// Which of the ways to allow nothing it is (B1, B2, B3, B7).
std::string BudgetCritic::why_blocked(const PodDisruptionBudget& budget, const BudgetNumbers& numbers) const {
  const BudgetBounds bounds = BudgetBounds::of(budget);
  if (bounds.unbounded()) return "it has neither minAvailable nor maxUnavailable";
  if (numbers.expected == 0) return fmt::format("nothing controls these pods, so {} is of none", to_string(bounds));
  if (numbers.expected == 1) return fmt::format("{} of a single pod", to_string(bounds));
  if (bounds.min_available && bounds.min_available->is_percent() && bounds.min_available->value < 100)
    return fmt::format("{} of {} rounds up to {}", to_string(bounds), numbers.expected, numbers.desired);
  return fmt::format("{} of {}", to_string(bounds), numbers.expected);
}

void BudgetCritic::judge_allowance(std::uint32_t index, const std::vector<std::string>& owners) {
  const PodDisruptionBudget& budget = model_.budget(index);
  const BudgetNumbers numbers = when_healthy(index);
  const std::string name = to_string(budget.object.id);
  const std::string who = fmt::format("{}", fmt::join(owners, ", "));
  if (numbers.sync_failed)
    return add("pdb.sync-fails", budget, budget.bound_where,
               fmt::format("{} asks for {} of {}, which has no scale", name, to_string(BudgetBounds::of(budget)), who),
               "write minAvailable as a number of pods");
  const bool unbounded = BudgetBounds::of(budget).unbounded();
  // Pods that are there and not expected are not admitted either.
  if (unbounded || (numbers.healthy > 0 && numbers.allowed == 0))
    return add("pdb.blocks-forever", budget, budget.bound_where,
               fmt::format("{} admits no eviction of {}: {}", name, who, why_blocked(budget, numbers)),
               numbers.expected == 0   ? "write minAvailable as a number of pods, or let a Deployment run them"
               : numbers.expected == 1 ? "run two replicas, or remove the budget and accept the outage"
                                       : "write maxUnavailable: 1");
  if (numbers.expected == 1)
    add("pdb.protects-nothing", budget, budget.bound_where,
        fmt::format("{} admits the eviction of the only pod of {}", name, who),
        "run two replicas, or remove the budget");
}

// A number that was meant for the smallest scale, at the largest (B9).
void BudgetCritic::judge_laxness(std::uint32_t index) {
  const PodDisruptionBudget& budget = model_.budget(index);
  if (!budget.min_available || budget.min_available->is_percent()) return;
  const kube::Workload* workload = only_workload_of(index);
  if (workload == nullptr) return;
  const std::int64_t highest = highest_replicas(model_.snapshot, *workload);
  const std::int64_t allowed = highest - budget.min_available->value;
  if (highest <= lowest_replicas(model_.snapshot, *workload) || allowed * 2 <= highest) return;
  add("pdb.too-lax", budget, budget.bound_where,
      fmt::format("{} admits {} of {} pods at once when {} is scaled up", to_string(budget.object.id), allowed, highest,
                  to_string(workload->object.id)),
      "write maxUnavailable, as a number or a share: it moves with the scale");
}

void BudgetCritic::judge_status(std::uint32_t index) {
  const PodDisruptionBudget& budget = model_.budget(index);
  if (!budget.status) return;
  const std::string name = to_string(budget.object.id);
  if (budget.status->observed_generation < budget.object.generation || budget.status->condition_reason == "SyncFailed")
    return add("pdb.stale-status", budget, budget.object.pos(),
               fmt::format("the controller has not caught up with {}", name),
               "look at the events of the budget and at kube-controller-manager");
  const BudgetNumbers numbers = world_.budget(index);
  if (numbers.desired == budget.status->desired_healthy && numbers.expected == budget.status->expected_pods) return;
  add("pdb.status-differs", budget, budget.object.pos(),
      fmt::format("{} reports other numbers than its spec and pods come to", name),
      "check the scale of the owner, and the version of the server");
}

void BudgetCritic::judge_unhealthy(std::uint32_t index) {
  const PodDisruptionBudget& budget = model_.budget(index);
  const BudgetNumbers now = world_.budget(index);
  // Of pods that run. That others have no node says something about the nodes, which may be a model.
  const bool any_unready = std::ranges::any_of(model_.pods, [&](const ModelPod& pod) {
    const std::vector<std::uint32_t>& budgets = model_.kinds[pod.kind].budgets;
    return pod.state == PodState::unready && std::ranges::find(budgets, index) != budgets.end();
  });
  const bool short_now = any_unready && now.healthy < now.desired && !now.always_blocks();
  if (budget.unhealthy_policy_written || when_healthy(index).allowed != 1) {
    if (!short_now) return;
  }
  add("pdb.unhealthy-blocks", budget, budget.object.pos(),
      fmt::format("{} lets a pod that never becomes Ready block the drain of its node", to_string(budget.object.id)),
      "write unhealthyPodEvictionPolicy: AlwaysAllow, or IfHealthyBudget where that is meant");
  if (short_now) findings_.back().severity = base::Severity::high;
}

// Per pod, never by comparing selectors (§2.5).
void BudgetCritic::find_overlaps() {
  std::set<std::uint32_t> reported;
  for (const Kind& kind : model_.kinds) {
    if (kind.budgets.size() < 2 || !reported.insert(kind.workload).second) continue;
    std::vector<std::string_view> names;
    for (const std::uint32_t index : kind.budgets) names.push_back(model_.budget(index).name());
    const std::string owner = model_.workloads[kind.workload].name;
    Finding finding =
        make_finding("pdb.overlap", owner, model_.budget(kind.budgets.front()).selector_where,
                     fmt::format("pods of {} are selected by several budgets: {}", owner, fmt::join(names, ", ")),
                     "keep one budget for each pod");
    for (std::size_t i = 1; i < kind.budgets.size(); ++i) {
      const PodDisruptionBudget& other = model_.budget(kind.budgets[i]);
      finding.related.push_back({other.selector_where, fmt::format("{} selects it too", to_string(other.object.id))});
    }
    findings_.push_back(std::move(finding));
  }
}

void BudgetCritic::find_unprotected() {
  std::set<std::uint32_t> known;
  for (const Kind& kind : model_.kinds) {
    const WorkloadModel& workload = model_.workloads[kind.workload];
    if (!workload.has_scale || workload.replicas < 2 || !kind.budgets.empty() || !known.insert(kind.workload).second)
      continue;
    const bool votes = std::ranges::any_of(
        kind.invariants, [&](std::uint32_t index) { return model_.invariants[index].kind == Invariant::Kind::quorum; });
    if (votes) continue;  // told with the quorum
    // Pods of a custom resource have no manifest to point at.
    const base::SourcePos where =
        workload.kube_index ? model_.snapshot->workloads[*workload.kube_index].object.pos() : base::SourcePos{};
    findings_.push_back(make_finding("pdb.missing", workload.name, where,
                                     fmt::format("{} has several replicas and no budget", workload.name),
                                     "add a PodDisruptionBudget with maxUnavailable: 1"));
  }
}

void BudgetCritic::judge_quorum_group(InvariantIndex index) {
  const base::Result<QuorumVerdict> verdict = judge_quorum(cluster_, index);
  if (!verdict) return;
  const Invariant& invariant = model_.invariants[index.value()];
  if (verdict->budget.holds == Holds::no)
    findings_.push_back(
        make_finding("pdb.quorum-not-covered", invariant.subject, verdict->budget.where, verdict->budget.text,
                     verdict->tolerates < 1 ? "run three members: two tolerate no loss" : "write maxUnavailable: 1"));
  for (const Kind& kind : model_.kinds) {
    const bool counted = std::ranges::find(kind.invariants, index.value()) != kind.invariants.end();
    if (!counted || kind.budgets.size() != 1) continue;
    const PodDisruptionBudget& budget = model_.budget(kind.budgets.front());
    if (budget.unhealthy_policy == kube::UnhealthyPodEvictionPolicy::always_allow)
      add("pdb.quorum-unhealthy", budget, budget.object.pos(),
          fmt::format("{} admits the eviction of members of {} that are not ready", to_string(budget.object.id),
                      invariant.subject),
          "write unhealthyPodEvictionPolicy: IfHealthyBudget");
    break;
  }
}

}  // namespace

std::vector<Finding> find_status_mistakes(const Cluster& cluster) { return BudgetCritic(cluster).find_of_statuses(); }
std::vector<Finding> find_budget_mistakes(const Cluster& cluster) { return BudgetCritic(cluster).find(); }

}  // namespace gantry::disruption

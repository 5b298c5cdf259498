// pdb.protects: each budget selects one workload, admits the evictions that a drain needs, and keeps the majority of what votes;
// and what should have a budget has one. What really happens when nodes drain, is the rehearsal's to say (drain.rehearse).

#include "disruption/disruption.h"
#include "launch/checks/checks.h"
#include "launch/checks/drains/budget_comments.h"
#include "launch/checks/drains/running_pods.h"
#include "launch/checks/references/world.h"
#include "launch/checks/system/fields.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Finding;
using base::Result;
using disruption::ClusterBudget;
using kube::PodDisruptionBudget;

namespace {

constexpr std::array kFields = {
    kNamespaceField,
    kPathField,
    kRawField,
    kRecursiveField,
    kIntoField,
    Field{"budget", FieldKind::text, Need::optional, "only the budget of this name"},
    Field{"evictions", FieldKind::integer, Need::optional, "how many pods a drain may take at once (default 1)"},
};

// Budgets that one line names; the table has all of them.
constexpr std::size_t kNamesMax = 4;

// Which budgets, and which workloads that lack one, the block is about.
class Scope {
 public:
  Scope(const CheckContext& context, const kube::Snapshot& judged)
      : name_space_(context.text("namespace")),
        // A path and a name ask about budgets; only the whole, or a whole namespace, can lack one.
        asks_workloads_(!context.block.get("path") && context.text("budget").empty()) {
    const std::string name = context.text("budget");
    for (const PodDisruptionBudget& budget : judged->disruption_budgets)
      if ((name_space_.empty() || budget.name_space() == name_space_) && (name.empty() || budget.name() == name))
        budgets_.push_back(&budget);
  }

  bool empty() const { return budgets_.empty(); }
  const std::vector<const PodDisruptionBudget*>& budgets() const { return budgets_; }
  bool holds(const PodDisruptionBudget& budget) const {
    return std::ranges::any_of(budgets_,
                               [&](const PodDisruptionBudget* each) { return each->object.id == budget.object.id; });
  }
  // A finding is about the budget that is its object, about one that it points to, or about a workload.
  bool holds(const Finding& finding) const {
    for (const PodDisruptionBudget* budget : budgets_) {
      if (finding.object == to_string(budget->object.id) || is_place_of(*budget, finding.where)) return true;
      for (const base::RelatedPlace& place : finding.related)
        if (is_place_of(*budget, place.where)) return true;
    }
    if (!asks_workloads_ || finding.object.starts_with("PodDisruptionBudget ")) return false;
    return name_space_.empty() || finding.object.contains(fmt::format(" {}/", name_space_));
  }

 private:
  static bool is_place_of(const PodDisruptionBudget& budget, const base::SourcePos& where) {
    return where.file &&
           (where == budget.object.pos() || where == budget.selector_where || where == budget.bound_where);
  }

  std::string name_space_;
  bool asks_workloads_;
  std::vector<const PodDisruptionBudget*> budgets_;
};

Result<CheckOutcome> without_budgets(const CheckContext& context, const kube::Snapshot& judged) {
  const std::string name = context.text("budget");
  if (name.empty())
    return fail_by(make_finding("pdb.none", "", context.where(), "there is no PodDisruptionBudget",
                                "add a budget for each workload that must not lose all of its pods at once"));
  std::vector<std::string_view> known;
  for (const PodDisruptionBudget& budget : judged->disruption_budgets) known.push_back(budget.name());
  return base::input_error(
      fmt::format("there is no PodDisruptionBudget {}", name), context.where(),
      nearest_fix(name, known,
                  known.empty() ? "the manifests have none" : fmt::format("there are {}", fmt::join(known, ", "))));
}

// What it admits with every pod healthy: whether a model of the nodes has room for all of them is another question.
std::int64_t allowed_when_healthy(const ClusterBudget& counted) {
  const disruption::BudgetNumbers& numbers = counted.numbers;
  return numbers.sync_failed ? 0 : std::max<std::int64_t>(0, numbers.expected - numbers.desired);
}

// Budgets that admit some evictions, and fewer than are planned; those that admit none are told as that.
void judge_evictions(const PodDisruptionBudget& budget, const ClusterBudget& counted, std::int64_t evictions,
                     std::vector<Finding>& findings) {
  const std::int64_t allowed = allowed_when_healthy(counted);
  if (allowed == 0 || counted.numbers.expected <= 1 || allowed >= evictions) return;
  const std::string name = to_string(budget.object.id);
  findings.push_back(
      make_finding("pdb.allows-too-few", name, budget.bound_where.file ? budget.bound_where : budget.object.pos(),
                   fmt::format("{} admits {} of the {} evictions that are planned at once", name, allowed, evictions),
                   "run more replicas, admit more evictions, or plan fewer at once"));
}

void describe(const std::vector<ClusterBudget>& budgets, CheckOutcome& outcome) {
  std::vector<std::string> texts;
  std::string table = fmt::format("{:<40}{:>10}{:>10}{:>10}\n", "budget", "expected", "desired", "allowed");
  for (const ClusterBudget& each : budgets) {
    const disruption::BudgetNumbers& numbers = each.numbers;
    const std::int64_t allowed = allowed_when_healthy(each);
    texts.push_back(fmt::format("{} allows {} of {}{}", each.name.substr(each.name.find('/') + 1), allowed,
                                numbers.expected, texts.empty() ? " evictions" : ""));
    table += fmt::format("{:<40}{:>10}{:>10}{:>10}\n", each.name, numbers.expected, numbers.desired, allowed);
    std::string metric = each.name;
    std::ranges::replace(metric, '/', '.');
    outcome.metrics.push_back({fmt::format("evictions_allowed_count.{}", metric), static_cast<double>(allowed)});
  }
  const std::size_t more = texts.size() > kNamesMax ? texts.size() - kNamesMax : 0;
  texts.resize(texts.size() - more);
  outcome.summary =
      fmt::format("{}{}", fmt::join(texts, ", "), more > 0 ? fmt::format(", and {} more budgets", more) : "");
  outcome.metrics.insert(outcome.metrics.begin(), {"budgets_count", static_cast<double>(budgets.size())});
  outcome.artifacts.push_back({.name = "budgets.txt", .media_type = "text/plain", .content = std::move(table)});
}

Result<CheckOutcome> run(CheckContext& context) {
  const std::int64_t evictions = context.integer("evictions").value_or(1);
  if (evictions < 1)
    return base::input_error("a drain takes one pod at least", context.where(), "write evictions: 1, or more");
  LoadedManifests judged = TRY(load_block(context));
  if (judged.problem) return fail_by(*std::move(judged.problem));
  LoadedManifests system = TRY(load_world(context));
  if (system.problem) return fail_by(*std::move(system.problem));
  const kube::Snapshot whole = TRY(join_snapshots(system.snapshot(), judged.snapshot()));
  const Scope scope(context, judged.snapshot());
  if (scope.empty()) return without_budgets(context, judged.snapshot());

  // Nodes play no part in what budgets come to: any will do.
  const disruption::Cluster cluster = TRY(disruption::Cluster::build(whole, {.nodes = {{.count = 1}}}));
  CheckOutcome outcome;
  for (Finding& finding : find_budget_mistakes(cluster))
    if (scope.holds(finding)) outcome.findings.push_back(std::move(finding));
  for (const PodDisruptionBudget* budget : scope.budgets()) judge_comments(context, *budget, outcome.findings);
  if (context.kubectl) {
    const kube::Snapshot live = TRY(read_live_cluster(context));
    for (const PodDisruptionBudget* budget : scope.budgets())
      judge_running_pods(*budget, whole, live, outcome.findings);
    for (Finding& finding : find_status_mistakes(TRY(disruption::Cluster::build(live, {.nodes = {{.count = 1}}}))))
      if (scope.holds(finding)) outcome.findings.push_back(std::move(finding));
  }
  std::vector<ClusterBudget> budgets = cluster.budgets();
  std::erase_if(budgets,
                [&](const ClusterBudget& each) { return !scope.holds(whole->disruption_budgets[each.kube_index]); });
  for (const ClusterBudget& each : budgets)
    judge_evictions(whole->disruption_budgets[each.kube_index], each, evictions, outcome.findings);
  describe(budgets, outcome);
  conclude(outcome);
  return outcome;
}

}  // namespace

const CheckType kPdbProtects = {.name = "pdb.protects",
                                .summary = "each budget selects its workload and admits the planned evictions",
                                .fields = kFields,
                                .version = 3,
                                .run = run,
                                .missing_engine = {},
                                .cluster = ClusterUse::optional};

}  // namespace gantry::launch

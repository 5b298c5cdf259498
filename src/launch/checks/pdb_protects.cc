// pdb.protects: each budget selects one workload, admits the evictions that a drain needs, and keeps the majority of what votes;
// and what should have a budget has one. What really happens when nodes drain, is the rehearsal's to say.

#include "base/text.h"
#include "launch/checks/budgets/budget_numbers.h"
#include "launch/checks/budgets/judge_budgets.h"
#include "launch/checks/checks.h"
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

using Budgets = std::vector<const PodDisruptionBudget*>;

Budgets budgets_in_scope(const CheckContext& context, const kube::Snapshot& judged) {
  const std::string name_space = context.text("namespace");
  const std::string name = context.text("budget");
  Budgets budgets;
  for (const PodDisruptionBudget& budget : judged->disruption_budgets)
    if ((name_space.empty() || budget.name_space() == name_space) && (name.empty() || budget.name() == name))
      budgets.push_back(&budget);
  return budgets;
}

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

void describe(const std::vector<JudgedBudget>& judged, CheckOutcome& outcome) {
  std::vector<std::string> texts;
  std::string table =
      fmt::format("{:<40}{:>10}{:>10}{:>10}  {}\n", "budget", "expected", "desired", "allowed", "selects");
  for (const JudgedBudget& each : judged) {
    const BudgetNumbers& numbers = each.numbers;
    std::vector<std::string_view> owners;
    for (const BudgetedPods& pods : numbers.owners) owners.push_back(pods.owner);
    texts.push_back(fmt::format("{} allows {} of {}{}", each.budget->name(), numbers.allowed, numbers.expected,
                                texts.empty() ? " evictions" : ""));
    table += fmt::format("{:<40}{:>10}{:>10}{:>10}  {}\n",
                         fmt::format("{}/{}", each.budget->name_space(), each.budget->name()), numbers.expected,
                         numbers.desired, numbers.allowed, fmt::join(owners, ", "));
    outcome.metrics.push_back(
        {fmt::format("evictions_allowed_count.{}.{}", each.budget->name_space(), each.budget->name()),
         static_cast<double>(numbers.allowed)});
  }
  const std::size_t more = texts.size() > kNamesMax ? texts.size() - kNamesMax : 0;
  texts.resize(texts.size() - more);
  outcome.summary =
      fmt::format("{}{}", fmt::join(texts, ", "), more > 0 ? fmt::format(", and {} more budgets", more) : "");
  outcome.metrics.insert(outcome.metrics.begin(), {"budgets_count", static_cast<double>(judged.size())});
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
  const std::vector<PodClass> pods = collect_pod_classes(whole);

  const Budgets budgets = budgets_in_scope(context, judged.snapshot());
  if (budgets.empty()) return without_budgets(context, judged.snapshot());
  CheckOutcome outcome;
  std::vector<JudgedBudget> numbers;
  for (const PodDisruptionBudget* budget : budgets) {
    numbers.push_back({.budget = budget, .numbers = compute_budget(whole, pods, *budget)});
    judge_budget(numbers.back(), evictions, pods, outcome.findings);
  }
  judge_overlaps(whole, pods, budgets, outcome.findings);
  // A path and a name ask about budgets; only the whole, or a whole namespace, can lack one.
  if (!context.block.get("path") && context.text("budget").empty())
    judge_unprotected(whole, pods, context.text("namespace"), outcome.findings);
  describe(numbers, outcome);
  conclude(outcome);
  return outcome;
}

}  // namespace

const CheckType kPdbProtects = {.name = "pdb.protects",
                                .summary = "each budget selects its workload and admits the planned evictions",
                                .fields = kFields,
                                .version = 1,
                                .run = run,
                                .missing_engine = {}};

}  // namespace gantry::launch

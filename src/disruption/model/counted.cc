// Who counts whom: selectors of scheduling rules, budgets and invariants are read here, kind by kind. Below this a pod moves
// numbers.

#include "disruption/model/build.h"

#include <algorithm>
#include <map>
#include <set>

namespace gantry::disruption {

namespace {

bool selects(const kube::LabelSelector& selector, const Kind& kind) {
  return kube::match(selector, kind.labels) != kube::Match::no;
}

// Counters, by the namespace that they look into: few of them can speak about any one pod.
std::map<std::string, std::vector<std::uint32_t>> counters_by_namespace(const Model& model) {
  std::map<std::string, std::vector<std::uint32_t>> found;
  for (std::uint32_t i = 0; i < model.counters.size(); ++i)
    for (const std::string& name : model.counters[i].name_spaces) found[name].push_back(i);
  return found;
}

std::map<std::string, std::vector<std::uint32_t>> budgets_by_namespace(const Model& model) {
  std::map<std::string, std::vector<std::uint32_t>> found;
  for (std::uint32_t i = 0; i < model.budgets.size(); ++i) found[model.budget(i).name_space()].push_back(i);
  return found;
}

// The sum over the distinct controllers (§2.3); absent as soon as one has no scale. Unmanaged pods are skipped.
void add_scales(Model& model) {
  std::vector<std::set<std::uint32_t>> owners(model.budgets.size());
  for (const Kind& kind : model.kinds)
    for (const std::uint32_t budget : kind.budgets) owners[budget].insert(kind.workload);
  for (std::size_t i = 0; i < owners.size(); ++i)
    for (const std::uint32_t owner : owners[i]) {
      const WorkloadModel& workload = model.workloads[owner];
      if (workload.recreation == Recreation::never) continue;
      if (!workload.has_scale) model.budgets[i].scaled.reset();
      if (model.budgets[i].scaled) *model.budgets[i].scaled += workload.replicas;
    }
}

bool counts(const Model& model, const Invariant& invariant, const Kind& kind) {
  const WorkloadModel& workload = model.workloads[kind.workload];
  if (invariant.workload) return workload.kube_index == invariant.workload;
  const kube::Service& service = model.snapshot->services[*invariant.service];
  return service.name_space() == workload.name_space && selects(*service.selector, kind);
}

}  // namespace

void add_counters(Model& model) {
  const std::map<std::string, std::vector<std::uint32_t>> by_namespace = counters_by_namespace(model);
  for (Kind& kind : model.kinds) {
    kind.counts = model.shapes[kind.shape].held;
    const auto it = by_namespace.find(model.workloads[kind.workload].name_space);
    if (it != by_namespace.end())
      for (const std::uint32_t index : it->second) {
        const Counter& counter = model.counters[index];
        if (!selects(counter.selector, kind)) continue;
        (counter.of_holders ? kind.rejected_by : kind.counts).push_back(index);
      }
    std::ranges::sort(kind.counts);
  }
}

// A budget that the API server would reject guards nobody.
void add_budgets(Model& model) {
  for (std::size_t i = 0; i < model.snapshot->disruption_budgets.size(); ++i) {
    const kube::PodDisruptionBudget& budget = model.snapshot->disruption_budgets[i];
    if (budget.object.rejected()) continue;
    model.budgets.push_back({.kube_index = i,
                             .name = budget.name_space() + "/" + budget.name(),
                             .bounds = BudgetBounds::of(budget),
                             .policy = budget.unhealthy_policy});
  }
  const std::map<std::string, std::vector<std::uint32_t>> by_namespace = budgets_by_namespace(model);
  for (Kind& kind : model.kinds) {
    const auto it = by_namespace.find(model.workloads[kind.workload].name_space);
    if (it == by_namespace.end()) continue;
    for (const std::uint32_t index : it->second) {
      const kube::PodDisruptionBudget& budget = model.budget(index);
      if (budget.selector && selects(*budget.selector, kind)) kind.budgets.push_back(index);
    }
  }
  add_scales(model);
}

void join_invariants(Model& model) {
  std::map<std::string, std::vector<std::uint32_t>> by_namespace;
  for (std::uint32_t i = 0; i < model.invariants.size(); ++i) by_namespace[model.invariants[i].name_space].push_back(i);
  for (Kind& kind : model.kinds) {
    const auto it = by_namespace.find(model.workloads[kind.workload].name_space);
    if (it == by_namespace.end()) continue;
    for (const std::uint32_t index : it->second)
      if (counts(model, model.invariants[index], kind)) kind.invariants.push_back(index);
  }
}

}  // namespace gantry::disruption

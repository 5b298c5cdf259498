#include "launch/checks/drains/running_pods.h"

#include "launch/checks/system/rules.h"

#include <fmt/format.h>

namespace gantry::launch {

void judge_running_pods(const kube::PodDisruptionBudget& budget, const kube::Snapshot& system,
                        const kube::Snapshot& live, std::vector<base::Finding>& findings) {
  if (!budget.selector) return;
  for (const kube::Workload& meant : kube::in_namespace(system->workloads, budget.name_space())) {
    if (!budget.selector->matches(meant.pod_template.labels)) continue;
    const kube::Workload* workload = live.find_workload(meant.kind, meant.name_space(), meant.name());
    if (!workload) continue;
    std::size_t running = 0;
    std::size_t selected = 0;
    for (const std::size_t index : live.pods_of(*workload)) {
      const kube::Pod& pod = live->pods[index];
      if (pod.origin != kube::PodOrigin::live || pod.terminal()) continue;
      ++running;
      selected += budget.selector->matches(pod.labels.known);
    }
    if (running == 0 || selected > 0) continue;
    findings.push_back(make_finding(
        "pdb.selects-none-running", to_string(budget.object.id),
        budget.selector_where.file ? budget.selector_where : budget.object.pos(),
        fmt::format(
            "{} selects none of the {} pods of {} that run: they have other labels than their template will have",
            to_string(budget.object.id), running, to_string(meant.object.id)),
        "roll the workload out before the budget changes, or keep a label that both have"));
  }
}

}  // namespace gantry::launch

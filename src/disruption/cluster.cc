// From a snapshot to a cluster that can be rehearsed on, top to bottom.

#include "disruption/cluster.h"

#include "disruption/model/build.h"
#include "disruption/model/model.h"
#include "disruption/world.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace gantry::disruption {

using base::Result;

namespace {

Result<void> check_times(const TimeOptions& times) {
  const auto bad = [](std::optional<Milliseconds> time) { return time && time->count() < 0; };
  bool any = bad(times.start) || bad(times.catch_up);
  for (const auto& [workload, each] : times.workloads)
    any = any || bad(each.stop) || bad(each.start) || bad(each.catch_up);
  if (any) return base::input_error("a pod takes no time below zero", {}, "write times of 0 or more");
  return {};
}

// What the API server would refuse is in no cluster: it neither runs nor guards anybody.
void describe_left_out(Model& model) {
  constexpr std::size_t kNamesMax = 3;
  std::vector<std::string> names;
  const auto add = [&](const auto& objects) {
    for (const auto& each : objects)
      if (each.object.rejected()) names.push_back(to_string(each.object.id));
  };
  add(model.snapshot->disruption_budgets);
  add(model.snapshot->workloads);
  if (names.empty()) return;
  const std::size_t more = names.size() > kNamesMax ? names.size() - kNamesMax : 0;
  names.resize(names.size() - more);
  model.assumptions.push_back(fmt::format("left out, since the API server would refuse {}: {}{}",
                                          names.size() + more == 1 ? "it" : "them", fmt::join(names, ", "),
                                          more > 0 ? fmt::format(" and {} more", more) : std::string()));
}

void describe(Model& model, std::size_t placed_before) {
  const std::size_t placed = static_cast<std::size_t>(
      std::ranges::count_if(model.pods, [](const ModelPod& pod) { return pod.node != kNone; }));
  if (placed > placed_before)
    model.assumptions.push_back(
        fmt::format("{} of {} pods were placed by the model's scheduler", placed - placed_before, model.pods.size()));
  if (placed < model.pods.size())
    model.assumptions.push_back(
        fmt::format("{} pods have no node before anything happens", model.pods.size() - placed));
  model.assumptions.push_back(
      "pods stop after their whole grace period and start as fast as their probes allow, unless times are given");
  const bool pinned = std::ranges::any_of(model.kinds, [](const Kind& kind) { return kind.pin == Pin::zone; });
  if (pinned)
    model.assumptions.push_back("a ReadWriteOnce volume that does not exist yet is taken as bound to its first zone");
  describe_left_out(model);
}

}  // namespace

Result<Cluster> Cluster::build(const kube::Snapshot& snapshot, const ClusterOptions& options) {
  TRY(check_times(options.times));
  auto model = std::make_shared<Model>();
  model->snapshot = snapshot;
  model->options = options;
  model->invariants = TRY(collect_invariants(snapshot, options.invariants));
  TRY(add_nodes(*model));
  // Nodes, zones and resources are fixed from here on.
  const PodSources sources = TRY(collect_pods(*model));
  add_kinds(*model, sources);
  // From here on nothing reads a label: pods are kinds, and kinds know what counts them.
  const auto is_placed = [](const ModelPod& pod) { return pod.node != kNone; };
  const auto placed_before = static_cast<std::size_t>(std::ranges::count_if(model->pods, is_placed));
  place_pods(*model);
  describe(*model, placed_before);
  return Cluster(std::move(model));
}

const kube::Snapshot& Cluster::snapshot() const { return model_->snapshot; }
const ClusterOptions& Cluster::options() const { return model_->options; }
std::span<const kube::ClusterNode> Cluster::nodes() const { return model_->nodes; }
std::size_t Cluster::surge_node_count() const { return model_->surge_nodes; }
const std::vector<Invariant>& Cluster::invariants() const { return model_->invariants; }
const std::vector<std::string>& Cluster::assumptions() const { return model_->assumptions; }

std::optional<NodeIndex> Cluster::find_node(std::string_view name) const {
  const auto node = std::ranges::find(model_->nodes, name, &kube::ClusterNode::name);
  if (node == model_->nodes.end()) return {};
  return NodeIndex(static_cast<std::uint32_t>(node - model_->nodes.begin()));
}

std::vector<ClusterPod> Cluster::pods() const {
  std::vector<ClusterPod> pods;
  for (const ModelPod& pod : model_->pods) {
    const WorkloadModel& workload = model_->workloads[model_->kinds[pod.kind].workload];
    ClusterPod each{.name = fmt::format("{}/{}", workload.name_space, pod.name), .workload = workload.name};
    if (pod.node != kNone) each.node = NodeIndex(pod.node);
    each.ready = pod.state == PodState::ready;
    pods.push_back(std::move(each));
  }
  return pods;
}

std::vector<ClusterBudget> Cluster::budgets() const {
  const World world(*model_);
  std::vector<ClusterBudget> budgets;
  for (std::uint32_t i = 0; i < model_->budgets.size(); ++i)
    budgets.push_back(
        {.name = model_->budgets[i].name, .numbers = world.budget(i), .kube_index = model_->budgets[i].kube_index});
  return budgets;
}

}  // namespace gantry::disruption

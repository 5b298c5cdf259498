#include "capacity/scaled_workload.h"

#include "base/text.h"
#include "kube/policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace gantry::capacity {

using base::Result;
using kube::Container;
using kube::HorizontalPodAutoscaler;
using kube::ScaleMetric;
using kube::Workload;
using kube::WorkloadKind;

namespace {

constexpr std::array kScalable = {WorkloadKind::deployment, WorkloadKind::stateful_set, WorkloadKind::replica_set,
                                  WorkloadKind::replication_controller};

bool is_scalable(const Workload& workload) { return std::ranges::find(kScalable, workload.kind) != kScalable.end(); }

template <typename Typed>
std::string name_of(const Typed& typed) {
  return fmt::format("{}/{}", typed.object.id.name_space, typed.object.id.name);
}

// The one of that name, or the only one.
template <typename Typed>
Result<const Typed*> find_one(const std::vector<const Typed*>& all, std::string_view name, std::string_view what,
                              const base::SourcePos& where) {
  const auto place = where.file ? std::optional(where) : std::nullopt;
  if (all.empty())
    return base::input_error(fmt::format("the manifests have no {}", what), place,
                             "give the manifests that hold it, too");
  std::vector<std::string> names;
  for (const Typed* each : all) names.push_back(name_of(*each));
  if (name.empty()) {
    if (all.size() == 1) return all.front();
    return base::input_error(fmt::format("the manifests have {} of kind {}", all.size(), what), place,
                             fmt::format("name one: {}", fmt::join(names, ", ")));
  }
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return all[static_cast<std::size_t>(found - names.begin())];
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::optional<std::string_view> nearest = base::nearest_name(name, views);
  return base::input_error(
      fmt::format("there is no {} {}", what, name), place,
      nearest ? fmt::format("did you mean {}?", *nearest) : fmt::format("there are: {}", fmt::join(names, ", ")));
}

// Containers that count towards what the controller takes as a pod's request: sidecars among them.
std::vector<const Container*> counted_containers(const kube::PodSpec& spec) {
  std::vector<const Container*> containers;
  for (const Container& container : spec.containers) containers.push_back(&container);
  for (const Container& container : spec.init_containers)
    if (container.sidecar) containers.push_back(&container);
  return containers;
}

enum class Figure { request, limit };

// The sum over the containers, or that of the one named; nothing when one says none (replica_calculator.go, calculateRequests).
std::optional<kube::Quantity> sum_of(const kube::Snapshot& snapshot, const Workload& workload, Figure figure,
                                     std::string_view resource, std::string_view container_name = {}) {
  std::vector<const kube::LimitRange*> ranges;
  for (const kube::LimitRange& range : in_namespace(snapshot->limit_ranges, workload.name_space()))
    ranges.push_back(&range);
  kube::Quantity sum;
  bool any = false;
  for (const Container* container : counted_containers(*workload.pod_template.spec)) {
    if (!container_name.empty() && container->name != container_name) continue;
    const kube::EffectiveResources effective = effective_resources(*container, ranges);
    const kube::ResourceList& list = figure == Figure::request ? effective.requests : effective.limits;
    const auto amount = list.find(resource);
    if (amount == list.end()) return std::nullopt;
    sum += amount->second;
    any = true;
  }
  return any ? std::optional(sum) : std::nullopt;
}

// Probe rules: the first success of the startup probe, then of the readiness probe, whose delay counts from the container's start
// too (disruption reference, §8).
Millis ready_after(const kube::PodSpec& spec) {
  std::chrono::seconds latest{0};
  for (const Container* container : counted_containers(spec)) {
    if (container->startup) latest = std::max(latest, container->startup->initial_delay);
    if (!container->readiness) continue;
    const kube::Probe& probe = *container->readiness;
    latest =
        std::max(latest, probe.initial_delay + probe.period * std::max<std::int64_t>(probe.success_threshold - 1, 0));
  }
  return latest;
}

// The share of the largest container: a sum over containers hides the busy one behind the others.
double largest_cpu_share(const kube::Snapshot& snapshot, const Workload& workload) {
  double sum = 0;
  double largest = 0;
  for (const Container* container : counted_containers(*workload.pod_template.spec)) {
    const auto request = sum_of(snapshot, workload, Figure::request, "cpu", container->name);
    const double milli = request ? static_cast<double>(request->milli()) : 0;
    sum += milli;
    largest = std::max(largest, milli);
  }
  return sum > 0 ? largest / sum : 1;
}

// The metrics APIs are aggregated: each is there when an APIService says who serves it.
std::string_view api_of(const ScaleMetric& metric) {
  switch (metric.type) {
    case ScaleMetric::Type::resource:
    case ScaleMetric::Type::container_resource: return "metrics.k8s.io";
    case ScaleMetric::Type::pods:
    case ScaleMetric::Type::object: return "custom.metrics.k8s.io";
    case ScaleMetric::Type::external: return "external.metrics.k8s.io";
  }
  return "";
}

void add_apis(const kube::Snapshot& snapshot, ScaledWorkload& scaled) {
  // Every cluster has some of its own; a list that was saved without them says nothing.
  scaled.apis_known = snapshot.live() && !snapshot->api_services.empty();
  if (!scaled.apis_known) return;
  for (const ScaleMetric& metric : scaled.autoscaler->metrics) {
    const std::string api(api_of(metric));
    const bool served = std::ranges::any_of(snapshot->api_services, [&](const kube::ApiService& each) {
      return each.object.id.name.ends_with("." + api) &&
             each.object.id.name.find('.') == each.object.id.name.size() - api.size() - 1;
    });
    if (!served && std::ranges::find(scaled.apis_missing, api) == scaled.apis_missing.end())
      scaled.apis_missing.push_back(api);
  }
}

const kube::PodDisruptionBudget* find_budget(const kube::Snapshot& snapshot, const Workload& workload) {
  const kube::PodDisruptionBudget* found = nullptr;
  for (const kube::PodDisruptionBudget& budget : in_namespace(snapshot->disruption_budgets, workload.name_space())) {
    if (!budget.selector || !budget.selector->matches(workload.pod_template.labels)) continue;
    if (found) return nullptr;
    found = &budget;
  }
  return found;
}

void add_figures(const kube::Snapshot& snapshot, ScaledWorkload& scaled) {
  const Workload& workload = *scaled.workload;
  scaled.name = fmt::format("{} {}", to_string(workload.kind), name_of(workload));
  scaled.ready_after = ready_after(*workload.pod_template.spec);
  scaled.largest_cpu_share = largest_cpu_share(snapshot, workload);
  scaled.budget = find_budget(snapshot, workload);
  const auto amount = [&](Figure figure, std::string_view resource) {
    return sum_of(snapshot, workload, figure, resource);
  };
  if (const auto cpu = amount(Figure::request, "cpu")) scaled.cpu_request_milli = cpu->milli();
  if (const auto cpu = amount(Figure::limit, "cpu")) scaled.cpu_limit_milli = cpu->milli();
  if (const auto memory = amount(Figure::request, "memory")) scaled.memory_request_bytes = memory->as_double();
  if (const auto memory = amount(Figure::limit, "memory")) scaled.memory_limit_bytes = memory->as_double();
}

}  // namespace

Result<const HorizontalPodAutoscaler*> find_autoscaler(const kube::Snapshot& snapshot, std::string_view name,
                                                       const base::SourcePos& where) {
  std::vector<const HorizontalPodAutoscaler*> all;
  for (const HorizontalPodAutoscaler& autoscaler : snapshot->autoscalers) all.push_back(&autoscaler);
  return find_one(all, name, "HorizontalPodAutoscaler", where);
}

Result<const Workload*> find_scalable(const kube::Snapshot& snapshot, std::string_view name,
                                      const base::SourcePos& where) {
  std::vector<const Workload*> all;
  for (const Workload& workload : snapshot->workloads)
    if (is_scalable(workload) && !snapshot.controller_of(workload)) all.push_back(&workload);
  return find_one(all, name, "workload with replicas", where);
}

ScaledWorkload describe_scaled(const kube::Snapshot& snapshot, const HorizontalPodAutoscaler& autoscaler) {
  ScaledWorkload scaled;
  scaled.autoscaler = &autoscaler;
  scaled.name = fmt::format("{} {}/{}", autoscaler.target_kind, autoscaler.name_space(), autoscaler.target_name);
  scaled.requests_milli.resize(autoscaler.metrics.size());
  for (const WorkloadKind kind : kScalable)
    if (to_string(kind) == autoscaler.target_kind)
      scaled.workload = snapshot.find_workload(kind, autoscaler.name_space(), autoscaler.target_name);
  add_apis(snapshot, scaled);
  if (!scaled.workload) return scaled;
  add_figures(snapshot, scaled);
  for (std::size_t i = 0; i < autoscaler.metrics.size(); ++i) {
    const ScaleMetric& metric = autoscaler.metrics[i];
    const bool of_container = metric.type == ScaleMetric::Type::container_resource;
    if (!of_container && metric.type != ScaleMetric::Type::resource) continue;
    if (const auto request = sum_of(snapshot, *scaled.workload, Figure::request, metric.name,
                                    of_container ? std::string_view(metric.container) : std::string_view()))
      scaled.requests_milli[i] = request->milli();
  }
  return scaled;
}

ScaledWorkload describe_scaled(const kube::Snapshot& snapshot, const Workload& workload) {
  for (const HorizontalPodAutoscaler& autoscaler : in_namespace(snapshot->autoscalers, workload.name_space()))
    if (autoscaler.target_kind == to_string(workload.kind) && autoscaler.target_name == workload.name())
      return describe_scaled(snapshot, autoscaler);
  ScaledWorkload scaled;
  scaled.workload = &workload;
  add_figures(snapshot, scaled);
  return scaled;
}

}  // namespace gantry::capacity

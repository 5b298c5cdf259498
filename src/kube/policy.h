#pragma once

// Budgets, autoscalers, limits, quotas and priorities.

#include "base/source.h"
#include "base/time.h"
#include "kube/int_or_percent.h"
#include "kube/labels.h"
#include "kube/object.h"
#include "kube/pod_spec.h"
#include "kube/quantity.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::kube {

// ---- PodDisruptionBudget (disruption reference, §2) ----

enum class UnhealthyPodEvictionPolicy : std::uint8_t { if_healthy_budget, always_allow };

struct BudgetStatus {
  std::int64_t observed_generation = 0;
  std::int64_t expected_pods = 0;
  std::int64_t desired_healthy = 0;
  std::int64_t current_healthy = 0;
  std::int64_t disruptions_allowed = 0;
  std::vector<std::pair<std::string, base::Timestamp>> disrupted_pods;
  std::string condition_reason;  // of DisruptionAllowed: "SufficientPods", "InsufficientPods", "SyncFailed"
};

struct PodDisruptionBudget {
  Object object;
  // Absent: selects nothing. With policy/v1beta1 an empty selector selects nothing as well, and is absent here.
  std::optional<LabelSelector> selector;
  base::SourcePos selector_where;
  std::optional<IntOrPercent> min_available;
  std::optional<IntOrPercent> max_unavailable;
  base::SourcePos bound_where;  // of the one that is written
  UnhealthyPodEvictionPolicy unhealthy_policy = UnhealthyPodEvictionPolicy::if_healthy_budget;
  bool unhealthy_policy_written = false;
  std::optional<BudgetStatus> status;  // live

  const std::string& name_space() const { return object.id.name_space; }
  const std::string& name() const { return object.id.name; }
};

// ---- HorizontalPodAutoscaler (autoscaling/v2; v1 and the betas are converted) ----

struct ScaleMetric {
  enum class Type : std::uint8_t { resource, container_resource, pods, object, external };
  enum class Target : std::uint8_t { utilization, average_value, value };
  Type type = Type::resource;
  std::string name;  // "cpu", or the metric's name
  std::string container;
  Target target = Target::utilization;
  std::int64_t utilization_percent = 0;  // of Target::utilization
  Quantity amount;                       // of the two others
  std::optional<LabelSelector> selector;
  std::string described_object;  // of Type::object: "Service shop/web"
  base::SourcePos where;
};

struct ScalePolicy {
  enum class Type : std::uint8_t { pods, percent };
  Type type = Type::pods;
  std::int64_t value = 0;
  std::chrono::seconds period{15};
};

struct ScaleRules {
  enum class Select : std::uint8_t { max, min, disabled };
  std::optional<std::chrono::seconds> stabilization_window;  // absent: the controller's, 300 s down, none up
  Select select = Select::max;
  std::vector<ScalePolicy> policies;
  std::optional<Quantity> tolerance;
};

struct AutoscalerStatus {
  std::int64_t current_replicas = 0;
  std::int64_t desired_replicas = 0;
};

struct HorizontalPodAutoscaler {
  Object object;
  std::string target_group;
  std::string target_kind;
  std::string target_name;
  base::SourcePos target_where;
  std::int64_t min_replicas = 1;
  bool min_written = false;
  std::int64_t max_replicas = 0;
  std::vector<ScaleMetric> metrics;  // CPU at 80 % when none is written
  bool metrics_written = false;
  // Whether `behavior` is written at all decides between two algorithms (disruption reference, §12.6 and §12.7). Where it
  // is, a direction without rules has Kubernetes' defaults for it here.
  bool behavior_written = false;
  ScaleRules scale_up;
  ScaleRules scale_down;
  std::optional<AutoscalerStatus> status;

  const std::string& name_space() const { return object.id.name_space; }
  const std::string& name() const { return object.id.name; }
};

// ---- Limits, quotas, priorities ----

struct LimitRangeItem {
  std::string type;  // "Container", "Pod", "PersistentVolumeClaim"
  ResourceList max;
  ResourceList min;
  ResourceList default_limit;    // the field `default`
  ResourceList default_request;  // for containers: from default, then max, where it is not written
  ResourceList max_limit_request_ratio;
};

struct LimitRange {
  Object object;
  std::vector<LimitRangeItem> items;
};

struct ResourceQuota {
  Object object;
  ResourceList hard;
  ResourceList used;                // live
  std::vector<std::string> scopes;  // a quota with scopes counts only some pods; scopeSelector's names are among them
};

struct PriorityClass {
  Object object;
  std::int64_t value = 0;
  bool global_default = false;
  bool preempts = true;
};

// What a container asks for after admission: its own figures, then LimitRange defaults, then its limit as the request.
struct EffectiveResources {
  ResourceList requests;
  ResourceList limits;
};
EffectiveResources effective_resources(const Container& container, const std::vector<const LimitRange*>& limit_ranges);

}  // namespace gantry::kube

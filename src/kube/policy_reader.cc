// Budgets, limits, quotas, priorities: Kubernetes API reference, policy/v1, core/v1 and scheduling.k8s.io/v1.

#include "kube/readers.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::kube {

namespace {

constexpr std::string_view kRootFields[] = {"apiVersion", "kind", "metadata", "spec", "status"};
constexpr std::string_view kBudgetFields[] = {"maxUnavailable", "minAvailable", "selector",
                                              "unhealthyPodEvictionPolicy"};
constexpr std::string_view kLimitFields[] = {"default", "defaultRequest", "max", "maxLimitRequestRatio", "min", "type"};
constexpr std::string_view kQuotaFields[] = {"hard", "scopeSelector", "scopes"};

constexpr Choice<UnhealthyPodEvictionPolicy> kUnhealthyPolicies[] = {
    {"IfHealthyBudget", UnhealthyPodEvictionPolicy::if_healthy_budget},
    {"AlwaysAllow", UnhealthyPodEvictionPolicy::always_allow},
};

void parse_bounds(const Fields& spec, PodDisruptionBudget& budget) {
  budget.min_available = spec.int_or_percent("minAvailable");
  budget.max_unavailable = spec.int_or_percent("maxUnavailable");
  budget.bound_where = spec.pos(spec.has("minAvailable") ? "minAvailable" : "maxUnavailable");
  if (spec.has("minAvailable") && spec.has("maxUnavailable")) {
    spec.reject("maxUnavailable", "may not stand beside minAvailable", "keep one of the two");
  }
  for (const auto& [key, bound] :
       {std::pair("minAvailable", &budget.min_available), std::pair("maxUnavailable", &budget.max_unavailable)}) {
    if (*bound && (*bound)->is_percent() && (*bound)->value > 100) spec.reject(key, "must not be more than 100%");
  }
}

BudgetStatus parse_status(const Fields& fields) {
  BudgetStatus status;
  status.observed_generation = fields.integer_or("observedGeneration", 0, kAnyInt64);
  status.expected_pods = fields.integer_or("expectedPods", 0);
  status.desired_healthy = fields.integer_or("desiredHealthy", 0);
  status.current_healthy = fields.integer_or("currentHealthy", 0);
  status.disruptions_allowed = fields.integer_or("disruptionsAllowed", 0);
  const Fields disrupted = fields.map("disruptedPods");
  if (disrupted.present()) {
    for (const base::Node::Member& member : disrupted.node()->map()) {
      const std::string text = disrupted.text_of(member).value_or("");
      if (const auto time = base::parse_rfc3339(text)) status.disrupted_pods.emplace_back(member.key, *time);
    }
  }
  fields.each("conditions", [&](const Fields& condition) {
    if (condition.text("type") == "DisruptionAllowed") status.condition_reason = condition.text("reason");
  });
  return status;
}

}  // namespace

PodDisruptionBudget parse_disruption_budget(const Object& object, Problems& problems) {
  problems.raise_unknown_fields(base::Severity::high);
  const Fields root(*object.document, problems);
  root.only(kRootFields);
  const Fields spec = root.map("spec");
  const Fields status = root.map("status");
  spec.only(kBudgetFields);
  PodDisruptionBudget budget;
  budget.object = object;
  budget.selector = spec.selector("selector");
  budget.selector_where = spec.pos("selector");
  // Disruption reference, §2.6: the old version's empty selector selects nothing.
  if (object.version == "v1beta1" && budget.selector && budget.selector->selects_everything()) budget.selector.reset();
  parse_bounds(spec, budget);
  const auto policy = spec.choice<UnhealthyPodEvictionPolicy>("unhealthyPodEvictionPolicy", kUnhealthyPolicies);
  budget.unhealthy_policy = policy.value_or(UnhealthyPodEvictionPolicy::if_healthy_budget);
  budget.unhealthy_policy_written = policy.has_value();
  if (status.present() && object.origin == Origin::live) budget.status = parse_status(status);
  return budget;
}

LimitRange parse_limit_range(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kRootFields);
  const Fields spec = root.map("spec");
  LimitRange range;
  range.object = object;
  spec.each("limits", [&](const Fields& fields) {
    fields.only(kLimitFields);
    fields.require("type");
    LimitRangeItem item;
    item.type = fields.text("type");
    item.max = fields.resources("max");
    item.min = fields.resources("min");
    item.default_limit = fields.resources("default");
    item.default_request = fields.resources("defaultRequest");
    item.max_limit_request_ratio = fields.resources("maxLimitRequestRatio");
    // core/v1 defaults: of containers, the limit from max, then the request from the limit, then from min.
    if (item.type == "Container") {
      for (const auto& [name, amount] : item.max) item.default_limit.emplace(name, amount);
      for (const auto& [name, amount] : item.default_limit) item.default_request.emplace(name, amount);
      for (const auto& [name, amount] : item.min) item.default_request.emplace(name, amount);
    }
    range.items.push_back(std::move(item));
  });
  return range;
}

ResourceQuota parse_resource_quota(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kRootFields);
  const Fields spec = root.map("spec");
  const Fields status = root.map("status");
  const Fields selector = spec.map("scopeSelector");
  spec.only(kQuotaFields);
  ResourceQuota quota;
  quota.object = object;
  quota.hard = spec.resources("hard");
  quota.used = status.resources("used");
  quota.scopes = spec.texts("scopes");
  selector.each("matchExpressions", [&](const Fields& match) { quota.scopes.push_back(match.text("scopeName")); });
  return quota;
}

PriorityClass parse_priority_class(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  PriorityClass priority;
  priority.object = object;
  root.require("value");
  priority.value = root.integer_or("value", 0);
  priority.global_default = root.flag("globalDefault");
  priority.preempts = root.text("preemptionPolicy") != "Never";
  return priority;
}

}  // namespace gantry::kube

#include "launch/checks/references/references.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace gantry::launch {

using base::Finding;
using kube::HorizontalPodAutoscaler;
using kube::PodDisruptionBudget;
using kube::RoleBinding;

namespace {

void judge_autoscaler(const World& world, const HorizontalPodAutoscaler& autoscaler, std::vector<Finding>& findings) {
  const kube::ObjectId target{autoscaler.target_group, autoscaler.target_kind, autoscaler.name_space(),
                              autoscaler.target_name};
  if (world.snapshot().find(target)) return;
  std::vector<std::string_view> known;
  for (const kube::Workload& workload : kube::in_namespace(world.snapshot()->workloads, autoscaler.name_space()))
    if (workload.object.id.kind == target.kind) known.push_back(workload.name());
  const std::string name = to_string(autoscaler.object.id);
  findings.push_back(make_finding("ref.scale-target-missing", name, autoscaler.target_where,
                                  fmt::format("{} scales {}, which is not there", name, to_string(target)),
                                  nearest_fix(target.name, known, "name the workload that it is to scale")));
}

void judge_budget(const World& world, const PodDisruptionBudget& budget, std::vector<Finding>& findings) {
  const std::span<const PodClass> candidates = in_namespace(world.pods(), budget.name_space());
  const std::string name = to_string(budget.object.id);
  if (budget.selector && !select(candidates, *budget.selector).empty()) return;
  constexpr std::string_view kFix = "make the selector equal to the labels of the pod template";
  if (!budget.selector) {
    findings.push_back(make_finding("ref.budget-selects-nothing", name, budget.object.pos(),
                                    fmt::format("{} has no selector, so it selects nothing", name), std::string(kFix)));
    return;
  }
  findings.push_back(make_finding(
      "ref.budget-selects-nothing", name, budget.selector_where,
      fmt::format("{} selects {}, and no pod of {} matches", name, to_string(*budget.selector), budget.name_space()),
      hinted_fix(*budget.selector, with_labels(candidates), kFix)));
}

// ---- Role bindings

// ClusterRoles that the control plane makes (Kubernetes: RBAC, user-facing and core component roles).
constexpr std::array<std::string_view, 4> kGivenRoles = {"admin", "cluster-admin", "edit", "view"};

bool is_given_role(std::string_view name) {
  return name.starts_with("system:") || std::ranges::find(kGivenRoles, name) != kGivenRoles.end();
}

void judge_role(const World& world, const RoleBinding& binding, std::vector<Finding>& findings) {
  const bool is_cluster_role = binding.role_kind == "ClusterRole";
  if (is_cluster_role && is_given_role(binding.role_name)) return;
  const std::string_view name_space =
      is_cluster_role ? std::string_view() : std::string_view(binding.object.id.name_space);
  if (kube::find_named(world.snapshot()->roles, name_space, binding.role_name)) return;
  std::vector<std::string_view> known;
  for (const kube::Role& role : kube::in_namespace(world.snapshot()->roles, name_space))
    known.push_back(role.object.id.name);
  const std::string name = to_string(binding.object.id);
  findings.push_back(
      make_finding("ref.role-missing", name, binding.role_where,
                   fmt::format("{} binds {} {}, which is not there", name, binding.role_kind, binding.role_name),
                   nearest_fix(binding.role_name, known, "add the role")));
}

void judge_subjects(const World& world, const RoleBinding& binding, std::vector<Finding>& findings) {
  const std::string name = to_string(binding.object.id);
  for (const kube::AccessSubject& subject : binding.subjects) {
    if (subject.kind != "ServiceAccount" || subject.name == "default" || World::is_given_namespace(subject.name_space))
      continue;
    if (kube::find_named(world.snapshot()->service_accounts, subject.name_space, subject.name)) continue;
    std::vector<std::string_view> known;
    for (const kube::ServiceAccount& account :
         kube::in_namespace(world.snapshot()->service_accounts, subject.name_space))
      known.push_back(account.object.id.name);
    findings.push_back(make_finding("ref.subject-missing", name, subject.where,
                                    fmt::format("{} grants rights to ServiceAccount {}/{}, which is not there", name,
                                                subject.name_space, subject.name),
                                    nearest_fix(subject.name, known, "add the ServiceAccount, or remove the subject")));
  }
}

}  // namespace

void judge_targets(const World& world, const kube::Snapshot& judged, std::vector<Finding>& findings) {
  for (const HorizontalPodAutoscaler& autoscaler : judged->autoscalers) judge_autoscaler(world, autoscaler, findings);
  for (const PodDisruptionBudget& budget : judged->disruption_budgets) judge_budget(world, budget, findings);
}

void judge_access(const World& world, const kube::Snapshot& judged, std::vector<Finding>& findings) {
  for (const RoleBinding& binding : judged->role_bindings) {
    judge_role(world, binding, findings);
    judge_subjects(world, binding, findings);
  }
}

void judge_namespaces(const World& world, const kube::Snapshot& judged, std::vector<Finding>& findings) {
  std::vector<std::string_view> defined;
  for (const kube::Namespace& name_space : world.snapshot()->namespaces)
    if (name_space.defined) defined.push_back(name_space.name());
  std::set<std::string_view> reported;
  for (const kube::Object& object : judged->objects) {
    const std::string& name = object.id.name_space;
    if (name.empty() || World::is_given_namespace(name) || std::ranges::find(defined, name) != defined.end()) continue;
    if (!reported.insert(name).second) continue;
    findings.push_back(make_finding("ref.namespace-missing", fmt::format("Namespace {}", name),
                                    position_of(object, "metadata", "namespace"),
                                    fmt::format("objects are in namespace {}, which no manifest defines", name),
                                    nearest_fix(name, defined, "add the Namespace, so that its labels are known too")));
  }
}

}  // namespace gantry::launch

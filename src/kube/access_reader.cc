// Service accounts, roles and bindings: Kubernetes API reference, core/v1 and rbac.authorization.k8s.io/v1.

#include "kube/readers.h"

#include <fmt/format.h>

#include <array>

namespace gantry::kube {

namespace {

constexpr std::string_view kAccountFields[] = {
    "apiVersion", "automountServiceAccountToken", "imagePullSecrets", "kind", "metadata", "secrets"};
constexpr std::string_view kRoleFields[] = {"aggregationRule", "apiVersion", "kind", "metadata", "rules"};
constexpr std::string_view kRuleFields[] = {"apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs"};
constexpr std::string_view kBindingFields[] = {"apiVersion", "kind", "metadata", "roleRef", "subjects"};

constexpr std::array<Choice<std::string_view>, 3> kSubjectKinds = {{
    {"ServiceAccount", "ServiceAccount"},
    {"User", "User"},
    {"Group", "Group"},
}};
constexpr std::array<Choice<std::string_view>, 2> kRoleKinds = {{{"Role", "Role"}, {"ClusterRole", "ClusterRole"}}};

AccessSubject parse_subject(const Fields& fields) {
  fields.require("kind");
  fields.require("name");
  AccessSubject subject;
  subject.kind = fields.choice<std::string_view>("kind", kSubjectKinds).value_or("");
  subject.name = fields.text("name");
  subject.name_space = fields.text("namespace");
  subject.where = fields.pos();
  if (subject.kind == "ServiceAccount" && subject.name_space.empty()) fields.require("namespace");
  return subject;
}

}  // namespace

ServiceAccount parse_service_account(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kAccountFields);
  ServiceAccount account;
  account.object = object;
  account.automount_token = root.optional_flag("automountServiceAccountToken");
  root.each("imagePullSecrets", [&](const Fields& ref) { account.image_pull_secrets.push_back(ref.text("name")); });
  root.each("secrets", [&](const Fields& ref) { account.secrets.push_back(ref.text("name")); });
  return account;
}

Role parse_role(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kRoleFields);
  Role role;
  role.object = object;
  role.aggregated = root.has("aggregationRule");
  root.each("rules", [&](const Fields& rule) {
    rule.only(kRuleFields);
    role.rules.push_back({.api_groups = rule.texts("apiGroups"),
                          .resources = rule.texts("resources"),
                          .resource_names = rule.texts("resourceNames"),
                          .non_resource_urls = rule.texts("nonResourceURLs"),
                          .verbs = rule.texts("verbs"),
                          .where = rule.pos()});
    if (role.rules.back().verbs.empty()) rule.reject("verbs", "must hold at least one verb");
  });
  return role;
}

RoleBinding parse_role_binding(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kBindingFields);
  const Fields role = root.map("roleRef");
  RoleBinding binding;
  binding.object = object;
  root.require("roleRef");
  if (role.present()) role.require("name");
  binding.role_kind = role.choice<std::string_view>("kind", kRoleKinds).value_or("Role");
  binding.role_name = role.text("name");
  binding.role_where = role.pos();
  if (object.id.kind == "ClusterRoleBinding" && role.present() && binding.role_kind != "ClusterRole") {
    role.reject("kind", "must be ClusterRole in a ClusterRoleBinding");
  }
  root.each("subjects", [&](const Fields& subject) { binding.subjects.push_back(parse_subject(subject)); });
  return binding;
}

}  // namespace gantry::kube

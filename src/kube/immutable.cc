#include "kube/immutable.h"

#include <fmt/format.h>

#include <string_view>

namespace gantry::kube {

using base::Node;

namespace {

// Fields that the API server lets nobody change (pkg/apis/*/validation).
struct ImmutableField {
  std::string_view group;
  std::string_view kind;
  std::string_view section;  // "spec", or "" for the top
  std::string_view field;
};
constexpr ImmutableField kImmutable[] = {
    {"apps", "Deployment", "spec", "selector"},
    {"apps", "DaemonSet", "spec", "selector"},
    {"apps", "ReplicaSet", "spec", "selector"},
    {"apps", "StatefulSet", "spec", "selector"},
    {"apps", "StatefulSet", "spec", "serviceName"},
    {"apps", "StatefulSet", "spec", "podManagementPolicy"},
    {"apps", "StatefulSet", "spec", "volumeClaimTemplates"},
    {"batch", "Job", "spec", "template"},
    {"batch", "Job", "spec", "selector"},
    {"batch", "Job", "spec", "completionMode"},
    {"rbac.authorization.k8s.io", "RoleBinding", "", "roleRef"},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", "", "roleRef"},
    {"storage.k8s.io", "StorageClass", "", "provisioner"},
    {"storage.k8s.io", "StorageClass", "", "parameters"},
    {"", "PersistentVolumeClaim", "spec", "storageClassName"},
    {"", "PersistentVolumeClaim", "spec", "accessModes"},
    {"", "Secret", "", "type"},
};

const Node* find_field(const Node& document, std::string_view section, std::string_view field) {
  return section.empty() ? document.find(field) : document.find(section, field);
}

bool equal(const Node* a, const Node* b) {
  const bool a_empty = a == nullptr || a->is_null();
  const bool b_empty = b == nullptr || b->is_null();
  return a_empty || b_empty ? a_empty == b_empty : *a == *b;
}

}  // namespace

std::optional<std::string> find_immutable_difference(const ObjectId& id, const Node& first, const Node& second) {
  for (const ImmutableField& row : kImmutable) {
    if (row.group != id.group || row.kind != id.kind) continue;
    if (!equal(find_field(first, row.section, row.field), find_field(second, row.section, row.field)))
      return fmt::format("{}{}{}", row.section, row.section.empty() ? "" : ".", row.field);
  }
  return std::nullopt;
}

}  // namespace gantry::kube

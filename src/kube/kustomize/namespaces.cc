#include "kube/kustomize/namespaces.h"

#include "kube/kustomize/field_spec.h"
#include "kube/kustomize/lint.h"

#include <fmt/format.h>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

constexpr FieldSpec kMetadataNamespace{"metadata/namespace", true};
// Of core objects only: another group may have a kind Namespace too.
constexpr FieldSpec kNamespaceName{"metadata/name", true, "Namespace"};
constexpr std::string_view kCoreVersion = "v1";
constexpr FieldSpec kServiceNamespaces[] = {
    {"spec/service/namespace", true, "APIService", "apiregistration.k8s.io"},
    {"spec/conversion/webhook/clientConfig/service/namespace", false, "CustomResourceDefinition",
     "apiextensions.k8s.io"},
};

Result<void> set_string(Resource& resource, const FieldSpec& spec, const Text& value) {
  return visit_field(resource, spec, Leaf::scalar, value.pos, [&](Node& node) -> Result<void> {
    if (node.is_map() || node.is_array()) {
      return base::input_error(fmt::format("{} is a {}, and must be a string", spec.path, to_string(node.kind())),
                               node.pos());
    }
    node = Node(value.value, value.pos);
    return {};
  });
}

// Subjects named "default" move along. Those that refer to a ServiceAccount of this build follow with the name references.
Result<void> move_default_subjects(Resource& binding, const Text& name_space) {
  Node* subjects = binding.tree.get("subjects");
  if (!subjects || subjects->is_null()) return {};
  if (!subjects->is_array()) return base::input_error("subjects is no list", subjects->pos());
  for (Node& subject : subjects->array()) {
    if (subject.text("name") == "default")
      subject.set("namespace", Node(name_space.value, name_space.pos), name_space.pos);
  }
  return {};
}

Result<void> move_resource(Resource& resource, const Text& name_space) {
  store_identity(resource);
  const GroupVersionKind gvk = gvk_of(resource);
  if (!is_cluster_scoped(resource)) TRY(set_string(resource, kMetadataNamespace, name_space));
  if (gvk.kind == "RoleBinding" || gvk.kind == "ClusterRoleBinding") TRY(move_default_subjects(resource, name_space));
  if (applies_to(kNamespaceName, gvk) && api_version_of(resource) == kCoreVersion)
    TRY(set_string(resource, kNamespaceName, name_space));
  for (const FieldSpec& spec : kServiceNamespaces) {
    if (applies_to(spec, gvk)) TRY(set_string(resource, spec, name_space));
  }
  return {};
}

}  // namespace

Result<void> apply_namespace(Build& build, Resources& resources, const Kustomization& kustomization) {
  const Text& name_space = kustomization.name_space;
  if (name_space.empty()) return {};
  for (Resource& resource : resources) {
    TRY(with_context(move_resource(resource, name_space),
                     fmt::format("while moving {} to namespace {}", describe(resource), name_space.value)));
    lint_moved(build, resource, name_space);
  }
  return check_unique(resources, fmt::format(" after all objects were moved to namespace {}", name_space.value));
}

}  // namespace gantry::kube::kustomize

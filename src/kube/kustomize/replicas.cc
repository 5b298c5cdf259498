#include "kube/kustomize/replicas.h"

#include "kube/kustomize/field_spec.h"
#include "kube/kustomize/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

constexpr std::array<std::string_view, 4> kScaledKinds = {"Deployment", "ReplicationController", "ReplicaSet",
                                                          "StatefulSet"};

// Under any name and kind that the object has or had.
bool is_named(const Resource& resource, std::string_view name, std::string_view kind) {
  if (kind_of(resource) == kind && name_of(resource) == name) return true;
  return std::ranges::any_of(resource.previous,
                             [&](const Resource::Identity& id) { return id.name == name && id.kind == kind; });
}

Result<void> set_replicas(Build& build, Resource& resource, std::string_view kind, const ReplicaEntry& entry) {
  const FieldSpec spec{"spec/replicas", true, kind};
  if (!applies_to(spec, gvk_of(resource))) return {};
  return visit_field(resource, spec, Leaf::scalar, entry.pos, [&build, &entry](Node& replicas) -> Result<void> {
    if (replicas.is_map() || replicas.is_array()) {
      return base::input_error(fmt::format("spec.replicas is a {}", to_string(replicas.kind())), replicas.pos(),
                               "write a number");
    }
    const bool stays_quoted = replicas.is_string() && !replicas.string().empty() && build.written.is_quoted(replicas);
    replicas = stays_quoted ? Node(fmt::format("{}", entry.count), entry.pos) : Node(entry.count, entry.pos);
    return {};
  });
}

}  // namespace

Result<void> apply_replicas(Build& build, Resources& resources, const Kustomization& kustomization) {
  for (const ReplicaEntry& entry : kustomization.replicas) {
    bool found = false;
    for (const std::string_view kind : kScaledKinds) {
      for (Resource& resource : resources) {
        if (!is_named(resource, entry.name.value, kind)) continue;
        found = true;
        TRY(with_context(set_replicas(build, resource, kind, entry),
                         fmt::format("while applying {} to {}", entry.field, describe(resource))));
      }
    }
    if (found) continue;
    return base::input_error(fmt::format("{} names \"{}\", and no {} has that name", entry.field, entry.name.value,
                                         fmt::join(kScaledKinds, ", ")),
                             entry.name.pos.file ? entry.name.pos : entry.pos, "correct the name, or remove the entry");
  }
  return {};
}

}  // namespace gantry::kube::kustomize

#include "kube/kustomize/names.h"

#include <algorithm>
#include <iterator>

namespace gantry::kube::kustomize {

namespace {

// Kinds whose names mean something outside the build.
struct KeptName {
  std::string_view group;
  std::string_view kind;
};
constexpr KeptName kKeptNames[] = {
    {"", "CustomResourceDefinition"},
    {"apiregistration.k8s.io", "APIService"},
    {"", "Namespace"},
};

bool keeps_name(const Resource& resource) {
  const ResourceId original = original_id(resource);
  return std::any_of(std::begin(kKeptNames), std::end(kKeptNames),
                     [&](const KeptName& kept) { return is_selected(original.gvk, kept.group, "", kept.kind); });
}

}  // namespace

void apply_name_prefix(Resources& resources, const Kustomization& kustomization) {
  const Text& prefix = kustomization.name_prefix;
  if (prefix.empty()) return;
  for (Resource& resource : resources) {
    if (keeps_name(resource)) continue;
    resource.prefixes.push_back(prefix.value);
    store_identity(resource);
    set_metadata(resource, "name", prefix.value + name_of(resource));
  }
}

void apply_name_suffix(Resources& resources, const Kustomization& kustomization) {
  const Text& suffix = kustomization.name_suffix;
  if (suffix.empty()) return;
  for (Resource& resource : resources) {
    if (keeps_name(resource)) continue;
    resource.suffixes.push_back(suffix.value);
    store_identity(resource);
    set_metadata(resource, "name", name_of(resource) + suffix.value);
  }
}

}  // namespace gantry::kube::kustomize

#include "kube/kustomize/labels.h"

#include "kube/kustomize/field_spec.h"
#include "kube/kustomize/lint.h"
#include "kube/kustomize/shared_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

constexpr FieldSpec kMetadataLabels{"metadata/labels", true};

// Where plain labels go when templates are included.
constexpr FieldSpec kTemplateLabels[] = {
    {"spec/template/metadata/labels", true, "ReplicationController", "", "v1"},
    {"spec/template/metadata/labels", true, "Deployment"},
    {"spec/template/metadata/labels", true, "ReplicaSet"},
    {"spec/template/metadata/labels", true, "DaemonSet"},
    {"spec/template/metadata/labels", true, "StatefulSet", "apps"},
    {"spec/volumeClaimTemplates[]/metadata/labels", true, "StatefulSet", "apps"},
    {"spec/template/metadata/labels", true, "Job", "batch"},
    {"spec/jobTemplate/metadata/labels", true, "CronJob", "batch"},
    {"spec/jobTemplate/spec/template/metadata/labels", true, "CronJob", "batch"},
};

// And when selectors are included. Without `create`, an absent or empty selector stays as it is.
constexpr FieldSpec kSelectorLabels[] = {
    {"spec/selector", true, "Service", "", "v1"},
    {"spec/selector", true, "ReplicationController", "", "v1"},
    {"spec/selector/matchLabels", true, "Deployment"},
    {"spec/selector/matchLabels", true, "ReplicaSet"},
    {"spec/selector/matchLabels", true, "DaemonSet"},
    {"spec/selector/matchLabels", true, "StatefulSet", "apps"},
    {"spec/selector/matchLabels", false, "Job", "batch"},
    {"spec/jobTemplate/spec/selector/matchLabels", false, "CronJob", "batch"},
    {"spec/selector/matchLabels", false, "PodDisruptionBudget", "policy"},
    {"spec/podSelector/matchLabels", false, "NetworkPolicy", "networking.k8s.io"},
    {"spec/ingress/from/podSelector/matchLabels", false, "NetworkPolicy", "networking.k8s.io"},
    {"spec/egress/to/podSelector/matchLabels", false, "NetworkPolicy", "networking.k8s.io"},
};

// Selectors inside the pod template, of Deployments and StatefulSets only.
constexpr std::string_view kPodSelectorPaths[] = {
    "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/"
    "labelSelector/matchLabels",
    "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/"
    "labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/"
    "matchLabels",
    "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
};
constexpr std::string_view kKindsWithPodSelectors[] = {"Deployment", "StatefulSet"};

constexpr FieldSpec kAnnotations[] = {
    {"metadata/annotations", true},
    {"spec/template/metadata/annotations", true, "ReplicationController", "", "v1"},
    {"spec/template/metadata/annotations", true, "Deployment"},
    {"spec/template/metadata/annotations", true, "ReplicaSet"},
    {"spec/template/metadata/annotations", true, "DaemonSet"},
    {"spec/template/metadata/annotations", true, "StatefulSet"},
    {"spec/template/metadata/annotations", true, "Job", "batch"},
    {"spec/jobTemplate/metadata/annotations", true, "CronJob", "batch"},
    {"spec/jobTemplate/spec/template/metadata/annotations", true, "CronJob", "batch"},
};

std::vector<FieldSpec> selector_fields() {
  std::vector<FieldSpec> fields(std::begin(kSelectorLabels), std::end(kSelectorLabels));
  for (const std::string_view kind : kKindsWithPodSelectors) {
    for (const std::string_view path : kPodSelectorPaths) fields.push_back({path, false, kind, "apps"});
  }
  return fields;
}

// Adds a built-in field unless one of the entry's own covers it. Errors: the two disagree on `create`.
Result<void> merge_field(std::vector<FieldSpec>& fields, const FieldSpec& added, const LabelEntry& entry) {
  const auto covering = std::ranges::find_if(fields, [&](const FieldSpec& field) {
    return field.path == added.path && (added.group.empty() || added.group == field.group) &&
           (added.version.empty() || added.version == field.version) &&
           (added.kind.empty() || added.kind == field.kind);
  });
  if (covering == fields.end()) {
    fields.push_back(added);
    return {};
  }
  if (covering->create == added.create) return {};
  return base::input_error(
      fmt::format("{}.fields names {} with create: {}, and kustomize itself has it with create: {}", entry.field,
                  covering->path, covering->create, added.create),
      entry.pos, "remove the field: it is labelled anyway");
}

Result<std::vector<FieldSpec>> fields_of(const LabelEntry& entry) {
  std::vector<FieldSpec> fields;
  for (const CustomField& field : entry.fields) {
    if (field.path.empty())
      return base::input_error(fmt::format("{}.fields has an entry without a path", entry.field), entry.pos);
    fields.push_back({field.path, field.create, field.kind, field.group, field.version});
  }
  if (entry.include_selectors) {
    for (const FieldSpec& field : selector_fields()) TRY(merge_field(fields, field, entry));
  }
  if (entry.include_selectors || entry.include_templates) {
    for (const FieldSpec& field : kTemplateLabels) TRY(merge_field(fields, field, entry));
  }
  TRY(merge_field(fields, kMetadataLabels, entry));
  return fields;
}

// Sets one pair in every field of one object. The places that get the key new share its value (shared_values.h).
class PairSetter {
 public:
  PairSetter(Resource& resource, const std::string& key, const Text& value)
      : resource_(resource), key_(key), value_(value) {}

  Result<void> set_in(const FieldSpec& spec) {
    return visit_field(resource_, spec, Leaf::map, value_.pos, [this](Node& map) { return set_in_map(map); });
  }
  // Whether a place changed that no field names, because it shares its value with one that is named.
  bool changed_more_than_named() const { return sharing_places_ > existing_places_; }

 private:
  Result<void> set_in_map(Node& map) {
    if (map.is_null()) return {};
    if (!map.is_map()) {
      return base::input_error(fmt::format("{} cannot be set in a {}", key_, to_string(map.kind())), map.pos(),
                               "write a map here");
    }
    if (Node* existing = map.get(key_)) {
      const bool changes = scalar_text(*existing) != value_.value;
      const std::size_t others = assign_shared(resource_, *existing, Node(value_.value, value_.pos));
      ++existing_places_;
      if (changes) sharing_places_ = std::max(sharing_places_, 1 + others);
      return {};
    }
    if (!cell_) cell_ = make_cell(resource_, value_.pos);
    map.set(key_, Node(value_.value, *cell_), value_.pos);
    return {};
  }

  Resource& resource_;
  const std::string& key_;
  const Text& value_;
  std::optional<base::SourcePos> cell_;
  std::size_t existing_places_ = 0;
  std::size_t sharing_places_ = 0;
};

Result<void> set_pairs(Build& build, Resource& resource, const TextMap& pairs, std::span<const FieldSpec> fields) {
  const GroupVersionKind gvk = gvk_of(resource);
  for (const auto& [key, value] : pairs) {
    PairSetter setter(resource, key, value);
    for (const FieldSpec& spec : fields) {
      if (applies_to(spec, gvk)) TRY(setter.set_in(spec));
    }
    if (setter.changed_more_than_named()) warn_shared_value(build, resource, key, value.pos);
  }
  return {};
}

Result<void> apply_entry(Build& build, Resources& resources, const LabelEntry& entry) {
  const std::vector<FieldSpec> fields = TRY(fields_of(entry));
  for (Resource& resource : resources) {
    if (entry.include_selectors) lint_selectors(build, resource, entry);
    TRY(with_context(set_pairs(build, resource, entry.pairs, fields),
                     fmt::format("while applying {} to {}", entry.field, describe(resource))));
  }
  return {};
}

}  // namespace

Result<void> apply_labels(Build& build, Resources& resources, const Kustomization& kustomization) {
  for (const LabelEntry& entry : kustomization.labels) TRY(apply_entry(build, resources, entry));
  if (kustomization.common_labels.empty()) return {};
  LabelEntry common;
  common.pairs = kustomization.common_labels;
  common.include_selectors = true;
  common.pos = kustomization.common_labels.begin()->second.pos;
  common.field = "commonLabels";
  return apply_entry(build, resources, common);
}

Result<void> apply_annotations(Build& build, Resources& resources, const Kustomization& kustomization) {
  if (kustomization.common_annotations.empty()) return {};
  for (Resource& resource : resources) {
    TRY(with_context(set_pairs(build, resource, kustomization.common_annotations, kAnnotations),
                     fmt::format("while applying commonAnnotations to {}", describe(resource))));
  }
  return {};
}

}  // namespace gantry::kube::kustomize

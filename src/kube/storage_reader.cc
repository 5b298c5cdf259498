// Claims, volumes and storage classes: Kubernetes API reference, core/v1 and storage.k8s.io/v1.

#include "kube/readers.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::kube {

namespace {

constexpr std::string_view kRootFields[] = {"apiVersion", "kind", "metadata", "spec", "status"};
constexpr std::string_view kClaimFields[] = {"accessModes",
                                             "dataSource",
                                             "dataSourceRef",
                                             "resources",
                                             "selector",
                                             "storageClassName",
                                             "volumeAttributesClassName",
                                             "volumeMode",
                                             "volumeName"};
static_assert(std::ranges::is_sorted(kClaimFields));

constexpr std::string_view kDefaultClassAnnotation = "storageclass.kubernetes.io/is-default-class";
constexpr std::string_view kOldDefaultClassAnnotation = "storageclass.beta.kubernetes.io/is-default-class";
constexpr std::string_view kClassAnnotation = "volume.beta.kubernetes.io/storage-class";

// What in a volume's spec does not say where it lives.
constexpr std::string_view kCommonVolumeFields[] = {"accessModes",      "capacity",
                                                    "claimRef",         "mountOptions",
                                                    "nodeAffinity",     "persistentVolumeReclaimPolicy",
                                                    "storageClassName", "volumeAttributesClassName",
                                                    "volumeMode"};
static_assert(std::ranges::is_sorted(kCommonVolumeFields));

constexpr Choice<bool> kBindingModes[] = {{"Immediate", false}, {"WaitForFirstConsumer", true}};

bool is_true(const Object& object, std::string_view annotation) {
  const std::string* value = object.annotations.find(annotation);
  return value != nullptr && *value == "true";
}

std::string storage_type(const Fields& spec) {
  if (!spec.present()) return {};
  for (const base::Node::Member& member : spec.node()->map()) {
    const bool common = std::ranges::binary_search(kCommonVolumeFields, std::string_view(member.key));
    if (!common && member.value.is_map()) return member.key;
  }
  return {};
}

}  // namespace

void parse_claim_spec(const Fields& spec, PersistentVolumeClaim& claim) {
  spec.only(kClaimFields);
  const Fields resources = spec.map("resources");
  const Fields requests = resources.map("requests");
  claim.storage_class = spec.optional_text("storageClassName");
  if (const std::string* annotated = claim.object.annotations.find(kClassAnnotation)) claim.storage_class = *annotated;
  claim.access_modes = spec.texts("accessModes");
  claim.volume = spec.text("volumeName");
  claim.volume_mode = spec.text("volumeMode", "Filesystem");
  claim.request = requests.quantity("storage");
  claim.selector = spec.selector("selector");
  if (claim.access_modes.empty()) spec.reject("accessModes", "must hold at least one mode");
  if (!claim.request && !requests.has("storage")) requests.require("storage");
}

PersistentVolumeClaim parse_volume_claim(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kRootFields);
  const Fields spec = root.map("spec");
  const Fields status = root.map("status");
  PersistentVolumeClaim claim;
  claim.object = object;
  parse_claim_spec(spec, claim);
  if (object.origin == Origin::live) claim.phase = status.text("phase");
  return claim;
}

PersistentVolume parse_volume_object(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kRootFields);
  const Fields spec = root.map("spec");
  const Fields status = root.map("status");
  const Fields capacity = spec.map("capacity");
  const Fields claim = spec.map("claimRef");
  const Fields affinity = spec.map("nodeAffinity");
  const Fields required = affinity.map("required");
  PersistentVolume volume;
  volume.object = object;
  volume.storage_class = spec.text("storageClassName");
  volume.access_modes = spec.texts("accessModes");
  volume.capacity = capacity.quantity("storage");
  volume.claim_namespace = claim.text("namespace");
  volume.claim_name = claim.text("name");
  volume.reclaim_policy = spec.text("persistentVolumeReclaimPolicy", "Retain");
  if (required.present()) volume.node_required = parse_node_terms(required, "nodeSelectorTerms");
  volume.type = storage_type(spec);
  if (object.origin == Origin::live) volume.phase = status.text("phase");
  return volume;
}

StorageClass parse_storage_class(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  StorageClass storage;
  storage.object = object;
  root.require("provisioner");
  storage.provisioner = root.text("provisioner");
  storage.is_default = is_true(object, kDefaultClassAnnotation) || is_true(object, kOldDefaultClassAnnotation);
  storage.waits_for_consumer = root.choice<bool>("volumeBindingMode", kBindingModes).value_or(false);
  storage.reclaim_policy = root.text("reclaimPolicy", "Delete");
  root.each("allowedTopologies", [&](const Fields& topology) {
    NodeSelectorTerm term;
    term.where = topology.pos();
    topology.each("matchLabelExpressions", [&](const Fields& expression) {
      term.expressions.push_back(
          {.key = expression.text("key"), .op = NodeOperator::in, .values = expression.texts("values")});
    });
    storage.allowed_topologies.push_back(std::move(term));
  });
  return storage;
}

}  // namespace gantry::kube

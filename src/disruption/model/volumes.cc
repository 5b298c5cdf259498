// What a volume pins a pod to (disruption reference, §7): a bound volume says so itself; for one that does not exist yet the
// storage class does, and where nothing does, a ReadWriteOnce volume is taken as bound to its zone.

#include "disruption/model/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::disruption {

namespace {

// Provisioners that make volumes on the node itself, and the classes that come with them in small clusters.
constexpr std::array<std::string_view, 6> kNodeProvisioners = {
    "rancher.io/local-path",    "kubernetes.io/no-provisioner",
    "k8s.io/minikube-hostpath", "microk8s.io/hostpath",
    "openebs.io/local",         "docker.io/hostpath"};

const kube::StorageClass* class_of(const kube::Snapshot& snapshot, const kube::PersistentVolumeClaim& claim) {
  for (const kube::StorageClass& each : snapshot->storage_classes)
    if (claim.storage_class ? each.object.id.name == *claim.storage_class : each.is_default) return &each;
  return nullptr;
}

bool is_shared(const kube::PersistentVolumeClaim& claim) {
  return std::ranges::any_of(claim.access_modes,
                             [](const std::string& mode) { return mode == "ReadWriteMany" || mode == "ReadOnlyMany"; });
}

Pin pin_of(const kube::Snapshot& snapshot, const kube::PersistentVolumeClaim& claim) {
  if (is_shared(claim)) return Pin::none;
  const kube::StorageClass* storage = class_of(snapshot, claim);
  const bool on_node = storage && std::ranges::find(kNodeProvisioners, storage->provisioner) != kNodeProvisioners.end();
  return on_node ? Pin::node : Pin::zone;
}

// A volume that names its machine is on that machine's disk.
bool names_its_node(const kube::PersistentVolume& volume) {
  return std::ranges::any_of(*volume.node_required, [](const kube::NodeSelectorTerm& term) {
    return std::ranges::any_of(term.expressions, [](const kube::NodeRequirement& requirement) {
      return requirement.key == "kubernetes.io/hostname";
    });
  });
}

void narrow(Model& model, const kube::PersistentVolume& volume, Kind& kind) {
  if (!volume.node_required) return;
  if (names_its_node(volume)) kind.pin = Pin::node;
  NodeSet set = model.node_sets[kind.allowed];
  for (std::size_t node = 0; node < model.nodes.size(); ++node)
    if (!kube::matches_any(*volume.node_required, model.nodes[node]))
      set[node / 64] &= ~(std::uint64_t{1} << (node % 64));
  kind.allowed = intern_node_set(model, std::move(set));
}

void apply(Model& model, const kube::PersistentVolumeClaim& claim, Kind& kind) {
  const kube::PersistentVolume* volume = kube::find_named(model.snapshot->volumes, "", claim.volume);
  if (volume != nullptr) return narrow(model, *volume, kind);
  kind.pin = std::max(kind.pin, pin_of(model.snapshot, claim));
}

}  // namespace

void compile_volumes(Model& model, const kube::Pod& pod, const kube::PodSpec& spec, Kind& kind) {
  const auto apply_named = [&](const std::string& name) {
    const kube::PersistentVolumeClaim* claim = kube::find_named(model.snapshot->volume_claims, pod.name_space(), name);
    if (claim != nullptr) apply(model, *claim, kind);
    return claim != nullptr;
  };
  for (const kube::Volume& volume : spec.volumes)
    if (volume.source.kind == kube::VolumeKind::persistent_volume_claim) apply_named(volume.source.name);
  const std::optional<std::size_t> owner = model.workloads[kind.workload].kube_index;
  if (!owner) return;
  for (const kube::PersistentVolumeClaim& made : model.snapshot->workloads[*owner].claim_templates)
    if (!apply_named(fmt::format("{}-{}", made.object.id.name, pod.name()))) apply(model, made, kind);
}

}  // namespace gantry::disruption

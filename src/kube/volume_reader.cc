// Volumes of a pod: Kubernetes API reference, core/v1 Volume.

#include "kube/names.h"
#include "kube/readers.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::kube {

namespace {

struct VolumeType {
  std::string_view field;
  VolumeKind kind;
  std::string_view name_field;  // of the thing that it refers to; "" for none
};

// Every source of the API; sorted by field.
constexpr std::array<VolumeType, 30> kVolumeTypes = {{
    {"awsElasticBlockStore", VolumeKind::other, "volumeID"},
    {"azureDisk", VolumeKind::other, "diskName"},
    {"azureFile", VolumeKind::other, "secretName"},
    {"cephfs", VolumeKind::other, ""},
    {"cinder", VolumeKind::other, "volumeID"},
    {"configMap", VolumeKind::config_map, "name"},
    {"csi", VolumeKind::csi, "driver"},
    {"downwardAPI", VolumeKind::downward_api, ""},
    {"emptyDir", VolumeKind::empty_dir, ""},
    {"ephemeral", VolumeKind::ephemeral, ""},
    {"fc", VolumeKind::other, ""},
    {"flexVolume", VolumeKind::other, "driver"},
    {"flocker", VolumeKind::other, "datasetName"},
    {"gcePersistentDisk", VolumeKind::other, "pdName"},
    {"gitRepo", VolumeKind::other, "repository"},
    {"glusterfs", VolumeKind::other, "endpoints"},
    {"hostPath", VolumeKind::host_path, "path"},
    {"image", VolumeKind::image, "reference"},
    {"iscsi", VolumeKind::other, ""},
    {"nfs", VolumeKind::nfs, "server"},
    {"persistentVolumeClaim", VolumeKind::persistent_volume_claim, "claimName"},
    {"photonPersistentDisk", VolumeKind::other, "pdID"},
    {"portworxVolume", VolumeKind::other, "volumeID"},
    {"projected", VolumeKind::projected, ""},
    {"quobyte", VolumeKind::other, "volume"},
    {"rbd", VolumeKind::other, "image"},
    {"scaleIO", VolumeKind::other, "volumeName"},
    {"secret", VolumeKind::secret, "secretName"},
    {"storageos", VolumeKind::other, "volumeName"},
    {"vsphereVolume", VolumeKind::other, "volumePath"},
}};
static_assert(std::ranges::is_sorted(kVolumeTypes, {}, &VolumeType::field));

// Sources inside a projected volume: a Secret is called by `name` there.
constexpr std::array<VolumeType, 5> kProjectedTypes = {{
    {"clusterTrustBundle", VolumeKind::other, "name"},
    {"configMap", VolumeKind::config_map, "name"},
    {"downwardAPI", VolumeKind::downward_api, ""},
    {"secret", VolumeKind::secret, "name"},
    {"serviceAccountToken", VolumeKind::service_account_token, ""},
}};

VolumeSource parse_source(const Fields& source, const VolumeType& type) {
  VolumeSource out;
  out.kind = type.kind;
  out.type = std::string(type.field);
  out.where = source.pos();
  if (!type.name_field.empty()) out.name = source.text(type.name_field);
  out.optional = source.flag("optional");
  out.read_only = source.flag("readOnly");
  if (type.kind == VolumeKind::config_map || type.kind == VolumeKind::secret) {
    source.each("items", [&](const Fields& item) {
      item.require("key");
      item.require("path");
      out.items.push_back({.key = item.text("key"), .path = item.text("path")});
    });
  }
  if (type.kind == VolumeKind::empty_dir) {
    out.medium = source.text("medium");
    out.size_limit = source.quantity("sizeLimit");
  }
  return out;
}

const VolumeType* find_type(std::span<const VolumeType> types, std::string_view field) {
  const auto it = std::ranges::find(types, field, &VolumeType::field);
  return it == types.end() ? nullptr : &*it;
}

// The sources that are given; a field that is none of them is unknown.
std::vector<VolumeSource> parse_sources(const Fields& holder, std::span<const VolumeType> types) {
  std::vector<VolumeSource> sources;
  if (!holder.present()) return sources;
  for (const base::Node::Member& member : holder.node()->map()) {
    const VolumeType* type = find_type(types, member.key);
    if (type == nullptr || member.value.is_null()) continue;
    const Fields source = holder.map(type->field);
    if (source.present()) sources.push_back(parse_source(source, *type));
  }
  return sources;
}

template <std::size_t Count>
constexpr std::array<std::string_view, Count + 1> field_names(const std::array<VolumeType, Count>& types,
                                                              std::string_view also) {
  std::array<std::string_view, Count + 1> names;
  for (std::size_t i = 0; i < Count; ++i) names[i] = types[i].field;
  names[Count] = also;
  std::ranges::sort(names);
  return names;
}
constexpr auto kVolumeFields = field_names(kVolumeTypes, "name");
constexpr auto kProjectedFields = field_names(kProjectedTypes, "podCertificate");

}  // namespace

Volume parse_volume(const Fields& fields) {
  fields.only(kVolumeFields);
  Volume volume;
  volume.name = fields.text("name");
  if (const auto why = invalid_dns_label(volume.name)) {
    fields.reject("name", volume.name.empty() ? "is missing" : fmt::format("{} {}", quoted(volume.name), *why));
  }
  std::vector<VolumeSource> sources = parse_sources(fields, kVolumeTypes);
  if (sources.size() > 1)
    fields.reject({}, fmt::format("has two sources, {} and {}", sources[0].type, sources[1].type));
  if (sources.empty()) {
    // The API server makes an emptyDir of a volume without a source.
    volume.source.kind = VolumeKind::empty_dir;
    volume.source.where = fields.pos();
    return volume;
  }
  volume.source = std::move(sources.front());
  if (volume.source.kind != VolumeKind::projected) return volume;
  const Fields projected = fields.map("projected");
  projected.each("sources", [&](const Fields& source) {
    source.only(kProjectedFields);
    for (VolumeSource& one : parse_sources(source, kProjectedTypes)) volume.projected.push_back(std::move(one));
  });
  return volume;
}

}  // namespace gantry::kube

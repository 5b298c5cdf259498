#pragma once

// What kustomize 5.5 knows about Kubernetes' own kinds. Its schema is that of Kubernetes 1.21, compiled in: a kind or version
// that came later (autoscaling/v2, flowcontrol v1) is as unknown to it as a custom resource, and so it must be here.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace gantry::kube::kustomize {

// Whether the kind is known, and known to be cluster-scoped.
bool is_certainly_cluster_scoped(std::string_view api_version, std::string_view kind);

// The part of an object's schema that strategic merge needs: what leads to lists that merge by key. `opaque` leads to none.
enum class Shape : std::uint8_t {
  opaque,
  object,  // a kind with metadata and nothing else of interest
  metadata,
  with_status,
  status,
  workload,
  workload_spec,
  cron_job,
  cron_job_spec,
  job_template,
  pod,
  pod_spec,
  pod_status,
  pod_template,
  pod_template_object,
  container,
  ephemeral_container,
  volume,
  ephemeral_volume,
  service,
  service_spec,
  service_account,
  webhook_configuration,
  node,
  node_spec,
  node_status,
  csi_node,
  csi_node_spec,
  component_status,
};

// The shape of an object of this kind; opaque when the kind is unknown.
Shape shape_of(std::string_view api_version, std::string_view kind);

// How one field of a shape merges.
struct FieldShape {
  Shape parent = Shape::opaque;
  std::string_view field;
  Shape child = Shape::opaque;  // of the field, or of a merging list's elements
  bool merges_list = false;     // otherwise a map
  // The fields that identify an element; none: the elements are scalars and form a set.
  std::array<std::string_view, 2> keys = {};

  std::span<const std::string_view> merge_keys() const {
    return std::span(keys).first(keys[0].empty() ? 0U : keys[1].empty() ? 1U : 2U);
  }
};

// Null when nothing in or below the field merges by key.
const FieldShape* field_shape(Shape parent, std::string_view field);

}  // namespace gantry::kube::kustomize

#include "kube/kustomize/builtin_kinds.h"

#include <algorithm>

namespace gantry::kube::kustomize {

namespace {

enum class KindScope : std::uint8_t { namespaced, cluster };

struct BuiltinKind {
  std::string_view api_version;
  std::string_view kind;
  KindScope scope;
  Shape shape;
};

// The kinds of the Kubernetes 1.21 API that can stand in a manifest, with their merge shapes; sorted for the search.
constexpr BuiltinKind kKinds[] = {
    {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", KindScope::cluster,
     Shape::webhook_configuration},
    {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", KindScope::cluster,
     Shape::webhook_configuration},
    {"admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", KindScope::cluster,
     Shape::webhook_configuration},
    {"admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", KindScope::cluster,
     Shape::webhook_configuration},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", KindScope::cluster, Shape::object},
    {"apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", KindScope::cluster, Shape::object},
    {"apiregistration.k8s.io/v1", "APIService", KindScope::cluster, Shape::with_status},
    {"apiregistration.k8s.io/v1beta1", "APIService", KindScope::cluster, Shape::with_status},
    {"apps/v1", "ControllerRevision", KindScope::namespaced, Shape::object},
    {"apps/v1", "DaemonSet", KindScope::namespaced, Shape::workload},
    {"apps/v1", "Deployment", KindScope::namespaced, Shape::workload},
    {"apps/v1", "ReplicaSet", KindScope::namespaced, Shape::workload},
    {"apps/v1", "StatefulSet", KindScope::namespaced, Shape::workload},
    {"authentication.k8s.io/v1", "TokenRequest", KindScope::namespaced, Shape::object},
    {"authentication.k8s.io/v1", "TokenReview", KindScope::namespaced, Shape::object},
    {"authentication.k8s.io/v1beta1", "TokenReview", KindScope::namespaced, Shape::object},
    {"authorization.k8s.io/v1", "LocalSubjectAccessReview", KindScope::namespaced, Shape::object},
    {"authorization.k8s.io/v1", "SelfSubjectAccessReview", KindScope::namespaced, Shape::object},
    {"authorization.k8s.io/v1", "SelfSubjectRulesReview", KindScope::namespaced, Shape::object},
    {"authorization.k8s.io/v1", "SubjectAccessReview", KindScope::namespaced, Shape::object},
    {"authorization.k8s.io/v1beta1", "LocalSubjectAccessReview", KindScope::namespaced, Shape::object},
    {"authorization.k8s.io/v1beta1", "SelfSubjectAccessReview", KindScope::namespaced, Shape::object},
    {"authorization.k8s.io/v1beta1", "SelfSubjectRulesReview", KindScope::namespaced, Shape::object},
    {"authorization.k8s.io/v1beta1", "SubjectAccessReview", KindScope::namespaced, Shape::object},
    {"autoscaling/v1", "HorizontalPodAutoscaler", KindScope::namespaced, Shape::object},
    {"autoscaling/v1", "Scale", KindScope::namespaced, Shape::object},
    {"autoscaling/v2beta1", "HorizontalPodAutoscaler", KindScope::namespaced, Shape::object},
    {"autoscaling/v2beta2", "HorizontalPodAutoscaler", KindScope::namespaced, Shape::object},
    {"batch/v1", "CronJob", KindScope::namespaced, Shape::cron_job},
    {"batch/v1", "Job", KindScope::namespaced, Shape::workload},
    {"batch/v1beta1", "CronJob", KindScope::namespaced, Shape::cron_job},
    {"certificates.k8s.io/v1", "CertificateSigningRequest", KindScope::cluster, Shape::object},
    {"certificates.k8s.io/v1beta1", "CertificateSigningRequest", KindScope::cluster, Shape::object},
    {"coordination.k8s.io/v1", "Lease", KindScope::namespaced, Shape::object},
    {"coordination.k8s.io/v1beta1", "Lease", KindScope::namespaced, Shape::object},
    {"discovery.k8s.io/v1", "EndpointSlice", KindScope::namespaced, Shape::object},
    {"discovery.k8s.io/v1beta1", "EndpointSlice", KindScope::namespaced, Shape::object},
    {"events.k8s.io/v1", "Event", KindScope::namespaced, Shape::object},
    {"events.k8s.io/v1beta1", "Event", KindScope::namespaced, Shape::object},
    {"extensions/v1beta1", "Ingress", KindScope::namespaced, Shape::object},
    {"flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", KindScope::cluster, Shape::object},
    {"flowcontrol.apiserver.k8s.io/v1beta1", "PriorityLevelConfiguration", KindScope::cluster, Shape::object},
    {"networking.k8s.io/v1", "Ingress", KindScope::namespaced, Shape::object},
    {"networking.k8s.io/v1", "IngressClass", KindScope::cluster, Shape::object},
    {"networking.k8s.io/v1", "NetworkPolicy", KindScope::namespaced, Shape::object},
    {"networking.k8s.io/v1beta1", "Ingress", KindScope::namespaced, Shape::object},
    {"networking.k8s.io/v1beta1", "IngressClass", KindScope::cluster, Shape::object},
    {"node.k8s.io/v1", "RuntimeClass", KindScope::cluster, Shape::object},
    {"node.k8s.io/v1beta1", "RuntimeClass", KindScope::cluster, Shape::object},
    {"policy/v1", "PodDisruptionBudget", KindScope::namespaced, Shape::with_status},
    {"policy/v1beta1", "Eviction", KindScope::namespaced, Shape::object},
    {"policy/v1beta1", "PodDisruptionBudget", KindScope::namespaced, Shape::with_status},
    {"policy/v1beta1", "PodSecurityPolicy", KindScope::cluster, Shape::object},
    {"rbac.authorization.k8s.io/v1", "ClusterRole", KindScope::cluster, Shape::object},
    {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", KindScope::cluster, Shape::object},
    {"rbac.authorization.k8s.io/v1", "Role", KindScope::namespaced, Shape::object},
    {"rbac.authorization.k8s.io/v1", "RoleBinding", KindScope::namespaced, Shape::object},
    {"rbac.authorization.k8s.io/v1beta1", "ClusterRole", KindScope::cluster, Shape::object},
    {"rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", KindScope::cluster, Shape::object},
    {"rbac.authorization.k8s.io/v1beta1", "Role", KindScope::namespaced, Shape::object},
    {"rbac.authorization.k8s.io/v1beta1", "RoleBinding", KindScope::namespaced, Shape::object},
    {"scheduling.k8s.io/v1", "PriorityClass", KindScope::cluster, Shape::object},
    {"scheduling.k8s.io/v1beta1", "PriorityClass", KindScope::cluster, Shape::object},
    {"storage.k8s.io/v1", "CSIDriver", KindScope::cluster, Shape::object},
    {"storage.k8s.io/v1", "CSINode", KindScope::cluster, Shape::csi_node},
    {"storage.k8s.io/v1", "StorageClass", KindScope::cluster, Shape::object},
    {"storage.k8s.io/v1", "VolumeAttachment", KindScope::cluster, Shape::object},
    {"storage.k8s.io/v1beta1", "CSIDriver", KindScope::cluster, Shape::object},
    {"storage.k8s.io/v1beta1", "CSINode", KindScope::cluster, Shape::csi_node},
    {"storage.k8s.io/v1beta1", "CSIStorageCapacity", KindScope::namespaced, Shape::object},
    {"storage.k8s.io/v1beta1", "StorageClass", KindScope::cluster, Shape::object},
    {"storage.k8s.io/v1beta1", "VolumeAttachment", KindScope::cluster, Shape::object},
    {"v1", "Binding", KindScope::namespaced, Shape::object},
    {"v1", "ComponentStatus", KindScope::cluster, Shape::component_status},
    {"v1", "ConfigMap", KindScope::namespaced, Shape::object},
    {"v1", "Endpoints", KindScope::namespaced, Shape::object},
    {"v1", "Event", KindScope::namespaced, Shape::object},
    {"v1", "LimitRange", KindScope::namespaced, Shape::object},
    {"v1", "Namespace", KindScope::cluster, Shape::with_status},
    {"v1", "Node", KindScope::cluster, Shape::node},
    {"v1", "PersistentVolume", KindScope::cluster, Shape::object},
    {"v1", "PersistentVolumeClaim", KindScope::namespaced, Shape::with_status},
    {"v1", "Pod", KindScope::namespaced, Shape::pod},
    {"v1", "PodTemplate", KindScope::namespaced, Shape::pod_template_object},
    {"v1", "ReplicationController", KindScope::namespaced, Shape::workload},
    {"v1", "ResourceQuota", KindScope::namespaced, Shape::object},
    {"v1", "Secret", KindScope::namespaced, Shape::object},
    {"v1", "Service", KindScope::namespaced, Shape::service},
    {"v1", "ServiceAccount", KindScope::namespaced, Shape::service_account},
};

constexpr bool comes_before(const BuiltinKind& a, const BuiltinKind& b) {
  return a.api_version != b.api_version ? a.api_version < b.api_version : a.kind < b.kind;
}
static_assert(std::ranges::is_sorted(kKinds, comes_before));

const BuiltinKind* find_kind(std::string_view api_version, std::string_view kind) {
  const BuiltinKind wanted{api_version, kind, KindScope::namespaced, Shape::opaque};
  const auto* const it = std::ranges::lower_bound(kKinds, wanted, comes_before);
  return it != std::end(kKinds) && it->api_version == api_version && it->kind == kind ? it : nullptr;
}

// Kubernetes API reference 1.21: the fields with patch strategy "merge", and the fields that lead to them. Where the API names
// several list map keys (ports), kustomize uses all of them.
constexpr FieldShape kFields[] = {
    {Shape::metadata, "finalizers", Shape::opaque, true, {}},
    {Shape::metadata, "ownerReferences", Shape::opaque, true, {"uid"}},
    {Shape::status, "conditions", Shape::opaque, true, {"type"}},
    {Shape::with_status, "status", Shape::status},
    {Shape::workload, "spec", Shape::workload_spec},
    {Shape::workload, "status", Shape::status},
    {Shape::workload_spec, "template", Shape::pod_template},
    {Shape::cron_job, "spec", Shape::cron_job_spec},
    {Shape::cron_job_spec, "jobTemplate", Shape::job_template},
    {Shape::job_template, "spec", Shape::workload_spec},
    {Shape::pod, "spec", Shape::pod_spec},
    {Shape::pod, "status", Shape::pod_status},
    {Shape::pod_status, "conditions", Shape::opaque, true, {"type"}},
    {Shape::pod_status, "podIPs", Shape::opaque, true, {"ip"}},
    {Shape::pod_template, "spec", Shape::pod_spec},
    {Shape::pod_template_object, "template", Shape::pod_template},
    {Shape::pod_spec, "containers", Shape::container, true, {"name"}},
    {Shape::pod_spec, "initContainers", Shape::container, true, {"name"}},
    {Shape::pod_spec, "ephemeralContainers", Shape::ephemeral_container, true, {"name"}},
    {Shape::pod_spec, "volumes", Shape::volume, true, {"name"}},
    {Shape::pod_spec, "imagePullSecrets", Shape::opaque, true, {"name"}},
    {Shape::pod_spec, "hostAliases", Shape::opaque, true, {"ip"}},
    {Shape::pod_spec, "topologySpreadConstraints", Shape::opaque, true, {"topologyKey", "whenUnsatisfiable"}},
    {Shape::container, "env", Shape::opaque, true, {"name"}},
    {Shape::container, "ports", Shape::opaque, true, {"containerPort", "protocol"}},
    {Shape::container, "volumeMounts", Shape::opaque, true, {"mountPath"}},
    {Shape::container, "volumeDevices", Shape::opaque, true, {"devicePath"}},
    {Shape::ephemeral_container, "env", Shape::opaque, true, {"name"}},
    {Shape::ephemeral_container, "volumeMounts", Shape::opaque, true, {"mountPath"}},
    {Shape::ephemeral_container, "volumeDevices", Shape::opaque, true, {"devicePath"}},
    {Shape::volume, "ephemeral", Shape::ephemeral_volume},
    {Shape::ephemeral_volume, "volumeClaimTemplate", Shape::object},
    {Shape::service, "spec", Shape::service_spec},
    {Shape::service, "status", Shape::status},
    {Shape::service_spec, "ports", Shape::opaque, true, {"port", "protocol"}},
    {Shape::service_account, "secrets", Shape::opaque, true, {"name"}},
    {Shape::webhook_configuration, "webhooks", Shape::opaque, true, {"name"}},
    {Shape::node, "spec", Shape::node_spec},
    {Shape::node, "status", Shape::node_status},
    {Shape::node_spec, "podCIDRs", Shape::opaque, true, {}},
    {Shape::node_status, "conditions", Shape::opaque, true, {"type"}},
    {Shape::node_status, "addresses", Shape::opaque, true, {"type"}},
    {Shape::csi_node, "spec", Shape::csi_node_spec},
    {Shape::csi_node_spec, "drivers", Shape::opaque, true, {"name"}},
    {Shape::component_status, "conditions", Shape::opaque, true, {"type"}},
};

// Shapes that stand for something with metadata of its own.
constexpr Shape kWithMetadata[] = {
    Shape::object,          Shape::with_status,           Shape::workload,
    Shape::cron_job,        Shape::job_template,          Shape::pod,
    Shape::pod_template,    Shape::pod_template_object,   Shape::service,
    Shape::service_account, Shape::webhook_configuration, Shape::node,
    Shape::csi_node,        Shape::component_status,
};
constexpr FieldShape kMetadata{Shape::object, "metadata", Shape::metadata};

}  // namespace

bool is_certainly_cluster_scoped(std::string_view api_version, std::string_view kind) {
  const BuiltinKind* builtin = find_kind(api_version, kind);
  return builtin && builtin->scope == KindScope::cluster;
}

Shape shape_of(std::string_view api_version, std::string_view kind) {
  const BuiltinKind* builtin = find_kind(api_version, kind);
  return builtin ? builtin->shape : Shape::opaque;
}

const FieldShape* field_shape(Shape parent, std::string_view field) {
  if (parent == Shape::opaque) return nullptr;
  if (field == kMetadata.field)
    return std::ranges::find(kWithMetadata, parent) != std::end(kWithMetadata) ? &kMetadata : nullptr;
  const auto* const it = std::ranges::find_if(
      kFields, [&](const FieldShape& candidate) { return candidate.parent == parent && candidate.field == field; });
  return it == std::end(kFields) ? nullptr : it;
}

}  // namespace gantry::kube::kustomize

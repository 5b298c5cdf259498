#include "kube/kinds.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace gantry::kube {

namespace {

constexpr Scope kCluster = Scope::cluster;
constexpr Scope kNamespaced = Scope::namespaced;
constexpr NameRule kSubdomain = NameRule::dns_subdomain;

// Kubernetes API reference, v1.33, and the policy and gateway APIs of SIG Network. Sorted by group and kind.
constexpr BuiltinKind kKinds[] = {
    {"", "Binding", kNamespaced, kSubdomain},
    {"", "ConfigMap", kNamespaced, kSubdomain},
    {"", "Endpoints", kNamespaced, kSubdomain},
    {"", "Event", kNamespaced, kSubdomain},
    {"", "LimitRange", kNamespaced, kSubdomain},
    {"", "Namespace", kCluster, NameRule::dns_label},
    {"", "Node", kCluster, kSubdomain},
    {"", "PersistentVolume", kCluster, kSubdomain},
    {"", "PersistentVolumeClaim", kNamespaced, kSubdomain},
    {"", "Pod", kNamespaced, kSubdomain},
    {"", "PodTemplate", kNamespaced, kSubdomain},
    {"", "ReplicationController", kNamespaced, kSubdomain},
    {"", "ResourceQuota", kNamespaced, kSubdomain},
    {"", "Secret", kNamespaced, kSubdomain},
    {"", "Service", kNamespaced, NameRule::dns1035_label},
    {"", "ServiceAccount", kNamespaced, kSubdomain},
    {"admissionregistration.k8s.io", "MutatingWebhookConfiguration", kCluster, kSubdomain},
    {"admissionregistration.k8s.io", "ValidatingAdmissionPolicy", kCluster, kSubdomain},
    {"admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", kCluster, kSubdomain},
    {"admissionregistration.k8s.io", "ValidatingWebhookConfiguration", kCluster, kSubdomain},
    {"apiextensions.k8s.io", "CustomResourceDefinition", kCluster, kSubdomain},
    {"apiregistration.k8s.io", "APIService", kCluster, kSubdomain},
    {"apps", "ControllerRevision", kNamespaced, kSubdomain},
    {"apps", "DaemonSet", kNamespaced, kSubdomain},
    {"apps", "Deployment", kNamespaced, kSubdomain},
    {"apps", "ReplicaSet", kNamespaced, kSubdomain},
    {"apps", "StatefulSet", kNamespaced, kSubdomain},
    {"autoscaling", "HorizontalPodAutoscaler", kNamespaced, kSubdomain},
    {"batch", "CronJob", kNamespaced, kSubdomain},
    {"batch", "Job", kNamespaced, kSubdomain},
    {"certificates.k8s.io", "CertificateSigningRequest", kCluster, kSubdomain},
    {"certificates.k8s.io", "ClusterTrustBundle", kCluster, kSubdomain},
    {"coordination.k8s.io", "Lease", kNamespaced, kSubdomain},
    {"discovery.k8s.io", "EndpointSlice", kNamespaced, kSubdomain},
    {"events.k8s.io", "Event", kNamespaced, kSubdomain},
    {"flowcontrol.apiserver.k8s.io", "FlowSchema", kCluster, kSubdomain},
    {"flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", kCluster, kSubdomain},
    {"gateway.networking.k8s.io", "BackendTLSPolicy", kNamespaced, kSubdomain},
    {"gateway.networking.k8s.io", "GRPCRoute", kNamespaced, kSubdomain},
    {"gateway.networking.k8s.io", "Gateway", kNamespaced, kSubdomain},
    {"gateway.networking.k8s.io", "GatewayClass", kCluster, kSubdomain},
    {"gateway.networking.k8s.io", "HTTPRoute", kNamespaced, kSubdomain},
    {"gateway.networking.k8s.io", "ReferenceGrant", kNamespaced, kSubdomain},
    {"gateway.networking.k8s.io", "TCPRoute", kNamespaced, kSubdomain},
    {"gateway.networking.k8s.io", "TLSRoute", kNamespaced, kSubdomain},
    {"gateway.networking.k8s.io", "UDPRoute", kNamespaced, kSubdomain},
    {"networking.k8s.io", "IPAddress", kCluster, kSubdomain},
    {"networking.k8s.io", "Ingress", kNamespaced, kSubdomain},
    {"networking.k8s.io", "IngressClass", kCluster, kSubdomain},
    {"networking.k8s.io", "NetworkPolicy", kNamespaced, kSubdomain},
    {"networking.k8s.io", "ServiceCIDR", kCluster, kSubdomain},
    {"node.k8s.io", "RuntimeClass", kCluster, kSubdomain},
    {"policy", "PodDisruptionBudget", kNamespaced, kSubdomain},
    {"policy.networking.k8s.io", "AdminNetworkPolicy", kCluster, kSubdomain},
    {"policy.networking.k8s.io", "BaselineAdminNetworkPolicy", kCluster, kSubdomain},
    {"policy.networking.k8s.io", "ClusterNetworkPolicy", kCluster, kSubdomain},
    {"rbac.authorization.k8s.io", "ClusterRole", kCluster, NameRule::path_segment},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", kCluster, NameRule::path_segment},
    {"rbac.authorization.k8s.io", "Role", kNamespaced, NameRule::path_segment},
    {"rbac.authorization.k8s.io", "RoleBinding", kNamespaced, NameRule::path_segment},
    {"resource.k8s.io", "DeviceClass", kCluster, kSubdomain},
    {"resource.k8s.io", "ResourceClaim", kNamespaced, kSubdomain},
    {"resource.k8s.io", "ResourceClaimTemplate", kNamespaced, kSubdomain},
    {"resource.k8s.io", "ResourceSlice", kCluster, kSubdomain},
    {"scheduling.k8s.io", "PriorityClass", kCluster, kSubdomain},
    {"storage.k8s.io", "CSIDriver", kCluster, kSubdomain},
    {"storage.k8s.io", "CSINode", kCluster, kSubdomain},
    {"storage.k8s.io", "CSIStorageCapacity", kNamespaced, kSubdomain},
    {"storage.k8s.io", "StorageClass", kCluster, kSubdomain},
    {"storage.k8s.io", "VolumeAttachment", kCluster, kSubdomain},
    {"storage.k8s.io", "VolumeAttributesClass", kCluster, kSubdomain},
};

constexpr auto kByKind = [](const BuiltinKind& a, const BuiltinKind& b) {
  return std::tie(a.group, a.kind) < std::tie(b.group, b.kind);
};
static_assert(std::is_sorted(std::begin(kKinds), std::end(kKinds), kByKind));

// Keeps its meaning although no kind of it is served any more.
constexpr std::string_view kFormerGroup = "extensions";
// In the table, but installed as CustomResourceDefinitions: other kinds may join them at any time.
constexpr std::string_view kInstalledGroups[] = {"gateway.networking.k8s.io", "policy.networking.k8s.io"};

// Kubernetes deprecated API migration guide.
constexpr RemovedVersion kRemoved[] = {
    {"admissionregistration.k8s.io", "v1beta1", "MutatingWebhookConfiguration", "1.22",
     "admissionregistration.k8s.io/v1"},
    {"admissionregistration.k8s.io", "v1beta1", "ValidatingWebhookConfiguration", "1.22",
     "admissionregistration.k8s.io/v1"},
    {"apiextensions.k8s.io", "v1beta1", "CustomResourceDefinition", "1.22", "apiextensions.k8s.io/v1"},
    {"apiregistration.k8s.io", "v1beta1", "APIService", "1.22", "apiregistration.k8s.io/v1"},
    {"apps", "v1beta1", "Deployment", "1.16", "apps/v1"},
    {"apps", "v1beta1", "StatefulSet", "1.16", "apps/v1"},
    {"apps", "v1beta2", "DaemonSet", "1.16", "apps/v1"},
    {"apps", "v1beta2", "Deployment", "1.16", "apps/v1"},
    {"apps", "v1beta2", "ReplicaSet", "1.16", "apps/v1"},
    {"apps", "v1beta2", "StatefulSet", "1.16", "apps/v1"},
    {"autoscaling", "v2beta1", "HorizontalPodAutoscaler", "1.25", "autoscaling/v2"},
    {"autoscaling", "v2beta2", "HorizontalPodAutoscaler", "1.26", "autoscaling/v2"},
    {"batch", "v1beta1", "CronJob", "1.25", "batch/v1"},
    {"discovery.k8s.io", "v1beta1", "EndpointSlice", "1.25", "discovery.k8s.io/v1"},
    {"extensions", "v1beta1", "DaemonSet", "1.16", "apps/v1"},
    {"extensions", "v1beta1", "Deployment", "1.16", "apps/v1"},
    {"extensions", "v1beta1", "Ingress", "1.22", "networking.k8s.io/v1"},
    {"extensions", "v1beta1", "NetworkPolicy", "1.16", "networking.k8s.io/v1"},
    {"extensions", "v1beta1", "ReplicaSet", "1.16", "apps/v1"},
    {"networking.k8s.io", "v1beta1", "Ingress", "1.22", "networking.k8s.io/v1"},
    {"networking.k8s.io", "v1beta1", "IngressClass", "1.22", "networking.k8s.io/v1"},
    {"policy", "v1beta1", "PodDisruptionBudget", "1.25", "policy/v1"},
    {"policy", "v1beta1", "PodSecurityPolicy", "1.25", "Pod Security admission"},
    {"rbac.authorization.k8s.io", "v1beta1", "ClusterRole", "1.22", "rbac.authorization.k8s.io/v1"},
    {"rbac.authorization.k8s.io", "v1beta1", "ClusterRoleBinding", "1.22", "rbac.authorization.k8s.io/v1"},
    {"rbac.authorization.k8s.io", "v1beta1", "Role", "1.22", "rbac.authorization.k8s.io/v1"},
    {"rbac.authorization.k8s.io", "v1beta1", "RoleBinding", "1.22", "rbac.authorization.k8s.io/v1"},
    {"scheduling.k8s.io", "v1beta1", "PriorityClass", "1.22", "scheduling.k8s.io/v1"},
    {"storage.k8s.io", "v1beta1", "StorageClass", "1.22", "storage.k8s.io/v1"},
};

}  // namespace

const BuiltinKind* find_builtin_kind(std::string_view group, std::string_view kind) {
  const BuiltinKind wanted{group, kind, kCluster, kSubdomain};
  const auto* it = std::lower_bound(std::begin(kKinds), std::end(kKinds), wanted, kByKind);
  return it != std::end(kKinds) && it->group == group && it->kind == kind ? it : nullptr;
}

bool is_builtin_group(std::string_view group) {
  if (std::ranges::find(kInstalledGroups, group) != std::end(kInstalledGroups)) return false;
  return group == kFormerGroup || std::ranges::binary_search(kKinds, group, {}, &BuiltinKind::group);
}

std::vector<std::string_view> builtin_kinds_of(std::string_view group) {
  std::vector<std::string_view> kinds;
  for (const BuiltinKind& builtin : kKinds) {
    if (builtin.group == group) kinds.push_back(builtin.kind);
  }
  return kinds;
}

const RemovedVersion* find_removed_version(std::string_view group, std::string_view version, std::string_view kind) {
  const auto* it = std::ranges::find_if(kRemoved, [&](const RemovedVersion& removed) {
    return removed.group == group && removed.version == version && removed.kind == kind;
  });
  return it == std::end(kRemoved) ? nullptr : it;
}

Scope scope_of(std::string_view group, std::string_view kind) {
  const BuiltinKind* builtin = find_builtin_kind(group, kind);
  return builtin == nullptr ? Scope::unknown : builtin->scope;
}

}  // namespace gantry::kube

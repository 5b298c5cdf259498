#include "kube/kustomize/name_references.h"

#include <span>

namespace gantry::kube::kustomize {

namespace {

using Kind = NameReference::Kind;

// Where the pod spec is in the kinds that have one.
struct PodHolder {
  Kind kind;
  std::string_view pod_spec;
};

constexpr PodHolder kPodHolders[] = {
    {{"Pod", "", "v1"}, "spec/"},
    {{"PodTemplate"}, "template/spec/"},
    {{"Deployment"}, "spec/template/spec/"},
    {{"ReplicaSet"}, "spec/template/spec/"},
    {{"DaemonSet"}, "spec/template/spec/"},
    {{"StatefulSet"}, "spec/template/spec/"},
    {{"Job"}, "spec/template/spec/"},
    {{"CronJob"}, "spec/jobTemplate/spec/template/spec/"},
};

// For some references kustomize knows other kinds: ReplicationController too, but neither ReplicaSet nor PodTemplate.
constexpr PodHolder kPodHoldersWithoutReplicaSet[] = {
    {{"Pod"}, "spec/"},
    {{"StatefulSet"}, "spec/template/spec/"},
    {{"Deployment"}, "spec/template/spec/"},
    {{"ReplicationController"}, "spec/template/spec/"},
    {{"CronJob"}, "spec/jobTemplate/spec/template/spec/"},
    {{"Job"}, "spec/template/spec/"},
    {{"DaemonSet"}, "spec/template/spec/"},
};

constexpr std::string_view kConfigMapInPod[] = {
    "volumes/configMap/name",
    "containers/env/valueFrom/configMapKeyRef/name",
    "initContainers/env/valueFrom/configMapKeyRef/name",
    "containers/envFrom/configMapRef/name",
    "initContainers/envFrom/configMapRef/name",
    "volumes/projected/sources/configMap/name",
};
constexpr std::string_view kSecretInPod[] = {
    "volumes/secret/secretName",
    "containers/env/valueFrom/secretKeyRef/name",
    "initContainers/env/valueFrom/secretKeyRef/name",
    "containers/envFrom/secretRef/name",
    "initContainers/envFrom/secretRef/name",
    "imagePullSecrets/name",
    "volumes/projected/sources/secret/name",
};
constexpr std::string_view kServiceAccountInPod[] = {"serviceAccountName"};
constexpr std::string_view kClaimInPod[] = {"volumes/persistentVolumeClaim/claimName"};
constexpr std::string_view kPriorityClassInPod[] = {"priorityClassName"};

// References outside of pods.
struct PlainReference {
  Kind referrer;
  std::string_view path;
};

constexpr PlainReference kToConfigMap[] = {
    {{"Node"}, "spec/configSource/configMap"},
    {{"Role"}, "rules/resourceNames"},
    {{"ClusterRole"}, "rules/resourceNames"},
    {{"Ingress"}, R"(metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap)"},
};
constexpr PlainReference kToSecret[] = {
    {{"Ingress"}, "spec/tls/secretName"},
    {{"Ingress"}, R"(metadata/annotations/ingress.kubernetes.io\/auth-secret)"},
    {{"Ingress"}, R"(metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret)"},
    {{"Ingress"}, R"(metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret)"},
    {{"ServiceAccount"}, "imagePullSecrets/name"},
    {{"StorageClass"}, "parameters/secretName"},
    {{"StorageClass"}, "parameters/adminSecretName"},
    {{"StorageClass"}, "parameters/userSecretName"},
    {{"StorageClass"}, "parameters/secretRef"},
    {{"Role"}, "rules/resourceNames"},
    {{"ClusterRole"}, "rules/resourceNames"},
    {{"Service", "serving.knative.dev", "v1"}, "spec/template/spec/containers/env/valueFrom/secretKeyRef/name"},
    {{"PersistentVolume"}, "spec/azureFile/secretName"},
};
constexpr PlainReference kToService[] = {
    {{"StatefulSet", "apps"}, "spec/serviceName"},
    {{"Ingress"}, "spec/rules/http/paths/backend/serviceName"},
    {{"Ingress"}, "spec/backend/serviceName"},
    {{"Ingress"}, "spec/rules/http/paths/backend/service/name"},
    {{"Ingress"}, "spec/defaultBackend/service/name"},
    {{"APIService", "apiregistration.k8s.io"}, "spec/service/name"},
    {{"ValidatingWebhookConfiguration", "admissionregistration.k8s.io"}, "webhooks/clientConfig/service"},
    {{"MutatingWebhookConfiguration", "admissionregistration.k8s.io"}, "webhooks/clientConfig/service"},
};
constexpr PlainReference kToRole[] = {{{"RoleBinding", "rbac.authorization.k8s.io"}, "roleRef/name"}};
constexpr PlainReference kToClusterRole[] = {
    {{"RoleBinding", "rbac.authorization.k8s.io"}, "roleRef/name"},
    {{"ClusterRoleBinding", "rbac.authorization.k8s.io"}, "roleRef/name"},
};
constexpr PlainReference kToServiceAccount[] = {
    {{"RoleBinding", "rbac.authorization.k8s.io"}, "subjects"},
    {{"ClusterRoleBinding", "rbac.authorization.k8s.io"}, "subjects"},
};
constexpr PlainReference kToPersistentVolume[] = {
    {{"PersistentVolumeClaim"}, "spec/volumeName"},
    {{"ClusterRole"}, "rules/resourceNames"},
};
constexpr PlainReference kToStorageClass[] = {
    {{"PersistentVolume"}, "spec/storageClassName"},
    {{"PersistentVolumeClaim"}, "spec/storageClassName"},
    {{"StatefulSet"}, "spec/volumeClaimTemplates/spec/storageClassName"},
};
constexpr PlainReference kToScaled[] = {{{"HorizontalPodAutoscaler"}, "spec/scaleTargetRef/name"}};
constexpr PlainReference kToAdmissionPolicy[] = {
    {{"ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io"}, "spec/policyName"},
};

struct Target {
  Kind kind;
  std::span<const PlainReference> plain = {};
  std::span<const PodHolder> holders = {};
  std::span<const std::string_view> in_pod = {};
};

// In kustomize's order: where one field can name several kinds (scaleTargetRef), the first that has the name wins.
constexpr Target kTargets[] = {
    {{"StorageClass", "storage.k8s.io", "v1"}, kToStorageClass},
    {{"ServiceAccount", "", "v1"}, kToServiceAccount, kPodHoldersWithoutReplicaSet, kServiceAccountInPod},
    {{"Role", "rbac.authorization.k8s.io"}, kToRole},
    {{"ClusterRole", "rbac.authorization.k8s.io"}, kToClusterRole},
    {{"ConfigMap", "", "v1"}, kToConfigMap, kPodHolders, kConfigMapInPod},
    {{"Secret", "", "v1"}, kToSecret, kPodHolders, kSecretInPod},
    {{"Service", "", "v1"}, kToService},
    {{"PriorityClass", "scheduling.k8s.io", "v1"}, {}, kPodHoldersWithoutReplicaSet, kPriorityClassInPod},
    {{"PersistentVolume", "", "v1"}, kToPersistentVolume},
    {{"PersistentVolumeClaim", "", "v1"}, {}, kPodHoldersWithoutReplicaSet, kClaimInPod},
    {{"Deployment"}, kToScaled},
    {{"StatefulSet"}, kToScaled},
    {{"ValidatingAdmissionPolicy", "admissionregistration.k8s.io"}, kToAdmissionPolicy},
    {{"ReplicaSet"}, kToScaled},
    {{"ReplicationController"}, kToScaled},
};

}  // namespace

std::vector<NameReference> name_references() {
  std::vector<NameReference> references;
  for (const Target& target : kTargets) {
    for (const PodHolder& holder : target.holders) {
      for (const std::string_view path : target.in_pod) {
        references.push_back(
            {.target = target.kind, .referrer = holder.kind, .path = std::string(holder.pod_spec) + std::string(path)});
      }
    }
    for (const PlainReference& plain : target.plain) {
      references.push_back({.target = target.kind, .referrer = plain.referrer, .path = std::string(plain.path)});
    }
  }
  return references;
}

}  // namespace gantry::kube::kustomize

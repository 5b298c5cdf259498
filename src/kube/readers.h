#pragma once

// Typed values from documents: one function for each kind, one file for each topic. Private to kube.
//
// Each reads what `object` holds and reports what the API server would reject; the value's own `object` is a copy, in which
// the caller marks the outcome.

#include "kube/access.h"
#include "kube/admin_policy.h"
#include "kube/cluster_node.h"
#include "kube/config.h"
#include "kube/extension.h"
#include "kube/fields.h"
#include "kube/network.h"
#include "kube/policy.h"
#include "kube/routing.h"
#include "kube/storage.h"
#include "kube/workload.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

// container_reader.cc
enum class ContainerRole : std::uint8_t { init, main };
Container parse_container(const Fields& fields, ContainerRole role);
SecurityContext parse_security(const Fields& holder);
// volume_reader.cc
Volume parse_volume(const Fields& fields);
// placement_reader.cc
Affinity parse_affinity(const Fields& spec);
std::vector<NodeSelectorTerm> parse_node_terms(const Fields& holder, std::string_view key);
std::vector<Toleration> parse_tolerations(const Fields& spec);
std::vector<TopologySpread> parse_topology_spread(const Fields& spec);
std::vector<Taint> parse_taints(const Fields& spec);
// pod_spec_reader.cc. Never null. `claims`: names of volumes that do not stand in the spec, those of claim templates.
std::shared_ptr<const PodSpec> parse_pod_spec(const Fields& spec, const std::vector<std::string>& claims = {});
PodTemplate parse_pod_template(const Fields& holder, std::string_view key, const std::vector<std::string>& claims = {});

// workload_reader.cc: Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob
Workload parse_workload(const Object& object, Problems& problems);
// pod_reader.cc
Pod parse_pod(const Object& object, Problems& problems);

// network_reader.cc
Namespace parse_namespace(const Object& object, Problems& problems);
Service parse_service(const Object& object, Problems& problems);
std::vector<Endpoints> parse_endpoints(const Object& object, Problems& problems);  // one for each subset
Endpoints parse_endpoint_slice(const Object& object, Problems& problems);
// network_policy_reader.cc
NetworkPolicy parse_network_policy(const Object& object, Problems& problems);
// admin_policy_reader.cc
AdminPolicy parse_admin_policy(const Object& object, Problems& problems);

// ingress_reader.cc
Ingress parse_ingress(const Object& object, Problems& problems);
IngressClass parse_ingress_class(const Object& object, Problems& problems);
// gateway_reader.cc
GatewayClass parse_gateway_class(const Object& object, Problems& problems);
Gateway parse_gateway(const Object& object, Problems& problems);
Route parse_route(const Object& object, Problems& problems);
ReferenceGrant parse_reference_grant(const Object& object, Problems& problems);

// policy_reader.cc
PodDisruptionBudget parse_disruption_budget(const Object& object, Problems& problems);
LimitRange parse_limit_range(const Object& object, Problems& problems);
ResourceQuota parse_resource_quota(const Object& object, Problems& problems);
PriorityClass parse_priority_class(const Object& object, Problems& problems);
// autoscaler_reader.cc
HorizontalPodAutoscaler parse_autoscaler(const Object& object, Problems& problems);

// config_reader.cc
ConfigMap parse_config_map(const Object& object, Problems& problems);
Secret parse_secret(const Object& object, Problems& problems);
// access_reader.cc
ServiceAccount parse_service_account(const Object& object, Problems& problems);
Role parse_role(const Object& object, Problems& problems);
RoleBinding parse_role_binding(const Object& object, Problems& problems);
// storage_reader.cc
PersistentVolumeClaim parse_volume_claim(const Object& object, Problems& problems);
void parse_claim_spec(const Fields& spec, PersistentVolumeClaim& claim);
PersistentVolume parse_volume_object(const Object& object, Problems& problems);
StorageClass parse_storage_class(const Object& object, Problems& problems);
// cluster_node_reader.cc
ClusterNode parse_cluster_node(const Object& object, Problems& problems);
// extension_reader.cc
CustomResourceDefinition parse_custom_resource(const Object& object, Problems& problems);
WebhookConfiguration parse_webhooks(const Object& object, Problems& problems);
ApiService parse_api_service(const Object& object, Problems& problems);

}  // namespace gantry::kube

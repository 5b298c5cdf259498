// From objects to a Snapshot: each object is read by the reader of its kind, then what belongs together is joined.

#include "kube/join.h"
#include "kube/objects.h"
#include "kube/readers.h"
#include "kube/snapshot.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace gantry::kube {

namespace {

using ReadFunction = void (*)(const Object&, Problems&, SnapshotData&);

void mark(const Problems& problems, Object& object) {
  if (problems.rejected()) object.admission = Admission::rejected;
  if (problems.has_unknown_fields()) object.unknown_fields = true;
}

// Reads one object into the list of its type.
template <auto kList, auto kParse>
void read_into(const Object& object, Problems& problems, SnapshotData& data) {
  auto& list = (data.*kList).edit();
  list.push_back(kParse(object, problems));
  mark(problems, list.back().object);
}

void read_endpoints(const Object& object, Problems& problems, SnapshotData& data) {
  std::vector<Endpoints> subsets = parse_endpoints(object, problems);
  for (Endpoints& subset : subsets) {
    mark(problems, subset.object);
    data.endpoints.edit().push_back(std::move(subset));
  }
}

struct Reader {
  std::string_view group;
  std::string_view kind;
  ReadFunction read;
};

using D = SnapshotData;
constexpr std::string_view kRbac = "rbac.authorization.k8s.io";
constexpr std::string_view kAdmission = "admissionregistration.k8s.io";
constexpr std::string_view kPolicyApi = "policy.networking.k8s.io";
constexpr std::string_view kGatewayApi = "gateway.networking.k8s.io";

// The kinds that have a type of their own.
constexpr Reader kReaders[] = {
    {"", "ConfigMap", read_into<&D::config_maps, parse_config_map>},
    {"", "Endpoints", read_endpoints},
    {"", "LimitRange", read_into<&D::limit_ranges, parse_limit_range>},
    {"", "Namespace", read_into<&D::namespaces, parse_namespace>},
    {"", "Node", read_into<&D::nodes, parse_cluster_node>},
    {"", "PersistentVolume", read_into<&D::volumes, parse_volume_object>},
    {"", "PersistentVolumeClaim", read_into<&D::volume_claims, parse_volume_claim>},
    {"", "Pod", read_into<&D::pods, parse_pod>},
    {"", "ReplicationController", read_into<&D::workloads, parse_workload>},
    {"", "ResourceQuota", read_into<&D::resource_quotas, parse_resource_quota>},
    {"", "Secret", read_into<&D::secrets, parse_secret>},
    {"", "Service", read_into<&D::services, parse_service>},
    {"", "ServiceAccount", read_into<&D::service_accounts, parse_service_account>},
    {kAdmission, "MutatingWebhookConfiguration", read_into<&D::webhooks, parse_webhooks>},
    {kAdmission, "ValidatingWebhookConfiguration", read_into<&D::webhooks, parse_webhooks>},
    {"apiextensions.k8s.io", "CustomResourceDefinition", read_into<&D::custom_resources, parse_custom_resource>},
    {"apiregistration.k8s.io", "APIService", read_into<&D::api_services, parse_api_service>},
    {"apps", "DaemonSet", read_into<&D::workloads, parse_workload>},
    {"apps", "Deployment", read_into<&D::workloads, parse_workload>},
    {"apps", "ReplicaSet", read_into<&D::workloads, parse_workload>},
    {"apps", "StatefulSet", read_into<&D::workloads, parse_workload>},
    {"autoscaling", "HorizontalPodAutoscaler", read_into<&D::autoscalers, parse_autoscaler>},
    {"batch", "CronJob", read_into<&D::workloads, parse_workload>},
    {"batch", "Job", read_into<&D::workloads, parse_workload>},
    {"discovery.k8s.io", "EndpointSlice", read_into<&D::endpoints, parse_endpoint_slice>},
    {kGatewayApi, "GRPCRoute", read_into<&D::routes, parse_route>},
    {kGatewayApi, "Gateway", read_into<&D::gateways, parse_gateway>},
    {kGatewayApi, "GatewayClass", read_into<&D::gateway_classes, parse_gateway_class>},
    {kGatewayApi, "HTTPRoute", read_into<&D::routes, parse_route>},
    {kGatewayApi, "ReferenceGrant", read_into<&D::reference_grants, parse_reference_grant>},
    {kGatewayApi, "TCPRoute", read_into<&D::routes, parse_route>},
    {kGatewayApi, "TLSRoute", read_into<&D::routes, parse_route>},
    {kGatewayApi, "UDPRoute", read_into<&D::routes, parse_route>},
    {"networking.k8s.io", "Ingress", read_into<&D::ingresses, parse_ingress>},
    {"networking.k8s.io", "IngressClass", read_into<&D::ingress_classes, parse_ingress_class>},
    {"networking.k8s.io", "NetworkPolicy", read_into<&D::network_policies, parse_network_policy>},
    {"policy", "PodDisruptionBudget", read_into<&D::disruption_budgets, parse_disruption_budget>},
    {kPolicyApi, "AdminNetworkPolicy", read_into<&D::admin_policies, parse_admin_policy>},
    {kPolicyApi, "BaselineAdminNetworkPolicy", read_into<&D::admin_policies, parse_admin_policy>},
    {kPolicyApi, "ClusterNetworkPolicy", read_into<&D::admin_policies, parse_admin_policy>},
    {kRbac, "ClusterRole", read_into<&D::roles, parse_role>},
    {kRbac, "ClusterRoleBinding", read_into<&D::role_bindings, parse_role_binding>},
    {kRbac, "Role", read_into<&D::roles, parse_role>},
    {kRbac, "RoleBinding", read_into<&D::role_bindings, parse_role_binding>},
    {"scheduling.k8s.io", "PriorityClass", read_into<&D::priority_classes, parse_priority_class>},
    {"storage.k8s.io", "StorageClass", read_into<&D::storage_classes, parse_storage_class>},
};

constexpr auto kByKind = [](const Reader& a, const Reader& b) {
  return std::tie(a.group, a.kind) < std::tie(b.group, b.kind);
};
static_assert(std::is_sorted(std::begin(kReaders), std::end(kReaders), kByKind));

const Reader* find_reader(const ObjectId& id) {
  const Reader wanted{id.group, id.kind, nullptr};
  const auto* it = std::lower_bound(std::begin(kReaders), std::end(kReaders), wanted, kByKind);
  return it != std::end(kReaders) && it->group == id.group && it->kind == id.kind ? it : nullptr;
}

// Only where it stands and what it is called: enough for findings.
std::shared_ptr<const base::Node> identity_of(const Object& object) {
  base::Node document = base::Node::empty_map(object.pos());
  document.set("apiVersion", base::Node(object.api_version()));
  document.set("kind", base::Node(object.id.kind));
  base::Node metadata = base::Node::empty_map();
  metadata.set("name", base::Node(object.id.name));
  metadata.set("namespace", base::Node(object.id.name_space));
  document.set("metadata", std::move(metadata));
  return std::make_shared<const base::Node>(std::move(document));
}

void read_object(Object& object, const SnapshotOptions& options, SnapshotData& data) {
  const Reader* reader = find_reader(object.id);
  if (reader == nullptr) {
    data.others.edit().push_back(object);
    return;
  }
  Problems problems(object, data.findings);
  reader->read(object, problems, data);
  mark(problems, object);
  const bool slim = options.documents == SnapshotOptions::Documents::without_live_pods && object.origin == Origin::live;
  if (slim && object.id.kind == "Pod" && object.id.group.empty()) {
    object.document = identity_of(object);
    data.pods.edit().back().object.document = object.document;
  }
}

}  // namespace

base::Result<Snapshot> build_snapshot(std::vector<base::Node> documents, const SnapshotOptions& options,
                                      std::vector<SourceRecord> sources, std::vector<base::Finding> findings) {
  auto data = std::make_shared<SnapshotData>();
  data->findings = std::move(findings);
  data->sources = std::move(sources);
  data->objects = TRY(make_objects(std::move(documents), options, data->findings));
  for (Object& object : data->objects.edit()) read_object(object, options, *data);

  // Every typed value is read. What follows looks at several of them at once.
  add_mentioned_namespaces(*data);
  add_bare_pods(*data);
  sort_by_identity(*data);
  // From here on workloads keep their place: pods refer to them by index.
  join_pods_to_workloads(*data);
  derive_pods(*data, options.derived_pods_max);
  base::sort_findings(data->findings);
  return Snapshot(std::move(data));
}

}  // namespace gantry::kube

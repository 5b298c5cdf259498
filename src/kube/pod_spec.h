#pragma once

// What runs in a pod: containers and what they are given, and where the pod may be placed. As written, with the API server's
// defaults filled in; a field that is optional here has a meaning of its own when it is absent.

#include "base/source.h"
#include "kube/labels.h"
#include "kube/port.h"
#include "kube/quantity.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

// "cpu", "memory", "ephemeral-storage", "pods", "example.com/gpu" and their amounts.
using ResourceList = std::map<std::string, Quantity, std::less<>>;

struct ContainerPort {
  std::string name;  // may be empty
  Port port;         // 0 where a rejected object says none that can be one
  Protocol protocol = Protocol::tcp;
  std::optional<Port> host_port;
  std::string host_ip;
  base::SourcePos where;
};

// ---- Environment ----

// One key of a ConfigMap or Secret. `optional`: the container starts without it too.
struct KeyRef {
  std::string name;
  std::string key;
  bool optional = false;
};

enum class EnvSource : std::uint8_t { value, config_map_key, secret_key, field, resource_field, other };

struct EnvVar {
  std::string name;
  EnvSource source = EnvSource::value;
  std::string value;  // the text, $(NAME) not expanded; the path for `field`, the resource for `resource_field`
  KeyRef ref;         // of config_map_key and secret_key
  base::SourcePos where;
};

// Every key of a ConfigMap or Secret as a variable.
struct EnvFrom {
  enum class Kind : std::uint8_t { config_map, secret };
  Kind kind = Kind::config_map;
  std::string name;
  std::string prefix;
  bool optional = false;
  base::SourcePos where;
};

// ---- Probes and hooks ----

// What the kubelet does to ask or tell a container something.
struct Handler {
  enum class Kind : std::uint8_t { none, exec, http_get, tcp_socket, grpc, sleep };
  Kind kind = Kind::none;
  std::vector<std::string> command;  // exec
  PortRef port = Port{};             // http_get, tcp_socket, grpc
  std::string path;                  // http_get
  std::string host;                  // http_get, tcp_socket; "": the pod itself
  std::string scheme;                // http_get: "HTTP" or "HTTPS"
  std::string grpc_service;
  std::chrono::seconds sleep{0};
  base::SourcePos where;
};

struct Probe {
  Handler handler;
  std::chrono::seconds initial_delay{0};
  std::chrono::seconds period{10};
  std::chrono::seconds timeout{1};
  std::int64_t success_threshold = 1;
  std::int64_t failure_threshold = 3;
  std::optional<std::chrono::seconds> termination_grace;  // instead of the pod's, after this probe failed
};

// ---- Volumes ----

// One key of a ConfigMap, Secret or downward API, and the file it becomes.
struct KeyToPath {
  std::string key;
  std::string path;
};

enum class VolumeKind : std::uint8_t {
  config_map,
  secret,
  persistent_volume_claim,
  empty_dir,
  host_path,
  projected,
  downward_api,
  service_account_token,  // only inside a projected volume
  ephemeral,              // a claim made for the pod
  csi,
  nfs,
  image,
  other,
};

struct VolumeSource {
  VolumeKind kind = VolumeKind::other;
  std::string name;              // of the ConfigMap, Secret or claim; the path of a host_path; the driver of a csi
  std::vector<KeyToPath> items;  // empty: every key
  bool optional = false;
  bool read_only = false;
  std::string medium;                  // empty_dir: "" or "Memory"
  std::optional<Quantity> size_limit;  // empty_dir
  std::string type;                    // the field's own name ("awsElasticBlockStore"), for messages
  base::SourcePos where;
};

struct Volume {
  std::string name;
  VolumeSource source;
  std::vector<VolumeSource> projected;  // the sources of a projected volume, in order
};

struct VolumeMount {
  std::string volume;
  std::string mount_path;
  std::string sub_path;
  bool read_only = false;
  base::SourcePos where;
};

// ---- Security ----

// Of a container, or of the pod for its containers. Absent: not said here.
struct SecurityContext {
  std::optional<bool> privileged;
  std::optional<bool> allow_privilege_escalation;
  std::optional<bool> read_only_root_filesystem;
  std::optional<bool> run_as_non_root;
  std::optional<std::int64_t> run_as_user;
  std::optional<std::int64_t> run_as_group;
  std::optional<std::int64_t> fs_group;
  std::vector<std::string> capabilities_added;
  std::vector<std::string> capabilities_dropped;
  std::string seccomp_profile;  // "RuntimeDefault", "Unconfined", "Localhost" or ""
};

// ---- Containers ----

struct Container {
  std::string name;
  std::string image;
  std::string image_pull_policy;  // as written, may be empty
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::string working_dir;
  std::vector<ContainerPort> ports;
  std::vector<EnvVar> env;
  std::vector<EnvFrom> env_from;
  // As written. The API server adds a LimitRange's defaults and takes a limit as the request when only that is given.
  ResourceList requests;
  ResourceList limits;
  std::optional<Probe> startup;
  std::optional<Probe> readiness;
  std::optional<Probe> liveness;
  std::optional<Handler> post_start;
  std::optional<Handler> pre_stop;
  std::vector<VolumeMount> mounts;
  SecurityContext security;
  // An init container with restartPolicy Always: started in order with the init containers, then runs beside the others.
  bool sidecar = false;
  base::SourcePos where;
};

// ---- Placement ----

enum class NodeOperator : std::uint8_t { in, not_in, exists, does_not_exist, gt, lt };

struct NodeRequirement {
  std::string key;
  NodeOperator op = NodeOperator::in;
  std::vector<std::string> values;
};

// All of it must hold. A term without any requirement matches no node.
struct NodeSelectorTerm {
  std::vector<NodeRequirement> expressions;  // over labels
  std::vector<NodeRequirement> fields;       // over fields: only metadata.name
  base::SourcePos where;
};
struct PreferredNodeTerm {
  std::int64_t weight = 1;
  NodeSelectorTerm term;
};

struct PodAffinityTerm {
  std::optional<LabelSelector> selector;  // absent: no pod at all
  std::vector<std::string> namespaces;    // these and those selected; neither: the pod's own
  std::optional<LabelSelector> namespace_selector;
  std::string topology_key;
  std::vector<std::string> match_label_keys;
  std::vector<std::string> mismatch_label_keys;
  base::SourcePos where;
};
struct PreferredPodTerm {
  std::int64_t weight = 1;
  PodAffinityTerm term;
};

struct Affinity {
  // One of these must hold. Absent: any node; present and empty: no node.
  std::optional<std::vector<NodeSelectorTerm>> node_required;
  std::vector<PreferredNodeTerm> node_preferred;
  std::vector<PodAffinityTerm> pod_required;
  std::vector<PreferredPodTerm> pod_preferred;
  std::vector<PodAffinityTerm> anti_required;
  std::vector<PreferredPodTerm> anti_preferred;
};

enum class TaintEffect : std::uint8_t { no_schedule, prefer_no_schedule, no_execute };

struct Taint {
  std::string key;
  std::string value;
  TaintEffect effect = TaintEffect::no_schedule;
};

struct Toleration {
  enum class Operator : std::uint8_t { equal, exists };
  std::string key;  // "" with `exists`: every taint
  Operator op = Operator::equal;
  std::string value;
  std::optional<TaintEffect> effect;  // absent: every effect
  std::optional<std::chrono::seconds> seconds;

  bool tolerates(const Taint& taint) const;
};

enum class NodeInclusion : std::uint8_t { honor, ignore };

struct TopologySpread {
  std::int64_t max_skew = 1;
  std::string topology_key;
  bool do_not_schedule = true;            // else ScheduleAnyway
  std::optional<LabelSelector> selector;  // absent: no pod
  std::int64_t min_domains = 1;
  NodeInclusion node_affinity_policy = NodeInclusion::honor;
  NodeInclusion node_taints_policy = NodeInclusion::ignore;
  std::vector<std::string> match_label_keys;
  base::SourcePos where;
};

// ---- The whole ----

struct HostAlias {
  std::string ip;
  std::vector<std::string> hostnames;
};

struct PodSpec {
  std::vector<Container> init_containers;  // sidecars among them
  std::vector<Container> containers;
  std::vector<Volume> volumes;
  std::string restart_policy = "Always";

  std::string service_account = "default";
  std::optional<bool> automount_token;  // absent: as the ServiceAccount says
  std::vector<std::string> image_pull_secrets;
  SecurityContext security;

  bool host_network = false;
  bool host_pid = false;
  bool host_ipc = false;
  std::string hostname;
  std::string subdomain;
  std::string dns_policy = "ClusterFirst";
  std::vector<HostAlias> host_aliases;

  std::chrono::seconds termination_grace{30};
  std::optional<std::chrono::seconds> active_deadline;

  std::string node_name;  // written or decided
  LabelSet node_selector;
  Affinity affinity;
  std::vector<Toleration> tolerations;
  std::vector<TopologySpread> topology_spread;
  std::string scheduler = "default-scheduler";
  std::string runtime_class;
  std::string priority_class;
  std::optional<std::int64_t> priority;
  std::string preemption_policy;  // "" or "Never", "PreemptLowerPriority"
  ResourceList overhead;
  std::vector<std::string> scheduling_gates;
  std::vector<std::string> readiness_gates;

  base::SourcePos where;
};

// What the scheduler reserves: the sum of containers and sidecars, or the largest step of the init containers, plus overhead
// (disruption reference, §7). Requests only as they stand in the spec, a limit counting where no request is given.
ResourceList total_requests(const PodSpec& spec);

// The ports with that name and protocol, of containers and sidecars; several when containers share a name.
std::vector<Port> find_named_ports(const PodSpec& spec, std::string_view name, Protocol protocol);

}  // namespace gantry::kube

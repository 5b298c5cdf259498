#pragma once

// What runs pods, and the pods. A workload is read from its manifest or from a live cluster; pods are written bare, reported
// by a live cluster, or derived: what a workload's controller would create, as far as that can be said beforehand.

#include "base/source.h"
#include "base/time.h"
#include "kube/address.h"
#include "kube/int_or_percent.h"
#include "kube/labels.h"
#include "kube/object.h"
#include "kube/pod_spec.h"
#include "kube/storage.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube {

// A Pod counts as a workload of its own when nothing controls it.
enum class WorkloadKind : std::uint8_t {
  deployment,
  stateful_set,
  daemon_set,
  replica_set,
  replication_controller,
  job,
  cron_job,
  pod,
};
std::string_view to_string(WorkloadKind kind);  // "Deployment", …

struct PodTemplate {
  LabelSet labels;
  LabelSet annotations;
  std::shared_ptr<const PodSpec> spec;  // never null
  base::SourcePos where;
};

// How a Deployment, StatefulSet or DaemonSet replaces its pods.
struct UpdateStrategy {
  enum class Kind : std::uint8_t { rolling_update, recreate, on_delete };
  Kind kind = Kind::rolling_update;
  std::optional<IntOrPercent> max_surge;  // Deployment: 25% when absent; DaemonSet: 0
  std::optional<IntOrPercent>
      max_unavailable;         // Deployment: 25% when absent; DaemonSet: 1; StatefulSet: 1, behind a gate
  std::int64_t partition = 0;  // StatefulSet
};

// How many pods a rolling update may add and miss, out of `replicas`: surge rounds up, unavailable down, and never are both
// zero (disruption reference, §6.1).
struct RollingBounds {
  std::int64_t surge = 0;
  std::int64_t unavailable = 0;
};
RollingBounds rolling_bounds(const UpdateStrategy& strategy, std::int64_t replicas);

// As a live cluster reports it.
struct WorkloadStatus {
  std::int64_t observed_generation = 0;
  std::int64_t replicas = 0;
  std::int64_t ready = 0;
  std::int64_t available = 0;
  std::int64_t updated = 0;
  std::string current_revision;  // StatefulSet
  std::string update_revision;   // StatefulSet
  bool completed = false;        // Job
};

struct Workload {
  Object object;
  WorkloadKind kind = WorkloadKind::pod;
  PodTemplate pod_template;
  // What the controller recognises its pods by. Jobs get theirs from the API server: absent unless written.
  std::optional<LabelSelector> selector;

  // Deployment, StatefulSet, ReplicaSet, ReplicationController: as written, absent when not (the API server then keeps what
  // is there, and starts with 1). Job: parallelism.
  std::optional<std::int64_t> written_replicas;
  std::int64_t min_ready_seconds = 0;
  UpdateStrategy strategy;
  std::optional<std::int64_t> progress_deadline_seconds;  // Deployment; 600 when absent
  bool paused = false;                                    // Deployment

  // StatefulSet
  std::string service_name;
  bool parallel = false;  // podManagementPolicy: Parallel
  std::int64_t first_ordinal = 0;
  std::vector<PersistentVolumeClaim> claim_templates;

  // Job and CronJob
  std::int64_t completions = 1;
  std::int64_t backoff_limit = 6;
  bool suspended = false;
  std::string schedule;             // CronJob, in cron's five fields
  std::string completion_mode;      // "" or "NonIndexed", "Indexed"
  bool ignores_disruption = false;  // a podFailurePolicy ignores DisruptionTarget

  std::optional<WorkloadStatus> status;  // live only

  // How many pods it wants: what is written, 1 when nothing is, 1 for a CronJob's run and a bare Pod. A DaemonSet wants one
  // for each node it may run on: ask the Snapshot.
  std::int64_t replicas() const { return written_replicas.value_or(1); }
  const std::string& name_space() const { return object.id.name_space; }
  const std::string& name() const { return object.id.name; }
};

enum class PodPhase : std::uint8_t { pending, running, succeeded, failed, unknown };
std::string_view to_string(PodPhase phase);  // "Pending", …

enum class PodOrigin : std::uint8_t {
  written,  // a Pod in a manifest
  live,     // reported by a cluster
  derived,  // what a workload would create; has no document
};

struct Pod {
  // The name of a derived pod is the real one for StatefulSets ("nats-0"); elsewhere the real one ends in letters that nobody
  // knows yet, and a number stands in for them ("web-0").
  Object object;
  PodOrigin origin = PodOrigin::written;
  bool name_is_stand_in = false;
  // The workload that it belongs to in the end (a Deployment rather than its ReplicaSet), as an index into the snapshot's
  // workloads; absent when its controller is not in the snapshot.
  std::optional<std::size_t> workload;
  std::optional<std::int64_t> ordinal;  // of StatefulSets and Indexed Jobs

  // Its own labels, and for derived pods those that the controllers add (network policy reference, §6).
  LabelKnowledge labels;
  std::shared_ptr<const PodSpec> spec;  // never null; shared by the pods of one workload where they are derived

  // ---- What only a live cluster knows; derived and written pods are as if they ran and were ready ----
  PodPhase phase = PodPhase::running;
  bool ready = true;
  std::optional<base::Timestamp> ready_since;  // the Ready condition's last transition
  std::optional<base::Timestamp> created;
  std::optional<base::Timestamp> started;
  std::optional<base::Timestamp> deleted;  // when its deletion was asked for
  std::vector<IpAddress> ips;
  std::vector<IpAddress> host_ips;
  std::string node;            // "" when not placed
  std::int64_t restarts = 0;   // of all containers
  std::string waiting_reason;  // of the first container that waits: "CrashLoopBackOff"
  bool disruption_target = false;
  bool mirror = false;  // a static pod of its node

  bool terminal() const { return phase == PodPhase::succeeded || phase == PodPhase::failed; }
  bool terminating() const { return deleted.has_value(); }
  const std::string& name_space() const { return object.id.name_space; }
  const std::string& name() const { return object.id.name; }
};

// The pod with that number (from 0) that the controller of the workload would create. `workload_index` goes into the pod.
Pod derive_pod(const Workload& workload, std::size_t workload_index, std::int64_t number);

}  // namespace gantry::kube

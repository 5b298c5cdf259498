// Workloads: Kubernetes API reference, apps/v1 and batch/v1, with their defaults and validation.

#include "kube/readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::kube {

namespace {

constexpr std::string_view kRootFields[] = {"apiVersion", "kind", "metadata", "spec", "status"};
constexpr std::string_view kDeploymentFields[] = {
    "minReadySeconds", "paused",  "progressDeadlineSeconds", "replicas", "revisionHistoryLimit", "selector",
    "strategy",        "template"};
constexpr std::string_view kStatefulSetFields[] = {"minReadySeconds",
                                                   "ordinals",
                                                   "persistentVolumeClaimRetentionPolicy",
                                                   "podManagementPolicy",
                                                   "replicas",
                                                   "revisionHistoryLimit",
                                                   "selector",
                                                   "serviceName",
                                                   "template",
                                                   "updateStrategy",
                                                   "volumeClaimTemplates"};
constexpr std::string_view kDaemonSetFields[] = {"minReadySeconds", "revisionHistoryLimit", "selector", "template",
                                                 "updateStrategy"};
constexpr std::string_view kReplicaSetFields[] = {"minReadySeconds", "replicas", "selector", "template"};
constexpr std::string_view kJobFields[] = {"activeDeadlineSeconds",
                                           "backoffLimit",
                                           "backoffLimitPerIndex",
                                           "completionMode",
                                           "completions",
                                           "managedBy",
                                           "manualSelector",
                                           "maxFailedIndexes",
                                           "parallelism",
                                           "podFailurePolicy",
                                           "podReplacementPolicy",
                                           "selector",
                                           "successPolicy",
                                           "suspend",
                                           "template",
                                           "ttlSecondsAfterFinished"};
constexpr std::string_view kCronJobFields[] = {
    "concurrencyPolicy",       "failedJobsHistoryLimit",     "jobTemplate", "schedule",
    "startingDeadlineSeconds", "successfulJobsHistoryLimit", "suspend",     "timeZone"};
constexpr std::string_view kStrategyFields[] = {"rollingUpdate", "type"};
constexpr std::string_view kRollingFields[] = {"maxSurge", "maxUnavailable", "partition"};
static_assert(std::ranges::is_sorted(kStatefulSetFields) && std::ranges::is_sorted(kJobFields));
static_assert(std::ranges::is_sorted(kDeploymentFields) && std::ranges::is_sorted(kCronJobFields));

struct KindRow {
  std::string_view kind;
  WorkloadKind value;
  std::span<const std::string_view> fields;
};
constexpr std::array<KindRow, 8> kKinds = {{
    {"Deployment", WorkloadKind::deployment, kDeploymentFields},
    {"StatefulSet", WorkloadKind::stateful_set, kStatefulSetFields},
    {"DaemonSet", WorkloadKind::daemon_set, kDaemonSetFields},
    {"ReplicaSet", WorkloadKind::replica_set, kReplicaSetFields},
    {"ReplicationController", WorkloadKind::replication_controller, kReplicaSetFields},
    {"Job", WorkloadKind::job, kJobFields},
    {"CronJob", WorkloadKind::cron_job, kCronJobFields},
    {"Pod", WorkloadKind::pod, {}},
}};

const KindRow& row_of(std::string_view kind) {
  const auto it = std::ranges::find(kKinds, kind, &KindRow::kind);
  return it == kKinds.end() ? kKinds.back() : *it;
}

constexpr Choice<UpdateStrategy::Kind> kDeploymentStrategies[] = {
    {"RollingUpdate", UpdateStrategy::Kind::rolling_update},
    {"Recreate", UpdateStrategy::Kind::recreate},
};
constexpr Choice<UpdateStrategy::Kind> kSetStrategies[] = {
    {"RollingUpdate", UpdateStrategy::Kind::rolling_update},
    {"OnDelete", UpdateStrategy::Kind::on_delete},
};
constexpr Choice<bool> kManagement[] = {{"OrderedReady", false}, {"Parallel", true}};
constexpr Choice<std::string_view> kCompletionModes[] = {{"NonIndexed", "NonIndexed"}, {"Indexed", "Indexed"}};

bool is_zero(const std::optional<IntOrPercent>& value) { return value && value->value == 0; }

void parse_strategy(const Fields& strategy, Workload& out) {
  if (!strategy.present()) return;
  strategy.only(kStrategyFields);
  const bool deployment = out.kind == WorkloadKind::deployment;
  const std::span<const Choice<UpdateStrategy::Kind>> choices =
      deployment ? std::span(kDeploymentStrategies) : kSetStrategies;
  out.strategy.kind =
      strategy.choice<UpdateStrategy::Kind>("type", choices).value_or(UpdateStrategy::Kind::rolling_update);
  const Fields rolling = strategy.map("rollingUpdate");
  if (!rolling.present()) return;
  rolling.only(kRollingFields);
  if (out.strategy.kind == UpdateStrategy::Kind::recreate) rolling.reject({}, "may not stand beside the type Recreate");
  out.strategy.max_surge = rolling.int_or_percent("maxSurge");
  out.strategy.max_unavailable = rolling.int_or_percent("maxUnavailable");
  out.strategy.partition = rolling.integer_or("partition", 0, kNotNegative);
  const std::optional<IntOrPercent>& unavailable = out.strategy.max_unavailable;
  if (unavailable && unavailable->is_percent() && unavailable->value > 100) {
    rolling.reject("maxUnavailable", "must not be more than 100%");
  }
  const bool no_surge =
      deployment ? is_zero(out.strategy.max_surge) : !out.strategy.max_surge || is_zero(out.strategy.max_surge);
  const bool has_surge = deployment || out.kind == WorkloadKind::daemon_set;
  if (has_surge && no_surge && is_zero(unavailable))
    rolling.reject("maxUnavailable", "must not be 0 when maxSurge is 0");
}

// apps/v1: required, not empty, and true of the template's own labels.
void check_selector(const Fields& spec, const Workload& workload) {
  if (!workload.selector) {
    if (!spec.has("selector")) spec.require("selector");
    return;
  }
  if (workload.selector->selects_everything()) {
    spec.reject("selector", "must not be empty");
  } else if (!workload.selector->matches(workload.pod_template.labels)) {
    spec.reject("selector",
                fmt::format("({}) does not match the labels of its own template ({})", to_string(*workload.selector),
                            to_string(workload.pod_template.labels)),
                "give spec.template.metadata.labels the labels of the selector");
  }
}

void parse_controller(const Fields& spec, Workload& out, const std::vector<std::string>& claims = {}) {
  out.written_replicas = spec.integer("replicas", kNotNegative);
  out.min_ready_seconds = spec.integer_or("minReadySeconds", 0, kNotNegative);
  out.pod_template = parse_pod_template(spec, "template", claims);
  if (out.pod_template.spec->restart_policy != "Always") {
    spec.reject("template",
                fmt::format("must have the restartPolicy Always, not {}", out.pod_template.spec->restart_policy));
  }
}

void parse_deployment(const Fields& spec, Workload& out) {
  parse_controller(spec, out);
  out.selector = spec.selector("selector");
  const Fields strategy = spec.map("strategy");
  parse_strategy(strategy, out);
  out.progress_deadline_seconds = spec.integer("progressDeadlineSeconds", kNotNegative);
  out.paused = spec.flag("paused");
  check_selector(spec, out);
}

void parse_claim_templates(const Fields& spec, Workload& out) {
  spec.each("volumeClaimTemplates", [&](const Fields& fields) {
    const Fields metadata = fields.map("metadata");
    const Fields claim_spec = fields.map("spec");
    PersistentVolumeClaim claim;
    claim.object.id = {"", "PersistentVolumeClaim", out.object.id.name_space, metadata.text("name")};
    claim.object.version = "v1";
    claim.object.labels = metadata.labels("labels");
    claim.object.annotations = metadata.string_map("annotations");
    metadata.require("name");
    parse_claim_spec(claim_spec, claim);
    out.claim_templates.push_back(std::move(claim));
  });
}

void parse_stateful_set(const Fields& spec, Workload& out) {
  parse_claim_templates(spec, out);
  std::vector<std::string> claims;
  for (const PersistentVolumeClaim& claim : out.claim_templates) claims.push_back(claim.object.id.name);
  parse_controller(spec, out, claims);
  out.selector = spec.selector("selector");
  const Fields strategy = spec.map("updateStrategy");
  const Fields ordinals = spec.map("ordinals");
  parse_strategy(strategy, out);
  out.service_name = spec.text("serviceName");
  out.parallel = spec.choice<bool>("podManagementPolicy", kManagement).value_or(false);
  out.first_ordinal = ordinals.integer_or("start", 0, kNotNegative);
  check_selector(spec, out);
}

void parse_daemon_set(const Fields& spec, Workload& out) {
  parse_controller(spec, out);
  out.written_replicas.reset();
  out.selector = spec.selector("selector");
  const Fields strategy = spec.map("updateStrategy");
  parse_strategy(strategy, out);
  check_selector(spec, out);
}

void parse_replica_set(const Fields& spec, Workload& out) {
  parse_controller(spec, out);
  if (out.kind == WorkloadKind::replication_controller) {
    out.selector = spec.selector_map("selector");
    // Defaulted to the template's labels (core/v1).
    if (!out.selector) out.selector = LabelSelector::from_labels(out.pod_template.labels);
  } else {
    out.selector = spec.selector("selector");
  }
  check_selector(spec, out);
}

bool ignores_disruption(const Fields& spec) {
  const Fields policy = spec.map("podFailurePolicy");
  bool ignores = false;
  policy.each("rules", [&](const Fields& rule) {
    if (rule.text("action") != "Ignore") return;
    rule.each("onPodConditions",
              [&](const Fields& condition) { ignores |= condition.text("type") == "DisruptionTarget"; });
  });
  return ignores;
}

void parse_job(const Fields& spec, Workload& out) {
  out.pod_template = parse_pod_template(spec, "template");
  out.selector = spec.selector("selector");
  out.written_replicas = spec.integer("parallelism", kNotNegative);
  // Without completions a Job is done when one pod succeeds and all have ended (batch/v1).
  out.completions = spec.integer_or("completions", 1, kNotNegative);
  out.backoff_limit = spec.integer_or("backoffLimit", 6, kNotNegative);
  out.completion_mode = spec.choice<std::string_view>("completionMode", kCompletionModes).value_or("");
  out.ignores_disruption = ignores_disruption(spec);
  out.suspended = spec.flag("suspend");
  const Fields pod_template = spec.map("template");
  const Fields pod = pod_template.map("spec");
  const std::string policy = pod.text("restartPolicy", "Always");
  if (pod.present() && policy == "Always") {
    pod.reject("restartPolicy", "must be OnFailure or Never for a Job", "write restartPolicy: Never, or OnFailure");
  }
}

void parse_cron_job(const Fields& spec, Workload& out) {
  spec.require("schedule");
  const Fields job_template = spec.map("jobTemplate");
  const Fields job = job_template.map("spec");
  job.only(kJobFields);
  parse_job(job, out);
  out.suspended = spec.flag("suspend");
  out.schedule = spec.text("schedule");
}

void parse_status(const Fields& root, Workload& out) {
  const Fields status = root.map("status");
  if (!status.present() || out.object.origin != Origin::live) return;
  const bool daemon = out.kind == WorkloadKind::daemon_set;
  WorkloadStatus& s = out.status.emplace();
  s.observed_generation = status.integer_or("observedGeneration", 0, kAnyInt64);
  s.replicas = status.integer_or(daemon ? "desiredNumberScheduled" : "replicas", 0);
  s.ready = status.integer_or(daemon ? "numberReady" : "readyReplicas", 0);
  s.available = status.integer_or(daemon ? "numberAvailable" : "availableReplicas", 0);
  s.updated = status.integer_or(daemon ? "updatedNumberScheduled" : "updatedReplicas", 0);
  s.current_revision = status.text("currentRevision");
  s.update_revision = status.text("updateRevision");
  s.completed = status.has("completionTime");
}

}  // namespace

std::string_view to_string(WorkloadKind kind) { return std::ranges::find(kKinds, kind, &KindRow::value)->kind; }

Workload parse_workload(const Object& object, Problems& problems) {
  const KindRow& row = row_of(object.id.kind);
  const Fields root(*object.document, problems);
  root.only(kRootFields);
  const Fields spec = root.map("spec");
  spec.only(row.fields);
  Workload workload;
  workload.object = object;
  workload.kind = row.value;
  switch (row.value) {
    case WorkloadKind::deployment: parse_deployment(spec, workload); break;
    case WorkloadKind::stateful_set: parse_stateful_set(spec, workload); break;
    case WorkloadKind::daemon_set: parse_daemon_set(spec, workload); break;
    case WorkloadKind::replica_set:
    case WorkloadKind::replication_controller: parse_replica_set(spec, workload); break;
    case WorkloadKind::job: parse_job(spec, workload); break;
    case WorkloadKind::cron_job: parse_cron_job(spec, workload); break;
    case WorkloadKind::pod: break;
  }
  parse_status(root, workload);
  return workload;
}

RollingBounds rolling_bounds(const UpdateStrategy& strategy, std::int64_t replicas) {
  const IntOrPercent quarter = IntOrPercent::percent(25);
  RollingBounds bounds{.surge = strategy.max_surge.value_or(quarter).resolve(replicas, Rounding::up),
                       .unavailable = strategy.max_unavailable.value_or(quarter).resolve(replicas, Rounding::down)};
  if (bounds.surge == 0 && bounds.unavailable == 0) bounds.unavailable = 1;
  return bounds;
}

}  // namespace gantry::kube

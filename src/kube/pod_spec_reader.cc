// PodSpec and PodTemplateSpec: Kubernetes API reference, core/v1, and its validation.

#include "kube/readers.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gantry::kube {

namespace {

constexpr std::string_view kPodSpecFields[] = {
    "activeDeadlineSeconds",
    "affinity",
    "automountServiceAccountToken",
    "containers",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "ephemeralContainers",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostUsers",
    "hostname",
    "hostnameOverride",
    "imagePullSecrets",
    "initContainers",
    "nodeName",
    "nodeSelector",
    "os",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "resourceClaims",
    "resources",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "schedulingGates",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
    "volumes",
};
static_assert(std::ranges::is_sorted(kPodSpecFields));

constexpr std::string_view kTemplateFields[] = {"metadata", "spec"};

constexpr Choice<std::string_view> kRestartPolicies[] = {
    {"Always", "Always"},
    {"OnFailure", "OnFailure"},
    {"Never", "Never"},
};

std::vector<std::string> parse_names(const Fields& spec, std::string_view key, std::string_view field) {
  std::vector<std::string> names;
  spec.each(key, [&](const Fields& fields) { names.push_back(fields.text(field)); });
  return names;
}

void parse_containers(const Fields& fields, PodSpec& spec) {
  fields.each("initContainers",
              [&](const Fields& c) { spec.init_containers.push_back(parse_container(c, ContainerRole::init)); });
  fields.each("containers",
              [&](const Fields& c) { spec.containers.push_back(parse_container(c, ContainerRole::main)); });
  if (spec.containers.empty()) fields.reject("containers", "must hold at least one container");
}

void parse_identity(const Fields& fields, PodSpec& spec) {
  spec.service_account = fields.text("serviceAccountName", fields.text("serviceAccount", "default"));
  spec.automount_token = fields.optional_flag("automountServiceAccountToken");
  spec.image_pull_secrets = parse_names(fields, "imagePullSecrets", "name");
  spec.security = parse_security(fields);
}

void parse_host_settings(const Fields& fields, PodSpec& spec) {
  spec.host_network = fields.flag("hostNetwork");
  spec.host_pid = fields.flag("hostPID");
  spec.host_ipc = fields.flag("hostIPC");
  spec.hostname = fields.text("hostname");
  spec.subdomain = fields.text("subdomain");
  spec.dns_policy = fields.text("dnsPolicy", "ClusterFirst");
  fields.each("hostAliases", [&](const Fields& alias) {
    spec.host_aliases.push_back({.ip = alias.text("ip"), .hostnames = alias.texts("hostnames")});
  });
}

void parse_placement(const Fields& fields, PodSpec& spec) {
  spec.node_name = fields.text("nodeName");
  spec.node_selector = fields.labels("nodeSelector");
  spec.affinity = parse_affinity(fields);
  spec.tolerations = parse_tolerations(fields);
  spec.topology_spread = parse_topology_spread(fields);
  spec.scheduler = fields.text("schedulerName", "default-scheduler");
  spec.runtime_class = fields.text("runtimeClassName");
  spec.priority_class = fields.text("priorityClassName");
  spec.priority = fields.integer("priority");
  spec.preemption_policy = fields.text("preemptionPolicy");
  spec.overhead = fields.resources("overhead");
  spec.scheduling_gates = parse_names(fields, "schedulingGates", "name");
  spec.readiness_gates = parse_names(fields, "readinessGates", "conditionType");
}

void check_unique_containers(const Fields& fields, const PodSpec& spec) {
  std::set<std::string_view> names;
  for (const auto* list : {&spec.init_containers, &spec.containers}) {
    for (const Container& container : *list) {
      if (container.name.empty() || names.insert(container.name).second) continue;
      fields.problems().reject(
          container.where, fmt::format("{}: two containers have the name {}", fields.path(), quoted(container.name)));
    }
  }
}

// A mount must name a volume of the pod. `claim_templates` of a StatefulSet are volumes as well: its reader adds their names.
void check_mounts(const Fields& fields, const PodSpec& spec, const std::vector<std::string>& claims) {
  std::set<std::string_view> names(claims.begin(), claims.end());
  std::set<std::string_view> own;
  for (const Volume& volume : spec.volumes) {
    names.insert(volume.name);
    if (!own.insert(volume.name).second && !volume.name.empty()) {
      fields.problems().reject(volume.source.where,
                               fmt::format("{} has two volumes with the name {}", fields.path(), quoted(volume.name)));
    }
  }
  for (const auto* list : {&spec.init_containers, &spec.containers}) {
    for (const Container& container : *list) {
      for (const VolumeMount& mount : container.mounts) {
        if (mount.volume.empty() || names.contains(mount.volume)) continue;
        fields.problems().reject(
            mount.where, fmt::format("container {} mounts the volume {}, which the pod does not have", container.name,
                                     quoted(mount.volume)));
      }
    }
  }
}

}  // namespace

std::shared_ptr<const PodSpec> parse_pod_spec(const Fields& fields, const std::vector<std::string>& claims) {
  auto spec = std::make_shared<PodSpec>();
  spec->where = fields.pos();
  if (!fields.present()) {
    fields.problems().reject(fields.pos(), fmt::format("{} is missing", fields.path()));
    return spec;
  }
  fields.only(kPodSpecFields);
  parse_containers(fields, *spec);
  fields.each("volumes", [&](const Fields& volume) { spec->volumes.push_back(parse_volume(volume)); });
  spec->restart_policy = fields.choice<std::string_view>("restartPolicy", kRestartPolicies).value_or("Always");
  parse_identity(fields, *spec);
  parse_host_settings(fields, *spec);
  spec->termination_grace =
      fields.seconds("terminationGracePeriodSeconds", {0, kAnyInt64.max}).value_or(spec->termination_grace);
  spec->active_deadline = fields.seconds("activeDeadlineSeconds", kPositive);
  parse_placement(fields, *spec);
  check_unique_containers(fields, *spec);
  check_mounts(fields, *spec, claims);
  return spec;
}

PodTemplate parse_pod_template(const Fields& holder, std::string_view key, const std::vector<std::string>& claims) {
  const Fields fields = holder.map(key);
  fields.only(kTemplateFields);
  const Fields metadata = fields.map("metadata");
  const Fields spec = fields.map("spec");
  PodTemplate pod_template;
  pod_template.where = fields.pos();
  pod_template.labels = metadata.labels("labels");
  pod_template.annotations = metadata.string_map("annotations");
  pod_template.spec = parse_pod_spec(spec, claims);
  return pod_template;
}

}  // namespace gantry::kube

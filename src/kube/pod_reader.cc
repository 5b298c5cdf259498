// Pods as they are written or reported: Kubernetes API reference, core/v1 Pod and PodStatus.

#include "kube/readers.h"

#include <algorithm>
#include <array>

namespace gantry::kube {

namespace {

constexpr std::string_view kRootFields[] = {"apiVersion", "kind", "metadata", "spec", "status"};

constexpr std::array<Choice<PodPhase>, 5> kPhases = {{
    {"Pending", PodPhase::pending},
    {"Running", PodPhase::running},
    {"Succeeded", PodPhase::succeeded},
    {"Failed", PodPhase::failed},
    {"Unknown", PodPhase::unknown},
}};

// Set by the kubelet on the API server's copy of a static pod.
constexpr std::string_view kMirrorAnnotation = "kubernetes.io/config.mirror";

void add_address(std::string_view text, std::vector<IpAddress>& out) {
  const std::optional<IpAddress> address = IpAddress::parse(text);
  if (address && std::ranges::find(out, *address) == out.end()) out.push_back(*address);
}

std::vector<IpAddress> parse_ips(const Fields& status, std::string_view one, std::string_view many) {
  std::vector<IpAddress> ips;
  status.each(many, [&](const Fields& entry) { add_address(entry.text("ip"), ips); });
  add_address(status.text(one), ips);
  return ips;
}

void parse_conditions(const Fields& status, Pod& pod) {
  // A list that somebody has trimmed may have no conditions: then what runs is taken for ready.
  pod.ready = !status.has("conditions") && pod.phase == PodPhase::running;
  status.each("conditions", [&](const Fields& condition) {
    const std::string type = condition.text("type");
    const bool holds = condition.text("status") == "True";
    if (type == "Ready") {
      pod.ready = holds;
      pod.ready_since = condition.time("lastTransitionTime");
    } else if (type == "DisruptionTarget") {
      pod.disruption_target = holds;
    }
  });
}

void parse_containers(const Fields& status, Pod& pod) {
  for (const std::string_view key : {"initContainerStatuses", "containerStatuses"}) {
    status.each(key, [&](const Fields& container) {
      pod.restarts += container.integer_or("restartCount", 0, kNotNegative);
      const Fields state = container.map("state");
      const Fields waiting = state.map("waiting");
      if (pod.waiting_reason.empty()) pod.waiting_reason = waiting.text("reason");
    });
  }
}

void parse_live(const Fields& root, Pod& pod) {
  const Fields metadata = root.map("metadata");
  const Fields status = root.map("status");
  pod.origin = PodOrigin::live;
  pod.created = metadata.time("creationTimestamp");
  pod.deleted = metadata.time("deletionTimestamp");
  pod.phase = status.choice<PodPhase>("phase", kPhases).value_or(PodPhase::pending);
  pod.started = status.time("startTime");
  pod.ips = parse_ips(status, "podIP", "podIPs");
  pod.host_ips = parse_ips(status, "hostIP", "hostIPs");
  parse_conditions(status, pod);
  parse_containers(status, pod);
}

}  // namespace

std::string_view to_string(PodPhase phase) { return std::ranges::find(kPhases, phase, &Choice<PodPhase>::value)->word; }

Pod parse_pod(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  root.only(kRootFields);
  const Fields spec = root.map("spec");
  Pod pod;
  pod.object = object;
  pod.labels.known = object.labels;
  pod.spec = parse_pod_spec(spec);
  pod.node = pod.spec->node_name;
  pod.mirror = object.annotations.find(kMirrorAnnotation) != nullptr;
  if (object.origin == Origin::live) parse_live(root, pod);
  return pod;
}

}  // namespace gantry::kube

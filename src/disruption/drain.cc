#include "disruption/drain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::disruption {

using Action = DrainDecision::Action;

namespace {

constexpr std::array<std::string_view, 7> kFilterNames = {"none",   "pod-selector",  "deleted",     "daemon-set",
                                                          "mirror", "local-storage", "unreplicated"};

// §4.2, filter 1: how long ago it was asked to go decides, not whether it has gone.
bool is_long_deleted(const DrainPod& pod, const DrainFlags& flags) {
  return flags.skip_wait_for_delete_timeout.count() > 0 && pod.deleted_for &&
         *pod.deleted_for > flags.skip_wait_for_delete_timeout;
}

// Each filter answers `evict` with itself where it only lets the pod through because of a flag, and `none` where it has
// nothing to say.
DrainDecision judge_daemon_pod(const DrainPod& pod, const DrainFlags& flags) {
  if (pod.controller != DrainPod::Controller::daemon_set || pod.terminal) return {};
  if (pod.daemon_set_missing)
    return {flags.force ? Action::evict : Action::refuse, DrainFilter::daemon_set, "--force",
            "a pod that nothing creates again"};
  return {flags.ignore_daemonsets ? Action::skip : Action::refuse, DrainFilter::daemon_set, "--ignore-daemonsets"};
}

DrainDecision judge_mirror(const DrainPod& pod, const DrainFlags&) {
  return pod.mirror ? DrainDecision{Action::skip, DrainFilter::mirror} : DrainDecision{};
}

DrainDecision judge_local_storage(const DrainPod& pod, const DrainFlags& flags) {
  if (!pod.empty_dir || pod.terminal) return {};
  return {flags.delete_emptydir_data ? Action::evict : Action::refuse, DrainFilter::local_storage,
          "--delete-emptydir-data", "the content of its emptyDir volumes"};
}

DrainDecision judge_unreplicated(const DrainPod& pod, const DrainFlags& flags) {
  if (pod.controller != DrainPod::Controller::none || pod.terminal) return {};
  return {flags.force ? Action::evict : Action::refuse, DrainFilter::unreplicated, "--force",
          "a pod that nothing creates again"};
}

}  // namespace

std::string_view to_string(DrainFilter filter) { return kFilterNames.at(static_cast<std::size_t>(filter)); }

std::string to_command(const DrainFlags& flags, std::string_view node) {
  std::string command = fmt::format("kubectl drain {}", node);
  const auto add = [&](bool given, std::string_view flag) {
    if (given) command += fmt::format(" {}", flag);
  };
  add(flags.ignore_daemonsets, "--ignore-daemonsets");
  add(flags.delete_emptydir_data, "--delete-emptydir-data");
  add(flags.force, "--force");
  add(flags.disable_eviction, "--disable-eviction");
  if (flags.grace_period) command += fmt::format(" --grace-period={}", flags.grace_period->count());
  if (flags.timeout) command += fmt::format(" --timeout={}s", flags.timeout->count());
  if (flags.pod_selector) command += fmt::format(" --pod-selector='{}'", to_string(*flags.pod_selector));
  if (flags.skip_wait_for_delete_timeout.count() > 0)
    command += fmt::format(" --skip-wait-for-delete-timeout={}", flags.skip_wait_for_delete_timeout.count());
  return command;
}

base::Result<void> check(const DrainFlags& flags) {
  const auto below_zero = [](std::optional<std::chrono::seconds> value) { return value && value->count() < 0; };
  if (below_zero(flags.grace_period))
    return base::usage_error("a grace period is not below zero", "leave it out to use each pod's own");
  if (below_zero(flags.timeout))
    return base::usage_error("a timeout is not below zero", "leave it out to wait for ever");
  if (flags.skip_wait_for_delete_timeout.count() < 0)
    return base::usage_error("the wait for deleted pods is not below zero", "write 0 to switch it off");
  return {};
}

DrainPod drain_pod(const kube::Snapshot& snapshot, const kube::Pod& pod, const DrainFlags& flags,
                   std::optional<base::Timestamp> now) {
  DrainPod facts;
  const kube::OwnerRef* owner = pod.object.controller();
  const kube::Workload* workload = snapshot.workload_of(pod);
  const bool derived = pod.origin == kube::PodOrigin::derived;
  if (owner != nullptr) {
    const bool daemon = owner->kind == "DaemonSet";
    facts.controller = daemon ? DrainPod::Controller::daemon_set : DrainPod::Controller::other;
    facts.daemon_set_missing = daemon && workload == nullptr;
  } else if (derived && workload != nullptr) {
    const bool daemon = workload->kind == kube::WorkloadKind::daemon_set;
    facts.controller = daemon ? DrainPod::Controller::daemon_set : DrainPod::Controller::other;
  }
  facts.mirror = pod.mirror;
  facts.empty_dir = std::ranges::any_of(
      pod.spec->volumes, [](const kube::Volume& volume) { return volume.source.kind == kube::VolumeKind::empty_dir; });
  facts.terminal = pod.terminal();
  if (pod.deleted && now) facts.deleted_for = std::chrono::floor<std::chrono::seconds>(*now - *pod.deleted);
  facts.selected = !flags.pod_selector || kube::match(*flags.pod_selector, pod.labels) == kube::Match::yes;
  return facts;
}

// The filters in kubectl's order: the first that does not let the pod through decides, the rest are not asked.
DrainDecision decide(const DrainPod& pod, const DrainFlags& flags) {
  if (!pod.selected) return {Action::skip, DrainFilter::pod_selector};
  if (is_long_deleted(pod, flags)) return {Action::skip, DrainFilter::deleted};
  DrainDecision last;
  for (const auto filter : {judge_daemon_pod, judge_mirror, judge_local_storage, judge_unreplicated}) {
    const DrainDecision decision = filter(pod, flags);
    if (decision.action != Action::evict) return decision;
    if (decision.filter != DrainFilter::none) last = decision;
  }
  return last;
}

}  // namespace gantry::disruption

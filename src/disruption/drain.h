#pragma once

// kubectl drain: its flags, and which pods of a node it evicts, skips or refuses over (disruption reference, §4; kubectl,
// pkg/drain/filters.go). A refusal aborts the node before its first eviction.

#include "base/result.h"
#include "base/time.h"
#include "kube/labels.h"
#include "kube/snapshot.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::disruption {

// With kubectl's own defaults (§4.3).
struct DrainFlags {
  bool force = false;
  bool ignore_daemonsets = false;
  bool delete_emptydir_data = false;
  bool disable_eviction = false;                          // plain DELETE: budgets are ignored
  std::optional<std::chrono::seconds> grace_period = {};  // absent: the pod's own (-1); 0: at once
  std::optional<std::chrono::seconds> timeout = {};       // per node; absent: for ever (0)
  std::optional<kube::LabelSelector> pod_selector = {};   // only these pods; the node may stay non-empty
  std::chrono::seconds skip_wait_for_delete_timeout{0};   // 0: off
  friend bool operator==(const DrainFlags&, const DrainFlags&) = default;
};
// "kubectl drain NODE --ignore-daemonsets …", as somebody would type it.
std::string to_command(const DrainFlags& flags, std::string_view node);
// Errors: usage, for a grace period or a timeout below zero.
base::Result<void> check(const DrainFlags& flags);

// What a filter asks about a pod.
struct DrainPod {
  enum class Controller : std::uint8_t { none, daemon_set, other };
  Controller controller = Controller::none;
  bool daemon_set_missing = false;  // the DaemonSet that its owner reference names does not exist
  bool mirror = false;
  bool empty_dir = false;
  bool terminal = false;
  std::optional<std::chrono::seconds> deleted_for = {};  // since its deletionTimestamp
  bool selected = true;                                  // by --pod-selector
};
// `now`: of live snapshots, when deletionTimestamps are compared with it; absent: no pod counts as deleted long ago.
DrainPod drain_pod(const kube::Snapshot& snapshot, const kube::Pod& pod, const DrainFlags& flags,
                   std::optional<base::Timestamp> now = {});

enum class DrainFilter : std::uint8_t { none, pod_selector, deleted, daemon_set, mirror, local_storage, unreplicated };
std::string_view to_string(DrainFilter filter);  // "daemon-set", …

struct DrainDecision {
  enum class Action : std::uint8_t { evict, skip, refuse };
  Action action = Action::evict;
  DrainFilter filter = DrainFilter::none;  // that decided
  // Of a refusal: the flag that lifts it. Of an eviction that only a flag allowed: that flag.
  std::string_view flag = {};
  // What that flag destroys; empty when nothing is lost.
  std::string_view destroys = {};
  friend bool operator==(const DrainDecision&, const DrainDecision&) = default;
};
DrainDecision decide(const DrainPod& pod, const DrainFlags& flags);

// kubectl's waits (§4.4): between two tries after a 429, and between two looks at a pod that is going.
inline constexpr std::chrono::seconds kEvictionRetry{5};
inline constexpr std::chrono::seconds kDeletionPoll{1};

}  // namespace gantry::disruption

#pragma once

// What is said about the cluster of a rehearsal: fields of the blocks of drain.rehearse and upgrade.rehearse, and of `drain:` in
// gantry.yaml, which holds for every block that does not say otherwise.

#include "launch/fields.h"

#include <array>

namespace gantry::launch {

inline constexpr Field kNodesField{"nodes", FieldKind::any, Need::optional,
                                   "how many nodes there are, or {count: 3, cpu: 4, memory: 16Gi, zones: [a, b, c]}; "
                                   "without, the manifests' Node objects"};
inline constexpr Field kQuorumField{"quorum", FieldKind::any, Need::optional,
                                    "what keeps its majority: {pods: nats, of: 3, needs: 2}, or a list"};
inline constexpr Field kAvailableField{"available", FieldKind::any, Need::optional,
                                       "what stays ready: {service: kgent-api, min: 1}, or a list; min: 0 where it may "
                                       "be down"};
inline constexpr Field kInferField{"infer", FieldKind::boolean, Need::optional,
                                   "false: only what is claimed must hold, nothing is inferred from what runs"};
inline constexpr Field kForceField{"force", FieldKind::boolean, Need::optional, "as kubectl drain --force"};
inline constexpr Field kIgnoreDaemonSetsField{"ignore_daemonsets", FieldKind::boolean, Need::optional,
                                              "as kubectl drain --ignore-daemonsets"};
inline constexpr Field kDeleteEmptyDirField{"delete_emptydir_data", FieldKind::boolean, Need::optional,
                                            "as kubectl drain --delete-emptydir-data"};
inline constexpr Field kDisableEvictionField{"disable_eviction", FieldKind::boolean, Need::optional,
                                             "as kubectl drain --disable-eviction"};
inline constexpr Field kGracePeriodField{"grace_period", FieldKind::duration, Need::optional,
                                         "as kubectl drain --grace-period"};
inline constexpr Field kTimeoutField{"timeout", FieldKind::duration, Need::optional, "as kubectl drain --timeout"};
inline constexpr Field kPodSelectorField{"pod_selector", FieldKind::text, Need::optional,
                                         "as kubectl drain --pod-selector"};

// The fields of `drain:` in gantry.yaml.
inline constexpr std::array kRehearsalFields = {kNodesField,          kQuorumField,          kAvailableField,
                                                kInferField,          kForceField,           kIgnoreDaemonSetsField,
                                                kDeleteEmptyDirField, kDisableEvictionField, kGracePeriodField,
                                                kTimeoutField,        kPodSelectorField};

}  // namespace gantry::launch

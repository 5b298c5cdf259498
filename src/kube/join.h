#pragma once

// What is said about several objects at once, once all of them are read. Private to kube; called in this order.

#include "kube/snapshot.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace gantry::kube {

// Namespaces that objects are in and nobody defines; and the label that the API server gives every namespace.
void add_mentioned_namespaces(SnapshotData& data);
// Pods without a controller become workloads of their own.
void add_bare_pods(SnapshotData& data);
// The order that in_namespace() and find_named() rely on.
void sort_by_identity(SnapshotData& data);
void sort_pods(SnapshotData& data);
// Pod::workload, through ReplicaSets and Jobs to what controls those.
void join_pods_to_workloads(SnapshotData& data);
// In `workloads`, once they are sorted.
std::optional<std::size_t> find_workload_index(const SnapshotData& data, std::string_view name_space,
                                               std::string_view kind, std::string_view name);
// The pods of workloads that nobody reports pods of, at most `max` of all together.
void derive_pods(SnapshotData& data, std::size_t max);

}  // namespace gantry::kube

#include "kube/snapshot.h"

#include "kube/join.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <numeric>
#include <tuple>

namespace gantry::kube {

namespace {

std::vector<std::size_t> sort_objects(const SnapshotData& data) {
  std::vector<std::size_t> by_id(data.objects.size());
  std::iota(by_id.begin(), by_id.end(), std::size_t{0});
  std::ranges::sort(by_id, {}, [&](std::size_t i) -> const ObjectId& { return data.objects[i].id; });
  return by_id;
}

// The pods of workload i are pods[first[i]] to pods[first[i + 1]].
struct PodsByWorkload {
  std::vector<std::size_t> pods;
  std::vector<std::size_t> first;
};

PodsByWorkload sort_pods_by_workload(const SnapshotData& data) {
  PodsByWorkload sorted;
  auto& [pods, first] = sorted;
  first.assign(data.workloads.size() + 1, 0);
  for (const Pod& pod : data.pods) {
    if (pod.workload) ++first[*pod.workload + 1];
  }
  std::partial_sum(first.begin(), first.end(), first.begin());
  pods.resize(first.back());
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  for (std::size_t i = 0; i < data.pods.size(); ++i) {
    if (data.pods[i].workload) pods[next[*data.pods[i].workload]++] = i;
  }
  return sorted;
}

const Workload* find_controller(const SnapshotData& data, const Workload& workload) {
  const OwnerRef* owner = workload.object.controller();
  if (owner == nullptr) return nullptr;
  const std::optional<std::size_t> index = find_workload_index(data, workload.name_space(), owner->kind, owner->name);
  return index ? &data.workloads[*index] : nullptr;
}

std::vector<const Workload*> find_controllers(const SnapshotData& data) {
  std::vector<const Workload*> controllers;
  for (const Workload& workload : data.workloads) controllers.push_back(find_controller(data, workload));
  return controllers;
}

}  // namespace

// Each part is built when somebody first asks for it: a snapshot of which one policy was changed is mostly asked for neither.
class Snapshot::Index {
 public:
  const std::vector<std::size_t>& objects_by_id(const SnapshotData& data) const {
    std::call_once(objects_once_, [&] { objects_ = sort_objects(data); });
    return objects_;
  }
  const PodsByWorkload& pods_by_workload(const SnapshotData& data) const {
    std::call_once(pods_once_, [&] { pods_ = sort_pods_by_workload(data); });
    return pods_;
  }
  // By workload.
  const std::vector<const Workload*>& controllers(const SnapshotData& data) const {
    std::call_once(controllers_once_, [&] { controllers_ = find_controllers(data); });
    return controllers_;
  }

 private:
  mutable std::once_flag objects_once_;
  mutable std::vector<std::size_t> objects_;
  mutable std::once_flag pods_once_;
  mutable PodsByWorkload pods_;
  mutable std::once_flag controllers_once_;
  mutable std::vector<const Workload*> controllers_;
};

Snapshot::Snapshot() : Snapshot(std::make_shared<const SnapshotData>()) {}

Snapshot::Snapshot(std::shared_ptr<const SnapshotData> data)
    : data_(std::move(data)), index_(std::make_shared<const Index>()) {}

const Object* Snapshot::find(const ObjectId& id) const {
  const auto id_of = [&](std::size_t i) -> const ObjectId& { return data_->objects[i].id; };
  const std::vector<std::size_t>& by_id = index_->objects_by_id(*data_);
  const auto it = std::ranges::lower_bound(by_id, id, {}, id_of);
  return it != by_id.end() && id_of(*it) == id ? &data_->objects[*it] : nullptr;
}

const Namespace* Snapshot::find_namespace(std::string_view name) const {
  return find_named(data_->namespaces, "", name);
}

const Workload* Snapshot::find_workload(WorkloadKind kind, std::string_view name_space, std::string_view name) const {
  const std::optional<std::size_t> index = find_workload_index(*data_, name_space, to_string(kind), name);
  return index ? &data_->workloads[*index] : nullptr;
}

const Workload* Snapshot::workload_of(const Pod& pod) const {
  return pod.workload ? &data_->workloads[*pod.workload] : nullptr;
}

std::span<const std::size_t> Snapshot::pods_of(const Workload& workload) const {
  const Workload* found = find_workload(workload.kind, workload.name_space(), workload.name());
  if (found == nullptr) return {};
  const auto i = static_cast<std::size_t>(found - data_->workloads.data());
  const auto& [pods, first] = index_->pods_by_workload(*data_);
  return std::span(pods).subspan(first[i], first[i + 1] - first[i]);
}

const Workload* Snapshot::controller_of(const Workload& workload) const {
  const std::span<const Workload> all(data_->workloads);
  // Mostly one of the snapshot's own, of which each is looked up once.
  const bool is_own = std::greater_equal()(&workload, all.data()) && std::less()(&workload, all.data() + all.size());
  if (!is_own) return find_controller(*data_, workload);
  return index_->controllers(*data_)[static_cast<std::size_t>(&workload - all.data())];
}

bool Snapshot::live() const {
  return std::ranges::any_of(data_->objects, [](const Object& object) { return object.origin == Origin::live; });
}

std::string to_string(const SourceRecord& source) {
  const std::string objects = fmt::format("{} object{}", source.object_count, source.object_count == 1 ? "" : "s");
  switch (source.kind) {
    case SourceRecord::Kind::file: return fmt::format("{} ({})", source.name, objects);
    case SourceRecord::Kind::folder: return fmt::format("{} (folder, {})", source.name, objects);
    case SourceRecord::Kind::kustomization: return fmt::format("{} (kustomization, {})", source.name, objects);
    case SourceRecord::Kind::text: return fmt::format("{} (text, {})", source.name, objects);
    case SourceRecord::Kind::cluster: return fmt::format("{} (cluster, {})", source.name, objects);
  }
  return source.name;
}

}  // namespace gantry::kube

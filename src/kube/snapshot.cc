#include "kube/snapshot.h"

#include "kube/join.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace gantry::kube {

// Built once with the data, never changed.
struct Snapshot::Index {
  std::vector<std::size_t> objects_by_id;
  // The pods of workload i are pods[first[i]] to pods[first[i + 1]].
  std::vector<std::size_t> pods;
  std::vector<std::size_t> first;

  explicit Index(const SnapshotData& data) {
    objects_by_id.resize(data.objects.size());
    std::iota(objects_by_id.begin(), objects_by_id.end(), std::size_t{0});
    std::ranges::sort(objects_by_id, {}, [&](std::size_t i) -> const ObjectId& { return data.objects[i].id; });
    index_pods(data);
  }

 private:
  void index_pods(const SnapshotData& data) {
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
  }
};

Snapshot::Snapshot() : Snapshot(std::make_shared<const SnapshotData>()) {}

Snapshot::Snapshot(std::shared_ptr<const SnapshotData> data)
    : data_(std::move(data)), index_(std::make_shared<const Index>(*data_)) {}

const Object* Snapshot::find(const ObjectId& id) const {
  const auto id_of = [&](std::size_t i) -> const ObjectId& { return data_->objects[i].id; };
  const auto it = std::ranges::lower_bound(index_->objects_by_id, id, {}, id_of);
  return it != index_->objects_by_id.end() && id_of(*it) == id ? &data_->objects[*it] : nullptr;
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
  return std::span(index_->pods).subspan(index_->first[i], index_->first[i + 1] - index_->first[i]);
}

const Workload* Snapshot::controller_of(const Workload& workload) const {
  const OwnerRef* owner = workload.object.controller();
  if (owner == nullptr) return nullptr;
  const std::optional<std::size_t> index = find_workload_index(*data_, workload.name_space(), owner->kind, owner->name);
  return index ? &data_->workloads[*index] : nullptr;
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

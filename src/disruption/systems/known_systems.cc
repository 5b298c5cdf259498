#include "disruption/systems/known_systems.h"

#include "kube/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace gantry::disruption {

namespace {

struct SystemRow {
  std::string_view name;
  std::array<std::string_view, 4> images;   // "" ends the list
  std::array<std::string_view, 4> markers;  // one of them in the settings; none: the image says enough
  std::string_view why;
};
// The same image runs with and without a vote: NATS without JetStream, Redis without Sentinel. The markers tell.
constexpr SystemRow kSystems[] = {
    {"NATS JetStream",
     {"nats", "nats-server"},
     {"jetstream", "--js", "-js "},
     "JetStream's Raft groups stop without a majority"},
    {"etcd", {"etcd"}, {}, "etcd serves nothing without a majority"},
    {"Redis Sentinel", {"redis-sentinel"}, {}, "sentinels elect the leader of a failover by majority"},
    {"Redis Sentinel", {"redis", "valkey"}, {"sentinel"}, "sentinels elect the leader of a failover by majority"},
    {"ZooKeeper", {"zookeeper", "cp-zookeeper"}, {}, "ZooKeeper serves nothing without a majority"},
    {"Consul",
     {"consul", "consul-enterprise"},
     {"-server", "bootstrap-expect", "bootstrap_expect", "server = true"},
     "Consul servers elect no leader without a majority"},
    {"Vault",
     {"vault"},
     {"storage \"raft\"", "raft:", "VAULT_RAFT"},
     "Vault's integrated storage stops without a majority"},
    {"RabbitMQ",
     {"rabbitmq", "rabbitmq-server"},
     {"quorum", "pause_minority"},
     "quorum queues stop without a majority"},
    {"PostgreSQL Patroni",
     {"patroni", "spilo", "spilo-15", "spilo-16"},
     {"raft:", "PATRONI_RAFT"},
     "Patroni's own Raft holds the leader lock by majority"},
    {"CockroachDB", {"cockroach"}, {}, "ranges stop without a majority of their replicas"},
    {"MongoDB", {"mongo", "mongodb"}, {"replSet", "REPLICA_SET"}, "a replica set elects no primary without a majority"},
    {"Kafka",
     {"kafka", "cp-kafka"},
     {"controller.quorum", "CONTROLLER_QUORUM"},
     "KRaft controllers stop without a majority"},
};

bool names(const SystemRow& row, std::string_view image) {
  return !image.empty() && std::ranges::find(row.images, image) != row.images.end();
}

std::string_view find_marker(const SystemRow& row, std::string_view settings) {
  for (const std::string_view marker : row.markers)
    if (!marker.empty() && settings.contains(marker)) return marker;
  return {};
}

std::optional<KnownSystem> recognise_container(const kube::Snapshot& snapshot, const kube::Workload& workload,
                                               const kube::Container& container) {
  const std::string_view image = image_name(container.image);
  std::optional<std::string> settings;  // read only where an image asks for it
  for (const SystemRow& row : kSystems) {
    if (!names(row, image)) continue;
    if (row.markers.front().empty())
      return KnownSystem{row.name, fmt::format("its image is {}; {}", image, row.why), &container};
    if (!settings) settings = settings_text(snapshot, workload, container);
    const std::string_view marker = find_marker(row, *settings);
    if (!marker.empty())
      return KnownSystem{row.name, fmt::format("its image is {} and its settings say {}; {}", image, marker, row.why),
                         &container};
  }
  return {};
}

void add_config_map(const kube::Snapshot& snapshot, const std::string& name_space, std::string_view name,
                    std::string& text) {
  const kube::ConfigMap* config = kube::find_named(snapshot->config_maps, name_space, name);
  if (config == nullptr) return;
  for (const kube::ConfigEntry& entry : config->data)
    text.append(entry.key).append(": ").append(entry.value).append("\n");
}

void add_volume(const kube::Snapshot& snapshot, const std::string& name_space, const kube::Volume& volume,
                std::string& text) {
  const auto add = [&](const kube::VolumeSource& source) {
    if (source.kind == kube::VolumeKind::config_map) add_config_map(snapshot, name_space, source.name, text);
  };
  add(volume.source);
  std::ranges::for_each(volume.projected, add);
}

}  // namespace

std::string_view image_name(std::string_view image) {
  image = image.substr(image.rfind('/') + 1);
  return image.substr(0, image.find_first_of(":@"));
}

std::string settings_text(const kube::Snapshot& snapshot, const kube::Workload& workload,
                          const kube::Container& container) {
  std::string text;
  for (const std::vector<std::string>* words : {&container.command, &container.args})
    for (const std::string& word : *words) text.append(word).append(" ");
  for (const kube::EnvVar& variable : container.env)
    text.append(variable.name).append("=").append(variable.value).append("\n");
  for (const kube::EnvFrom& from : container.env_from)
    if (from.kind == kube::EnvFrom::Kind::config_map) add_config_map(snapshot, workload.name_space(), from.name, text);
  for (const kube::VolumeMount& mount : container.mounts)
    for (const kube::Volume& volume : workload.pod_template.spec->volumes)
      if (volume.name == mount.volume) add_volume(snapshot, workload.name_space(), volume, text);
  return text;
}

std::optional<KnownSystem> recognise(const kube::Snapshot& snapshot, const kube::Workload& workload) {
  using enum kube::WorkloadKind;
  if (workload.kind != stateful_set && workload.kind != deployment) return {};
  for (const kube::Container& container : workload.pod_template.spec->containers)
    if (std::optional<KnownSystem> found = recognise_container(snapshot, workload, container)) return found;
  return {};
}

}  // namespace gantry::disruption

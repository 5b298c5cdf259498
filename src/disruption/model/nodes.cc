#include "disruption/model/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace gantry::disruption {

namespace {

constexpr std::string_view kZone = "topology.kubernetes.io/zone";
constexpr std::string_view kHostname = "kubernetes.io/hostname";
// Resources that a declared node has enough of unless it says how much. Of any other it has none.
constexpr std::string_view kAssumed[] = {"cpu", "memory", "ephemeral-storage"};

std::int64_t amount_of(const std::string& resource, const kube::Quantity& quantity) {
  return std::min(resource == "cpu" ? quantity.milli() : quantity.value(), kUnlimited);
}

std::int64_t room_of(const kube::ClusterNode& node, const std::string& resource) {
  const auto it = node.allocatable.find(resource);
  if (it != node.allocatable.end()) return amount_of(resource, it->second);
  if (resource == "pods") return kPodsOfNode;
  if (resource.starts_with(kHostPort)) return 1;
  return std::ranges::find(kAssumed, resource) != std::end(kAssumed) ? kUnlimited : 0;
}

// Resources that some pod asks for, after the three that every node has.
std::vector<std::string> collect_resources(const kube::Snapshot& snapshot) {
  std::vector<std::string> names = {"cpu", "memory", "pods"};
  std::set<std::string, std::less<>> known(names.begin(), names.end());
  std::set<const kube::PodSpec*> seen;
  const auto add_name = [&](const std::string& name) {
    if (known.insert(name).second) names.push_back(name);
  };
  const auto add = [&](const kube::PodSpec& spec) {
    if (!seen.insert(&spec).second) return;
    for (const auto& [name, amount] : kube::total_requests(spec)) add_name(name);
    for (const std::string& port : host_ports_of(spec)) add_name(port);
  };
  for (const kube::Workload& workload : snapshot->workloads) add(*workload.pod_template.spec);
  for (const kube::Pod& pod : snapshot->pods)
    if (!pod.workload) add(*pod.spec);
  return names;
}

void add_surge_nodes(Model& model) {
  const std::size_t old_count = model.nodes.size();
  for (std::int64_t i = 0; i < model.options.surge_nodes; ++i) {
    kube::ClusterNode node = model.nodes[static_cast<std::size_t>(i) % old_count];
    node.object.id.name = fmt::format("surge-{}", i + 1);
    node.object.labels.set(std::string(kHostname), node.name());
    node.unschedulable = false;
    node.conditions.clear();
    model.nodes.push_back(std::move(node));
  }
  model.surge_nodes = static_cast<std::size_t>(model.options.surge_nodes);
}

void describe_nodes(Model& model) {
  const std::size_t count = model.old_nodes();
  model.assumptions.push_back(
      model.options.nodes.empty()
          ? fmt::format("{} {} as the cluster reports them", count, count == 1 ? "node" : "nodes")
          : fmt::format("declared: {}", to_string(model.options.nodes)));
}

}  // namespace

// The API server fills hostPort in for pods on the host's network; whoever binds one address of the node is kept apart only from
// whoever binds the same.
std::vector<std::string> host_ports_of(const kube::PodSpec& spec) {
  std::vector<std::string> names;
  for (const kube::Container& container : spec.containers)
    for (const kube::ContainerPort& port : container.ports) {
      const std::optional<kube::Port> taken = spec.host_network ? port.port : port.host_port;
      if (!taken) continue;
      const bool one_address = !port.host_ip.empty() && port.host_ip != "0.0.0.0";
      names.push_back(fmt::format("{}{}{}/{}", kHostPort, one_address ? port.host_ip + ":" : "", taken->value(),
                                  to_string(port.protocol)));
    }
  return names;
}

std::uint32_t intern_topology(Model& model, std::string_view key) {
  const auto known = std::ranges::find(model.topologies, key, &Topology::key);
  if (known != model.topologies.end()) return static_cast<std::uint32_t>(known - model.topologies.begin());
  Topology topology{.key = std::string(key), .domain = {}, .domains = 0};
  std::map<std::string_view, std::uint32_t> values;
  for (const kube::ClusterNode& node : model.nodes) {
    const std::string* value = node.object.labels.find(key);
    const std::string_view zone = node.zone();
    // The older zone label counts as the zone.
    if (value == nullptr && (key != kZone || zone.empty())) {
      topology.domain.push_back(kNone);
      continue;
    }
    const auto [it, is_new] = values.emplace(value ? std::string_view(*value) : zone, topology.domains);
    if (is_new) ++topology.domains;
    topology.domain.push_back(it->second);
  }
  model.topologies.push_back(std::move(topology));
  return static_cast<std::uint32_t>(model.topologies.size() - 1);
}

std::uint32_t intern_node_set(Model& model, NodeSet set) {
  const auto known = std::ranges::find(model.node_sets, set);
  if (known != model.node_sets.end()) return static_cast<std::uint32_t>(known - model.node_sets.begin());
  model.node_sets.push_back(std::move(set));
  return static_cast<std::uint32_t>(model.node_sets.size() - 1);
}

base::Result<void> add_nodes(Model& model) {
  if (model.options.surge_nodes < 0 || model.options.surge_nodes > kNodesMax)
    return base::input_error(fmt::format("an upgrade cannot add {} nodes", model.options.surge_nodes), {},
                             fmt::format("write how many join: from 0 to {}", kNodesMax));
  if (model.options.nodes.empty()) {
    model.nodes = model.snapshot->nodes;
    if (model.nodes.empty())
      return base::input_error("nothing says how many nodes there are", {},
                               "declare them, for example nodes: 3, or read a cluster that has some");
  } else {
    model.nodes = TRY(declare_nodes(model.options.nodes));
  }
  add_surge_nodes(model);
  model.resources = collect_resources(model.snapshot);
  for (const kube::ClusterNode& node : model.nodes)
    for (const std::string& resource : model.resources) model.allocatable.push_back(room_of(node, resource));
  model.zone_topology = intern_topology(model, kZone);
  describe_nodes(model);
  return {};
}

}  // namespace gantry::disruption

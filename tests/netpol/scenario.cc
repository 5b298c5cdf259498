#include "netpol/scenario.h"

#include "base/yaml.h"
#include "support/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <utility>

namespace gantry::netpol {

using base::Node;

namespace {

constexpr std::string_view kFolder = "netpol/scenarios";

// What a short key of a scenario stands for: the `spec` of a policy of that kind, place and name.
struct ShortPolicy {
  std::string_view key;
  std::string_view api_version;
  std::string_view kind;
  std::string_view name_space;
  std::string_view name;
};
constexpr ShortPolicy kShortPolicies[] = {
    {"shop", "networking.k8s.io/v1", "NetworkPolicy", "shop", "one"},
    {"shop-too", "networking.k8s.io/v1", "NetworkPolicy", "shop", "two"},
    {"data", "networking.k8s.io/v1", "NetworkPolicy", "data", "one"},
    {"data-too", "networking.k8s.io/v1", "NetworkPolicy", "data", "two"},
    {"anp", "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "", "one"},
    {"anp-too", "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "", "two"},
    {"banp", "policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", "", "default"},
    {"cnp", "policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "", "one"},
    {"cnp-too", "policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "", "two"},
};
constexpr std::string_view kKeys[] = {"scenario", "row",      "objects",   "without-cluster", "ranges",
                                      "turned",   "flow",     "claim",     "needs",           "one-sided",
                                      "others",   "expected", "by",        "depends-on",      "as-read",
                                      "refused",  "finds",    "finds-not", "error",           "note"};
constexpr ProfileTopic kTopics[] = {ProfileTopic::ip_block_on_pods,  ProfileTopic::host_network_pods,
                                    ProfileTopic::end_port,          ProfileTopic::sctp,
                                    ProfileTopic::own_node_egress,   ProfileTopic::sidecar_port_names,
                                    ProfileTopic::baseline_finality, ProfileTopic::admin_tiers,
                                    ProfileTopic::service_hairpin,   ProfileTopic::ip_block_on_cluster_ips,
                                    ProfileTopic::service_ports};

std::vector<Node> load(const std::string& file) {
  const std::string text = test::read_test_file(std::string(kFolder) + "/" + file);
  base::Result<std::vector<Node>> documents = base::load_yaml(text, file);
  if (documents) return *std::move(documents);
  ADD_FAILURE() << base::describe(documents.error());
  return {};
}

Node make_policy(const ShortPolicy& kind, const Node& spec, const Node::Member& member) {
  Node metadata = Node::empty_map();
  metadata.set("name", Node(kind.name));
  if (!kind.name_space.empty()) metadata.set("namespace", Node(kind.name_space));
  Node document = Node::empty_map(member.key_pos);
  document.set("apiVersion", Node(kind.api_version));
  document.set("kind", Node(kind.kind));
  document.set("metadata", std::move(metadata));
  document.set("spec", spec);
  return document;
}

void add_documents(const Node& row, std::vector<Node>& documents) {
  for (const Node::Member& member : row.map()) {
    if (member.key == "objects")
      for (const Node& object : member.value.array()) documents.push_back(object);
    const auto* kind = std::ranges::find(kShortPolicies, member.key, &ShortPolicy::key);
    if (kind != std::end(kShortPolicies)) {
      documents.push_back(make_policy(*kind, member.value, member));
    } else if (std::ranges::find(kKeys, member.key) == std::end(kKeys)) {
      ADD_FAILURE() << to_string(member.key_pos) << ": a scenario has no key " << member.key;
    }
  }
}

std::vector<kube::Cidr> read_ranges(const Node& row, std::string_view key) {
  std::vector<kube::Cidr> ranges;
  const Node* all = row.get("ranges");
  const Node* list = all == nullptr ? nullptr : all->get(key);
  for (std::size_t i = 0; list != nullptr && i < list->array().size(); ++i)
    ranges.push_back(*kube::Cidr::parse(list->array()[i].string()));
  return ranges;
}

AnalysisOptions read_options(const Node& row) {
  AnalysisOptions options;
  options.endpoints.pod_ranges = {*kube::Cidr::parse("10.244.0.0/16"), *kube::Cidr::parse("fd00::/64")};
  options.endpoints.node_ranges = read_ranges(row, "nodes");
  options.endpoints.service_ranges = read_ranges(row, "services");
  for (const ProfileTopic topic : kTopics)
    if (row.text("turned") == to_string(topic)) options.profile = options.profile.flipped(topic);
  EXPECT_EQ(options.profile != Profile(), row.get("turned") != nullptr) << to_string(row.pos());
  return options;
}

std::vector<std::string> texts(const Node* node) {
  std::vector<std::string> found;
  if (node == nullptr) return found;
  if (node->is_string()) return {node->string()};
  for (const Node& each : node->array()) found.push_back(each.string());
  return found;
}

}  // namespace

AskedFlow AskedFlow::parse(std::string_view text) {
  AskedFlow flow;
  std::string_view rest = text;
  constexpr std::string_view kOverIpv6 = " over IPv6";
  if (rest.ends_with(kOverIpv6)) {
    flow.family = kube::IpFamily::v6;
    rest.remove_suffix(kOverIpv6.size());
  }
  const std::size_t arrow = rest.find(" -> ");
  flow.source = rest.substr(0, arrow);
  flow.destination_and_port = rest.substr(arrow + 4);
  const std::size_t colon = flow.destination_and_port.rfind(':');
  flow.destination = flow.destination_and_port.substr(0, colon);
  if (flow.destination.starts_with('[')) flow.destination = flow.destination.substr(1, flow.destination.size() - 2);
  const std::string port = flow.destination_and_port.substr(colon + 1);
  if (const std::size_t slash = port.find('/'); slash != std::string::npos)
    flow.protocol = *kube::find_protocol(port.substr(slash + 1));
  flow.port = kube::Port{static_cast<std::uint16_t>(std::stoi(port))};
  return flow;
}

std::vector<std::string> Scenario::list(std::string_view key) const { return texts(written.get(key)); }

std::vector<std::string> scenario_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(test::test_path(kFolder))) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() == ".yaml" && path.stem() != "cluster") names.push_back(path.stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::vector<Scenario> read_scenarios(const std::string& file) {
  const std::vector<Node> cluster = load("cluster.yaml");
  std::vector<Node> documents = load(file + ".yaml");
  std::vector<Scenario> scenarios;
  if (documents.empty() || !documents.back().is_array()) {
    ADD_FAILURE() << file << " does not end in a list";
    return scenarios;
  }
  const Node rows = std::move(documents.back());
  documents.pop_back();
  for (const Node& row : rows.array()) {
    Scenario scenario{.name = std::string(row.text("scenario")),
                      .rows = texts(row.get("row")),
                      .documents = {},
                      .others = {},
                      .options = read_options(row),
                      .written = row,
                      .where = to_string(row.pos())};
    if (row.get("without-cluster") == nullptr) scenario.documents = cluster;
    scenario.documents.insert(scenario.documents.end(), documents.begin(), documents.end());
    add_documents(row, scenario.documents);
    if (const Node* others = row.get("others")) add_documents(*others, scenario.others);
    scenarios.push_back(std::move(scenario));
  }
  return scenarios;
}

std::vector<std::string> index_rows() {
  std::vector<std::string> rows;
  std::istringstream text(test::read_test_file(std::string(kFolder) + "/README.md"));
  for (std::string line; std::getline(text, line);)
    if (line.size() > 2 && line.starts_with("| ") && line[2] >= '0' && line[2] <= '9') rows.push_back(line);
  return rows;
}

}  // namespace gantry::netpol

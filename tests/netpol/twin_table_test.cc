// What the network policy reference says, row by row (twin_rows.yaml), asked of the twin and of the engine. The twin is
// believed elsewhere: here it is tested itself, against answers that a person wrote down.

#include "base/yaml.h"
#include "netpol/twin.h"
#include "support/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::netpol {
namespace {

using base::Node;

// What a key of a row stands for.
struct Kind {
  std::string_view key;
  std::string_view api_version;
  std::string_view kind;
  std::string_view name_space;
  std::string_view name;
};
constexpr Kind kKinds[] = {
    {"shop", "networking.k8s.io/v1", "NetworkPolicy", "shop", "shop"},
    {"shop-too", "networking.k8s.io/v1", "NetworkPolicy", "shop", "shop-too"},
    {"data", "networking.k8s.io/v1", "NetworkPolicy", "data", "shop"},
    {"anp", "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "", "anp"},
    {"anp-too", "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "", "anp-too"},
    {"banp", "policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", "", "default"},
    {"cnp", "policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "", "cnp"},
};
constexpr ProfileTopic kTopics[] = {ProfileTopic::ip_block_on_pods,  ProfileTopic::host_network_pods,
                                    ProfileTopic::end_port,          ProfileTopic::sctp,
                                    ProfileTopic::own_node_egress,   ProfileTopic::sidecar_port_names,
                                    ProfileTopic::baseline_finality, ProfileTopic::admin_tiers};

Node policy(const Kind& kind, const Node& spec) {
  Node metadata = Node::empty_map();
  metadata.set("name", Node(kind.name));
  if (!kind.name_space.empty()) metadata.set("namespace", Node(kind.name_space));
  Node document = Node::empty_map();
  document.set("apiVersion", Node(kind.api_version));
  document.set("kind", Node(kind.kind));
  document.set("metadata", std::move(metadata));
  document.set("spec", spec);
  return document;
}

// A row's objects behind those of the cluster.
std::vector<Node> documents_of(const Node& row, std::vector<Node> documents) {
  for (const Node::Member& member : row.map()) {
    if (member.key == "object") documents.push_back(member.value);
    const auto* kind =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return k.key == member.key; });
    if (kind != std::end(kKinds)) documents.push_back(policy(*kind, member.value));
  }
  return documents;
}

struct AskedFlow {
  std::string source;
  std::string destination;
  kube::Protocol protocol = kube::Protocol::tcp;
  kube::Port port{1};
  kube::IpFamily family = kube::IpFamily::v4;
};

// "shop/web -> 192.0.2.1 53/UDP IPv6"
AskedFlow parse_flow(std::string_view text) {
  AskedFlow flow;
  std::istringstream words{std::string(text)};
  std::string arrow;
  std::string port;
  std::string family;
  words >> flow.source >> arrow >> flow.destination >> port >> family;
  const std::size_t slash = port.find('/');
  if (slash != std::string::npos) flow.protocol = *kube::find_protocol(std::string_view(port).substr(slash + 1));
  flow.port = kube::Port{static_cast<std::uint16_t>(std::stoi(port))};
  if (family == "IPv6") flow.family = kube::IpFamily::v6;
  return flow;
}

struct End {
  TwinEnd twin;
  std::optional<EndpointId> id;
};

End find_end(std::string_view text, const TwinWorld& world, const Reachability& reach) {
  if (const std::optional<kube::IpAddress> address = kube::IpAddress::parse(text)) {
    return {{.pod = nullptr, .address = *address}, reach.endpoints().region_of(*address)};
  }
  for (std::size_t i = 0; i < world.pods.size(); ++i) {
    if (world.pods[i].name_space + "/" + world.pods[i].name != text) continue;
    return {{.pod = &world.pods[i], .address = {}}, reach.endpoints().class_of(i)};
  }
  ADD_FAILURE() << "no pod " << text;
  return {};
}

void ask(const Node& row, const std::vector<Node>& cluster) {
  SCOPED_TRACE(std::string(row.text("what")) + ", " + to_string(row.pos()));
  const base::Result<kube::Snapshot> snapshot = kube::build_snapshot(documents_of(row, cluster));
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  AnalysisOptions options;
  options.endpoints.pod_ranges = {*kube::Cidr::parse("10.244.0.0/16"), *kube::Cidr::parse("fd00::/64")};
  for (const ProfileTopic topic : kTopics) {
    if (row.text("turned") == to_string(topic)) options.profile = options.profile.flipped(topic);
  }
  ASSERT_EQ(options.profile != Profile(), row.get("turned") != nullptr);
  const base::Result<Reachability> reach = analyse(*snapshot, options);
  ASSERT_TRUE(reach) << reach.error().message;
  const TwinWorld world = make_twin_world(*snapshot, options);

  const AskedFlow asked = parse_flow(row.text("flow"));
  const End source = find_end(asked.source, world, *reach);
  const End destination = find_end(asked.destination, world, *reach);
  const TwinFlow flow{.source = source.twin,
                      .destination = destination.twin,
                      .family = asked.family,
                      .protocol = asked.protocol,
                      .port = asked.port};
  const std::string_view expected = row.text("expect");
  EXPECT_EQ(to_string(judge(world, flow).access), expected) << "the twin";
  const std::optional<Access> completed = complete(world, flow);
  ASSERT_TRUE(completed);
  EXPECT_EQ(to_string(*completed), expected) << "the twin, completing";
  ASSERT_TRUE(source.id && destination.id);
  const Access said = reach->access({.source = *source.id,
                                     .destination = *destination.id,
                                     .protocol = asked.protocol,
                                     .port = asked.port,
                                     .family = asked.family});
  EXPECT_EQ(to_string(said), expected) << "the engine";
}

class TwinTable : public testing::TestWithParam<const char*> {};

TEST_P(TwinTable, IsWhatTheReferenceSays) {
  std::vector<Node> documents = *base::load_yaml(test::read_test_file("netpol/twin_rows.yaml"), "twin_rows.yaml");
  const Node sections = std::move(documents.back());
  documents.pop_back();
  const Node* rows = sections.get(GetParam());
  ASSERT_TRUE(rows != nullptr && rows->is_array());
  for (const Node& row : rows->array()) ask(row, documents);
}

INSTANTIATE_TEST_SUITE_P(Reference, TwinTable,
                         testing::Values("Isolation", "Peers", "Ports", "IpBlocks", "Selectors", "SpecialTraffic",
                                         "AdminTiers", "Pods"),
                         [](const testing::TestParamInfo<const char*>& section) { return std::string(section.param); });

// §9: a pod that has ended neither sends nor receives.
TEST(TwinRows, EndedPodsAreNoEndpoints) {
  for (const std::string phase : {"Succeeded", "Failed"}) {
    const std::string text =
        "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop, uid: x}, spec: {containers: [{name: c, "
        "image: i}]}, "
        "status: {phase: " +
        phase + ", podIP: 10.0.0.1}}";
    const base::Result<kube::Snapshot> snapshot = kube::build_snapshot(*base::load_yaml(text, "pod.yaml"));
    ASSERT_TRUE(snapshot);
    const base::Result<Reachability> reach = analyse(*snapshot);
    ASSERT_TRUE(reach);
    EXPECT_FALSE(reach->endpoints().class_of(0).has_value());
  }
}

}  // namespace
}  // namespace gantry::netpol

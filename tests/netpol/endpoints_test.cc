// Who can be at an end of a flow: which pods are one class, what classes are called, and where addresses are cut.

#include "netpol/endpoints.h"

#include "base/yaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {
namespace {

Endpoints collect(const std::string& yaml, const EndpointOptions& options = {}) {
  const base::Result<std::vector<base::Node>> documents = base::load_yaml(yaml, "cluster.yaml");
  EXPECT_TRUE(documents);
  const base::Result<kube::Snapshot> snapshot = kube::build_snapshot(*documents);
  EXPECT_TRUE(snapshot) << base::describe(snapshot.error());
  return collect_endpoints(*snapshot, options);
}

std::string pod(std::string_view name, std::string_view labels, std::string_view spec = "",
                std::string_view status = "", std::string_view owner = "") {
  return fmt::format(
      "---\n{{apiVersion: v1, kind: Pod, metadata: {{name: {0}, namespace: shop, uid: {0}, labels: {{{1}}}{4}}}, spec: "
      "{{containers: [{{name: c, image: i}}]{2}}}, status: {{phase: Running{3}}}}}\n",
      name, labels, spec, status, owner);
}
constexpr std::string_view kOwned =
    ", ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: r, controller: true}]";
constexpr std::string_view kReplicaSet =
    "---\n{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web, namespace: shop, uid: r}, spec: {replicas: 2, "
    "selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, "
    "image: i}]}}}}\n";

std::string deployment(std::string_view name, int replicas, std::string_view kind = "Deployment") {
  return fmt::format(
      "---\n{{apiVersion: apps/v1, kind: {2}, metadata: {{name: {0}, namespace: shop}}, spec: {{replicas: {1}, "
      "serviceName: s, selector: {{matchLabels: {{app: {0}}}}}, template: {{metadata: {{labels: {{app: {0}}}}}, spec: "
      "{{containers: [{{name: c, image: i}}]}}}}}}}}\n",
      name, replicas, kind);
}
std::string policy(std::string_view spec) {
  return fmt::format(
      "---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p, namespace: shop}}, spec: "
      "{}}}\n",
      spec);
}

// "shop/web x2", each class with how many pods can be there at once.
std::string classes(const Endpoints& endpoints) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < endpoints.pod_class_count(); ++i) {
    const Endpoint& endpoint = endpoints.all()[i];
    names.push_back(fmt::format("{} x{}{}", endpoint.name, endpoint.count, endpoint.scaled_to_zero ? " zero" : ""));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

struct ClassCase {
  const char* what;
  std::string yaml;
  const char* classes;
};

const std::string kCanary = policy("{podSelector: {matchLabels: {canary: '1'}}}");

const ClassCase kClasses[] = {
    {"a pod of its own", pod("web", "app: web"), "shop/web x1"},
    {"labels that nobody asks for tell nobody apart",
     std::string(kReplicaSet) + pod("web-a", "app: web, canary: '1'", "", "", kOwned) +
         pod("web-b", "app: web", "", "", kOwned),
     "shop/web x2"},
    {"labels that a selector asks for do",
     std::string(kReplicaSet) + pod("web-a", "app: web, canary: '1'", "", "", kOwned) +
         pod("web-b", "app: web", "", "", kOwned) + kCanary,
     "shop/web[canary=1] x2, shop/web[web-b] x2"},
    {"addresses that no range cuts tell nobody apart",
     std::string(kReplicaSet) + pod("web-a", "app: web", "", ", podIP: 10.0.0.1", kOwned) +
         pod("web-b", "app: web", "", ", podIP: 10.0.1.1", kOwned),
     "shop/web x2"},
    {"addresses that a range cuts do",
     std::string(kReplicaSet) + pod("web-a", "app: web", "", ", podIP: 10.0.0.1", kOwned) +
         pod("web-b", "app: web", "", ", podIP: 10.0.1.1", kOwned) +
         policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/24}}]}]}"),
     "shop/web[web-a] x2, shop/web[web-b] x2"},
    {"pods of nobody are themselves, however alike", pod("a", "app: web") + pod("b", "app: web"),
     "shop/a x1, shop/b x1"},
    {"a rollout has a second pod", deployment("web", 1), "shop/web x2"},
    {"a member of a StatefulSet is replaced, not doubled", deployment("web", 1, "StatefulSet"), "shop/web x1"},
    {"members of a StatefulSet", deployment("web", 3, "StatefulSet"), "shop/web x3"},
    {"no pod now", deployment("web", 0), "shop/web x2 zero"},
    {"sorted by namespace and name", deployment("b", 1) + deployment("a", 2), "shop/a x2, shop/b x2"},
};

TEST(Endpoints, AreClassesOfPodsThatNoPolicyTellsApart) {
  for (const ClassCase& each : kClasses) {
    SCOPED_TRACE(each.what);
    EXPECT_EQ(classes(collect(each.yaml)), each.classes);
  }
}

TEST(Endpoints, LeaveOutPodsThatHaveEnded) {
  for (const char* phase : {"Succeeded", "Failed"}) {
    const Endpoints endpoints =
        collect(fmt::format("{{apiVersion: v1, kind: Pod, metadata: {{name: web, namespace: shop, uid: u}}, spec: "
                            "{{containers: [{{name: c, "
                            "image: i}}]}}, status: {{phase: {}, podIP: 10.0.0.1}}}}",
                            phase));
    EXPECT_EQ(endpoints.pod_class_count(), 0U) << phase;
    EXPECT_FALSE(endpoints.class_of(0)) << phase;
    EXPECT_TRUE(endpoints.find("shop", "web").empty()) << phase;
  }
}

TEST(Endpoints, SplitWhereQuestionsAsk) {
  const std::string yaml = std::string(kReplicaSet) + pod("web-a", "app: web, zone: a", "", "", kOwned) +
                           pod("web-b", "app: web, zone: b", "", "", kOwned);
  EXPECT_EQ(classes(collect(yaml)), "shop/web x2");
  EndpointOptions options;
  options.pod_selectors = {*kube::LabelSelector::parse_text("zone=a")};
  EXPECT_EQ(classes(collect(yaml, options)), "shop/web[zone=a] x2, shop/web[zone=b] x2");
  EXPECT_EQ(collect(yaml, options).find("shop", "web").size(), 2U);
  EXPECT_EQ(collect(yaml, options).find("shop", "web-b").size(), 1U);
  EndpointOptions alone;
  alone.one_class_per_pod = true;
  EXPECT_EQ(classes(collect(yaml, alone)), "shop/web-a x1, shop/web-b x1");
}

TEST(Endpoints, KnowThePortNamesThatPoliciesUse) {
  const std::string yaml =
      "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {initContainers: [{name: s, image: i, "
      "restartPolicy: Always, ports: [{name: http, containerPort: 15000}]}, {name: once, image: i, ports: [{name: "
      "http, "
      "containerPort: 7}]}], containers: [{name: c, image: i, ports: [{name: http, containerPort: 80}, {name: other, "
      "containerPort: 81}]}]}}\n" +
      policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}");
  const Endpoints endpoints = collect(yaml);
  std::vector<std::string> ports;
  for (const Endpoint::NamedPort& port : endpoints.all().front().named_ports)
    ports.push_back(fmt::format("{} {}{}", port.name, port.port.value(), port.of_sidecar ? " of a sidecar" : ""));
  EXPECT_EQ(ports, (std::vector<std::string>{"http 80", "http 15000 of a sidecar"}));
}

TEST(Endpoints, OnTheHostNetworkHaveTheAddressesOfTheirNode) {
  const std::string node =
      "---\n{apiVersion: v1, kind: Node, metadata: {name: one}, status: {addresses: [{type: InternalIP, address: "
      "172.18.0.1}]}}\n";
  const struct {
    const char* what;
    std::string pod;
    const char* address;
  } kPods[] = {
      {"as the cluster reports them", pod("web", "", ", hostNetwork: true, nodeName: one", ", podIP: 172.18.0.9"),
       "172.18.0.9"},
      {"its host's", pod("web", "", ", hostNetwork: true, nodeName: one", ", hostIP: 172.18.0.8"), "172.18.0.8"},
      {"as the Node object says", pod("web", "", ", hostNetwork: true, nodeName: one"), "172.18.0.1"},
      {"nobody knows", pod("web", "", ", hostNetwork: true"), ""},
      {"those of others are no use to a pod of its own network", pod("web", "", ", nodeName: one"), ""},
  };
  for (const auto& each : kPods) {
    const Endpoints endpoints = collect(each.pod + node);
    const std::vector<kube::IpAddress>& ips = endpoints.all().front().ips;
    EXPECT_EQ(ips.empty() ? "" : to_string(ips.front()), each.address) << each.what;
  }
}

// ---- Addresses ----

std::string regions(const Endpoints& endpoints) {
  constexpr std::string_view kZones[] = {"outside", "pods", "services", "nodes", "link-local", "loopback"};
  std::string text;
  for (std::size_t i = endpoints.pod_class_count(); i < endpoints.size(); ++i) {
    const Endpoint& region = endpoints.all()[i];
    text += fmt::format("{} {}", region.name, kZones[static_cast<std::size_t>(region.zone)]);
    std::vector<std::string> holes;
    for (const kube::Cidr& hole : region.holes) holes.push_back(to_string(hole));
    text += holes.empty() ? "\n" : fmt::format(" less {}\n", fmt::join(holes, " "));
  }
  return text;
}

TEST(Endpoints, CutAddressesWhereRangesBegin) {
  EndpointOptions options;
  options.pod_ranges = {*kube::Cidr::parse("10.244.0.0/16")};
  options.service_ranges = {*kube::Cidr::parse("10.96.0.0/12")};
  options.node_ranges = {*kube::Cidr::parse("172.18.0.0/16")};
  const Endpoints endpoints = collect(
      pod("web", "app: web") +
          policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.128/25]}}]}]}"),
      options);
  const std::string text = regions(endpoints);
  for (const char* line : {"192.0.2.0/24 outside less 192.0.2.128/25\n", "192.0.2.128/25 outside\n",
                           "10.244.0.0/16 pods\n", "10.96.0.0/12 services\n", "172.18.0.0/16 nodes\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  const auto name_at = [&](const char* address) {
    return endpoints[*endpoints.region_of(*kube::IpAddress::parse(address))].name;
  };
  EXPECT_EQ(name_at("192.0.2.1"), "192.0.2.0/24");
  EXPECT_EQ(name_at("192.0.2.200"), "192.0.2.128/25");
  EXPECT_EQ(name_at("198.51.100.1"), "0.0.0.0/0");
  EXPECT_EQ(endpoints.regions_of(*kube::Cidr::parse("192.0.2.0/24")).size(), 2U);
  EXPECT_EQ(endpoints.regions_of(*kube::Cidr::parse("192.0.2.128/25")).size(), 1U);
}

TEST(Endpoints, OfNodesAreRegionsOfTheirOwn) {
  const Endpoints endpoints = collect(
      "{apiVersion: v1, kind: Node, metadata: {name: one}, status: {addresses: [{type: InternalIP, address: "
      "172.18.0.1}]}}");
  const std::optional<EndpointId> node = endpoints.region_of(*kube::IpAddress::parse("172.18.0.1"));
  ASSERT_TRUE(node);
  EXPECT_EQ(endpoints[*node].name, "172.18.0.1/32");
  EXPECT_EQ(endpoints[*node].zone, Endpoint::Zone::nodes);
}

TEST(Endpoints, HaveTheFamiliesThatTheInputSpeaksOf) {
  using enum kube::IpFamily;
  const struct {
    const char* what;
    std::string yaml;
    std::vector<kube::IpFamily> families;
  } kCases[] = {
      {"nothing said", pod("web", ""), {v4}},
      {"IPv4", pod("web", "", "", ", podIP: 10.0.0.1"), {v4}},
      {"both", pod("web", "", "", ", podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}]"), {v4, v6}},
      {"IPv6 alone", pod("web", "", "", ", podIP: 'fd00::1', podIPs: [{ip: 'fd00::1'}]"), {v6}},
      {"a rule about IPv6",
       pod("web", "") + policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '::/0'}}]}]}"),
       {v4, v6}},
  };
  for (const auto& each : kCases) EXPECT_EQ(collect(each.yaml).families(), each.families) << each.what;
}

TEST(Endpoints, MayBePodsThatDoNotExist) {
  EndpointOptions options;
  kube::LabelSet team;
  team.set("team", "b");
  kube::LabelSet app;
  app.set("app", "new");
  options.hypothetical = {{.name = "new", .name_space = "", .namespace_labels = team, .labels = app},
                          {.name = "here", .name_space = "shop", .namespace_labels = team, .labels = app}};
  const Endpoints endpoints = collect(
      "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}\n" + pod("web", ""), options);
  EXPECT_EQ(classes(endpoints), "shop/web x1, new x1, here x1");
  const auto team_of = [&](std::size_t i) { return *endpoints.all()[i].namespace_labels.known.find("team"); };
  EXPECT_EQ(team_of(1), "b");
  EXPECT_EQ(team_of(2), "a") << "a namespace that exists has its own labels";
  EXPECT_TRUE(endpoints.find("shop", "here").empty());
  EXPECT_EQ(
      endpoints
          .classes_matching(*kube::LabelSelector::parse_text("team=b"), *kube::LabelSelector::parse_text("app=new"))
          .size(),
      1U);
}

}  // namespace
}  // namespace gantry::netpol

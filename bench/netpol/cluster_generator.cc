#include "netpol/cluster_generator.h"

#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <random>
#include <utility>

namespace gantry::netpol {

namespace {

constexpr std::size_t kPodsInList = 20'000;
constexpr std::size_t kPodsOnNode = 100;

// ---- Text ----

// Items of one kind, and the Lists that they become.
class Lists {
 public:
  void add(std::string_view kind, std::string item) {
    auto it = std::find_if(open_.begin(), open_.end(), [&](const Open& open) { return open.kind == kind; });
    if (it == open_.end()) it = open_.insert(open_.end(), {std::string(kind), {}, 0});
    if (!it->text.empty()) it->text += ",\n";
    it->text += item;
    if (++it->count == kPodsInList) close(*it);
  }

  std::vector<std::string> finish() {
    for (Open& open : open_) close(open);
    return std::move(done_);
  }

 private:
  struct Open {
    std::string kind;
    std::string text;
    std::size_t count = 0;
  };

  void close(Open& open) {
    if (open.count == 0) return;
    done_.push_back(R"({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [)"
                    "\n" +
                    open.text + "]}\n");
    open.text.clear();
    open.count = 0;
  }

  std::vector<Open> open_;
  std::vector<std::string> done_;
};

std::string namespace_json(std::string_view name, std::string_view labels) {
  return fmt::format(
      R"({{"apiVersion": "v1", "kind": "Namespace", "metadata": {{"name": "{0}", "uid": "ns-{0}",
 "labels": {{"kubernetes.io/metadata.name": "{0}"{1}{2}}}}}, "spec": {{"finalizers": ["kubernetes"]}},
 "status": {{"phase": "Active"}}}})",
      name, labels.empty() ? "" : ", ", labels);
}

std::string node_json(std::size_t number) {
  return fmt::format(
      R"({{"apiVersion": "v1", "kind": "Node", "metadata": {{"name": "node-{0}", "uid": "node-{0}",
 "labels": {{"kubernetes.io/hostname": "node-{0}", "topology.kubernetes.io/zone": "zone-{1}"}}}}, "spec": {{}},
 "status": {{"addresses": [{{"type": "InternalIP", "address": "192.168.{2}.{3}"}}], "conditions": [{{"type": "Ready",
 "status": "True"}}], "allocatable": {{"cpu": "16", "memory": "64Gi", "pods": "110"}}}}}})",
      number, number % 3, number / 250, number % 250 + 1);
}

std::string pod_address(std::size_t number) {
  return fmt::format("10.{}.{}.{}", 64 + number / 62'500, number / 250 % 250, number % 250 + 1);
}

struct PodText {
  std::string_view name_space;
  std::string_view application;
  std::string_view labels;  // JSON members, without braces
  std::string_view ports;   // JSON elements
  std::size_t number = 0;   // in the whole cluster: its address and its node
  bool dual_stack = false;
};

std::string pod_json(const PodText& pod) {
  const std::string ip = pod_address(pod.number);
  const std::string second =
      pod.dual_stack ? fmt::format(R"(, {{"ip": "fd00::{:x}:{:x}"}})", pod.number >> 12, (pod.number & 0xfff) + 1) : "";
  const std::size_t node = pod.number / kPodsOnNode;
  return fmt::format(
      R"({{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "{1}-7d9f-{3:06}", "generateName": "{1}-7d9f-",
 "namespace": "{0}", "uid": "pod-{3}", "creationTimestamp": "2026-03-01T08:00:00Z", "labels": {{{2},
 "pod-template-hash": "7d9f"}}, "ownerReferences": [{{"apiVersion": "apps/v1", "kind": "ReplicaSet",
 "name": "{1}-7d9f", "uid": "rs-{0}-{1}", "controller": true}}]}}, "spec": {{"nodeName": "node-{4}",
 "serviceAccountName": "default", "containers": [{{"name": "main", "image": "registry.example.com/{1}:1.4.2",
 "ports": [{5}], "resources": {{"requests": {{"cpu": "100m", "memory": "128Mi"}}}}}}]}},
 "status": {{"phase": "Running", "podIP": "{6}", "podIPs": [{{"ip": "{6}"}}{7}], "hostIP": "192.168.{8}.{9}",
 "startTime": "2026-03-01T08:00:00Z", "conditions": [{{"type": "Ready", "status": "True",
 "lastTransitionTime": "2026-03-01T08:00:09Z"}}]}}}})",
      pod.name_space, pod.application, pod.labels, pod.number, node, pod.ports, ip, second, node / 250, node % 250 + 1);
}

std::string deployment_json(std::string_view name_space, std::string_view name, std::string_view labels,
                            std::string_view ports, std::size_t replicas) {
  return fmt::format(
      R"({{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {{"name": "{1}", "namespace": "{0}",
 "uid": "deploy-{0}-{1}"}}, "spec": {{"replicas": {4},
 "selector": {{"matchLabels": {{"app.kubernetes.io/name": "{1}"}}}}, "template": {{"metadata": {{"labels": {{{2}}}}},
 "spec": {{"containers": [{{"name": "main", "image": "registry.example.com/{1}:1.4.2", "ports": [{3}]}}]}}}}}},
 "status": {{"replicas": {4}, "readyReplicas": {4}}}}})",
      name_space, name, labels, ports, replicas);
}

std::string replica_set_json(std::string_view name_space, std::string_view name, std::string_view labels,
                             std::string_view ports, std::size_t replicas) {
  return fmt::format(
      R"({{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {{"name": "{1}-7d9f", "namespace": "{0}",
 "uid": "rs-{0}-{1}", "ownerReferences": [{{"apiVersion": "apps/v1", "kind": "Deployment", "name": "{1}",
 "uid": "deploy-{0}-{1}", "controller": true}}]}}, "spec": {{"replicas": {4},
 "selector": {{"matchLabels": {{"app.kubernetes.io/name": "{1}", "pod-template-hash": "7d9f"}}}},
 "template": {{"metadata": {{"labels": {{{2}, "pod-template-hash": "7d9f"}}}},
 "spec": {{"containers": [{{"name": "main", "image": "registry.example.com/{1}:1.4.2", "ports": [{3}]}}]}}}}}},
 "status": {{"replicas": {4}}}}})",
      name_space, name, labels, ports, replicas);
}

std::string service_json(std::string_view name_space, std::string_view name, std::size_t number) {
  return fmt::format(
      R"({{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "{1}", "namespace": "{0}",
 "uid": "svc-{0}-{1}"}}, "spec": {{"type": "ClusterIP", "clusterIP": "172.20.{2}.{3}",
 "clusterIPs": ["172.20.{2}.{3}"], "selector": {{"app.kubernetes.io/name": "{1}"}}, "ports": [{{"name": "http",
 "port": 80, "protocol": "TCP", "targetPort": "http"}}]}}}})",
      name_space, name, number / 250 % 250, number % 250 + 1);
}

std::string policy_json(std::string_view name_space, std::string_view name, std::string_view spec) {
  return fmt::format(
      R"({{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {{"name": "{1}",
 "namespace": "{0}", "uid": "np-{0}-{1}", "generation": 1}}, "spec": {{{2}}}}})",
      name_space, name, spec);
}

// ---- A cluster that people run ----

constexpr std::string_view kPorts =
    R"({"name": "http", "containerPort": 8080, "protocol": "TCP"}, {"name": "metrics", "containerPort": 9090,
 "protocol": "TCP"})";

// An application's tiers, from the front to the data.
struct Tier {
  std::string_view name;
  std::string_view port;  // what it is asked at, in JSON
};
constexpr std::array<Tier, 4> kTiers = {
    {{"front", R"("http")"}, {"api", "8080"}, {"worker", "8081"}, {"data", "5432"}}};

// What every namespace gets first, in this order.
constexpr std::pair<std::string_view, std::string_view> kStandardPolicies[] = {
    {"default-deny", R"("podSelector": {}, "policyTypes": ["Ingress", "Egress"])"},
    {"allow-dns",
     R"("podSelector": {}, "policyTypes": ["Egress"],
 "egress": [{"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
 "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}], "ports": [{"protocol": "UDP", "port": 53},
 {"protocol": "TCP", "port": 53}]}])"},
    {"allow-same-namespace",
     R"("podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": [{"from": [{"podSelector": {}}]}],
 "egress": [{"to": [{"podSelector": {}}]}])"},
    {"allow-monitoring",
     R"("podSelector": {}, "policyTypes": ["Ingress"],
 "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}},
 "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}}}], "ports": [{"protocol": "TCP",
 "port": "metrics"}]}])"},
    {"allow-ingress-controller",
     R"("podSelector": {"matchLabels": {"tier": "front"}}, "policyTypes": ["Ingress"],
 "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}],
 "ports": [{"protocol": "TCP", "port": "http"}]}])"},
};

class Cluster {
 public:
  explicit Cluster(const ClusterShape& shape) : shape_(shape), random_(shape.seed) {}

  std::vector<std::string> make() {
    add_system();
    for (std::size_t i = 0; i < shape_.namespaces; ++i) add_namespace(i);
    for (std::size_t i = 0; i <= pods_ / kPodsOnNode; ++i) lists_.add("Node", node_json(i));
    return lists_.finish();
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  static std::string team(std::size_t number) { return fmt::format("team-{}", number); }

  void add_system() {
    static constexpr std::string_view kDnsPorts =
        R"({"name": "dns", "containerPort": 53, "protocol": "UDP"}, {"name": "dns-tcp", "containerPort": 53,
 "protocol": "TCP"})";
    lists_.add("Namespace", namespace_json("kube-system", ""));
    lists_.add("Namespace", namespace_json("monitoring", ""));
    lists_.add("Namespace", namespace_json("ingress", ""));
    add_application("kube-system", "coredns", R"("app.kubernetes.io/name": "coredns", "k8s-app": "kube-dns")",
                    kDnsPorts, 2);
    add_application("monitoring", "prometheus", R"("app.kubernetes.io/name": "prometheus")", kPorts, 1);
    add_application("ingress", "controller", R"("app.kubernetes.io/name": "controller")", kPorts, 2);
  }

  void add_application(std::string_view name_space, std::string_view name, std::string_view labels,
                       std::string_view ports, std::size_t replicas) {
    lists_.add("Deployment", deployment_json(name_space, name, labels, ports, replicas));
    lists_.add("ReplicaSet", replica_set_json(name_space, name, labels, ports, replicas));
    lists_.add("Service", service_json(name_space, name, services_++));
    for (std::size_t i = 0; i < replicas; ++i) {
      lists_.add("Pod", pod_json({.name_space = name_space,
                                  .application = name,
                                  .labels = labels,
                                  .ports = ports,
                                  .number = pods_++,
                                  .dual_stack = shape_.dual_stack}));
    }
  }

  // An equal share of what was asked for; what is left over goes to the first namespaces.
  static std::size_t share(std::size_t all, std::size_t among, std::size_t number) {
    return all / among + (number < all % among ? 1 : 0);
  }

  void add_namespace(std::size_t number) {
    const std::string name = team(number);
    lists_.add("Namespace", namespace_json(name, fmt::format(R"("team": "{}", "env": "{}", "tenant": "t{}")", name,
                                                             number % 3 == 0 ? "staging" : "prod", number % 10)));
    std::size_t left = share(shape_.pods, shape_.namespaces, number);
    std::size_t applications = 0;
    while (left > 0) {
      const std::size_t replicas = std::min(left, 1 + below(6));
      const Tier& tier = kTiers[applications % kTiers.size()];
      const std::string application = fmt::format("{}-{}", tier.name, applications / kTiers.size());
      const std::string labels =
          fmt::format(R"("app.kubernetes.io/name": "{}", "app.kubernetes.io/part-of": "app-{}", "tier": "{}")",
                      application, applications / kTiers.size(), tier.name);
      add_application(name, application, labels, kPorts, replicas);
      left -= replicas;
      ++applications;
    }
    const std::size_t policies = share(shape_.policies, shape_.namespaces, number);
    for (std::size_t i = 0; i < policies; ++i) add_policy(name, i, std::max<std::size_t>(applications, 1));
  }

  void add_policy(std::string_view name_space, std::size_t number, std::size_t applications) {
    if (number < std::size(kStandardPolicies)) {
      const auto& [name, spec] = kStandardPolicies[number];
      lists_.add("NetworkPolicy", policy_json(name_space, name, spec));
      return;
    }
    const std::size_t application = below(applications);
    const std::size_t form = (number - std::size(kStandardPolicies)) % 4;
    const std::string spec = form < 2    ? tier_policy(application)
                             : form == 2 ? neighbour_policy(application)
                                         : address_policy(application);
    lists_.add("NetworkPolicy", policy_json(name_space, fmt::format("allow-{}", number), spec));
  }

  std::string application_name(std::size_t application) const {
    return fmt::format("{}-{}", kTiers[application % kTiers.size()].name, application / kTiers.size());
  }

  // The tier before asks the tier behind it.
  std::string tier_policy(std::size_t application) {
    const std::size_t tier = application % kTiers.size();
    const std::size_t before = tier == 0 ? 0 : tier - 1;
    return fmt::format(
        R"("podSelector": {{"matchLabels": {{"app.kubernetes.io/name": "{0}"}}}}, "policyTypes": ["Ingress"],
 "ingress": [{{"from": [{{"podSelector": {{"matchLabels": {{"app.kubernetes.io/part-of": "app-{1}",
 "tier": "{2}"}}}}}}], "ports": [{{"protocol": "TCP", "port": {3}}}]}}])",
        application_name(application), application / kTiers.size(), kTiers[before].name, kTiers[tier].port);
  }

  std::string neighbour_policy(std::size_t application) {
    return fmt::format(
        R"("podSelector": {{"matchLabels": {{"app.kubernetes.io/name": "{0}"}}}}, "policyTypes": ["Ingress"],
 "ingress": [{{"from": [{{"namespaceSelector": {{"matchLabels": {{"team": "{1}"}}}},
 "podSelector": {{"matchLabels": {{"tier": "front"}}}}}},
 {{"namespaceSelector": {{"matchExpressions": [{{"key": "tenant", "operator": "In", "values": ["t{2}", "t{3}"]}},
 {{"key": "env", "operator": "NotIn", "values": ["staging"]}}]}}, "podSelector": {{"matchLabels": {{"tier": "api"}}}}}}], "ports": [{{"protocol": "TCP", "port": 8080, "endPort": 8090}}]}}])",
        application_name(application), team(below(shape_.namespaces)), below(10), below(10));
  }

  std::string address_policy(std::size_t application) {
    return fmt::format(
        R"("podSelector": {{"matchLabels": {{"app.kubernetes.io/name": "{0}"}}}}, "policyTypes": ["Egress"],
 "egress": [{{"to": [{{"ipBlock": {{"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
 "169.254.169.254/32"]}}}}], "ports": [{{"protocol": "TCP", "port": 443}}]}},
 {{"to": [{{"ipBlock": {{"cidr": "203.0.{1}.0/24"}}}}], "ports": [{{"protocol": "TCP", "port": 5432}}]}}])",
        application_name(application), below(200));
  }

  const ClusterShape& shape_;
  std::mt19937 random_;
  Lists lists_;
  std::size_t pods_ = 0;
  std::size_t services_ = 0;
};

// ---- Clusters that hurt ----

constexpr std::size_t kVictims = 1'000;  // pods of adversaries that are not about pods

void add_pods(Lists& lists, std::size_t count, bool dual_stack) {
  lists.add("Namespace", namespace_json("crowd", R"("team": "crowd")"));
  for (std::size_t i = 0; i < count; ++i) {
    lists.add("Pod",
              pod_json({.name_space = "crowd",
                        .application = "pod",
                        .labels = fmt::format(R"("id": "p{0}", "shard": "s{1}", "half": "h{2}")", i, i % 97, i % 2),
                        .ports = kPorts,
                        .number = i,
                        .dual_stack = dual_stack}));
  }
  for (std::size_t i = 0; i <= count / kPodsOnNode; ++i) lists.add("Node", node_json(i));
}

void add_crowd_policy(Lists& lists, std::size_t number, std::string_view spec) {
  lists.add("NetworkPolicy", policy_json("crowd", fmt::format("p{}", number), spec));
}

void add_unique_labels(Lists& lists, std::size_t size, std::mt19937& random) {
  add_pods(lists, size, false);
  for (std::size_t i = 0; i < size; ++i) {
    add_crowd_policy(lists, i,
                     fmt::format(
                         R"("podSelector": {{"matchLabels": {{"id": "p{}"}}}},
 "ingress": [{{"from": [{{"podSelector": {{"matchLabels": {{"id": "p{}"}}}}}}], "ports": [{{"port": 8080}}]}}])",
                         i, random() % size));
  }
}

void add_many_blocks(Lists& lists, std::size_t size, std::mt19937& random) {
  add_pods(lists, kVictims, false);
  constexpr std::size_t kInPolicy = 500;
  for (std::size_t first = 0; first < size; first += kInPolicy) {
    std::string peers;
    for (std::size_t i = first; i < std::min(size, first + kInPolicy); ++i) {
      peers += fmt::format(R"({}{{"ipBlock": {{"cidr": "{}.{}.{}.{}/32"}}}})", i == first ? "" : ", ",
                           20 + random() % 100, random() % 256, random() % 256, random() % 256);
    }
    add_crowd_policy(lists, first,
                     fmt::format(
                         R"("podSelector": {{"matchLabels": {{"shard": "s{}"}}}}, "policyTypes": ["Egress"],
 "egress": [{{"to": [{}]}}])",
                         first / kInPolicy % 97, peers));
  }
}

void add_every_port(Lists& lists, std::size_t size, std::mt19937& random) {
  add_pods(lists, kVictims, false);
  std::string rules;
  for (std::size_t port = 1; port <= std::min<std::size_t>(size, 65'535); ++port) {
    rules += fmt::format(
        R"({}{{"from": [{{"podSelector": {{"matchLabels": {{"shard": "s{}"}}}}}}], "ports": [{{"port": {}}}]}})",
        port == 1 ? "" : ", ", random() % 97, port);
  }
  add_crowd_policy(lists, 0, fmt::format(R"("podSelector": {{}}, "ingress": [{}])", rules));
}

void add_crowded_namespace(Lists& lists, std::size_t size, std::mt19937& random) {
  add_pods(lists, kVictims, false);
  for (std::size_t i = 0; i < size; ++i) {
    add_crowd_policy(lists, i,
                     fmt::format(
                         R"("podSelector": {{"matchLabels": {{"half": "h{}"}}}},
 "ingress": [{{"from": [{{"podSelector": {{"matchLabels": {{"shard": "s{}"}}}}}}], "ports": [{{"port": {}}}]}}])",
                         i % 2, random() % 97, 1 + random() % 1000));
  }
}

void add_deep_not_in(Lists& lists, std::size_t size, std::mt19937& random) {
  add_pods(lists, kVictims, false);
  for (std::size_t i = 0; i < size; ++i) {
    std::string expressions;
    for (std::size_t requirement = 0; requirement < 10; ++requirement) {
      std::string values;
      for (std::size_t value = 0; value < 10; ++value) {
        values +=
            fmt::format(R"({}"{}{}")", value == 0 ? "" : ", ", requirement % 2 == 0 ? "p" : "s", random() % kVictims);
      }
      expressions += fmt::format(R"({}{{"key": "{}", "operator": "NotIn", "values": [{}]}})",
                                 requirement == 0 ? "" : ", ", requirement % 2 == 0 ? "id" : "shard", values);
    }
    add_crowd_policy(lists, i,
                     fmt::format(
                         R"("podSelector": {{"matchExpressions": [{0}]}},
 "ingress": [{{"from": [{{"podSelector": {{"matchExpressions": [{0}]}}}}], "ports": [{{"port": {1}}}]}}])",
                         expressions, 1 + random() % 1000));
  }
}

void add_dual_stack(Lists& lists, std::size_t size, std::mt19937& random) {
  add_pods(lists, size, true);
  for (std::size_t i = 0; i < 97; ++i) {
    const std::size_t first = random() % 4096;
    add_crowd_policy(lists, i,
                     fmt::format(
                         R"("podSelector": {{"matchLabels": {{"shard": "s{0}"}}}}, "policyTypes": ["Ingress", "Egress"],
 "ingress": [{{"from": [{{"ipBlock": {{"cidr": "10.64.0.0/10", "except": ["10.64.{1}.0/24"]}}}},
 {{"ipBlock": {{"cidr": "fd00::/64", "except": ["fd00::1:{2:x}0/124"]}}}}]}}],
 "egress": [{{"to": [{{"ipBlock": {{"cidr": "0.0.0.0/0", "except": ["10.64.{1}.0/24"]}}}}, {{"ipBlock": {{"cidr": "::/0", "except": ["fd00::1:{2:x}0/124"]}}}}]}}])",
                         i, first % 250, first));
  }
}

struct AdversaryRow {
  Adversary adversary;
  std::string_view name;
  void (*add)(Lists&, std::size_t, std::mt19937&);
};
constexpr AdversaryRow kAdversaries[] = {
    {Adversary::unique_labels, "unique-labels", add_unique_labels},
    {Adversary::many_blocks, "many-blocks", add_many_blocks},
    {Adversary::every_port, "every-port", add_every_port},
    {Adversary::crowded_namespace, "crowded-namespace", add_crowded_namespace},
    {Adversary::deep_not_in, "deep-not-in", add_deep_not_in},
    {Adversary::dual_stack, "dual-stack", add_dual_stack},
};

const AdversaryRow& row_of(Adversary adversary) { return kAdversaries[static_cast<std::size_t>(adversary)]; }

}  // namespace

std::string_view to_string(Adversary adversary) { return row_of(adversary).name; }

std::vector<std::string> make_cluster_lists(const ClusterShape& shape) { return Cluster(shape).make(); }

std::vector<std::string> make_adversary_lists(Adversary adversary, std::size_t size, std::uint32_t seed) {
  Lists lists;
  std::mt19937 random(seed);
  row_of(adversary).add(lists, size, random);
  return lists.finish();
}

base::Result<kube::Snapshot> read_lists(const std::vector<std::string>& lists) {
  std::vector<base::Node> documents;
  for (const std::string& list : lists) documents.push_back(TRY(base::load_json(list, "cluster.json")));
  return kube::build_snapshot(std::move(documents), {.documents = kube::SnapshotOptions::Documents::without_live_pods});
}

}  // namespace gantry::netpol

#include "base/yaml.h"
#include "disruption/small_cluster.h"

#include <gtest/gtest.h>

namespace gantry::disruption {
namespace {

using Kind = Invariant::Kind;

struct Case {
  const char* name;
  SmallWorkload workload;
  const char* system;  // "": none is inferred
};

// Disruption reference, §9.1: who votes. The same image may or may not.
TEST(Invariants, KnownSystems) {
  const Case cases[] = {
      {"NATS with JetStream", {.container = "args: [--js]", .image = "nats:2.11-alpine"}, "NATS JetStream"},
      {"NATS without", {.image = "nats:2.11-alpine"}, ""},
      {"etcd from a mirror", {.image = "registry.example/team/etcd:v3.5"}, "etcd"},
      {"Redis alone", {.image = "redis:7"}, ""},
      {"Redis as a sentinel",
       {.container = "command: [redis-server, /etc/redis.conf, --sentinel]", .image = "redis:7"},
       "Redis Sentinel"},
      {"ZooKeeper", {.image = "zookeeper:3.9"}, "ZooKeeper"},
      {"Consul as a server", {.container = "args: [agent, -server]", .image = "consul:1"}, "Consul"},
      {"Consul as a client", {.container = "args: [agent]", .image = "consul:1"}, ""},
      {"RabbitMQ with quorum queues",
       {.container = "env: [{name: CONF, value: default_queue_type = quorum}]", .image = "rabbitmq:4"},
       "RabbitMQ"},
      {"RabbitMQ with classic queues", {.image = "rabbitmq:4"}, ""},
      {"Patroni with its own Raft",
       {.container = "env: [{name: PATRONI_RAFT_SELF_ADDR, value: a}]", .image = "patroni:3"},
       "PostgreSQL Patroni"},
      {"Patroni with another store: that one votes", {.image = "patroni:3"}, ""},
      {"one replica has no majority to lose", {.replicas = 1, .image = "etcd:3.5"}, ""},
      {"something else", {.image = "nginx:1"}, ""},
  };
  for (const Case& c : cases) {
    const auto found = collect_invariants(read(workload(c.workload)), {});
    ASSERT_TRUE(found) << c.name;
    EXPECT_EQ(found->empty() ? "" : found->front().system, c.system) << c.name;
    if (!found->empty()) {
      EXPECT_NE(found->front().reason, "") << c.name;
    }
  }
}

TEST(Invariants, DataReplicas) {
  const std::string nats = workload({.name = "nats", .container = "args: [--js]", .image = "nats:2"});
  const auto job = [](const char* command) {
    return std::string(
               "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: setup, namespace: shop}\nspec: {template: "
               "{spec: "
               "{restartPolicy: Never, containers: [{name: a, image: b, command: [sh, -c, '") +
           command + "']}]}}}\n";
  };
  const auto copies = [&](const std::string& documents) {
    return collect_invariants(read(documents), {})->front().data.copies;
  };
  EXPECT_EQ(copies(nats), std::nullopt);  // unknown, never assumed to be three (§9.5)
  EXPECT_EQ(copies(nats + job("nats stream add events --replicas 3")), 3);
  EXPECT_EQ(copies(nats + job("nats stream add events --replicas=5")), 5);
  EXPECT_EQ(copies(nats + job("nats stream add events")), 1);
  EXPECT_EQ(copies(nats + "---\napiVersion: jetstream.nats.io/v1beta2\nkind: Stream\nmetadata: {name: s, namespace: "
                          "shop}\nspec: {replicas: 2}\n"),
            2);
  EXPECT_EQ(copies(workload({.image = "etcd:3"})), 3);
}

TEST(Invariants, ClaimsReplaceWhatWouldBeInferred) {
  const kube::Snapshot snapshot = read(workload({.replicas = 5, .image = "etcd:3"}) + service("db", "db"));
  const auto found = collect_invariants(snapshot, {.quorums = {{.pods = "StatefulSet shop/db", .of = 5, .needs = 4}},
                                                   .available = {{.service = "shop/db", .min = 2}}});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].needs, 4);
  EXPECT_EQ((*found)[0].system, "etcd");
  EXPECT_EQ((*found)[1].needs, 2);
  EXPECT_EQ(collect_invariants(snapshot, {.infer = false})->size(), 0U);
}

TEST(Invariants, ContradictionsAreErrors) {
  const kube::Snapshot snapshot = read(workload({}) + workload({.kind = "Deployment"}) + service("web", "db") +
                                       workload({.name = "one", .replicas = 1}));
  struct Bad {
    const char* name;
    InvariantOptions options;
  };
  const Bad cases[] = {
      {"no such workload", {.quorums = {{.pods = "nobody"}}}},
      {"two of that name", {.quorums = {{.pods = "db"}}}},
      {"needs more than there are", {.quorums = {{.pods = "one", .of = 1, .needs = 2}}}},
      {"another size than the workload's", {.quorums = {{.pods = "one", .of = 3}}}},
      {"below zero", {.quorums = {{.pods = "one", .of = -1}}}},
      {"two that differ",
       {.quorums = {{.pods = "StatefulSet shop/db", .needs = 2}, {.pods = "StatefulSet shop/db", .needs = 3}}}},
      {"no such Service", {.available = {{.service = "nobody"}}}},
      {"fewer than none", {.available = {{.service = "web", .min = -1}}}},
      {"more than there are", {.available = {{.service = "one", .min = 2}}}},
  };
  for (const Bad& c : cases) {
    const auto found = collect_invariants(snapshot, c.options);
    ASSERT_FALSE(found) << c.name;
    EXPECT_EQ(found.error().kind, base::ErrorKind::input) << c.name;
    EXPECT_NE(found.error().help, "") << c.name;
  }
  EXPECT_TRUE(collect_invariants(snapshot, {.quorums = {{.pods = "one"}, {.pods = "one"}}}));
  EXPECT_TRUE(collect_invariants(snapshot, {.available = {{.service = "web", .min = 0}}})) << "it may be down";
}

TEST(Cluster, BadNodesAreErrors) {
  const kube::Snapshot snapshot = read(workload({}));
  EXPECT_FALSE(Cluster::build(snapshot, {}));  // nobody says how many nodes there are
  EXPECT_FALSE(Cluster::build(snapshot, {.nodes = {{.count = 0}}}));
  EXPECT_FALSE(Cluster::build(snapshot, {.nodes = {{.count = -3}}}));
  EXPECT_FALSE(Cluster::build(snapshot, {.nodes = {{.count = 1'000'000'000}}}));
  EXPECT_FALSE(Cluster::build(snapshot, {.nodes = {{.count = 1}, {.count = 1}}}));  // one name twice
  EXPECT_FALSE(
      Cluster::build(snapshot, {.nodes = {{.count = 1, .allocatable = {{"cpu", *kube::Quantity::parse("-1")}}}}}));
  EXPECT_FALSE(Cluster::build(snapshot, {.nodes = {{.count = 1}}, .times = {.start = std::chrono::milliseconds(-1)}}));
  EXPECT_FALSE(Cluster::build(snapshot, {.nodes = {{.count = 1}}, .surge_nodes = -1}));
  const std::vector<base::Node> documents = *base::load_yaml(workload({.replicas = 1'000'000'000}), "many.yaml");
  const kube::Snapshot huge = *kube::build_snapshot(documents, {.derived_pods_max = 3});
  const auto many = Cluster::build(huge, {.nodes = {{.count = 1}}});
  ASSERT_FALSE(many);
  EXPECT_NE(many.error().message.find("1000000000 replicas"), std::string::npos) << many.error().message;
}

}  // namespace
}  // namespace gantry::disruption

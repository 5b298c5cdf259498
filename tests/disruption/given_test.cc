// What people write about nodes and about what must hold.

#include "disruption/given.h"

#include "base/yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace gantry::disruption {
namespace {

base::Node read(const std::string& text) {
  base::Result<base::Node> node =
      base::load_yaml_document(text, "gantry.yaml", {.rules = base::ScalarRules::core, .limits = {}});
  if (!node) ADD_FAILURE() << base::describe(node.error());
  return node ? *node : base::Node();
}

struct NodesCase {
  const char* written;
  const char* means;
};

const NodesCase kNodes[] = {
    {"3", "3 nodes, cpu not judged, memory not judged"},
    {"{count: 3, cpu: 4, memory: 16Gi, zones: [a, b, c]}", "3 nodes, zones a, b, c, cpu 4, memory 16Gi"},
    {"{count: 2, cpu: 3500m, zones: 2}", "2 nodes, zones zone-1, zone-2, cpu 3500m, memory not judged"},
    {"[{count: 1}, {count: 1, name: big, cpu: 16, extended: {nvidia.com/gpu: 2}, taints: [gpu=yes:NoSchedule]}]",
     "1 node, cpu not judged, memory not judged; 1 node, cpu 16, nvidia.com/gpu 2, memory not judged"},
};

TEST(Given, ReadsNodes) {
  for (const NodesCase& each : kNodes) {
    const auto groups = parse_nodes(read(each.written));
    ASSERT_TRUE(groups) << each.written << ": " << base::describe(groups.error());
    EXPECT_EQ(to_string(*groups), each.means);
  }
}

TEST(Given, ReadsTaintsAndLabels) {
  const auto groups = parse_nodes(read("{count: 1, labels: {pool: a}, taints: [k:NoExecute, k=v:PreferNoSchedule]}"));
  ASSERT_TRUE(groups);
  const NodeGroup& group = groups->front();
  EXPECT_EQ(*group.labels.find("pool"), "a");
  ASSERT_EQ(group.taints.size(), 2U);
  EXPECT_EQ(group.taints[0].key, "k");
  EXPECT_EQ(group.taints[0].effect, kube::TaintEffect::no_execute);
  EXPECT_EQ(group.taints[1].value, "v");
}

TEST(Given, ReadsClaims) {
  const auto quorums = parse_quorums(read("[{pods: nats, of: 3, needs: 2}, {pods: etcd}]"));
  ASSERT_TRUE(quorums);
  EXPECT_EQ(quorums->at(0).needs, 2);
  EXPECT_EQ(quorums->at(1).of, 0) << "as many as the workload has replicas";
  const auto available = parse_availability(read("{service: web}"));
  ASSERT_TRUE(available);
  EXPECT_EQ(available->front().min, 1);
}

struct Wrong {
  const char* what;
  const char* written;
  const char* message;
  const char* help;
};

const Wrong kWrong[] = {
    {"nodes", "0", "0 nodes", "one or more"},
    {"nodes", "-1", "-1 nodes", "one or more"},
    {"nodes", "three", "must be how many", ""},
    {"nodes", "{cpu: 4}", "lacks \"count\"", "how many"},
    {"nodes", "{count: 3, memmory: 4Gi}", "unknown key \"memmory\"", "\"memory\""},
    {"nodes", "{count: 3, memory: -4Gi}", "memory", ""},
    {"nodes", "{count: 3, memory: lots}", "lots", ""},
    {"nodes", "{count: 3, zones: [a, a]}", "named twice", "once"},
    {"nodes", "{count: 3, zones: 0}", "\"zones\"", ""},
    {"nodes", "{count: 1, taints: [gpu]}", "\"taints\"", ""},
    {"nodes", "[{count: 1}, {count: 1}]", "two nodes are called node-1", "name of its own"},
    {"quorum", "{pod: nats}", "unknown key \"pod\"", "\"pods\""},
    {"quorum", "{of: 3}", "lacks \"pods\"", ""},
    {"quorum", "{pods: nats, needs: 0}", "1 or more", ""},
    {"quorum", "{pods: nats, needs: two}", "whole number", ""},
    {"quorum", "nats", "not a map", "pods"},
    {"available", "{service: web, mim: 1}", "unknown key \"mim\"", "\"min\""},
    {"available", "{min: 1}", "lacks \"service\"", ""},
};

TEST(Given, SaysWhereSomethingCannotBe) {
  for (const Wrong& wrong : kWrong) {
    SCOPED_TRACE(fmt::format("{}: {}", wrong.what, wrong.written));
    const base::Node node = read(wrong.written);
    const std::string what = wrong.what;
    std::optional<base::Error> error;
    if (const auto nodes = parse_nodes(node); what == "nodes" && !nodes) error = nodes.error();
    if (const auto quorums = parse_quorums(node); what == "quorum" && !quorums) error = quorums.error();
    if (const auto claims = parse_availability(node); what == "available" && !claims) error = claims.error();
    ASSERT_TRUE(error);
    EXPECT_TRUE(error->message.find(wrong.message) != std::string::npos) << error->message;
    EXPECT_TRUE(error->help.find(wrong.help) != std::string::npos) << error->help;
    EXPECT_TRUE(error->where && error->where->line > 0);
  }
}

}  // namespace
}  // namespace gantry::disruption

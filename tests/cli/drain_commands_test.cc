// `gantry drain`, from outside.

#include "cli/program.h"
#include "support/golden.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace gantry::cli {
namespace {

const std::string kFixture = "cli/drain/shop-with-a-queue";

struct Kept {
  const char* file;
  std::vector<std::string> arguments;
  int status;
};

const Kept kKept[] = {
    {"expected-all.txt", {"--all", "manifests", "--nodes", "4", "--zones", "2", "--ignore-daemonsets"}, 0},
    {"expected-all.json", {"--all", "manifests", "--nodes", "4", "--zones", "2", "--ignore-daemonsets", "--json"}, 0},
    {"expected-all.svg",
     {"--all", "manifests", "--nodes", "4", "--zones", "2", "--ignore-daemonsets", "--format", "svg"},
     0},
    {"expected-blocked.txt", {"node-1", "blocked", "--nodes", "4", "--ignore-daemonsets"}, 1},
    {"expected-blocked.json", {"node-1", "blocked", "--nodes", "4", "--ignore-daemonsets", "--json"}, 1},
    {"expected-refused.txt", {"node-1", "manifests", "--nodes", "4"}, 1},
    {"expected-upgrade.txt", {"--upgrade", "manifests", "--nodes", "3"}, 0},
    {"expected-zone.txt", {"--zone", "b", "manifests", "--nodes", "4", "--zones", "a,b"}, 0},
    {"expected-bypassed.json",
     {"--all", "manifests", "--nodes", "4", "--parallel", "2", "--ignore-daemonsets", "--disable-eviction", "--with",
      "crash", "--json"},
     1},
};

TEST(Drain, PrintsWhatIsKept) {
  for (const Kept& kept : kKept) {
    SCOPED_TRACE(kept.file);
    std::vector<std::string> arguments = {"drain"};
    arguments.insert(arguments.end(), kept.arguments.begin(), kept.arguments.end());
    const Ran ran = gantry(arguments, test::test_path(kFixture));
    EXPECT_EQ(ran.status, kept.status) << ran;
    EXPECT_EQ(ran.err, "") << ran;
    EXPECT_TRUE(test::matches_golden(ran.out, kFixture + "/" + kept.file));
  }
}

struct Wrong {
  std::vector<std::string> arguments;
  std::vector<std::string> told;
};

const Wrong kWrong[] = {
    {{}, {"not said what is drained", "--all"}},
    {{"--all", "--upgrade", "manifests", "--nodes", "3"}, {"one of them at a time"}},
    {{"--all", "manifests"}, {"no Node objects", "--nodes 3"}},
    {{"--all", "manifests", "--node-cpu", "4"}, {"none are declared"}},
    {{"--all", "manifests", "--nodes", "0"}, {"0 nodes", "one or more"}},
    {{"--all", "manifests", "--nodes", "-2"}, {"-2 nodes"}},
    {{"--all", "manifests", "--nodes", "1000000000"}, {"1000000000 nodes are more than"}},
    {{"--all", "manifests", "--nodes", "3", "--node-memory", "-1Gi"}, {"memory"}},
    {{"node-9", "manifests", "--nodes", "3"}, {"no node \"node-9\"", "did you mean node-"}},
    {{"worker", "manifests", "--nodes", "3"}, {"no node \"worker\"", "there are: node-1, node-2, node-3"}},
    {{"node-1,", "manifests", "--nodes", "3"}, {"no node \"\""}},
    {{"manifests", "--nodes", "3"}, {"manifests is a path", "gantry drain --all manifests"}},
    {{"manifests/shop.yaml", "--nodes", "3"}, {"not said which node drains"}},
    {{"--zone", "a", "manifests", "--nodes", "3"}, {"no node is in zone a", "declare the zones"}},
    {{"--upgrade", "manifests", "--nodes", "3", "--surge", "100000000"}, {"cannot add 100000000 nodes", "to 20000"}},
    {{"--zone", "z", "manifests", "--nodes", "3", "--zones", "a,b"}, {"no node is in zone z", "there are: a, b"}},
    {{"--all", "manifests", "--nodes", "3", "--quorum", "pods=queue,off=3"}, {"unknown key \"off\"", "\"of\""}},
    {{"--all", "manifests", "--nodes", "3", "--quorum", "pods=queue,needs=4"}, {"cannot need 4"}},
    {{"--all", "manifests", "--nodes", "3", "--quorum", "queue"}, {"KEY=VALUE", "pods=nats"}},
    {{"--all", "manifests", "--nodes", "3", "--available", "web=9"}, {"cannot keep 9"}},
    {{"--all", "manifests", "--nodes", "3", "--available", "wep=1"}, {"no Service or workload wep"}},
    {{"--all", "manifests", "--nodes", "3", "--parallel", "0"}, {"0 nodes at once"}},
    {{"--all", "manifests", "--nodes", "3", "--with", "luck"}, {"\"luck\"", "rollout"}},
    {{"--all", "manifests", "--nodes", "3", "--surge", "1"}, {"--upgrade"}},
    // What would be left out without a word.
    {{"node-1", "manifests", "--nodes", "3", "--with", "crash"}, {"--with", "write --all"}},
    {{"node-1", "manifests", "--nodes", "3", "--orders", "5"}, {"--orders", "write --all"}},
    {{"node-1", "manifests", "--nodes", "3", "--keep-cordoned"}, {"--keep-cordoned", "write --all"}},
    {{"node-1", "manifests", "--nodes", "3", "--deadline", "1h"}, {"--deadline", "--timeout"}},
    {{"--upgrade", "manifests", "--nodes", "3", "--timeout", "1s"}, {"--timeout", "--deadline"}},
    {{"--upgrade", "manifests", "--nodes", "3", "--node-down", "node-1"}, {"--node-down", "--all"}},
    {{"--zone", "a", "manifests", "--nodes", "3", "--zones", "a,b", "--parallel", "2"}, {"--parallel", "nobody"}},
    {{"--all", "manifests", "--nodes", "3", "--orders", "0"}, {"--orders takes 1 or more"}},
    {{"--all", "manifests", "--nodes", "3", "--grace-period", "-2"}, {"below -1"}},
    {{"--all", "manifests", "--nodes", "3", "--timeout", "soon"}, {"--timeout", "soon"}},
    {{"--all", "manifests", "--nodes", "3", "--pod-selector", "a=(("}, {"--pod-selector"}},
};

TEST(Drain, SaysWhatIsWrongAndWhatToDo) {
  for (const Wrong& wrong : kWrong) {
    std::vector<std::string> arguments = {"drain"};
    arguments.insert(arguments.end(), wrong.arguments.begin(), wrong.arguments.end());
    const Ran ran = gantry(arguments, test::test_path(kFixture));
    expect_failure(ran, 2, wrong.told);
    // An option has no place in a file that could be pointed at.
    EXPECT_EQ(ran.err.find("-->"), std::string::npos) << ran;
  }
}

// The checks of the plan and the command take the same things as given.
TEST(Drain, TakesWhatTheWorkspaceSays) {
  const std::string daemons =
      "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\nspec: {selector: {matchLabels: {a: b}}, "
      "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: c}]}}}\n---\napiVersion: "
      "apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2, selector: {matchLabels: {a: w}}, "
      "template: {metadata: {labels: {a: w}}, spec: {containers: [{name: c, image: c}]}}}\n";
  const test::TempDir dir;
  dir.write("k8s/all.yaml", daemons);
  const auto declare = [&](const std::string& drain) {
    dir.write("gantry.yaml", "manifests: k8s\n" + (drain.empty() ? "" : "drain: " + drain + "\n"));
  };
  declare("{nodes: 2, ignore_daemonsets: true}");
  const Ran told = gantry({"drain", "--all"}, dir);
  EXPECT_EQ(told.status, 0) << told;
  EXPECT_NE(told.out.find("declared: 2 nodes"), std::string::npos) << told;
  EXPECT_NE(gantry({"drain", "--all", "--nodes", "5"}, dir).out.find("declared: 5 nodes"), std::string::npos);
  declare("{nodes: 2}");
  EXPECT_EQ(gantry({"drain", "--all"}, dir).status, 1);  // kubectl refuses pods of DaemonSets
  declare("{nodes: 2, ignore_daemonsets: true, available: {service: web, min: 3}}");
  expect_failure(gantry({"drain", "--all"}, dir), 2, {"cannot keep 3", "gantry.yaml:2"});
  EXPECT_EQ(gantry({"drain", "--all", "--available", "web=0"}, dir).status, 0);
  // Manifests that are named are not those that gantry.yaml speaks of.
  expect_failure(gantry({"drain", "--all", "k8s"}, dir), 2, {"--nodes 3", "gantry.yaml"});
  declare("");
  expect_failure(gantry({"drain", "--all"}, dir), 2, {"under drain: in gantry.yaml"});
}

// Whoever gives a flag accepts what it destroys: it is told, and the answer is yes, as drain.rehearse has it. That a pod is left without
// a node is a no, for both.
TEST(Drain, AFlagAcceptsWhatItDestroys) {
  const test::TempDir dir;
  dir.write("web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2, selector: {matchLabels: "
            "{a: w}}, template: {metadata: {labels: {a: w}}, spec: {volumes: [{name: tmp, emptyDir: {}}], containers: "
            "[{name: c, image: c}]}}}\n");
  const Ran refused = gantry({"drain", "node-1", "web.yaml", "--nodes", "2"}, dir);
  EXPECT_EQ(refused.status, 1) << refused;
  EXPECT_NE(refused.out.find("--delete-emptydir-data"), std::string::npos) << refused;
  const Ran accepted = gantry({"drain", "node-1", "web.yaml", "--nodes", "2", "--delete-emptydir-data"}, dir);
  EXPECT_EQ(accepted.status, 0) << accepted;
  EXPECT_NE(accepted.out.find("UNSAFE-FLAGS"), std::string::npos) << accepted;
  EXPECT_NE(accepted.out.find("emptyDir"), std::string::npos) << accepted;
  const Ran nowhere = gantry({"drain", "node-1,node-2", "web.yaml", "--nodes", "2", "--delete-emptydir-data"}, dir);
  EXPECT_EQ(nowhere.status, 1) << nowhere;
}

TEST(Drain, TakesADecidedOutage) {
  // One replica is down while its node drains. It is an outage until somebody decides that it may be.
  const std::string one =
      "apiVersion: v1\nkind: Service\nmetadata: {name: cache}\nspec: {selector: {a: b}, ports: "
      "[{port: 1}]}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cache}\nspec: "
      "{selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: "
      "{containers: [{name: c, image: c}]}}}\n";
  const test::TempDir dir;
  dir.write("cache.yaml", one);
  EXPECT_EQ(gantry({"drain", "--all", "cache.yaml", "--nodes", "2"}, dir).status, 1);
  EXPECT_EQ(gantry({"drain", "--all", "cache.yaml", "--nodes", "2", "--available", "cache=0"}, dir).status, 0);
}

}  // namespace
}  // namespace gantry::cli

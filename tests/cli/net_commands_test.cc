// The rest of `gantry net`: claims, needs, lints, proposals and differences, from outside.

#include "cli/program.h"
#include "support/golden.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace gantry::cli {
namespace {

using test::TempDir;

const std::string kFixture = "cli/net/three-namespaces";

struct Kept {
  const char* file;
  std::vector<std::string> arguments;
  int status;
};

const Kept kKept[] = {
    {"expected-check.json", {"check", "claims.yaml", "manifests", "--json"}, 1},
    {"expected-check.txt", {"check", "claims.yaml", "manifests"}, 1},
    {"expected-needs.json", {"needs", "manifests", "--json"}, 1},
    {"expected-needs.txt", {"needs", "manifests"}, 1},
    {"expected-lint.json", {"lint", "manifests", "--json"}, 0},
    {"expected-lint.txt", {"lint", "manifests"}, 0},
    {"expected-lint.sarif", {"lint", "manifests", "--sarif", "-"}, 0},
    {"expected-propose.json", {"propose", "manifests", "--only-admit", "--json"}, 0},
    {"expected-propose.patch", {"propose", "manifests", "--only-admit"}, 0},
    {"expected-diff.json", {"diff", "manifests", "after", "--json"}, 1},
    {"expected-diff.txt", {"diff", "manifests", "after"}, 1},
};

TEST(NetCommands, PrintWhatIsKept) {
  for (const Kept& kept : kKept) {
    SCOPED_TRACE(kept.file);
    std::vector<std::string> arguments = {"net"};
    arguments.insert(arguments.end(), kept.arguments.begin(), kept.arguments.end());
    const Ran ran = gantry(arguments, test::test_path(kFixture));
    EXPECT_EQ(ran.status, kept.status) << ran;
    EXPECT_EQ(ran.err, "") << ran;
    EXPECT_TRUE(test::matches_golden(ran.out, kFixture + "/" + kept.file));
  }
}

TEST(NetPropose, WritesOnlyWhenAskedAndThenMends) {
  const TempDir dir;
  copy_folder(test::test_path(kFixture) + "/manifests", dir.path("manifests"));
  const auto before = files_outside_store(dir);
  EXPECT_EQ(gantry({"net", "needs", "manifests"}, dir).status, 1);
  EXPECT_EQ(gantry({"net", "propose", "manifests", "--only-admit"}, dir).status, 0);
  EXPECT_EQ(files_outside_store(dir), before) << "nothing is written without --write";
  const Ran written = gantry({"net", "propose", "manifests", "--only-admit", "--write"}, dir);
  EXPECT_EQ(written.status, 0) << written;
  EXPECT_TRUE(written.out.contains("changed manifests/shop-policies.yaml\n")) << written;
  EXPECT_TRUE(dir.read("manifests/shop-policies.yaml").contains("port: 5432   # postgres")) << "comments stay";
  const Ran again = gantry({"net", "propose", "manifests", "--only-admit", "--write"}, dir);
  EXPECT_EQ(again.out, "nothing to change\n") << again;
  EXPECT_EQ(gantry({"net", "query", "--flows", "-", "manifests"}, dir).status, 2) << "no questions on standard input";
}

TEST(NetPropose, PrintsAPatchThatApplies) {
  const TempDir dir;
  copy_folder(test::test_path(kFixture) + "/manifests", dir.path("manifests"));
  const std::string apply = program_path() + " net propose manifests --only-admit | patch -p1 --dry-run";
  const Ran ran = run({"/bin/sh", "-c", apply}, dir.path());
  EXPECT_EQ(ran.status, 0) << ran;
}

// ---- Small systems of their own

const std::string kPods =
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n"
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\n"
    "spec: {containers: [{name: c, image: i}]}\n---\n"
    "apiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: shop, labels: {app: db}}\n"
    "spec: {containers: [{name: c, image: i, ports: [{containerPort: 5432}]}]}\n";

std::string policy(const std::string& name, const std::string& spec) {
  return "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " + name +
         ", namespace: shop}\nspec: {" + spec + "}\n";
}

TEST(NetCheck, TellsOfEveryBadClaimAtOnce) {
  const TempDir dir;
  dir.write("system.yaml", kPods + policy("db", "podSelector: {matchLabels: {app: db}}"));
  dir.write("claims.yaml",
            "- {claim: onyl, destination: shop/db}\n"
            "- {claim: isolated, destination: shop/db}\n"
            "- {claim: isolated, destination: shop/bd}\n"
            "- {claim: never, destination: shop/db, surces: [shop/web]}\n"
            "- {claim: contained, within: systen.yaml}\n");
  const Ran ran = gantry({"net", "check", "claims.yaml", "system.yaml"}, dir);
  EXPECT_EQ(ran.status, 2) << ran;
  EXPECT_EQ(ran.out, "") << ran;
  for (const char* text :
       {"claims.yaml:1:", "did you mean \"only\"?", "claims.yaml:3:", "there is no workload or pod shop/bd",
        "did you mean shop/db?", "claims.yaml:4:", "did you mean \"sources\"?",
        "claims.yaml:5:", "there is no file or folder systen.yaml", "did you mean system.yaml?"})
    EXPECT_TRUE(ran.err.contains(text)) << text << "\n" << ran;
  EXPECT_FALSE(ran.err.contains("claims.yaml:2:")) << ran;
}

TEST(NetCheck, TakesPodRangesClaimByClaim) {
  const TempDir dir;
  dir.write(
      "system.yaml",
      kPods +
          policy("db", "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}]}]"));
  const std::string claim = "- {claim: never, world: closed, destination: shop/db, ports: [5432], sources: [shop/web]";
  dir.write("claims.yaml",
            claim + ", pod_ranges: [10.2.0.0/16]}\n" + claim + ", pod_ranges: [10.1.0.0/16]}\n" + claim + "}\n");
  const Ran ran = gantry({"net", "check", "claims.yaml", "system.yaml", "--json"}, dir);
  EXPECT_EQ(ran.status, 1) << ran;
  std::vector<std::string> verdicts;
  const nlohmann::json answer = ran.json();
  for (const auto& judged : answer["claims"]) verdicts.push_back(judged["verdict"]);
  EXPECT_EQ(verdicts, (std::vector<std::string>{"proved", "refuted", "depends"})) << ran;
}

// A claim that names its plugin is about that one; else the command line decides, and then the workspace.
TEST(NetCheck, TakesThePluginOfTheClaimTheCommandLineAndTheWorkspace) {
  const TempDir dir;
  dir.write("system.yaml", kPods + policy("db",
                                          "podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 5000, "
                                          "endPort: 6000}]}]"));
  const std::string claim = "- {claim: never, world: closed, destination: shop/db, ports: [5432], sources: [shop/web]";
  dir.write("claims.yaml", claim + "}\n" + claim + ", profile: basic}\n" + claim + ", profile: cilium}\n");
  const auto verdicts = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"net", "check", "claims.yaml", "--json"});
    const Ran ran = gantry(arguments, dir);
    std::string text;
    const nlohmann::json answer = ran.json();
    for (const auto& judged : answer["claims"]) text += judged["verdict"].get<std::string>() + " ";
    return text;
  };
  EXPECT_EQ(verdicts({"system.yaml"}), "refuted proved refuted ");
  EXPECT_EQ(verdicts({"system.yaml", "--profile", "basic"}), "proved proved refuted ");
  dir.write("gantry.yaml", "manifests: system.yaml\nnetwork: {profile: basic}\n");
  EXPECT_EQ(verdicts({}), "proved proved refuted ");
  EXPECT_EQ(verdicts({"--profile", "conformant"}), "refuted proved refuted ");
  EXPECT_EQ(gantry({"net", "explain", "shop/web", "shop/db:5432"}, dir).status, 1) << "the workspace's";
  EXPECT_EQ(gantry({"net", "explain", "shop/web", "shop/db:5432", "system.yaml"}, dir).status, 0) << "of a path, none";
}

TEST(NetLint, TellsOfARefusedPolicyOnce) {
  const TempDir dir;
  dir.write("system.yaml",
            kPods + policy("db", "podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 0}]}]"));
  const Ran lint = gantry({"net", "lint", "system.yaml"}, dir);
  EXPECT_TRUE(lint.out.contains("NP038")) << lint;
  EXPECT_EQ(lint.err, "") << lint;
  EXPECT_TRUE(gantry({"net", "matrix", "system.yaml"}, dir).err.contains("refused by the API server"));
}

TEST(NetPropose, SaysWhatIsLeftToDoWhenItWrites) {
  const TempDir dir;
  dir.write("system.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n"
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\n"
            "spec: {containers: [{name: c, image: i, env: [{name: DB_URL, value: \"http://example.com:80\"}]}]}\n" +
                policy("web", "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]"));
  const std::string left =
      "# to be done by hand, as one end is not in the input: shop/web -> the cluster's DNS on 53/UDP";
  const Ran plain = gantry({"net", "propose", "system.yaml", "--only-admit"}, dir);
  EXPECT_TRUE(plain.out.contains(left)) << plain;
  const Ran written = gantry({"net", "propose", "system.yaml", "--only-admit", "--write"}, dir);
  EXPECT_EQ(written.status, plain.status) << written;
  EXPECT_TRUE(written.out.contains(left)) << written;
}

TEST(NetDiff, NeedsTwoSides) {
  expect_failure(gantry({"net", "diff", "manifests"}, test::test_path(kFixture)), 2, {"two sides", "BEFORE AFTER"});
}

TEST(NetDiff, OfTheSameIsNothing) {
  const Ran ran = gantry({"net", "diff", "manifests", "manifests"}, test::test_path(kFixture));
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.out, "no flow opens or closes\n") << ran;
}

}  // namespace
}  // namespace gantry::cli

// `gantry net query` and `gantry net explain`: answers to questions about single flows.

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

TEST(NetQuery, AnswersEachQuestionInItsOrder) {
  const Ran ran = gantry({"net", "query", "--flows", "flows.yaml", "--json", "manifests"}, test::test_path(kFixture));
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.err, "") << ran;
  EXPECT_TRUE(test::matches_golden(ran.out, kFixture + "/expected-query.json"));
  const Ran text = gantry({"net", "query", "--flows", "flows.yaml", "manifests"}, test::test_path(kFixture));
  EXPECT_TRUE(test::matches_golden(text.out, kFixture + "/expected-query.txt"));
}

// What the manifests' comments promise, flow by flow: no golden may drift away from this.
TEST(NetQuery, KnowsAllowedFromDenied) {
  const nlohmann::json answers =
      gantry({"net", "query", "--flows", "flows.yaml", "--json", "manifests"}, test::test_path(kFixture)).json();
  const std::vector<std::string> expected = {"allow", "deny",  "allow", "allow", "deny", "allow", "deny",
                                             "allow", "allow", "deny",  "allow", "deny", "allow", "allow"};
  ASSERT_EQ(answers.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(answers[i]["verdict"], expected[i]) << answers[i];
  EXPECT_EQ(answers[11]["access"], "depends") << "the address of prometheus's pod is not known";
  EXPECT_NE(answers[11]["note"], "");
}

TEST(NetQuery, ReadsJsonAndStandardInput) {
  const TempDir dir;
  copy_folder(test::test_path(kFixture) + "/manifests", dir.path("manifests"));
  dir.write("flows.json", R"([{"src": "shop/web", "dst": "shop/api", "protocol": "TCP", "port": 8081}])");
  const Ran ran = gantry({"net", "query", "--flows", "flows.json", "--json", "manifests"}, dir);
  EXPECT_EQ(ran.json()[0]["verdict"], "allow") << ran;
  const Ran piped =
      run({"/bin/sh", "-c", program_path() + " net query --flows - --json manifests < flows.json"}, dir.path());
  EXPECT_EQ(piped.out, ran.out) << piped;
}

struct WrongFlow {
  const char* what;
  const char* flows;
  std::vector<std::string> on_stderr;
};

const WrongFlow kWrongFlows[] = {
    {"a workload that is not there",
     "- {src: shop/wbe, dst: shop/api, port: 1}",
     {"shop/wbe", "did you mean shop/web?"}},
    {"a namespace that is not there",
     "- {src: shp/web, dst: shop/api, port: 1}",
     {"no namespace shp", "did you mean shop/web?"}},
    {"a Service", "- {src: edge/proxy, dst: shop/cache-svc, port: 1}", {"shop/cache-svc"}},
    {"a port name that nobody declares", "- {src: shop/web, dst: shop/api, port: grpc}", {"grpc"}},
    {"a port beyond the last", "- {src: shop/web, dst: shop/api, port: 65536}", {"65536 is no port"}},
    {"a protocol that policies do not know",
     "- {src: shop/web, dst: shop/api, protocol: ICMP, port: 1}",
     {"ICMP", "TCP, UDP or SCTP"}},
    {"a misspelt key", "- {src: shop/web, dest: shop/api, port: 1}", {"no key \"dest\"", "did you mean \"dst\"?"}},
    {"no list", "src: shop/web", {"a list", "flows.yaml:1"}},
    {"labels that are no labels", "- {src: \"labels(pod: app in (a,b))\", dst: shop/api, port: 1}", {"single value"}},
};

TEST(NetQuery, RefusesWhatItCannotAnswer) {
  const TempDir dir;
  copy_folder(test::test_path(kFixture) + "/manifests", dir.path("manifests"));
  for (const WrongFlow& wrong : kWrongFlows) {
    SCOPED_TRACE(wrong.what);
    dir.write("flows.yaml", wrong.flows);
    const Ran ran = gantry({"net", "query", "--flows", "flows.yaml", "--json", "manifests"}, dir);
    expect_failure(ran, 2, wrong.on_stderr);
    EXPECT_EQ(ran.out, "") << ran;
  }
}

struct Explained {
  std::vector<std::string> arguments;
  int status;
  const char* golden;
};

const Explained kExplained[] = {
    {{"shop/web", "shop/db:5432"}, 1, "expected-explain-denied.txt"},
    {{"edge/proxy", "shop/web:http"}, 0, "expected-explain-allowed.txt"},
    {{"shop/backup", "ops/prometheus:443"}, 3, "expected-explain-depends.txt"},
    {{"shop/web", "shop/db:5432", "--json"}, 1, "expected-explain.json"},
};

TEST(NetExplain, SaysWhyAndExitsByTheAnswer) {
  for (const Explained& explained : kExplained) {
    SCOPED_TRACE(explained.golden);
    std::vector<std::string> arguments = {"net", "explain"};
    arguments.insert(arguments.end(), explained.arguments.begin(), explained.arguments.end());
    arguments.insert(arguments.begin() + 4, "manifests");
    const Ran ran = gantry(arguments, test::test_path(kFixture));
    EXPECT_EQ(ran.status, explained.status) << ran;
    EXPECT_TRUE(test::matches_golden(ran.out, kFixture + "/" + explained.golden));
  }
}

TEST(NetExplain, NeedsAPort) {
  const Ran ran = gantry({"net", "explain", "shop/web", "shop/db", "manifests"}, test::test_path(kFixture));
  expect_failure(ran, 2, {"names no port", "DST:PORT"});
}

}  // namespace
}  // namespace gantry::cli

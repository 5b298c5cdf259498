// The check net.diff from outside, with a program in PATH that answers as kubectl does.

#include "cli/program.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::TempDir;

// Lists from the folder that it lies in.
constexpr const char* kKubectl = R"(#!/bin/sh
here=$(dirname "$0")
shift 2
case "$1 $2" in
  "api-resources "*) printf 'namespaces\nnetworkpolicies.networking.k8s.io\npods\nsecrets\n' ;;
  "get pods" | "get secrets") echo '{"apiVersion": "v1", "kind": "List", "items": []}' ;;
  "get "*) cat "$here/objects.json" ;;
  *) echo "error: nobody may ask for $1" >&2; exit 1 ;;
esac
)";

json name_space(const char* name, const char* tier) {
  return {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}, {"labels", {{"tier", tier}}}}}};
}

json policy(const char* name, const char* name_space, json spec) {
  return {{"apiVersion", "networking.k8s.io/v1"},
          {"kind", "NetworkPolicy"},
          {"metadata", {{"name", name}, {"namespace", name_space}, {"uid", name}}},
          {"spec", std::move(spec)}};
}

json deny_all(const char* name_space) {
  return policy("deny-all", name_space, {{"podSelector", json::object()}, {"policyTypes", {"Ingress"}}});
}

// What the workspace says of the queue, with a port.
json shop_reaches_queue(int port) {
  const json from = {{"namespaceSelector", {{"matchLabels", {{"tier", "web"}}}}},
                     {"podSelector", {{"matchLabels", {{"app", "shop"}}}}}};
  const json rule = {{"from", json::array({from})}, {"ports", json::array({{{"protocol", "TCP"}, {"port", port}}})}};
  return policy("shop-reaches-queue", "backend",
                {{"podSelector", {{"matchLabels", {{"app", "queue"}}}}},
                 {"policyTypes", {"Ingress"}},
                 {"ingress", json::array({rule})}});
}

class NetDiffCheck : public testing::Test {
 protected:
  NetDiffCheck() {
    copy_workspace("a-step-asks-about-a-cluster-and-no-cluster-is-named", dir_);
    cluster_.write("kubectl", kKubectl);
    fs::permissions(cluster_.path("kubectl"), fs::perms::owner_all);
  }

  void put(json queue_policy) const {
    json items = json::array({name_space("storefront", "web"), name_space("backend", "data"), deny_all("storefront"),
                              deny_all("backend"), std::move(queue_policy)});
    cluster_.write("objects.json", json({{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}}).dump());
  }

  json board(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"run", "plan.md", "--json", "--only", "A.2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return gantry(arguments, dir_, {{"PATH", cluster_.path() + ":/usr/bin:/bin"}}).json();
  }

  static json check_of(const json& board) {
    for (const json& check : board["tracks"][0]["steps"][1]["checks"])
      if (check["check"] == "net.diff") return check;
    ADD_FAILURE() << "no net.diff in " << board;
    return {};
  }

  const TempDir dir_;
  TempDir cluster_;
};

TEST_F(NetDiffCheck, IsUnverifiedWithoutAClusterAndSaysHowToGetItVerified) {
  const json found = board();
  EXPECT_EQ(check_of(found)["state"], "unverified");
  EXPECT_TRUE(check_of(found)["evidence"].is_null());
  EXPECT_EQ(found["decision"], "NO-GO");
  bool is_told = false;
  for (const json& blocker : found["blockers"])
    is_told = is_told || (blocker["subject"] == "A.2" && blocker["next_step"] == "gantry run plan.md --context NAME");
  EXPECT_TRUE(is_told) << found["blockers"];
}

TEST_F(NetDiffCheck, PassesOnAClusterThatHoldsWhatTheRepositorySays) {
  put(shop_reaches_queue(4222));
  const json check = check_of(board({"--context", "prod"}));
  EXPECT_EQ(check["state"], "passed") << check;
  EXPECT_EQ(check["evidence"]["class"], "live-read") << check;
}

TEST_F(NetDiffCheck, FailsOnAClusterThatHoldsSomethingElse) {
  put(shop_reaches_queue(4223));
  const json check = check_of(board({"--context", "prod"}));
  EXPECT_EQ(check["state"], "failed") << check;
  EXPECT_EQ(check["evidence"]["findings"][0]["rule"], "net.policy-differs") << check;
}

// What a cluster said yesterday is no answer to a run that was given none.
TEST_F(NetDiffCheck, IsNotAnsweredFromMemory) {
  put(shop_reaches_queue(4222));
  EXPECT_EQ(check_of(board({"--context", "prod"}))["state"], "passed");
  EXPECT_EQ(check_of(board())["state"], "unverified");
}

}  // namespace
}  // namespace gantry::cli

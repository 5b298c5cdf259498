#include "load/job/job.h"

#include "base/file.h"
#include "base/yaml.h"
#include "kube/kube.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {
namespace {

using base::Node;

JobRequest small() {
  return {.name = "saas-health",
          .name_space = "load",
          .image = "registry.example.com/gantry:1.0",
          .parallelism = 3,
          .secret = "load-tokens",
          .arguments = {"--vus=50", "--env=API=http://$(HOST):$PORT"},
          .merge_arguments = {"--no-thresholds"},
          .script = "tests/load/saas-health.js",
          .files = {{"tests/load/saas-health.js", "import './lib.js';\nexport default () => 1;\n"},
                    {"tests/load/lib.js", "export const a = 1;\n"},
                    {"tests/load/picture.bin", std::string("\xff\x00\x01", 3)}},
          .start_within = std::chrono::seconds(300),
          .longest = std::chrono::seconds(200)};
}

std::string text_of(const std::vector<Node>& objects) {
  std::string text;
  for (const Node& object : objects) text += "---\n" + base::dump_yaml(object);
  return text;
}

std::string arguments_of(const Node& job) {
  std::string arguments;
  for (const Node& each : job.find("spec", "template", "spec", "containers", 0, "args")->array())
    arguments += each.string() + " ";
  return arguments;
}

// Behind the name of the place that the parts meet at.
std::string place_mark(const std::vector<Node>& objects) {
  constexpr std::string_view kBefore = "/saas-health-";
  const std::string arguments = arguments_of(objects[2]);
  const std::size_t at = arguments.find(kBefore);
  if (at == std::string::npos) return arguments;
  return arguments.substr(at + kBefore.size(), arguments.find(' ', at) - at - kBefore.size());
}

TEST(Job, IsWhatTheApiServerTakes) {
  const auto objects = make_job(small());
  ASSERT_TRUE(objects) << objects.error().message;
  const base::MemoryFileSystem files({{"job.yaml", text_of(*objects)}});
  const base::Result<kube::Snapshot> snapshot = kube::load_snapshot(files, {kube::Source::path("job.yaml")});
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  for (const base::Finding& finding : (*snapshot)->findings) ADD_FAILURE() << finding.rule << " " << finding.message;
  EXPECT_EQ((*snapshot)->objects.size(), 3U);
}

TEST(Job, GivesEachPodItsPart) {
  const std::vector<Node> objects = *make_job(small());
  const Node& job = objects[1];
  EXPECT_EQ(job.find("spec", "completionMode")->string(), "Indexed");
  EXPECT_EQ(job.find("spec", "parallelism")->integer(), 3);
  EXPECT_EQ(job.find("spec", "completions")->integer(), 3);
  const std::string place = fmt::format("nats://nats:4222/saas-health-{}", place_mark(objects));
  EXPECT_EQ(place.size(), std::string_view("nats://nats:4222/saas-health-01234567").size());
  EXPECT_EQ(arguments_of(job),
            fmt::format("load run --quiet --vus=50 --env=API=http://$$(HOST):$$PORT --part=$(JOB_COMPLETION_INDEX)/3 "
                        "--start-barrier={0} --start-barrier-wait=300s --start-barrier-merge --out=summary={0} "
                        "/scripts/tests/load/saas-health.js ",
                        place));
  EXPECT_EQ(arguments_of(objects[2]),
            fmt::format("load merge {} --start-barrier --count 3 --wait 620s --no-thresholds ", place));
  EXPECT_EQ(job.find("spec", "activeDeadlineSeconds")->integer(), 620);
  EXPECT_EQ(objects[2].find("spec", "activeDeadlineSeconds")->integer(), 680);
}

TEST(Job, MeetsWhereNoOtherRunDoes) {
  JobRequest other = small();
  other.files["tests/load/lib.js"] = "export const a = 2;\n";
  EXPECT_NE(place_mark(*make_job(other)), place_mark(*make_job(small())));
  other = small();
  other.arguments = {"--vus=51"};
  EXPECT_NE(place_mark(*make_job(other)), place_mark(*make_job(small())));
}

TEST(Job, MountsTheSecretThatHasFiles) {
  JobRequest request = small();
  request.secret_files = "load-secrets";
  const std::vector<Node> objects = *make_job(request);
  const Node* spec = objects[1].find("spec", "template", "spec");
  EXPECT_EQ(spec->find("volumes", 1, "secret", "secretName")->string(), "load-secrets");
  EXPECT_EQ(spec->find("containers", 0, "volumeMounts", 1, "mountPath")->string(), "/secrets");
}

TEST(Job, KnowsHowLongARunMayTake) {
  RunOutcome evaluated;
  evaluated.options = Node::Map{{"setupTimeout", "10s", {}}, {"teardownTimeout", "20s", {}}};
  evaluated.scenarios.push_back(
      {.scenario = {.plan = ConstantVus{.duration = std::chrono::minutes(5)}, .start_time = std::chrono::seconds(30)}});
  evaluated.scenarios.push_back({.scenario = {.plan = SharedIterations{.max_duration = std::chrono::minutes(1)}}});
  EXPECT_EQ(*longest_run(evaluated), std::chrono::seconds(30 + 300 + 30 + 10 + 20 + 120));
}

// What is mounted is what was read, at the same paths.
TEST(Job, MountsTheFilesAtTheirPaths) {
  const std::vector<Node> objects = *make_job(small());
  const Node* items = objects[1].find("spec", "template", "spec", "volumes", 0, "configMap", "items");
  std::string mounted;
  for (const Node& item : items->array()) {
    const std::string_view key = item.text("key");
    const Node* content = objects[0].find("data", std::string(key));
    mounted += fmt::format("{} {}\n", item.text("path"),
                           content ? content->string() : objects[0].text("binaryData", std::string(key)));
  }
  EXPECT_EQ(mounted,
            "tests/load/lib.js export const a = 1;\n\ntests/load/picture.bin /wAB\n"
            "tests/load/saas-health.js import './lib.js';\nexport default () => 1;\n\ngantry.yaml {}\n\n");
}

TEST(Job, RefusesWhatDoesNotFit) {
  JobRequest large = small();
  large.files["big.bin"] = std::string(1'100'000, 'x');
  EXPECT_TRUE(make_job(large).error().message.contains("and a ConfigMap holds 1000000"));
  for (const std::string_view name : {"", "Big", "a_b", "-a", "a.b"}) {
    JobRequest request = small();
    request.name = name;
    EXPECT_FALSE(make_job(request)) << name;
  }
}

}  // namespace
}  // namespace gantry::load

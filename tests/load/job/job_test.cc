#include "load/job/job.h"

#include "base/file.h"
#include "base/yaml.h"
#include "kube/kube.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace gantry::load {
namespace {

using base::Node;

JobRequest small() {
  return {.name = "saas-health",
          .name_space = "load",
          .image = "registry.example.com/gantry:1.0",
          .parallelism = 3,
          .secret = "load-tokens",
          .arguments = {"--vus=50", "--env=API=http://api:8000"},
          .script = "tests/load/saas-health.js",
          .files = {{"tests/load/saas-health.js", "import './lib.js';\nexport default () => 1;\n"},
                    {"tests/load/lib.js", "export const a = 1;\n"},
                    {"tests/load/picture.bin", std::string("\xff\x00\x01", 3)}}};
}

std::string text_of(const std::vector<Node>& objects) {
  std::string text;
  for (const Node& object : objects) text += "---\n" + base::dump_yaml(object);
  return text;
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
  std::string arguments;
  for (const Node& each : job.find("spec", "template", "spec", "containers", 0, "args")->array())
    arguments += each.string() + "\n";
  EXPECT_EQ(arguments,
            "load\nrun\n--quiet\n--vus=50\n--env=API=http://api:8000\n--no-thresholds\n"
            "--part=$(JOB_COMPLETION_INDEX)/3\n--start-barrier=nats://nats:4222/saas-health\n"
            "--out=summary=nats://nats:4222/saas-health\n/scripts/tests/load/saas-health.js\n");
  std::string merge;
  for (const Node& each : objects[2].find("spec", "template", "spec", "containers", 0, "args")->array())
    merge += each.string() + " ";
  EXPECT_EQ(merge, "load merge nats://nats:4222/saas-health --count 3 --wait 24h ");
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

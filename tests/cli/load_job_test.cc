// gantry load job, from outside.

#include "base/yaml.h"
#include "cli/program.h"
#include "support/nats_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::cli {
namespace {

using test::TempDir;

constexpr std::string_view kScript = "export default () => 1;";

// Flags of `load job` that no pod could use.
struct Unfit {
  std::vector<std::string> flags;
  std::string says;
};
const Unfit kUnfit[] = {
    {{"--summary-export=x.json"}, "--summary-export cannot go into a job: what a pod writes into files goes with it"},
    {{"--console-output=x"}, "--console-output cannot go into a job"},
    {{"--out=json=x.json"}, "--out json=x.json cannot go into a job"},
    {{"--out=csv"}, "--out csv cannot go into a job"},
    {{"--out=web-dashboard=port=0"},
     "--out web-dashboard cannot go into a job: its page is there for its own pod alone"},
    {{"--log-output=file=x"}, "--log-output file=x cannot go into a job"},
    {{"--address=localhost:6565"}, "--address cannot go into a job"},
    {{"--linger"}, "--linger cannot go into a job: a pod that lingers keeps its Job from ending"},
    {{"--paused"}, "--paused cannot go into a job"},
    {{"--execution-segment=0:1/2"}, "--execution-segment cannot go into a job: a job deals its load out itself"},
    {{"--secret-source=mock=a=b"}, "everybody could read it in the manifest"},
    {{"--secret-source=file=name=x,secrets.env"}, "kubectl create secret generic NAME --from-file=secrets.env"}};

std::vector<std::string> job(std::vector<std::string> more, std::string script = "load.js") {
  std::vector<std::string> arguments = {"load", "job", "--parallelism=2", "--image=registry.example.com/gantry:1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.push_back(std::move(script));
  return arguments;
}

TEST(LoadJob, RefusesWhatNoPodCouldUse) {
  const TempDir dir;
  dir.write("load.js", std::string(kScript));
  dir.write("secrets.env", "TOKEN=abc\n");
  for (const Unfit& unfit : kUnfit) {
    SCOPED_TRACE(unfit.says);
    expect_failure(gantry(job(unfit.flags), dir), 2, {unfit.says});
  }
}

// The words behind "args:" of one container.
std::string arguments_of(const base::Node& object) {
  std::string arguments;
  for (const base::Node& each : object.find("spec", "template", "spec", "containers", 0, "args")->array())
    arguments += each.string() + " ";
  return arguments;
}

TEST(LoadJob, GivesThePodsWhatTheyNeed) {
  const TempDir dir;
  dir.write("load.js", std::string(kScript));
  dir.write("secrets.env", "TOKEN=abc\n");
  dir.write("options.json", R"({"userAgent": "shop"})");
  const Ran ran = gantry(job({"--config=options.json", "--secret-source=file=name=prod,default,secrets.env",
                              "--secret-files=load", "--no-thresholds", "--summary-mode=full", "-q"}),
                         dir, {{"K6_VUS", "3"}});
  ASSERT_EQ(ran.status, 0) << ran;
  EXPECT_NE(ran.err.find("the pods do not have K6_VUS"), std::string::npos) << ran;
  EXPECT_EQ(ran.out.find("abc"), std::string::npos) << ran;
  EXPECT_NE(ran.out.find(R"({"userAgent":"shop"})"), std::string::npos) << ran;
  const auto objects = base::load_yaml(ran.out, "job.yaml");
  ASSERT_TRUE(objects) << objects.error().message;
  const std::string parts = arguments_of((*objects)[1]);
  EXPECT_TRUE(
      parts.starts_with("load run --quiet --no-thresholds --summary-mode=full "
                        "--secret-source=file=name=prod,default,/secrets/secrets.env "
                        "--config=/scripts/gantry-load-config.json "
                        "--part=$(JOB_COMPLETION_INDEX)/2 "))
      << parts;
  const std::string merge = arguments_of((*objects)[2]);
  EXPECT_TRUE(merge.ends_with(" --no-thresholds --summary-mode=full ")) << merge;
}

TEST(LoadJob, GivesThePodsAnArchiveAsItIs) {
  const TempDir dir;
  dir.write("load.js", std::string(kScript));
  ASSERT_EQ(gantry({"load", "archive", "-e", "BOUND=max<1", "-O", "load.tar", "load.js"}, dir).status, 0);
  const Ran ran = gantry(job({}, "load.tar"), dir);
  ASSERT_EQ(ran.status, 0) << ran;
  const auto objects = base::load_yaml(ran.out, "job.yaml");
  ASSERT_TRUE(objects) << objects.error().message;
  EXPECT_TRUE(arguments_of((*objects)[1]).ends_with(" /scripts/load.tar ")) << ran;
}

TEST(LoadJob, WritesAJobWithAllThatTheScriptReads) {
  const TempDir dir;
  dir.write("gantry.yaml", "{}\n");
  dir.write("tests/load.js", "import './lib/one.js';\nopen('data.csv');\nexport default () => 1;\n");
  dir.write("tests/lib/one.js", "import '../two.js';\n");
  dir.write("tests/two.js", "export const two = 2;\n");
  dir.write("tests/data.csv", "a,b\n");
  dir.write("tests/other.js", "export const other = 1;\n");
  const Ran ran = gantry(
      {"load", "job", "--parallelism", "2", "--image", "registry.example.com/gantry:1", "-u", "9", "tests/load.js"},
      dir);
  ASSERT_EQ(ran.status, 0) << ran;
  const auto objects = base::load_yaml(ran.out, "job.yaml");
  ASSERT_TRUE(objects) << objects.error().message;
  ASSERT_EQ(objects->size(), 3U);
  std::string paths;
  for (const base::Node& item :
       (*objects)[1].find("spec", "template", "spec", "volumes", 0, "configMap", "items")->array())
    paths += fmt::format("{} ", item.text("path"));
  EXPECT_EQ(paths, "tests/data.csv tests/lib/one.js tests/load.js tests/two.js gantry.yaml ");
  EXPECT_NE(ran.out.find("--vus=9"), std::string::npos) << ran;
}

// What Kubernetes makes of an argument.
std::string expand(std::string_view argument, std::string_view index) {
  constexpr std::string_view kIndex = "$(JOB_COMPLETION_INDEX)";
  std::string expanded;
  while (!argument.empty()) {
    const bool is_index = argument.starts_with(kIndex);
    const bool is_escape = argument.starts_with("$$");
    expanded += is_index ? index : is_escape ? "$" : argument.substr(0, 1);
    argument.remove_prefix(is_index ? kIndex.size() : is_escape ? 2 : 1);
  }
  return expanded;
}

// The container of a Job's pod, with what is mounted at /scripts in the folder `scripts` instead.
std::vector<std::string> command_of(const base::Node& object, std::string_view index, const TempDir& dir) {
  std::vector<std::string> arguments;
  for (const base::Node& each : object.find("spec", "template", "spec", "containers", 0, "args")->array()) {
    std::string argument = expand(each.string(), index);
    if (const std::size_t at = argument.find("/scripts/"); at != std::string::npos)
      argument.replace(at, std::string_view("/scripts").size(), dir.path("scripts"));
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

TEST(LoadJob, RunsAsItsPodsDo) {
  const test::NatsServer nats;
  const TempDir dir;
  dir.write("load.js",
            "import { two } from './lib/two.js';\n"
            "export const options = { vus: two, iterations: 10, thresholds: { iterations: ['count==10'] } };\n"
            "export const setup = () => console.log(`told ${__ENV.TOLD}`);\n"
            "export default () => 1;\n");
  dir.write("lib/two.js", "export const two = 2;\n");
  const Ran ran = gantry(job({"--nats=" + nats.url(), "--env=TOLD=$(HOME) $$ $1"}), dir);
  ASSERT_EQ(ran.status, 0) << ran;
  const auto objects = base::load_yaml(ran.out, "job.yaml");
  ASSERT_TRUE(objects) << objects.error().message;
  const base::Node& parts = (*objects)[1];
  for (const base::Node& item : parts.find("spec", "template", "spec", "volumes", 0, "configMap", "items")->array())
    dir.write("scripts/" + std::string(item.text("path")), (*objects)[0].text("data", std::string(item.text("key"))));
  const auto start = [&](const base::Node& object, std::string_view index) {
    return std::async(std::launch::async,
                      [&dir, arguments = command_of(object, index, dir)] { return gantry(arguments, dir); });
  };
  auto merged = start((*objects)[2], "0");
  auto first = start(parts, "0");
  auto second = start(parts, "1");
  for (auto* part : {&first, &second}) {
    const Ran done = part->get();
    EXPECT_EQ(done.status, 0) << done;
    EXPECT_TRUE(done.err.contains("told $(HOME) $$ $1")) << done;
  }
  const Ran whole = merged.get();
  EXPECT_EQ(whole.status, 0) << whole;
  EXPECT_TRUE(whole.out.contains("✓ 'count==10' count=10")) << whole;
}

}  // namespace
}  // namespace gantry::cli

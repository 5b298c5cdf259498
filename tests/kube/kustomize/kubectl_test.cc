// Renders everything a second time, with kubectl, and compares objects in order. Skipped where there is no kubectl with
// kustomize 5.5: other releases render some fixtures differently.

#include "base/subprocess.h"
#include "base/yaml.h"
#include "kube/kustomize/fixtures.h"
#include "kube/kustomize/random_kustomization.h"
#include "support/golden.h"
#include "support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

namespace gantry::kube {
namespace {

// Fixtures that kubectl renders and we refuse, and why.
struct Refused {
  std::string_view fixture;
  std::string_view reason;
};
constexpr Refused kRefused[] = {
    {"error-build-metadata", "adds metadata that no manifest has; not supported"},
    {"error-configurations", "changes the field tables; not supported"},
    {"error-custom-resource-definitions-list", "changes the field tables; not supported"},
    {"error-generator-of-unknown-behavior", "kubectl takes a misspelt behavior for create"},
    {"error-json-patch-of-two-documents", "kubectl forgets all but the first"},
    {"error-open-api", "changes how lists merge; not supported"},
    {"error-repeated-key", "kubectl takes the last one"},
    {"error-repeated-key-in-a-patch", "kubectl takes the first one"},
    {"error-replacement-encoding-does-nothing", "kubectl accepts the option and does nothing"},
    {"error-several-documents", "kubectl forgets all but the first"},
    {"error-unknown-patch-option", "kubectl accepts any option and does nothing"},
    {"error-vars", "deprecated; not supported"},
};

bool is_refused_by_us_only(std::string_view fixture) {
  return std::ranges::any_of(kRefused, [fixture](const Refused& refused) { return refused.fixture == fixture; });
}

// Empty when kubectl can be compared with, otherwise why not.
std::string kubectl_problem() {
  const base::Result<base::CommandResult> version = base::run_command({.argv = {"kubectl", "version", "--client"}});
  if (!version) return version.error().message;
  if (version->out.contains("Kustomize Version: v5.5.")) return {};
  return "kubectl has another kustomize than 5.5: " + version->out;
}

// What is different; empty when nothing is.
std::string compare(const std::string& directory, const base::Result<Rendered>& ours, bool may_be_refused) {
  const base::Result<base::CommandResult> theirs = base::run_command({.argv = {"kubectl", "kustomize", directory}});
  if (!theirs) return describe(theirs.error());
  if (!ours) {
    if (theirs->status != 0 || may_be_refused) return {};
    return "kubectl renders it, and we do not:\n" + describe(ours.error());
  }
  if (theirs->status != 0) return "we render it, and kubectl does not:\n" + theirs->err;
  const auto objects = base::load_yaml(theirs->out, "kubectl", {.rules = base::ScalarRules::kubectl, .limits = {}});
  if (!objects) return describe(objects.error());
  if (*objects == ours->objects) return {};
  return fmt::format("--- kubectl\n{}--- ours\n{}", theirs->out, show_objects(ours->objects));
}

// Runs the comparisons on both cores, and reports in order.
void compare_all(std::size_t count, const std::function<std::string(std::size_t)>& compare_one) {
  std::vector<std::string> differences(count);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) differences[i] = compare_one(i);
  };
  {
    const std::jthread other(work);
    work();
  }
  for (const std::string& difference : differences) EXPECT_EQ(difference, "");
}

TEST(KustomizeAgainstKubectl, FixturesRenderTheSame) {
  if (const std::string problem = kubectl_problem(); !problem.empty()) GTEST_SKIP() << problem;
  const std::vector<Fixture> all = fixtures();
  compare_all(all.size(), [&all](std::size_t i) {
    const std::string difference =
        compare(all[i].root + "/" + all[i].directory, render(all[i]), is_refused_by_us_only(all[i].name));
    return difference.empty() ? difference : all[i].name + ":\n" + difference;
  });
}

TEST(KustomizeAgainstKubectl, OnlyFixturesThatKubectlRendersAreListedAsRefused) {
  if (const std::string problem = kubectl_problem(); !problem.empty()) GTEST_SKIP() << problem;
  for (const Refused& refused : kRefused) {
    const Fixture input = fixture(std::string(refused.fixture));
    EXPECT_FALSE(render(input).has_value()) << refused.fixture;
    const auto theirs = base::run_command({.argv = {"kubectl", "kustomize", input.root + "/" + input.directory}});
    ASSERT_TRUE(theirs.has_value());
    EXPECT_EQ(theirs->status, 0) << refused.fixture << " is refused by kubectl too: " << theirs->err;
  }
}

// Every kustomization below the folder.
std::vector<std::string> find_kustomizations(const std::string& root) {
  std::vector<std::string> directories;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().filename() == "kustomization.yaml") {
      directories.push_back(entry.path().parent_path().lexically_relative(root).string());
    }
  }
  std::ranges::sort(directories);
  return directories;
}

TEST(KustomizeAgainstKubectl, TheExampleWorkspaceRendersTheSame) {
  if (const std::string problem = kubectl_problem(); !problem.empty()) GTEST_SKIP() << problem;
  const std::string root = test::repository_path("examples/kgents-saas");
  const std::vector<std::string> directories = find_kustomizations(root);
  ASSERT_FALSE(directories.empty());
  const auto files = base::open_directory(root);
  ASSERT_TRUE(files.has_value());
  compare_all(directories.size(), [&](std::size_t i) {
    return compare(root + "/" + directories[i], render_kustomization(**files, directories[i]), false);
  });
}

// Small kustomizations put together at random. A failure names its seed.
TEST(KustomizeAgainstKubectl, RandomKustomizationsRenderTheSame) {
  if (const std::string problem = kubectl_problem(); !problem.empty()) GTEST_SKIP() << problem;
  constexpr std::uint32_t kSeeds = 60;
  compare_all(kSeeds, [](std::size_t i) {
    const auto seed = static_cast<std::uint32_t>(i);
    const test::TempDir dir;
    for (const auto& [path, content] : random_kustomization(seed)) dir.write(path, content);
    const std::string directory(kRandomDirectory);
    const std::string difference =
        compare(dir.path(directory), render({.name = {}, .root = dir.path(), .directory = directory}), false);
    return difference.empty() ? difference : fmt::format("random_kustomization({}):\n{}", seed, difference);
  });
}

}  // namespace
}  // namespace gantry::kube

// Damaged, hostile and merely wrong input, through the program: never a crash or a hang, always the file, the line where there is
// one, and what to do. What is wrong with the plan or gantry.yaml leaves no board: exit 2, on stderr. What is wrong with manifests
// is a finding on the board: exit 1, on stdout.

#include "cli/program.h"
#include "support/in_child.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;
using test::TempDir;

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Ten levels of ten aliases each: ten thousand million nodes.
std::string billion_laughs() {
  std::string text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int level = 1; level < 10; ++level) {
    text += fmt::format("a{0}: &a{0} [", level);
    for (int i = 0; i < 10; ++i) text += fmt::format("{}*a{}", i == 0 ? "" : ", ", level - 1);
    text += "]\n";
  }
  return text;
}

std::string binary() {
  return std::string(
             "\x7f"
             "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0",
             20) +
         std::string(4096, '\0') + "\xff\xfe\x80";
}

// Takes no room on the disk; only its size is read.
void write_sparse(const std::string& path, std::uintmax_t bytes) {
  { std::ofstream(path).close(); }
  fs::resize_file(path, bytes);
}

void replace(const TempDir& dir, const std::string& file, std::string_view old_text, std::string_view new_text) {
  std::string text = dir.read(file);
  const std::size_t at = text.find(old_text);
  ASSERT_NE(at, std::string::npos) << file << " does not hold " << old_text;
  dir.write(file, text.replace(at, old_text.size(), new_text));
}

struct Case {
  const char* what;
  std::function<void(const TempDir&)> damage;  // of a workspace with nothing wrong
  std::vector<std::string> told;
};

constexpr std::uintmax_t kHundredMegabytes = 100'000'000;

const Case kNoBoard[] = {
    // gantry.yaml
    {"gantry.yaml is not YAML",
     [](const TempDir& dir) { dir.write("gantry.yaml", "manifests: manifests/\ngate: {waivers_max: 5\n"); },
     {"gantry.yaml:2:7"}},
    {"gantry.yaml has a tab for an indent",
     [](const TempDir& dir) { dir.write("gantry.yaml", "gate:\n\twaivers_max: 5\n"); },
     {"gantry.yaml:2"}},
    {"gantry.yaml says something twice",
     [](const TempDir& dir) { dir.write("gantry.yaml", "manifests: a\nmanifests: b\n"); },
     {"gantry.yaml:2", "manifests"}},
    {"gantry.yaml is a list", [](const TempDir& dir) { dir.write("gantry.yaml", "- manifests/\n"); }, {"gantry.yaml"}},
    {"gantry.yaml has an unknown key",
     [](const TempDir& dir) { dir.write("gantry.yaml", "manifest: manifests/\n"); },
     {"gantry.yaml:1", "\"manifests\""}},
    {"gantry.yaml is binary", [](const TempDir& dir) { dir.write("gantry.yaml", binary()); }, {"gantry.yaml"}},
    {"gantry.yaml is an alias bomb",
     [](const TempDir& dir) { dir.write("gantry.yaml", billion_laughs()); },
     {"gantry.yaml:", "alias"}},
    {"gantry.yaml is nested 10,000 deep",
     [](const TempDir& dir) { dir.write("gantry.yaml", "gate: " + repeated("[", 10'000) + repeated("]", 10'000)); },
     {"gantry.yaml:1", "200 levels"}},
    {"gantry.yaml has 100 MB",
     [](const TempDir& dir) { write_sparse(dir.path("gantry.yaml"), kHundredMegabytes); },
     {"gantry.yaml", "64 MiB"}},
    {"gantry.yaml leads out of the workspace",
     [](const TempDir& dir) {
       fs::remove(dir.path("gantry.yaml"));
       dir.symlink("/etc/hostname", "gantry.yaml");
     },
     {"gantry.yaml"}},
    {"gantry.yaml speaks of a step that is not there",
     [](const TempDir& dir) {
       dir.write("gantry.yaml", "manifests: manifests/\nbindings:\n  A.9: [{check: doc.exists, path: plan.md}]\n");
     },
     {"A.9", "gantry.yaml:3"}},
    // The plan
    {"the plan is empty", [](const TempDir& dir) { dir.write("plan.md", ""); }, {"plan.md"}},
    {"the plan has no track",
     [](const TempDir& dir) { dir.write("plan.md", "# A plan\n\nLet us launch.\n"); },
     {"plan.md", "track"}},
    {"two tracks have one letter",
     [](const TempDir& dir) { replace(dir, "plan.md", "### Track B", "### Track A"); },
     {"plan.md:39", "two tracks are called A", "line 15"}},
    {"the plan is binary", [](const TempDir& dir) { dir.write("plan.md", binary()); }, {"plan.md"}},
    {"the plan has 100 MB",
     [](const TempDir& dir) { write_sparse(dir.path("plan.md"), kHundredMegabytes); },
     {"plan.md", "10 MiB"}},
    {"a block names an unknown check",
     [](const TempDir& dir) { replace(dir, "plan.md", "check: net.only", "check: net.onyl"); },
     {"plan.md:21", "net.onyl", "did you mean", "net.only"}},
    {"a block has an unknown key",
     [](const TempDir& dir) { replace(dir, "plan.md", "   ports: [4222]", "   port: [4222]"); },
     {"plan.md:23", "\"port\"", "\"ports\""}},
    {"a claim in a block has an unknown key",
     [](const TempDir& dir) { replace(dir, "plan.md", "- namespaces: {", "- namespces: {"); },
     {"plan.md:25", "\"namespces\"", "did you mean \"namespaces\"?"}},
    {"a block lacks a key",
     [](const TempDir& dir) { replace(dir, "plan.md", "   path: docs/checklist.md\n", ""); },
     {"plan.md:4", "path"}},
    {"a block is not YAML",
     [](const TempDir& dir) { replace(dir, "plan.md", "   ports: [4222]", "   ports: [4222"); },
     {"plan.md:2"}},
    {"a block is nested 10,000 deep",
     [](const TempDir& dir) {
       replace(dir, "plan.md", "   ports: [4222]", "   ports: " + repeated("[", 10'000) + repeated("]", 10'000));
     },
     {"plan.md:23", "levels"}},
    {"a block uses an alias that is not there",
     [](const TempDir& dir) { replace(dir, "plan.md", "   ports: [4222]", "   ports: [&a [1], *b]"); },
     {"plan.md:23"}},
    {"a path leaves the workspace",
     [](const TempDir& dir) { replace(dir, "plan.md", "   path: docs/checklist.md", "   path: ../../etc/passwd"); },
     {"plan.md:", "../../etc/passwd"}},
    {"a path is absolute",
     [](const TempDir& dir) { replace(dir, "plan.md", "   path: docs/checklist.md", "   path: /etc/passwd"); },
     {"plan.md:", "/etc/passwd"}},
    {"a path leads out through a symlink",
     [](const TempDir& dir) {
       dir.symlink("/etc", "outside");
       replace(dir, "plan.md", "   path: docs/checklist.md", "   path: outside/passwd");
     },
     {"plan.md:", "outside"}},
    {"a handle leads out through a symlink",
     [](const TempDir& dir) {
       dir.symlink("/etc/passwd", "docs/people.md");
       replace(dir, "plan.md", "runbook: docs/runbook.md", "runbook: docs/people.md");
     },
     {"plan.md:6", "docs/people.md"}},
};

class NoBoard : public testing::TestWithParam<const Case*> {};

TEST_P(NoBoard, IsExplainedOnStderr) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  GetParam()->damage(dir);
  for (const char* command : {"run", "status", "plan"}) {
    const Ran ran = gantry({command, "plan.md"}, dir);
    expect_failure(ran, 2, GetParam()->told);
    EXPECT_EQ(ran.out, "") << ran;
  }
  EXPECT_FALSE(fs::exists(dir.path(".gantry"))) << "a plan that cannot be read leaves no store";
}

const Case kOnTheBoard[] = {
    {"a manifest is not YAML",
     [](const TempDir& dir) { dir.write("manifests/shop.yaml", "kind: Deployment\nmetadata: {name: shop\n"); },
     {"manifests/shop.yaml:"}},
    {"a manifest has a tab for an indent",
     [](const TempDir& dir) { dir.write("manifests/shop.yaml", "kind: Deployment\nmetadata:\n\tname: shop\n"); },
     {"manifests/shop.yaml:3"}},
    {"a manifest says something twice",
     [](const TempDir& dir) {
       replace(dir, "manifests/shop.yaml", "  replicas: 2\n", "  replicas: 2\n  replicas: 3\n");
     },
     {"manifests/shop.yaml:6", "replicas"}},
    {"a manifest is binary",
     [](const TempDir& dir) { dir.write("manifests/shop.yaml", binary()); },
     {"manifests/shop.yaml"}},
    {"a manifest is an alias bomb",
     [](const TempDir& dir) { dir.write("manifests/shop.yaml", billion_laughs()); },
     {"manifests/shop.yaml:"}},
    {"a manifest is nested 10,000 deep",
     [](const TempDir& dir) { dir.write("manifests/shop.yaml", repeated("- ", 10'000) + "x\n"); },
     {"manifests/shop.yaml:1"}},
    {"a manifest has 100 MB",
     [](const TempDir& dir) { write_sparse(dir.path("manifests/shop.yaml"), kHundredMegabytes); },
     {"manifests/shop.yaml"}},
    {"a manifest is a template",
     [](const TempDir& dir) { replace(dir, "manifests/shop.yaml", "replicas: 2", "replicas: {{ .Values.replicas }}"); },
     {"manifests/shop.yaml:5"}},
    {"a manifest is missing",
     [](const TempDir& dir) { fs::remove(dir.path("manifests/shop.yaml")); },
     {"shop.yaml", "manifests/kustomization.yaml:"}},
    {"a manifest is a folder without a kustomization",
     [](const TempDir& dir) {
       fs::remove(dir.path("manifests/shop.yaml"));
       dir.make_directory("manifests/shop.yaml");
     },
     {"shop.yaml", "manifests/kustomization.yaml"}},
    {"a manifest leads out of the workspace",
     [](const TempDir& dir) {
       fs::remove(dir.path("manifests/shop.yaml"));
       dir.symlink("/etc/hostname", "manifests/shop.yaml");
     },
     {"manifests/shop.yaml"}},
    {"a symlink leads to itself",
     [](const TempDir& dir) {
       fs::remove(dir.path("manifests/shop.yaml"));
       dir.symlink("shop.yaml", "manifests/shop.yaml");
     },
     {"manifests/shop.yaml"}},
    {"a kustomization is not YAML",
     [](const TempDir& dir) { dir.write("manifests/kustomization.yaml", "resources: [shop.yaml\n"); },
     {"manifests/kustomization.yaml:"}},
    {"a kustomization includes itself",
     [](const TempDir& dir) { replace(dir, "manifests/kustomization.yaml", "shop.yaml", "../manifests"); },
     {"manifests/kustomization.yaml:", "manifests"}},
    {"a kustomization has a remote base",
     [](const TempDir& dir) {
       replace(dir, "manifests/kustomization.yaml", "shop.yaml", "github.com/shop/base?ref=v1");
     },
     {"manifests/kustomization.yaml:", "github.com/shop/base"}},
    {"a kustomization leaves the workspace",
     [](const TempDir& dir) { replace(dir, "manifests/kustomization.yaml", "shop.yaml", "../../elsewhere/shop.yaml"); },
     {"manifests/kustomization.yaml:", "../../elsewhere"}},
    {"a kustomization runs a plugin",
     [](const TempDir& dir) {
       replace(dir, "manifests/kustomization.yaml", "resources:", "generators: [plugin.yaml]\nresources:");
     },
     {"manifests/kustomization.yaml:", "generators"}},
    {"the folder of the manifests is missing",
     [](const TempDir& dir) { fs::remove_all(dir.path("manifests")); },
     {"manifests"}},
    {"a handle is missing",
     [](const TempDir& dir) { replace(dir, "plan.md", "runbook: docs/runbook.md", "runbook: docs/runbok.md"); },
     {"plan.md:6", "docs/runbok.md", "docs/runbook.md"}},
    {"the checklist is binary",
     [](const TempDir& dir) { dir.write("docs/checklist.md", binary()); },
     {"docs/checklist.md"}},
};

class OnTheBoard : public testing::TestWithParam<const Case*> {};

TEST_P(OnTheBoard, IsAFindingThatNamesTheFile) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  GetParam()->damage(dir);
  const Ran ran = gantry({"run", "plan.md", "--verbose"}, dir);
  EXPECT_EQ(ran.status, 1) << ran;
  EXPECT_EQ(ran.err, "") << ran;
  EXPECT_TRUE(ran.out.contains("NO-GO")) << ran;
  for (const std::string& text : GetParam()->told)
    EXPECT_TRUE(ran.out.contains(text)) << "stdout lacks: " << text << "\n" << ran;
}

// What is damaged, as an identifier: "a manifest has 100 MB" -> "AManifestHas100MB".
std::string case_name(const testing::TestParamInfo<const Case*>& tested) {
  std::string name;
  bool starts_word = true;
  for (const char* c = tested.param->what; *c != '\0'; ++c) {
    const auto letter = static_cast<unsigned char>(*c);
    if (std::isalnum(letter)) name += starts_word ? static_cast<char>(std::toupper(letter)) : *c;
    starts_word = !std::isalnum(letter);
  }
  return name;
}

template <std::size_t count>
std::vector<const Case*> pointers(const Case (&cases)[count]) {
  std::vector<const Case*> all;
  for (const Case& each : cases) all.push_back(&each);
  return all;
}

INSTANTIATE_TEST_SUITE_P(BadInput, NoBoard, testing::ValuesIn(pointers(kNoBoard)), case_name);
INSTANTIATE_TEST_SUITE_P(BadInput, OnTheBoard, testing::ValuesIn(pointers(kOnTheBoard)), case_name);

TEST(BadInput, EveryBlockThatCannotBeBoundIsSaidAtOnce) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  replace(dir, "plan.md", "check: net.only", "check: net.onyl");
  replace(dir, "plan.md", "   evictions: 1", "   eviction: 1");
  replace(dir, "plan.md", "   check: checklist.read\n   path: docs/checklist.md", "   check: checklist.read");
  expect_failure(gantry({"run", "plan.md"}, dir), 2,
                 {"3 blocks cannot be bound", "plan.md:21", "net.onyl", "did you mean", "plan.md:36", "eviction",
                  "plan.md:4", "path"});
}

TEST(BadInput, EveryBlockThatCannotBeReadIsSaidAtOnce) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  replace(dir, "plan.md", "   ports: [4222]", "   ports: [4222");
  replace(dir, "plan.md", "   check: pdb.protects\n", "");
  expect_failure(gantry({"run", "plan.md"}, dir), 2,
                 {"2 blocks of the plan cannot be read", "plan.md:2", "names no `check`"});
}

TEST(BadInput, AFolderInsteadOfGantryYamlIsSaid) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  fs::remove(dir.path("gantry.yaml"));
  dir.make_directory("gantry.yaml");
  expect_failure(gantry({"run", "plan.md"}, dir), 3, {"gantry.yaml is a folder"});
}

// Control characters of a document must not reach a terminal as they are.
TEST(BadInput, CannotRepaintTheTerminal) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  replace(dir, "plan.md", "check: net.only", "check: \"net\\e[2J\\e]0;GO\\aonly\"");
  const Ran ran = gantry({"run", "plan.md"}, dir);
  EXPECT_EQ(ran.status, 2) << ran;
  EXPECT_EQ(ran.err.find('\x1b'), std::string::npos) << ran;
  EXPECT_EQ(ran.err.find('\a'), std::string::npos) << ran;
}

// A person without the rights: root has them all, so the program runs as nobody.
Ran as_nobody(const TempDir& dir, const std::vector<std::string>& arguments) {
  const std::string program = dir.path("gantry");
  fs::copy_file(program_path(), program, fs::copy_options::overwrite_existing);
  std::vector<std::string> argv = {program};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const std::string told = test::in_child(
      [&] {
        const Ran ran = run(argv, dir.path());
        return fmt::format("{}\n{}\x1f{}", ran.status, ran.out, ran.err);
      },
      test::ChildUser::nobody);
  const std::size_t status_end = told.find('\n');
  const std::size_t out_end = told.find('\x1f');
  if (status_end == std::string::npos || out_end == std::string::npos) return {.status = -1, .out = told, .err = {}};
  return {.status = std::stoi(told.substr(0, status_end)),
          .out = told.substr(status_end + 1, out_end - status_end - 1),
          .err = told.substr(out_end + 1)};
}

void allow_everybody(const TempDir& dir) {
  const auto all = fs::perms::all;
  fs::permissions(dir.path(), all);
  for (const std::string& name : dir.names())
    if (!fs::is_symlink(dir.path(name))) fs::permissions(dir.path(name), all);
}

TEST(NoPermission, OfThePlanIsSaid) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  allow_everybody(dir);
  fs::permissions(dir.path("plan.md"), fs::perms::none);
  expect_failure(as_nobody(dir, {"run", "plan.md"}), 3, {"plan.md", "permission"});
}

TEST(NoPermission, OfGantryYamlIsSaid) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  allow_everybody(dir);
  fs::permissions(dir.path("gantry.yaml"), fs::perms::none);
  expect_failure(as_nobody(dir, {"run", "plan.md"}), 3, {"gantry.yaml", "permission"});
}

// What the machine keeps from being read is undecided, not wrong: exit 3 and never GO.
TEST(NoPermission, OfAManifestLeavesItsChecksUndecided) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  allow_everybody(dir);
  fs::permissions(dir.path("manifests/shop.yaml"), fs::perms::none);
  const Ran ran = as_nobody(dir, {"run", "plan.md"});
  EXPECT_EQ(ran.status, 3) << ran;
  EXPECT_TRUE(ran.out.contains("manifests/shop.yaml")) << ran;
}

TEST(NoPermission, OfTheWorkspaceForTheStoreIsSaid) {
  const TempDir dir;
  copy_workspace("nothing-is-wrong", dir);
  allow_everybody(dir);
  fs::copy_file(program_path(), dir.path("gantry"));
  fs::permissions(dir.path(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  expect_failure(as_nobody(dir, {"run", "plan.md"}), 3, {".gantry", "Permission denied", "writable"});
}

}  // namespace
}  // namespace gantry::cli

#include "launch/paths.h"

#include "launch/plan.h"
#include "support/golden.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::launch {
namespace {

using base::FileKind;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

base::SourcePos where() {
  return {.file = std::make_shared<const std::string>("docs/plan.md"), .line = 3, .column = 7};
}

std::vector<Handle> handles_of(std::initializer_list<std::pair<std::string, std::string>> named) {
  std::vector<Handle> handles;
  for (const auto& [name, path] : named) {
    handles.push_back({.name = name, .path = path, .comment = {}, .is_output = false, .where = where()});
  }
  return handles;
}

base::MemoryFileSystem workspace_with(std::initializer_list<std::string> paths) {
  base::MemoryFileSystem files;
  for (const std::string& path : paths) files.write(path, "x");
  return files;
}

// "origin path", "missing path (nearest)", or "error: message".
std::string resolve(const base::FileSystem& files, std::string_view path, std::vector<Handle> handles = {}) {
  PathResolver resolver(files, "docs", std::move(handles));
  const base::Result<ResolvedPath> resolved = resolver.resolve(path, where());
  if (!resolved) return "error: " + resolved.error().message;
  constexpr std::array<std::string_view, 5> kOrigins = {"root", "plan", "handle", "suffix", "missing"};
  std::string text = std::string(kOrigins.at(static_cast<std::size_t>(resolved->origin))) + " '" + resolved->path + "'";
  if (!resolved->exists()) text += " nearest '" + resolved->nearest + "'";
  return text;
}

TEST(PathResolver, TriesRootThenPlanThenHandleThenSuffix) {
  const base::MemoryFileSystem files =
      workspace_with({"a/file.md", "docs/a/file.md", "docs/b.md", "deep/b.md", "x/manifests/nats/pdb.yaml",
                      "y/other/pdb.yaml", "k8s/policies/deny.yaml", "one/two/only.md", ".git/three/only.md"});
  struct Case {
    const char* what;
    const char* path;
    std::vector<Handle> handles;
    const char* expected;
  };
  const Case cases[] = {
      {"at the root, though the plan's folder has one too", "a/file.md", {}, "root 'a/file.md'"},
      {"beside the plan, though elsewhere is another", "b.md", {}, "plan 'docs/b.md'"},
      {"up from the plan", "../deep/b.md", {}, "plan 'deep/b.md'"},
      {"a folder, with a slash", "k8s/policies/", {}, "root 'k8s/policies'"},
      {"the root itself", ".", {}, "root ''"},
      {"the end of a handle", "nats/pdb.yaml", handles_of({{"pdb", "x/manifests/nats/pdb.yaml"}}),
       "handle 'x/manifests/nats/pdb.yaml'"},
      {"a handle decides between files", "pdb.yaml", handles_of({{"pdb", "y/other/pdb.yaml"}}),
       "handle 'y/other/pdb.yaml'"},
      {"a handle that is a folder", "policies/", handles_of({{"p", "k8s/policies/"}}), "handle 'k8s/policies'"},
      {"two handles of one path are one", "only.md", handles_of({{"p", "one/two/only.md"}, {"q", "one/two/./only.md"}}),
       "handle 'one/two/only.md'"},
      {"two handles with that end", "pdb.yaml",
       handles_of({{"p", "y/other/pdb.yaml"}, {"q", "x/manifests/nats/pdb.yaml"}}),
       "error: 'pdb.yaml' could be any of x/manifests/nats/pdb.yaml, y/other/pdb.yaml"},
      {"a handle's name is not a path", "pdb", handles_of({{"pdb", "y/other/pdb.yaml"}}), "missing 'pdb' nearest ''"},
      {"the end of one file", "two/only.md", {}, "suffix 'one/two/only.md'"},
      {"skipped folders do not count", "only.md", {}, "suffix 'one/two/only.md'"},
      {"the end of one folder", "manifests/nats", {}, "suffix 'x/manifests/nats'"},
      {"half a name is no end", "nly.md", {}, "missing 'nly.md' nearest 'one/two/only.md'"},
      {"the end of two files",
       "pdb.yaml",
       {},
       "error: 'pdb.yaml' could be any of x/manifests/nats/pdb.yaml, y/other/pdb.yaml"},
      {"nowhere", "docs/new.md", {}, "missing 'docs/new.md' nearest ''"},
      {"nowhere, with the same name elsewhere",
       "z/deny.yaml",
       {},
       "missing 'z/deny.yaml' nearest 'k8s/policies/deny.yaml'"},
      {"a handle that is not there yet", "new.md", handles_of({{"n", "docs/sub/new.md"}}),
       "missing 'docs/sub/new.md' nearest ''"},
      {"out of the workspace", "../../etc/passwd", {}, "error: path \"../../etc/passwd\" leads out of the workspace"},
      {"absolute", "/etc/passwd", {}, "error: path \"/etc/passwd\" is absolute"},
  };
  for (const Case& c : cases) {
    std::string actual = resolve(files, c.path, c.handles);
    // A missing handle keeps the origin that named it.
    if (actual.starts_with("handle") && actual.contains("nearest")) actual.replace(0, 6, "missing");
    EXPECT_EQ(actual, c.expected) << c.what;
  }
}

TEST(PathResolver, ErrorsStandWhereThePathIsWritten) {
  const base::MemoryFileSystem files = workspace_with({"a/x.md", "b/x.md"});
  PathResolver resolver(files, "docs", {});
  for (const char* path : {"x.md", "/x.md"}) {
    const base::Result<ResolvedPath> resolved = resolver.resolve(path, where());
    ASSERT_FALSE(resolved) << path;
    EXPECT_EQ(resolved.error().kind, base::ErrorKind::input) << path;
    EXPECT_EQ(resolved.error().where, where()) << path;
    EXPECT_NE(resolved.error().help, "") << path;
  }
}

TEST(PathResolver, RequireNamesTheNearestPath) {
  const base::MemoryFileSystem files = workspace_with({"manifests/nats/pdb.yaml"});
  PathResolver resolver(files, "", {});
  const base::Result<ResolvedPath> resolved = resolver.require("nats/pbd.yaml", where());
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().message, "there is no 'nats/pbd.yaml' in the workspace");
  EXPECT_EQ(resolved.error().help, "did you mean 'manifests/nats/pdb.yaml'?");
  EXPECT_EQ(resolver.require("nats/pdb.yaml", where())->kind, FileKind::regular);
}

TEST(PathResolver, NoSymlinkLeadsOut) {
  const test::TempDir outside;
  outside.write("secret.yaml", "x");
  const test::TempDir dir;
  dir.write("manifests/a.yaml", "x");
  dir.symlink(outside.path(), "linked");
  const auto files = base::open_directory(dir.path());
  ASSERT_TRUE(files);
  PathResolver resolver(**files, "", {});
  EXPECT_FALSE(resolver.resolve("linked/secret.yaml", where()));
  EXPECT_FALSE(resolver.resolve("secret.yaml", where())->exists());
}

TEST(WorkspaceIndex, DoesNotFollowSymlinkedFolders) {
  const test::TempDir dir;
  dir.write("a/b/file.md", "x");
  dir.symlink("..", "a/up");       // in circles
  dir.symlink("a", "other-name");  // every file twice
  const auto files = base::open_directory(dir.path());
  ASSERT_TRUE(files);
  EXPECT_THAT(WorkspaceIndex::walk(**files).find_by_suffix("file.md"), ElementsAre("a/b/file.md"));
}

TEST(WorkspaceIndex, SuggestsQuicklyWhateverIsAsked) {
  base::MemoryFileSystem files;
  for (int i = 0; i < 900; ++i) files.write("d" + std::to_string(i) + "/runbook.md", "x");
  const WorkspaceIndex index = WorkspaceIndex::walk(files);
  EXPECT_EQ(index.find_nearest("d7/runbok.md"), "d7/runbook.md");
  EXPECT_EQ(index.find_nearest(std::string(10 << 20, 'x') + "/runbook.md"), "");
}

TEST(WorkspaceIndex, StopsAtItsLimitAndSaysSo) {
  base::MemoryFileSystem files;
  for (int i = 0; i < 20; ++i) files.write("f" + std::to_string(i), "x");
  EXPECT_TRUE(WorkspaceIndex::walk(files, 20).is_complete());
  EXPECT_FALSE(WorkspaceIndex::walk(files, 19).is_complete());
}

base::Result<Plan> plan_with_handles(const std::string& handles) {
  return Plan::parse("handles:\n" + handles + "\n## Tracks\n\n### Track A: T\n1. s\n", "docs/plan.md");
}

TEST(CheckHandles, ReportsWhatIsMissingAndNotAnOutput) {
  const base::MemoryFileSystem files = workspace_with({"docs/runbook.md", "k8s/a.yaml"});
  const base::Result<Plan> plan = plan_with_handles(
      "  - runbook: docs/runbook.md\n"
      "  - beside: runbook.md\n"
      "  - manifests: k8s/\n"
      "  - baseline: docs/baseline.md  # to create\n"
      "  - site: https://example.com/\n"
      "  - gone: doc/runbook.md\n"
      "  - file: docs/runbook.md/\n");
  ASSERT_TRUE(plan);
  PathResolver resolver(files, "docs", plan->handles);
  const base::Result<std::vector<base::Finding>> findings = resolver.check_handles(*plan);
  ASSERT_TRUE(findings) << base::describe(findings.error());
  ASSERT_EQ(findings->size(), 2U);
  EXPECT_EQ((*findings)[0].rule, "plan.handle-missing");
  EXPECT_EQ((*findings)[0].severity, base::Severity::high);
  EXPECT_EQ(base::to_string((*findings)[0].where), "docs/plan.md:7:5");
  EXPECT_THAT((*findings)[0].fix, HasSubstr("docs/runbook.md"));
  EXPECT_EQ((*findings)[1].rule, "plan.handle-kind");
}

TEST(CheckHandles, ASymlinkThatLeavesIsAnError) {
  const test::TempDir outside;
  const test::TempDir dir;
  dir.symlink(outside.path(), "linked");
  const auto files = base::open_directory(dir.path());
  ASSERT_TRUE(files);
  const base::Result<Plan> plan = plan_with_handles("  - h: linked/\n");
  ASSERT_TRUE(plan);
  PathResolver resolver(**files, "", plan->handles);
  const base::Result<std::vector<base::Finding>> findings = resolver.check_handles(*plan);
  ASSERT_FALSE(findings);
  EXPECT_EQ(findings.error().kind, base::ErrorKind::input);
}

TEST(CheckHandles, AHandleThatLeavesIsAnError) {
  const base::MemoryFileSystem files = workspace_with({"docs/runbook.md"});
  for (const char* path : {"/etc/passwd", "../../secrets/", "../.."}) {
    const base::Result<Plan> plan = plan_with_handles("  - h: " + std::string(path) + "\n");
    ASSERT_TRUE(plan) << path;
    PathResolver resolver(files, "docs", plan->handles);
    const base::Result<std::vector<base::Finding>> findings = resolver.check_handles(*plan);
    ASSERT_FALSE(findings) << path;
    EXPECT_THAT(base::describe(findings.error()),
                AllOf(HasSubstr("cannot use handle 'h'"), HasSubstr("docs/plan.md:2:5")));
  }
}

// The example lays its files out as the real plan names them.
TEST(PathResolver, FindsWhatTheRealPlanNames) {
  const auto files = base::open_directory(test::repository_path("examples/kgents-saas"));
  ASSERT_TRUE(files);
  const base::Result<Plan> plan =
      Plan::parse(test::read_test_file("launch/plans/saas-phase7-production-launch.md"), "plan.md");
  ASSERT_TRUE(plan);
  PathResolver resolver(**files, "", plan->handles);
  EXPECT_THAT(*resolver.check_handles(*plan), IsEmpty());
  const base::Result<ResolvedPath> policies = resolver.require("manifests/network-policies/", where());
  ASSERT_TRUE(policies) << base::describe(policies.error());
  EXPECT_EQ(policies->path, "impl/claude/infra/k8s/manifests/network-policies");
  EXPECT_EQ(policies->origin, PathOrigin::handle);
  EXPECT_EQ(resolver.require("manifests/nats/pdb.yaml", where())->path,
            "impl/claude/infra/k8s/manifests/nats/pdb.yaml");
  EXPECT_TRUE(resolver.require("impl/claude/tests/load/saas-health.js", where()));
  EXPECT_FALSE(resolver.resolve("docs/saas/launch-announcement.md", where())->exists());
}

}  // namespace
}  // namespace gantry::launch

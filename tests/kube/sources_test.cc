#include "kube/sources.h"

#include "base/file.h"
#include "kube/kubectl.h"
#include "support/golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gantry::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string config_map(std::string_view name) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + std::string(name) + ", namespace: shop}\n";
}

base::MemoryFileSystem files_of(std::map<std::string, std::string, std::less<>> files) {
  return base::MemoryFileSystem(std::move(files));
}

std::vector<std::string> names_of(const base::Result<Snapshot>& snapshot) {
  std::vector<std::string> names;
  EXPECT_TRUE(snapshot) << base::describe(snapshot.error());
  if (!snapshot) return names;
  for (const Object& object : (*snapshot)->objects) names.push_back(object.id.name);
  return names;
}

const base::MemoryFileSystem& repository() {
  static const base::MemoryFileSystem files = files_of({
      {"raw/b.yaml", config_map("b1") + "---\n" + config_map("b2")},
      {"raw/a.yml", config_map("a")},
      {"raw/c.json", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}})"},
      {"raw/notes.txt", "not a manifest"},
      {"raw/deeper/d.yaml", config_map("d")},
      {"raw/z-only-comments.yaml", "# nothing here\n---\n"},
      {"kust/kustomization.yaml", "resources: [x.yaml]\nnamePrefix: p-\n"},
      {"kust/x.yaml", config_map("x")},
      {"kust/unlisted.yaml", config_map("unlisted")},
      {"empty/readme.md", "nothing"},
      {"both/kustomization.yaml", "resources: []\n"},
      {"both/kustomization.yml", "resources: []\n"},
      {"bad/ok.yaml", config_map("ok")},
      {"bad/wrong.yaml", "a: [b\n"},
      {"bad/values.yaml", "replicas: 3\n"},
      {"link.yaml", std::string("\0link:raw/a.yml", 15)},
  });
  return files;
}

// ---- Paths ----

TEST(LoadSnapshot, ReadsPathsAsKubectlApplyDoes) {
  const struct {
    const char* what;
    Source source;
    std::vector<std::string> names;
  } cases[] = {
      {"a file with several documents", Source::path("raw/b.yaml"), {"b1", "b2"}},
      {"a JSON file", Source::path("raw/c.json"), {"c"}},
      {"a symlink to a file", Source::path("link.yaml"), {"a"}},
      {"a folder: .yaml, .yml and .json in the order of their names, not deeper",
       Source::path("raw"),
       {"a", "b1", "b2", "c"}},
      {"a folder with -R",
       Source::path("raw", FolderForm::automatic, Recursion::recursive),
       {"a", "b1", "b2", "c", "d"}},
      {"a kustomization is rendered", Source::path("kust"), {"p-x"}},
      {"a kustomization, asked for", Source::path("kust/", FolderForm::kustomize), {"p-x"}},
      {"the files beside a kustomization", Source::path("./kust", FolderForm::files), {"unlisted", "x"}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(names_of(load_snapshot(repository(), {c.source})), c.names) << c.what;
  }
}

TEST(LoadSnapshot, RefusesWhatCannotBeReadAsAWhole) {
  const struct {
    Source source;
    base::ErrorKind kind;
    std::string_view message;
  } cases[] = {
      {Source::path("nowhere"), base::ErrorKind::environment, "nowhere does not exist"},
      {Source::path("empty"), base::ErrorKind::input, "empty holds no Kubernetes objects"},
      {Source::path("raw/z-only-comments.yaml"), base::ErrorKind::input, "holds no Kubernetes objects"},
      {Source::path("raw", FolderForm::kustomize), base::ErrorKind::input, "raw has no kustomization file"},
      {Source::path("both"), base::ErrorKind::input, "are both there"},
      {Source::path("kust/kustomization.yaml"), base::ErrorKind::usage, "is no manifest but renders some"},
      {Source::path("../outside"), base::ErrorKind::input, ""},
      {Source::path("bad/values.yaml"), base::ErrorKind::input, "this is no Kubernetes object: it has no apiVersion"},
      {Source::path("bad/wrong.yaml"), base::ErrorKind::input, "not valid YAML"},
      {Source::text("-", ""), base::ErrorKind::input, "- holds no Kubernetes objects"},
      {Source::text("-", "a: ]"), base::ErrorKind::input, "not valid YAML"},
      {Source::text("-", "{\"a\": "), base::ErrorKind::input, ""},
  };
  for (const auto& c : cases) {
    const base::Result<Snapshot> snapshot = load_snapshot(repository(), {c.source});
    ASSERT_FALSE(snapshot) << c.source.name;
    EXPECT_EQ(snapshot.error().kind, c.kind) << base::describe(snapshot.error());
    EXPECT_THAT(snapshot.error().message, HasSubstr(c.message));
  }
}

TEST(LoadSnapshot, AnErrorNamesTheFileAndTheLine) {
  const base::Result<Snapshot> snapshot = load_snapshot(repository(), {Source::path("bad/values.yaml")});
  ASSERT_FALSE(snapshot);
  ASSERT_TRUE(snapshot.error().where);
  EXPECT_EQ(to_string(*snapshot.error().where), "bad/values.yaml:1:1");
}

// ---- Texts ----

TEST(LoadSnapshot, ReadsTextInEitherLanguage) {
  const base::MemoryFileSystem none;
  const std::string json = R"( {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "j"}} )";
  EXPECT_THAT(names_of(load_snapshot(none, {Source::text("-", json)})), ElementsAre("j"));
  // YAML may begin with a brace, too.
  const std::string flow = "{apiVersion: v1, kind: ConfigMap, metadata: {name: f}}\n---\n" + config_map("g");
  EXPECT_THAT(names_of(load_snapshot(none, {Source::text("-", flow)})), ElementsAre("f", "g"));
  const base::Result<Snapshot> snapshot = load_snapshot(none, {Source::text("-", config_map("a"))});
  ASSERT_TRUE(snapshot);
  EXPECT_EQ((*snapshot)->objects[0].pos().file_name(), "-");
}

// ---- Several sources ----

TEST(LoadSnapshot, SeveralSourcesAreAppliedInTheirOrder) {
  const base::Result<Snapshot> snapshot = load_snapshot(
      repository(),
      {Source::path("raw/a.yml"), Source::path("kust"), Source::text("-", config_map("a") + "data: {k: v}\n")});
  ASSERT_TRUE(snapshot) << base::describe(snapshot.error());
  EXPECT_THAT(names_of(snapshot), ElementsAre("a", "p-x"));
  EXPECT_TRUE(find_named((*snapshot)->config_maps, "shop", "a")->has_key("k"));
  ASSERT_EQ((*snapshot)->findings.size(), 1U);
  EXPECT_EQ((*snapshot)->findings[0].rule, "object.duplicate");
  std::vector<std::string> sources;
  for (const SourceRecord& source : (*snapshot)->sources) sources.push_back(to_string(source));
  EXPECT_THAT(sources, ElementsAre("raw/a.yml (1 object)", "kust (kustomization, 1 object)", "- (text, 1 object)"));
}

TEST(LoadSnapshot, FindingsOfRenderingAreAmongThoseOfTheSnapshot) {
  const base::MemoryFileSystem files = files_of({
      {"kustomization.yaml", "resources: [x.yaml]\ncommonLabels: {a: b}\n"},
      {"x.yaml", config_map("x")},
  });
  const base::Result<LoadedDocuments> loaded = load_documents(files, {Source::path("")});
  ASSERT_TRUE(loaded);
  ASSERT_FALSE(loaded->findings.empty());
  const base::Result<Snapshot> snapshot = load_snapshot(files, {Source::path("")});
  ASSERT_TRUE(snapshot);
  EXPECT_EQ((*snapshot)->findings.size(), loaded->findings.size());
}

// ---- Clusters ----

class OneConfigMap final : public Kubectl {
 public:
  const std::string& context() const override { return context_; }
  base::Result<KubectlVersion> version(std::stop_token) override { return KubectlVersion{}; }
  base::Result<std::vector<base::Node>> read_objects(std::stop_token) override {
    if (broken) return base::environment_error("the cluster does not answer");
    base::Node object = base::Node::empty_map();
    object.set("apiVersion", base::Node("v1"));
    object.set("kind", base::Node("ConfigMap"));
    object.set("metadata", base::Node::empty_map()).set("name", base::Node("live"));
    std::vector<base::Node> objects;
    objects.push_back(std::move(object));
    return objects;
  }
  base::Result<ApplyReport> apply(const ApplyInput&, ApplyMode, std::stop_token) override { return ApplyReport{}; }
  base::Result<DiffReport> diff(const ApplyInput&, std::stop_token) override { return DiffReport{}; }

  bool broken = false;

 private:
  std::string context_ = "kind-dev";
};

TEST(LoadSnapshot, ReadsAClusterThroughTheSeam) {
  const base::MemoryFileSystem none;
  OneConfigMap kubectl;
  const base::Result<Snapshot> snapshot =
      load_snapshot(none, {Source::cluster("kind-dev")}, {.snapshot = {}, .kubectl = &kubectl, .stop = {}});
  EXPECT_THAT(names_of(snapshot), ElementsAre("live"));
  EXPECT_EQ(to_string((*snapshot)->sources[0]), "kind-dev (cluster, 1 object)");
  kubectl.broken = true;
  const base::Result<Snapshot> broken =
      load_snapshot(none, {Source::cluster("kind-dev")}, {.snapshot = {}, .kubectl = &kubectl, .stop = {}});
  ASSERT_FALSE(broken);
  EXPECT_THAT(base::describe(broken.error()), HasSubstr("while reading kind-dev"));
}

TEST(LoadSnapshot, StopsWhenAsked) {
  const auto stop = std::make_unique<std::stop_source>();  // on the stack, g++ 12 takes it for uninitialised
  stop->request_stop();
  LoadOptions options;
  options.stop = stop->get_token();
  const base::Result<Snapshot> snapshot = load_snapshot(repository(), {Source::path("raw")}, options);
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().kind, base::ErrorKind::environment);
}

// ---- The example workspace ----

TEST(LoadSnapshot, TheExampleWorkspaceIsWithoutMistake) {
  const base::Result<std::unique_ptr<base::FileSystem>> files =
      base::open_directory(test::repository_path("examples/kgents-saas"));
  ASSERT_TRUE(files);
  const base::Result<Snapshot> snapshot = load_snapshot(**files, {Source::path("impl/claude/infra/k8s/manifests")});
  ASSERT_TRUE(snapshot) << base::describe(snapshot.error());
  for (const base::Finding& finding : (*snapshot)->findings) {
    EXPECT_LT(finding.severity, base::Severity::medium) << finding.rule << ": " << finding.message;
  }
  for (const Object& object : (*snapshot)->objects) EXPECT_FALSE(object.rejected()) << to_string(object.id);
  const Workload* nats = snapshot->find_workload(WorkloadKind::stateful_set, "kgents-agents", "nats");
  ASSERT_NE(nats, nullptr);
  EXPECT_TRUE(nats->parallel);
  EXPECT_EQ(snapshot->pods_of(*nats).size(), 3U);
  for (const char* name :
       {"kgents-agents", "kgents-triad", "kgents-gateway", "kgents-observability", "kgents-ephemeral"}) {
    ASSERT_NE(snapshot->find_namespace(name), nullptr) << name;
    EXPECT_TRUE(snapshot->find_namespace(name)->defined) << name;
  }
}

}  // namespace
}  // namespace gantry::kube

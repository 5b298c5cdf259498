// kubectl as users have it on good and bad days, played by tests/kube/fake_kubectl/kubectl.

#include "kube/kubectl.h"

#include "kube/kubectl_output.h"
#include "kube/sources.h"
#include "support/golden.h"
#include "support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace gantry::kube {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

KubectlOptions fake(std::string context) {
  KubectlOptions options;
  options.program = test::test_path("kube/fake_kubectl/kubectl");
  options.context = std::move(context);
  return options;
}

TEST(Kubectl, SaysItsVersions) {
  const base::Result<KubectlVersion> version = make_kubectl(fake("kind-dev"))->version();
  ASSERT_TRUE(version) << base::describe(version.error());
  EXPECT_EQ(version->client, "v1.32.3");
  EXPECT_EQ(version->server, "v1.31.0");
}

TEST(Kubectl, ListsContexts) {
  const base::Result<std::vector<std::string>> contexts = list_contexts(fake(""));
  ASSERT_TRUE(contexts);
  EXPECT_THAT(*contexts, ElementsAre("kind-dev", "prod"));
}

TEST(Kubectl, ReadsAClusterIntoASnapshot) {
  for (const char* context : {"kind-dev", "half-discovered"}) {
    const std::unique_ptr<Kubectl> kubectl = make_kubectl(fake(context));
    base::Result<std::vector<base::Node>> objects = kubectl->read_objects();
    ASSERT_TRUE(objects) << base::describe(objects.error());
    const base::Result<Snapshot> snapshot = build_snapshot(*std::move(objects));
    ASSERT_TRUE(snapshot) << base::describe(snapshot.error());
    EXPECT_TRUE(snapshot->live());
    ASSERT_EQ((*snapshot)->pods.size(), 1U);
    EXPECT_EQ(snapshot->workload_of((*snapshot)->pods[0])->name(), "web");
    ASSERT_EQ((*snapshot)->secrets.size(), 1U);
    EXPECT_TRUE((*snapshot)->secrets[0].has_key("webhook"));
    EXPECT_THAT((*snapshot)->findings, IsEmpty());
  }
}

TEST(Kubectl, AsksOnlyForWhatTheServerHasAndForNoSecretValue) {
  const test::TempDir dir;
  const std::string log = dir.path("log");
  ASSERT_EQ(setenv("FAKE_KUBECTL_LOG", log.c_str(), 1), 0);
  ASSERT_TRUE(make_kubectl(fake("kind-dev"))->read_objects());
  unsetenv("FAKE_KUBECTL_LOG");
  const std::string calls = dir.read("log");
  EXPECT_THAT(calls, HasSubstr("kind-dev: api-resources --verbs=list -o name\n"));
  EXPECT_THAT(calls,
              HasSubstr("kind-dev: get configmaps,deployments.apps,namespaces,services --all-namespaces -o json\n"));
  EXPECT_THAT(calls, HasSubstr("kind-dev: get pods --all-namespaces -o json\n"));
  EXPECT_THAT(calls, HasSubstr("kind-dev: get secrets --all-namespaces -o go-template --template {"));
  EXPECT_THAT(calls, Not(HasSubstr("get secrets --all-namespaces -o json")));
  EXPECT_THAT(calls, Not(HasSubstr("widgets")));
}

struct BadDay {
  const char* context;
  const char* message;
  const char* help;
};

constexpr BadDay kBadDays[] = {
    {"no-such", "kubectl knows no context \"no-such\"", "there are: kind-dev, prod"},
    {"unreachable",
     "the cluster of context \"unreachable\" does not answer: The connection to the server 127.0.0.1:6443 was refused",
     "kubectl --context unreachable cluster-info"},
    {"expired", "the cluster of context \"expired\" does not accept your credentials", "log in again"},
    {"forbidden",
     "you may not do this with context \"forbidden\": cannot list resource \"secrets\" in API group \"\" at the "
     "cluster scope",
     "ask for a role"},
    {"silent", "kubectl failed with status 7 and said nothing", ""},
};

TEST(Kubectl, TellsWhatIsWrongAndWhatToDo) {
  for (const BadDay& day : kBadDays) {
    const base::Result<std::vector<base::Node>> objects = make_kubectl(fake(day.context))->read_objects();
    ASSERT_FALSE(objects) << day.context;
    EXPECT_EQ(objects.error().kind, base::ErrorKind::environment) << day.context;
    EXPECT_THAT(objects.error().message, HasSubstr(day.message));
    EXPECT_THAT(objects.error().help, HasSubstr(day.help)) << day.context;
  }
}

TEST(Kubectl, GarbageIsAnErrorWithItsPlace) {
  const base::Result<KubectlVersion> version = make_kubectl(fake("garbage"))->version();
  ASSERT_FALSE(version);
  EXPECT_THAT(base::describe(version.error()), HasSubstr("while reading what kubectl printed"));
}

TEST(Kubectl, AMissingProgramIsToldByName) {
  KubectlOptions options;
  options.program = "kubectl-that-nobody-has";
  const base::Result<KubectlVersion> version = make_kubectl(options)->version();
  ASSERT_FALSE(version);
  EXPECT_THAT(version.error().message, HasSubstr("kubectl-that-nobody-has"));
}

TEST(Kubectl, ACallThatTakesTooLongIsEnded) {
  KubectlOptions options = fake("slow");
  options.call_time_max = std::chrono::milliseconds(50);
  const base::Result<KubectlVersion> version = make_kubectl(options)->version();
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().kind, base::ErrorKind::environment);
}

// ---- Applying ----

TEST(Kubectl, ReportsWhatApplyingDoes) {
  const base::Result<ApplyReport> report =
      make_kubectl(fake("kind-dev"))->apply({"kind: List"}, ApplyMode::server_dry_run);
  ASSERT_TRUE(report) << base::describe(report.error());
  EXPECT_TRUE(report->accepted());
  ASSERT_EQ(report->objects.size(), 2U);
  EXPECT_EQ(report->objects[1].object, "deployment.apps/web");
  EXPECT_EQ(report->objects[1].action, "configured");
  EXPECT_THAT(report->warnings, ElementsAre(HasSubstr("missing the annotation")));
}

TEST(Kubectl, ARefusalIsPartOfTheReport) {
  const base::Result<ApplyReport> report = make_kubectl(fake("refusing"))->apply({"kind: List"}, ApplyMode::really);
  ASSERT_TRUE(report) << base::describe(report.error());
  EXPECT_FALSE(report->accepted());
  EXPECT_EQ(report->objects.size(), 2U);
  EXPECT_THAT(report->rejections,
              ElementsAre(AllOf(HasSubstr("The Service \"web\" is invalid"), HasSubstr("must be between 1 and 65535"),
                                HasSubstr("Unsupported value")),
                          HasSubstr("namespaces \"missing\" not found")));
}

TEST(Kubectl, NotReachingTheServerIsNoRefusal) {
  for (const char* context : {"unreachable", "expired", "no-such"}) {
    EXPECT_FALSE(make_kubectl(fake(context))->apply({"kind: List"}, ApplyMode::server_dry_run)) << context;
  }
}

TEST(Kubectl, DiffTellsSameFromDifferentFromFailed) {
  const base::Result<DiffReport> same = make_kubectl(fake("kind-dev"))->diff({"kind: List"});
  ASSERT_TRUE(same);
  EXPECT_FALSE(same->differs);
  const base::Result<DiffReport> differs = make_kubectl(fake("differing"))->diff({"kind: List"});
  ASSERT_TRUE(differs);
  EXPECT_TRUE(differs->differs);
  EXPECT_THAT(differs->text, HasSubstr("+  replicas: 3"));
  EXPECT_FALSE(make_kubectl(fake("refusing"))->diff({"kind: List"}));
  EXPECT_FALSE(make_kubectl(fake("unreachable"))->diff({"kind: List"}));
}

// A go-template can't be run here; at least what it prints around the values is the shape that is read.
TEST(Kubectl, TheTemplateForSecretsNeverPrintsAValue) {
  EXPECT_THAT(std::string(kSecretKeysTemplate), HasSubstr(R"({{printf "%q" $k}}:null)"));
  EXPECT_THAT(std::string(kSecretKeysTemplate), Not(HasSubstr("stringData")));
}

}  // namespace
}  // namespace gantry::kube

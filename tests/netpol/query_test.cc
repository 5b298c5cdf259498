// Questions about single flows, and what they answer.

#include "netpol/query.h"

#include "base/yaml.h"
#include "netpol/small_world.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gantry::netpol {
namespace {

constexpr std::string_view kPolicies = R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: api}}
        - namespaceSelector: {matchLabels: {team: data}}
          podSelector: {matchLabels: {app: loader}}
        - ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.7/32]}
      ports: [{port: 5432}]
)";

base::Result<Answer> ask(std::string_view source, std::string_view destination) {
  const base::Result<Question> question = parse_question(source, destination);
  if (!question) return std::unexpected(question.error());
  AnalysisOptions options;
  add_to(options.endpoints, {*question});
  return answer(
      analyse_or_fail(build({{"shop/api:80", "shop/web:80", "shop/db:5432"}, std::string(kPolicies)}), options),
      *question);
}

struct Case {
  const char* source;
  const char* destination;
  Access access;
};

const Case kCases[] = {
    {"shop/api", "shop/db:5432", Access::yes},
    {"shop/api", "shop/db:5432/UDP", Access::no},
    {"shop/web", "shop/db:5432", Access::depends},  // its address may be in 192.0.2.0/24
    {"192.0.2.1", "shop/db:5432", Access::yes},
    {"192.0.2.7", "shop/db:5432", Access::no},
    {"192.0.2.0/24", "shop/db:5432", Access::depends},  // not all of it
    {"198.51.100.1", "shop/db:5432", Access::no},
    {"2001:db8::1", "[2001:db8::2]:443", Access::yes},
    {"shop/web", "198.51.100.1:443", Access::yes},
    {"labels(ns: team=data, pod: app=loader)", "shop/db:5432", Access::yes},
};

TEST(Query, AnswersWhatThePoliciesSay) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(std::string(each.source) + " -> " + each.destination);
    const base::Result<Answer> answered = ask(each.source, each.destination);
    ASSERT_TRUE(answered) << base::describe(answered.error());
    EXPECT_EQ(to_string(answered->access), to_string(each.access)) << answered->why << "\n" << answered->note;
    EXPECT_EQ(answered->is_allowed(), each.access == Access::yes);
    EXPECT_NE(answered->why, "");
    if (each.access == Access::depends) {
      EXPECT_NE(answered->note, "");
    }
  }
}

struct Wrong {
  const char* source;
  const char* destination;
  const char* message;
  const char* help = "";
};

const Wrong kWrong[] = {
    {"shop/apo", "shop/db:1", "no workload or pod shop/apo"},
    {"shp/api", "shop/db:1", "no namespace shp"},
    {"shop/api", "shop/db", "names no port"},
    {"shop/api", "shop/db:0", "0 is no port"},
    {"shop/api", "shop/db:1/ICMP", "no protocol"},
    {"shop/api", "shop/db:nothing", "declares a TCP port named nothing",
     "ask about a number: the pod's containers declare no name"},
};

TEST(Query, RefusesWhatIsNotThere) {
  for (const Wrong& wrong : kWrong) {
    const base::Result<Answer> answered = ask(wrong.source, wrong.destination);
    ASSERT_FALSE(answered) << wrong.message;
    EXPECT_TRUE(answered.error().message.contains(wrong.message)) << base::describe(answered.error());
    EXPECT_TRUE(answered.error().help.contains(wrong.help)) << base::describe(answered.error());
  }
}

// As a cluster reports them: a pod with an address of each family, one that has ended, and one of a ReplicaSet.
constexpr std::string_view kReported = R"(
apiVersion: v1
kind: Pod
metadata: {name: both, namespace: shop, labels: {app: both}}
spec: {containers: [{name: c, image: i}]}
status: {phase: Running, podIP: 10.1.0.1, podIPs: [{ip: 10.1.0.1}, {ip: "fd00::1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: done, namespace: shop, labels: {app: done}}
spec: {containers: [{name: c, image: i}]}
status: {phase: Succeeded, podIP: 10.1.0.9}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: front, namespace: shop, uid: one}
spec: {selector: {matchLabels: {app: front}}, template: {metadata: {labels: {app: front}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: front-1
  namespace: shop
  uid: two
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: front, uid: one, controller: true}]
spec: {selector: {matchLabels: {app: front}}, template: {metadata: {labels: {app: front}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{ipBlock: {cidr: 10.1.0.1/32}}]}]
)";

base::Result<Answer> ask_reported(std::string_view source, std::string_view destination) {
  const base::Result<Question> question = parse_question(source, destination);
  if (!question) return std::unexpected(question.error());
  AnalysisOptions options;
  add_to(options.endpoints, {*question});
  return answer(analyse_or_fail(build({{"shop/db:5432"}, std::string(kReported)}), options), *question);
}

// Who asks about an address asks about its family: the pod that has it may be kept out over the other.
TEST(Query, AnswersForTheFamilyOfAnAddress) {
  const base::Result<Answer> v4 = ask_reported("10.1.0.1", "shop/db:5432");
  ASSERT_TRUE(v4) << base::describe(v4.error());
  EXPECT_EQ(v4->access, Access::yes) << v4->why;
  const base::Result<Answer> v6 = ask_reported("fd00::1", "shop/db:5432");
  ASSERT_TRUE(v6) << base::describe(v6.error());
  EXPECT_EQ(v6->access, Access::no) << v6->why;
  const base::Result<Answer> both = ask_reported("shop/both", "shop/db:5432");
  ASSERT_TRUE(both) << base::describe(both.error());
  EXPECT_EQ(both->access, Access::depends);
  EXPECT_TRUE(both->note.contains("that is so over IPv6; over IPv4 it is open")) << both->note;
}

// Network policy reference, §9: neither end of a flow, and no name to suggest.
TEST(Query, SaysWhySomebodyIsNoEnd) {
  const struct {
    const char* source;
    const char* message;
    const char* help;
  } cases[] = {
      {"shop/done", "shop/done has ended", "gantry net matrix --pods"},
      {"shop/dome", "no workload or pod shop/dome", "did you mean shop/both?"},
      {"shop/front-1", "shop/front-1 is Deployment shop/front's own", "ask about shop/front"},
      {"shop/frond", "no workload or pod shop/frond", "did you mean shop/front?"},
  };
  for (const auto& each : cases) {
    const base::Result<Answer> answered = ask_reported(each.source, "shop/db:5432");
    ASSERT_FALSE(answered) << each.source;
    EXPECT_TRUE(answered.error().message.contains(each.message)) << base::describe(answered.error());
    EXPECT_TRUE(answered.error().help.contains(each.help)) << base::describe(answered.error());
  }
}

TEST(Query, NamesTheNearestNameOfAPort) {
  const kube::Snapshot snapshot = *kube::build_snapshot(*base::load_yaml(
      "{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop}, spec: {containers: [{name: c, image: i, "
      "ports: [{name: postgres, containerPort: 5432}, {name: dns, containerPort: 53, protocol: UDP}]}]}}",
      "pods.yaml"));
  const std::pair<const char*, const char*> cases[] = {
      {"shop/db:postgress", "did you mean postgres?"},
      {"shop/db:sql", "ask about a number, or one of postgres"},
      {"shop/db:dms/UDP", "did you mean dns?"},
  };
  for (const auto& [destination, help] : cases) {
    const base::Result<Answer> answered = answer(analyse_or_fail(snapshot), *parse_question("10.0.0.1", destination));
    ASSERT_FALSE(answered) << destination;
    EXPECT_EQ(answered.error().help, help);
  }
}

TEST(Query, ReadsAList) {
  const base::Result<base::Node> document = base::load_yaml_document(
      "- {src: shop/api, dst: shop/db, port: 5432}\n- {src: 10.0.0.1, dst: shop/db, protocol: udp, port: dns}\n",
      "flows.yaml");
  ASSERT_TRUE(document);
  const base::Result<std::vector<Question>> questions = parse_questions(*document);
  ASSERT_TRUE(questions) << base::describe(questions.error());
  ASSERT_EQ(questions->size(), 2U);
  EXPECT_EQ((*questions)[1].protocol, kube::Protocol::udp);
  EXPECT_EQ(kube::to_string((*questions)[1].port), "dns");
}

}  // namespace
}  // namespace gantry::netpol

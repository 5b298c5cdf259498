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
};

const Wrong kWrong[] = {
    {"shop/apo", "shop/db:1", "no workload or pod shop/apo"},
    {"shp/api", "shop/db:1", "no namespace shp"},
    {"shop/api", "shop/db", "names no port"},
    {"shop/api", "shop/db:0", "0 is no port"},
    {"shop/api", "shop/db:1/ICMP", "no protocol"},
    {"shop/api", "shop/db:nothing", "declares a TCP port named nothing"},
};

TEST(Query, RefusesWhatIsNotThere) {
  for (const Wrong& wrong : kWrong) {
    const base::Result<Answer> answered = ask(wrong.source, wrong.destination);
    ASSERT_FALSE(answered) << wrong.message;
    EXPECT_TRUE(answered.error().message.contains(wrong.message)) << base::describe(answered.error());
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

#include "netpol/claims.h"

#include "base/yaml.h"

#include <gtest/gtest.h>

namespace gantry::netpol {
namespace {

base::Result<std::vector<Claim>> parse(const std::string& yaml) {
  return parse_claims(*base::load_yaml_document(yaml, "claims.yaml"));
}

TEST(ParseClaims, ReadsEveryKind) {
  const struct {
    const char* yaml;
    const char* text;
  } cases[] = {
      {"{claim: only, destination: {namespace: shop, pods: {app: db}}, ports: [5432], sources: [{namespaces: {tier: "
       "api}}]}",
       "only labels(ns: tier=api) -> labels(namespace: shop, pod: app=db):5432/TCP"},
      {"{claim: only, destination: shop/db, ports: [5432, metrics, 53/UDP, '*/SCTP'], sources: []}",
       "only nobody -> shop/db:5432/TCP,metrics/TCP,53/UDP,every SCTP port"},
      {"{claim: never, destination: [shop/db, shop/cache], sources: [10.0.0.0/8, {workload: shop/web}]}",
       "never 10.0.0.0/8, shop/web -> shop/db, shop/cache"},
      {"{claim: must, destination: {workload: shop/db}, ports: [5432], sources: [{namespace: shop, pods: 'app in "
       "(a,b)'}]}",
       "must labels(namespace: shop, pod: app in (a,b)) -> shop/db:5432/TCP"},
      {"{claim: isolated, destination: {namespace: shop}}", "isolated shop/* (ingress)"},
      {"{claim: isolated, destination: {namespace: shop}, direction: egress, world: closed}",
       "isolated shop/* (egress)"},
      {"{claim: isolated, destination: {namespaces: {matchExpressions: [{key: tier, operator: Exists}]}}}",
       "isolated labels(ns: tier) (ingress)"},
      {"{claim: isolated, destination: {namespaces: {}}}", "isolated labels() (ingress)"},
      {"{claim: contained, within: approved/, world: open}",
       "contained the policies that are checked within approved/"},
      {"{claim: equal, policies: base/, to: overlays/prod}", "equal base/ to overlays/prod"},
  };
  for (const auto& c : cases) {
    const auto claims = parse(std::string("- ") + c.yaml + "\n");
    ASSERT_TRUE(claims) << c.yaml << ": " << claims.error().message;
    EXPECT_EQ(to_string(claims->front()), c.text) << c.yaml;
  }
}

TEST(ParseClaims, KeepsWhatWasLeftOutApart) {
  const auto claims =
      parse("- {claim: isolated, destination: a/b}\n- {claim: isolated, destination: a/b, world: open}\n");
  ASSERT_TRUE(claims);
  EXPECT_FALSE((*claims)[0].world);
  EXPECT_EQ((*claims)[1].world, World::open);
  EXPECT_EQ((*claims)[1].where.line, 2U);
  EXPECT_EQ((*claims)[1].destinations[0].where.line, 2U);
}

// One that cannot be read hides no other.
TEST(ParseClaims, TellsOfEachByItself) {
  const auto claims = parse_each_claim(*base::load_yaml_document(
      "- {claim: isolated, destination: a/b, ports: [0]}\n- {claim: isolated, destination: a/b}\n- {claim: onyl}\n",
      "claims.yaml"));
  ASSERT_TRUE(claims);
  ASSERT_EQ(claims->size(), 3U);
  EXPECT_EQ((*claims)[0].error().message, "0 is no port");
  EXPECT_TRUE((*claims)[1]);
  EXPECT_EQ((*claims)[2].error().where->line, 3U);
}

// A gate whose file has lost its content must not pass.
TEST(ParseClaims, RefusesAFileWithoutAClaim) {
  const auto claims = parse("[]\n");
  ASSERT_FALSE(claims);
  EXPECT_EQ(claims.error().message, "there is no claim");
}

TEST(ParseClaims, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* yaml;
    const char* message;
    const char* help;
  } cases[] = {
      {"{destination: a/b}", "a claim does not say of which kind it is",
       "add claim: only | never | must | isolated | equal | contained"},
      {"{claim: onyl, destination: a/b}", "\"claim\" is none of only, never, must, isolated, equal, contained",
       "did you mean \"only\"?"},
      {"{claim: only, destination: a/b, sources: []}", "the net.only claim lacks \"ports\"",
       "add ports: [5432], those of the containers, or [\"*\"] for every TCP port"},
      {"{claim: only, destination: a/b, ports: [], sources: []}", "the net.only claim names no port",
       "list the container ports in \"ports\""},
      {"{claim: never, destination: a/b}", "the net.never claim lacks \"sources\"",
       "add sources: [shop/web], or [] for nobody where the claim is `only`"},
      {"{claim: never, destination: a/b, sources: []}", "the net.never claim names no source",
       "list them in \"sources\": without any, it would always hold"},
      {"{claim: isolated, destination: []}", "the net.isolated claim names no destination", ""},
      {"{claim: isolated, destination: a/b, sources: []}", "the net.isolated claim has an unknown key \"sources\"",
       "known here: destination, ports, direction, pod_ranges, profile, differs, world, name, check, claim"},
      {"{claim: isolated, destintion: a/b}", "the net.isolated claim has an unknown key \"destintion\"",
       "did you mean \"destination\"?"},
      {"{claim: isolated, destination: {namespace: a, pod: {x: z}}}",
       "the destination of a claim has an unknown key \"pod\"", "did you mean \"pods\"?"},
      {"{claim: isolated, destination: {pods: {x: z}}}", "the destination of a claim does not say in which namespaces",
       "add \"namespaces\" with their labels, {} for all of them, or \"namespace\" with a name"},
      {"{claim: isolated, destination: {workload: a/b, pods: {x: z}}}",
       "\"workload\" stands alone: it says all there is to say", ""},
      {"{claim: isolated, destination: {workload: 10.0.0.0/8}}", "\"10.0.0.0/8\" is no workload",
       "write namespace/name"},
      {"{claim: isolated, destination: {namespace: sh%p}}",
       "\"sh%p\" is no namespace: may only hold lower-case letters, digits and '-'", ""},
      {"{claim: contained, to: approved/}", "the net.contained claim has an unknown key \"to\"",
       "known here: policies, within, pod_ranges, profile, differs, world, name, check, claim"},
      {"{claim: equal, policies: base/}", "the net.equal claim lacks \"to\"",
       "add to: approved/, where the other policies are"},
      {"{claim: equal, to: [base/]}", "\"to\" must be text", ""},
      {"{claim: isolated, destination: a/b, ports: [0]}", "0 is no port", "ports are 1 to 65535"},
      {"{claim: isolated, destination: a/b, ports: [80/tcp]}", "\"80/tcp\" names no protocol",
       "write TCP, UDP or SCTP behind the slash"},
      {"{claim: isolated, destination: a/b, world: flat}", "\"world\" is none of closed, open", ""},
      {"{claim: isolated, destination: a/b, world: clsed}", "\"world\" is none of closed, open",
       "did you mean \"closed\"?"},
      {"{claim: isolated, destination: {namespace: a, pods: {x: 1}}}",
       "the value of label x must be a string, not an integer", "put it in quotes"},
  };
  for (const auto& c : cases) {
    const auto claims = parse(std::string("- ") + c.yaml + "\n");
    ASSERT_FALSE(claims) << c.yaml;
    EXPECT_EQ(claims.error().message, c.message) << c.yaml;
    EXPECT_EQ(claims.error().help, c.help) << c.yaml;
    ASSERT_TRUE(claims.error().where) << c.yaml;
    EXPECT_EQ(claims.error().where->line, 1U) << c.yaml;
  }
}

}  // namespace
}  // namespace gantry::netpol

// Needs of a part of the system against a stupid twin: it judges the whole, and throws away by hand what was not asked about.

#include "netpol/judgement.h"
#include "netpol/needs/dump_needs.h"
#include "netpol/random_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {
namespace {

// ---- Small systems: five workloads that call each other by URL, by a guess, or by a name that nobody has

constexpr std::array<std::string_view, 5> kNames = {"web", "api", "db", "cache", "scraper"};
constexpr std::array<std::string_view, 2> kNamespaces = {"shop", "data"};

std::string_view namespace_of(std::size_t workload) { return kNamespaces[workload < 2 ? 0 : 1]; }

std::string variables_of(Dice& dice) {
  std::string variables;
  for (std::size_t i = dice.below(4); i > 0; --i) {
    const std::size_t callee = dice.below(kNames.size());
    const std::array<std::string, 4> values = {
        fmt::format("{{name: URL_{}, value: 'http://{}.{}:8080'}}", i, kNames[callee], namespace_of(callee)),
        fmt::format("{{name: STORE_TYPE_{}, value: {}}}", i, kNames[callee]),
        fmt::format("{{name: GONE_URL_{}, value: 'http://{}x:8080'}}", i, kNames[callee]),
        fmt::format("{{name: FAR_URL_{}, value: 'https://example.com'}}", i),
    };
    variables += fmt::format("{}{}", variables.empty() ? "" : ", ", dice.pick(values));
  }
  return variables;
}

std::string workload(std::size_t i, Dice& dice) {
  return fmt::format(
      "---\n{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: {0}, namespace: {1}}}, spec: {{replicas: 2, "
      "serviceName: {0}, "
      "selector: {{matchLabels: {{app: {0}}}}}, template: {{metadata: {{labels: {{app: {0}}}}}, spec: {{containers: "
      "[{{name: c, image: c, ports: [{{containerPort: 8080}}], env: [{2}]}}]}}}}}}}}\n"
      "---\n{{apiVersion: v1, kind: Service, metadata: {{name: {0}, namespace: {1}}}, spec: {{selector: {{app: {0}}}, "
      "ports: [{{port: 8080}}]}}}}\n",
      kNames[i], namespace_of(i), variables_of(dice));
}

// Of a label that one pod of a workload has and the other has not: a part of a need may be in scope.
std::string selector(Dice& dice) {
  if (dice.percent(30))
    return fmt::format("{{matchLabels: {{statefulset.kubernetes.io/pod-name: {}-0}}}}", dice.pick(kNames));
  return dice.percent(30) ? std::string("{}") : fmt::format("{{matchLabels: {{app: {}}}}}", dice.pick(kNames));
}

std::string peer(Dice& dice) {
  const std::array<std::string, 4> peers = {
      fmt::format("{{podSelector: {}}}", selector(dice)),
      fmt::format("{{namespaceSelector: {{}}, podSelector: {}}}", selector(dice)),
      "{ipBlock: {cidr: 10.0.0.0/8}}",
      "{ipBlock: {cidr: 0.0.0.0/0}}",
  };
  return dice.pick(peers);
}

std::string policy(std::size_t i, Dice& dice) {
  const bool is_ingress = dice.percent(70);
  const std::string_view ports = dice.percent(80) ? "[{port: 8080}]" : "[{port: 53, protocol: UDP}]";
  const std::string rule =
      dice.percent(25) ? "" : fmt::format("{{{}: [{}], ports: {}}}", is_ingress ? "from" : "to", peer(dice), ports);
  return fmt::format(
      "---\n{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p{}, namespace: {}}}, spec: "
      "{{podSelector: {}, policyTypes: [{}], {}: [{}]}}}}\n",
      i, dice.pick(kNamespaces), selector(dice), is_ingress ? "Ingress" : "Egress", is_ingress ? "ingress" : "egress",
      rule);
}

std::string random_system(Dice& dice) {
  std::string yaml;
  for (std::size_t i = 0; i < kNames.size(); ++i) yaml += workload(i, dice);
  for (std::size_t i = dice.between(1, 6); i > 0; --i) yaml += policy(i, dice);
  return yaml;
}

// ---- The twin

struct Scoped {
  std::vector<std::string> needs;
  std::vector<std::string> judged;
  std::vector<std::string> one_sided;
  std::vector<std::string> openings;
  std::vector<std::string> dangling;
  friend bool operator==(const Scoped&, const Scoped&) = default;
};

std::ostream& operator<<(std::ostream& stream, const Scoped& scoped) {
  return stream << fmt::format("{}\njudged {}\none-sided {}\nopenings {}\ndangling {}", fmt::join(scoped.needs, "; "),
                               fmt::join(scoped.judged, "; "), fmt::join(scoped.one_sided, "; "),
                               fmt::join(scoped.openings, "; "), fmt::join(scoped.dangling, "; "));
}

struct System {
  kube::Snapshot snapshot;
  Needs needs;
  Reachability reach;

  std::string text(const Need& need) const {
    return fmt::format("{} -> {} {} {}", to_string(need.source, snapshot), to_string(need.destination, snapshot),
                       to_string(need.confidence), need.evidence.front().text);
  }
  std::string text(EndpointId endpoint) const { return fmt::format("{}", static_cast<std::size_t>(endpoint.value())); }
  std::string text(const Need& need, const JudgedNeed& judged) const {
    return fmt::format("{}: {} -> {}:{} {} {} {}", text(need), text(judged.source), text(judged.destination),
                       judged.port.value(), static_cast<int>(judged.access), judged.wrong_port, judged.half_open);
  }
  std::string text(const Need& need, const OneSidedNeed& judged) const {
    return fmt::format("{}: {} {} {}", text(need), text(judged.known), kube::to_string(judged.side),
                       static_cast<int>(judged.access));
  }
  std::string text(const UnneededOpening& opening) const {
    return fmt::format("{} -> {} {} {}", text(opening.source), text(opening.destination), to_string(opening.ports),
                       opening.sensitive);
  }
  std::string text(const DanglingNeed& need) const {
    return fmt::format("{} -> {}", to_string(need.source, snapshot), need.host);
  }
};

bool is_in(const std::optional<EndpointSet>& set, EndpointId endpoint) { return !set || set->contains(endpoint); }

bool is_in(const std::optional<EndpointSet>& set, const NeedParty& party, const Reachability& reach) {
  if (!set) return true;
  for (const EndpointId endpoint : endpoints_of(party, reach))
    if (set->contains(endpoint)) return true;
  return false;
}

Scoped judge_all_and_filter(const System& system, const NeedScope& scope) {
  const Judgement whole = judge_needs(system.reach, system.needs);
  const auto& all = system.needs.needs;
  const auto is_asked = [&](const Need& need) {
    return need.confidence >= scope.confidence_min && is_in(scope.sources, need.source, system.reach) &&
           is_in(scope.destinations, need.destination, system.reach);
  };
  Scoped scoped;
  for (const Need& need : all)
    if (is_asked(need)) scoped.needs.push_back(system.text(need));
  for (const JudgedNeed& judged : whole.needs)
    if (is_asked(all[judged.need]) && is_in(scope.sources, judged.source) &&
        is_in(scope.destinations, judged.destination))
      scoped.judged.push_back(system.text(all[judged.need], judged));
  for (const OneSidedNeed& judged : whole.one_sided) {
    const auto& set = judged.side == kube::Direction::ingress ? scope.destinations : scope.sources;
    if (is_asked(all[judged.need]) && is_in(set, judged.known))
      scoped.one_sided.push_back(system.text(all[judged.need], judged));
  }
  for (const UnneededOpening& opening : whole.openings)
    if (is_in(scope.sources, opening.source) && is_in(scope.destinations, opening.destination))
      scoped.openings.push_back(system.text(opening));
  for (const DanglingNeed& need : system.needs.dangling)
    if (!scope.destinations && need.evidence.confidence >= scope.confidence_min &&
        is_in(scope.sources, need.source, system.reach))
      scoped.dangling.push_back(system.text(need));
  return scoped;
}

Scoped judge_scope(const System& system, const NeedScope& scope) {
  const Needs needs = select_needs(system.reach, system.needs, scope);
  const Judgement judgement = judge_needs(system.reach, system.needs, scope);
  Scoped scoped;
  for (const Need& need : needs.needs) scoped.needs.push_back(system.text(need));
  for (const JudgedNeed& judged : judgement.needs)
    scoped.judged.push_back(system.text(needs.needs[judged.need], judged));
  for (const OneSidedNeed& judged : judgement.one_sided)
    scoped.one_sided.push_back(system.text(needs.needs[judged.need], judged));
  for (const UnneededOpening& opening : judgement.openings) scoped.openings.push_back(system.text(opening));
  for (const DanglingNeed& need : needs.dangling) scoped.dangling.push_back(system.text(need));
  return scoped;
}

// What is found is about what is judged, and nothing that is judged to be wrong goes without a finding.
void check_findings(const System& system, const NeedScope& scope) {
  const Judgement judgement = judge_needs(system.reach, system.needs, scope);
  const auto has = [&](std::initializer_list<std::string_view> rules) {
    return std::ranges::any_of(judgement.findings, [&](const base::Finding& finding) {
      return std::ranges::find(rules, finding.rule) != rules.end();
    });
  };
  const bool is_blocked =
      std::ranges::any_of(judgement.needs, [](const auto& e) { return e.access == Access::no; }) ||
      std::ranges::any_of(judgement.one_sided, [](const auto& e) { return e.access == Access::no; });
  EXPECT_EQ(is_blocked, has({"net.blocked-need", "net.wrong-port", "net.half-open", "net.dns-missing"}));
  EXPECT_EQ(select_needs(system.reach, system.needs, scope).dangling.empty(), !has({"net.need-dangling"}));
}

// ---- Both

std::optional<EndpointSet> random_set(const Reachability& reach, Dice& dice) {
  if (dice.percent(30)) return std::nullopt;
  EndpointSet set;
  for (const EndpointId endpoint : EndpointSet::range(0, reach.endpoints().size()).ids())
    if (dice.percent(40)) set.add(endpoint);
  return set;
}

TEST(NeedScope, AgreesWithJudgingTheWholeAndFiltering) {
  constexpr std::uint32_t kSystems = 150;
  constexpr int kScopes = 6;
  std::size_t judged = 0;
  std::size_t openings = 0;
  for (std::uint32_t seed = 1; seed <= kSystems; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Dice dice(seed);
    kube::Snapshot snapshot = test::snapshot_of(random_system(dice));
    base::Result<Reachability> reach = analyse(snapshot);
    ASSERT_TRUE(reach) << base::describe(reach.error());
    const System system{.snapshot = snapshot, .needs = infer_needs(snapshot), .reach = *std::move(reach)};
    for (int i = 0; i < kScopes; ++i) {
      const NeedScope scope{.confidence_min = static_cast<Confidence>(dice.below(3)),
                            .sources = random_set(system.reach, dice),
                            .destinations = random_set(system.reach, dice)};
      const Scoped found = judge_scope(system, scope);
      ASSERT_EQ(found, judge_all_and_filter(system, scope));
      check_findings(system, scope);
      judged += found.judged.size();
      openings += found.openings.size();
    }
  }
  // Or the test would have looked at nothing.
  EXPECT_GT(judged, 500U);
  EXPECT_GT(openings, 500U);
}

// Against judging everything once more by whoever answers the topic otherwise.
TEST(NeedScope, TellsEveryTopicThatANeedTurnsOn) {
  std::size_t turning = 0;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    Dice dice(seed);
    const kube::Snapshot snapshot = test::snapshot_of(random_system(dice));
    const base::Result<Reachability> reach = analyse(snapshot);
    ASSERT_TRUE(reach);
    const Needs needs = infer_needs(snapshot);
    const std::vector<JudgedNeed> judged =
        judge_needs(*reach, needs, NeedScope{.sources = {}, .destinations = {}, .ask_every_topic = true}).needs;
    for (const ProfileTopic topic : reach->topics()) {
      AnalysisOptions options;
      options.profile = options.profile.flipped(topic);
      const base::Result<Reachability> other = analyse(snapshot, options);
      ASSERT_TRUE(other);
      const std::vector<JudgedNeed> otherwise = judge_needs(*other, needs).needs;
      ASSERT_EQ(judged.size(), otherwise.size());
      for (std::size_t i = 0; i < judged.size(); ++i) {
        if (judged[i].port != otherwise[i].port) continue;  // another port is the most open one there
        const bool turns = judged[i].access != otherwise[i].access;
        EXPECT_EQ(std::ranges::find(judged[i].depends_on, topic) != judged[i].depends_on.end(), turns)
            << "seed " << seed << " " << to_string(topic);
        turning += turns ? 1 : 0;
      }
    }
  }
  EXPECT_GT(turning, 0U);
}

TEST(NeedScope, OfEverybodyIsTheWhole) {
  Dice dice(7);
  const kube::Snapshot snapshot = test::snapshot_of(random_system(dice));
  const base::Result<Reachability> reach = analyse(snapshot);
  ASSERT_TRUE(reach);
  const Needs needs = infer_needs(snapshot);
  const Judgement whole = judge_needs(*reach, needs);
  const Judgement scoped = judge_needs(*reach, needs, NeedScope{});
  ASSERT_FALSE(whole.findings.empty());
  ASSERT_EQ(whole.findings.size(), scoped.findings.size());
  for (std::size_t i = 0; i < whole.findings.size(); ++i)
    EXPECT_EQ(whole.findings[i].fingerprint(), scoped.findings[i].fingerprint());
}

}  // namespace
}  // namespace gantry::netpol

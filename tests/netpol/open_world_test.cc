// Who could come, against everybody who could come: all labellings over a small vocabulary, each asked of the engine as a pod that
// does not exist. The engine itself is held against its twin elsewhere.

#include "netpol/open_world.h"

#include "base/yaml.h"
#include "netpol/claims.h"
#include "netpol/two_namespaces.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <utility>

namespace gantry::netpol {
namespace {

using kube::Direction;
using kube::LabelSelector;
using kube::LabelSet;

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}
  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool percent(std::size_t chance) { return below(100) < chance; }
  std::string pick(const std::vector<const char*>& from) { return from[below(from.size())]; }

 private:
  std::mt19937 random_;
};

// "{matchExpressions: […]}" over the vocabulary; "z" and "fresh" are values that nobody has.
std::string random_selector(Dice& dice, bool of_namespaces) {
  std::vector<std::string> expressions;
  for (std::size_t n = dice.below(3); n > 0; --n) {
    const bool by_name = of_namespaces && dice.percent(30);
    const std::string key = by_name ? "kubernetes.io/metadata.name" : of_namespaces ? "t" : dice.pick({"u", "v"});
    const std::string op = dice.pick({"In", "NotIn", "Exists", "DoesNotExist"});
    std::string values;
    if (op == "In" || op == "NotIn") {
      const std::vector<const char*> known = by_name         ? std::vector{"shop", "db", "fresh"}
                                             : of_namespaces ? std::vector{"a", "b"}
                                                             : std::vector{"1", "2"};
      values = fmt::format(", values: ['{}'", dice.pick(known));
      if (dice.percent(30)) values += fmt::format(", '{}'", dice.pick(known));
      values += "]";
    }
    expressions.push_back(fmt::format("{{key: {}, operator: {}{}}}", key, op, values));
  }
  return fmt::format("{{matchExpressions: [{}]}}", fmt::join(expressions, ", "));
}

std::string random_policy_rules(Dice& dice, bool ingress) {
  std::vector<std::string> rules;
  for (std::size_t n = dice.below(3); n > 0; --n) {
    std::vector<std::string> peers;
    for (std::size_t p = 1 + dice.below(2); p > 0; --p) {
      const bool by_pod = dice.percent(70);
      const bool by_namespace = !by_pod || dice.percent(60);
      if (dice.percent(25)) {
        peers.push_back(fmt::format("{{ipBlock: {{cidr: {}}}}}", dice.pick({"0.0.0.0/0", "10.0.0.0/8", "'::/0'"})));
        continue;
      }
      std::string peer;
      if (by_pod) peer += "podSelector: " + random_selector(dice, false);
      if (by_namespace)
        peer += (by_pod ? ", namespaceSelector: " : "namespaceSelector: ") + random_selector(dice, true);
      peers.push_back("{" + peer + "}");
    }
    const std::string ports =
        dice.percent(60) ? dice.pick({", ports: [{port: 80}]", ", ports: [{port: http}]", ", ports: [{port: 81}]"})
                         : "";
    rules.push_back(dice.percent(5)
                        ? fmt::format("{{{}}}", ports.empty() ? "" : ports.substr(2))
                        : fmt::format("{{{}: [{}]{}}}", ingress ? "from" : "to", fmt::join(peers, ", "), ports));
  }
  return fmt::format("[{}]", fmt::join(rules, ", "));
}

std::string random_policy(Dice& dice, std::size_t number) {
  const bool ingress = dice.percent(50);
  return fmt::format(
      "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{}, namespace: {}}}\nspec:\n"
      "  podSelector: {}\n  policyTypes: [{}]\n  {}: {}\n",
      number, dice.pick({"db", "db", "shop"}), dice.percent(40) ? "{}" : random_selector(dice, false),
      ingress ? "Ingress" : "Egress", ingress ? "ingress" : "egress", random_policy_rules(dice, ingress));
}

std::string random_admin_peers(Dice& dice) {
  if (dice.percent(50)) return fmt::format("[{{namespaces: {}}}]", random_selector(dice, true));
  return fmt::format("[{{pods: {{namespaceSelector: {}, podSelector: {}}}}}]", random_selector(dice, true),
                     random_selector(dice, false));
}

std::string random_admin_policy(Dice& dice, std::size_t number, bool ties) {
  std::vector<std::string> rules;
  for (const bool ingress : {true, false}) {
    if (dice.percent(40)) continue;
    rules.push_back(fmt::format("  {}: [{{action: {}, {}: {}{}}}]\n", ingress ? "ingress" : "egress",
                                dice.pick({"Accept", "Deny", "Pass"}), ingress ? "from" : "to",
                                random_admin_peers(dice),
                                dice.percent(40) ? ", protocols: [{tcp: {destinationPort: {number: 80}}}]" : ""));
  }
  return fmt::format(
      "---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {{name: c{}}}\nspec:\n"
      "  tier: {}\n  priority: {}\n  subject: {{pods: {{namespaceSelector: {}, podSelector: {}}}}}\n{}",
      number, dice.pick({"Admin", "Baseline"}), ties ? dice.below(2) : number, random_selector(dice, true),
      random_selector(dice, false), fmt::join(rules, ""));
}

std::vector<EndpointOptions::HypotheticalPod> everybody() {
  std::vector<EndpointOptions::HypotheticalPod> pods;
  std::vector<std::pair<std::string, std::string>> homes = {{"shop", "a"}, {"db", "b"}};
  for (const char* name : {"fresh", "any"})
    for (const char* t : {"", "a", "b", "z"}) homes.emplace_back(name, t);
  for (const auto& [name, t] : homes)
    for (const char* x : {"", "1", "2", "z"})
      for (const char* y : {"", "1", "2", "z"}) {
        EndpointOptions::HypotheticalPod pod{.name = fmt::format("{} t={} x={} y={}", name, t, x, y),
                                             .name_space = name,
                                             .namespace_labels = {},
                                             .labels = {}};
        pod.namespace_labels.set(std::string(kNamespaceNameLabel), name);
        if (!t.empty()) pod.namespace_labels.set("t", t);
        if (*x) pod.labels.set("u", x);
        if (*y) pod.labels.set("v", y);
        pods.push_back(std::move(pod));
      }
  return pods;
}

bool matches(const Wish& wish, const EndpointOptions::HypotheticalPod& pod) {
  return wish.namespaces.matches(pod.namespace_labels) && wish.pods.matches(pod.labels);
}

Wish random_wish(Dice& dice) {
  const auto selector = [&](bool of_namespaces) {
    return *LabelSelector::parse(*base::load_yaml_document(random_selector(dice, of_namespaces), "selector"));
  };
  return {.namespaces = selector(true), .pods = selector(false)};
}

// One random world, and one question about it.
struct Round {
  std::string manifests;
  kube::Snapshot snapshot;
  OpenWorldQuestion question;
};

Round make_round(std::uint32_t seed, bool ties) {
  Dice dice(seed);
  Round round;
  round.manifests = kTwoNamespaces;
  for (std::size_t n = dice.below(5); n > 0; --n) round.manifests += random_policy(dice, n);
  if (dice.percent(50))
    for (std::size_t n = 1 + dice.below(3); n > 0; --n) round.manifests += random_admin_policy(dice, n, ties);
  round.snapshot = *kube::build_snapshot(*base::load_yaml(round.manifests, "world.yaml"));
  round.question.wanted = dice.percent(70) ? Outcome::open : Outcome::shut;
  round.question.direction = dice.percent(70) ? Direction::ingress : Direction::egress;
  for (std::size_t n = dice.below(3); n > 0; --n) round.question.outside.push_back(random_wish(dice));
  if (dice.percent(40)) round.question.among.push_back(random_wish(dice));
  return round;
}

// The best that any pod of the vocabulary does: 2 as wanted, 1 perhaps, 0 nobody.
int by_enumeration(const Reachability& reach, const OpenWorldQuestion& question, kube::Port port) {
  const std::vector<EndpointOptions::HypotheticalPod>& pods = reach.options().endpoints.hypothetical;
  int best = 0;
  for (std::uint32_t i = 0; i < reach.endpoints().pod_class_count(); ++i) {
    const Endpoint& endpoint = reach.endpoints()[EndpointId(i)];
    if (endpoint.kind != Endpoint::Kind::hypothetical) continue;
    const auto pod = std::ranges::find(pods, endpoint.name, &EndpointOptions::HypotheticalPod::name);
    const auto is = [&](const Wish& wish) { return matches(wish, *pod); };
    if (std::ranges::any_of(question.outside, is)) continue;
    if (!question.among.empty() && std::ranges::none_of(question.among, is)) continue;
    Flow flow{.source = EndpointId(i), .destination = question.residents.front().endpoint, .port = port};
    if (question.direction == Direction::egress) std::swap(flow.source, flow.destination);
    // Clients try both families.
    Access access = Access::no;
    for (const kube::IpFamily family : reach.endpoints().families()) {
      flow.family = family;
      access = std::max(access, reach.access(flow));
    }
    if (access == Access::depends) best = std::max(best, 1);
    if (access == (question.wanted == Outcome::open ? Access::yes : Access::no)) best = 2;
  }
  return best;
}

int by_search(const std::vector<Intruder>& intruders, kube::Port port) {
  int best = 0;
  for (const Intruder& intruder : intruders)
    if (intruder.ports.contains(kube::Protocol::tcp, port))
      best = std::max(best, intruder.access == Access::yes ? 2 : 1);
  return best;
}

struct Tally {
  int found = 0;
  int perhaps = 0;
  int nobody = 0;
};

void compare(std::uint32_t seed, bool ties, Tally& tally) {
  Round round = make_round(seed, ties);
  AnalysisOptions options;
  options.endpoints.hypothetical = everybody();
  const Reachability reach = *analyse(round.snapshot, options);
  round.question.residents = {
      {.endpoint = reach.endpoints().find("db", "queue").front(), .ports = PortSet::everything()}};
  const auto intruders = find_intruders(reach, round.question);
  ASSERT_TRUE(intruders) << "seed " << seed;
  for (const kube::Port port : {kube::Port(80), kube::Port(81)}) {
    // A stranger may call any port by any name; hypothetical pods of the engine declare none.
    if (round.question.direction == Direction::egress && round.manifests.contains("port: http")) continue;
    const int expected = by_enumeration(reach, round.question, port);
    const int found = by_search(*intruders, port);
    ++(found == 2 ? tally.found : found == 1 ? tally.perhaps : tally.nobody);
    ASSERT_EQ(found, expected) << "seed " << seed << " port " << port.value() << ": "
                               << (round.question.wanted == Outcome::open ? "open" : "shut") << " "
                               << to_string(round.question.direction) << "\n"
                               << round.manifests;
  }
}

TEST(OpenWorld, AgreesWithEnumeration) {
  Tally tally;
  for (std::uint32_t seed = 1; seed <= 200 && !testing::Test::HasFatalFailure(); ++seed) compare(seed, false, tally);
  EXPECT_GT(tally.found, 50);
  EXPECT_GT(tally.perhaps, 0);
  EXPECT_GT(tally.nobody, 50);
}

// Equal priorities: the engine may say "depends" of one pod where two others together settle it, never the reverse.
TEST(OpenWorld, NeverProvesWhatTheOrderOfTiesDecides) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    Round round = make_round(seed, true);
    AnalysisOptions options;
    options.endpoints.hypothetical = everybody();
    const Reachability reach = *analyse(round.snapshot, options);
    round.question.residents = {
        {.endpoint = reach.endpoints().find("db", "queue").front(), .ports = PortSet::everything()}};
    const auto intruders = find_intruders(reach, round.question);
    ASSERT_TRUE(intruders) << "seed " << seed;
    const bool is_named = round.question.direction == Direction::egress && round.manifests.contains("port: http");
    for (const kube::Port port : {kube::Port(80), kube::Port(81)}) {
      if (is_named || by_enumeration(reach, round.question, port) == 0) continue;
      EXPECT_GT(by_search(*intruders, port), 0) << "seed " << seed << "\n" << round.manifests;
    }
  }
}

// ---- Whole claims: each kind, over everybody who is there and everybody who could come ----

struct RandomClaim {
  std::string text;
  Claim claim;
};

// Of an `only` claim's sources one that must get in as well.
std::string some_needed(Dice& dice, std::string_view kind, const std::vector<std::string>& sources) {
  if (kind != "only" || sources.empty() || dice.percent(30)) return "";
  return fmt::format(", needed: [{}]", sources[dice.below(sources.size())]);
}

RandomClaim random_claim(Dice& dice) {
  const std::string kind = dice.pick({"only", "never", "must", "isolated"});
  std::vector<std::string> sources;
  for (std::size_t n = kind == "only" ? dice.below(3) : 1 + dice.below(2); n > 0; --n)
    sources.push_back(
        fmt::format("{{namespaces: {}, pods: {}}}", random_selector(dice, true), random_selector(dice, false)));
  const std::string who =
      kind == "isolated"
          ? (dice.percent(30) ? ", direction: egress" : fmt::format(", ports: [{}]", dice.pick({"80", "81"})))
          : fmt::format(", ports: [{}], sources: [{}]", dice.pick({"80", "81"}), fmt::join(sources, ", "));
  RandomClaim made{.text = fmt::format("- {{claim: {}, destination: db/queue, world: open{}{}}}\n", kind, who,
                                       some_needed(dice, kind, sources)),
                   .claim = {}};
  made.claim = parse_claims(*base::load_yaml_document(made.text, "claims.yaml"))->front();
  return made;
}

bool is_among(const std::vector<Party>& parties, const Endpoint& endpoint) {
  if (!endpoint.is_pods()) return false;
  return std::ranges::any_of(parties, [&](const Party& party) {
    return (!party.namespaces || party.namespaces->matches(endpoint.namespace_labels.known)) &&
           (!party.pods || party.pods->matches(endpoint.labels.known));
  });
}

// The best of the families: clients try all. Of all ports that tell rules apart, for a claim without ports.
Access access_of(const Reachability& reach, const Claim& claim, EndpointId other, EndpointId queue) {
  Access best = Access::no;
  for (const unsigned port : {80, 81, 7}) {
    if (!claim.ports.empty() && claim.ports.front().port != kube::PortRef(kube::Port(static_cast<std::uint16_t>(port))))
      continue;
    Flow flow{.source = other, .destination = queue, .port = kube::Port(static_cast<std::uint16_t>(port))};
    if (claim.direction == Direction::egress) std::swap(flow.source, flow.destination);
    for (const kube::IpFamily family : reach.endpoints().families()) {
      flow.family = family;
      const Endpoint& endpoint = reach.endpoints()[other];
      if (endpoint.is_pods() || endpoint.range.address.family == family) best = std::max(best, reach.access(flow));
    }
  }
  return best;
}

ClaimVerdict by_asking_everybody(const Reachability& reach, const Claim& claim, EndpointId queue) {
  ClaimVerdict verdict = ClaimVerdict::proved;
  const auto note = [&](Access violation) {
    if (violation == Access::yes) verdict = ClaimVerdict::refuted;
    if (violation == Access::depends && verdict == ClaimVerdict::proved) verdict = ClaimVerdict::depends;
  };
  for (std::uint32_t i = 0; i < reach.endpoints().size(); ++i) {
    const EndpointId other(i);
    const Endpoint& endpoint = reach.endpoints()[other];
    // Nobody comes from loopback addresses.
    if (other == queue || (!endpoint.is_pods() && endpoint.zone == Endpoint::Zone::loopback)) continue;
    const Access access = access_of(reach, claim, other, queue);
    const bool is_named = is_among(claim.sources, endpoint);
    const Access stopped = access == Access::yes ? Access::no : access == Access::no ? Access::yes : Access::depends;
    switch (claim.kind) {
      case ClaimKind::only:
        note(is_named ? Access::no : access);
        if (is_among(claim.needed, endpoint)) note(stopped);
        break;
      case ClaimKind::never: note(is_named ? access : Access::no); break;
      case ClaimKind::must: note(is_named ? stopped : Access::no); break;
      default: note(access); break;  // isolated
    }
  }
  return verdict;
}

TEST(OpenWorld, ClaimsAgreeWithAskingEverybody) {
  std::map<std::pair<ClaimKind, ClaimVerdict>, int> seen;
  for (std::uint32_t seed = 1; seed <= 240 && !testing::Test::HasFailure(); ++seed) {
    const Round round = make_round(seed, false);
    Dice dice(seed + 1000);
    const RandomClaim random = random_claim(dice);
    const bool is_outward = random.claim.direction == Direction::egress;
    // A stranger may call any port by any name; hypothetical pods of the engine declare none.
    if (is_outward && round.manifests.contains("port: http")) continue;
    AnalysisOptions options;
    options.endpoints.hypothetical = everybody();
    add_to(options.endpoints, {random.claim});
    const Reachability reach = *analyse(round.snapshot, options);
    const EndpointId queue = reach.endpoints().find("db", "queue").front();
    const base::Result<ClaimResult> result = judge_claim(reach, random.claim);
    // A claim about labels that nobody has is an error.
    if (!result) continue;
    const ClaimVerdict expected = by_asking_everybody(reach, random.claim, queue);
    ++seen[{random.claim.kind, expected}];
    EXPECT_EQ(to_string(result->verdict), to_string(expected))
        << "seed " << seed << ": " << random.text << result->summary << "\n"
        << round.manifests;
  }
  for (const ClaimKind kind : {ClaimKind::only, ClaimKind::never, ClaimKind::must, ClaimKind::isolated})
    for (const ClaimVerdict verdict : {ClaimVerdict::proved, ClaimVerdict::refuted})
      EXPECT_GT((seen[{kind, verdict}]), 0) << to_string(kind) << " " << to_string(verdict);
}

// Every pod may reach the queue, and no address does: those who must decide.
TEST(OpenWorld, NeededAgreeWithAskingEverybody) {
  std::map<ClaimVerdict, int> seen;
  for (std::uint32_t seed = 1; seed <= 120 && !testing::Test::HasFailure(); ++seed) {
    Dice dice(seed);
    std::string manifests = kTwoNamespaces;
    manifests += fmt::format(
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: in, namespace: db}}\nspec: "
        "{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {}, podSelector: {}}}], ports: [{}]}}]}}\n",
        random_selector(dice, true), random_selector(dice, false), dice.pick({"{port: 80}", "{port: http}"}));
    if (dice.percent(30))
      manifests += fmt::format(
          "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: out, namespace: shop}}\nspec: "
          "{{podSelector: {}, policyTypes: [Egress]}}\n",
          random_selector(dice, false));
    const Claim claim =
        parse_claims(*base::load_yaml_document(
                         fmt::format("- {{claim: only, destination: db/queue, ports: [80], world: open, sources: "
                                     "[{{namespaces: {{}}}}], needed: [{{namespaces: {}, pods: {}}}]}}\n",
                                     random_selector(dice, true), random_selector(dice, false)),
                         "claims.yaml"))
            ->front();
    AnalysisOptions options;
    options.endpoints.hypothetical = everybody();
    add_to(options.endpoints, {claim});
    const Reachability reach = *analyse(*kube::build_snapshot(*base::load_yaml(manifests, "world.yaml")), options);
    const base::Result<ClaimResult> result = judge_claim(reach, claim);
    if (!result) continue;  // nobody has such labels
    const ClaimVerdict expected = by_asking_everybody(reach, claim, reach.endpoints().find("db", "queue").front());
    ++seen[expected];
    EXPECT_EQ(to_string(result->verdict), to_string(expected))
        << "seed " << seed << ": " << to_string(claim) << result->summary << "\n"
        << manifests;
  }
  EXPECT_GT(seen[ClaimVerdict::proved], 5);
  EXPECT_GT(seen[ClaimVerdict::refuted], 20);
}

// ---- Claims whose destinations may come as well: each pair of those who are there and those who could come ----

RandomClaim random_claim_by_labels(Dice& dice) {
  const std::string kind = dice.pick({"only", "never", "must", "isolated"});
  const auto party = [&] {
    return fmt::format("{{namespaces: {}, pods: {}}}", random_selector(dice, true), random_selector(dice, false));
  };
  std::string rest;
  if (kind == "isolated") {
    rest = dice.percent(40) ? ", direction: egress" : fmt::format(", ports: [{}]", dice.pick({"80", "81"}));
  } else {
    const std::string sources = party();
    rest = fmt::format(", ports: [{}], sources: [{}]{}", dice.pick({"80", "81"}), sources,
                       some_needed(dice, kind, {sources}));
  }
  RandomClaim made{.text = fmt::format("- {{claim: {}, world: open, destination: {}{}}}\n", kind, party(), rest),
                   .claim = {}};
  made.claim = parse_claims(*base::load_yaml_document(made.text, "claims.yaml"))->front();
  return made;
}

constexpr std::string_view kNobodyElse = R"(
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: nobody-else}
spec:
  tier: Admin
  priority: 9
  subject: {namespaces: {}}
  ingress: [{action: Deny, from: [{namespaces: {}}]}]
  egress: [{action: Deny, to: [{namespaces: {}}]}, {action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}]
)";

ClaimVerdict by_asking_every_pair(const Reachability& reach, const Claim& claim) {
  const Party& destination = claim.destinations.front();
  ClaimVerdict verdict = ClaimVerdict::proved;
  for (std::uint32_t i = 0; i < reach.endpoints().pod_class_count() && verdict != ClaimVerdict::refuted; ++i) {
    const Endpoint& endpoint = reach.endpoints()[EndpointId(i)];
    if (destination.namespaces && !destination.namespaces->matches(endpoint.namespace_labels.known)) continue;
    if (destination.pods && !destination.pods->matches(endpoint.labels.known)) continue;
    const ClaimVerdict one = by_asking_everybody(reach, claim, EndpointId(i));
    if (one != ClaimVerdict::proved) verdict = one;
  }
  return verdict;
}

// The first claim of a few that is about somebody: who claims something of labels that nobody has is told so.
std::optional<std::pair<RandomClaim, ClaimResult>> judge_some_claim(const kube::Snapshot& snapshot, Dice& dice) {
  for (int attempt = 0; attempt < 6; ++attempt) {
    RandomClaim random = random_claim_by_labels(dice);
    AnalysisOptions options;
    add_to(options.endpoints, {random.claim});
    if (base::Result<ClaimResult> result = judge_claim(*analyse(snapshot, options), random.claim))
      return std::pair(std::move(random), *std::move(result));
  }
  return std::nullopt;
}

TEST(OpenWorld, DestinationsToComeAgreeWithAskingEveryPair) {
  std::map<std::pair<ClaimKind, ClaimVerdict>, int> seen;
  for (std::uint32_t seed = 1; seed <= 150 && !testing::Test::HasFailure(); ++seed) {
    Round round = make_round(seed, false);
    Dice dice(seed + 2000);
    // Whoever may be created is open as long as nobody has a word for all.
    if (dice.percent(60)) round.manifests += kNobodyElse;
    // A pod to come may call any port by any name; hypothetical pods of the engine declare none.
    for (std::size_t at = 0; (at = round.manifests.find("{port: http}", at)) != std::string::npos;)
      round.manifests.replace(at, std::string_view("{port: http}").size(), "{port: 80}");
    round.snapshot = *kube::build_snapshot(*base::load_yaml(round.manifests, "world.yaml"));
    const auto judged = judge_some_claim(round.snapshot, dice);
    if (!judged) continue;
    const auto& [random, result] = *judged;
    AnalysisOptions options;
    add_to(options.endpoints, {random.claim});
    options.endpoints.hypothetical = everybody();
    const ClaimVerdict expected = by_asking_every_pair(*analyse(round.snapshot, options), random.claim);
    ++seen[{random.claim.kind, expected}];
    EXPECT_EQ(to_string(result.verdict), to_string(expected))
        << "seed " << seed << ": " << random.text << result.summary << "\n"
        << round.manifests;
  }
  for (const ClaimKind kind : {ClaimKind::only, ClaimKind::never, ClaimKind::must, ClaimKind::isolated})
    EXPECT_GT((seen[{kind, ClaimVerdict::refuted}]), 0) << to_string(kind);
  // `only` never is: addresses get in, whatever an administrator says of pods.
  for (const ClaimKind kind : {ClaimKind::never, ClaimKind::must, ClaimKind::isolated})
    EXPECT_GT((seen[{kind, ClaimVerdict::proved}]), 0) << to_string(kind);
}

// Plugins without SCTP admit nothing by a rule about SCTP (§18); one about every port is about that protocol too.
TEST(OpenWorld, RulesForEveryPortAdmitSctpWhateverThePlugin) {
  constexpr std::pair<std::string_view, bool> kRules[] = {{"", true}, {", ports: [{protocol: SCTP}]", false}};
  for (const auto& [ports, is_admitted] : kRules) {
    const std::string manifests =
        kTwoNamespaces +
        fmt::format(
            "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: in, namespace: db}}\nspec: "
            "{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {{}}}}]{}}}]}}\n",
            ports);
    AnalysisOptions options;
    options.profile.sctp_is_enforced = false;
    options.endpoints.hypothetical = everybody();
    const Reachability reach = *analyse(*kube::build_snapshot(*base::load_yaml(manifests, "world.yaml")), options);
    const EndpointId queue = reach.endpoints().find("db", "queue").front();
    OpenWorldQuestion question;
    question.residents = {{.endpoint = queue, .ports = PortSet::all_of(kube::Protocol::sctp)}};
    const auto intruders = find_intruders(reach, question);
    ASSERT_TRUE(intruders);
    EXPECT_EQ(!intruders->empty(), is_admitted) << ports;
    const bool is_open = std::ranges::any_of(reach.sources_of(queue), [](const Opening& opening) {
      return !opening.ports.ranges(kube::Protocol::sctp).empty();
    });
    EXPECT_EQ(is_open, is_admitted) << ports;
  }
}

TEST(OpenWorld, SplitsPortsWhereRulesDo) {
  const PortSet low = PortSet::of(kube::Protocol::tcp, kube::PortRange{kube::Port(1), kube::Port(100)});
  const PortSet one = PortSet::of(kube::Protocol::tcp, kube::Port(80));
  const auto parts = split(PortSet::all_of(kube::Protocol::tcp), {low, one});
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->size(), 3U);
  EXPECT_TRUE(split(PortSet(), {low})->empty());
}

}  // namespace
}  // namespace gantry::netpol

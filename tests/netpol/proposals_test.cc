// Proposals admit what is needed, open nothing else, and nothing smaller would do.

#include "netpol/proposals.h"

#include "base/yaml.h"
#include "netpol/proposals/edits.h"
#include "netpol/proposals/exact.h"
#include "netpol/proposals/trial.h"
#include "netpol/small_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace gantry::netpol {
namespace {

using Kind = PolicyEdit::Kind;

constexpr std::string_view kPolicies = R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Ingress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector:
    matchLabels: {app: db}
  policyTypes: [Ingress]
  ingress:
    # who reads and writes
    - from:
        - podSelector:
            matchLabels: {app: api}
      ports:
        - protocol: TCP
          port: 5432  # postgres
)";

const std::vector<std::string> kWorkloads = {"shop/api:80", "shop/web:80", "shop/db:5432", "ops/metrics:9090"};

struct Proposed {
  kube::Snapshot before;
  Reachability reach;
  Needs needs;
  Judgement judgement;
  Proposal proposal;
};

std::optional<Proposed> propose_for(const SmallWorld& world, const std::vector<std::string>& flows,
                                    const ProposalOptions& options = {}) {
  kube::Snapshot before = build(world);
  Reachability reach = analyse_or_fail(before);
  Needs needs = declare(before, flows);
  Judgement judgement = judge_needs(reach, needs);
  base::Result<Proposal> proposal = propose(reach, needs, judgement, options);
  if (!proposal) {
    ADD_FAILURE() << base::describe(proposal.error());
    return std::nullopt;
  }
  return Proposed{before, reach, std::move(needs), std::move(judgement), std::move(*proposal)};
}

struct Case {
  const char* what;
  std::vector<std::string> flows;
  std::vector<Kind> edits;
};

const Case kAdmitting[] = {
    {"what is admitted already needs nothing", {"shop/api -> shop/db:5432"}, {}},
    {"another source of the same port is another peer",
     {"shop/api -> shop/db:5432", "shop/web -> shop/db:5432"},
     {Kind::add_peer}},
    {"a source in another namespace is a peer with both selectors",
     {"shop/api -> shop/db:5432", "ops/metrics -> shop/db:5432"},
     {Kind::add_peer}},
    {"another port of the same source is another port", {"shop/api -> shop/db:9187"}, {Kind::add_port}},
    {"another port of another source is a rule of its own",
     {"shop/api -> shop/db:5432", "shop/web -> shop/db:9187"},
     {Kind::add_rule}},
    {"a pod that only the default deny selects gets a policy", {"shop/web -> shop/api:80"}, {Kind::add_policy}},
    {"two who ask alike are admitted by one rule",
     {"shop/web -> shop/api:80", "ops/metrics -> shop/api:80"},
     {Kind::add_policy}},
};

TEST(Proposals, AdmitByTheSmallestEdit) {
  for (const Case& each : kAdmitting) {
    SCOPED_TRACE(each.what);
    const std::optional<Proposed> proposed =
        propose_for({kWorkloads, std::string(kPolicies)}, each.flows, {.admit_blocked = true, .close_unneeded = false});
    ASSERT_TRUE(proposed);
    std::vector<Kind> kinds;
    for (const PolicyEdit& edit : proposed->proposal.edits) kinds.push_back(edit.kind);
    EXPECT_EQ(kinds, each.edits);
    EXPECT_TRUE(proposed->proposal.excess.empty());
    const Needs after_needs = declare(proposed->proposal.after, each.flows);
    for (const JudgedNeed& judged : judge_needs(analyse_or_fail(proposed->proposal.after), after_needs).needs)
      EXPECT_EQ(judged.access, Access::yes);
  }
}

TEST(Proposals, CloseWhatNobodyNeeds) {
  const std::string open = R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: api}}
        - podSelector: {matchLabels: {app: web}}
      ports: [{port: 5432}]
)";
  const std::optional<Proposed> proposed =
      propose_for({{"shop/api:80", "shop/web:80", "shop/db:5432"}, open}, {"shop/api -> shop/db:5432"});
  ASSERT_TRUE(proposed);
  const Trial trial(proposed->reach, proposed->needs, proposed->judgement);
  EXPECT_TRUE(proposed->proposal.excess.empty());
  bool removes_web = false;
  for (const PolicyEdit& edit : proposed->proposal.edits)
    removes_web |= edit.kind == Kind::remove_peer && edit.place.peer == 1U;
  EXPECT_TRUE(removes_web);
  const Reachability after = analyse_or_fail(proposed->proposal.after);
  for (const JudgedNeed& judged : judge_needs(after, proposed->needs).needs) EXPECT_EQ(judged.access, Access::yes);
}

TEST(Proposals, EditTheFilesByLines) {
  const std::optional<Proposed> proposed =
      propose_for({kWorkloads, std::string(kPolicies)}, {"shop/api -> shop/db:5432", "shop/web -> shop/db:5432"},
                  {.admit_blocked = true, .close_unneeded = false});
  ASSERT_TRUE(proposed);
  const ReadFile read = [](const std::string& path) -> base::Result<std::string> {
    if (path == "policies.yaml") return std::string(kPolicies);
    return base::environment_error("no such file");
  };
  const base::Result<PatchSet> patches = write_patches(proposed->before, proposed->proposal, read, "new.yaml");
  ASSERT_TRUE(patches) << base::describe(patches.error());
  ASSERT_EQ(patches->files.size(), 1U);
  EXPECT_EQ(patches->files[0].diff,
            "--- a/policies.yaml\n+++ b/policies.yaml\n@@ -18,6 +18,9 @@\n     - from:\n         - podSelector:\n"
            "             matchLabels: {app: api}\n+        - podSelector:\n+            matchLabels:\n"
            "+              app: web\n       ports:\n         - protocol: TCP\n           port: 5432  # postgres\n");
}

TEST(Proposals, PutNewObjectsIntoAFileOfTheirOwn) {
  const std::optional<Proposed> proposed =
      propose_for({kWorkloads, std::string(kPolicies)}, {"shop/web -> shop/api:80"},
                  {.admit_blocked = true, .close_unneeded = false});
  ASSERT_TRUE(proposed);
  const ReadFile read = [](const std::string&) { return base::Result<std::string>(base::environment_error("none")); };
  const base::Result<PatchSet> patches = write_patches(proposed->before, proposed->proposal, read, "new.yaml");
  ASSERT_TRUE(patches) << base::describe(patches.error());
  ASSERT_EQ(patches->files.size(), 1U);
  EXPECT_TRUE(patches->files[0].is_new);
  EXPECT_TRUE(patches->files[0].diff.starts_with("--- /dev/null\n+++ b/new.yaml\n@@ -0,0 +1,"))
      << patches->files[0].diff;
  const base::Result<std::vector<base::Node>> documents = base::load_yaml(patches->files[0].content, "new.yaml");
  ASSERT_TRUE(documents);
  EXPECT_EQ((*documents)[0].text("metadata", "name"), "api-needs-ingress");
}

TEST(Proposals, AreAppliedInASafeOrder) {
  const kube::Snapshot before = build({kWorkloads, ""});
  const kube::Snapshot after = build({kWorkloads, std::string(kPolicies)});
  const std::vector<kube::ObjectId> order = safe_apply_order(before, after);
  ASSERT_EQ(order.size(), 2U);
  EXPECT_TRUE(safe_apply_order(after, after).empty());
}

// ---- Nothing smaller would do: every smaller set of edits of a small vocabulary is tried ----

std::vector<TypedEdit> vocabulary(const Proposed& proposed) {
  std::vector<TypedEdit> edits;
  const Reachability& reach = proposed.reach;
  const auto add = [&](Kind kind, const kube::NetworkPolicy& policy, kube::Direction direction, auto fill) {
    TypedEdit typed;
    typed.edit.kind = kind;
    typed.edit.policy = policy.object.id;
    typed.edit.place = {
        .policy = policy.object.id, .direction = direction, .rule = {}, .peer = {}, .port = {}, .where = {}};
    fill(typed);
    edits.push_back(std::move(typed));
  };
  std::vector<PortSet> ports;
  for (const JudgedNeed& need : proposed.judgement.needs) ports.push_back(PortSet::of(kube::Protocol::tcp, need.port));
  for (std::uint32_t subject = 0; subject < reach.endpoints().pod_class_count(); ++subject)
    for (std::uint32_t peer = 0; peer < reach.endpoints().pod_class_count(); ++peer)
      for (const PortSet& port : ports) {
        if (subject == peer) continue;
        const ExactPolicy wanted{
            .subject = EndpointId(subject), .ingress = PeerPorts{{EndpointId(peer), port}}, .egress = std::nullopt};
        TypedEdit typed;
        typed.edit.kind = Kind::add_policy;
        typed.policy = exact_policy(reach, wanted);
        if (!typed.policy) continue;
        typed.edit.policy = typed.policy->object.id;
        edits.push_back(std::move(typed));
      }
  for (const kube::NetworkPolicy& policy : proposed.before->network_policies) {
    for (const kube::Direction direction : {kube::Direction::ingress, kube::Direction::egress}) {
      const std::vector<kube::PolicyRule>& rules = policy.rules(direction);
      for (std::size_t rule = 0; rule < rules.size(); ++rule) {
        add(Kind::remove_rule, policy, direction, [&](TypedEdit& typed) { typed.edit.place.rule = rule; });
        for (std::size_t peer = 0; peer < rules[rule].peers.size(); ++peer)
          add(Kind::remove_peer, policy, direction, [&](TypedEdit& typed) {
            typed.edit.place.rule = rule;
            typed.edit.place.peer = peer;
          });
        for (std::size_t i = 0; i < reach.endpoints().pod_class_count() && !rules[rule].peers.empty(); ++i)
          add(Kind::add_peer, policy, direction, [&](TypedEdit& typed) {
            typed.edit.place.rule = rule;
            typed.peer = exact_peer(reach, EndpointId(static_cast<std::uint32_t>(i)), policy.name_space());
          });
        for (const PortSet& port : ports)
          if (!rules[rule].ports.empty())
            add(Kind::add_port, policy, direction, [&](TypedEdit& typed) {
              typed.edit.place.rule = rule;
              typed.port = exact_ports(port).front();
            });
      }
      for (std::size_t i = 0; i < reach.endpoints().pod_class_count() && policy.isolates(direction); ++i)
        for (const PortSet& port : ports)
          add(Kind::add_rule, policy, direction, [&](TypedEdit& typed) {
            const PeerPorts wanted = {{EndpointId(static_cast<std::uint32_t>(i)), port}};
            typed.rule = exact_rules(reach, wanted, policy.name_space())->front();
          });
    }
  }
  return edits;
}

// New objects, new rules, edits: what makes one set smaller than another, the first first.
using Size = std::array<std::size_t, 3>;
Size size_of(const std::vector<PolicyEdit>& edits) {
  const auto count = [&](Kind kind) {
    return static_cast<std::size_t>(std::ranges::count(edits, kind, &PolicyEdit::kind));
  };
  return {count(Kind::add_policy), count(Kind::add_rule), edits.size()};
}

bool is_smaller(const std::vector<TypedEdit>& edits, const Size& size) {
  const EditCost cost = cost_of(edits);
  return Size{cost.objects, cost.rules, cost.edits} < size;
}

// All sets of at most two edits that are smaller than that.
std::vector<std::vector<TypedEdit>> smaller_sets(const std::vector<TypedEdit>& vocabulary, const Size& size) {
  std::vector<std::vector<TypedEdit>> sets;
  const auto add = [&](std::vector<TypedEdit> edits) {
    if (is_smaller(edits, size)) sets.push_back(std::move(edits));
  };
  add({});
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    add({vocabulary[i]});
    for (std::size_t k = i + 1; k < vocabulary.size(); ++k) add({vocabulary[i], vocabulary[k]});
  }
  return sets;
}

// Whether what the edit adds can have to do with the need: the port, the source, the destination's policy. A set of which no edit has
// to do with some blocked need cannot admit it.
bool speaks_of(const TypedEdit& typed, const JudgedNeed& need, const Reachability& reach) {
  const Endpoint& source = reach.endpoints()[need.source];
  const Endpoint& destination = reach.endpoints()[need.destination];
  const auto has_port = [&](const kube::PolicyPort& port) { return port.port == kube::PortRef(need.port); };
  const auto has_peer = [&](const kube::PolicyPeer& peer) {
    return peer.pod_selector && kube::match(*peer.pod_selector, source.labels) == kube::Match::yes;
  };
  const auto has_rule = [&](const kube::PolicyRule& rule) {
    return std::ranges::any_of(rule.ports, has_port) && std::ranges::any_of(rule.peers, has_peer);
  };
  if (typed.policy)
    return kube::match(typed.policy->pod_selector, destination.labels) == kube::Match::yes &&
           std::ranges::any_of(typed.policy->ingress, has_rule);
  const kube::NetworkPolicy* policy =
      kube::find_named(reach.snapshot()->network_policies, typed.edit.policy.name_space, typed.edit.policy.name);
  if (kube::match(policy->pod_selector, destination.labels) != kube::Match::yes) return false;
  if (typed.rule) return has_rule(*typed.rule);
  return (typed.port && has_port(*typed.port)) || (typed.peer && has_peer(*typed.peer));
}

// The sets of three edits and of four that add something, are smaller than that, and have to do with every blocked need in each edit
// and in all: what else such a set held would be idle, and a smaller set is tried without it.
class LargerSets {
 public:
  LargerSets(const Proposed& proposed, const Size& size) : size_(size) {
    std::vector<const JudgedNeed*> blocked;
    for (const JudgedNeed& need : proposed.judgement.needs)
      if (need.access == Access::no) blocked.push_back(&need);
    all_ = (1U << blocked.size()) - 1;
    for (TypedEdit& typed : vocabulary(proposed)) {
      unsigned speaks = 0;
      for (std::size_t i = 0; i < blocked.size(); ++i)
        if (speaks_of(typed, *blocked[i], proposed.reach)) speaks |= 1U << i;
      if (speaks != 0) words_.push_back({std::move(typed), speaks});
    }
  }

  std::vector<std::vector<TypedEdit>> sets() {
    if (all_ != 0) extend({}, 0, 0);
    return std::move(sets_);
  }

 private:
  struct Word {
    TypedEdit typed;
    unsigned speaks;  // of which blocked needs, a bit each
  };

  void extend(const std::vector<TypedEdit>& edits, std::size_t first, unsigned speaks) {
    constexpr std::size_t kEditsMax = 4;
    if (edits.size() > 2 && speaks == all_) sets_.push_back(edits);
    for (std::size_t i = first; i < words_.size() && edits.size() < kEditsMax; ++i) {
      std::vector<TypedEdit> more = edits;
      more.push_back(words_[i].typed);
      // A set that is as large already only grows.
      if (is_smaller(more, size_)) extend(more, i + 1, speaks | words_[i].speaks);
    }
  }

  Size size_;
  unsigned all_ = 0;
  std::vector<Word> words_;
  std::vector<std::vector<TypedEdit>> sets_;
};

// Random policies over three workloads, a seed each. Policies use the words that people use: labels, ports, namespaces.
std::string random_policies(std::mt19937& random) {
  const auto pick = [&](const std::vector<std::string>& from) { return from[random() % from.size()]; };
  const std::vector<std::string> apps = {"a", "b", "c"};
  std::string text;
  const std::size_t count = 1 + random() % 2;
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format(
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{}, namespace: x}}\nspec:\n  "
        "podSelector: {}\n  policyTypes: [Ingress]\n",
        i, random() % 4 == 0 ? "{}" : fmt::format("{{matchLabels: {{app: {}}}}}", pick(apps)));
    if (random() % 3 != 0)
      text += fmt::format(
          "  ingress:\n    - from: [{{podSelector: {{matchLabels: {{app: {}}}}}}}]\n      ports: [{{port: {}}}]\n",
          pick(apps), pick({"80", "81"}));
  }
  return text;
}

// A world of three pods, and some flows among them that are needed.
std::optional<Proposed> propose_in_random_world(std::uint32_t seed, std::size_t flow_count) {
  std::mt19937 random(seed);
  const std::vector<std::string> names = {"x/a", "x/b", "x/c"};
  std::vector<std::string> flows;
  for (std::size_t i = 0; i < flow_count; ++i) {
    const std::size_t from = random() % 3;
    flows.push_back(fmt::format("{} -> {}:{}", names[from], names[(from + 1 + random() % 2) % 3], 80 + random() % 2));
  }
  return propose_for({{"x/a:80", "x/b:80", "x/c:80"}, random_policies(random)}, flows,
                     {.admit_blocked = true, .close_unneeded = false});
}

// The needs are admitted, and nothing else is opened.
void expect_it_does_what_it_should(const Proposed& proposed) {
  EXPECT_TRUE(proposed.proposal.excess.empty());
  for (const JudgedNeed& judged : judge_needs(analyse_or_fail(proposed.proposal.after), proposed.needs).needs)
    EXPECT_EQ(judged.access, Access::yes);
}

// Each leaves a need blocked, or opens more.
void expect_none_will_do(const Proposed& proposed, const std::vector<std::vector<TypedEdit>>& sets) {
  const Trial trial(proposed.reach, proposed.needs, proposed.judgement);
  for (const std::vector<TypedEdit>& edits : sets) {
    const base::Result<Trial::Tried> tried = trial.run(edits);
    ASSERT_TRUE(tried);
    if (tried->outcome.blocked > 0 || tried->outcome.excess > 0) continue;
    std::string text;
    for (const TypedEdit& each : edits) text += fmt::format("{}\n{}\n", to_string(each.edit.place), each.edit.yaml);
    ADD_FAILURE() << "this would do:\n" << text;
  }
}

TEST(Proposals, AreMinimalInSmallWorlds) {
  constexpr std::uint32_t kWorlds = 24;
  std::size_t compared = 0;
  for (std::uint32_t seed = 1; seed <= kWorlds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const std::optional<Proposed> proposed = propose_in_random_world(seed, 2);
    ASSERT_TRUE(proposed);
    expect_it_does_what_it_should(*proposed);
    const auto sets = smaller_sets(vocabulary(*proposed), size_of(proposed->proposal.edits));
    expect_none_will_do(*proposed, sets);
    compared += sets.size();
  }
  EXPECT_GT(compared, 500U);
}

// With three needs, three and four edits may do what one larger one does.
TEST(Proposals, AreMinimalAmongLargerSets) {
  constexpr std::uint32_t kWorlds = 12;
  std::size_t compared = 0;
  for (std::uint32_t seed = 101; seed < 101 + kWorlds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const std::optional<Proposed> proposed = propose_in_random_world(seed, 3);
    ASSERT_TRUE(proposed);
    expect_it_does_what_it_should(*proposed);
    const auto sets = LargerSets(*proposed, size_of(proposed->proposal.edits)).sets();
    expect_none_will_do(*proposed, sets);
    compared += sets.size();
  }
  EXPECT_GT(compared, 1'000U);
}

// Nothing can be verified about somebody who is not there; but nobody may take that for "all is admitted".
TEST(Proposals, NameBlockedNeedsWithSomebodyWhoIsNotThere) {
  const std::string deny = R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress]}
)";
  const std::optional<Proposed> proposed = propose_for({kWorkloads, deny}, {"shop/web -> cluster-dns:53"});
  ASSERT_TRUE(proposed);
  EXPECT_TRUE(proposed->proposal.edits.empty());
  EXPECT_TRUE(proposed->proposal.unmet.empty());
  EXPECT_EQ(proposed->proposal.unproposed, std::vector<std::size_t>{0});
}

}  // namespace
}  // namespace gantry::netpol

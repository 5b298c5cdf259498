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

// All sets of at most two edits that are smaller than that. Sets of three would be a hundred times as many, and find nothing that
// pairs do not in worlds with two needs.
std::vector<std::vector<TypedEdit>> smaller_sets(const std::vector<TypedEdit>& vocabulary, const Size& size) {
  std::vector<std::vector<TypedEdit>> sets;
  const auto add = [&](std::vector<TypedEdit> edits) {
    const EditCost cost = cost_of(edits);
    if (Size{cost.objects, cost.rules, cost.edits} < size) sets.push_back(std::move(edits));
  };
  add({});
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    add({vocabulary[i]});
    for (std::size_t k = i + 1; k < vocabulary.size(); ++k) add({vocabulary[i], vocabulary[k]});
  }
  return sets;
}

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

TEST(Proposals, AreMinimalInSmallWorlds) {
  constexpr std::uint32_t kWorlds = 24;
  std::size_t compared = 0;
  for (std::uint32_t seed = 1; seed <= kWorlds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937 random(seed);
    const std::vector<std::string> names = {"x/a", "x/b", "x/c"};
    std::vector<std::string> flows;
    for (std::size_t i = 0; i < 2; ++i) {
      const std::size_t from = random() % 3;
      flows.push_back(fmt::format("{} -> {}:{}", names[from], names[(from + 1 + random() % 2) % 3], 80 + random() % 2));
    }
    const std::optional<Proposed> proposed = propose_for({{"x/a:80", "x/b:80", "x/c:80"}, random_policies(random)},
                                                         flows, {.admit_blocked = true, .close_unneeded = false});
    ASSERT_TRUE(proposed);
    EXPECT_TRUE(proposed->proposal.excess.empty());
    const Trial trial(proposed->reach, proposed->needs, proposed->judgement);
    const Judgement now = judge_needs(analyse_or_fail(proposed->proposal.after), proposed->needs);
    for (const JudgedNeed& judged : now.needs) EXPECT_EQ(judged.access, Access::yes);
    // Every smaller set of edits of the vocabulary leaves a need blocked, or opens more.
    const Size size = size_of(proposed->proposal.edits);
    for (const std::vector<TypedEdit>& edits : smaller_sets(vocabulary(*proposed), size)) {
      const base::Result<Trial::Tried> tried = trial.run(edits);
      ASSERT_TRUE(tried);
      EXPECT_TRUE(tried->outcome.blocked > 0 || tried->outcome.excess > 0)
          << (edits.empty() ? "nothing" : to_string(edits.front().edit.place)) << "\n"
          << (edits.empty() ? "" : edits.front().edit.yaml);
      ++compared;
    }
  }
  EXPECT_GT(compared, 500U);
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

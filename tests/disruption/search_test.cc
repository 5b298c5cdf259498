#include "disruption/search/group.h"
#include "disruption/small_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <stop_token>

namespace gantry::disruption {
namespace {

using Coverage = GroupSearch::Coverage;
using Reduction = SearchOptions::Reduction;

// An etcd whose Ready means caught up.
std::string members(std::int64_t count, const std::string& spec = "podManagementPolicy: Parallel", bool hard = true) {
  return workload({.replicas = count,
                   .spec = spec,
                   .pod = hard ? apart("db") : "",
                   .container = "readinessProbe: {httpGet: {path: /health, port: 2379}}",
                   .image = "etcd:3.5"});
}

GroupSearch search(const Cluster& cluster, const SearchOptions& options = {}) {
  base::Result<GroupSearch> found = search_group(cluster, InvariantIndex(0), options);
  if (found) return *found;
  ADD_FAILURE() << base::describe(found.error());
  return {.invariant = InvariantIndex(0)};
}

std::string steps(const std::optional<CounterExample>& found, const Cluster& cluster) {
  if (!found) return "none";
  std::string text;
  for (const Step& step : found->steps) text += fmt::format("{}{}", text.empty() ? "" : "; ", to_string(step, cluster));
  return text;
}

TEST(Search, AGoodBudgetHoldsInEveryOrder) {
  const Cluster cluster = make_cluster(members(3) + budget("db", "db", "minAvailable: 2"), 4);
  const GroupSearch found = search(cluster);
  EXPECT_EQ(found.coverage, Coverage::exhaustive);
  EXPECT_EQ(steps(found.broken, cluster), "none");
  EXPECT_EQ(steps(found.stuck, cluster), "none");
  EXPECT_EQ(search(cluster, {.parallel = 2}).broken.has_value(), false);
}

TEST(Search, ALaxBudgetLosesTheQuorumByTheShortestWay) {
  const Cluster one_node =
      make_cluster(members(3, "podManagementPolicy: Parallel", false) + budget("db", "db", "minAvailable: 1"), 1);
  EXPECT_EQ(steps(search(one_node).broken, one_node),
            "drain node-1; evict shop/db-0 from node-1; evict shop/db-1 from node-1");
  const Cluster spread = make_cluster(members(3) + budget("db", "db", "minAvailable: 1"), 3);
  const GroupSearch found = search(spread, {.parallel = 2});
  EXPECT_EQ(steps(found.broken, spread),
            "drain node-1; evict shop/db-0 from node-1; drain node-2; evict shop/db-1 from node-2");
  EXPECT_TRUE(found.broken->shortest);
  // One node at a time, drain goes on without waiting for the replacement.
  EXPECT_EQ(steps(search(spread).broken, spread),
            "drain node-1; evict shop/db-0 from node-1; gone shop/db-0 from node-1; drain node-2; evict shop/db-1 from "
            "node-2");
}

TEST(Search, ABudgetOfAllIsStuckAtTheFirstDrain) {
  const Cluster cluster = make_cluster(members(3) + budget("db", "db", "minAvailable: 3"), 4);
  const GroupSearch found = search(cluster);
  EXPECT_EQ(steps(found.stuck, cluster), "drain node-1");
  EXPECT_EQ(steps(found.broken, cluster), "none");
}

// §6.2: a Parallel set's rollout does not wait for a lower ordinal that is down; an ordered one does.
TEST(Search, ARolloutOfAParallelSetIgnoresTheMemberThatADrainTook) {
  const std::string good_budget = budget("db", "db", "minAvailable: 2");
  const Cluster parallel = make_cluster(members(3) + good_budget, 4);
  const GroupSearch found = search(parallel, {.rollout = true});
  EXPECT_EQ(steps(found.broken, parallel), "drain node-1; evict shop/db-0 from node-1; roll shop/db-2 on node-3");
  const Cluster on_delete =
      make_cluster(members(3, "updateStrategy: {type: OnDelete}\n  podManagementPolicy: Parallel") + good_budget, 4);
  EXPECT_FALSE(search(on_delete, {.rollout = true}).broken);
  const Cluster ordered = make_cluster(members(3, "podManagementPolicy: OrderedReady") + good_budget, 4);
  const GroupSearch held = search(ordered, {.rollout = true});
  EXPECT_EQ(steps(held.broken, ordered), "none");
  EXPECT_EQ(held.coverage, Coverage::exhaustive);
}

TEST(Search, ThreeMembersDoNotBearADrainAndACrash) {
  const Cluster cluster = make_cluster(members(3) + budget("db", "db", "minAvailable: 2"), 4);
  EXPECT_EQ(steps(search(cluster, {.crash = true}).broken, cluster),
            "drain node-1; evict shop/db-0 from node-1; lose node-2");
  const Cluster five = make_cluster(members(5) + budget("db", "db", "maxUnavailable: 1"), 6);
  const GroupSearch found = search(five, {.crash = true});
  EXPECT_EQ(steps(found.broken, five), "none");
  EXPECT_EQ(found.coverage, Coverage::exhaustive);
}

// kubectl tries for ever while the budget waits for a member on a dead node: only once that node is removed can it come back. Whether
// the drain of the others ends then depends on whether there is another place.
TEST(Search, ADrainWaitsUntilALostNodeIsRemoved) {
  const auto stuck = [](std::int64_t nodes, bool hard) {
    const Cluster cluster =
        make_cluster(members(3, "podManagementPolicy: Parallel", hard) + budget("db", "db", "minAvailable: 2"), nodes);
    const GroupSearch found = search(cluster, {.crash = true});
    EXPECT_EQ(found.coverage, Coverage::exhaustive);
    return steps(found.stuck, cluster);
  };
  EXPECT_EQ(stuck(3, false), "none");
  EXPECT_EQ(stuck(4, true), "none");
  // Of three nodes one is lost and one is cordoned: there is no place for the third member, whoever removes what.
  EXPECT_EQ(stuck(3, true), "drain node-1; lose node-2; remove node-2");
}

// W1: preferred anti-affinity is no promise. No budget helps when one node takes two members with it.
TEST(Search, WithoutHardRulesOneCrashIsEnough) {
  const Cluster cluster =
      make_cluster(members(3, "podManagementPolicy: Parallel", false) + budget("db", "db", "minAvailable: 2"), 3);
  const GroupSearch found = search(cluster, {.crash = true});
  ASSERT_TRUE(found.broken);
  EXPECT_LE(found.broken->steps.size(), 3U);
}

TEST(Search, ReadinessThatComesTooEarlyIsFound) {
  const auto nats = [](const char* path) {
    return workload({.name = "db",
                     .spec = "podManagementPolicy: Parallel",
                     .pod = apart("db"),
                     .container = fmt::format(
                         "args: [--js]\n          readinessProbe: {{httpGet: {{path: \"{}\", port: 8222}}}}", path),
                     .image = "nats:2.11"}) +
           budget("db", "db", "minAvailable: 2");
  };
  EXPECT_TRUE(search(make_cluster(nats("/healthz?js-enabled-only=true"), 4)).broken);
  EXPECT_FALSE(search(make_cluster(nats("/healthz"), 4)).broken);
}

TEST(Search, AlwaysAllowTakesAMemberThatIsCatchingUp) {
  const Cluster cluster =
      make_cluster(members(3) + budget("db", "db", "minAvailable: 2, unhealthyPodEvictionPolicy: AlwaysAllow"), 4);
  EXPECT_FALSE(search(cluster).broken);  // what is not Ready has no vote to lose
}

TEST(Search, AnAutoscalerMovesThePercentage) {
  const std::string web = workload({.kind = "Deployment", .name = "web", .replicas = 4}) + service("web", "web");
  const std::string hpa =
      "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\nspec: "
      "{minReplicas: "
      "2, maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n";
  const ClusterOptions options{.nodes = {{.count = 3}},
                               .invariants = {.available = {{.service = "web", .min = 2}}, .infer = false}};
  const Cluster lax = make_cluster(web + hpa + budget("web", "web", "minAvailable: 1"), options);
  EXPECT_TRUE(search(lax, {.scale_down = true}).broken);
  // Two of two: nothing is ever lost to evictions, and nothing ever drains.
  const Cluster strict = make_cluster(web + hpa + budget("web", "web", "minAvailable: 2"), options);
  EXPECT_TRUE(search(strict).stuck);
  EXPECT_FALSE(search(strict).broken);
}

// A group that an autoscaler shrinks while a drain is under way: what leaves is still a voter.
TEST(Search, AnAutoscalerTakesVotesAway) {
  const std::string hpa =
      "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: db, namespace: shop}\nspec: "
      "{minReplicas: 3, "
      "maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}}\n";
  const Cluster cluster = make_cluster(members(3) + hpa + budget("db", "db", "maxUnavailable: 1"), 6);
  EXPECT_FALSE(search(cluster).broken);
  // No drain of these ever hangs, so that the search for one would go on through millions of states.
  const GroupSearch found =
      search(cluster, {.rollout = true, .scale_down = true, .crash = true, .states_max = 20'000, .walks = 1});
  EXPECT_EQ(found.members, 5U);
  ASSERT_TRUE(found.broken);
  EXPECT_TRUE(found.broken->shortest);
  EXPECT_LE(found.broken->steps.size(), 4U);
}

// The number comes first and the pods follow: a budget that counts by the number admits in between what the pods that are going
// seem to leave over, and then they go as well.
TEST(Search, AnAutoscalerWritesBeforePodsGo) {
  const auto hpa = [](int min, int max) {
    return fmt::format(
        "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: db, namespace: "
        "shop}}\nspec: "
        "{{minReplicas: {}, maxReplicas: {}, scaleTargetRef: {{apiVersion: apps/v1, kind: StatefulSet, name: db}}}}\n",
        min, max);
  };
  const ClusterOptions options{
      .nodes = {{.count = 2}},
      .invariants = {.available = {{.service = "StatefulSet shop/db", .min = 2}}, .infer = false}};
  const std::string set = members(3, "podManagementPolicy: Parallel", false) + budget("db", "db", "maxUnavailable: 1");
  const Cluster cluster = make_cluster(set + hpa(3, 5), options);
  EXPECT_FALSE(search(cluster).broken);
  const GroupSearch found = search(cluster, {.scale_down = true});
  ASSERT_TRUE(found.broken);
  EXPECT_EQ(found.coverage, Coverage::exhaustive);
  const auto has = [&](StepKind kind) {
    return std::ranges::find(found.broken->steps, kind, &Step::kind) != found.broken->steps.end();
  };
  EXPECT_TRUE(has(StepKind::scale) && has(StepKind::shrink)) << steps(found.broken, cluster);
  EXPECT_NE(steps(found.broken, cluster).find("scale to 3"), std::string::npos) << steps(found.broken, cluster);
  // In order, the controller waits for the lower ordinals before it takes one away.
  const Cluster ordered = make_cluster(
      members(3, "podManagementPolicy: OrderedReady", false) + budget("db", "db", "maxUnavailable: 1") + hpa(3, 5),
      options);
  EXPECT_FALSE(search(ordered, {.scale_down = true}).broken)
      << steps(search(ordered, {.scale_down = true}).broken, ordered);
  // More than is searched is said.
  const GroupSearch large =
      search(make_cluster(set + hpa(3, 40), options), {.scale_down = true, .states_max = 100, .walks = 2});
  EXPECT_EQ(large.members, 12U);
  EXPECT_NE(large.scope().find("12 of 40 members"), std::string::npos) << large.scope();
}

TEST(Search, StopsWhenItIsAsked) {
  const Cluster cluster = make_cluster(members(5) + budget("db", "db", "maxUnavailable: 1"), 5);
  std::stop_source source;
  source.request_stop();
  const GroupSearch found = search(cluster, {.rollout = true, .stop = source.get_token()});
  EXPECT_EQ(found.coverage, Coverage::sampled);
  EXPECT_EQ(found.walks, 0U);
}

// Twelve pods that are all going, and twelve that replace them, are more than there is room for at once; none is forgotten.
TEST(Search, EveryPodIsMadeAgain) {
  const Cluster cluster =
      make_cluster(workload({.kind = "Deployment", .replicas = 12}),
                   ClusterOptions{.nodes = {{.count = 1}},
                                  .invariants = {.available = {{.service = "Deployment shop/db"}}, .infer = false}});
  const SearchOptions options;
  const Group group = compile_group(cluster, InvariantIndex(0), options).value();
  GroupState state = initial_state(group);
  Moves moves;
  for (const StepKind kind : {StepKind::drain, StepKind::evict, StepKind::gone})
    while (true) {
      find_moves(group, state, options, moves);
      const auto move = std::ranges::find(moves.list, kind, &Move::kind);
      if (move == moves.list.end()) break;
      state = apply(group, state, *move);
    }
  EXPECT_EQ(std::ranges::count(state.slots, SlotState::pending, &Slot::state), 12);
}

// Whatever a search may meet comes out as it went in.
TEST(Search, StatesArePackedWithoutLoss) {
  std::mt19937 random(77);
  for (int i = 0; i < 2'000; ++i) {
    GroupState state;
    for (Slot& slot : state.slots)
      slot = {.state = static_cast<SlotState>(random() % 7),
              .node = static_cast<std::uint8_t>(random() % 16),
              .updated = random() % 2 == 0};
    for (NodePhase& phase : state.nodes) phase = static_cast<NodePhase>(random() % 4);
    state.wished = static_cast<std::uint8_t>(random() % 16);
    state.crashed = random() % 2 == 0;
    state.removed = random() % 2 == 0;
    state.rolling = random() % 2 == 0;
    ASSERT_TRUE(unpack(pack(state)) == state) << "seed 77, case " << i;
  }
}

// Groups of up to seven, with everything that can go on at once: exhausted, and the shortest way is found.
TEST(Search, GroupsOfSevenAreExhausted) {
  constexpr std::array<std::size_t, 3> kShortest = {2, 4, 6};  // steps, for three, five and seven
  for (const std::int64_t count : {3, 5, 7}) {
    const std::string set = members(count) + budget("db", "db", "maxUnavailable: 1");
    const Cluster cluster = make_cluster(set, count);
    const GroupSearch drains = search(cluster);
    EXPECT_EQ(drains.coverage, Coverage::exhaustive) << count;
    EXPECT_FALSE(drains.broken) << count;
    EXPECT_FALSE(drains.stuck) << count;
    // A drain, a rollout and a crash at once cost three members: seven bear that.
    const GroupSearch without = search(cluster, {.rollout = true, .crash = true});
    EXPECT_EQ(without.coverage, Coverage::exhaustive) << without.scope();
    RecordProperty(fmt::format("states_of_{}", count), std::to_string(without.states));
    EXPECT_EQ(without.broken.has_value(), count < 7) << count << ": " << steps(without.broken, cluster);
    // With one more that an autoscaler takes, they do not.
    const std::string hpa = fmt::format(
        "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: db, namespace: "
        "shop}}\nspec: "
        "{{minReplicas: {}, maxReplicas: {}, scaleTargetRef: {{apiVersion: apps/v1, kind: StatefulSet, name: db}}}}\n",
        count - 1, count);
    const Cluster scaled = make_cluster(set + hpa, count);
    const GroupSearch all = search(scaled, {.rollout = true, .scale_down = true, .crash = true});
    EXPECT_EQ(all.members, static_cast<std::size_t>(count));
    EXPECT_EQ(all.coverage, Coverage::exhaustive) << all.scope();
    RecordProperty(fmt::format("states_with_scaling_of_{}", count), std::to_string(all.states));
    ASSERT_TRUE(all.broken) << count;
    EXPECT_TRUE(all.broken->shortest);
    EXPECT_EQ(all.broken->steps.size(), kShortest.at(static_cast<std::size_t>(count) / 2 - 1))
        << steps(all.broken, scaled);
  }
}

// A small random group; what the search may not miss.
std::string random_group(std::mt19937& random, std::int64_t& nodes, SearchOptions& options) {
  const auto pick = [&](std::size_t count) { return random() % count; };
  nodes = 1 + static_cast<std::int64_t>(pick(5));
  const auto replicas = 1 + static_cast<std::int64_t>(pick(3));
  constexpr std::array<const char*, 3> kSpecs = {"podManagementPolicy: Parallel", "podManagementPolicy: OrderedReady",
                                                 "updateStrategy: {type: OnDelete}"};
  const std::string bound =
      pick(2) == 0 ? fmt::format("minAvailable: {}", pick(4)) : fmt::format("maxUnavailable: {}", pick(3));
  options.rollout = pick(3) == 0;
  options.crash = pick(3) == 0;
  options.parallel = 1 + static_cast<std::int64_t>(pick(2));
  options.after = pick(3) == 0 ? SearchOptions::After::leave_cordoned : SearchOptions::After::uncordon;
  const bool deployment = pick(3) == 0;
  std::string text =
      workload({.kind = deployment ? "Deployment" : "StatefulSet",
                .replicas = replicas,
                .spec = deployment ? "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}" : kSpecs[pick(3)],
                .pod = pick(2) == 0 ? apart("db") : "",
                .image = "etcd:3.5"});
  if (pick(5) != 0) text += budget("db", "db", bound);
  if (pick(8) == 0) text += budget("other", "db", "maxUnavailable: 1");
  return text;
}

// The reduced search finds a violation, and a drain that is stuck, exactly when the unreduced one does, after as many steps.
TEST(Search, ReductionsLoseNothing) {
  constexpr std::uint32_t kSeed = 20260;
  std::mt19937 random(kSeed);
  int broken = 0;
  int stuck = 0;
  for (int i = 0; i < 70; ++i) {
    std::int64_t nodes = 1;
    SearchOptions options;
    const std::string documents = random_group(random, nodes, options);
    const Cluster cluster = make_cluster(
        documents,
        ClusterOptions{.nodes = {{.count = nodes}}, .invariants = {.quorums = {{.pods = "db"}}, .infer = false}});
    options.states_max = 8'000;
    const GroupSearch reduced = search(cluster, options);
    options.reduction = Reduction::none;
    const GroupSearch plain = search(cluster, options);
    if (plain.coverage == Coverage::sampled) continue;
    ASSERT_EQ(reduced.broken.has_value(), plain.broken.has_value()) << "seed " << kSeed << ", case " << i << "\n"
                                                                    << documents;
    ASSERT_EQ(reduced.stuck.has_value(), plain.stuck.has_value()) << "seed " << kSeed << ", case " << i << "\n"
                                                                  << documents;
    if (plain.broken) {
      EXPECT_EQ(reduced.broken->steps.size(), plain.broken->steps.size()) << documents;
    }
    EXPECT_LE(reduced.states, plain.states);
    broken += plain.broken.has_value();
    stuck += plain.stuck.has_value();
  }
  EXPECT_GT(broken, 10);
  EXPECT_GT(stuck, 10);
}

// Two engines, one truth: what happens in some rehearsal is among what the search finds.
TEST(Search, CoversWhateverARehearsalRunsInto) {
  constexpr std::uint32_t kSeed = 1866;
  std::mt19937 random(kSeed);
  int broken = 0;
  int stuck = 0;
  for (int i = 0; i < 150; ++i) {
    std::int64_t nodes = 1;
    SearchOptions options;
    const std::string documents = random_group(random, nodes, options);
    const Cluster cluster = make_cluster(
        documents,
        ClusterOptions{.nodes = {{.count = nodes}}, .invariants = {.quorums = {{.pods = "db"}}, .infer = false}});
    options = {.parallel = options.parallel, .after = options.after};
    const GroupSearch found = search(cluster, options);
    if (found.coverage == Coverage::sampled) continue;
    const DrainOptions plan{
        .parallel = options.parallel,
        .after = options.after == SearchOptions::After::uncordon ? AfterDrain::uncordon : AfterDrain::leave_cordoned};
    const OrderSearch orders = search_orders(cluster, plan, {.orders_max = 30}).value();
    const auto is_stuck = [](const NodeOutcome& outcome) { return !outcome.why_stuck.empty(); };
    const bool got_stuck = std::ranges::any_of(orders.worst.nodes, is_stuck);
    const bool got_broken = orders.worst.invariants[0].broken;
    EXPECT_TRUE(found.stuck || !got_stuck) << "seed " << kSeed << ", case " << i << "\n" << documents;
    // After a drain that is given up others go on; the search ends there.
    EXPECT_TRUE(found.broken || !got_broken || got_stuck) << "seed " << kSeed << ", case " << i << "\n" << documents;
    broken += got_broken;
    stuck += got_stuck;
  }
  EXPECT_GT(broken, 10);
  EXPECT_GT(stuck, 10);
}

TEST(Search, PastTheBoundItWalksAndSaysSo) {
  const Cluster cluster = make_cluster(members(3) + budget("db", "db", "minAvailable: 1"), 4);
  const GroupSearch found = search(cluster, {.states_max = 2, .walks = 200});
  EXPECT_EQ(found.coverage, Coverage::sampled);
  ASSERT_TRUE(found.broken);
  EXPECT_FALSE(found.broken->shortest);
  EXPECT_NE(found.scope().find("sampled"), std::string::npos);
}

TEST(Search, OrdersOfEqualNodesAreOne) {
  const std::string documents = members(3) + budget("db", "db", "minAvailable: 2");
  const Cluster cluster = make_cluster(documents, 4);
  const base::Result<OrderSearch> found = search_orders(cluster, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->coverage, OrderSearch::Coverage::exhaustive);
  EXPECT_EQ(found->orders, 4U);  // where the empty node comes; the three members are alike
  EXPECT_EQ(found->worst.verdict, Verdict::slow);
  const base::Result<OrderSearch> sampled = search_orders(cluster, {}, {.orders_max = 2});
  ASSERT_TRUE(sampled);
  EXPECT_EQ(sampled->coverage, OrderSearch::Coverage::sampled);
  EXPECT_LE(sampled->orders, 2U);
}

// W13: one node can never be drained past the first member. Members that stay apart need as many nodes as they are; that a drained
// one waits for its node is no harm, since nodes are taken back.
TEST(Search, TheSmallestClusterThatDrains) {
  const auto smallest = [](const std::string& documents) {
    return find_smallest_cluster(read(documents), {}, {})->nodes;
  };
  const std::string good_budget = budget("db", "db", "minAvailable: 2");
  EXPECT_EQ(smallest(members(3, "podManagementPolicy: Parallel", false) + good_budget), 2);
  EXPECT_EQ(smallest(members(3) + good_budget), 3);
  EXPECT_EQ(smallest(members(5) + budget("db", "db", "maxUnavailable: 1")), 6);
  EXPECT_EQ(smallest(members(3) + budget("db", "db", "minAvailable: 3")), std::nullopt);
}

TEST(Search, BadOptionsAreErrors) {
  const Cluster cluster = make_cluster(members(3), 3);
  EXPECT_FALSE(search_group(cluster, InvariantIndex(7)));
  EXPECT_FALSE(search_group(cluster, InvariantIndex(0), {.parallel = 0}));
  EXPECT_FALSE(search_orders(cluster, {}, {.orders_max = 0}));
  EXPECT_FALSE(search_group(make_cluster(members(13), 13), InvariantIndex(0)));
}

}  // namespace
}  // namespace gantry::disruption

// Sets of endpoints, against std::set.

#include "netpol/endpoint_set.h"

#include "netpol/random_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

namespace gantry::netpol {
namespace {

using Ids = std::set<std::uint32_t>;

EndpointSet set_of(const Ids& ids) {
  std::vector<EndpointId> list;
  for (const std::uint32_t id : ids) list.emplace_back(id);
  return EndpointSet::of(list);
}

Ids ids_of(const EndpointSet& set) {
  Ids ids;
  for (const EndpointId id : set.ids()) ids.insert(id.value());
  return ids;
}

// Few or many, close together or far apart: bitmaps are stored differently for each.
Ids random_ids(Dice& dice) {
  const std::size_t size = dice.percent(20) ? dice.below(3'000) : dice.below(20);
  const std::size_t limit = dice.percent(50) ? 40 : 200'000;
  Ids ids;
  for (std::size_t i = 0; i < size; ++i) ids.insert(static_cast<std::uint32_t>(dice.below(limit)));
  return ids;
}

TEST(EndpointSet, AgreesWithSetsOfNumbers) {
  Dice dice(1);
  for (int round = 0; round < 1'000; ++round) {
    const Ids a = random_ids(dice);
    const Ids b = random_ids(dice);
    const EndpointSet set_a = set_of(a);
    const EndpointSet set_b = set_of(b);
    Ids both;
    Ids either;
    Ids rest;
    std::ranges::set_intersection(a, b, std::inserter(both, both.end()));
    std::ranges::set_union(a, b, std::inserter(either, either.end()));
    std::ranges::set_difference(a, b, std::inserter(rest, rest.end()));
    ASSERT_EQ(ids_of(set_a), a) << "round " << round;
    ASSERT_EQ(set_a.size(), a.size()) << "round " << round;
    ASSERT_EQ(set_a.empty(), a.empty()) << "round " << round;
    ASSERT_EQ(ids_of(set_a.united(set_b)), either) << "round " << round;
    ASSERT_EQ(ids_of(set_a.intersected(set_b)), both) << "round " << round;
    ASSERT_EQ(ids_of(set_a.without(set_b)), rest) << "round " << round;
    ASSERT_EQ(set_a.meets(set_b), !both.empty()) << "round " << round;
    ASSERT_EQ(set_a.contains(set_b), both == b) << "round " << round;
    ASSERT_EQ(set_a == set_b, a == b) << "round " << round;
    // However it came to be, an equal set is equal and hashes alike.
    const EndpointSet again = set_a.without(set_b).united(set_a.intersected(set_b));
    ASSERT_EQ(again, set_a) << "round " << round;
    ASSERT_EQ(again.hash(), set_a.hash()) << "round " << round;
    const EndpointSet* const sets[] = {&set_a, &set_b, &again};
    ASSERT_EQ(EndpointSet::union_of(sets), set_a.united(set_b)) << "round " << round;
    ASSERT_EQ(set_a.first().has_value(), !a.empty()) << "round " << round;
    if (!a.empty()) {
      ASSERT_EQ(set_a.first()->value(), *a.begin()) << "round " << round;
    }
  }
}

TEST(EndpointSet, RangesHoldWhatIsBetween) {
  const struct {
    std::size_t first, last;
    Ids ids;
  } cases[] = {{0, 0, {}}, {3, 3, {}}, {4, 3, {}}, {3, 4, {3}}, {0, 3, {0, 1, 2}}};
  for (const auto& c : cases) EXPECT_EQ(ids_of(EndpointSet::range(c.first, c.last)), c.ids);
  EXPECT_EQ(EndpointSet::range(0, 200'000).size(), 200'000U);
  EXPECT_EQ(EndpointSet::range(0, 200'000), EndpointSet::range(0, 70'000).united(EndpointSet::range(70'000, 200'000)));
}

TEST(EndpointSet, ACopyKeepsWhatItHadWhenTheOtherChanges) {
  EndpointSet one = set_of({1, 2});
  const EndpointSet other = one;
  EXPECT_TRUE(one.shares(other));
  one.add(EndpointId{3});
  EXPECT_EQ(ids_of(one), (Ids{1, 2, 3}));
  EXPECT_EQ(ids_of(other), (Ids{1, 2}));
  EndpointSet third = other;
  third.unite(one);
  EXPECT_EQ(ids_of(third), (Ids{1, 2, 3}));
  EXPECT_EQ(ids_of(other), (Ids{1, 2}));
}

TEST(EndpointSet, RemembersNoHashOfWhatItWas) {
  EndpointSet set = set_of({1, 2});
  const std::size_t before = set.hash();
  set.add(EndpointId{3});
  EXPECT_NE(set.hash(), before);
  EXPECT_EQ(set.hash(), set_of({1, 2, 3}).hash());
}

TEST(EndpointSet, AUnionOfNothingIsNothing) {
  const EndpointSet nothing;
  EXPECT_TRUE(EndpointSet::union_of({}).empty());
  const EndpointSet* const nothings[] = {&nothing, &nothing};
  EXPECT_TRUE(EndpointSet::union_of(nothings).shares(nothing));
}

TEST(EndpointSet, SharesWhereNothingIsAddedOrTaken) {
  const EndpointSet many = EndpointSet::range(10, 1'000);
  EXPECT_TRUE(many.united(set_of({10, 11})).shares(many));
  EXPECT_TRUE(set_of({10, 11}).united(many).shares(many));
  EXPECT_TRUE(many.without(set_of({1, 2})).shares(many));
}

TEST(EndpointSet, NothingIsAlwaysTheSameNothing) {
  const EndpointSet emptied = set_of({1}).without(set_of({1, 2}));
  EXPECT_TRUE(emptied.empty());
  EXPECT_EQ(emptied, EndpointSet());
  EXPECT_EQ(emptied.hash(), EndpointSet().hash());
  EXPECT_TRUE(emptied.shares(EndpointSet()));
  EXPECT_FALSE(emptied.first().has_value());
  EXPECT_TRUE(set_of({1}).contains(emptied));
  EXPECT_TRUE(emptied.contains(EndpointSet()));
  EXPECT_FALSE(emptied.contains(set_of({1})));
}

}  // namespace
}  // namespace gantry::netpol

#include "netpol/label_box.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace gantry::netpol {
namespace {

using kube::LabelSelector;
using kube::LabelSet;
using kube::Match;
using kube::Requirement;
using kube::SelectorOperator;

LabelSelector selector(std::string_view text) { return *LabelSelector::parse_text(text); }

TEST(LabelBox, NarrowsKeyByKey) {
  const struct {
    const char* added;
    const char* example;  // nullptr: nothing is left
    const char* text;
  } cases[] = {
      {"", "<none>", ""},
      {"app=web", "app=web", " labelled app=web"},
      {"app in (web,api)", "app=api", " labelled app=api|web"},
      {"app in (web,api),app notin (api)", "app=web", " labelled app=web"},
      {"app in (web),app notin (web)", nullptr, ""},
      {"app in (web),app in (api)", nullptr, ""},
      {"app", "app=any", " labelled app"},
      {"app,app!=any", "app=any-2", " labelled app, without app=any"},
      {"!app", "<none>", " without app"},
      {"app,!app", nullptr, ""},
      {"!app,app=web", nullptr, ""},
      {"app!=web", "<none>", " without app=web"},
      {"app!=web,app!=api", "<none>", " without app=api|web"},
      {"app!=web,!app", "<none>", " without app"},
      {"app=web,tier!=front,!legacy", "app=web", " labelled app=web, without legacy, tier=front"},
  };
  for (const auto& c : cases) {
    LabelBox box;
    EXPECT_EQ(box.add(selector(c.added)), c.example != nullptr) << c.added;
    if (!c.example) continue;
    EXPECT_EQ(to_string(box.example()), c.example) << c.added;
    EXPECT_EQ(box.text(), c.text) << c.added;
    EXPECT_TRUE(selector(c.added).matches(box.example())) << c.added;
  }
}

TEST(LabelBox, SaysWhatAlwaysHolds) {
  const struct {
    const char* added;
    const char* asked;
    Match match;
  } cases[] = {
      {"", "app=web", Match::unknown},
      {"app=web", "app=web", Match::yes},
      {"app=web", "app in (web,api)", Match::yes},
      {"app=web", "app", Match::yes},
      {"app=web", "!app", Match::no},
      {"app=web", "app!=web", Match::no},
      {"app=web", "app!=api", Match::yes},
      {"app in (web,api)", "app=web", Match::unknown},
      {"app!=web", "app=web", Match::no},
      {"app!=web", "app", Match::unknown},
      {"!app", "app!=web", Match::yes},
      {"!app", "app=web", Match::no},
      {"app=web", "app=web,tier=front", Match::unknown},
      {"app=web,!tier", "app=web,tier=front", Match::no},
  };
  for (const auto& c : cases) {
    LabelBox box;
    ASSERT_TRUE(box.add(selector(c.added)));
    EXPECT_EQ(box.match(selector(c.asked)), c.match) << c.added << " / " << c.asked;
  }
}

TEST(LabelBox, AvoidsNamesThatAreTaken) {
  LabelBox box;
  box.forbid("name", std::make_shared<const LabelBox::Values>(LabelBox::Values{"any", "any-2", "shop"}));
  EXPECT_FALSE(LabelBox(box).add(selector("name=shop")));
  EXPECT_TRUE(LabelBox(box).add(selector("name=other")));
  ASSERT_TRUE(box.add(selector("name")));
  EXPECT_EQ(to_string(box.example()), "name=any-3");
  EXPECT_FALSE(box.lists("name"));
}

// Two values and "absent" for each of two keys: a box holds exactly the sets that meet all that was added.
TEST(LabelBox, AgreesWithEnumeration) {
  std::vector<LabelSet> world;
  for (const char* a : {"", "x", "y", "z"})  // z stands for values that no selector names
    for (const char* b : {"", "x", "y", "z"}) {
      LabelSet set;
      if (*a) set.set("a", a);
      if (*b) set.set("b", b);
      world.push_back(set);
    }
  const std::uint32_t seed = 20;
  std::mt19937 random(seed);
  const auto pick = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
  const auto requirement = [&] {
    const std::vector<std::vector<std::string>> lists = {{"x"}, {"y"}, {"x", "y"}};
    Requirement r{.key = pick(2) ? "a" : "b", .op = static_cast<SelectorOperator>(pick(4)), .values = {}};
    if (r.op == SelectorOperator::in || r.op == SelectorOperator::not_in) r.values = lists[pick(3)];
    return r;
  };
  for (int round = 0; round < 20'000; ++round) {
    LabelBox box;
    std::vector<Requirement> added;
    bool alive = true;
    for (std::size_t n = pick(5); n > 0 && alive; --n) {
      added.push_back(requirement());
      alive = box.add(added.back());
    }
    const LabelSelector all(added);
    std::vector<const LabelSet*> left;
    for (const LabelSet& set : world)
      if (all.matches(set)) left.push_back(&set);
    ASSERT_EQ(alive, !left.empty()) << "seed " << seed << " round " << round << ": " << to_string(all);
    if (!alive) continue;
    EXPECT_TRUE(all.matches(box.example())) << to_string(all);
    const Requirement asked = requirement();
    const auto holding =
        std::ranges::count_if(left, [&](const LabelSet* set) { return LabelSelector({asked}).matches(*set); });
    const Match expected = holding == 0 ? Match::no : holding == std::ssize(left) ? Match::yes : Match::unknown;
    EXPECT_EQ(box.match(asked), expected) << to_string(all) << " / " << to_string(LabelSelector({asked}));
    EXPECT_EQ(box.match(negated(asked)), expected == Match::unknown ? expected
                                         : expected == Match::yes   ? Match::no
                                                                    : Match::yes);
  }
}

}  // namespace
}  // namespace gantry::netpol

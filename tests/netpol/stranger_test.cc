#include "netpol/stranger.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace gantry::netpol {
namespace {

using kube::LabelSelector;
using kube::LabelSet;
using kube::Requirement;
using kube::SelectorOperator;

Wish wish(std::string_view namespaces, std::string_view pods) {
  return {.namespaces = *LabelSelector::parse_text(namespaces), .pods = *LabelSelector::parse_text(pods)};
}

kube::Namespace defined(const std::string& name, std::vector<LabelSet::Pair> labels) {
  kube::Namespace name_space;
  name_space.object.id = {.group = "", .kind = "Namespace", .name_space = "", .name = name};
  name_space.defined = true;
  labels.emplace_back(kNamespaceNameLabel, name);
  name_space.labels.known = LabelSet(std::move(labels));
  return name_space;
}

Home fresh() { return Home::fresh(std::make_shared<const LabelBox::Values>(LabelBox::Values{"shop", "db"})); }

std::string ask(const Home& home, const std::vector<Wish>& holds, const std::vector<Wish>& fails,
                const std::vector<Wish>& one_of = {}) {
  StrangerQuestion question;
  for (const Wish& each : holds) question.holds.push_back(&each);
  for (const Wish& each : fails) question.fails.push_back(&each);
  if (!one_of.empty()) question.one_of_each.emplace_back();
  for (const Wish& each : one_of) question.one_of_each.back().push_back(&each);
  StrangerBudget budget{.steps = StrangerBudget::kStepsMax - 50'000};  // enough for all of these
  const auto found = find_stranger(home, question, budget);
  if (!found) return found.error().message;
  return *found ? (*found)->text : "nobody";
}

TEST(Stranger, IsNamedByWhatItNeeds) {
  EXPECT_EQ(ask(fresh(), {wish("tier=web", "")}, {wish("tier=web", "app=shop")}),
            "any pod without app=shop in a namespace that is not among the manifests, labelled tier=web");
  EXPECT_EQ(ask(fresh(), {wish("tier=web", "app=shop")}, {wish("tier=web", "app=shop")}), "nobody");
  EXPECT_EQ(ask(fresh(), {}, {}), "any pod in a namespace that is not among the manifests");
  EXPECT_EQ(ask(fresh(), {wish("kubernetes.io/metadata.name=shop", "")}, {}), "nobody") << "that one exists";
  EXPECT_EQ(ask(fresh(), {wish("kubernetes.io/metadata.name=monitoring", "")}, {}),
            "any pod in a namespace that is not among the manifests, labelled kubernetes.io/metadata.name=monitoring");
  EXPECT_EQ(ask(fresh(), {wish("kubernetes.io/metadata.name", "")}, {}),
            "any pod in a namespace that is not among the manifests");
  EXPECT_EQ(ask(fresh(), {wish("!kubernetes.io/metadata.name", "")}, {}), "nobody") << "every namespace has a name";
}

TEST(Stranger, LivesInANamespaceThatIsThere) {
  const kube::Namespace shop = defined("shop", {{"tier", "web"}});
  const Home home = Home::existing(shop);
  EXPECT_EQ(ask(home, {wish("tier=web", "app=x")}, {}), "any pod labelled app=x in namespace shop");
  EXPECT_EQ(ask(home, {wish("tier=db", "")}, {}), "nobody") << "its labels are facts";
  EXPECT_EQ(ask(home, {}, {wish("tier=web", "")}), "nobody");
  EXPECT_EQ(ask(home, {}, {wish("tier=db", "")}), "any pod in namespace shop");

  kube::Namespace mentioned = defined("legacy", {});
  mentioned.defined = false;
  EXPECT_EQ(ask(Home::existing(mentioned), {wish("tier=db", "")}, {}),
            "any pod in namespace legacy, whose labels nobody knows, labelled tier=db");
}

TEST(Stranger, MayBeOneOfSeveral) {
  const std::vector<Wish> claimed = {wish("tier=web", "app=a"), wish("tier=web", "app=b")};
  EXPECT_EQ(ask(fresh(), {wish("", "app!=a")}, {}, claimed),
            "any pod labelled app=b in a namespace that is not among the manifests, labelled tier=web");
  EXPECT_EQ(ask(fresh(), {wish("tier=db", "")}, {}, claimed), "nobody");
}

// As hard as it gets: pigeons in holes, each with a label of its own for every hole. No short proof is known to searches like this.
TEST(Stranger, GivesUpInWordsWhenCasesMultiply) {
  const auto sits = [](int pigeon, int hole) { return "p" + std::to_string(pigeon) + "-h" + std::to_string(hole); };
  const auto fails = [&](int pigeons) {
    std::vector<Wish> wishes;
    for (int pigeon = 0; pigeon < pigeons; ++pigeon) {
      std::string nowhere;
      for (int hole = 0; hole + 1 < pigeons; ++hole) nowhere += (hole ? ",!" : "!") + sits(pigeon, hole);
      wishes.push_back(wish("", nowhere));
      for (int other = 0; other < pigeon; ++other)
        for (int hole = 0; hole + 1 < pigeons; ++hole)
          wishes.push_back(wish("", sits(pigeon, hole) + "," + sits(other, hole)));
    }
    return wishes;
  };
  EXPECT_EQ(ask(fresh(), {}, fails(4)), "nobody");
  EXPECT_EQ(ask(fresh(), {}, fails(14)), "there are too many cases to decide who else could come");
}

// All pods over two keys in all namespaces over one: the search finds one exactly when there is one.
TEST(Stranger, AgreesWithEnumeration) {
  const std::vector<const char*> values = {"", "x", "y", "z"};  // z stands for values that nothing names
  const std::uint32_t seed = 7;
  std::mt19937 random(seed);
  const auto pick = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
  const auto selector = [&](const std::vector<const char*>& keys) {
    std::vector<Requirement> requirements;
    for (std::size_t n = pick(3); n > 0; --n) {
      Requirement r{.key = keys[pick(keys.size())], .op = static_cast<SelectorOperator>(pick(4)), .values = {}};
      if (r.op == SelectorOperator::in || r.op == SelectorOperator::not_in)
        r.values = pick(3) ? std::vector<std::string>{pick(2) ? "x" : "y"} : std::vector<std::string>{"x", "y"};
      requirements.push_back(std::move(r));
    }
    return LabelSelector(std::move(requirements));
  };
  const auto wishes = [&](std::size_t most) {
    std::deque<Wish> made;
    for (std::size_t n = pick(most + 1); n > 0; --n)
      made.push_back({.namespaces = selector({"n"}), .pods = selector({"a", "b"})});
    return made;
  };
  for (int round = 0; round < 5'000; ++round) {
    const std::deque<Wish> holds = wishes(2);
    const std::deque<Wish> fails = wishes(4);
    const std::deque<Wish> one_of = wishes(2);
    bool expected = false;
    const auto matches = [](const Wish& w, const LabelSet& name_space, const LabelSet& pod) {
      return w.namespaces.matches(name_space) && w.pods.matches(pod);
    };
    const auto fits = [&](const LabelSet& name_space, const LabelSet& pod) {
      const auto one = [&](const Wish& w) { return matches(w, name_space, pod); };
      return std::ranges::all_of(holds, one) && std::ranges::none_of(fails, one) &&
             (one_of.empty() || std::ranges::any_of(one_of, one));
    };
    for (const char* n : values)
      for (const char* a : values)
        for (const char* b : values) {
          LabelSet name_space;
          LabelSet pod;
          if (*n) name_space.set("n", n);
          if (*a) pod.set("a", a);
          if (*b) pod.set("b", b);
          expected = expected || fits(name_space, pod);
        }
    StrangerQuestion question;
    for (const Wish& w : holds) question.holds.push_back(&w);
    for (const Wish& w : fails) question.fails.push_back(&w);
    if (!one_of.empty()) question.one_of_each.emplace_back();
    for (const Wish& w : one_of) question.one_of_each.back().push_back(&w);
    StrangerBudget budget;
    const auto found = find_stranger(fresh(), question, budget);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->has_value(), expected) << "seed " << seed << " round " << round;
    if (!*found) continue;
    EXPECT_TRUE(fits((*found)->namespace_labels, (*found)->pod_labels)) << "round " << round << ": " << (*found)->text;
  }
}

}  // namespace
}  // namespace gantry::netpol

#include "kube/labels.h"

#include "base/yaml.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

namespace gantry::kube {
namespace {

LabelSet labels_of(std::string_view text) {
  std::vector<LabelSet::Pair> pairs;
  const LabelSelector selector = *LabelSelector::parse_text(text);
  for (const Requirement& r : selector.requirements()) pairs.emplace_back(r.key, r.values.front());
  return LabelSet(std::move(pairs));
}

base::Result<LabelSelector> selector_of(std::string_view yaml) {
  const base::Result<base::Node> node = base::load_yaml_document(yaml, "selector.yaml");
  EXPECT_TRUE(node) << yaml;
  return LabelSelector::parse(*node);
}

TEST(LabelSet, KeepsTheLastOfEqualKeysAndSorts) {
  const LabelSet labels({{"b", "1"}, {"a", "1"}, {"b", "2"}, {"c", ""}});
  EXPECT_EQ(to_string(labels), "a=1,b=2,c=");
  EXPECT_EQ(labels.find("d"), nullptr);
  ASSERT_NE(labels.find("c"), nullptr);
  EXPECT_EQ(to_string(LabelSet()), "<none>");
}

struct MatchCase {
  const char* what;
  const char* selector;
  const char* labels;
  bool matches;
};

// Network policy reference, §6; API machinery, labels.Requirement.Matches.
constexpr MatchCase kMatchCases[] = {
    {"an empty selector matches everything", "{}", "app=web", true},
    {"an empty selector matches no labels at all", "{}", "", true},
    {"equality", "matchLabels: {app: web}", "app=web,x=y", true},
    {"another value", "matchLabels: {app: web}", "app=api", false},
    {"values are exact strings", "matchLabels: {app: web}", "app=Web", false},
    {"an empty value is a value", "matchLabels: {app: ''}", "app=", true},
    {"all of matchLabels", "matchLabels: {app: web, tier: front}", "app=web", false},
    {"In", "matchExpressions: [{key: app, operator: In, values: [web, api]}]", "app=api", true},
    {"In without the key", "matchExpressions: [{key: app, operator: In, values: [web]}]", "tier=b", false},
    {"NotIn with another value", "matchExpressions: [{key: app, operator: NotIn, values: [web]}]", "app=api", true},
    {"NotIn without the key", "matchExpressions: [{key: app, operator: NotIn, values: [web]}]", "tier=b", true},
    {"NotIn with the value", "matchExpressions: [{key: app, operator: NotIn, values: [web]}]", "app=web", false},
    {"Exists with an empty value", "matchExpressions: [{key: app, operator: Exists}]", "app=", true},
    {"Exists without the key", "matchExpressions: [{key: app, operator: Exists}]", "tier=b", false},
    {"DoesNotExist without the key", "matchExpressions: [{key: app, operator: DoesNotExist}]", "tier=b", true},
    {"DoesNotExist with the key", "matchExpressions: [{key: app, operator: DoesNotExist}]", "app=web", false},
    {"labels and expressions are joined by AND",
     "{matchLabels: {app: web}, matchExpressions: [{key: tier, operator: Exists}]}", "app=web", false},
    {"a contradiction matches nothing",
     "{matchLabels: {app: web}, matchExpressions: [{key: app, operator: NotIn, values: [web]}]}", "app=web", false},
};

TEST(LabelSelector, MatchesAsKubernetesDoes) {
  for (const MatchCase& c : kMatchCases) {
    const base::Result<LabelSelector> selector = selector_of(c.selector);
    ASSERT_TRUE(selector) << c.what << ": " << selector.error().message;
    EXPECT_EQ(selector->matches(labels_of(c.labels)), c.matches) << c.what;
  }
}

// Network policy reference, §6 and §11.
TEST(LabelSelector, RefusesWhatTheApiServerRefuses) {
  const struct {
    std::string_view yaml, message;
  } cases[] = {
      {"[]", "a label selector must be a map, not a list"},
      {"app: web", "unknown field \"app\" in a label selector"},
      {"matchLabel: {app: web}", "unknown field \"matchLabel\" in a label selector"},
      {"matchLabels: {app: 1}", "the value of label app must be a string, not an integer"},
      {"matchLabels: {app: true}", "the value of label app must be a string, not a bool"},
      {"matchLabels: [app]", "labels must be a map, not a list"},
      {"matchLabels: {'a b': c}", "label key \"a b\" may only hold letters, digits, '-', '_' and '.'"},
      {"matchLabels: {app: 'web '}", "label value \"web \" may only hold letters, digits, '-', '_' and '.'"},
      {"matchExpressions: {}", "matchExpressions must be a list, not a map"},
      {"matchExpressions: [{operator: Exists}]", "a match expression has no key"},
      {"matchExpressions: [{key: app}]", "a match expression has no operator"},
      {"matchExpressions: [{key: app, operator: in, values: [a]}]", "unknown operator \"in\""},
      {"matchExpressions: [{key: app, operator: Gt, values: ['1']}]", "unknown operator \"Gt\""},
      {"matchExpressions: [{key: app, operator: In}]", "In needs at least one value"},
      {"matchExpressions: [{key: app, operator: NotIn, values: []}]", "NotIn needs at least one value"},
      {"matchExpressions: [{key: app, operator: Exists, values: [a]}]", "Exists takes no values"},
      {"matchExpressions: [{key: app, operator: In, value: [a]}]", "unknown field \"value\" in a match expression"},
      {"matchExpressions: [app]", "a match expression must be a map, not a string"},
  };
  for (const auto& c : cases) {
    const base::Result<LabelSelector> selector = selector_of(c.yaml);
    ASSERT_FALSE(selector) << c.yaml;
    EXPECT_EQ(selector.error().message, c.message);
    EXPECT_TRUE(selector.error().where.has_value()) << c.yaml;
  }
}

TEST(LabelSelector, EqualSelectorsCompareEqualHoweverTheyAreWritten) {
  EXPECT_EQ(
      *selector_of("matchLabels: {b: '2', a: '1'}"),
      *selector_of(
          "matchExpressions: [{key: a, operator: In, values: ['1', '1']}, {key: b, operator: In, values: ['2']}]"));
  EXPECT_EQ(*selector_of("matchLabels: null"), LabelSelector());
}

// kubectl's --selector: API machinery, labels.Parse.
TEST(LabelSelector, ReadsKubectlsTextForm) {
  const struct {
    std::string_view text, printed;  // "": refused
  } cases[] = {
      {"", "<all>"},
      {"app=web", "app=web"},
      {"app==web", "app=web"},
      {"app!=web", "app notin (web)"},
      {"app", "app"},
      {"!app", "!app"},
      {" tier in ( b , a ),app ", "app,tier in (a,b)"},
      {"app notin (a)", "app notin (a)"},
      {"app=", "app="},
      {"in in (in)", "in=in"},
      {"example.com/app=web", "example.com/app=web"},
      {"app=web,", ""},
      {"=web", ""},
      {"app in a", ""},
      {"app in (a", ""},
      {"app near (a)", ""},
      {"!app=web", ""},
      {"app=we b", ""},
      {"a/b/c", ""},
  };
  for (const auto& c : cases) {
    const base::Result<LabelSelector> selector = LabelSelector::parse_text(c.text);
    EXPECT_EQ(selector ? to_string(*selector) : "", c.printed) << c.text;
  }
}

TEST(Labels, KeysAndValuesAreCheckedAsTheApiServerDoes) {
  using Texts = std::initializer_list<std::string_view>;
  const std::string long_name(64, 'a');
  for (const std::string_view good : Texts{"app", "app.kubernetes.io/name", "A_b-c.d", "0", "a/b"}) {
    EXPECT_EQ(invalid_label_key(good), std::nullopt) << good;
  }
  for (const std::string_view bad : Texts{"", "/a", "a/", "a/b/c", "-a", "a-", "a b", "A.com/a", "a..b/c", long_name}) {
    EXPECT_NE(invalid_label_key(bad), std::nullopt) << bad;
  }
  for (const std::string_view good : Texts{"", "web", "1.2.3", "A_b-c"}) {
    EXPECT_EQ(invalid_label_value(good), std::nullopt) << good;
  }
  for (const std::string_view bad : Texts{"-web", "web-", "we b", "a/b", "ü", long_name}) {
    EXPECT_NE(invalid_label_value(bad), std::nullopt) << bad;
  }
}

// ---- What is not known (network policy reference, §6) ----

TEST(LabelKnowledge, AnswersUnknownOnlyWhereItMatters) {
  LabelKnowledge pod;
  pod.known = labels_of("app=web");
  pod.present = {"pod-template-hash"};
  LabelKnowledge mentioned;
  mentioned.known = labels_of("kubernetes.io/metadata.name=shop");
  mentioned.others_possible = true;
  const struct {
    const LabelKnowledge& labels;
    std::string_view selector;
    Match match;
  } cases[] = {
      {pod, "app=web", Match::yes},
      {pod, "app=api", Match::no},
      {pod, "tier", Match::no},
      {pod, "!tier", Match::yes},
      {pod, "pod-template-hash", Match::yes},
      {pod, "!pod-template-hash", Match::no},
      {pod, "pod-template-hash=abc", Match::unknown},
      {pod, "pod-template-hash!=abc", Match::unknown},
      {pod, "pod-template-hash=abc,app=api", Match::no},
      {mentioned, "kubernetes.io/metadata.name=shop", Match::yes},
      {mentioned, "kubernetes.io/metadata.name=other", Match::no},
      {mentioned, "team", Match::unknown},
      {mentioned, "!team", Match::unknown},
      {mentioned, "", Match::yes},
  };
  for (const auto& c : cases) EXPECT_EQ(match(*LabelSelector::parse_text(c.selector), c.labels), c.match) << c.selector;
}

// ---- A stupid twin ----

constexpr const char* kKeys[] = {"a", "b", "c"};
constexpr const char* kValues[] = {"", "1", "2"};

LabelSet any_labels() {
  LabelSet labels;
  for (const char* key : kKeys) {
    if (*rc::gen::arbitrary<bool>())
      labels.set(key, *rc::gen::elementOf(std::vector<std::string>(std::begin(kValues), std::end(kValues))));
  }
  return labels;
}

Requirement any_requirement() {
  Requirement r;
  r.key = *rc::gen::elementOf(std::vector<std::string>(std::begin(kKeys), std::end(kKeys)));
  r.op = *rc::gen::element(SelectorOperator::in, SelectorOperator::not_in, SelectorOperator::exists,
                           SelectorOperator::does_not_exist);
  if (r.op == SelectorOperator::in || r.op == SelectorOperator::not_in) {
    r.values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
        rc::gen::elementOf(std::vector<std::string>(std::begin(kValues), std::end(kValues)))));
  }
  return r;
}

// Straight from the table of the reference, §6.
bool twin_matches(const std::vector<Requirement>& requirements, const LabelSet& labels) {
  for (const Requirement& r : requirements) {
    bool present = false;
    bool listed = false;
    for (const auto& [key, value] : labels) {
      if (key != r.key) continue;
      present = true;
      for (const std::string& wanted : r.values) listed = listed || wanted == value;
    }
    if (r.op == SelectorOperator::in && !(present && listed)) return false;
    if (r.op == SelectorOperator::not_in && present && listed) return false;
    if (r.op == SelectorOperator::exists && !present) return false;
    if (r.op == SelectorOperator::does_not_exist && present) return false;
  }
  return true;
}

RC_GTEST_PROP(LabelSelectorProperties, AgreesWithTheTable, ()) {
  std::vector<Requirement> requirements;
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) requirements.push_back(any_requirement());
  const LabelSet labels = any_labels();
  const LabelSelector selector(requirements);
  RC_ASSERT(selector.matches(labels) == twin_matches(requirements, labels));
  // The text form means the same.
  if (!selector.selects_everything()) {
    const base::Result<LabelSelector> again = LabelSelector::parse_text(to_string(selector));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == selector);
  }
  // What is known completely is never unknown.
  const LabelKnowledge knowledge{.known = labels, .present = {}, .others_possible = false};
  RC_ASSERT(match(selector, knowledge) == (selector.matches(labels) ? Match::yes : Match::no));
}

}  // namespace
}  // namespace gantry::kube

#include "base/node.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace gantry::base {
namespace {

Node pod() {
  return Node(Node::Map{
      {"kind", "Pod", {}},
      {"spec", Node(Node::Map{{"containers", Node(Node::Array{Node(Node::Map{{"image", "nginx", {}}})}), {}}}), {}}});
}

TEST(Node, FindFollowsNamesAndIndices) {
  const Node node = pod();
  ASSERT_TRUE(node.find("spec", "containers", 0, "image"));
  EXPECT_EQ(node.find("spec", "containers", 0, "image")->string(), "nginx");
  EXPECT_EQ(node.find("spec", "containers", 1), nullptr);
  EXPECT_EQ(node.find("spec", 0), nullptr);
  EXPECT_EQ(node.find("spec", "containers", "image"), nullptr);
  EXPECT_EQ(node.find("kind", "name"), nullptr);
  EXPECT_EQ(node.find(), &node);
  EXPECT_EQ(node.text("spec", "containers", 0, "image"), "nginx");
  EXPECT_EQ(node.text("spec"), "");
}

TEST(Node, SetKeepsThePlaceOfAKeyAndEraseForgetsIt) {
  Node node = pod();
  node.set("kind", "Job");
  node.set("apiVersion", "v1");
  EXPECT_EQ(node.map()[0].key, "kind");
  EXPECT_EQ(node.map()[0].value, Node("Job"));
  EXPECT_EQ(node.map()[2].key, "apiVersion");
  EXPECT_TRUE(node.erase("spec"));
  EXPECT_FALSE(node.erase("spec"));
  EXPECT_EQ(node, Node(Node::Map{{"apiVersion", "v1", {}}, {"kind", "Job", {}}}));
}

TEST(Node, SetMakesAMapOfNull) {
  Node node;
  node.set("a", 1);
  EXPECT_EQ(node, Node(Node::Map{{"a", 1, {}}}));
}

TEST(Node, KeyPositions) {
  const auto file = std::make_shared<const std::string>("a.yaml");
  Node node;
  node.set("a", Node(1, {file, 3, 4}), {file, 3, 1});
  ASSERT_TRUE(node.key_pos("a"));
  EXPECT_EQ(to_string(*node.key_pos("a")), "a.yaml:3:1");
  EXPECT_EQ(to_string(node.get("a")->pos()), "a.yaml:3:4");
  EXPECT_EQ(node.key_pos("b"), nullptr);
}

TEST(Node, EqualityIsAboutContent) {
  const auto file = std::make_shared<const std::string>("a.yaml");
  EXPECT_EQ(Node(1, {file, 1, 1}), Node(1));
  EXPECT_EQ(Node(Node::Map{{"a", 1, {}}, {"b", 2, {}}}), Node(Node::Map{{"b", 2, {}}, {"a", 1, {}}}));
  EXPECT_NE(Node(Node::Map{{"a", 1, {}}, {"b", 2, {}}}), Node(Node::Map{{"b", 1, {}}, {"a", 2, {}}}));
  EXPECT_NE(Node(Node::Map{{"a", 1, {}}}), Node(Node::Map{{"a", 1, {}}, {"b", 2, {}}}));
  EXPECT_NE(Node(Node::Map{{"a", 1, {}}}), Node(Node::Map{{"b", 1, {}}}));
  EXPECT_NE(Node(Node::Array{1, 2}), Node(Node::Array{2, 1}));
  EXPECT_NE(Node("1"), Node(1));
  EXPECT_NE(Node(), Node(false));
  EXPECT_NE(Node::empty_map(), Node::empty_array());
}

TEST(Node, NumbersAreEqualWhenTheirValuesAre) {
  EXPECT_EQ(Node(1), Node(1.0));
  EXPECT_EQ(Node(-0.0), Node(0));
  EXPECT_NE(Node(1), Node(1.5));
  EXPECT_NE(Node(9007199254740993), Node(9007199254740992.0));  // 2^53 + 1 has no double
  EXPECT_NE(Node(std::numeric_limits<std::int64_t>::max()), Node(9223372036854775808.0));
  EXPECT_EQ(Node(std::numeric_limits<std::int64_t>::min()), Node(-9223372036854775808.0));
  EXPECT_NE(Node(0), Node(std::nan("")));
  EXPECT_NE(Node(0), Node(INFINITY));
  EXPECT_EQ(Node(3).number(), 3.0);
  EXPECT_EQ(Node(3.5).number(), 3.5);
}

// A ConfigMap may have very many keys; comparing two in different orders must not take the square of that.
TEST(Node, BigMapsCompareInAnyOrder) {
  constexpr int kKeys = 100'000;
  Node::Map forwards;
  Node::Map backwards;
  for (int i = 0; i < kKeys; ++i) forwards.push_back({std::to_string(i), i, {}});
  for (int i = kKeys; i-- > 0;) backwards.push_back({std::to_string(i), i, {}});
  EXPECT_EQ(Node(forwards), Node(backwards));
  backwards.back().value = 1;
  EXPECT_NE(Node(forwards), Node(backwards));
}

TEST(Node, KindsAreNamedAsAUserWouldSay) {
  EXPECT_EQ(to_string(Node::Kind::null), "null");
  EXPECT_EQ(to_string(Node(true).kind()), "bool");
  EXPECT_EQ(to_string(Node(1).kind()), "integer");
  EXPECT_EQ(to_string(Node(1.5).kind()), "number");
  EXPECT_EQ(to_string(Node("").kind()), "string");
  EXPECT_EQ(to_string(Node::Kind::array), "list");
  EXPECT_EQ(to_string(Node::Kind::map), "map");
}

}  // namespace
}  // namespace gantry::base

#include "base/yaml.h"

#include "base/show.h"

#include <gtest/gtest.h>

namespace gantry::base {
namespace {

// All documents in one line, or the error with its place.
std::string read(std::string_view yaml, const YamlOptions& options = {}) {
  const Result<std::vector<Node>> documents = load_yaml(yaml, "test.yaml", options);
  if (!documents) return show(Result<Node>(std::unexpected(documents.error())));
  std::string text;
  for (const Node& document : *documents) text += (text.empty() ? "" : " / ") + show(document);
  return text;
}

TEST(Yaml, Positions) {
  const Result<Node> node = load_yaml_document("a: 1\nb:\n  - x\n  - {y1: z}\nc:\nd: ~\n", "test.yaml");
  ASSERT_TRUE(node);
  EXPECT_EQ(to_string(node->pos()), "test.yaml:1:1");
  EXPECT_EQ(to_string(node->find("a")->pos()), "test.yaml:1:4");
  EXPECT_EQ(to_string(*node->key_pos("b")), "test.yaml:2:1");
  EXPECT_EQ(to_string(node->find("b", 0)->pos()), "test.yaml:3:5");
  EXPECT_EQ(to_string(node->find("b", 1)->pos()), "test.yaml:4:5");
  EXPECT_EQ(to_string(node->find("b", 1, "y1")->pos()), "test.yaml:4:10");
  EXPECT_EQ(to_string(*node->find("b", 1)->key_pos("y1")), "test.yaml:4:6");
  EXPECT_EQ(to_string(node->find("c")->pos()), "test.yaml:5:1");
  EXPECT_EQ(to_string(node->find("d")->pos()), "test.yaml:6:4");
}

TEST(Yaml, Documents) {
  EXPECT_EQ(read("a: 1\n---\nb: 2\n"), "{\"a\": 1} / {\"b\": 2}");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("---\n---\n# nothing\n---\nnull\n...\n"), "");
}

TEST(Yaml, MergeKeys) {
  EXPECT_EQ(read("a: &a {x: 1, z: 2}\nb: {<<: *a, z: 3}\n"), "{\"a\": {\"x\": 1, \"z\": 2}, \"b\": {\"x\": 1, \"z\": 3}}");
}

TEST(Yaml, RepeatedKeys) {
  EXPECT_EQ(read("a: 1\nb: 2\n\"a\": 3\n"), "3:1: key \"a\" is repeated; it was first written in line 1, column 1");
}

}  // namespace
}  // namespace gantry::base

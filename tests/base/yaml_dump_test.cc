#include "base/any_node.h"
#include "base/show.h"
#include "base/yaml.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace gantry::base {
namespace {

Node map(std::string_view key, Node value) { return Node(Node::Map{{std::string(key), std::move(value), {}}}); }

TEST(DumpYaml, BlockStyle) {
  const Node node(Node::Map{
      {"kind", "Pod", {}},
      {"spec",
       Node(Node::Map{
           {"containers",
            Node(Node::Array{
                Node(Node::Map{{"name", "web", {}}, {"ports", Node(Node::Array{map("containerPort", 80)}), {}}}),
                Node(Node::Map{{"name", "side", {}}, {"args", Node(Node::Array{"--v", "a b"}), {}}})}),
            {}}}),
       {}},
      {"matrix",
       Node(Node::Array{Node(Node::Array{1, 2}), Node::empty_array(), Node(Node::Array{Node(Node::Array{3})})}),
       {}},
      {"none", Node(), {}},
      {"empty", Node::empty_map(), {}},
      {"list", Node::empty_array(), {}},
  });
  EXPECT_EQ(dump_yaml(node),
            "kind: Pod\n"
            "spec:\n"
            "  containers:\n"
            "    - name: web\n"
            "      ports:\n"
            "        - containerPort: 80\n"
            "    - name: side\n"
            "      args:\n"
            "        - --v\n"
            "        - a b\n"
            "matrix:\n"
            "  - - 1\n"
            "    - 2\n"
            "  - []\n"
            "  - - - 3\n"
            "none: null\n"
            "empty: {}\n"
            "list: []\n");
}

TEST(DumpYaml, Scalars) {
  struct Case {
    Node node;
    std::string_view text;
  };
  const Case cases[] = {
      {Node(), "null"},
      {true, "true"},
      {-3, "-3"},
      {1.5, "1.5"},
      {1.0, "1.0"},
      {1e22, "1e+22"},
      {1e-7, "1e-07"},
      {"web", "web"},
      {"registry.example.com/web:1.2", "registry.example.com/web:1.2"},
      {"a b, c [d] {e}", "a b, c [d] {e}"},
      {"100m", "100m"},
      {"1.2.3", "1.2.3"},
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"--port=8080", "--port=8080"},
      {"日本 é 😀", "日本 é 😀"},
      {"it's", "it's"},
      {"", "\"\""},
      {"true", "\"true\""},
      {"yes", "\"yes\""},
      {"n", "\"n\""},
      {"null", "\"null\""},
      {"~", "\"~\""},
      {"1", "\"1\""},
      {"0777", "\"0777\""},
      {"1_0", "\"1_0\""},
      {"1e3", "\"1e3\""},
      {".5", "\".5\""},
      {".inf", "\".inf\""},
      {"12:30:45", "\"12:30:45\""},
      {"2001-01-01", "\"2001-01-01\""},
      {"<<", "\"<<\""},
      {"=", "\"=\""},
      {"a: b", "\"a: b\""},
      {"a:", "\"a:\""},
      {"a #b", "\"a #b\""},
      {" a", "\" a\""},
      {"a ", "\"a \""},
      {"- a", "\"- a\""},
      {"-", "\"-\""},
      {"---", "\"---\""},
      {"*a", "\"*a\""},
      {"\"a\"", "\"\\\"a\\\"\""},
      {"a\tb", "\"a\\tb\""},
      {"\x1B", "\"\\x1B\""},
      {"\u0085", "\"\\x85\""},
      {"\u2028", "\"\\u2028\""},
      {"\uFEFF", "\"\\uFEFF\""},
      {" a\nb", "\" a\\nb\""},
      {"\n", "\"\\n\""},
      {"a\r\nb", "\"a\\r\\nb\""},
      {"a\xFF", "\"a\uFFFD\""},
  };
  for (const Case& c : cases) EXPECT_EQ(dump_yaml(map("k", c.node)), fmt::format("k: {}\n", c.text)) << show(c.node);
}

TEST(DumpYaml, LinesAsLiteralBlocks) {
  struct Case {
    std::string_view value;
    std::string_view yaml;
  };
  constexpr Case kCases[] = {
      {"a\nb", "k: |-\n  a\n  b\nz: 1\n"},
      {"a\n", "k: |\n  a\nz: 1\n"},
      {"a\n\n  b\n", "k: |\n  a\n\n    b\nz: 1\n"},
      {"a\n\n\n", "k: |+\n  a\n\n\nz: 1\n"},
      {"a \n\tb\n# c: -\n", "k: |\n  a \n  \tb\n  # c: -\nz: 1\n"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(dump_yaml(Node(Node::Map{{"k", c.value, {}}, {"z", 1, {}}})), c.yaml) << c.value;
  }
  EXPECT_EQ(dump_yaml("a\nb\n"), "|\n  a\n  b\n");
  EXPECT_EQ(dump_yaml(Node(Node::Array{"a\nb"})), "- |-\n  a\n  b\n");
}

TEST(DumpYaml, Keys) {
  EXPECT_EQ(dump_yaml(map("app.kubernetes.io/name", 1)), "app.kubernetes.io/name: 1\n");
  EXPECT_EQ(dump_yaml(map("yes", 1)), "\"yes\": 1\n");
  EXPECT_EQ(dump_yaml(map("80", 1)), "\"80\": 1\n");
  EXPECT_EQ(dump_yaml(map("", 1)), "\"\": 1\n");
  EXPECT_EQ(dump_yaml(map("a\nb", 1)), "\"a\\nb\": 1\n");
  const std::string long_key(2000, 'k');
  EXPECT_EQ(dump_yaml(Node(Node::Array{map(long_key, Node(Node::Array{1}))})), "- ? " + long_key + "\n  :\n    - 1\n");
}

void comes_back(const Node& node, ScalarRules rules) {
  const std::string yaml = dump_yaml(node);
  const Result<Node> loaded = load_yaml_document(yaml, "test.yaml", {.rules = rules, .limits = {}});
  if (!loaded) RC_FAIL(describe(loaded.error()) + yaml);
  if (!(*loaded == node)) RC_FAIL(show(*loaded) + "\nfrom\n" + yaml);
}

RC_GTEST_PROP(DumpYaml, EveryTreeComesBackForKubectl, ()) { comes_back(*any_node(), ScalarRules::kubectl); }
RC_GTEST_PROP(DumpYaml, EveryTreeComesBackForKustomize, ()) {
  comes_back(*any_node(), ScalarRules::kustomize_resource);
}

RC_GTEST_PROP(DumpYaml, EveryTextComesBack, ()) {
  const std::string text = *any_text();
  comes_back(Node(Node::Array{text, map("a", text), map(text, text)}), ScalarRules::kubectl);
  comes_back(text, ScalarRules::core);
}

}  // namespace
}  // namespace gantry::base

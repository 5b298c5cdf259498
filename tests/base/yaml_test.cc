// Documents, structure, positions and limits. What single scalars mean is in yaml_scalar_test.cc. Unless a comment says
// otherwise, kubectl 1.32.4 reads the accepted texts alike and refuses the refused ones.

#include "base/yaml.h"

#include "base/show.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

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

struct Case {
  std::string_view yaml;
  std::string_view expected;
};

void check(std::span<const Case> cases, const YamlOptions& options = {}) {
  for (const Case& c : cases) EXPECT_EQ(read(c.yaml, options), c.expected) << c.yaml;
}

constexpr YamlOptions kKustomize{.rules = ScalarRules::kustomize_resource, .limits = {}};
constexpr YamlOptions kCore{.rules = ScalarRules::core, .limits = {}};

TEST(Yaml, Documents) {
  constexpr Case kCases[] = {
      {"", ""},
      {"\n \n", ""},
      {"# only a comment", ""},
      {"---\n", ""},
      {"---\n---\n# nothing\n---\nnull\n...\n", ""},
      {"a: 1", "{\"a\": 1}"},
      {"a: 1\n---\nb: 2\n", "{\"a\": 1} / {\"b\": 2}"},
      {"---\na: 1\n--- # comment\nb: 2\n...\n", "{\"a\": 1} / {\"b\": 2}"},
      {"# first\n---\n# second\na: 1\n---\n# third\n", "{\"a\": 1}"},
      {"a: 1\n...\n---\nb: 2\n", "{\"a\": 1} / {\"b\": 2}"},
      {"a: |\n  x\n  ---\n  y\n", "{\"a\": \"x\n---\ny\n\"}"},
      {"a: 1\r\n---\r\nb: |\r\n  x\r\n  y\r\n", "{\"a\": 1} / {\"b\": \"x\ny\n\"}"},
      {"\xEF\xBB\xBF---\na: 1\n", "{\"a\": 1}"},  // a byte order mark
      {"{\"a\": [1, \"b\"]}", "{\"a\": [1, \"b\"]}"},
      {"- 1\n- [2, {b: c}]\n", "[1, [2, {\"b\": \"c\"}]]"},
      {"word\n", "\"word\""},
      {"%YAML 1.1\n---\na: 1\n",
       "{\"a\": 1}"},  // kustomize takes directives; kubectl refuses them at the start of a file
  };
  check(kCases);
}

TEST(Yaml, Structure) {
  constexpr Case kCases[] = {
      {"a:\n- 1\n-\n- - 2\n  - 3\n- b: 4\n  c: 5\n", "{\"a\": [1, null, [2, 3], {\"b\": 4, \"c\": 5}]}"},
      {"a:\n  b:\nc:\n", "{\"a\": {\"b\": null}, \"c\": null}"},
      {"a: {b, c: , \"d\":1, e: [x, ], f: {}}\n",
       "{\"a\": {\"b\": null, \"c\": null, \"d\": 1, \"e\": [\"x\"], \"f\": {}}}"},
      {"a: [b: c, ? d : e, ? f]\n", "{\"a\": [{\"b\": \"c\"}, {\"d\": \"e\"}, {\"f\": null}]}"},
      {"a: [\n  1,\n  2\n]\n", "{\"a\": [1, 2]}"},
      {"? a\n? b\n: 1\n", "{\"a\": null, \"b\": 1}"},
      {"? |\n  a\n: 1\n", "{\"a\n\": 1}"},
      {"a: x y\n  z\n\n  w # comment\n", "{\"a\": \"x y z\nw\"}"},
      {"a: \"x\n  y\\\n  z\n\n  w\"\n", "{\"a\": \"x yz\nw\"}"},
      {"a: 'x\n\n y'\n", "{\"a\": \"x\ny\"}"},
      {"a: |\n  x\n   y\n\n  z\n\n", "{\"a\": \"x\n y\n\nz\n\"}"},
      {"a: |-\n  x\n\nb: |+\n  x\n\n", "{\"a\": \"x\", \"b\": \"x\n\n\"}"},
      {"a: >\n  x\n  y\n\n  z\n   w\n  v\n", "{\"a\": \"x y\nz\n w\nv\n\"}"},
      {"a: |2\n   x\n  y\n", "{\"a\": \" x\ny\n\"}"},
      {"a: |\nb: 1\n", "{\"a\": \"\", \"b\": 1}"},
      {"a:\t1\t\nb: x\ty\n", "{\"a\": 1, \"b\": \"x\ty\"}"},
      {"a: http://x:80/y#z\nb: [a:b, http://x:80/y, -v, --x=1]\n",
       "{\"a\": \"http://x:80/y#z\", \"b\": [\"a:b\", \"http://x:80/y\", \"-v\", \"--x=1\"]}"},
      {"a: [-]\n", "{\"a\": [\"-\"]}"},
      {"a: !!map\n  b: !!seq\n    - 1\n", "{\"a\": {\"b\": [1]}}"},
      {"a: {b:1}\n", "{\"a\": {\"b:1\": null}}"},
      {"\"\\N\\_\\L\\P\\e\\x85\": é\n", "{\"\u0085\u00A0\u2028\u2029\x1B\u0085\": \"é\"}"},
  };
  check(kCases);
}

TEST(Yaml, Aliases) {
  constexpr Case kCases[] = {
      {"a: &x 1\nb: *x\n", "{\"a\": 1, \"b\": 1}"},
      {"a: &x {b: [1]}\nc: *x\nd: [*x , *x ]\n",
       "{\"a\": {\"b\": [1]}, \"c\": {\"b\": [1]}, \"d\": [{\"b\": [1]}, {\"b\": [1]}]}"},
      {"a: &x 1\nb: &x 2\nc: *x\n", "{\"a\": 1, \"b\": 2, \"c\": 2}"},
      {"a: &x\nb: *x\n", "{\"a\": null, \"b\": null}"},
      {"a: &x !!str 1\nb: !!str &y 2\nc: [*x , *y ]\n", "{\"a\": \"1\", \"b\": \"2\", \"c\": [\"1\", \"2\"]}"},
      {"&k key: 1\nb: *k\n", "{\"key\": 1, \"b\": \"key\"}"},
      {"a: &k foo\n*k : 1\n", "{\"a\": \"foo\", \"foo\": 1}"},
      {"a: &outer [&inner {b: 1}, *inner ]\nc: *outer\n",
       "{\"a\": [{\"b\": 1}, {\"b\": 1}], \"c\": [{\"b\": 1}, {\"b\": 1}]}"},
      {"a: *x\n", "1:4: not valid YAML: this alias has no anchor before it"},
      {"a: &x 1\n---\nb: *x\n", "3:4: not valid YAML: this alias has no anchor before it"},
      {"a: &x [1, *x ]\n",
       "1:11: an alias stands inside the value that it repeats"},  // kubectl refuses, kustomize crashes
      {"a: &k [1]\n*k : 1\n", "2:1: the alias used as a key is no text (list)"},
  };
  check(kCases);
}

TEST(Yaml, MergeKeys) {
  constexpr Case kCases[] = {
      {"a: &a {x: 1, z: 2}\nb: {<<: *a, z: 3}\n", "{\"a\": {\"x\": 1, \"z\": 2}, \"b\": {\"x\": 1, \"z\": 3}}"},
      {"a: &a {x: 1}\nc: &c {x: 5, w: 6}\nb: {<<: [*a , *c ], z: 3}\n",
       "{\"a\": {\"x\": 1}, \"c\": {\"x\": 5, \"w\": 6}, \"b\": {\"x\": 1, \"w\": 6, \"z\": 3}}"},
      {"b: {<<: {q: 1}, z: 3}\n", "{\"b\": {\"q\": 1, \"z\": 3}}"},
      {"a: &a {x: 1}\nc: &c {<<: *a, z: 1}\nb: {<<: *c}\n",
       "{\"a\": {\"x\": 1}, \"c\": {\"x\": 1, \"z\": 1}, \"b\": {\"x\": 1, \"z\": 1}}"},
      {"a: &a {x: {p: 1}}\nb:\n  <<: *a\n  x: {q: 1}\n", "{\"a\": {\"x\": {\"p\": 1}}, \"b\": {\"x\": {\"q\": 1}}}"},
      {"b: {!!merge <<: {q: 1}}\n", "{\"b\": {\"q\": 1}}"},
      {"b: {<<: {}}\n", "{\"b\": {}}"},
      {"a: [a, <<]\nb: <<\n", "{\"a\": [\"a\", \"<<\"], \"b\": \"<<\"}"},
      {"b: {<<: 3}\n", "1:9: \"<<\" merges maps, and this is no map (integer)"},
      {"b: {<<: }\n", "1:5: \"<<\" merges maps, and this is no map (null)"},
      {"b: {<<: [{}, [3]]}\n", "1:14: \"<<\" merges maps, and this is no map (list)"},
      {"b: {<<: {q: 1}, z: 1, z: 2}\n", "1:23: key \"z\" is repeated; it was first written in line 1, column 17"},
      // kubectl takes both; kustomize refuses, and so do we.
      {"a: &a {x: 1}\nb: {<<: *a, <<: *a}\n", "2:13: key \"<<\" is repeated; it was first written in line 2, column 5"},
  };
  check(kCases);
  EXPECT_EQ(read("b: {\"<<\": {q: 1}}\n"), "{\"b\": {\"<<\": {\"q\": 1}}}");
}

// kubectl assigns in the order of the text, so "<<" replaces what stands before it. For kustomize a map's own keys win.
TEST(Yaml, MergeKeysAfterAMapsOwnKeys) {
  constexpr std::string_view kYaml = "a: &a {x: 1, z: 2}\nb: {z: 3, <<: *a}\n";
  EXPECT_EQ(read(kYaml), "{\"a\": {\"x\": 1, \"z\": 2}, \"b\": {\"z\": 2, \"x\": 1}}");
  EXPECT_EQ(read(kYaml, kKustomize), "{\"a\": {\"x\": 1, \"z\": 2}, \"b\": {\"z\": 3, \"x\": 1}}");
  EXPECT_EQ(read(kYaml, kCore), "{\"a\": {\"x\": 1, \"z\": 2}, \"b\": {\"z\": 3, \"x\": 1}}");
}

// kubectl lets the last one win without a word; kustomize refuses, and so do we.
TEST(Yaml, RepeatedKeys) {
  constexpr Case kCases[] = {
      {"a: 1\nb: 2\n\"a\": 3\n", "3:1: key \"a\" is repeated; it was first written in line 1, column 1"},
      {"a: {b: 1, b: 2}\n", "1:11: key \"b\" is repeated; it was first written in line 1, column 5"},
      {"1: x\n\"1\": z\n", "2:1: key \"1\" is repeated; it was first written in line 1, column 1"},
      {"yes: x\ntrue: z\n", "2:1: key \"true\" is repeated; it was first written in line 1, column 1"},
      {"a: 1\n---\na: 1\n", "{\"a\": 1} / {\"a\": 1}"},
  };
  check(kCases);
}

TEST(Yaml, Positions) {
  const Result<Node> node = load_yaml_document("# top\na: 1\nb:\n  - x\n  - {y1: z}\nc:\nd: ~\né: 'ü' \n", "test.yaml");
  ASSERT_TRUE(node);
  EXPECT_EQ(to_string(node->pos()), "test.yaml:2:1");
  EXPECT_EQ(to_string(node->find("a")->pos()), "test.yaml:2:4");
  EXPECT_EQ(to_string(*node->key_pos("b")), "test.yaml:3:1");
  EXPECT_EQ(to_string(node->find("b", 0)->pos()), "test.yaml:4:5");
  EXPECT_EQ(to_string(node->find("b", 1)->pos()), "test.yaml:5:5");
  EXPECT_EQ(to_string(node->find("b", 1, "y1")->pos()), "test.yaml:5:10");
  EXPECT_EQ(to_string(*node->find("b", 1)->key_pos("y1")), "test.yaml:5:6");
  EXPECT_EQ(to_string(node->find("c")->pos()), "test.yaml:6:1");  // nothing is written: the place of its key
  EXPECT_EQ(to_string(node->find("d")->pos()), "test.yaml:7:4");
  EXPECT_EQ(to_string(node->find("é")->pos()), "test.yaml:8:5");  // columns count bytes
}

TEST(Yaml, PositionsInLaterDocuments) {
  const auto documents = load_yaml("a: 1\r\n---\r\n# c\r\nb:\r\n  c: x\r\n", "test.yaml");
  ASSERT_TRUE(documents);
  EXPECT_EQ(to_string(documents->at(1).pos()), "test.yaml:4:1");
  EXPECT_EQ(to_string(documents->at(1).find("b", "c")->pos()), "test.yaml:5:6");
}

// LS ends a line for libyaml, but not for editors, nor for us.
TEST(Yaml, PositionsCountBytesAndLineFeeds) {
  const Result<Node> node = load_yaml_document("# \u2028# é\n\"éé\": 'é\u2028🚀'\nb:\n-\n- é: x\n", "test.yaml");
  ASSERT_TRUE(node);
  EXPECT_EQ(to_string(node->map()[0].key_pos), "test.yaml:2:1");
  EXPECT_EQ(to_string(node->map()[0].value.pos()), "test.yaml:2:9");
  EXPECT_EQ(to_string(*node->key_pos("b")), "test.yaml:3:1");
  EXPECT_EQ(to_string(node->find("b", 0)->pos()), "test.yaml:4:2");  // nothing is written: after the dash
  EXPECT_EQ(to_string(node->find("b", 1, "é")->pos()), "test.yaml:5:7");
}

TEST(Yaml, AliasesAndMergedKeysPointToWhereTheyAreWritten) {
  const Result<Node> node = load_yaml_document("a: &a\n  x: 1\nb: *a\nc:\n  <<: *a\n", "test.yaml");
  ASSERT_TRUE(node);
  EXPECT_EQ(to_string(node->find("b", "x")->pos()), "test.yaml:2:6");
  EXPECT_EQ(to_string(*node->find("c")->key_pos("x")), "test.yaml:2:3");
}

TEST(Yaml, NotYaml) {
  constexpr Case kCases[] = {
      {"a: b: c\n", "1:5: not valid YAML: a key or a \": \" cannot stand here"},
      {"a:\n\tb: 1\n", "2:1: not valid YAML: no text can start with this character"},
      {"a:\n    b: 1\n  c: 2\n", "3:3: not valid YAML: this line continues neither the map above nor any around it"},
      {"a:\n  b: 1\n   c: 2\n", "3:5: not valid YAML: a key or a \": \" cannot stand here"},
      {"a\nb: 1\n", "2:2: not valid YAML: a key or a \": \" cannot stand here"},
      {"a: [1, 2\n", "1:4: not valid YAML: a \"[\" is not closed"},
      {"a: [1, 2]]\n", "1:10: not valid YAML: a bracket closes nothing"},
      {"a: {b: 1\n", "1:4: not valid YAML: a \"{\" is not closed"},
      {"a: 'b' c\n", "1:8: not valid YAML: something follows the value"},
      {"a: @b\n", "1:4: not valid YAML: no text can start with this character"},
      {"a: `b`\n", "1:4: not valid YAML: no text can start with this character"},
      {"a: %b\n", "1:4: not valid YAML: no text can start with this character"},
      {"a: - b\n", "1:4: not valid YAML: a list item cannot stand here"},
      {"a: \"\\q\"\n", "1:5: not valid YAML: \"\\\" and this character mean nothing together"},
      {"a: \"\\ud800\"\n", "1:7: not valid YAML: the digits after a \"\\\" stand for no character"},
      {"name: {{ .Values.name }}\n", "1:8: a map is used as a key"},
      {"{{- if .Values.on }}\na: 1\n", "1:2: a map is used as a key"},
      {"a: 1\n<<<<<<< HEAD\nb: 2\n", "2:1: not valid YAML: this line of a map has no \":\""},
      {"a: 1\rb: 2\r", "1:5: a carriage return without a line feed"},  // kubectl takes it for the end of a line
      {"[a]: 1\n", "1:1: a list is used as a key"},
  };
  check(kCases);
}

// Damage that a parser can overlook, and kubectl does not.
TEST(Yaml, DamagedManifestsAreRefused) {
  constexpr Case kCases[] = {
      {"a: \"b\n", "1:4: not valid YAML: a quote is not closed"},
      {"a: 'b\n", "1:4: not valid YAML: a quote is not closed"},
      {"a: 'it''s\n", "1:4: not valid YAML: a quote is not closed"},
      {"a: \"b\\\"\n", "1:4: not valid YAML: a quote is not closed"},
      {"a: &x !!str \"b\n", "1:13: not valid YAML: a quote is not closed"},
      {"a: 'it''s'\n", "{\"a\": \"it's\"}"},
      {"a: \"b\\\\\"\n", "{\"a\": \"b\\\"}"},
      {"a:\n  b: 1\n  two words\n", "3:3: not valid YAML: this line of a map has no \":\""},
      {"a:\n  - b: 1\n    c\n  - d\n", "3:5: not valid YAML: this line of a map has no \":\""},
      {"a: 1\nb", "2:1: not valid YAML: this line of a map has no \":\""},
      {"a: 1\n\"b\n", "2:1: not valid YAML: a quote is not closed"},
      {"a: [1,,2]\n", "1:7: not valid YAML: nothing stands between the commas or brackets of a list"},
      {"a: [,]\n", "1:5: not valid YAML: nothing stands between the commas or brackets of a list"},
      {"[a], b\n", "1:4: not valid YAML: something follows the value"},
      {"{a: 1}, {b: 1}\n", "1:7: not valid YAML: something follows the value"},
      {"[a] ]\n", "1:5: not valid YAML: a bracket closes nothing"},
      {"[a] }\n", "1:5: not valid YAML: a bracket closes nothing"},
      {"\"a\", b\n", "1:4: not valid YAML: something follows the value"},
      {"a: 1\n}\n", "2:1: not valid YAML: a bracket closes nothing"},
      {"---\n]\n", "2:1: not valid YAML: a bracket closes nothing"},
      {"a: [1,]\n", "{\"a\": [1]}"},
      {"a: [null, ~]\n", "{\"a\": [null, null]}"},
  };
  check(kCases);
}

// What yaml-cpp 0.7 took, or took for something else: a directive swallowed the line, an anchor the text after it, a tag that
// nothing declares was ignored, and so were tabs after a dash.
TEST(Yaml, OddManifestsAreReadAsKubectlDoes) {
  constexpr Case kCases[] = {
      {"a: 1\n%x: 2\n", "2:1: not valid YAML: this line is no directive"},
      {"%x: 1\n", "1:1: not valid YAML: this line is no directive"},
      {"a: &x:y 1\n", "{\"a\": \":y 1\"}"},
      {"a: &é 1\n", "1:4: not valid YAML: an \"&\" without a name"},
      {"a: *\n", "1:4: not valid YAML: a \"*\" without a name"},
      {"a:\n-\tx\n", "2:2: not valid YAML: no text can start with this character"},
      {"a: [?x]\n", "{\"a\": [{\"x\": null}]}"},
      {"a: {x: :y}\n", "1:8: not valid YAML: nothing stands between the commas or brackets of a list"},
      {"a: {:x}\n", "1:5: not valid YAML: nothing stands between the commas or brackets of a list"},
      {"a: !x!y 1\n", "1:4: not valid YAML: nothing declares the start of this tag"},
      {"a: !<> 1\n", "1:4: not valid YAML: this is no tag"},
      {"a: ! 12\nb: !!str 12\n", "{\"a\": \"12\", \"b\": \"12\"}"},
      {"a: \uFFFF\n", "1:4: not valid YAML: this character may stand in no text"},
      {"a: x\u2028y\n", "1:8: not valid YAML: this line of a map has no \":\""},  // LS ends a line in YAML 1.1
  };
  check(kCases);
}

// YAML 1.2 has both, and so has libyaml 0.2.5; kubectl and kustomize refuse them.
TEST(Yaml, QuestionMarksBetweenBracketsAndEscapedSlashes) {
  constexpr Case kCases[] = {
      {"a: [http://x/y?z=1]\n", "1:5: not valid YAML 1.1: between brackets, a text with \"?\" needs quotes"},
      {"a: [x, {y?: [1]}]\n", "1:9: not valid YAML 1.1: between brackets, a text with \"?\" needs quotes"},
      {"a: \"x\\/y\"\n", "1:6: not valid YAML 1.1: \"\\/\" is no escape"},
      {"a: [\"b?\", 'c?']\nd: e?\n", "{\"a\": [\"b?\", \"c?\"], \"d\": \"e?\"}"},
      {"a: [[1], 2]\nb: [{c: d}]\ne: f?\n", "{\"a\": [[1], 2], \"b\": [{\"c\": \"d\"}], \"e\": \"f?\"}"},
      {"a: \"x\\\\/y\"\nb: '\\/'\n", "{\"a\": \"x\\/y\", \"b\": \"\\/\"}"},
  };
  check(kCases);
}

// kubectl ends the last line of a file that does not; kustomize and our own files take the text as it is.
TEST(Yaml, ABlockScalarAtTheEndOfAFile) {
  for (const std::string_view header : {"|", ">", "|+"}) {
    const std::string yaml = fmt::format("a: {}\n  x", header);
    EXPECT_EQ(read(yaml), "{\"a\": \"x\n\"}") << yaml;
    EXPECT_EQ(read(yaml, kKustomize), "{\"a\": \"x\"}") << yaml;
    EXPECT_EQ(read(yaml, kCore), "{\"a\": \"x\"}") << yaml;
  }
  EXPECT_EQ(read("a: |-\n  x"), "{\"a\": \"x\"}");
}

TEST(Yaml, ErrorsStandWhereTheDamageIs) {
  constexpr Case kCases[] = {
      {"a: 1\nb: \"x\nc: 1\nd: 2\n", "2:4: not valid YAML: a quote is not closed"},
      {"a: 1\nb\nc: 1\nd: 2\n", "2:1: not valid YAML: this line of a map has no \":\""},
      {"a: [1,\nb:\n  - 1\n", "3:3: not valid YAML: this cannot stand between brackets"},
      {"a: [1, 2\nb: 3\n",
       "2:2: not valid YAML: a comma is missing before this, or the bracket of line 1, column 4 is not closed"},
      {"a: &x [1,\n", "1:4: not valid YAML: a bracket is not closed"},
      {"a: [\"x\" \"y\"]\n",
       "1:9: not valid YAML: a comma is missing before this, or the bracket of line 1, column 4 is not closed"},
      {"é: 'ü' x\n", "1:10: not valid YAML: something follows the value"},
      {"# \u2028\n# é\na: ]\n", "3:4: not valid YAML: a bracket closes nothing"},
      {"a: 1\n- b\n", "2:1: not valid YAML: this line continues neither the map above nor any around it"},
      {"a: |x\n  y\n", "1:5: not valid YAML: text stands in the line of a \"|\" or \">\""},
  };
  check(kCases);
}

TEST(Yaml, NotText) {
  constexpr Case kCases[] = {
      {"a: \xFF\n", "1:4: byte 0xFF is not UTF-8"},
      {"a: 1\nb: \xC3\n", "2:4: byte 0xC3 is not UTF-8"},
      {"\xFF\xFE"
       "a\0",
       "1:1: the file is UTF-16"},
      {{"a: 1\nb: \0\n", 10}, "2:4: control character 0x00: this looks like binary data"},
      {{"\x7F"
        "ELF\x02\x01\x01\0",
        8},
       "1:1: control character 0x7F: this looks like binary data"},
      {"a: \"\x07\"\n", "1:5: control character 0x07: this looks like binary data"},
      {"a: \xC2\x9F\n", "1:4: control character 0xC2: this looks like binary data"},
      {"a: \"\\a\\0\"\n", std::string_view("{\"a\": \"\a\0\"}", 11)},
  };
  check(kCases);
}

TEST(Yaml, ErrorsSayWhatToDo) {
  const auto refused = load_yaml("name: {{ .Values.name }}\n", "templates/web.yaml");
  ASSERT_FALSE(refused);
  EXPECT_EQ(describe(refused.error()),
            "error: a map is used as a key\n"
            "   --> templates/web.yaml:1:8\n"
            "  help: write the key as text; render templates such as {{ name }} first, or quote them\n");
}

TEST(Yaml, HelpFitsTheDamage) {
  constexpr Case kCases[] = {
      {"a: 1\n<<<<<<< HEAD\nb: 2\n", "this is a merge conflict; resolve it first"},
      {"a: 1\n=======\n", "this is a merge conflict; resolve it first"},
      {"a: 1\n{{- if .Values.on }}\n", "this looks like a template; render it first, or quote the braces"},
      {"a:\n\tb: 1\n", "indent with spaces, not tabs"},
      {"a: b: c\n", "check the indentation; quote a text that has \": \" in it"},
      {"a: @b\n", "quote the text"},
      {"a: \"b\n", "close the quote"},
      {"a: 1\nb\n", "write `key: value`"},
  };
  for (const Case& c : kCases) {
    const auto refused = load_yaml(c.yaml, "test.yaml");
    ASSERT_FALSE(refused) << c.yaml;
    EXPECT_EQ(refused.error().help, c.expected) << c.yaml;
  }
}

TEST(Yaml, OneDocument) {
  EXPECT_EQ(show(load_yaml_document("a: 1\n---\n", "test.yaml")), "{\"a\": 1}");
  EXPECT_EQ(show(load_yaml_document("# nothing\n", "test.yaml")), "null");
  EXPECT_EQ(to_string(load_yaml_document("", "test.yaml")->pos()), "test.yaml");
  EXPECT_EQ(show(load_yaml_document("a: 1\n---\nb: 2\n", "test.yaml")), "3:1: 2 documents where one is expected");
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(YamlLimits, Size) {
  const YamlOptions small{.limits = {.bytes_max = 1 << 20}};
  EXPECT_EQ(read(repeat("# a\n", 1 << 20), small), "0:0: the file is 4 MB; the limit is 1 MB");
  EXPECT_EQ(read(std::string(100 << 20, 'a')), "0:0: the file is 100 MB; the limit is 64 MB");
}

TEST(YamlLimits, Depth) {
  const YamlOptions shallow{.limits = {.depth_max = 3}};
  EXPECT_EQ(read("a: {b: {c: 1}}\n", shallow), "{\"a\": {\"b\": {\"c\": 1}}}");
  EXPECT_EQ(read("a: {b: {c: [1]}}\n", shallow), "1:12: nested deeper than 3 levels");
  EXPECT_EQ(read("a: &a [1]\nb: &b [*a ]\nc: [[*b ]]\n", shallow), "2:4: nested deeper than 3 levels by aliases");
  std::string blocks;
  for (std::size_t i = 0; i < 2'000; ++i) blocks += std::string(i, ' ') + "a:\n";
  EXPECT_EQ(read(blocks), "201:201: nested deeper than 200 levels");
  EXPECT_EQ(read(repeat("- ", 10'000) + "a"), "1:401: nested deeper than 200 levels");
  EXPECT_EQ(read(repeat("[", 10'000) + repeat("]", 10'000)), "1:201: nested deeper than 200 levels");
  EXPECT_EQ(read(repeat("{a: ", 10'000) + repeat("}", 10'000)), "1:801: nested deeper than 200 levels");
}

TEST(YamlLimits, Values) {
  const YamlOptions few{.limits = {.nodes_max = 5}};
  EXPECT_EQ(read("[1, 2, 3, 4]", few), "[1, 2, 3, 4]");
  EXPECT_EQ(read("[1, 2, 3,\n 4, 5]", few), "2:5: more than 5 values in one file");
  EXPECT_EQ(read("a: 1\n---\nb: 2\n", few), "3:4: more than 5 values in one file");
}

// Each line repeats the one before ten times: a thousand million values, were they expanded.
TEST(YamlLimits, BillionLaughs) {
  std::string yaml = "a: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 9; ++i) {
    std::string aliases;
    for (int j = 0; j < 10; ++j) aliases += fmt::format("{}*a{} ", j > 0 ? ", " : "", i - 1);
    yaml += fmt::format("b{}: &a{} [{}]\n", i, i, aliases);
  }
  EXPECT_EQ(read(yaml), "6:46: anchors and aliases expand to more than 1000000 values");
}

// An anchor around an anchor around an anchor: the copies that anchors keep are charged as well.
TEST(YamlLimits, NestedAnchors) {
  std::string yaml;
  for (int i = 0; i < 150; ++i) yaml += fmt::format("&a{} [", i);
  yaml += repeat("1, ", 10'000) + repeat("]", 150);
  EXPECT_EQ(read(yaml), "1:291: anchors and aliases expand to more than 1000000 values");
}

// What is not closed is read to the end of the text, and may not cost much more than that: minutes where it grows with the square of the size,
// and some tenths of a second else, so that a busy machine has no part in it.
TEST(YamlLimits, OnePiece) {
  EXPECT_EQ(read("a: 1\nb: \"" + std::string(3 << 18, 'x')), "2:4: not valid YAML: a quote is not closed");
  EXPECT_EQ(read("a: 1\nb: [" + repeat("x, ", 1 << 18)), "2:4: not valid YAML: a \"[\" is not closed");
  const Result<Node> large = load_yaml_document("[" + repeat("{x: y}, ", 1 << 17) + "]", "test.yaml");
  ASSERT_TRUE(large);
  EXPECT_EQ(large->array().size(), std::size_t{1} << 17);
}

// Each is seconds or hours where the time grows with the square of the size.
TEST(YamlLimits, OddTextsAreNotQuadratic) {
  std::string directives;
  for (int i = 0; i < 200'000; ++i) directives += fmt::format("%TAG !a{}! tag:x\n", i);
  EXPECT_EQ(read(directives + "---\na: 1\n"), "101:1: more than 100 lines start with %TAG");
  EXPECT_EQ(load_yaml(repeat("- \"é/\"\n", 200'000), "test.yaml")->front().array().size(), 200'000u);
  EXPECT_EQ(read(repeat("? ", 1 << 20)), "1:3: a map is used as a key");
}

TEST(YamlLimits, BigMapsAreNotQuadratic) {
  std::string yaml;
  for (int i = 0; i < 50'000; ++i) yaml += fmt::format("key-{}: 1\n", i);
  EXPECT_EQ(load_yaml(yaml, "test.yaml")->front().map().size(), 50'000u);
  EXPECT_EQ(read(yaml + "key-777: 1\n"),
            "50001:1: key \"key-777\" is repeated; it was first written in line 778, column 1");
}

}  // namespace
}  // namespace gantry::base

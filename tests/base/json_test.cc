#include "base/json.h"

#include "base/any_node.h"
#include "base/show.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace gantry::base {
namespace {

std::string read(std::string_view json, const YamlLimits& limits = {}) {
  return show(load_json(json, "test.json", limits));
}

TEST(Json, Values) {
  struct Case {
    std::string_view json;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {"null", "null"},
      {" true ", "true"},
      {"null\r\n", "null"},
      {"false\n", "false"},
      {"12", "12"},
      {"-0", "0"},
      {"1.5", "1.5"},
      {"1.0", "1"},  // Kubernetes makes an integer of it on the way to the server
      {"1e3", "1000"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "9.223372036854776e+18"},
      {"123456789012345678901234567890", "1.2345678901234568e+29"},
      {"1e-400", "0"},
      {"1e-4009012345678901573246980", "0"},
      {"0.112345678920134567891", "0.11234567892013457"},
      {"\"\"", "\"\""},
      {R"("a\"\\\/\b\f\n\r\té\u00e9\ud83d\ude00")", "\"a\"\\/\b\f\n\r\téé😀\""},
      {"[]", "[]"},
      {"{}", "{}"},
      {"[1, [2, []], {\"a\": {}}]", "[1, [2, []], {\"a\": {}}]"},
      {"{\"b\": 1, \"a\": [true, null]}", "{\"b\": 1, \"a\": [true, null]}"},
      {R"({"a\"b": 1, "": 2})", "{\"a\"b\": 1, \"\": 2}"},
      {"\xEF\xBB\xBF{}", "{}"},  // a byte order mark
      {"\"\x7F\xC2\x80\"", "\"\x7F\xC2\x80\""},
  };
  for (const Case& c : kCases) EXPECT_EQ(read(c.json), c.expected) << c.json;
}

TEST(Json, ErrorsNameThePlaceAndTheReason) {
  struct Case {
    std::string_view json;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {"", "1:1: not valid JSON: there is no value"},
      {" \n ", "1:1: not valid JSON: there is no value"},
      {"{\"a\": 1,\n \"b\" 2}", "2:6: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"{\"a\": 1,\n \"b\": }", "2:7: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"{\"a\": 1,}", "1:9: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"{\"a\": 1", "1:8: not valid JSON: the text does not end with the bracket that closes it"},
      {"{a: 1}", "1:2: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"{1: 1}", "1:2: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"[1, 2", "1:6: not valid JSON: the text does not end with the bracket that closes it"},
      {"[1,\n 2,]", "2:4: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"[1 2]", "1:4: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"[1}", "1:4: not valid JSON: the text does not end with the bracket that closes it"},
      {"]", "1:2: not valid JSON: something follows the value"},
      {"{}}", "1:3: not valid JSON: something follows the value"},
      {"[] []", "1:4: not valid JSON: something follows the value"},
      {"1 2", "1:3: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"1, 2", "1:4: not valid JSON: something follows the value"},
      {"{}\n\nx", "3:2: not valid JSON: the text does not end with the bracket that closes it"},
      {"[true, truth]", "1:8: not valid JSON: a word that is none of true, false and null"},
      {"[nul]", "1:2: not valid JSON: a word that is none of true, false and null"},
      {"nulls", "1:1: not valid JSON: a word that is none of true, false and null"},
      {"[falsey]", "1:2: not valid JSON: a word that is none of true, false and null"},
      {"[01]", "1:2: not valid JSON: not a number, or one too large for any program"},
      {"[+1]", "1:2: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"[1.]", "1:2: not valid JSON: not a number, or one too large for any program"},
      {"[.5]", "1:2: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"[-]", "1:2: not valid JSON: not a number, or one too large for any program"},
      {"[1e400]", "1:2: not valid JSON: not a number, or one too large for any program"},
      {"falsey", "1:1: not valid JSON: a word that is none of true, false and null"},
      {"-2222424454448844444x", "1:1: not valid JSON: not a number, or one too large for any program"},
      {"[NaN]", "1:2: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"[\n  \"open]", "2:3: not valid JSON: a string is not closed"},
      {"[\n  \"line\nfeed\"]", "2:8: not valid JSON: a control character stands in a string"},
      {"[\"\\q\"]", "1:2: not valid JSON: an escape in a string is wrong"},
      {"[\"\\ud800\"]", "1:2: not valid JSON: an escape in a string is wrong"},
      {"[\"\\u12\"]", "1:2: not valid JSON: an escape in a string is wrong"},
      {"['a']", "1:2: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
      {"[1] // comment", "1:15: not valid JSON: the text does not end with the bracket that closes it"},
      {"{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", "3:2: key \"a\" is repeated; it was first written in line 1, column 2"},
      {"{\"a\": {\"\\u0061\": 1, \"a\": 2}}", "1:21: key \"a\" is repeated; it was first written in line 1, column 8"},
      {"[\"\xFF\"]", "1:3: byte 0xFF is not UTF-8"},
      {"\xFF\xFE[\0]\0", "1:1: the file is UTF-16"},
      {{"[\0]", 3}, "1:2: not valid JSON: a value, a comma, a colon or a bracket is missing or in excess"},
  };
  for (const Case& c : kCases) EXPECT_EQ(read(c.json), c.expected) << c.json;
}

TEST(Json, Limits) {
  EXPECT_EQ(read("[[[1]]]", {.depth_max = 3}), "[[[1]]]");
  EXPECT_EQ(read("[[{\"a\": [1]}]]", {.depth_max = 3}), "1:9: nested deeper than 3 levels");
  EXPECT_EQ(read("[1, 2,\n 3]", {.nodes_max = 3}), "2:2: more than 3 values in one file");
  EXPECT_EQ(read("[1, 2]", {.nodes_max = 3}), "[1, 2]");
  EXPECT_EQ(read(std::string(2 << 20, ' '), {.bytes_max = 1 << 20}), "0:0: the file is 2 MB; the limit is 1 MB");
}

TEST(Json, DeepNestingIsAnErrorNotACrash) {
  EXPECT_EQ(read(std::string(100'000, '[') + std::string(100'000, ']')), "1:201: nested deeper than 200 levels");
  std::string maps;
  for (int i = 0; i < 100'000; ++i) maps += "{\"a\":";
  EXPECT_EQ(read(maps + "1" + std::string(100'000, '}')), "1:1001: nested deeper than 200 levels");
}

TEST(Json, BigMapsAreNotQuadratic) {
  std::string json = "{";
  for (int i = 0; i < 50'000; ++i) json += fmt::format("\"key-{}\": {},", i, i);
  EXPECT_TRUE(load_json(json + "\"last\": 1}", "test.json"));
  EXPECT_FALSE(load_json(json + "\"key-77\": 1}", "test.json"));
}

TEST(Json, Positions) {
  const Result<Node> node = load_json("{\"a\": 1,\r\n  \"é\": [true,\n\n {\"b\" : null}]\n}", "test.json");
  ASSERT_TRUE(node);
  EXPECT_EQ(to_string(node->pos()), "test.json:1:1");
  EXPECT_EQ(to_string(*node->key_pos("a")), "test.json:1:2");
  EXPECT_EQ(to_string(node->find("a")->pos()), "test.json:1:7");
  EXPECT_EQ(to_string(*node->key_pos("é")), "test.json:2:3");
  EXPECT_EQ(to_string(node->find("é")->pos()), "test.json:2:9");  // columns count bytes
  EXPECT_EQ(to_string(node->find("é", 0)->pos()), "test.json:2:10");
  EXPECT_EQ(to_string(node->find("é", 1)->pos()), "test.json:4:2");
  EXPECT_EQ(to_string(*node->find("é", 1)->key_pos("b")), "test.json:4:3");
  EXPECT_EQ(to_string(node->find("é", 1, "b")->pos()), "test.json:4:9");
}

TEST(DumpJson, Compact) {
  const Node node(Node::Map{{"b", Node(Node::Array{1, 1.5, true, Node()}), {}},
                            {"a", Node::empty_map(), {}},
                            {"q\"", "tab\t nul\x01 é \x7F \\", {}},
                            {"c", Node::empty_array(), {}}});
  EXPECT_EQ(dump_json(node), R"({"b":[1,1.5,true,null],"a":{},"q\"":"tab\t nul\u0001 é )"
                             "\x7F"
                             R"( \\","c":[]})");
  EXPECT_EQ(dump_json(Node()), "null");
  EXPECT_EQ(dump_json(1.0), "1.0");
  EXPECT_EQ(dump_json(1e300), "1e+300");
  EXPECT_EQ(dump_json(std::nan("")), "null");
  EXPECT_EQ(dump_json(-INFINITY), "null");
  EXPECT_EQ(dump_json("a\xFF"), "\"a\uFFFD\"");
}

TEST(DumpJson, Indented) {
  const Node node(Node::Map{{"a", Node(Node::Array{1, Node(Node::Map{{"b", "c", {}}})}), {}},
                            {"d", Node::empty_map(), {}},
                            {"e", Node::empty_array(), {}}});
  EXPECT_EQ(dump_json(node, JsonStyle::indented),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"c\"\n    }\n  ],\n  \"d\": {},\n  \"e\": []\n}");
}

TEST(JsonQuote, QuotesAndEscapes) {
  EXPECT_EQ(json_quote("a\"b\n"), "\"a\\\"b\\n\"");
  EXPECT_EQ(json_quote(""), "\"\"");
}

RC_GTEST_PROP(Json, EveryTreeComesBack, ()) {
  const Node node = *any_node();
  const auto style = *rc::gen::element(JsonStyle::compact, JsonStyle::indented);
  const Result<Node> loaded = load_json(dump_json(node, style), "test.json");
  RC_ASSERT(loaded.has_value());
  RC_ASSERT(*loaded == node);
}

// The twin: nlohmann-json accepts the same texts, repeated keys aside, and NUL, which it takes for the end of the text.
RC_GTEST_PROP(Json, AcceptsWhatAnotherParserAccepts, ()) {
  std::string json = dump_json(*any_node());
  const auto at = *rc::gen::inRange<std::size_t>(0, json.size());
  const char byte = *rc::gen::element('"', '\\', ',', ':', '[', ']', '{', '}', '0', '1', '-', '+', '.', 'e', 'u', 'n',
                                      ' ', '\n', '\x01', '\xC3');
  if (*rc::gen::arbitrary<bool>()) {
    json[at] = byte;
  } else {
    json.insert(at, 1, byte);
  }
  const Result<Node> loaded = load_json(json, "test.json");
  const bool is_repeated = !loaded && loaded.error().message.contains("is repeated");
  RC_PRE(!is_repeated);
  RC_ASSERT(loaded.has_value() == nlohmann::json::accept(json));
}

}  // namespace
}  // namespace gantry::base

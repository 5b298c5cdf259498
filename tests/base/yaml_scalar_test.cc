// What a scalar means. The columns "kubectl" and "kustomize" are observations of kubectl 1.32.4: of
// `kubectl annotate --local -f - -o json` and of `kubectl kustomize`, each given the text as the value of a field. "refused"
// is an error in that program. To repeat one:
//   printf 'apiVersion: v1\nkind: X\nmetadata: {name: x}\nv: 0777\n' | kubectl annotate --local -f - -o json a=b

#include "base/show.h"
#include "base/yaml.h"

#include <gtest/gtest.h>

#include <span>

namespace gantry::base {
namespace {

std::string read(std::string_view yaml, ScalarRules rules) {
  const Result<Node> node = load_yaml_document(yaml, "test.yaml", {.rules = rules, .limits = {}});
  return node ? show(*node->find("v")) : "refused";
}

struct Case {
  const char* yaml;
  const char* kubectl;
  const char* kustomize;
  const char* core;
};

// The same three ways.
constexpr Case same(const char* yaml, const char* value) { return {yaml, value, value, value}; }
// A number to Kubernetes' programs, and text or another number in YAML 1.2: Gantry's own files may not use it.
constexpr Case not_ours(const char* yaml, const char* value) { return {yaml, value, value, "refused"}; }

constexpr Case kBooleans[] = {
    same("true", "true"),
    same("True", "true"),
    same("TRUE", "true"),
    same("false", "false"),
    same("False", "false"),
    same("FALSE", "false"),
    same("tRUE", "\"tRUE\""),
    {"y", "true", "\"y\"", "refused"},
    {"Y", "true", "\"Y\"", "refused"},
    {"yes", "true", "\"yes\"", "refused"},
    {"Yes", "true", "\"Yes\"", "refused"},
    {"YES", "true", "\"YES\"", "refused"},
    {"on", "true", "\"on\"", "refused"},
    {"On", "true", "\"On\"", "refused"},
    {"ON", "true", "\"ON\"", "refused"},
    {"n", "false", "\"n\"", "refused"},
    {"N", "false", "\"N\"", "refused"},
    {"no", "false", "\"no\"", "refused"},
    {"No", "false", "\"No\"", "refused"},
    {"NO", "false", "\"NO\"", "refused"},
    {"off", "false", "\"off\"", "refused"},
    {"Off", "false", "\"Off\"", "refused"},
    {"OFF", "false", "\"OFF\"", "refused"},
    same("oN", "\"oN\""),
    same("yEs", "\"yEs\""),
};

constexpr Case kNulls[] = {
    same("", "null"),     same("~", "null"),    same("null", "null"),
    same("Null", "null"), same("NULL", "null"), same("nULL", "\"nULL\""),
};

constexpr Case kIntegers[] = {
    same("0", "0"),
    same("-0", "0"),
    same("+1", "1"),
    same("-1", "-1"),
    same("0o777", "511"),
    same("0x1F", "31"),
    {"00", "0", "0", "0"},
    not_ours("0777", "511"),
    not_ours("-0777", "-511"),
    not_ours("+0777", "511"),
    {"0778", "778", "778", "778"},
    {"08", "8", "8", "8"},
    not_ours("0O17", "15"),
    not_ours("0X1f", "31"),
    not_ours("-0x1F", "-31"),
    not_ours("+0x1F", "31"),
    not_ours("0b101", "5"),
    not_ours("0B1", "1"),
    not_ours("-0b101", "-5"),
    not_ours("1_000", "1000"),
    not_ours("1__0", "10"),
    not_ours("1_", "1"),
    not_ours("0_7", "7"),
    not_ours("0x_1F", "31"),
    same("_1", "\"_1\""),
    same("+", "\"+\""),
    same("1 000", "\"1 000\""),
    same("1,000", "\"1,000\""),
    same("9223372036854775807", "9223372036854775807"),
    same("-9223372036854775808", "-9223372036854775808"),
    same("9223372036854775808", "9.223372036854776e+18"),
    same("18446744073709551615", "1.8446744073709552e+19"),
    same("18446744073709551616", "1.8446744073709552e+19"),
    same("123456789012345678901234567890", "1.2345678901234568e+29"),
    same("0xFFFFFFFFFFFFFFFF", "1.8446744073709552e+19"),
    same("0xFFFFFFFFFFFFFFFFF", "\"0xFFFFFFFFFFFFFFFFF\""),
};

constexpr Case kReals[] = {
    same("1.5", "1.5"),
    same("0.1", "0.1"),
    same(".5", "0.5"),
    same("-.5", "-0.5"),
    same("+.5", "0.5"),
    same("1.0", "1"),
    same("1.", "1"),
    same("-0.0", "0"),
    same("1e3", "1000"),
    same("1E3", "1000"),
    same("1e+3", "1000"),
    same("1.e3", "1000"),
    same(".1e3", "100"),
    same("1e-7", "1e-07"),
    same("1e18", "1000000000000000000"),
    same("1152921504606846976.0", "1152921504606847000"),
    same("1e19", "1e+19"),
    same("1e22", "1e+22"),
    same("1.7976931348623157e308", "1.7976931348623157e+308"),
    same("1e400", "\"1e400\""),
    same("1e-400", "0"),
    same("0.0", "0"),
    same("00.5", "0.5"),
    not_ours("1_0.5", "10.5"),
    not_ours("1e1_0", "10000000000"),
    same("0x1p4", "\"0x1p4\""),
    same(".", "\".\""),
    same("1.2.3", "\"1.2.3\""),
    same("1e", "\"1e\""),
    same("infinity", "\"infinity\""),
    same("nan", "\"nan\""),
    {".inf", "refused", "refused", "inf"},
    {"-.Inf", "refused", "refused", "-inf"},
    {"+.INF", "refused", "refused", "inf"},
    {".nan", "refused", "refused", "nan"},
    {".NaN", "refused", "refused", "nan"},
};

constexpr Case kTimes[] = {
    same("12:30:45", "\"12:30:45\""),
    same("190:20:30", "\"190:20:30\""),
    same("1:30", "\"1:30\""),
    {"2001-01-01", "\"2001-01-01\"", "\"2001-01-01T00:00:00Z\"", "\"2001-01-01\""},
    {"2001-1-2", "\"2001-1-2\"", "\"2001-01-02T00:00:00Z\"", "\"2001-1-2\""},
    {"2001-12-14t21:59:43.10-05:00", "\"2001-12-14t21:59:43.10-05:00\"", "\"2001-12-14T21:59:43.1-05:00\"",
     "\"2001-12-14t21:59:43.10-05:00\""},
    {"2001-12-14 21:59:43.10", "\"2001-12-14 21:59:43.10\"", "\"2001-12-14T21:59:43.1Z\"",
     "\"2001-12-14 21:59:43.10\""},
    same("2001-12-14 21:59:43.10 -5", "\"2001-12-14 21:59:43.10 -5\""),
    same("2001-02-30", "\"2001-02-30\""),
};

constexpr Case kTags[] = {
    same("!!str 1", "\"1\""),
    same("!!str", "\"\""),
    same("!!str true", "\"true\""),
    same("!!int \"1\"", "1"),
    same("!!int \"0x1F\"", "31"),
    same("!!int a", "refused"),
    same("!!int 1.5", "refused"),
    same("!!int 18446744073709551615", "1.8446744073709552e+19"),
    same("!!int", "refused"),
    same("!!float 1", "1"),
    same("!!float \"1.5\"", "1.5"),
    same("!!float a", "refused"),
    same("!!bool \"true\"", "true"),
    {"!!bool \"yes\"", "true", "refused", "refused"},
    {"!!bool on", "true", "refused", "refused"},
    same("!!null \"\"", "null"),
    same("!!null x", "refused"),
    same("!!binary aGVsbG8=", "\"hello\""),
    same("!!binary \"aGVsbG8=\"", "\"hello\""),
    same("!!binary /w==", "\"\xEF\xBF\xBD\""),
    same("!!binary xx!", "refused"),
    same("!!binary aGVsbG8", "refused"),
    {"!!timestamp 2001-01-01", "\"2001-01-01\"", "\"2001-01-01T00:00:00Z\"", "\"2001-01-01\""},
    same("!!timestamp x", "refused"),
    same("!local 1", "\"1\""),
    same("!<tag:yaml.org,2002:str> 1", "\"1\""),
    same("!!seq [a]", "[\"a\"]"),
    same("!!map {a: 1}", "{\"a\": 1}"),
    same("!!set {a, b}", "{\"a\": null, \"b\": null}"),
};

constexpr Case kQuoted[] = {
    same("\"1\"", "\"1\""),
    same("'true'", "\"true\""),
    same("\"yes\"", "\"yes\""),
    same("\"\"", "\"\""),
    same("''", "\"\""),
    same("'~'", "\"~\""),
    same("\"\\x41\\u00e9\\U0001F600\"", "\"A\xC3\xA9\xF0\x9F\x98\x80\""),
    same("'it''s'", "\"it's\""),
    same("|-\n  0777", "\"0777\""),
    same(">-\n  yes", "\"yes\""),
};

void check(std::span<const Case> cases) {
  for (const Case& c : cases) {
    const std::string yaml = fmt::format("v: {}\n", c.yaml);
    EXPECT_EQ(read(yaml, ScalarRules::kubectl), c.kubectl) << "kubectl: " << c.yaml;
    EXPECT_EQ(read(yaml, ScalarRules::kustomize_resource), c.kustomize) << "kustomize: " << c.yaml;
    EXPECT_EQ(read(yaml, ScalarRules::core), c.core) << "core: " << c.yaml;
  }
}

TEST(YamlScalar, Booleans) { check(kBooleans); }
TEST(YamlScalar, Nulls) { check(kNulls); }
TEST(YamlScalar, Integers) { check(kIntegers); }
TEST(YamlScalar, Reals) { check(kReals); }
TEST(YamlScalar, Times) { check(kTimes); }
TEST(YamlScalar, Tags) { check(kTags); }
TEST(YamlScalar, Quoted) { check(kQuoted); }

// The value after each key is the key as it was written.
constexpr Case kKeys[] = {
    same("a: 0", "{\"a\": 0}"),
    same("\"\": 0", "{\"\": 0}"),
    same("!!str 1: 0", "{\"1\": 0}"),
    same("'1': 0", "{\"1\": 0}"),
    {"1: 0", "{\"1\": 0}", "refused", "{\"1\": 0}"},
    {"true: 0", "{\"true\": 0}", "refused", "{\"true\": 0}"},
    {"yes: 0", "{\"true\": 0}", "{\"yes\": 0}", "{\"yes\": 0}"},
    {"n: 0", "{\"false\": 0}", "{\"n\": 0}", "{\"n\": 0}"},
    {"1.5: 0", "{\"1.5\": 0}", "refused", "{\"1.5\": 0}"},
    {"1.0: 0", "{\"1\": 0}", "refused", "{\"1.0\": 0}"},
    {"1e3: 0", "{\"1000\": 0}", "refused", "{\"1e3\": 0}"},
    {"1e25: 0", "{\"1e+25\": 0}", "refused", "{\"1e25\": 0}"},
    {"1e-7: 0", "{\"1e-07\": 0}", "refused", "{\"1e-7\": 0}"},
    {"18446744073709551616: 0", "{\"1.8446744e+19\": 0}", "refused", "{\"18446744073709551616\": 0}"},
    {".inf: 0", "{\".inf\": 0}", "refused", "{\".inf\": 0}"},
    {"0777: 0", "{\"511\": 0}", "refused", "{\"0777\": 0}"},
    {"2001-01-01: 0", "{\"2001-01-01\": 0}", "refused", "{\"2001-01-01\": 0}"},
    {"!!int '1': 0", "{\"1\": 0}", "refused", "{\"1\": 0}"},
    same("~: 0", "refused"),
    same("null: 0", "refused"),
    same("? [a]\n : 0", "refused"),
    same("? {a: 1}\n : 0", "refused"),
};

TEST(YamlScalar, Keys) {
  for (const Case& c : kKeys) {
    const std::string yaml = fmt::format("v:\n {}\n", c.yaml);
    EXPECT_EQ(read(yaml, ScalarRules::kubectl), c.kubectl) << "kubectl: " << c.yaml;
    EXPECT_EQ(read(yaml, ScalarRules::kustomize_resource), c.kustomize) << "kustomize: " << c.yaml;
    EXPECT_EQ(read(yaml, ScalarRules::core), c.core) << "core: " << c.yaml;
  }
}

TEST(YamlScalar, WhatReadersDisagreeAboutIsExplained) {
  const Result<Node> node =
      load_yaml_document("debug: on\n", "gantry.yaml", {.rules = ScalarRules::core, .limits = {}});
  ASSERT_FALSE(node);
  EXPECT_EQ(describe(node.error()),
            "error: on is text to some readers of YAML and true to others\n"
            "   --> gantry.yaml:1:8\n"
            "  help: write \"on\" in quotes if text is meant, otherwise spell the value out\n");
}

}  // namespace
}  // namespace gantry::base

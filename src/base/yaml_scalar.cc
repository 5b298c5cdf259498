#include "base/yaml_scalar.h"

#include "base/base64.h"
#include "base/number.h"
#include "base/text.h"
#include "base/yaml_plain.h"
#include "base/yaml_timestamp.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace gantry::base {

namespace {

using Kind = PlainScalar::Kind;

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";
constexpr std::string_view kBinaryTag = "tag:yaml.org,2002:binary";
constexpr std::string_view kMergeTag = "tag:yaml.org,2002:merge";

// Gantry's own files may only say what all readers of YAML take for the same thing.
Result<PlainScalar> resolve_core(std::string_view text, const SourcePos& pos) {
  const PlainScalar core = resolve_plain_scalar(text, ScalarRules::core);
  const PlainScalar kubectl = resolve_plain_scalar(text, ScalarRules::kubectl);
  if (same_meaning(core, kubectl)) return core;
  return input_error(
      fmt::format("{} is {} to some readers of YAML and {} to others", text, describe(core), describe(kubectl)), pos,
      fmt::format("write \"{}\" in quotes if text is meant, otherwise spell the value out", text));
}

// What a core tag asks for: "!!int" and so on. The text was resolved as if it were plain, quotes or not.
Result<PlainScalar> apply_tag(std::string_view name, std::string_view text, PlainScalar resolved,
                              const SourcePos& pos) {
  struct TagKind {
    std::string_view name;
    Kind kind;
  };
  constexpr std::array<TagKind, 5> kTags = {{{"null", Kind::null},
                                             {"bool", Kind::boolean},
                                             {"int", Kind::integer},
                                             {"float", Kind::real},
                                             {"timestamp", Kind::timestamp}}};
  const auto* const wanted =
      std::find_if(kTags.begin(), kTags.end(), [name](const TagKind& tag) { return tag.name == name; });
  if (wanted == kTags.end()) return PlainScalar{};  // !!str, and tags that are for other programs: the text as it is
  if (resolved.kind == Kind::integer && wanted->kind == Kind::real) {
    return PlainScalar{.kind = Kind::real, .real = static_cast<double>(resolved.integer)};
  }
  // 2^63 and more is an integer as written, though only a real can hold it.
  const bool is_large_integer = wanted->kind == Kind::integer && resolved.kind == Kind::real && resolved.real > 9e18 &&
                                text.find_first_of(".eE") == std::string_view::npos;
  if (resolved.kind == wanted->kind || is_large_integer) return resolved;
  return input_error(fmt::format("\"{}\" is tagged !!{} but is {}", text, name, describe(resolved)), pos,
                     "remove the tag or correct the value");
}

Result<Node> binary_node(const YamlScalar& scalar, const SourcePos& pos) {
  std::optional<std::string> bytes = decode_base64(scalar.text);
  if (!bytes)
    return input_error("the value tagged !!binary is not base64", pos, "encode it with `base64`, or remove the tag");
  // Objects travel as JSON, so kubectl replaces what is not UTF-8.
  return Node(replace_invalid_utf8(*bytes), pos);
}

Result<Node> to_node(const PlainScalar& resolved, const YamlScalar& scalar, ScalarRules rules, const SourcePos& pos) {
  switch (resolved.kind) {
    case Kind::null: return Node::null_at(pos);
    case Kind::boolean: return Node(resolved.boolean, pos);
    case Kind::integer: return Node(resolved.integer, pos);
    case Kind::string: return Node(scalar.text, pos);
    case Kind::timestamp:
      if (rules != ScalarRules::kustomize_resource) return Node(scalar.text, pos);
      return Node(canonical_yaml_timestamp(scalar.text).value_or(std::string(scalar.text)), pos);
    case Kind::real: break;
  }
  if (std::isfinite(resolved.real) || rules == ScalarRules::core) return number_node(resolved.real, pos);
  return input_error(fmt::format("{} is a number that Kubernetes cannot store", scalar.text), pos,
                     "write a finite number, or quote it if text is meant");
}

// YAML 1.1 numbers in base 60, 12:30:45: text to all our rules, not to every reader.
bool is_sexagesimal(std::string_view text) {
  return text.contains(':') && text.find_first_not_of("0123456789_:.+-") == std::string_view::npos;
}

// Shared by values and keys: what the scalar is, before it becomes either.
Result<PlainScalar> resolve(const YamlScalar& scalar, ScalarRules rules, const SourcePos& pos) {
  if (scalar.tag.empty()) {
    if (!scalar.plain) return PlainScalar{};
    return rules == ScalarRules::core ? resolve_core(scalar.text, pos)
                                      : Result<PlainScalar>(resolve_plain_scalar(scalar.text, rules));
  }
  if (!scalar.tag.starts_with(kTagPrefix)) return PlainScalar{};
  return apply_tag(scalar.tag.substr(kTagPrefix.size()), scalar.text, resolve_plain_scalar(scalar.text, rules), pos);
}

// sigs.k8s.io/yaml spells a float key as Go's %g with 32 bits of precision: 1.5 is "1.5", 1e3 "1000", 1e25 "1e+25".
std::string float_key(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::abs(value) > std::numeric_limits<float>::max()) return value < 0 ? "-.inf" : ".inf";
  const auto print = [value](std::chars_format format) {
    std::array<char, 64> buffer;
    const auto [end, error] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), static_cast<float>(value), format);
    return std::string(buffer.data(), end);
  };
  std::string text = print(std::chars_format::scientific);
  int exponent = 0;
  const std::size_t digits = text.find('e') + (text.contains("e+") ? 2 : 1);
  std::from_chars(text.data() + digits, text.data() + text.size(), exponent);
  return exponent < -4 || exponent >= 6 ? text : print(std::chars_format::fixed);
}

}  // namespace

Result<Node> resolve_yaml_scalar(const YamlScalar& scalar, ScalarRules rules, const SourcePos& pos) {
  if (scalar.tag == kBinaryTag) return binary_node(scalar, pos);
  return to_node(TRY(resolve(scalar, rules, pos)), scalar, rules, pos);
}

Result<std::string> resolve_yaml_key(const YamlScalar& scalar, ScalarRules rules, const SourcePos& pos) {
  // In our own files a key is the word that stands there; only null is no word.
  if (rules == ScalarRules::core && scalar.tag.empty()) {
    const bool is_null = scalar.plain && resolve_plain_scalar(scalar.text, rules).kind == Kind::null;
    if (!is_null) return std::string(scalar.text);
  }
  if (scalar.tag == kBinaryTag) return TRY(binary_node(scalar, pos)).string();

  const PlainScalar key = TRY(resolve(scalar, rules, pos));
  if (key.kind == Kind::string) return std::string(scalar.text);
  const std::string help = fmt::format("write the key in quotes: \"{}\"", scalar.text);
  if (key.kind == Kind::null) return input_error("a key is null", pos, help);
  if (rules == ScalarRules::kustomize_resource) {
    return input_error(fmt::format("the key {} is {}; kustomize takes only text as a key", scalar.text, describe(key)),
                       pos, help);
  }
  switch (key.kind) {
    case Kind::boolean: return std::string(key.boolean ? "true" : "false");
    case Kind::integer: return std::to_string(key.integer);
    case Kind::real: return float_key(key.real);
    default: return std::string(scalar.text);
  }
}

bool is_yaml_merge_key(const YamlScalar& scalar) {
  return scalar.text == "<<" && (scalar.tag.empty() ? scalar.plain : scalar.tag == kMergeTag);
}

bool is_plain_string_everywhere(std::string_view text) {
  if (text == "<<" || text == "=") return false;  // the merge and value keys of YAML 1.1
  for (const ScalarRules rules : {ScalarRules::kubectl, ScalarRules::kustomize_resource, ScalarRules::core}) {
    if (resolve_plain_scalar(text, rules).kind != Kind::string) return false;
  }
  return !is_sexagesimal(text);
}

}  // namespace gantry::base

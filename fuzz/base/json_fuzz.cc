// Any bytes as JSON. What loads reads back equal after dumping; another parser accepts the same texts and reads the same
// values; and what is YAML too means the same to the YAML loader.

#include "base/json.h"
#include "base/yaml.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace gantry::base {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool same(const nlohmann::json& other, const Node& node) {
  if (other.is_number()) return node.is_number() && other.get<double>() == node.number();
  if (other.is_string()) return node.is_string() && other.get_ref<const std::string&>() == node.string();
  if (other.is_array()) {
    return node.is_array() && std::equal(other.begin(), other.end(), node.array().begin(), node.array().end(), same);
  }
  if (!other.is_object()) return other.is_boolean() ? node == Node(other.get<bool>()) : node.is_null();
  return node.is_map() && other.size() == node.map().size() &&
         std::all_of(node.map().begin(), node.map().end(), [&](const Node::Member& member) {
           const auto it = other.find(member.key);
           return it != other.end() && same(*it, member.value);
         });
}

// nlohmann-json has no limit of depth, keeps the last of repeated keys, and takes NUL for the end of the text.
bool is_refused_by_us_alone(const Error& error, std::string_view text) {
  return error.message.contains("nested deeper") || error.message.contains("is repeated") || text.contains('\0');
}

void load_and_dump(std::string_view text) {
  const Result<Node> node = load_json(text, "fuzz.json");
  if (!node) {
    require(node.error().kind == ErrorKind::input && node.error().where.has_value());
    require(is_refused_by_us_alone(node.error(), text) || !nlohmann::json::accept(text));
    return;
  }
  const nlohmann::json other = nlohmann::json::parse(text, nullptr, false);
  require(!other.is_discarded() && same(other, *node));
  for (const JsonStyle style : {JsonStyle::compact, JsonStyle::indented}) {
    const Result<Node> again = load_json(dump_json(*node, style), "dump.json");
    require(again && *again == *node);
  }
  const Result<Node> yaml = load_yaml_document(text, "fuzz.yaml");
  if (yaml) require(*yaml == *node);
}

}  // namespace
}  // namespace gantry::base

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gantry::base::load_and_dump({reinterpret_cast<const char*>(data), size});
  return 0;
}

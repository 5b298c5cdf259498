#pragma once

// The document tree that YAML and JSON load into, kustomize transforms, and typed objects are read from.
// Every node knows where it was written, so that findings can point at it. Loading is in base/yaml.h and base/json.h.
//
//   const Node* image = pod.find("spec", "containers", 0, "image");   // null when any step is missing
//   if (image && image->is_string()) use(image->string(), image->pos());

#include "base/source.h"

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gantry::base {

// A value: null, bool, integer, double, string, array, or map (ordered as written, keys unique).
// The loaders make an integer of every whole number that fits, however it is written (1, 1.0, 1e3), as Kubernetes does: a
// field that takes fractions is read with `number()`, never by asking `is_real()`.
// Equality compares content: key order is ignored, 1 equals 1.0, positions are never compared.
class Node {
 public:
  struct Member;
  using Array = std::vector<Node>;
  using Map = std::vector<Member>;
  enum class Kind : std::uint8_t { null, boolean, integer, real, string, array, map };

  Node() = default;  // null
  Node(std::same_as<bool> auto value, SourcePos pos = {}) : value_(value), pos_(std::move(pos)) {}
  Node(std::int64_t value, SourcePos pos = {});
  Node(int value, SourcePos pos = {});
  Node(double value, SourcePos pos = {});
  Node(std::string value, SourcePos pos = {});
  Node(std::string_view value, SourcePos pos = {});
  Node(const char* value, SourcePos pos = {});
  Node(Array value, SourcePos pos = {});
  Node(Map value, SourcePos pos = {});
  static Node null_at(SourcePos pos);
  static Node empty_map(SourcePos pos = {});
  static Node empty_array(SourcePos pos = {});

  Kind kind() const { return static_cast<Kind>(value_.index()); }
  bool is_null() const { return kind() == Kind::null; }
  bool is_bool() const { return kind() == Kind::boolean; }
  bool is_integer() const { return kind() == Kind::integer; }
  bool is_real() const { return kind() == Kind::real; }
  bool is_number() const { return is_integer() || is_real(); }
  bool is_string() const { return kind() == Kind::string; }
  bool is_array() const { return kind() == Kind::array; }
  bool is_map() const { return kind() == Kind::map; }

  // Each requires the matching kind; calling one on another kind is a bug and throws std::bad_variant_access.
  bool boolean() const { return std::get<bool>(value_); }
  std::int64_t integer() const { return std::get<std::int64_t>(value_); }
  double real() const { return std::get<double>(value_); }
  double number() const { return is_integer() ? static_cast<double>(integer()) : real(); }  // integer or real
  const std::string& string() const { return std::get<std::string>(value_); }
  const Array& array() const { return std::get<Array>(value_); }
  Array& array() { return std::get<Array>(value_); }
  const Map& map() const { return std::get<Map>(value_); }
  Map& map() { return std::get<Map>(value_); }

  const SourcePos& pos() const { return pos_; }
  void set_pos(SourcePos pos) { pos_ = std::move(pos); }

  // A member or element; null when this is no map or array, or has none such.
  const Node* get(std::string_view key) const;
  Node* get(std::string_view key);
  const Node* get(std::size_t index) const;
  // Where the key itself was written; null when there is none such.
  const SourcePos* key_pos(std::string_view key) const;

  // Follows member names and element indices; null as soon as a step is missing.
  const Node* find() const { return this; }
  template <typename Step, typename... Steps>
  const Node* find(const Step& step, const Steps&... steps) const {
    const Node* child = nullptr;
    if constexpr (std::integral<Step>) {
      child = get(static_cast<std::size_t>(step));
    } else {
      child = get(std::string_view(step));
    }
    return child ? child->find(steps...) : nullptr;
  }
  // The string at the path, or "" when there is none or it is no string.
  template <typename... Steps>
  std::string_view text(const Steps&... steps) const {
    const Node* node = find(steps...);
    return node && node->is_string() ? std::string_view(node->string()) : std::string_view();
  }

  // Sets a member of a map (a null node becomes a map first), keeping its place when it exists.
  Node& set(std::string_view key, Node value, SourcePos key_pos = {});
  // Removes a member; false when there was none.
  bool erase(std::string_view key);

  friend bool operator==(const Node& a, const Node& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Map> value_;
  SourcePos pos_;
};

struct Node::Member {
  std::string key;
  Node value;
  SourcePos key_pos;
  friend bool operator==(const Member& a, const Member& b) { return a.key == b.key && a.value == b.value; }
};

// Defined only here because the variant holds Members, which must be complete before any of it is built (clang insists).
inline Node::Node(std::int64_t value, SourcePos pos) : value_(value), pos_(std::move(pos)) {}
inline Node::Node(int value, SourcePos pos) : value_(std::int64_t{value}), pos_(std::move(pos)) {}
inline Node::Node(double value, SourcePos pos) : value_(value), pos_(std::move(pos)) {}
inline Node::Node(std::string value, SourcePos pos) : value_(std::move(value)), pos_(std::move(pos)) {}
inline Node::Node(std::string_view value, SourcePos pos) : value_(std::string(value)), pos_(std::move(pos)) {}
inline Node::Node(const char* value, SourcePos pos) : value_(std::string(value)), pos_(std::move(pos)) {}
inline Node::Node(Array value, SourcePos pos) : value_(std::move(value)), pos_(std::move(pos)) {}
inline Node::Node(Map value, SourcePos pos) : value_(std::move(value)), pos_(std::move(pos)) {}

// "null", "bool", "integer", "number", "string", "list" or "map", as a user would say it.
std::string_view to_string(Node::Kind kind);

}  // namespace gantry::base

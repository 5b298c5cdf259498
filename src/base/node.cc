#include "base/node.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace gantry::base {

Node Node::null_at(SourcePos pos) {
  Node node;
  node.pos_ = std::move(pos);
  return node;
}

Node Node::empty_map(SourcePos pos) { return Node(Map{}, std::move(pos)); }
Node Node::empty_array(SourcePos pos) { return Node(Array{}, std::move(pos)); }

namespace {

// Manifests have few members per map: a linear search over adjacent memory beats any index here.
template <typename MapRef>
auto find_member(MapRef& map, std::string_view key) {
  return std::find_if(map.begin(), map.end(), [key](const Node::Member& member) { return member.key == key; });
}

}  // namespace

const Node* Node::get(std::string_view key) const {
  const Map* map = std::get_if<Map>(&value_);
  if (!map) return nullptr;
  const auto it = find_member(*map, key);
  return it == map->end() ? nullptr : &it->value;
}

Node* Node::get(std::string_view key) { return const_cast<Node*>(std::as_const(*this).get(key)); }

const Node* Node::get(std::size_t index) const {
  const Array* array = std::get_if<Array>(&value_);
  return array && index < array->size() ? &(*array)[index] : nullptr;
}

const SourcePos* Node::key_pos(std::string_view key) const {
  const Map* map = std::get_if<Map>(&value_);
  if (!map) return nullptr;
  const auto it = find_member(*map, key);
  return it == map->end() ? nullptr : &it->key_pos;
}

Node& Node::set(std::string_view key, Node value, SourcePos key_pos) {
  if (is_null()) value_ = Map{};
  Map& members = map();
  const auto it = find_member(members, key);
  if (it != members.end()) {
    it->value = std::move(value);
    return it->value;
  }
  members.push_back(Member{std::string(key), std::move(value), std::move(key_pos)});
  return members.back().value;
}

bool Node::erase(std::string_view key) {
  Map* members = std::get_if<Map>(&value_);
  if (!members) return false;
  const auto it = find_member(*members, key);
  if (it == members->end()) return false;
  members->erase(it);
  return true;
}

namespace {

// Mixed kinds of number: equal when the double is exactly that integer.
bool same_number(std::int64_t integer, double real) {
  constexpr double kInt64Bound = 9223372036854775808.0;  // 2^63: the first double that no int64 holds
  return real >= -kInt64Bound && real < kInt64Bound && real == std::trunc(real) &&
         static_cast<std::int64_t>(real) == integer;
}

// Two maps usually list their keys in the same order, so each key is looked for where the other map has it; a search
// through all is the exception, and goes over sorted names so that it is never quadratic.
bool same_members(const Node::Map& a, const Node::Map& b) {
  if (a.size() != b.size()) return false;
  if (std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) { return x.key == y.key; })) {
    return std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) { return x.value == y.value; });
  }
  const auto by_key = [](const Node::Map& map) {
    std::vector<const Node::Member*> members;
    members.reserve(map.size());
    for (const Node::Member& member : map) members.push_back(&member);
    std::sort(members.begin(), members.end(), [](const auto* x, const auto* y) { return x->key < y->key; });
    return members;
  };
  const std::vector<const Node::Member*> sorted_a = by_key(a);
  const std::vector<const Node::Member*> sorted_b = by_key(b);
  return std::equal(sorted_a.begin(), sorted_a.end(), sorted_b.begin(),
                    [](const auto* x, const auto* y) { return *x == *y; });
}

}  // namespace

bool operator==(const Node& a, const Node& b) {
  if (a.is_integer() && b.is_real()) return same_number(a.integer(), b.real());
  if (a.is_real() && b.is_integer()) return same_number(b.integer(), a.real());
  if (a.is_map() && b.is_map()) return same_members(a.map(), b.map());
  return a.value_ == b.value_;
}

std::string_view to_string(Node::Kind kind) {
  constexpr std::array<std::string_view, 7> kNames = {"null", "bool", "integer", "number", "string", "list", "map"};
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace gantry::base

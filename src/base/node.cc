#include "base/node.h"

#include <algorithm>
#include <array>

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

bool operator==(const Node& a, const Node& b) {
  if (a.kind() != b.kind()) return false;
  if (!a.is_map()) return a.value_ == b.value_;
  if (a.map().size() != b.map().size()) return false;
  return std::all_of(a.map().begin(), a.map().end(), [&b](const Node::Member& member) {
    const Node* other = b.get(member.key);
    return other && *other == member.value;
  });
}

std::string_view to_string(Node::Kind kind) {
  constexpr std::array<std::string_view, 7> kNames = {"null", "bool", "integer", "number", "string", "list", "map"};
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace gantry::base

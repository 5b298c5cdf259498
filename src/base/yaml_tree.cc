// Aliases are expanded by copying, so what an alias costs is known before it is paid: each anchored value carries its
// number of nodes and its height. A billion laughs stops at the alias that would pass the limit. The copy an anchor keeps
// is charged to the same limit, so that nested anchors can't make copies of copies for free.

#include "base/yaml_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gantry::base {

namespace {

std::unexpected<Error> repeated_key(std::string_view key, const SourcePos& pos, const SourcePos& first) {
  return input_error(
      fmt::format("key \"{}\" is repeated; it was first written in line {}, column {}", key, first.line, first.column),
      pos, "keep one of the two");
}

std::unexpected<Error> bad_merge(const Node& value) {
  return input_error(fmt::format("\"<<\" merges maps, and this is no map ({})", to_string(value.kind())), value.pos(),
                     "merge an alias of a map, or a list of such aliases");
}

}  // namespace

void YamlTree::start_document() {
  open_.clear();
  root_.reset();
  anchors_.clear();
}

Result<void> YamlTree::end_document() {
  if (root_ && !root_->is_null()) documents_.push_back(*std::move(root_));
  root_.reset();
  return {};
}

Result<void> YamlTree::scalar(const YamlScalar& scalar, const SourcePos& pos, Anchor anchor) {
  TRY(count_nodes(1, pos));
  if (key_is_next()) return take_key(scalar, pos, anchor);
  Node node = TRY(resolve_yaml_scalar(scalar, options_.rules, pos));
  TRY(remember(anchor, node, 1, 0, pos));
  return take_value(std::move(node), 0);
}

Result<void> YamlTree::alias(const SourcePos& pos, Anchor anchor) {
  const auto it = anchors_.find(anchor);
  if (it == anchors_.end()) {
    return input_error("an alias stands inside the value that it repeats", pos,
                       "write the value out, or move the anchor");
  }
  const Anchored& anchored = it->second;
  if (key_is_next()) {
    if (!anchored.node.is_string()) {
      return input_error(fmt::format("the alias used as a key is no text ({})", to_string(anchored.node.kind())), pos,
                         "write the key as text");
    }
    return take_key(YamlScalar{.text = anchored.node.string(), .tag = {}, .plain = false}, pos, 0);
  }
  TRY(count_copies(anchored.nodes, pos));
  TRY(count_nodes(anchored.nodes, pos));
  return take_value(anchored.node, anchored.height);
}

Result<void> YamlTree::start_array(const SourcePos& pos, Anchor anchor) {
  return start_collection(Node::empty_array(pos), anchor);
}
Result<void> YamlTree::start_map(const SourcePos& pos, Anchor anchor) {
  return start_collection(Node::empty_map(pos), anchor);
}

Result<void> YamlTree::start_collection(Node node, Anchor anchor) {
  if (key_is_next()) {
    return input_error(fmt::format("a {} is used as a key", to_string(node.kind())), node.pos(),
                       node.is_map() ? "write the key as text; render templates such as {{ name }} first, or quote them"
                                     : "write the key as text");
  }
  if (open_.size() >= options_.limits.depth_max) {
    return input_error(fmt::format("nested deeper than {} levels", options_.limits.depth_max), node.pos(),
                       "flatten it: no file that people write nests so deep");
  }
  const std::uint64_t nodes_before = nodes_;
  TRY(count_nodes(1, node.pos()));
  open_.push_back(Open{.node = std::move(node),
                       .anchor = anchor,
                       .nodes_before = nodes_before,
                       .key = {},
                       .index = {},
                       .origins = {},
                       .merge_key_pos = {}});
  return {};
}

Result<void> YamlTree::end_collection() {
  Open closed = std::move(open_.back());
  open_.pop_back();
  const SourcePos pos = closed.node.pos();
  TRY(remember(closed.anchor, closed.node, nodes_ - closed.nodes_before, closed.height, pos));
  return take_value(std::move(closed.node), closed.height);
}

Result<void> YamlTree::take_key(const YamlScalar& scalar, const SourcePos& pos, Anchor anchor) {
  Open& map = open_.back();
  if (is_yaml_merge_key(scalar)) {
    if (map.merge_key_pos) return repeated_key("<<", pos, *map.merge_key_pos);
    map.merge_key_pos = pos;
    map.key = Key{.text = "<<", .pos = pos, .is_merge = true};
    return {};
  }
  std::string text = TRY(resolve_yaml_key(scalar, options_.rules, pos));
  // Found before the value is read, so that the error comes at the first place that is wrong.
  const std::optional<std::size_t> first = map.index.find(map.node.map(), text);
  if (first && map.origins[*first] == Origin::own) return repeated_key(text, pos, map.node.map()[*first].key_pos);
  if (anchor != 0) TRY(remember(anchor, Node(text, pos), 1, 0, pos));
  map.key = Key{.text = std::move(text), .pos = pos};
  return {};
}

Result<void> YamlTree::take_value(Node node, std::uint32_t height) {
  if (open_.empty()) {
    root_ = std::move(node);
    return {};
  }
  Open& parent = open_.back();
  if (open_.size() + height > options_.limits.depth_max) {
    return input_error(fmt::format("nested deeper than {} levels by aliases", options_.limits.depth_max), node.pos(),
                       "flatten it: no file that people write nests so deep");
  }
  parent.height = std::max(parent.height, height + 1);
  if (parent.node.is_array()) {
    parent.node.array().push_back(std::move(node));
    return {};
  }
  Key key = *std::exchange(parent.key, std::nullopt);
  return key.is_merge ? merge(std::move(node)) : take_member(std::move(key), std::move(node));
}

Result<void> YamlTree::take_member(Key key, Node value) {
  Open& map = open_.back();
  Node::Map& members = map.node.map();
  if (const std::optional<std::size_t> merged = map.index.find(members, key.text)) {
    members[*merged] = Node::Member{std::move(key.text), std::move(value), std::move(key.pos)};
    map.origins[*merged] = Origin::own;
    return {};
  }
  members.push_back(Node::Member{std::move(key.text), std::move(value), std::move(key.pos)});
  map.origins.push_back(Origin::own);
  return {};
}

// The value of "<<" is a map or a list of maps, of which earlier ones win (yaml.org/type/merge.html).
Result<void> YamlTree::merge(Node value) {
  Open& map = open_.back();
  if (!value.is_map() && !value.is_array()) return bad_merge(value);
  Node::Array sources;
  if (value.is_map()) {
    sources.push_back(std::move(value));
  } else {
    sources = std::move(value.array());
  }
  for (const Node& source : sources) {
    if (!source.is_map()) return bad_merge(source);
  }
  // Backwards, each over the last: what go-yaml does, and the same as letting earlier ones win.
  for (auto source = sources.rbegin(); source != sources.rend(); ++source) {
    for (Node::Member& member : source->map()) merge_member(map, std::move(member));
  }
  return {};
}

void YamlTree::merge_member(Open& map, Node::Member member) {
  Node::Map& members = map.node.map();
  const std::optional<std::size_t> existing = map.index.find(members, member.key);
  if (!existing) {
    members.push_back(std::move(member));
    map.origins.push_back(Origin::merged);
  } else if (map.origins[*existing] == Origin::merged || options_.rules == ScalarRules::kubectl) {
    // kubectl assigns in the order of the text: a "<<" that comes after a key replaces that key's value.
    members[*existing].value = std::move(member.value);
  }
}

Result<void> YamlTree::remember(Anchor anchor, const Node& node, std::uint64_t nodes, std::uint32_t height,
                                const SourcePos& pos) {
  if (anchor == 0) return {};
  TRY(count_copies(nodes, pos));
  anchors_.insert_or_assign(anchor, Anchored{.node = node, .nodes = nodes, .height = height});
  return {};
}

Result<void> YamlTree::count_nodes(std::uint64_t count, const SourcePos& pos) {
  nodes_ += count;
  if (nodes_ <= options_.limits.nodes_max) return {};
  return input_error(fmt::format("more than {} values in one file", options_.limits.nodes_max), pos, "split the file");
}

Result<void> YamlTree::count_copies(std::uint64_t count, const SourcePos& pos) {
  copied_nodes_ += count;
  if (copied_nodes_ <= options_.limits.alias_nodes_max) return {};
  return input_error(fmt::format("anchors and aliases expand to more than {} values", options_.limits.alias_nodes_max),
                     pos, "write the values out, or use fewer aliases");
}

}  // namespace gantry::base

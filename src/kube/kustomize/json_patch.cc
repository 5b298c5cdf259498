#include "kube/kustomize/json_patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

constexpr std::array<std::string_view, 6> kOperations = {"add", "remove", "replace", "move", "copy", "test"};

std::unexpected<base::Error> failed(const JsonOperation& operation, std::string_view reason, std::string help = {}) {
  return base::input_error(fmt::format("{} {} {}", operation.op, operation.path, reason), operation.pos,
                           std::move(help));
}

// RFC 6901 §4: "~1" is a slash and "~0" a tilde, in this order.
std::string unescape(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escaped = token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    if (escaped) {
      text += token[++i] == '1' ? '/' : '~';
    } else {
      text += token[i];
    }
  }
  return text;
}

// A place in the tree: the container and what it is asked for.
struct Location {
  Node* container = nullptr;
  std::string key;
};

std::optional<std::int64_t> parse_index(std::string_view key) {
  if (key.starts_with('+')) key.remove_prefix(1);
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (error != std::errc() || end != key.data() + key.size() || key.empty()) return {};
  return index;
}

// The element's position; a negative index counts from the end. Nothing when there is no such element.
std::optional<std::size_t> element_index(std::string_view key, std::size_t size) {
  const std::optional<std::int64_t> index = parse_index(key);
  const auto length = static_cast<std::int64_t>(size);
  if (!index || *index >= length || *index < -length) return {};
  return static_cast<std::size_t>(*index < 0 ? *index + length : *index);
}

Node* child(Node& container, const std::string& key) {
  if (container.is_map()) return container.get(key);
  if (!container.is_array()) return nullptr;
  const std::optional<std::size_t> index = element_index(key, container.array().size());
  return index ? &container.array()[*index] : nullptr;
}

// Nothing when a step of the path before the last is missing, null or a scalar.
std::optional<Location> find_location(Node& tree, std::string_view path) {
  const std::size_t first = path.find('/');
  if (first == std::string_view::npos) return {};
  path.remove_prefix(first + 1);
  Location location{.container = &tree, .key = {}};
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    location.container = child(*location.container, unescape(path.substr(0, slash)));
    if (!location.container || !(location.container->is_map() || location.container->is_array())) return {};
    path.remove_prefix(slash + 1);
  }
  location.key = unescape(path);
  return location;
}

Result<Location> locate(Node& tree, const JsonOperation& operation, std::string_view path) {
  std::optional<Location> location = find_location(tree, path);
  if (location) return *std::move(location);
  return failed(operation, fmt::format("does not apply: the parent of {} does not exist", path),
                "add the parent first, as an empty map or list");
}

Result<void> add_at(const JsonOperation& operation, const Location& location, Node value) {
  if (location.container->is_map()) {
    location.container->set(location.key, std::move(value), operation.pos);
    return {};
  }
  Node::Array& array = location.container->array();
  if (location.key == "-") {
    array.push_back(std::move(value));
    return {};
  }
  // Inserting may name the place after the last element too.
  const std::optional<std::size_t> index = element_index(location.key, array.size() + 1);
  if (!index)
    return failed(operation,
                  fmt::format("does not apply: \"{}\" is no place in a list of {}", location.key, array.size()));
  array.insert(array.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
  return {};
}

Result<void> remove_at(const JsonOperation& operation, const Location& location) {
  if (location.container->is_map()) {
    if (location.container->erase(location.key)) return {};
    return failed(operation, "does not apply: there is no such member",
                  "remove the operation, or use a strategic merge patch with null");
  }
  Node::Array& array = location.container->array();
  const std::optional<std::size_t> index = element_index(location.key, array.size());
  if (!index)
    return failed(operation,
                  fmt::format("does not apply: \"{}\" is no element of a list of {}", location.key, array.size()));
  array.erase(array.begin() + static_cast<std::ptrdiff_t>(*index));
  return {};
}

// A member that is missing counts as null; an element that is missing is an error.
Result<Node> value_at(const JsonOperation& operation, const Location& location) {
  const Node* value = child(*location.container, location.key);
  if (value) return *value;
  if (location.container->is_map()) return Node::null_at(operation.pos);
  return failed(operation, fmt::format("does not apply: \"{}\" is no element of the list", location.key));
}

Node value_of(const JsonOperation& operation) { return operation.value.value_or(Node::null_at(operation.pos)); }

Result<void> add(Node& tree, const JsonOperation& operation) {
  const Location location = TRY(locate(tree, operation, operation.path));
  return add_at(operation, location, value_of(operation));
}

Result<void> remove(Node& tree, const JsonOperation& operation) {
  const Location location = TRY(locate(tree, operation, operation.path));
  return remove_at(operation, location);
}

Result<void> replace(Node& tree, const JsonOperation& operation) {
  if (operation.path.empty()) {
    Node value = value_of(operation);
    if (!value.is_map()) return failed(operation, "would make the object something else than a map");
    tree = std::move(value);
    return {};
  }
  const Location location = TRY(locate(tree, operation, operation.path));
  Node* old = child(*location.container, location.key);
  if (old) {
    *old = value_of(operation);
    return {};
  }
  if (!location.container->is_map()) return failed(operation, "does not apply: there is no such element");
  location.container->set(location.key, value_of(operation), operation.pos);
  return {};
}

Result<void> move(Node& tree, const JsonOperation& operation) {
  const Location from = TRY(locate(tree, operation, operation.from));
  Node value = TRY(value_at(operation, from));
  TRY(remove_at(operation, from));
  const Location to = TRY(locate(tree, operation, operation.path));
  return add_at(operation, to, std::move(value));
}

Result<void> copy(Node& tree, const JsonOperation& operation) {
  const Location from = TRY(locate(tree, operation, operation.from));
  Node value = TRY(value_at(operation, from));
  const Location to = TRY(locate(tree, operation, operation.path));
  return add_at(operation, to, std::move(value));
}

Result<void> test(Node& tree, const JsonOperation& operation) {
  const Node wanted = value_of(operation);
  if (operation.path.empty()) return tree == wanted ? Result<void>() : failed(operation, "fails: the object differs");
  const Location location = TRY(locate(tree, operation, operation.path));
  const Node found = TRY(value_at(operation, location));
  if (found == wanted) return {};
  return failed(operation, fmt::format("fails: the value is another one ({})", base::to_string(found.pos())));
}

using Apply = Result<void> (*)(Node&, const JsonOperation&);
constexpr std::array<Apply, kOperations.size()> kApply = {add, remove, replace, move, copy, test};

Result<std::string> string_member(const Node& node, std::string_view name) {
  const Node* member = node.get(name);
  if (member && member->is_string()) return member->string();
  return base::input_error(fmt::format("an operation has no \"{}\"", name), node.pos(),
                           "an operation has op, path, and from or value");
}

Result<JsonOperation> parse_operation(const Node& node) {
  if (!node.is_map())
    return base::input_error(fmt::format("an operation is a {}", to_string(node.kind())), node.pos(),
                             "write {op: ..., path: ...}");
  JsonOperation operation{.op = TRY(string_member(node, "op")), .path = {}, .from = {}, .value = {}, .pos = node.pos()};
  if (std::ranges::find(kOperations, operation.op) == kOperations.end()) {
    return base::input_error(fmt::format("op is \"{}\"", operation.op), node.get("op")->pos(),
                             fmt::format("write one of {}", fmt::join(kOperations, ", ")));
  }
  operation.path = TRY(string_member(node, "path"));
  if (operation.op == "move" || operation.op == "copy") operation.from = TRY(string_member(node, "from"));
  if (const Node* value = node.get("value")) operation.value = *value;
  return operation;
}

}  // namespace

Result<JsonPatch> parse_json_patch(const Node& root) {
  if (!root.is_array()) return base::input_error("a JSON patch is a list of operations", root.pos());
  JsonPatch patch;
  for (const Node& node : root.array()) patch.push_back(TRY(parse_operation(node)));
  return patch;
}

Result<void> apply_json_patch(Node& tree, const JsonPatch& patch) {
  for (const JsonOperation& operation : patch) {
    const auto index = static_cast<std::size_t>(std::ranges::find(kOperations, operation.op) - kOperations.begin());
    TRY(kApply.at(index)(tree, operation));
  }
  return {};
}

}  // namespace gantry::kube::kustomize

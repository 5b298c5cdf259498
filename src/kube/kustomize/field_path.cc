#include "kube/kustomize/field_path.h"

#include "kube/kustomize/regex.h"
#include "kube/kustomize/resource.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

std::vector<std::string> split_at_dots(std::string_view path) {
  std::vector<std::string> parts;
  for (const std::string_view part : base::split(path, '.')) {
    if (!parts.empty() && parts.back().ends_with('\\')) {
      parts.back().pop_back();
      parts.back() += fmt::format(".{}", part);
    } else {
      parts.emplace_back(part);
    }
  }
  // A path may begin with a dot.
  if (parts.size() > 1 && parts.front().empty()) parts.erase(parts.begin());
  return parts;
}

bool is_bracketed(std::string_view part) { return part.size() >= 2 && part.starts_with('[') && part.ends_with(']'); }

std::optional<std::size_t> parse_index(std::string_view part) {
  if (part.starts_with('+')) part.remove_prefix(1);
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (part.empty() || error != std::errc() || end != part.data() + part.size()) return {};
  return index;
}

// "[name=web]" in two; without a name, the elements themselves are compared.
struct ElementMatch {
  std::string name;
  std::string value;
};

std::unexpected<base::Error> bad_step(const Text& path, std::string_view part, std::string_view reason) {
  return base::input_error(fmt::format("fieldPath {}: {} {}", path.value, part, reason), path.pos);
}

Result<ElementMatch> parse_match(const Text& path, std::string_view part) {
  const std::string_view inside = part.substr(1, part.size() - 2);
  const std::size_t equals = inside.find('=');
  if (equals == std::string_view::npos) return bad_step(path, part, "has no =: write [name=value] for an element");
  return ElementMatch{.name = std::string(inside.substr(0, equals)), .value = std::string(inside.substr(equals + 1))};
}

std::unexpected<base::Error> wrong_kind(const Text& path, std::string_view part, const Node& node,
                                        std::string_view wanted) {
  return base::input_error(fmt::format("fieldPath {}: {} needs a {}, and finds a {} at {}", path.value, part, wanted,
                                       to_string(node.kind()), base::to_string(node.pos())),
                           path.pos);
}

const Node* matching_element(const Node& list, const ElementMatch& match) {
  const auto it = std::ranges::find_if(list.array(), [&match](const Node& element) {
    if (match.name.empty()) return scalar_text(element) == match.value;
    const Node* member = element.get(match.name);
    return member && scalar_text(*member) == match.value;
  });
  return it == list.array().end() ? nullptr : &*it;
}

Result<const Node*> step_into(const Node& node, const Text& path, const std::string& part) {
  const std::optional<std::size_t> index = parse_index(part);
  if (part == "*") return bad_step(path, part, "is for targets: a source is one value");
  if (node.is_null()) return nullptr;
  if (index || part == "-" || is_bracketed(part)) {
    if (!node.is_array()) return wrong_kind(path, part, node, "list");
    if (is_bracketed(part)) return matching_element(node, TRY(parse_match(path, part)));
    if (part == "-") return node.array().empty() ? nullptr : &node.array().back();
    return node.get(*index);
  }
  if (!node.is_map()) return wrong_kind(path, part, node, "map");
  return node.get(part);
}

}  // namespace

FieldPath split_field_path(std::string_view path) {
  const std::vector<std::string> parts = split_at_dots(path);
  FieldPath result;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].starts_with('[') || parts[i].ends_with(']')) {
      result.push_back(parts[i]);
      continue;
    }
    std::string joined = parts[i];
    while (i + 1 < parts.size()) {
      joined += "." + parts[++i];
      if (parts[i].ends_with(']')) break;
    }
    if (joined.find('=') == std::string::npos) {
      joined.erase(0, joined.find_first_not_of("[]"));
      joined.erase(joined.find_last_not_of("[]") + 1);
    }
    result.push_back(std::move(joined));
  }
  return result;
}

Result<const Node*> find_value(const Node& tree, const Text& path) {
  const Node* node = &tree;
  for (const std::string& raw : split_field_path(path.value)) {
    const std::string part(base::trim(raw));
    if (part.empty()) continue;
    node = TRY(step_into(*node, path, part));
    if (!node) return nullptr;
  }
  return node;
}

namespace {

class Finder {
 public:
  Finder(const Text& path, Create create) : path_(path), parts_(split_field_path(path.value)), create_(create) {}

  Result<std::vector<Node*>> find(Node& tree) {
    TRY(walk(tree, 0));
    return std::move(found_);
  }

 private:
  Result<void> walk(Node& node, std::size_t depth) {
    if (depth == parts_.size()) {
      found_.push_back(&node);
      return {};
    }
    const std::string& part = parts_[depth];
    const std::optional<std::size_t> index = parse_index(part);
    const bool enters_list = index || is_bracketed(part) || part == "*";
    if (node.is_null()) return index && *index == 0 ? no_such_index(part, 0) : Result<void>();
    if (enters_list && !node.is_array()) return wrong_kind(path_, part, node, "list");
    if (index) return walk_index(node, *index, depth);
    if (part == "*") return walk_all(node, depth);
    if (is_bracketed(part)) return walk_matching(node, depth);
    return walk_member(node, depth);
  }

  Result<void> walk_member(Node& node, std::size_t depth) {
    if (!node.is_map()) return wrong_kind(path_, parts_[depth], node, "map");
    Node* member = node.get(parts_[depth]);
    if (!member) {
      if (create_ == Create::nothing) return {};
      member = &node.set(parts_[depth], made_for(depth + 1), path_.pos);
    }
    return walk(*member, depth + 1);
  }

  Result<void> walk_index(Node& node, std::size_t index, std::size_t depth) {
    Node::Array& array = node.array();
    if (index == array.size() && create_ != Create::nothing) array.push_back(made_for(depth + 1));
    if (index >= array.size()) return no_such_index(parts_[depth], array.size());
    return walk(array[index], depth + 1);
  }

  Result<void> walk_all(Node& node, std::size_t depth) {
    for (Node& element : node.array()) TRY(walk(element, depth + 1));
    return {};
  }

  // The value is a regular expression, and matches anywhere.
  Result<void> walk_matching(Node& node, std::size_t depth) {
    const ElementMatch match = TRY(parse_match(path_, parts_[depth]));
    const Regex regex = TRY(Regex::compile(match.value, match.value, "fieldPath " + path_.value, path_.pos));
    const std::size_t found_before = found_.size();
    for (Node& element : node.array()) TRY(enter_if_matching(element, match, regex, depth));
    if (found_.size() > found_before || create_ == Create::nothing) return {};
    Node made = match.name.empty() ? Node(match.value, path_.pos) : Node::empty_map(path_.pos);
    if (!match.name.empty()) made.set(match.name, Node(match.value, path_.pos));
    node.array().push_back(std::move(made));
    return enter_if_matching(node.array().back(), match, regex, depth);
  }

  Result<void> enter_if_matching(Node& element, const ElementMatch& match, const Regex& regex, std::size_t depth) {
    if (match.name.empty()) {
      // kustomize ignores what follows a match of the elements themselves.
      if (regex.matches(scalar_text(element))) found_.push_back(&element);
      return {};
    }
    const Node* member = element.get(match.name);
    if (!member || !regex.matches(scalar_text(*member))) return {};
    return walk(element, depth + 1);
  }

  // What a missing step becomes, by what comes after it.
  Node made_for(std::size_t next) const {
    if (next == parts_.size()) {
      if (create_ == Create::map) return Node::empty_map(path_.pos);
      if (create_ == Create::list) return Node::empty_array(path_.pos);
      return Node(std::string(), path_.pos);
    }
    if (is_bracketed(parts_[next]) || parse_index(parts_[next])) return Node::empty_array(path_.pos);
    return Node::empty_map(path_.pos);
  }

  Result<void> no_such_index(std::string_view part, std::size_t size) const {
    return bad_step(path_, part, fmt::format("is past the end of a list of {}", size));
  }

  const Text& path_;
  FieldPath parts_;
  Create create_;
  std::vector<Node*> found_;
};

}  // namespace

Result<std::vector<Node*>> find_values(Node& tree, const Text& path, Create create) {
  return Finder(path, create).find(tree);
}

}  // namespace gantry::kube::kustomize

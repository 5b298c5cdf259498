#include "kube/kustomize/merge_list.h"

#include "kube/kustomize/resource.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

bool is_empty(const Node& node) { return node.is_null() || (node.is_map() && node.map().empty()); }

std::string key_value(const Node& element, std::string_view key) {
  const Node* value = element.get(key);
  return value ? scalar_text(*value) : std::string();
}

void collect(const Node* list, const Keys& keys, std::vector<KeyValues>& all, std::set<KeyValues>& seen) {
  if (!list || !list->is_array()) return;
  for (const Node& element : list->array()) {
    KeyValues values;
    for (const std::string_view key : keys) values.push_back(key_value(element, key));
    if (!values.empty() && seen.insert(values).second) all.push_back(std::move(values));
  }
}

void collect_scalars(const Node* list, std::vector<KeyValues>& all, std::set<std::string>& seen) {
  if (!list || !list->is_array()) return;
  for (const Node& element : list->array()) {
    std::string text = scalar_text(element);
    if (seen.insert(text).second) all.push_back({std::move(text)});
  }
}

// The two as one, when they agree in something and contradict each other in nothing.
std::optional<KeyValues> joined(const KeyValues& a, const KeyValues& b) {
  if (a.size() != b.size()) return {};
  bool agree = false;
  KeyValues result;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) {
      agree = true;
    } else if (!a[i].empty() && !b[i].empty()) {
      return {};
    }
    result.push_back(a[i].empty() ? b[i] : a[i]);
  }
  return agree ? std::optional(std::move(result)) : std::nullopt;
}

std::unexpected<base::Error> wrong_element(const Node& element, std::string_view wanted) {
  return base::input_error(
      fmt::format("a list that merges by key has a {} as element, and needs {}", to_string(element.kind()), wanted),
      element.pos());
}

// Whether the element has this value under the key; "" stands for any value, as long as the key is there.
Result<bool> has_value(const Node& element, std::string_view key, const std::string& value) {
  if (key.empty()) {
    if (element.is_map() || element.is_array()) return wrong_element(element, "scalars");
    return scalar_text(element) == value;
  }
  if (!element.is_map()) return wrong_element(element, "maps");
  const Node* member = element.get(key);
  return member && (value.empty() || scalar_text(*member) == value);
}

Result<bool> is_wanted(const Node& element, const Keys& keys, const KeyValues& values) {
  bool found = false;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    // Without a value for a key, what was found for the key before it stands.
    if (i < values.size()) found = TRY(has_value(element, keys[i], values[i]));
    if (!found) return false;
  }
  return found;
}

Result<void> set_element(Node::Array& list, const Node* element, const Keys& keys, const KeyValues& values) {
  const bool wants_maps = !keys.front().empty() && !values.empty() && !values.front().empty();
  Node::Array kept;
  bool placed = false;
  for (Node& old : list) {
    if (is_empty(old)) continue;
    const bool comparable = old.is_map() || !wants_maps;
    if (!comparable) {
      kept.push_back(std::move(old));
    } else if (!TRY(is_wanted(old, keys, values))) {
      if (!values.empty()) kept.push_back(std::move(old));
    } else {
      placed = true;
      if (element) kept.push_back(*element);
    }
  }
  if (element && !placed && !element->is_null()) kept.push_back(*element);
  list = std::move(kept);
  return {};
}

}  // namespace

std::vector<KeyValues> element_key_values(const Node* patch, const Node* object, const Keys& keys) {
  std::vector<KeyValues> all;
  std::set<KeyValues> seen;
  collect(patch, keys, all, seen);
  collect(object, keys, all, seen);
  return all;
}

std::vector<KeyValues> scalar_values(const Node* patch, const Node* object) {
  std::vector<KeyValues> all;
  std::set<std::string> seen;
  collect_scalars(patch, all, seen);
  collect_scalars(object, all, seen);
  return all;
}

void join_partial(std::vector<KeyValues>& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const KeyValues first = all[i];
    for (std::size_t j = 0; j < all.size(); ++j) {
      if (const std::optional<KeyValues> both = joined(first, all[j])) {
        all[i] = *both;
        all[j] = *both;
      }
    }
  }
}

UsableKeys usable_keys(std::span<const KeyValues> all, const KeyValues& values, const Keys& keys) {
  std::vector<bool> used(keys.size(), false);
  for (const KeyValues& other : all) {
    for (std::size_t i = 0; i < other.size(); ++i) used[i] = used[i] || !other[i].empty();
  }
  if (std::ranges::find(used, true) == used.end()) return {.keys = keys, .values = values};
  UsableKeys usable;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (used[i]) usable.keys.push_back(keys[i]);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (used[i] || !values[i].empty()) usable.values.push_back(values[i]);
  }
  return usable;
}

Node* find_element(Node* list, const UsableKeys& wanted) {
  if (!list || !list->is_array()) return nullptr;
  for (Node& element : list->array()) {
    if (wanted.keys.front().empty()) {
      if (scalar_text(element) == wanted.values.front()) return &element;
      continue;
    }
    if (!element.is_map() || wanted.keys.size() != wanted.values.size()) continue;
    bool matches = true;
    for (std::size_t i = 0; matches && i < wanted.keys.size(); ++i) {
      const Node* member = element.get(wanted.keys[i]);
      matches = member && scalar_text(*member) == wanted.values[i];
    }
    if (matches) return &element;
  }
  return nullptr;
}

Result<void> place_element(Node::Array& list, const Node& element, const Keys& keys, const KeyValues& values) {
  return set_element(list, &element, keys, values);
}

Result<void> remove_elements(Node::Array& list, const Keys& keys, const KeyValues& values) {
  return set_element(list, nullptr, keys, values);
}

Result<Node::Array> join_lists(Node::Array first, const Node::Array& rest, const Keys& keys) {
  for (const Node& element : rest) {
    if (keys.front().empty()) {
      TRY(place_element(first, element, keys, {scalar_text(element)}));
      continue;
    }
    KeyValues values;
    for (const std::string_view key : keys) {
      if (!element.is_map() && !element.is_null()) return wrong_element(element, "maps");
      const Node* member = element.get(key);
      if (member) {
        values.push_back(scalar_text(*member));
      } else {
        first.push_back(element);
      }
    }
    // With several keys an element can be in the list twice already, once without its second key.
    if (keys.size() > 1) TRY(remove_elements(first, keys, values));
    TRY(place_element(first, element, keys, values));
  }
  return first;
}

}  // namespace gantry::kube::kustomize

#pragma once

// How kustomize finds and places the elements of a list that merges by keys. The rules look odd in the corners (an element
// without its key, one key written twice); they are kustomize's, and manifests in the corners must render the same.

#include "base/node.h"
#include "base/result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

using Keys = std::vector<std::string_view>;  // {""}: the elements are scalars
using KeyValues = std::vector<std::string>;  // what one element has under each key; "" when it has none

// The key values of every element of both lists, each once: the patch's first. Either may be null.
std::vector<KeyValues> element_key_values(const base::Node* patch, const base::Node* object, const Keys& keys);
std::vector<KeyValues> scalar_values(const base::Node* patch, const base::Node* object);

// With several keys, elements that differ only where one of them says nothing are the same element.
void join_partial(std::vector<KeyValues>& all);

// The keys that tell elements apart: those for which any element has a value, with this element's values.
struct UsableKeys {
  Keys keys;
  KeyValues values;
};
UsableKeys usable_keys(std::span<const KeyValues> all, const KeyValues& values, const Keys& keys);

// The first element with these values; null when there is none.
base::Node* find_element(base::Node* list, const UsableKeys& wanted);

// Puts the element in the place of those with these values, or at the end. Errors: an element of another type.
base::Result<void> place_element(base::Node::Array& list, const base::Node& element, const Keys& keys,
                                 const KeyValues& values);
base::Result<void> remove_elements(base::Node::Array& list, const Keys& keys, const KeyValues& values);

// `first`, then what of `rest` is not in it; where both have an element, that of `rest`, in the place of `first`.
base::Result<base::Node::Array> join_lists(base::Node::Array first, const base::Node::Array& rest, const Keys& keys);

}  // namespace gantry::kube::kustomize

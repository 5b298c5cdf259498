#pragma once

// Finds keys in a map that is being filled. Private to base.

#include "base/node.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gantry::base {

// Most maps in manifests have few keys, and comparing those one by one is fastest. A ConfigMap may have a hundred
// thousand: from kScannedMax on, keys are hashed, so that finding repeated ones is never quadratic.
class KeyIndex {
 public:
  // Where the key is among the members. Between calls members are only appended, and their keys differ.
  std::optional<std::size_t> find(std::span<const Node::Member> members, std::string_view key) {
    if (members.size() <= kScannedMax) return scan(members, key);
    if (!positions_) positions_ = std::make_unique<Positions>();
    for (std::size_t i = positions_->size(); i < members.size(); ++i) positions_->emplace(members[i].key, i);
    const auto it = positions_->find(std::string(key));
    return it == positions_->end() ? std::nullopt : std::optional(it->second);
  }

 private:
  static constexpr std::size_t kScannedMax = 16;
  using Positions = std::unordered_map<std::string, std::size_t>;

  static std::optional<std::size_t> scan(std::span<const Node::Member> members, std::string_view key) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (members[i].key == key) return i;
    }
    return {};
  }

  std::unique_ptr<Positions> positions_;  // of the first members; made when needed
};

}  // namespace gantry::base

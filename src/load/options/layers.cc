#include "load/options/layers.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace gantry::load {

using base::Node;

Node merge_options(Node lower, const Node& higher) {
  constexpr std::array<std::string_view, 4> kExecution = {"duration", "iterations", "stages", "scenarios"};
  if (!higher.is_map()) return lower;
  if (!lower.is_map()) return higher;
  const bool replaces =
      std::ranges::any_of(kExecution, [&](std::string_view key) { return higher.get(key) != nullptr; });
  if (replaces)
    for (const std::string_view key : kExecution) lower.erase(key);
  for (const Node::Member& member : higher.map()) lower.set(member.key, member.value);
  return lower;
}

}  // namespace gantry::load

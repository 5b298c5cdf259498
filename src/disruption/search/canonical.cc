// One state for all that nothing tells apart. Nodes of one class (same zones, room, rules and pods of others) may swap their
// names, and so may members where neither order nor rollout nor scaling looks at them, and during a rollout those that it has been
// at: nodes are sorted by what is on them, then members by where they are. A drain of twenty orders is then one.

#include "disruption/search/group.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace gantry::disruption {

namespace {

// A slot as one number, its node left out; with its index where members differ.
std::uint16_t content_of(const Slot& slot, std::size_t index, bool alike) {
  const auto state = static_cast<std::uint16_t>(slot.state);
  return static_cast<std::uint16_t>((alike ? 0U : (index + 1U) << 8U) | (state << 1U) | (slot.updated ? 1U : 0U));
}

struct NodeView {
  std::uint8_t twins = 0;
  NodePhase phase = NodePhase::waiting;
  std::array<std::uint16_t, kSlotsMax> content{};
  std::uint8_t count = 0;
  std::uint8_t node = 0;

  bool before(const NodeView& other) const {
    if (twins != other.twins) return twins < other.twins;
    if (phase != other.phase) return phase < other.phase;
    if (count != other.count) return count > other.count;
    return content < other.content;
  }
};

// Those of a rollout, in their places.
void sort_updated(GroupState& state) {
  std::array<Slot, kSlotsMax> updated{};
  const auto is_updated = [](const Slot& slot) { return slot.updated; };
  const auto end = std::ranges::copy_if(state.slots, updated.begin(), is_updated).out;
  std::sort(updated.begin(), end, std::greater<>());
  auto next = updated.begin();
  for (Slot& slot : state.slots)
    if (slot.updated) slot = *next++;
}

}  // namespace

GroupState canonical(const Group& group, const GroupState& state) {
  std::array<NodeView, kSearchNodesMax> views{};
  const std::size_t count = group.nodes.size();
  for (std::uint8_t node = 0; node < count; ++node) {
    views[node].twins = group.twins[node];
    views[node].phase = state.nodes[node];
    views[node].node = node;
  }
  for (std::size_t i = 0; i < kSlotsMax; ++i) {
    const Slot& slot = state.slots[i];
    if (slot.node == kNowhere) continue;
    NodeView& view = views[slot.node];
    view.content[view.count++] = content_of(slot, i, group.alike || (group.updated_alike && slot.updated));
  }
  for (std::size_t node = 0; node < count; ++node)
    std::sort(views[node].content.begin(), views[node].content.begin() + views[node].count);
  std::stable_sort(views.begin(), views.begin() + static_cast<std::ptrdiff_t>(count),
                   [](const NodeView& a, const NodeView& b) { return a.before(b); });
  // The first of its class in the new order takes the first name of the class.
  std::array<std::uint8_t, kSearchNodesMax> renamed{};
  std::array<bool, kSearchNodesMax> taken{};
  GroupState result = state;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint8_t name = 0;
    while (taken[name] || group.twins[name] != views[i].twins) ++name;
    taken[name] = true;
    renamed[views[i].node] = name;
    result.nodes[name] = views[i].phase;
  }
  for (Slot& slot : result.slots)
    if (slot.node != kNowhere) slot.node = renamed[slot.node];
  if (group.alike)
    std::ranges::sort(result.slots, std::greater<>());
  else if (group.updated_alike)
    sort_updated(result);
  return result;
}

PackedState pack(const GroupState& state) {
  PackedState packed;
  for (std::size_t i = 0; i < kSlotsMax; ++i) {
    const Slot& slot = state.slots[i];
    const std::uint64_t byte =
        std::uint64_t{std::to_underlying(slot.state)} << 5U | (slot.updated ? 16U : 0U) | slot.node;
    packed.words[i / 8] |= byte << (i % 8 * 8);
  }
  std::uint64_t& rest = packed.words[2];
  for (const NodePhase phase : state.nodes) rest = rest << 2U | std::to_underlying(phase);
  rest = rest << 16U | std::uint64_t{state.wished} << 8U | (state.removed ? 4U : 0U) | (state.crashed ? 2U : 0U) |
         (state.rolling ? 1U : 0U);
  return packed;
}

GroupState unpack(const PackedState& packed) {
  GroupState state;
  for (std::size_t i = 0; i < kSlotsMax; ++i) {
    const std::uint64_t byte = packed.words[i / 8] >> (i % 8 * 8) & 0xFFU;
    state.slots[i] = {.state = static_cast<SlotState>(byte >> 5U),
                      .node = static_cast<std::uint8_t>(byte & 15U),
                      .updated = (byte & 16U) != 0};
  }
  const std::uint64_t rest = packed.words[2];
  for (std::size_t i = 0; i < kSearchNodesMax; ++i)
    state.nodes[i] = static_cast<NodePhase>(rest >> (16U + 2U * (kSearchNodesMax - 1 - i)) & 3U);
  state.wished = static_cast<std::uint8_t>(rest >> 8U & 0xFFU);
  state.removed = (rest & 4U) != 0;
  state.crashed = (rest & 2U) != 0;
  state.rolling = (rest & 1U) != 0;
  return state;
}

std::size_t hash_value(const PackedState& packed) {
  std::uint64_t hash = 0x9E3779B97F4A7C15ULL;
  for (const std::uint64_t word : packed.words) {
    hash ^= word + 0x9E3779B97F4A7C15ULL + (hash << 6U) + (hash >> 2U);
    hash *= 0xFF51AFD7ED558CCDULL;
    hash ^= hash >> 33U;
  }
  return hash;
}

}  // namespace gantry::disruption

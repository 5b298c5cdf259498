#include "api/agentese.h"

#include <algorithm>
#include <array>

namespace kgents {

using gantry::base::Node;

namespace {

constexpr std::array<std::string_view, 3> kThing = {"manifest", "witness", "affordances"};
constexpr std::array<std::string_view, 4> kConcept = {"manifest", "witness", "refine", "relate"};
constexpr std::array<std::string_view, 4> kMemory = {"manifest", "engram", "recall", "forget"};
constexpr std::array<std::string_view, 3> kTime = {"manifest", "past", "forecast"};
constexpr std::array<std::string_view, 3> kVoid = {"manifest", "sip", "tithe"};

constexpr std::array kHandles = {
    Handle{"concept.forest", "Many agents that grow together", kConcept},
    Handle{"concept.justice", "What is owed to whom", kConcept},
    Handle{"self.memory", "What an agent has kept", kMemory},
    Handle{"self.soul", "The character that an agent answers from", kThing},
    Handle{"time.trace", "What has happened, in order", kTime},
    Handle{"void.entropy", "The budget for what nobody planned", kVoid},
    Handle{"world.garden", "Where tended things grow", kThing},
    Handle{"world.house", "Where agents meet", kThing},
};
static_assert(std::ranges::is_sorted(kHandles, {}, &Handle::path));

}  // namespace

bool Handle::has_aspect(std::string_view aspect) const { return std::ranges::find(aspects, aspect) != aspects.end(); }

const Handle* find_handle(std::string_view path) {
  const auto* const found = std::ranges::lower_bound(kHandles, path, {}, &Handle::path);
  return found != kHandles.end() && found->path == path ? found : nullptr;
}

Node manifest_of(const Handle& handle, std::string_view observer) {
  const std::size_t dot = handle.path.find('.');
  Node aspects = Node::empty_array();
  for (const std::string_view aspect : handle.aspects) aspects.array().emplace_back(aspect);
  Node node = Node::empty_map();
  node.set("path", handle.path);
  node.set("context", handle.path.substr(0, dot));
  node.set("holon", handle.path.substr(dot + 1));
  node.set("description", handle.description);
  node.set("aspects", std::move(aspects));
  node.set("observer", Node::empty_map()).set("id", observer);
  return node;
}

}  // namespace kgents

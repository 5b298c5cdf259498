#include "launch/checks/load/dependencies.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Node;

namespace {

constexpr std::array<std::string_view, 10> kOn = {"healthy", "ok",      "up",        "connected", "ready",
                                                  "pass",    "passing", "available", "closed",    "serving"};

const Node* find_state(const Node& component) {
  if (component.is_string() || component.is_bool()) return &component;
  if (!component.is_map()) return nullptr;
  for (const std::string_view key : {"status", "state", "connected"})
    if (const Node* state = component.get(key); state && (state->is_string() || state->is_bool())) return state;
  return nullptr;
}

void add(const Node::Member& member, std::vector<Dependency>& dependencies) {
  const Node* state = find_state(member.value);
  if (!state) return;
  const std::string word = state->is_bool() ? (state->boolean() ? "up" : "down") : state->string();
  const bool is_on = std::ranges::find(kOn, base::to_lower_ascii(word)) != kOn.end();
  dependencies.push_back({member.key, word, is_on});
}

}  // namespace

std::vector<Dependency> read_dependencies(const Node& page) {
  std::vector<Dependency> dependencies;
  if (!page.is_map()) return dependencies;
  for (const std::string_view key : {"components", "dependencies", "checks"})
    if (const Node* components = page.get(key); components && components->is_map())
      for (const Node::Member& member : components->map()) add(member, dependencies);
  if (!dependencies.empty()) return dependencies;
  // At the top a word is about the whole; only a map is about a part.
  for (const Node::Member& member : page.map())
    if (member.value.is_map()) add(member, dependencies);
  return dependencies;
}

std::vector<Dependency> worse_of(std::vector<Dependency> before, const std::vector<Dependency>& after) {
  for (const Dependency& later : after) {
    const auto known = std::ranges::find(before, later.name, &Dependency::name);
    if (known == before.end())
      before.push_back(later);
    else if (!later.is_on)
      *known = later;
  }
  return before;
}

std::vector<base::Finding> find_dependencies_off(const TargetRecord& target, const std::string& object,
                                                 const base::SourcePos& where) {
  std::vector<base::Finding> findings;
  if (!target.name.empty() && target.dependencies.empty())
    findings.push_back(
        {.rule = "load.dependencies-unknown",
         .severity = base::Severity::info,
         .object = object,
         .where = where,
         .message = "the target does not tell what it depends on",
         .explanation = "its status page names no component, so that nobody knows what the figures are about",
         .fix = "name in gantry.yaml the page that does: status: /health/ready",
         .related = {}});
  for (const auto& [name, state, is_on] : target.dependencies) {
    if (is_on) continue;
    const bool is_meant = std::ranges::find(target.without, name) != target.without.end();
    findings.push_back(
        {.rule = "load.dependency-off",
         .severity = is_meant ? base::Severity::info : base::Severity::high,
         .object = object,
         .where = where,
         .message = fmt::format("the target ran without {}", name),
         .explanation = fmt::format("its status page said \"{}\": what is measured is not about {}{}", state, name,
                                    is_meant ? ", as gantry.yaml says" : ""),
         .fix = is_meant
                    ? "measure it with all that it depends on before the figures are promised to anybody"
                    : fmt::format("start it with {0} (`services:` of the target in gantry.yaml), or say there that it "
                                  "is off on purpose: without: [{0}]",
                                  name),
         .related = {}});
  }
  return findings;
}

}  // namespace gantry::launch

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

// Where pages keep their parts, and what they call a part in a list.
constexpr std::array<std::string_view, 7> kParts = {"components", "dependencies", "checks", "services",
                                                    "entries",    "details",      "results"};
constexpr std::array<std::string_view, 5> kNames = {"name", "component", "service", "id", "componentId"};
// A boolean of one of these names at the top is about the whole.
constexpr std::array<std::string_view, 8> kWhole = {"ok",    "status", "ready", "healthy",
                                                    "alive", "live",   "up",    "success"};

const Node* find_state(const Node& component) {
  if (component.is_string() || component.is_bool()) return &component;
  if (!component.is_map()) return nullptr;
  for (const std::string_view key : {"status", "state", "connected", "healthy", "ok", "up", "available", "ready"})
    if (const Node* state = component.get(key); state && (state->is_string() || state->is_bool())) return state;
  return nullptr;
}

std::string name_of(const Node& component) {
  for (const std::string_view key : kNames)
    if (const Node* name = component.is_map() ? component.get(key) : nullptr; name && name->is_string())
      return name->string();
  return {};
}

void add(const std::string& name, const Node& component, std::vector<Dependency>& dependencies) {
  // Several looks at one thing (draft health+json): it is on where all say so.
  if (component.is_array()) {
    for (const Node& each : component.array()) add(name, each, dependencies);
    return;
  }
  const Node* state = find_state(component);
  if (!state || name.empty()) return;
  const std::string word = state->is_bool() ? (state->boolean() ? "up" : "down") : state->string();
  const bool is_on = std::ranges::find(kOn, base::to_lower_ascii(word)) != kOn.end();
  const auto known = std::ranges::find(dependencies, name, &Dependency::name);
  if (known == dependencies.end())
    dependencies.push_back({name, word, is_on});
  else if (!is_on)
    *known = {name, word, is_on};
}

void add_parts(const Node& parts, std::vector<Dependency>& dependencies) {
  if (parts.is_map())
    for (const Node::Member& member : parts.map()) add(member.key, member.value, dependencies);
  if (parts.is_array())
    for (const Node& part : parts.array()) add(name_of(part), part, dependencies);
}

}  // namespace

std::vector<Dependency> read_dependencies(const Node& page) {
  std::vector<Dependency> dependencies;
  if (page.is_array()) add_parts(page, dependencies);
  if (!page.is_map()) return dependencies;
  for (const std::string_view key : kParts)
    if (const Node* parts = page.get(key)) add_parts(*parts, dependencies);
  if (!dependencies.empty()) return dependencies;
  // At the top a word is about the whole; a map is about a part, and so is a yes or a no.
  for (const Node::Member& member : page.map())
    if (member.value.is_map() ||
        (member.value.is_bool() && std::ranges::find(kWhole, base::to_lower_ascii(member.key)) == kWhole.end()))
      add(member.key, member.value, dependencies);
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
  if (!target.status_fault.empty())
    findings.push_back({.rule = "load.status-unread",
                        .severity = base::Severity::high,
                        .object = object,
                        .where = where,
                        .message = "the page that tells what the target depends on cannot be read",
                        .explanation = target.status_fault,
                        .fix = "correct `status:` of the target in gantry.yaml, or leave it out",
                        .related = {}});
  else if (!target.name.empty() && target.dependencies.empty())
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

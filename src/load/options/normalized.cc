#include "load/options/normalized.h"

#include "base/text.h"
#include "load/options/go_integer.h"
#include "load/options/known.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::load {

namespace {

using base::Node;

constexpr std::array<std::string_view, 7> kWholeNumbers = {
    "batch", "batchPerHost", "iterations", "maxRedirects", "metricSamplesBufferSize", "rps", "vus"};
constexpr std::array<std::string_view, 18> kOfScenarios = {
    "duration",    "env",    "exec", "executor",        "gracefulRampDown", "gracefulStop", "iterations",
    "maxDuration", "maxVUs", "rate", "preAllocatedVUs", "stages",           "startRate",    "startTime",
    "startVUs",    "tags",   "vus",  "timeUnit"};
constexpr std::array<std::string_view, 7> kWholeNumbersOfScenarios = {
    "iterations", "maxVUs", "preAllocatedVUs", "rate", "startRate", "startVUs", "vus"};
constexpr std::array<std::string_view, 2> kOfStages = {"duration", "target"};
constexpr std::array<std::string_view, 1> kWholeNumbersOfStages = {"target"};

void read_wholes(Node& map, std::span<const std::string_view> keys) {
  for (const std::string_view key : keys) {
    Node* const value = map.get(key);
    if (!value || !value->is_string()) continue;
    if (value->string().empty())
      map.erase(key);
    else if (const std::optional<std::int64_t> number = parse_go_integer(value->string()))
      *value = Node(*number, value->pos());
  }
}

// No text is an empty one.
void read_texts(Node* map) {
  if (!map || !map->is_map()) return;
  for (Node::Member& member : map->map())
    if (member.value.is_null()) member.value = Node("", member.value.pos());
}

// The last one of those that are one name.
void spell(Node& map, std::span<const std::string_view> names) {
  Node spelled = Node::empty_map(map.pos());
  for (Node::Member& member : map.map()) {
    const auto is_same = [lower = base::to_lower_ascii(member.key)](std::string_view name) {
      return base::to_lower_ascii(name) == lower;
    };
    const auto known = std::ranges::find_if(names, is_same);
    spelled.set(known == names.end() ? std::string_view(member.key) : *known, std::move(member.value), member.key_pos);
  }
  map = std::move(spelled);
}

enum class OtherKeys { stay, go };

void normalize_stages(Node* stages, OtherKeys others) {
  if (!stages || !stages->is_array()) return;
  for (Node& stage : stages->array()) {
    if (!stage.is_map()) continue;
    spell(stage, kOfStages);
    read_wholes(stage, kWholeNumbersOfStages);
    const auto is_other = [](const Node::Member& member) {
      return std::ranges::find(kOfStages, member.key) == kOfStages.end();
    };
    if (others == OtherKeys::go) std::erase_if(stage.map(), is_other);
  }
}

// As k6 does where they are no scenario's, and says nothing of it.
void drop_stages_without_duration(Node* stages) {
  if (!stages || !stages->is_array()) return;
  std::erase_if(stages->array(), [](const Node& stage) {
    const Node* duration = stage.is_map() ? stage.get("duration") : nullptr;
    return stage.is_null() || (stage.is_map() && (!duration || duration->is_null()));
  });
}

void normalize_scenario(Node& scenario) {
  if (!scenario.is_map()) return;
  spell(scenario, kOfScenarios);
  read_wholes(scenario, kWholeNumbersOfScenarios);
  normalize_stages(scenario.get("stages"), OtherKeys::stay);
  for (const std::string_view key : {"env", "tags"}) read_texts(scenario.get(key));
}

}  // namespace

Node normalize_options(Node options) {
  if (!options.is_map()) return options;
  spell(options, known_options());
  read_wholes(options, kWholeNumbers);
  // k6 minds what a scenario says that it does not know, and not what the options do.
  normalize_stages(options.get("stages"), OtherKeys::go);
  drop_stages_without_duration(options.get("stages"));
  read_texts(options.get("tags"));
  if (Node* const scenarios = options.get("scenarios"); scenarios && scenarios->is_map())
    for (Node::Member& scenario : scenarios->map()) normalize_scenario(scenario.value);
  return options;
}

}  // namespace gantry::load

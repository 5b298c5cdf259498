#include "cli/commands/scale_commands.h"

#include "base/yaml.h"
#include "cli/commands/net_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace gantry::cli {

using base::Node;
using base::Result;

namespace {

constexpr std::array<const Command*, 2> kScaleCommands = {&kScaleSizeCommand, &kScaleSimulateCommand};

// An option is a place too: errors point at it.
base::SourcePos place_of(std::string_view option) {
  return {.file = std::make_shared<const std::string>(option), .line = 0, .column = 0};
}

Result<Node> value_of(const BlockOption& option, const std::string& text) {
  const base::SourcePos where = place_of(option.option);
  if (!option.is_number) return Node(text, where);
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size())
    return base::usage_error(fmt::format("{}: \"{}\" is no number", option.option, text),
                             fmt::format("it is: {}", option.help));
  const auto whole = static_cast<std::int64_t>(std::clamp(number, -9e15, 9e15));
  return static_cast<double>(whole) == number ? Node(whole, where) : Node(number, where);
}

}  // namespace

void BlockFlags::define(CLI::App& app, std::span<const BlockOption> options, std::string_view check) {
  app.add_option(
         "--block", file,
         fmt::format("A YAML file with the fields of the check {} (docs/formats/capacity.md); - is standard input",
                     check))
      ->type_name("FILE");
  for (const BlockOption& option : options)
    app.add_option_function<std::string>(
           std::string(option.option),
           [this, name = std::string(option.option)](const std::string& value) { values[name] = value; },
           std::string(option.help))
        ->type_name(std::string(option.type))
        // CLI11 takes a leading minus for an option; a number below 0 has its own error.
        ->allow_extra_args(false);
}

bool BlockFlags::has(std::string_view option) const { return values.contains(option); }

Result<Node> BlockFlags::block(std::span<const BlockOption> options) const {
  Node block = Node::empty_map(place_of("the command line"));
  if (!file.empty()) {
    const std::string text = TRY(read_input(file, "give a YAML file with the fields of the check"));
    block = TRY(base::load_yaml_document(text, file, {.rules = base::ScalarRules::core, .limits = {}}));
  }
  if (!block.is_map() && !values.empty())
    return base::input_error("the block is no map", block.pos(), "write keys and values, as in the plan");
  for (const BlockOption& option : options) {
    const auto written = values.find(option.option);
    if (written == values.end()) continue;
    Node value = TRY(value_of(option, written->second));
    Node* map = &block;
    if (!option.map.empty()) {
      Node* inner = block.get(option.map);
      map = inner && inner->is_map() ? inner : &block.set(option.map, Node::empty_map(place_of(option.option)));
    }
    map->set(option.key, std::move(value), place_of(option.option));
  }
  return block;
}

Result<std::string> read_input(const std::string& file, std::string_view help) {
  return with_help(read_text(file), help);
}

int exit_code_of(const std::vector<base::Finding>& findings) {
  const bool blocks = std::ranges::any_of(
      findings, [](const base::Finding& finding) { return finding.severity >= base::Severity::high; });
  return blocks ? kNo : kYes;
}

const Command kScaleCommand = {
    .name = "scale",
    .summary = "How many replicas of what size, and whether the autoscaler follows the load",
    .examples =
        "  gantry scale size --summary load.json --cpu 1.2 --rate 100       requests, replicas, the autoscaler\n"
        "  gantry scale simulate manifests/ --stages 2m:50,10m:200 --cpu-per-request 8\n"
        "  gantry scale simulate manifests/ --doubling 60 --cpu-per-request 8 --format svg > hpa.svg",
    .children = kScaleCommands};

}  // namespace gantry::cli

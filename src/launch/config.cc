#include "launch/config.h"

#include "base/text.h"
#include "base/time.h"
#include "base/yaml.h"
#include "launch/fields.h"
#include "launch/network_fields.h"
#include "launch/rehearsal_fields.h"
#include "netpol/profiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace gantry::launch {

using base::Node;
using base::Result;

namespace {

constexpr std::array kConfigFields = {
    Field{"manifests", FieldKind::path, Need::optional, "the folder or kustomization of the whole system"},
    Field{"bindings", FieldKind::any, Need::optional, "step -> list of gantry blocks"},
    Field{"criteria", FieldKind::any, Need::optional, "number of an exit criterion -> list of step ids"},
    Field{"commands", FieldKind::any, Need::optional, "name -> program that a command check may run"},
    Field{"gate", FieldKind::any, Need::optional, "the gate's policy"},
    Field{"drain", FieldKind::any, Need::optional, "what every rehearsal of drains takes as given"},
    Field{"load", FieldKind::any, Need::optional, "what every load test takes as given"},
    Field{"network", FieldKind::any, Need::optional, "which network plugin flows are judged by"},
    Field{"entropy", FieldKind::any, Need::optional, "what work on the plan takes from its budget"},
};

constexpr std::array kCommandFields = {
    Field{"run", FieldKind::text_list, Need::required, "the program and its arguments, one text each"},
    Field{"directory", FieldKind::path, Need::optional, "where it runs, relative to the workspace"},
    Field{"time_max", FieldKind::duration, Need::optional, "how long it may take"},
};

constexpr std::array kGateFields = {
    Field{"blocking_severity", FieldKind::text, Need::optional, "low, medium, high or critical"},
    Field{"waivers_max", FieldKind::integer, Need::optional, "how many waivers a GO may stand on"},
    Field{"required_roles", FieldKind::text_list, Need::optional, "roles that must sign the launch"},
    Field{"roles", FieldKind::text_list, Need::optional, "roles that may sign and waive besides those"},
    Field{"four_eyes", FieldKind::boolean, Need::optional, "whether nobody may approve what they alone wrote"},
};

constexpr std::array kEntropyFields = {
    Field{"retry_cost", FieldKind::any, Need::required, "what running a failed check again after a change takes: 0.01"},
};

Result<void> require_map(const Node& node, std::string_view what) {
  if (node.is_map()) return {};
  return base::input_error(fmt::format("{} is {}, not a map", what, to_string(node.kind())), node.pos());
}

// One spelling for one folder: checks compare it with the paths of steps. The root is ".", since "" means that none was given.
Result<std::string> read_path(const Node& node) {
  Result<std::string> path = base::normal_path(node.string());
  if (!path) path.error().where = node.pos();
  if (path && path->empty()) *path = ".";
  return path;
}

Result<void> read_bindings(const Node& node, Config& config) {
  TRY(require_map(node, "bindings"));
  for (const auto& [step, value, pos] : node.map()) {
    std::vector<Node>& blocks = config.bindings[step];
    if (value.is_map()) {
      blocks.push_back(value);
    } else if (value.is_array()) {
      blocks = value.array();
    } else {
      return base::input_error(fmt::format("bindings of {} are {}, not gantry blocks", step, to_string(value.kind())),
                               value.pos(), "write a list of maps, each with a \"check\"");
    }
  }
  return {};
}

Result<void> read_criteria(const Node& node, Config& config) {
  TRY(require_map(node, "criteria"));
  for (const auto& [key, value, pos] : node.map()) {
    int ordinal = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), ordinal);
    if (error != std::errc() || end != key.data() + key.size() || ordinal < 1)
      return base::input_error(fmt::format("\"{}\" is not the number of an exit criterion", key), pos,
                               "count them from 1 in the order of the plan");
    if (!value.is_array())
      return base::input_error(fmt::format("criterion {} must list the steps that decide it", ordinal), value.pos(),
                               "for example [A.1, A.3]");
    config.criteria[ordinal] = text_list(&value);
  }
  return {};
}

Result<void> read_commands(const Node& node, Config& config) {
  TRY(require_map(node, "commands"));
  for (const auto& [name, value, pos] : node.map()) {
    TRY(check_fields(value, kCommandFields, fmt::format("command {}", name)));
    NamedCommand command;
    command.argv = text_list(value.get("run"));
    if (const Node* directory = value.get("directory")) command.directory = TRY(read_path(*directory));
    command.where = value.pos();
    if (command.argv.empty())
      return base::input_error(fmt::format("command {} runs nothing", name), value.pos(),
                               "name the program in \"run\"");
    if (value.get("time_max")) command.time_max = TRY(base::parse_duration(value.text("time_max")));
    config.commands.emplace(name, std::move(command));
  }
  return {};
}

Result<base::Severity> parse_severity(const Node& node) {
  for (const base::Severity severity :
       {base::Severity::low, base::Severity::medium, base::Severity::high, base::Severity::critical})
    if (node.string() == to_string(severity)) return severity;
  return base::input_error(fmt::format("\"{}\" is not a severity that can block", node.string()), node.pos(),
                           "write low, medium, high or critical");
}

Result<void> read_gate(const Node& node, Config& config) {
  TRY(check_fields(node, kGateFields, "gate"));
  if (const Node* severity = node.get("blocking_severity"))
    config.gate.blocking_severity = TRY(parse_severity(*severity));
  if (const Node* most = node.get("waivers_max")) {
    if (most->integer() < 0 || most->integer() > 1000)
      return base::input_error("waivers_max must be between 0 and 1000", most->pos());
    config.gate.waivers_max = static_cast<int>(most->integer());
  }
  config.gate.required_roles = text_list(node.get("required_roles"));
  config.gate.roles = text_list(node.get("roles"));
  if (const Node* four_eyes = node.get("four_eyes")) config.gate.four_eyes = four_eyes->boolean();
  return {};
}

// A plan's whole budget is around 0.10.
Result<void> read_entropy(const Node& node, Config& config) {
  TRY(check_fields(node, kEntropyFields, "entropy"));
  const Node& cost = *node.get("retry_cost");
  const std::optional<Decimal> amount =
      cost.is_number() ? parse_decimal(fmt::format("{}", cost.number())) : std::optional<Decimal>();
  if (!amount || compare(*amount, {.units = 1, .digits = 0}) > 0)
    return base::input_error("retry_cost must be an amount of entropy between 0 and 1", cost.pos(), "for example 0.01");
  config.retry_cost = *amount;
  return {};
}

}  // namespace

Result<void> require_known_role(const GatePolicy& policy, std::string_view role) {
  if (policy.roles.empty()) return {};
  std::vector<std::string_view> known(policy.roles.begin(), policy.roles.end());
  known.insert(known.end(), policy.required_roles.begin(), policy.required_roles.end());
  if (std::ranges::find(known, role) != known.end()) return {};
  const std::optional<std::string_view> nearest = base::nearest_name(role, known);
  return base::usage_error(
      fmt::format("gantry.yaml knows no role \"{}\"", role),
      nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("it has {}", fmt::join(known, ", ")));
}

Result<Config> load_config(const base::FileSystem& workspace) {
  Config config;
  if (TRY(workspace.kind(kConfigFile)) == base::FileKind::missing) return config;
  const std::string text = TRY(base::with_context(workspace.read(kConfigFile), "while reading gantry.yaml"));
  const Node node = TRY(base::load_yaml_document(text, kConfigFile, {.rules = base::ScalarRules::core, .limits = {}}));
  config.file = kConfigFile;
  if (node.is_null()) return config;
  TRY(check_fields(node, kConfigFields, "gantry.yaml"));
  if (const Node* manifests = node.get("manifests")) config.manifests = TRY(read_path(*manifests));
  if (const Node* bindings = node.get("bindings")) TRY(read_bindings(*bindings, config));
  if (const Node* criteria = node.get("criteria")) TRY(read_criteria(*criteria, config));
  if (const Node* commands = node.get("commands")) TRY(read_commands(*commands, config));
  if (const Node* gate = node.get("gate")) TRY(read_gate(*gate, config));
  if (const Node* drain = node.get("drain")) {
    TRY(check_fields(*drain, kRehearsalFields, "drain"));
    config.drain = *drain;
  }
  if (const Node* load = node.get("load")) config.load = TRY(read_load_defaults(*load));
  if (const Node* network = node.get("network")) {
    TRY(check_fields(*network, kNetworkFields, "network"));
    TRY(netpol::parse_plugin(*network));
    config.network = *network;
  }
  if (const Node* entropy = node.get("entropy")) TRY(read_entropy(*entropy, config));
  return config;
}

}  // namespace gantry::launch

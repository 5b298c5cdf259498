#include "launch/checks/load/run_record.h"

#include "base/text.h"

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <thread>

namespace gantry::launch {

using base::Node;
using base::Result;

namespace {

constexpr std::string_view kSchema = "gantry.load-run/v1";

Node to_node(const AskedOf& asked) {
  return Node::Map{{"asked", asked.text, {}},
                   {"value", asked.value ? Node(*asked.value) : Node(), {}},
                   {"samples", asked.samples ? Node(static_cast<std::int64_t>(*asked.samples)) : Node(), {}},
                   {"result", asked.result, {}}};
}

Node to_node(const std::vector<AskedOf>& all) {
  Node::Array nodes;
  for (const AskedOf& asked : all) nodes.push_back(to_node(asked));
  return nodes;
}

Node to_node(const std::vector<std::string>& texts) {
  Node::Array nodes;
  for (const std::string& text : texts) nodes.emplace_back(text);
  return nodes;
}

Node to_node(const std::map<std::string, std::string, std::less<>>& texts) {
  Node node = Node::empty_map();
  for (const auto& [name, text] : texts) node.set(name, text);
  return node;
}

Node to_node(const std::map<std::string, std::uint64_t, std::less<>>& counts) {
  Node node = Node::empty_map();
  for (const auto& [name, count] : counts) node.set(name, static_cast<std::int64_t>(count));
  return node;
}

std::vector<std::string> texts_of(const Node* node) {
  std::vector<std::string> texts;
  if (node && node->is_array())
    for (const Node& text : node->array())
      if (text.is_string()) texts.push_back(text.string());
  return texts;
}

std::vector<AskedOf> read_asked(const Node* node) {
  std::vector<AskedOf> all;
  if (!node || !node->is_array()) return all;
  for (const Node& each : node->array()) {
    if (!each.is_map()) continue;
    AskedOf asked{.text = std::string(each.text("asked")), .result = std::string(each.text("result"))};
    if (const Node* value = each.get("value"); value && value->is_number()) asked.value = value->number();
    if (const Node* samples = each.get("samples"); samples && samples->is_integer())
      asked.samples = static_cast<std::uint64_t>(samples->integer());
    all.push_back(std::move(asked));
  }
  return all;
}

TargetRecord read_target(const Node* node) {
  TargetRecord target;
  if (!node || !node->is_map()) return target;
  target.name = node->text("name");
  target.url = node->text("url");
  target.program = node->text("program");
  target.digest = node->text("digest");
  target.version = node->text("version");
  target.status_fault = node->text("status_fault");
  target.without = texts_of(node->get("without"));
  if (const Node* dependencies = node->get("dependencies"); dependencies && dependencies->is_map())
    for (const Node::Member& member : dependencies->map()) {
      const Node* on = member.value.is_map() ? member.value.get("on") : nullptr;
      target.dependencies.push_back(
          {member.key, std::string(member.value.text("state")), on && on->is_bool() && on->boolean()});
    }
  return target;
}

struct Shape {
  std::string operator()(const load::ConstantVus& plan) const {
    return fmt::format("{} VUs for {}", plan.vus, load::format_go_duration(plan.duration));
  }
  std::string operator()(const load::RampingVus& plan) const {
    return fmt::format("up to {} VUs in {} stages", load::VuRamp(plan.start_vus, plan.stages).most_vus(),
                       plan.stages.size());
  }
  std::string operator()(const load::SharedIterations& plan) const {
    return fmt::format("{} iterations shared by {} VUs", plan.iterations, plan.vus);
  }
  std::string operator()(const load::PerVuIterations& plan) const {
    return fmt::format("{} iterations of each of {} VUs", plan.iterations, plan.vus);
  }
  std::string operator()(const load::ConstantArrivalRate& plan) const {
    return fmt::format("{} iterations each {} for {}, up to {} VUs", plan.rate,
                       load::format_go_duration(plan.time_unit), load::format_go_duration(plan.duration), plan.max_vus);
  }
  std::string operator()(const load::RampingArrivalRate& plan) const {
    return fmt::format("arrivals in {} stages, up to {} VUs", plan.stages.size(), plan.max_vus);
  }
};

}  // namespace

std::string describe_machine() {
  std::string model;
  std::ifstream lines("/proc/cpuinfo");
  for (std::string line; model.empty() && std::getline(lines, line);)
    if (line.starts_with("model name")) model = base::trim(std::string_view(line).substr(line.find(':') + 1));
  return fmt::format("{} processors{}{}", std::thread::hardware_concurrency(), model.empty() ? "" : ", ", model);
}

std::vector<std::string> describe_scenarios(const load::RunOutcome& outcome) {
  std::vector<std::string> texts;
  for (const load::ScenarioOutcome& each : outcome.scenarios)
    texts.push_back(fmt::format("{}: {}, {}", each.scenario.name, load::executor_name(each.scenario.plan),
                                std::visit(Shape{}, each.scenario.plan)));
  return texts;
}

Node to_node(const TargetRecord& target) {
  Node dependencies = Node::empty_map();
  for (const Dependency& each : target.dependencies)
    dependencies.set(each.name, Node::Map{{"state", each.state, {}}, {"on", each.is_on, {}}});
  return Node::Map{{"name", target.name, {}},
                   {"url", target.url, {}},
                   {"program", target.program, {}},
                   {"digest", target.digest, {}},
                   {"version", target.version, {}},
                   {"dependencies", std::move(dependencies), {}},
                   {"without", to_node(target.without), {}},
                   {"status_fault", target.status_fault, {}}};
}

Node to_node(const LoadRecord& record) {
  return Node::Map{{"schema", std::string(kSchema), {}},
                   {"script", Node::Map{{"path", record.script, {}}, {"digest", record.script_digest, {}}}, {}},
                   {"files", to_node(record.files), {}},
                   {"machine", record.machine, {}},
                   {"asked", to_node(record.asked), {}},
                   {"command", record.command, {}},
                   {"target", to_node(record.target), {}},
                   {"scenarios", to_node(record.scenarios), {}},
                   {"thresholds", to_node(record.thresholds), {}},
                   {"expectations", to_node(record.expectations), {}},
                   {"options", record.options, {}}};
}

Result<LoadRecord> read_load_record(const Node& node) {
  if (!node.is_map() || node.text("schema") != kSchema)
    return base::input_error(fmt::format("{} is no record of a load test that this version knows", kRunFile), {},
                             "run the load test again: gantry run PLAN --with load --fresh");
  LoadRecord record;
  if (const Node* script = node.get("script"); script && script->is_map()) {
    record.script = script->text("path");
    record.script_digest = script->text("digest");
  }
  record.machine = node.text("machine");
  if (const Node* asked = node.get("asked"); asked && asked->is_map())
    for (const Node::Member& member : asked->map())
      if (member.value.is_integer()) record.asked.emplace(member.key, member.value.integer());
  if (const Node* files = node.get("files"); files && files->is_map())
    for (const Node::Member& member : files->map())
      if (member.value.is_string()) record.files.emplace(member.key, member.value.string());
  record.command = node.text("command");
  record.target = read_target(node.get("target"));
  record.scenarios = texts_of(node.get("scenarios"));
  record.thresholds = read_asked(node.get("thresholds"));
  record.expectations = read_asked(node.get("expectations"));
  if (const Node* options = node.get("options")) record.options = *options;
  return record;
}

}  // namespace gantry::launch

#include "launch/load_targets.h"

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "launch/fields.h"

#include <fmt/format.h>

#include <array>

namespace gantry::launch {

using base::Node;
using base::Result;

namespace {

constexpr std::array kLoadFields = {
    Field{"target", FieldKind::text, Need::optional, "the target of blocks that name none"},
    Field{"expect", FieldKind::text_list, Need::optional, "what blocks expect that say nothing of their own"},
    Field{"targets", FieldKind::any, Need::optional, "name -> program that a load test may start"},
};

constexpr std::array kTargetFields = {
    Field{"run", FieldKind::text_list, Need::optional,
          "the program and its arguments, one text each; without, it runs elsewhere already"},
    Field{"directory", FieldKind::path, Need::optional, "where it runs, relative to the workspace"},
    Field{"env", FieldKind::label_map, Need::optional, "variables of its environment"},
    Field{"inherit", FieldKind::text_list, Need::optional,
          "names of variables that it takes over from whoever runs gantry, besides PATH, HOME and the like"},
    Field{"sources", FieldKind::text_list, Need::optional,
          "files and folders of the workspace that hold what it runs, where that is not the program itself"},
    Field{"others", FieldKind::text_list, Need::optional,
          "host:port of others that the script may ask besides, whom the figures are about too"},
    Field{"url", FieldKind::text, Need::required, "where it answers: http://127.0.0.1:{port}"},
    Field{"health", FieldKind::text, Need::optional, "a path that answers 200 once it is ready (default /health)"},
    Field{"status", FieldKind::text, Need::optional,
          "a path whose JSON tells of its dependencies (default: the health path)"},
    Field{"metrics", FieldKind::text, Need::optional, "a path of Prometheus text, for its memory (/metrics)"},
    Field{"without", FieldKind::text_list, Need::optional, "dependencies that are off in the test, on purpose"},
    Field{"services", FieldKind::any, Need::optional, "name -> program that it depends on, started for the test"},
    Field{"variable", FieldKind::text, Need::optional, "the script's variable for the url (default BASE_URL)"},
    Field{"ready_within", FieldKind::duration, Need::optional, "how long it may take to get ready (default 30s)"},
};

constexpr std::array kServiceFields = {
    Field{"run", FieldKind::text_list, Need::required,
          "the program and its arguments; {port} and {directory} are filled in"},
};

Result<std::vector<LoadService>> read_services(const Node* node) {
  std::vector<LoadService> services;
  if (!node) return services;
  if (!node->is_map())
    return base::input_error(fmt::format("services is {}, not a map", to_string(node->kind())), node->pos());
  for (const Node::Member& member : node->map()) {
    TRY(check_fields(member.value, kServiceFields, fmt::format("service {}", member.key)));
    services.push_back({member.key, text_list(member.value.get("run")), member.value.pos()});
    if (services.back().argv.empty())
      return base::input_error(fmt::format("service {} runs nothing", member.key), member.value.pos(),
                               "name the program in \"run\"");
  }
  return services;
}

Result<LoadTarget> read_target(const std::string& name, const Node& node) {
  TRY(check_fields(node, kTargetFields, fmt::format("target {}", name)));
  LoadTarget target;
  target.argv = text_list(node.get("run"));
  target.where = node.pos();
  if (node.get("run") && target.argv.empty())
    return base::input_error(fmt::format("target {} runs nothing", name), node.pos(), "name the program in \"run\"");
  if (const Node* directory = node.get("directory")) target.directory = TRY(base::normal_path(directory->string()));
  if (const Node* env = node.get("env"))
    for (const Node::Member& variable : env->map()) target.env.emplace_back(variable.key, variable.value.string());
  target.inherit = text_list(node.get("inherit"));
  for (const std::string& text : text_list(node.get("sources"))) {
    std::string path =
        TRY(base::with_context(base::normal_path(text), fmt::format("in the sources of target {}", name)));
    target.sources.push_back(path.empty() ? "." : std::move(path));
  }
  target.others = text_list(node.get("others"));
  target.url = node.text("url");
  if (!target.url.starts_with("http://"))
    return base::input_error(fmt::format("target {}: \"{}\" is no place to ask", name, target.url),
                             node.get("url")->pos(), "write http://127.0.0.1:{port}");
  if (node.get("health")) target.health = node.text("health");
  target.status = node.text("status");
  target.metrics = node.text("metrics");
  target.without = text_list(node.get("without"));
  target.services = TRY(read_services(node.get("services")));
  if (node.get("variable")) target.variable = node.text("variable");
  if (node.get("ready_within")) target.ready_within = TRY(base::parse_duration(node.text("ready_within")));
  return target;
}

}  // namespace

Result<LoadDefaults> read_load_defaults(const Node& node) {
  TRY(check_fields(node, kLoadFields, "load"));
  LoadDefaults load;
  load.text = node;
  load.target = node.text("target");
  load.expect = text_list(node.get("expect"));
  if (const Node* targets = node.get("targets")) {
    if (!targets->is_map())
      return base::input_error(fmt::format("targets is {}, not a map", to_string(targets->kind())), targets->pos());
    for (const Node::Member& target : targets->map())
      load.targets.emplace(target.key, TRY(read_target(target.key, target.value)));
  }
  if (load.target.empty() || load.targets.contains(load.target)) return load;
  std::vector<std::string_view> names;
  for (const auto& [name, target] : load.targets) names.push_back(name);
  const std::optional<std::string_view> nearest = base::nearest_name(load.target, names);
  return base::input_error(fmt::format("gantry.yaml has no target \"{}\"", load.target), node.get("target")->pos(),
                           nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "add it to targets");
}

}  // namespace gantry::launch

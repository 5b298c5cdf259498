#include "load/rest/rest.h"

#include "base/json.h"
#include "load/summary/data.h"
#include "load/summary/shown.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

using base::Node;

RestAnswer answer(const Node& node) { return {.body = base::dump_json(node)}; }

RestAnswer refuse(int status, std::string_view title, std::string_view detail) {
  const Node error = Node::Map{{"status", fmt::to_string(status), {}}, {"title", title, {}}, {"detail", detail, {}}};
  return {status, base::dump_json(Node::Map{{"errors", Node::Array{error}, {}}})};
}

bool is_tainted(const JudgedMetric& metric) {
  return std::ranges::any_of(metric.thresholds, [](const JudgedThreshold& each) {
    return !each.judgement.is_undecided && !each.judgement.holds;
  });
}

RestAnswer show_status(const RestQuestion&, RunLook& look) {
  const bool is_running = look.phase >= RunPhase::started && look.phase < RunPhase::ended;
  const Node attributes = Node::Map{{"status", static_cast<int>(look.phase), {}},
                                    {"paused", look.is_paused, {}},
                                    {"vus", static_cast<std::int64_t>(look.vus_active), {}},
                                    {"vus-max", static_cast<std::int64_t>(look.vus), {}},
                                    {"stopped", look.is_stopped, {}},
                                    {"running", is_running, {}},
                                    {"tainted", std::ranges::any_of(look.outcome.thresholds, is_tainted), {}}};
  return answer(Node::Map{
      {"data", Node::Map{{"type", "status", {}}, {"id", "default", {}}, {"attributes", attributes, {}}}, {}}});
}

RestAnswer change_status(const RestQuestion& question, RunLook& look) {
  const base::Result<Node> body = base::load_json(question.body, "request");
  if (!body) return refuse(400, "Invalid data", body.error().message);
  const Node* wanted = body->find("data", "attributes");
  const auto member = [&](std::string_view name) {
    const Node* value = wanted ? wanted->get(name) : nullptr;
    return value && !value->is_null() ? value : nullptr;
  };
  const auto is_true = [](const Node* value) { return value && value->is_bool() && value->boolean(); };
  if (is_true(member("stopped"))) {
    look.is_stopped = true;
    return show_status(question, look);
  }
  if (const Node* paused = member("paused")) {
    if (is_true(paused) && look.is_paused) return refuse(500, "Pause error", "execution is already paused");
    if (!look.is_paused)
      return refuse(500, "Pause error", "a run does not support pause and resume operations after its start");
    look.is_paused = is_true(paused);
  }
  if (member("vus") || member("vus-max"))
    return refuse(500, "Execution config error", "live VU configuration updates are not supported");
  return show_status(question, look);
}

// Whatever the options say of trends: these.
constexpr std::array<std::string_view, 6> kTrendStats = {"min", "max", "avg", "med", "p(90)", "p(95)"};

struct Sample {
  std::chrono::nanoseconds elapsed;
  Node operator()(const CounterSink& sink) const {
    return Node::Map{{"count", sink.count(), {}}, {"rate", sink.rate(elapsed), {}}};
  }
  Node operator()(const GaugeSink& sink) const { return Node::Map{{"value", sink.value(), {}}}; }
  Node operator()(const RateSink& sink) const { return Node::Map{{"rate", sink.rate().value_or(0), {}}}; }
  Node operator()(const TrendSink& sink) const {
    Node sample = Node::empty_map();
    for (const std::string_view stat : kTrendStats) sample.set(stat, *trend_stat(sink, stat));
    return sample;
  }
};

Node make_metric(const Shown& shown, std::chrono::nanoseconds elapsed) {
  const bool is_judged = shown.judged && !shown.judged->thresholds.empty();
  const Node attributes = Node::Map{{"type", to_string(shown.metric->type), {}},
                                    {"contains", to_string(shown.metric->contains), {}},
                                    {"tainted", is_judged ? Node(is_tainted(*shown.judged)) : Node(), {}},
                                    {"sample", std::visit(Sample{elapsed}, shown.sink), {}}};
  return Node::Map{{"type", "metrics", {}}, {"id", shown.name, {}}, {"attributes", attributes, {}}};
}

RestAnswer list_metrics(const RestQuestion&, RunLook& look) {
  Node::Array metrics;
  for (const Shown& shown : shown_metrics(look.outcome)) metrics.push_back(make_metric(shown, look.elapsed));
  return answer(Node::Map{{"data", std::move(metrics), {}}});
}

RestAnswer show_metric(const RestQuestion& question, RunLook& look) {
  const std::string_view name = std::string_view(question.path).substr(question.path.rfind('/') + 1);
  for (const Shown& shown : shown_metrics(look.outcome))
    if (shown.name == name) return answer(Node::Map{{"data", make_metric(shown, look.elapsed), {}}});
  return refuse(404, "Not Found", "No metric with that ID was found");
}

Node reference(const ScriptGroup& group) {
  return Node::Map{{"type", "groups", {}}, {"id", script_id(group.path), {}}};
}

Node make_group(const ScriptGroup& group, const ScriptGroup* parent) {
  Node::Array checks;
  for (const ScriptCheck& check : group.checks) {
    const std::string path = fmt::format("{}::{}", group.path, check.name);
    checks.push_back(Node::Map{{"id", script_id(path), {}},
                               {"path", path, {}},
                               {"name", check.name, {}},
                               {"passes", static_cast<std::int64_t>(check.passes), {}},
                               {"fails", static_cast<std::int64_t>(check.fails), {}}});
  }
  Node::Array groups;
  for (const ScriptGroup& inner : group.groups) groups.push_back(reference(inner));
  const Node attributes =
      Node::Map{{"path", group.path, {}}, {"name", group.name, {}}, {"checks", std::move(checks), {}}};
  const Node relations = Node::Map{{"groups", Node::Map{{"data", std::move(groups), {}}}, {}},
                                   {"parent", Node::Map{{"data", parent ? reference(*parent) : Node(), {}}}, {}}};
  return Node::Map{{"type", "groups", {}},
                   {"id", script_id(group.path), {}},
                   {"attributes", attributes, {}},
                   {"relationships", relations, {}}};
}

void add_groups(const ScriptGroup& group, const ScriptGroup* parent, Node::Array& all) {
  all.push_back(make_group(group, parent));
  for (const ScriptGroup& inner : group.groups) add_groups(inner, &group, all);
}

RestAnswer list_groups(const RestQuestion&, RunLook& look) {
  Node::Array groups;
  add_groups(look.outcome.checks.groups, nullptr, groups);
  return answer(Node::Map{{"data", std::move(groups), {}}});
}

RestAnswer show_group(const RestQuestion& question, RunLook& look) {
  const std::string_view id = std::string_view(question.path).substr(question.path.rfind('/') + 1);
  Node::Array groups;
  add_groups(look.outcome.checks.groups, nullptr, groups);
  for (const Node& group : groups)
    if (group.text("id") == id) return answer(Node::Map{{"data", group, {}}});
  return refuse(404, "Not Found", "No group with that ID was found");
}

RestAnswer show_setup(const RestQuestion&, RunLook& look) {
  Node data;
  if (look.outcome.setup_data)
    if (base::Result<Node> read = base::load_json(*look.outcome.setup_data, "setup data")) data = *std::move(read);
  Node attributes = Node::empty_map();
  if (look.outcome.setup_data) attributes.set("data", std::move(data));
  return answer(Node::Map{
      {"data", Node::Map{{"type", "setupData", {}}, {"id", "default", {}}, {"attributes", attributes, {}}}, {}}});
}

RestAnswer set_setup(const RestQuestion& question, RunLook& look) {
  if (question.body.empty()) {
    look.outcome.setup_data.reset();
  } else {
    const base::Result<Node> data = base::load_json(question.body, "request");
    if (!data) return refuse(400, "Error parsing request body", data.error().message);
    look.outcome.setup_data = question.body;
  }
  return show_setup(question, look);
}

RestAnswer run_setup(const RestQuestion& question, RunLook& look) {
  if (const base::Result<void> done = look.call_setup(); !done)
    return refuse(500, "Error executing setup", done.error().message);
  return show_setup(question, look);
}

RestAnswer run_teardown(const RestQuestion&, RunLook& look) {
  if (const base::Result<void> done = look.call_teardown(); !done)
    return refuse(500, "Error executing teardown", done.error().message);
  return {};
}

struct Endpoint {
  std::string_view method;
  std::string_view path;  // one that ends with / leads what is below it
  RestAnswer (*answer)(const RestQuestion&, RunLook&);
};
constexpr std::array<Endpoint, 10> kEndpoints = {{{"GET", "/v1/status", show_status},
                                                  {"PATCH", "/v1/status", change_status},
                                                  {"GET", "/v1/metrics", list_metrics},
                                                  {"GET", "/v1/metrics/", show_metric},
                                                  {"GET", "/v1/groups", list_groups},
                                                  {"GET", "/v1/groups/", show_group},
                                                  {"GET", "/v1/setup", show_setup},
                                                  {"PUT", "/v1/setup", set_setup},
                                                  {"POST", "/v1/setup", run_setup},
                                                  {"POST", "/v1/teardown", run_teardown}}};

}  // namespace

RestAnswer answer_rest(const RestQuestion& question, RunLook& look) {
  bool has_path = false;
  for (const Endpoint& endpoint : kEndpoints) {
    const bool is_this =
        endpoint.path.ends_with('/') ? question.path.starts_with(endpoint.path) : question.path == endpoint.path;
    if (!is_this) continue;
    has_path = true;
    if (question.method == endpoint.method) return endpoint.answer(question, look);
  }
  return has_path ? refuse(405, "Method Not Allowed", question.method)
                  : refuse(404, "Not Found", "the API has /v1/status, metrics, groups, setup and teardown");
}

}  // namespace gantry::load

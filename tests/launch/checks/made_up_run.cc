#include "launch/checks/made_up_run.h"

#include "base/json.h"
#include "launch/checks/load/run_record.h"

#include <fmt/format.h>

#include <array>

namespace gantry::launch::test {

using base::Node;

std::string summary_of(std::span<const double> latencies, int failed) {
  Node::Array intervals;
  for (const double ms : latencies)
    intervals.push_back(
        Node::Map{{"requests", 400, {}}, {"failed", failed, {}}, {"p50", ms, {}}, {"p95", ms, {}}, {"p99", ms, {}}});
  Node gantry =
      Node::Map{{"http_req_duration", Node::Map{{"ms", Node::Map{{"p95", 3.1, {}}, {"p99.9", 12.5, {}}}, {}}}, {}},
                {"scenarios", Node::Map{{"baseline", Node::Map{{"model", "closed", {}}}, {}}}, {}},
                {"series", Node::Map{{"seconds", 1, {}}, {"intervals", std::move(intervals), {}}}, {}}};
  return base::dump_json(Node::Map{{"gantry", std::move(gantry), {}}});
}

FoundEvidence::Found load_evidence(MadeUpEvidence& evidence, const std::string& script, const std::string& summary,
                                   const std::function<void(LoadRecord&)>& change) {
  LoadRecord record{
      .script = script,
      .script_digest = "sha256:5c41",
      .files = {{script, "sha256:5c41"}, {"lib/think.js", "sha256:6d52"}},
      .machine = "2 processors, Example CPU",
      .asked = {{"127.0.0.1:8000", 29000}},
      .command = "gantry load run " + script,
      .target = {.name = "local",
                 .url = "http://127.0.0.1:{port}",
                 .program = "kgent-api",
                 .digest = "sha256:a9f1",
                 .version = "1.0.0",
                 .dependencies = {{"nats", "healthy", true}, {"openmeter", "disabled", false}},
                 .without = {"openmeter"}},
      .thresholds = {{"http_req_duration: p(95)<500", 3.1, 29000, std::string(kHolds)},
                     {"http_req_duration{scenario:gone}: p(99)<900", std::nullopt, 0, std::string(kUndecided)}},
      .expectations = {{"rate >= 100", 483.33, 29000, std::string(kHolds)},
                       {"p95 < 500ms", 3.1, 29000, std::string(kHolds)},
                       {"errors < 1%", 0, 29000, std::string(kHolds)}},
      .scenarios = {"baseline: constant-vus, 50 VUs for 1m0s"},
      .options = Node::Map{{"vus", 50, {}}, {"duration", "1m", {}}}};
  change(record);
  const std::string record_text = base::dump_json(to_node(record));
  base::Evidence found{.id = "e1",
                       .check = "load.run",
                       .subject = "script " + script,
                       .verdict = base::Verdict::pass,
                       .summary = "29000 requests at 483.3/s",
                       .findings = {{.rule = "load.rate-set-by-script",
                                     .severity = base::Severity::info,
                                     .message = "the rate was set by the script, not by the target",
                                     .explanation = "its VUs wait"}},
                       .metrics = {{"requests_per_second", 483.333},
                                   {"latency_ms_avg", 2.04},
                                   {"latency_ms_p50", 1.946},
                                   {"latency_ms_p90", 2.8},
                                   {"latency_ms_p95", 3.104},
                                   {"latency_ms_p99", 5.55},
                                   {"latency_ms_max", 61.2},
                                   {"requests_failed_percent", 0.02},
                                   {"requests_count", 29000},
                                   {"duration_seconds", 60.04}},
                       .artifacts = {{"summary.json", evidence.keep(summary), "application/json"},
                                     {"run.json", evidence.keep(record_text), "application/json"}}};
  return {.step = "B.2", .binding_key = "k", .block = Node::Map{{"script", script, {}}}, .evidence = std::move(found)};
}

MadeUpEvidence one_load_test() {
  MadeUpEvidence evidence;
  evidence.all.push_back(load_evidence(evidence, "load.js", summary_of(std::array{3.0, 3.1, 3.2})));
  return evidence;
}

}  // namespace gantry::launch::test

#include "launch/checks/load/baseline_text.h"

#include "base/json.h"
#include "launch/checks/load/baseline_claims.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gantry::launch {

using base::Node;

namespace {

struct Row {
  std::string_view metric;
  std::string_view label;
  Quantity quantity;
  std::string_view expectation;  // the figure of one about it
};
constexpr std::array kRows = {
    Row{"requests_per_second", "Request rate", Quantity::rate, "rate"},
    Row{"latency_ms_avg", "Average latency", Quantity::latency, "avg"},
    Row{"latency_ms_p50", "p50", Quantity::latency, "p50"},
    Row{"latency_ms_p90", "p90", Quantity::latency, "p90"},
    Row{"latency_ms_p95", "p95", Quantity::latency, "p95"},
    Row{"latency_ms_p99", "p99", Quantity::latency, "p99"},
    Row{"latency_ms_max", "Max", Quantity::latency, "max"},
    Row{"requests_failed_percent", "Error rate", Quantity::share, "errors"},
    Row{"requests_count", "Requests", Quantity::count, "-"},
    Row{"iterations_count", "Iterations", Quantity::count, "-"},
    Row{"iterations_dropped_count", "Dropped iterations", Quantity::count, "-"},
    Row{"duration_seconds", "Duration", Quantity::span, "-"},
};

// A pipe would end the cell.
std::string cell(std::string_view text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? std::string("\\|") : c == '\n' ? std::string(" ") : std::string(1, c);
  return safe;
}

std::string show_asked(const AskedOf& asked) {
  if (!asked.value) return "–";
  return fmt::format("{:.6g}", *asked.value);
}

std::string summary_table(const MeasuredRun& run) {
  std::string text = "| Metric | Target | Baseline | Status |\n|---|---|---|---|\n";
  for (const Row& row : kRows) {
    const auto value = run.figures.find(row.metric);
    if (value == run.figures.end()) continue;
    std::vector<std::string> targets;
    std::vector<std::string> statuses;
    for (const AskedOf& asked : run.record.expectations)
      if (asked.text.substr(0, asked.text.find_first_of(" <>=")) == row.expectation) {
        targets.push_back(cell(asked.text));
        statuses.push_back(asked.result);
      }
    text += fmt::format("| {} | {} | {} | {} |\n", row.label, fmt::join(targets, ", "),
                        show(row.quantity, value->second), fmt::join(statuses, ", "));
  }
  return text;
}

std::string asked_table(const MeasuredRun& run) {
  if (run.record.thresholds.empty()) return {};
  std::string text = "\n| Threshold | Measured | Samples | Result |\n|---|---|---|---|\n";
  for (const AskedOf& asked : run.record.thresholds)
    text += fmt::format("| `{}` | {} | {} | {} |\n", cell(asked.text), show_asked(asked),
                        asked.samples ? fmt::format("{}", *asked.samples) : "–", asked.result);
  return text;
}

std::string describe_dependencies(const TargetRecord& target) {
  std::vector<std::string> texts;
  for (const Dependency& each : target.dependencies) {
    const bool is_meant = std::ranges::find(target.without, each.name) != target.without.end();
    texts.push_back(fmt::format("{} {}{}", each.name, each.state, !each.is_on && is_meant ? " (off on purpose)" : ""));
  }
  return texts.empty() ? "the target does not tell" : fmt::format("{}", fmt::join(texts, ", "));
}

std::string describe_target(const TargetRecord& target) {
  if (target.name.empty()) return "whoever answered where the script asked";
  std::string text = fmt::format("{} ({})", target.name, target.url);
  if (!target.program.empty()) text += fmt::format(", `{}`", target.program);
  if (!target.version.empty()) text += fmt::format(" {}", target.version);
  if (!target.digest.empty()) text += fmt::format(", `{}`", target.digest);
  return text;
}

// The other half of the megabytes of each is left to who wants them: the artifact.
std::string find_artifact(const base::Evidence& evidence, std::string_view name) {
  const auto found = std::ranges::find(evidence.artifacts, name, &base::Artifact::name);
  return found == evidence.artifacts.end() ? std::string() : found->sha256;
}

std::string run_table(const MeasuredRun& run) {
  const LoadRecord& record = run.record;
  std::string text = "\n| Of the run | |\n|---|---|\n";
  const auto row = [&text](std::string_view what, std::string_view value) {
    text += fmt::format("| {} | {} |\n", what, cell(value));
  };
  row("Began", base::format_rfc3339(run.evidence.started));
  row("Command", fmt::format("`{}`", record.command));
  row("Script", fmt::format("`{}`, `{}`", record.script, record.script_digest));
  row("Scenarios", fmt::format("{}", fmt::join(record.scenarios, "; ")));
  row("Target", describe_target(record.target));
  if (!record.target.name.empty()) row("Depends on", describe_dependencies(record.target));
  if (const auto cpu = run.figures.find("generator_cpu_percent"); cpu != run.figures.end())
    row("Gantry itself", fmt::format("{:.0f} % of one core", cpu->second));
  if (const auto cpu = run.figures.find("target_cpu_seconds"); cpu != run.figures.end())
    row("Target's processor time", fmt::format("{:.1f} s, with its services", cpu->second));
  if (const auto memory = run.figures.find("target_memory_bytes_max"); memory != run.figures.end())
    row("Target's memory at most", fmt::format("{:.1f} MB", memory->second / 1e6));
  row("Raw summary", fmt::format("`sha256:{}` in `.gantry/artifacts/`", find_artifact(run.evidence, kSummaryFile)));
  return text;
}

std::string conclusions(const MeasuredRun& run) {
  std::string text = "\nWhat the figures say: " + run.evidence.summary + ".\n";
  std::string limits;
  for (const base::Finding& finding : run.evidence.findings)
    limits += fmt::format("* {}: {}\n", finding.message, finding.explanation);
  if (!limits.empty()) text += "\nWhat must be known before they are believed:\n\n" + limits;
  return text;
}

std::string show_options(const MeasuredRun& run) {
  return fmt::format("\nOptions in force:\n\n```json\n{}\n```\n",
                     base::dump_json(run.record.options, base::JsonStyle::indented));
}

}  // namespace

Figures figures_of(const base::Evidence& evidence, const Node& summary) {
  Figures figures;
  for (const base::Metric& metric : evidence.metrics) figures.emplace(metric.name, metric.value);
  const Node* latency = summary.find("gantry", "http_req_duration", "ms");
  if (latency && latency->is_map())
    for (const Node::Member& member : latency->map())
      if (member.value.is_number()) figures.emplace("latency_ms_" + member.key, member.value.number());
  return figures;
}

std::string render_results(const MeasuredRun& run) {
  return fmt::format("{}\n\n{}{}{}{}{}\n{}", kResultsBegin, summary_table(run), asked_table(run), run_table(run),
                     conclusions(run), show_options(run), kResultsEnd);
}

base::Result<RewrittenBaseline> rewrite_baseline(std::string_view text, std::string_view path, const MeasuredRun& run) {
  const std::string results = render_results(run);
  const std::string written = fmt::format("the results of {} written", base::format_rfc3339(run.evidence.started));
  if (text.empty()) return RewrittenBaseline{fmt::format("# Load-test baseline\n\n{}\n", results), {written}};
  RewrittenBaseline rewritten{.text = std::string(text), .changes = {}};
  if (const std::optional<Span> old = TRY(find_results(DocumentLines(text, path)))) {
    if (text.substr(old->offset, old->length) != results) rewritten.changes.push_back(written);
    rewritten.text.replace(old->offset, old->length, results);
  } else {
    rewritten.changes.push_back(written);
    rewritten.text += fmt::format("{}\n## Measured\n\n{}\n", text.ends_with('\n') ? "" : "\n", results);
  }
  return rewritten;
}

}  // namespace gantry::launch

#include "launch/checks/system/outcome.h"

#include "launch/checks/checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace gantry::launch {

using base::Finding;
using base::Severity;

namespace {

std::map<std::string_view, std::size_t> count_by_kind(const kube::Snapshot& snapshot) {
  std::map<std::string_view, std::size_t> counts;
  for (const kube::Object& object : snapshot->objects) ++counts[object.id.kind];
  return counts;
}

}  // namespace

void conclude(CheckOutcome& outcome) {
  std::vector<Finding>& findings = outcome.findings;
  base::sort_findings(findings);
  findings.erase(std::unique(findings.begin(), findings.end()), findings.end());
  outcome.verdict = verdict_of(findings);
  if (outcome.verdict != base::Verdict::pass) {
    const auto high = std::ranges::count_if(findings, [](const Finding& f) { return f.severity >= Severity::high; });
    outcome.summary =
        high > 1 ? fmt::format("{} (and {} more)", findings.front().message, high - 1) : findings.front().message;
  }
  if (findings.size() <= kFindingsMax) return;
  const std::size_t dropped = findings.size() - kFindingsMax;
  const Severity worst_dropped = findings[kFindingsMax].severity;
  findings.resize(kFindingsMax);
  findings.push_back({.rule = "check.more-findings",
                      .severity = worst_dropped,
                      .object = {},
                      .where = {},
                      .message = "there are more findings than are kept",
                      .explanation = fmt::format("{} are not listed.", dropped),
                      .fix = "mend the listed ones and run again",
                      .related = {}});
}

std::string count_kinds(const kube::Snapshot& snapshot) {
  std::vector<std::string> texts;
  for (const auto& [kind, count] : count_by_kind(snapshot)) texts.push_back(fmt::format("{} {}", count, kind));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::vector<base::Metric> object_counts(const kube::Snapshot& snapshot) {
  std::vector<base::Metric> metrics = {{"objects_count", static_cast<double>(snapshot->objects.size())}};
  for (const auto& [kind, count] : count_by_kind(snapshot))
    metrics.push_back({fmt::format("objects_count.{}", kind), static_cast<double>(count)});
  return metrics;
}

// The last two names of the path: enough to know it by, and the board has the whole of it beside the step.
std::string describe(const Manifests& manifests) {
  std::string_view path = manifests.place.path;
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t parent = path.rfind('/', path.rfind('/') - 1);
  if (path.contains('/') && parent != std::string_view::npos) path.remove_prefix(parent + 1);
  if (path.empty()) path = "the workspace";
  return fmt::format("{}{}", path, manifests.place.form == ManifestForm::kustomize ? " (kustomization)" : "");
}

std::string count_of(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace gantry::launch

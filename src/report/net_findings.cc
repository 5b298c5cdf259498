// Findings of one engine, without a plan around them.

#include "report/net.h"
#include "report/net_values.h"
#include "report/page.h"
#include "report/plain_text.h"
#include "report/sarif_run.h"
#include "report/terminal_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::report {

using base::Finding;
using base::Severity;

namespace {

constexpr std::array kSeverities = {Severity::critical, Severity::high, Severity::medium, Severity::low,
                                    Severity::info};

std::ptrdiff_t count_of(const std::vector<Finding>& findings, Severity severity) {
  return std::ranges::count(findings, severity, &Finding::severity);
}

// "2 high, 1 medium"
std::string counts_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const Severity severity : kSeverities) {
    const std::ptrdiff_t count = count_of(findings, severity);
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, base::to_string(severity));
  }
  return text;
}

}  // namespace

std::string render_notes(std::vector<Finding> findings) {
  constexpr std::size_t kNotesMax = 5;
  base::sort_findings(findings);
  std::string text;
  for (const Finding& finding : std::span(findings).first(std::min(findings.size(), kNotesMax))) {
    const std::string place = base::to_string(finding.where);
    text += fmt::format("note: {}\n", inert_line(place.empty() ? finding.message : place + ": " + finding.message));
  }
  if (findings.size() > kNotesMax)
    text += fmt::format("note: and {} more: `gantry net lint` lists them\n", findings.size() - kNotesMax);
  return text;
}

std::string render_findings(std::vector<Finding> findings, const RenderOptions& options) {
  Page page(options.width, options.colour);
  const std::string counts = counts_text(findings);
  write_every_finding(page, 0, std::move(findings), options.detail);
  page.blank();
  page.row(0, {{.text = counts.empty() ? "nothing found" : counts, .style = Style::strong}});
  return page.text();
}

std::string render_findings_json(std::vector<Finding> findings, std::string_view schema) {
  base::sort_findings(findings);
  Json counts = Json::object();
  for (const Severity severity : kSeverities)
    counts[std::string(base::to_string(severity))] = count_of(findings, severity);
  return dump_document(
      {{"schema", schema}, {"counts", std::move(counts)}, {"findings", json_list(findings, json_finding)}});
}

std::string render_findings_sarif(const std::vector<Finding>& findings, std::string_view category,
                                  std::string_view gantry_version) {
  std::vector<Finding> sorted = findings;
  base::sort_findings(sorted);
  std::vector<CollectedFinding> collected;
  for (const Finding& finding : sorted) collected.push_back({&finding, {}, finding.where, nullptr});
  Json invocation = {{"executionSuccessful", true}, {"toolExecutionNotifications", Json::array()}};
  return dump_sarif(std::move(collected), {.gantry_version = std::string(gantry_version),
                                           .category = std::string(category),
                                           .invocation = std::move(invocation)});
}

}  // namespace gantry::report

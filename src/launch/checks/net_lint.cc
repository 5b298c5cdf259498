// net.lint: nothing in the policies is probably not meant, by the catalogue of the network policy reference (§15).

#include "base/text.h"
#include "launch/checks/checks.h"
#include "launch/checks/claims/claim_check.h"
#include "launch/checks/flows/ignored.h"
#include "launch/checks/flows/needed_flows.h"
#include "launch/checks/system/outcome.h"
#include "launch/checks/system/plugin.h"
#include "netpol/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

namespace gantry::launch {

using base::Finding;
using base::Result;
using base::Severity;

namespace {

// High and critical block every launch; what may stay all the same is ignored or waived by name.
constexpr std::array<std::string_view, 4> kSeverityWords = {"info", "low", "medium", "high"};
static_assert(kSeverityWords.size() == static_cast<std::size_t>(Severity::high) + 1);
constexpr Field kFailAtField{"fail_at", FieldKind::word, Need::optional,
                             "the least severity that fails: info, low, medium or high. Without, high", kSeverityWords};
constexpr Field kIgnoreField{
    kIgnoreKey, FieldKind::any, Need::optional,
    "lints that may stay: a list of {rule: ID, reason: WHY}, with `object` for one object alone"};
constexpr Field kRuleField{"rule", FieldKind::text, Need::required, "the id of the lint, NP001 to NP044"};

constexpr std::array kFields = {
    kFailAtField,     kIgnoreField,    kFlowsField,   kClusterDomainField, kIngressControllerField,
    kPrometheusField, kPodRangesField, kProfileField, kDiffersField};

// ---- What may stay

Result<void> check_rule(const Ignored& ignored) {
  std::vector<std::string_view> ids;
  for (const netpol::LintRule& rule : netpol::lint_rules()) ids.push_back(rule.id);
  if (std::ranges::find(ids, ignored.what) != ids.end()) return {};
  const std::optional<std::string_view> nearest = base::nearest_name(ignored.what, ids);
  return base::input_error(
      fmt::format("there is no lint \"{}\"", ignored.what), ignored.where,
      nearest ? fmt::format("did you mean {}?", *nearest) : fmt::format("they are {} to {}", ids.front(), ids.back()));
}

Result<std::vector<Ignored>> read_lints_to_ignore(const base::Node& block) {
  std::vector<Ignored> ignored = TRY(read_ignored(block, kRuleField, IgnoreForm::with_object));
  for (const Ignored& each : ignored) TRY(check_rule(each));
  return ignored;
}

Result<void> validate(const base::Node& block) {
  TRY(read_lints_to_ignore(block));
  return validate_need_fields(block);
}

bool is_meant(const Ignored& ignored, const Finding& finding) {
  return ignored.what == finding.rule && (ignored.object.empty() || ignored.object == finding.object);
}

// What may stay is told all the same, below everything that blocks.
std::size_t lower_ignored(const std::vector<Ignored>& all, std::vector<Finding>& findings) {
  std::size_t count = 0;
  for (Finding& finding : findings) {
    const auto ignored = std::ranges::find_if(all, [&](const Ignored& each) { return is_meant(each, finding); });
    if (ignored == all.end()) continue;
    finding.severity = Severity::info;
    finding.explanation += fmt::format(" It may stay: {}", ignored->reason);
    finding.related.push_back({ignored->where, "ignored here"});
    ++count;
  }
  return count;
}

void report_idle(const std::vector<Ignored>& all, const std::vector<Finding>& lints, std::vector<Finding>& findings) {
  for (const Ignored& ignored : all) {
    if (std::ranges::any_of(lints, [&](const Finding& finding) { return is_meant(ignored, finding); })) continue;
    findings.push_back(ignored_in_vain(ignored));
  }
}

// ---- What is answered

std::vector<base::Metric> metrics_of(const std::vector<Finding>& lints, std::size_t ignored_count) {
  std::map<Severity, std::size_t> counts;
  for (const Finding& finding : lints) ++counts[finding.severity];
  std::vector<base::Metric> metrics = {{"lints_count", static_cast<double>(lints.size() - ignored_count)},
                                       {"lints_ignored_count", static_cast<double>(ignored_count)}};
  for (const auto& [severity, count] : counts)
    metrics.push_back({fmt::format("lints_count.{}", base::to_string(severity)), static_cast<double>(count)});
  return metrics;
}

std::string summary_of(const netpol::Reachability& reach, std::size_t lints_count, std::size_t ignored_count) {
  std::string text = fmt::format("{}, {}", count_of(reach.counts().policies, "policy object"),
                                 lints_count == 0 ? "no lint" : count_of(lints_count, "lint"));
  return ignored_count == 0 ? text : text + fmt::format(", {} ignored with a reason", ignored_count);
}

void fail_below_high(Severity fail_at, CheckOutcome& outcome) {
  const auto fails = [&](const Finding& finding) { return finding.severity >= fail_at; };
  const auto worst = std::ranges::find_if(outcome.findings, fails);
  if (outcome.verdict != base::Verdict::pass || worst == outcome.findings.end()) return;
  outcome.verdict = base::Verdict::fail;
  outcome.summary = worst->message;
}

Result<CheckOutcome> run(CheckContext& context) {
  const std::vector<Ignored> may_stay = TRY(read_lints_to_ignore(context.block));
  netpol::AnalysisOptions options = TRY(read_analysis_options(context.block));
  options.profile = TRY(read_plugin(context));
  NeededFlowsOrProblem loaded = TRY(load_needed_flows(context, options));
  if (auto* problem = std::get_if<Finding>(&loaded)) return fail_by(std::move(*problem));
  const NeededFlows& flows = std::get<NeededFlows>(loaded);

  CheckOutcome outcome;
  outcome.findings = netpol::lint(flows.reach, flows.needs);
  const std::size_t ignored_count = lower_ignored(may_stay, outcome.findings);
  outcome.metrics = metrics_of(outcome.findings, ignored_count);
  outcome.summary = summary_of(flows.reach, outcome.findings.size() - ignored_count, ignored_count);
  const std::vector<Finding> lints = outcome.findings;
  report_idle(may_stay, lints, outcome.findings);
  conclude(outcome);
  const std::size_t high = static_cast<std::size_t>(Severity::high);
  fail_below_high(static_cast<Severity>(find_word(context.block, kFailAtField).value_or(high)), outcome);
  return outcome;
}

}  // namespace

const CheckType kNetLint = {.name = "net.lint",
                            .summary = "nothing in the policies is probably not meant",
                            .fields = kFields,
                            .version = 1,
                            .run = run,
                            .missing_engine = {},
                            .validate = validate};

}  // namespace gantry::launch

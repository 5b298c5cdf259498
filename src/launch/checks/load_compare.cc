// load.compare: the load test is no worse than an earlier one. A test and not two numbers: both runs are there second by second, and a
// difference counts only where chance does not make it, and where it is more than the block tolerates.

#include "base/json.h"
#include "base/time.h"
#include "launch/checks/checks.h"
#include "launch/checks/load/found_run.h"
#include "load/measure/comparison.h"
#include "load/summary/remarks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace gantry::launch {

using base::Result;
using base::Severity;
using load::ComparedFigure;
using load::ComparisonResult;
using load::RunComparison;

namespace {

constexpr std::array kFields = {
    Field{"script", FieldKind::path, Need::optional, "of which load.run, where the plan has several"},
    Field{"baseline", FieldKind::path, Need::optional,
          "the summary of an earlier run; without, the last one before that passed"},
    Field{"figures", FieldKind::text_list, Need::optional, "of p50, p95, p99, rate (default: p50, p95, rate)"},
    Field{"tolerance", FieldKind::number, Need::optional, "percent by which each may be worse (default 10)"},
    Field{"least", FieldKind::duration, Need::optional,
          "a latency that is worse by less than this is not (default 1ms)"},
};

constexpr std::array<std::string_view, 3> kUsual = {"p50", "p95", "rate"};
constexpr double kTolerancePercent = 10;

struct Earlier {
  load::RunCurve curve;
  std::string what;                    // "the run of 2026-11-30T07:00:00Z", "base.json"
  std::vector<std::string> scenarios;  // as a record has them; none for a file
};

// The last that passed: what failed is nothing to hold on to.
Result<Earlier> find_earlier(CheckContext& context, const FoundEvidence::Found& current) {
  if (const std::string path = context.text("baseline"); !path.empty()) {
    const std::string text = TRY(context.files.read(path));
    const base::Node summary = TRY(base::load_json(text, path));
    return Earlier{
        TRY(base::with_context(load::read_run_curve(summary), fmt::format("while reading {}", path))), path, {}};
  }
  for (const base::Evidence& evidence : TRY(context.found.before(current))) {
    if (evidence.verdict != base::Verdict::pass) continue;
    const Result<base::Node> summary = read_json_artifact(context, evidence, kSummaryFile);
    const Result<base::Node> record = read_json_artifact(context, evidence, kRunFile);
    if (!summary || !record) continue;  // of an older version
    context.inputs.note("fact:earlier evidence", evidence.id);
    Earlier earlier{
        TRY(load::read_run_curve(*summary)), fmt::format("the run of {}", base::format_rfc3339(evidence.started)), {}};
    earlier.scenarios = TRY(read_load_record(*record)).scenarios;
    return earlier;
  }
  return base::input_error(
      "there is no earlier load test to compare with", context.where(),
      "name one in the block (baseline: FILE, written by `gantry load run --summary-export`), or run "
      "again after the next change");
}

std::string show_value(const ComparedFigure& figure, double value) {
  return figure.unit == "ms" ? load::show_time(value) : fmt::format("{:.4g}{}", value, figure.unit);
}

// "-1.0 to 1.2 %": where the difference is, 19 times in 20.
std::string show_bounds(const RunComparison& comparison) {
  if (!comparison.shift || comparison.before <= 0) return "unknown";
  const auto percent = [&comparison](double by) { return 100 * by / comparison.before; };
  return fmt::format("{:+.1f} to {:+.1f} %", percent(comparison.shift->low), percent(comparison.shift->high));
}

std::string show_change(const ComparedFigure& figure, const RunComparison& comparison) {
  return fmt::format("{} to {}", show_value(figure, comparison.before), show_value(figure, comparison.after));
}

// All that the judgement stands on.
std::string explain(const ComparedFigure& figure, const RunComparison& comparison) {
  std::string text = show_change(figure, comparison);
  if (comparison.shift && comparison.before > 0)
    text += fmt::format(", by {:+.1f} % ({}, 19 times in 20)", 100 * comparison.shift->by / comparison.before,
                        show_bounds(comparison));
  text += fmt::format(", of {} and {} intervals", comparison.before_count, comparison.after_count);
  if (!comparison.shift) return text;
  constexpr double kRarely = 1e-4;
  return text + (comparison.shift->doubt < kRarely
                     ? "; chance does as much in less than 0.01 % of runs"
                     : fmt::format("; chance does as much in {:.2g} % of runs", 100 * comparison.shift->doubt));
}

struct Judgement {
  ComparisonResult result;
  std::string_view phrase;  // of the summary
  std::string_view rule;    // of a finding; "" for none
  Severity severity;
  std::string_view message;
};
constexpr std::array kJudgements = {
    Judgement{ComparisonResult::too_few, "too few samples", "load.compare-few-samples", Severity::high,
              "has too few samples to compare"},
    Judgement{ComparisonResult::unclear, "too few samples", "load.compare-few-samples", Severity::high,
              "cannot be told apart from the baseline, nor from more than is tolerated"},
    Judgement{ComparisonResult::same, "not distinguishable", "", Severity::info, ""},
    Judgement{ComparisonResult::tolerated, "within the tolerance", "load.compare-differs", Severity::info,
              "differs from the baseline, by no more than is tolerated"},
    Judgement{ComparisonResult::better, "better", "load.compare-differs", Severity::info,
              "is better than the baseline: it is time for a new one"},
    Judgement{ComparisonResult::worse, "worse", "load.compare-worse", Severity::high,
              "is worse than the baseline, by more than is tolerated"},
};

void add(const CheckContext& context, std::string_view rule, Severity severity, std::string message,
         std::string explanation, std::string fix, CheckOutcome& outcome) {
  outcome.findings.push_back({.rule = std::string(rule),
                              .severity = severity,
                              .object = {},  // the script, see run()
                              .where = context.where(),
                              .message = std::move(message),
                              .explanation = std::move(explanation),
                              .fix = std::move(fix),
                              .related = {}});
}

// Latencies under another load are other latencies.
bool is_same_load(const CheckContext& context, const Earlier& earlier, const load::RunCurve& now,
                  const std::vector<std::string>& scenarios, CheckOutcome& outcome) {
  std::string why;
  if (earlier.curve.scenarios != now.scenarios || (!earlier.scenarios.empty() && earlier.scenarios != scenarios))
    why = fmt::format(
        "its scenarios were others: {}",
        fmt::join(earlier.scenarios.empty() ? std::vector<std::string>{"see its summary"} : earlier.scenarios, "; "));
  else if (earlier.curve.seconds != now.seconds)
    why = fmt::format("its intervals are {} s long, and those of the run {} s", earlier.curve.seconds, now.seconds);
  if (why.empty()) return true;
  add(context, "load.compare-other-load", Severity::high, "the baseline is of another load", std::move(why),
      "compare with a run of the same script and flags", outcome);
  return false;
}

std::vector<std::string> figures_of(const CheckContext& context) {
  std::vector<std::string> figures = context.texts("figures");
  if (figures.empty()) figures.assign(kUsual.begin(), kUsual.end());
  return figures;
}

Result<load::Tolerance> read_tolerance(const CheckContext& context, const ComparedFigure& figure) {
  const base::Node* percent = context.block.get("tolerance");
  load::Tolerance tolerance{.part = (percent ? percent->number() : kTolerancePercent) / 100};
  std::chrono::milliseconds least(1);
  if (const std::string text = context.text("least"); !text.empty()) least = TRY(base::parse_duration(text));
  if (figure.unit == "ms") tolerance.least = static_cast<double>(least.count());
  return tolerance;
}

Result<void> compare_all(const CheckContext& context, const Earlier& earlier, const load::RunCurve& now,
                         CheckOutcome& outcome) {
  std::vector<std::string> phrases;
  std::string details;
  const std::vector<std::string> wanted = figures_of(context);
  for (const ComparedFigure& figure : load::compared_figures()) {
    if (std::ranges::find(wanted, figure.name) == wanted.end()) continue;
    const load::Tolerance tolerance = TRY(read_tolerance(context, figure));
    const RunComparison comparison = compare_figure(figure, earlier.curve, now, tolerance);
    const Judgement& judgement = *std::ranges::find(kJudgements, comparison.result, &Judgement::result);
    phrases.push_back(fmt::format("{} {}, {} ({})", figure.name, show_change(figure, comparison), judgement.phrase,
                                  show_bounds(comparison)));
    details += fmt::format("{}: {}: {}\n", figure.name, judgement.phrase, explain(figure, comparison));
    if (comparison.shift && comparison.before > 0)
      outcome.metrics.push_back(
          {fmt::format("{}_change_percent", figure.name), 100 * comparison.shift->by / comparison.before});
    if (!judgement.rule.empty())
      add(context, judgement.rule, judgement.severity, fmt::format("{} {}", figure.name, judgement.message),
          explain(figure, comparison),
          judgement.result == ComparisonResult::worse
              ? "find out what changed since; where it is meant, take a new baseline"
              : "let both run longer, where nothing else runs",
          outcome);
  }
  outcome.summary = fmt::format("beside {}, {} and {} intervals: {}", earlier.what, earlier.curve.p50.size(),
                                now.p50.size(), fmt::join(phrases, "; "));
  outcome.artifacts.push_back({"comparison.txt", "text/plain", std::move(details)});
  return {};
}

Result<CheckOutcome> run(CheckContext& context) {
  const FoundEvidence::Found current = TRY(find_load_evidence(context));
  const base::Node summary = TRY(read_json_artifact(context, current.evidence, kSummaryFile));
  const load::RunCurve now = TRY(load::read_run_curve(summary));
  const base::Node record = TRY(read_json_artifact(context, current.evidence, kRunFile));
  const std::vector<std::string> scenarios = TRY(read_load_record(record)).scenarios;
  const Earlier earlier = TRY(find_earlier(context, current));
  CheckOutcome outcome;
  outcome.evidence_class = base::EvidenceClass::rehearsal;
  if (is_same_load(context, earlier, now, scenarios, outcome)) TRY(compare_all(context, earlier, now, outcome));
  for (base::Finding& finding : outcome.findings) finding.object = current.block.text("script");
  base::sort_findings(outcome.findings);
  const auto has = [&outcome](std::string_view rule) {
    return std::ranges::find(outcome.findings, rule, &base::Finding::rule) != outcome.findings.end();
  };
  const bool is_open = has("load.compare-few-samples") || has("load.compare-other-load");
  outcome.verdict = has("load.compare-worse") ? base::Verdict::fail
                    : is_open                 ? base::Verdict::error
                                              : base::Verdict::pass;
  if (outcome.summary.empty()) outcome.summary = outcome.findings.front().message;
  return outcome;
}

Result<void> validate(const base::Node& block) {
  const base::Node* figures = block.get("figures");
  for (const std::string& text : text_list(figures)) {
    const auto known = load::compared_figures();
    if (std::ranges::find(known, text, &ComparedFigure::name) == known.end())
      return base::input_error(fmt::format("\"{}\" is no figure that runs are compared by", text), figures->pos(),
                               "there are p50, p95, p99 and rate");
  }
  const base::Node* tolerance = block.get("tolerance");
  if (tolerance && tolerance->number() < 0)
    return base::input_error("a tolerance is no less than 0", tolerance->pos(), "write percent: tolerance: 10");
  return {};
}

}  // namespace

const CheckType kLoadCompare = {.name = "load.compare",
                                .summary = "the load test is no worse than an earlier one",
                                .fields = kFields,
                                .version = 1,
                                .run = run,
                                .missing_engine = {},
                                .validate = validate,
                                .leans_on = "load.run"};

}  // namespace gantry::launch

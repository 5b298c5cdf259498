// load.compare: the load test is no worse than an earlier one. A test and not two numbers: both runs are there second by second, and a
// difference counts only where chance does not make it, and where it is more than the block tolerates. What is within the bounds of what
// was measured, and more than is tolerated, is not passed.

#include "base/time.h"
#include "launch/checks/checks.h"
#include "launch/checks/load/compared_run.h"
#include "launch/checks/load/found_run.h"
#include "load/summary/remarks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <optional>

namespace gantry::launch {

using base::Result;
using base::Severity;
using load::ComparedFigure;
using load::ComparisonResult;
using load::RunComparison;

namespace {

constexpr std::array kFields = {
    Field{"script", FieldKind::path, Need::optional, "of which load.run, where the plan has several"},
    Field{"step", FieldKind::text, Need::optional, "the step whose load.run it is, where several run one script"},
    Field{"baseline", FieldKind::path, Need::optional,
          "a run as a file, which --write writes where it is not there; without, the first run that passed"},
    Field{"since", FieldKind::text, Need::optional,
          "a time: the first run that passed from then on is the baseline, and what was before is accepted"},
    Field{"figures", FieldKind::text_list, Need::optional,
          "of p50, p95, p99, rate, errors (default: p50, p95, rate, errors)"},
    Field{"tolerance", FieldKind::number, Need::optional, "percent by which each may be worse (default 10)"},
    Field{"least", FieldKind::duration, Need::optional,
          "a latency that is worse by less than this is not (default 0.2 ms, and never more than half of it)"},
};

constexpr std::array<std::string_view, 4> kUsual = {"p50", "p95", "rate", "errors"};
constexpr double kTolerancePercent = 10;

// What makes the run at hand the baseline: a person's word, which somebody can review.
std::string how_to_accept(const CheckContext& context, const base::Evidence& current) {
  if (const std::string path = context.text("baseline"); !path.empty())
    return fmt::format("delete {0}, let `gantry run PLAN --write` write it of this run, and commit it", path);
  return fmt::format("write `since: {}` into the block, and this run is the baseline from then on",
                     base::format_rfc3339(current.started));
}

Result<ComparedRun> find_in_file(CheckContext& context, const std::string& path) {
  if (TRY(context.files.kind(path)) != base::FileKind::regular)
    return base::input_error(fmt::format("there is no baseline yet: {} is missing", path), context.where(),
                             "`gantry run PLAN --write` writes it of a load test that passed; commit it");
  return read_baseline_file(TRY(context.files.read(path)), path);
}

Result<ComparedRun> find_in_store(CheckContext& context, const FoundEvidence::Found& current) {
  const std::string since = context.text("since");
  const base::Timestamp from = since.empty() ? base::Timestamp::min() : TRY(base::parse_rfc3339(since));
  const std::optional<base::Evidence> first = TRY(context.found.first_passed(current, from));
  const bool is_itself = first && first->id == current.evidence.id;
  if (!first || (is_itself && since.empty()))
    return base::input_error(since.empty() ? std::string("there is no earlier load test to compare with")
                                           : fmt::format("no load test that began at {} or later has passed", since),
                             context.where(),
                             fmt::format("run again after the next change (--with load --fresh); or {}",
                                         how_to_accept(context, current.evidence)));
  context.inputs.note("fact:earlier evidence", first->id);
  return base::with_context(read_compared_run(context, *first),
                            fmt::format("while reading the run of {}", base::format_rfc3339(first->started)));
}

Result<ComparedRun> find_baseline(CheckContext& context, const FoundEvidence::Found& current) {
  const std::string path = context.text("baseline");
  return path.empty() ? find_in_store(context, current) : find_in_file(context, path);
}

std::string show_value(const ComparedFigure& figure, double value) {
  return figure.unit == "ms" ? load::show_time(value) : fmt::format("{:.4g}{}", value, figure.unit);
}

std::string show_difference(const ComparedFigure& figure, const RunComparison& comparison, double by) {
  if (figure.unit == "%") return fmt::format("{:+.2f} points", by);
  if (comparison.before <= 0) return fmt::format("{:+.4g} {}", by, figure.unit);
  return fmt::format("{:+.1f} %", 100 * by / comparison.before);
}

// "-1.0 % to 1.2 %": where the difference is, 19 times in 20.
std::string show_bounds(const ComparedFigure& figure, const RunComparison& comparison) {
  if (!comparison.shift) return "unknown";
  return fmt::format("{} to {}", show_difference(figure, comparison, comparison.shift->low),
                     show_difference(figure, comparison, comparison.shift->high));
}

std::string show_tolerated(const ComparedFigure& figure, const RunComparison& comparison) {
  return show_difference(figure, comparison, figure.more_is_worse ? comparison.tolerated : -comparison.tolerated);
}

std::string show_change(const ComparedFigure& figure, const RunComparison& comparison) {
  return fmt::format("{} to {}", show_value(figure, comparison.before), show_value(figure, comparison.after));
}

// All that the judgement stands on.
std::string explain(const ComparedFigure& figure, const RunComparison& comparison) {
  std::string text = show_change(figure, comparison);
  if (!comparison.shift)
    return fmt::format("{}, of {} and {} intervals; as each resembles the one before, they are worth fewer than 5",
                       text, comparison.before_count, comparison.after_count);
  const load::Shift& shift = *comparison.shift;
  text += fmt::format(
      ", by {} ({}, 19 times in 20), where {} is tolerated; of {} and {} intervals, worth {:.0f} and "
      "{:.0f} independent ones",
      show_difference(figure, comparison, shift.by), show_bounds(figure, comparison),
      show_tolerated(figure, comparison), comparison.before_count, comparison.after_count, shift.before_worth,
      shift.after_worth);
  constexpr double kRarely = 1e-4;
  return text + (shift.doubt < kRarely ? std::string("; chance does as much in less than 0.01 % of runs")
                                       : fmt::format("; chance does as much in {:.3g} % of runs", 100 * shift.doubt));
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
    Judgement{ComparisonResult::open, "worse, by how much is open", "load.compare-open", Severity::high,
              "is worse than the baseline, and nobody knows whether by more than is tolerated"},
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
bool is_same_load(const CheckContext& context, const ComparedRun& baseline, const ComparedRun& now,
                  const base::Evidence& current, CheckOutcome& outcome) {
  const std::vector<std::string> differences = find_differences(baseline, now);
  if (differences.empty()) return true;
  add(context, "load.compare-other-load", Severity::high, "the two runs cannot be compared",
      fmt::format("beside {}: {}", baseline.what, fmt::join(differences, "; ")),
      fmt::format("run it as the baseline was run; where the change is meant, {}", how_to_accept(context, current)),
      outcome);
  outcome.summary = fmt::format("cannot be compared with {}: {}", baseline.what, fmt::join(differences, "; "));
  return false;
}

std::vector<std::string> figures_of(const CheckContext& context) {
  std::vector<std::string> figures = context.texts("figures");
  if (figures.empty()) figures.assign(kUsual.begin(), kUsual.end());
  return figures;
}

Result<load::Tolerance> read_tolerance(const CheckContext& context) {
  const base::Node* percent = context.block.get("tolerance");
  load::Tolerance tolerance{.part = (percent ? percent->number() : kTolerancePercent) / 100};
  if (const std::string text = context.text("least"); !text.empty())
    tolerance.least = static_cast<double>(TRY(base::parse_duration(text)).count());
  return tolerance;
}

// How bad it is, for who accepts it: so many times what is tolerated, of which one more is a difference. Where nothing is, it is percent.
std::optional<double> extent_of(const RunComparison& comparison) {
  constexpr double kPercent = 0.01;
  if (comparison.result != ComparisonResult::worse || !comparison.shift) return std::nullopt;
  double difference = comparison.tolerated;
  if (difference <= 0) difference = kPercent * comparison.before;
  const double by = std::abs(comparison.shift->by);
  return difference > 0 ? by / difference : by;
}

std::string next_step(const CheckContext& context, ComparisonResult result, const base::Evidence& current) {
  switch (result) {
    case ComparisonResult::worse:
      return fmt::format("find out what changed since; where it is meant, {}", how_to_accept(context, current));
    case ComparisonResult::better:
      return fmt::format("so that no way back goes unseen, {}", how_to_accept(context, current));
    case ComparisonResult::tolerated: return "nothing needs to be done";
    case ComparisonResult::too_few:
    case ComparisonResult::unclear:
    case ComparisonResult::open:
    case ComparisonResult::same: break;
  }
  return "let both run longer, where nothing else runs";
}

// Gives how bad findings are, by their messages.
using Extents = std::map<std::string, double, std::less<>>;
Result<Extents> compare_all(const CheckContext& context, const ComparedRun& baseline, const ComparedRun& now,
                            const base::Evidence& current, CheckOutcome& outcome) {
  Extents extents;
  std::vector<std::string> phrases;
  std::string details;
  const std::vector<std::string> wanted = figures_of(context);
  const load::Tolerance tolerance = TRY(read_tolerance(context));
  for (const ComparedFigure& figure : load::compared_figures()) {
    if (std::ranges::find(wanted, figure.name) == wanted.end()) continue;
    const RunComparison comparison = compare_figure(figure, baseline.curve, now.curve, tolerance);
    const Judgement& judgement = *std::ranges::find(kJudgements, comparison.result, &Judgement::result);
    phrases.push_back(fmt::format("{} {}, {} ({}; tolerated {})", figure.name, show_change(figure, comparison),
                                  judgement.phrase, show_bounds(figure, comparison),
                                  show_tolerated(figure, comparison)));
    details += fmt::format("{}: {}: {}\n", figure.name, judgement.phrase, explain(figure, comparison));
    if (comparison.shift && comparison.before > 0)
      outcome.metrics.push_back(
          {fmt::format("{}_change_percent", figure.name), 100 * comparison.shift->by / comparison.before});
    if (judgement.rule.empty()) continue;
    add(context, judgement.rule, judgement.severity, fmt::format("{} {}", figure.name, judgement.message),
        explain(figure, comparison), next_step(context, judgement.result, current), outcome);
    if (const std::optional<double> extent = extent_of(comparison))
      extents.emplace(outcome.findings.back().message, *extent);
  }
  if (const RunComparison stalls = load::compare_stalls(baseline.curve, now.curve, tolerance);
      stalls.result == ComparisonResult::worse) {
    phrases.push_back(fmt::format("stalls in {} of the intervals, worse", show_change(load::kStalls, stalls)));
    details += fmt::format("stalls: worse: {}\n", explain(load::kStalls, stalls));
    add(context, "load.compare-worse", Severity::high, "more of the intervals are stalls than in the baseline",
        explain(load::kStalls, stalls) + "; a stall is at half the earlier pace, or twice as slow",
        next_step(context, ComparisonResult::worse, current), outcome);
    extents.emplace(outcome.findings.back().message, *extent_of(stalls));
  }
  outcome.summary = fmt::format("beside {}, {} and {} intervals: {}", baseline.what, baseline.curve.p50.size(),
                                now.curve.p50.size(), fmt::join(phrases, "; "));
  outcome.artifacts.push_back({"comparison.txt", "text/plain", std::move(details)});
  return extents;
}

// Nothing to compare, since a person said so.
void begin_anew(const CheckContext& context, const ComparedRun& now, CheckOutcome& outcome) {
  outcome.summary = fmt::format("{} is the baseline from now on", now.what);
  add(context, "load.compare-new-baseline", Severity::info, "this run is the baseline from now on",
      context.text("baseline").empty() ? "the block's `since` accepts it" : context.text("baseline") + " holds it",
      "nothing needs to be done", outcome);
}

base::Verdict verdict_of_comparison(const CheckOutcome& outcome) {
  constexpr std::array<std::string_view, 3> kOpen = {"load.compare-few-samples", "load.compare-open",
                                                     "load.compare-other-load"};
  const auto has = [&outcome](std::string_view rule) {
    return std::ranges::find(outcome.findings, rule, &base::Finding::rule) != outcome.findings.end();
  };
  if (has("load.compare-worse")) return base::Verdict::fail;
  return std::ranges::any_of(kOpen, has) ? base::Verdict::error : base::Verdict::pass;
}

Result<CheckOutcome> run(CheckContext& context) {
  const FoundEvidence::Found current = TRY(find_load_evidence(context));
  const ComparedRun now = TRY(read_compared_run(context, current.evidence));
  const ComparedRun baseline = TRY(find_baseline(context, current));
  CheckOutcome outcome;
  outcome.evidence_class = base::EvidenceClass::rehearsal;
  Extents extents;
  if (baseline.evidence == now.evidence)
    begin_anew(context, now, outcome);
  else if (is_same_load(context, baseline, now, current.evidence, outcome))
    extents = TRY(compare_all(context, baseline, now, current.evidence, outcome));
  for (base::Finding& finding : outcome.findings) {
    finding.object = current.block.text("script");
    if (const std::optional<double> extent = find_extent(extents, finding.message))
      outcome.extents.emplace(finding.fingerprint(), *extent);
  }
  base::sort_findings(outcome.findings);
  outcome.verdict = verdict_of_comparison(outcome);
  return outcome;
}

// A baseline that is there is people's: it is accepted by being committed, and replaced by being deleted.
Result<std::optional<DraftedDocument>> draft(CheckContext& context) {
  const std::string path = context.text("baseline");
  if (path.empty() || TRY(context.files.kind(path)) == base::FileKind::regular) return std::nullopt;
  const FoundEvidence::Found current = TRY(find_load_evidence(context));
  if (current.evidence.verdict != base::Verdict::pass) return std::nullopt;
  std::string text = TRY(render_baseline_file(context, current.evidence));
  return DraftedDocument{
      path,
      std::move(text),
      {fmt::format("the run of {} is the baseline from now on", base::format_rfc3339(current.evidence.started))}};
}

Result<void> validate(const base::Node& block) {
  const base::Node* figures = block.get("figures");
  for (const std::string& text : text_list(figures)) {
    const auto known = load::compared_figures();
    if (std::ranges::find(known, text, &ComparedFigure::name) == known.end())
      return base::input_error(fmt::format("\"{}\" is no figure that runs are compared by", text), figures->pos(),
                               "there are p50, p95, p99, rate and errors");
  }
  const base::Node* tolerance = block.get("tolerance");
  if (tolerance && tolerance->number() < 0)
    return base::input_error("a tolerance is no less than 0", tolerance->pos(), "write percent: tolerance: 10");
  if (const base::Node* since = block.get("since")) {
    Result<base::Timestamp> time = base::parse_rfc3339(since->string());
    if (!time) {
      time.error().where = since->pos();
      return std::unexpected(std::move(time).error());
    }
    if (block.get("baseline"))
      return base::input_error("a baseline that is a file has no `since`", since->pos(),
                               "leave out one: the file says which run is accepted, or the time does");
  }
  return {};
}

}  // namespace

const CheckType kLoadCompare = {.name = "load.compare",
                                .summary = "the load test is no worse than an earlier one",
                                .fields = kFields,
                                .version = 3,
                                .run = run,
                                .missing_engine = {},
                                .validate = validate,
                                .leans_on = "load.run",
                                .draft = draft};

}  // namespace gantry::launch

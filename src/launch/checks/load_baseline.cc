// load.baseline: the baseline document states what the evidence of the load test says: each figure, of that run, and none besides.

#include "base/json.h"
#include "launch/checks/checks.h"
#include "launch/checks/load/baseline_claims.h"
#include "launch/checks/load/baseline_text.h"
#include "launch/checks/load/found_run.h"
#include "launch/document_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gantry::launch {

using base::Finding;
using base::Result;
using base::Severity;

namespace {

constexpr std::array kFields = {
    Field{"path", FieldKind::path, Need::required, "the document; --write writes it"},
    Field{"script", FieldKind::path, Need::optional, "of which load.run, where the plan has several"},
    Field{"step", FieldKind::text, Need::optional, "the step whose load.run it is, where several run one script"},
};

// What the plan's readers ask for first, and what capacity is planned with.
constexpr std::array<std::string_view, 4> kDemanded = {"Request rate", "p95", "p99", "Error rate"};

class BaselineJudge {
 public:
  BaselineJudge(const DocumentLines& document, std::optional<Span> results, std::string_view path,
                const MeasuredRun& run, CheckOutcome& outcome)
      : document_(document),
        results_(results),
        path_(path),
        run_(run),
        outcome_(outcome),
        claims_(read_claims(document)) {}

  void judge() {
    for (const Claim& claim : claims_.claims) judge_claim(claim);
    for (const AskedClaim& asked : claims_.asked) judge_asked(asked);
    judge_completeness();
    judge_origin();
    judge_results();
  }
  std::size_t compared() const { return claims_.claims.size(); }

 private:
  void judge_claim(const Claim& claim);
  void judge_asked(const AskedClaim& asked);
  void judge_completeness();
  void judge_origin();
  void judge_results();
  bool is_target(double rate) const;

  void add(std::string_view rule, Severity severity, base::SourcePos where, std::string message,
           std::string explanation, std::string fix) {
    outcome_.findings.push_back({.rule = std::string(rule),
                                 .severity = severity,
                                 .object = std::string(path_),
                                 .where = std::move(where),
                                 .message = std::move(message),
                                 .explanation = std::move(explanation),
                                 .fix = std::move(fix),
                                 .related = {}});
  }

  const DocumentLines& document_;
  std::optional<Span> results_;  // of Gantry
  std::string_view path_;
  const MeasuredRun& run_;
  CheckOutcome& outcome_;
  const BaselineClaims claims_;
};

// A rate that was asked for may be told in prose without the word.
bool BaselineJudge::is_target(double rate) const {
  const auto asks_for = [rate](const AskedOf& asked) {
    const std::size_t bound = asked.text.find_last_of("<>=");
    if (bound == std::string::npos) return false;
    const std::optional<WrittenNumber> number =
        read_number(std::string_view(asked.text).substr(bound + 1), Quantity::rate);
    return number && number->value == rate;
  };
  return std::ranges::any_of(run_.record.expectations, asks_for) ||
         std::ranges::any_of(run_.record.thresholds, asks_for);
}

std::string_view words_of(Bound bound) {
  return bound == Bound::at_most ? "at most " : bound == Bound::at_least ? "at least " : "";
}

void BaselineJudge::judge_claim(const Claim& claim) {
  const base::SourcePos where = document_.pos(claim.digits.offset);
  const auto value = claim.figure ? run_.figures.find(claim.figure->metric) : run_.figures.end();
  const std::string_view digits = document_.slice(claim.digits);
  if (value == run_.figures.end())
    return add("load.baseline-invented", Severity::high, where,
               fmt::format("nothing measured \"{}\", which the document states", claim.label),
               fmt::format("it says {}; the evidence has no such figure", digits),
               "take it out, or let the load test measure it");
  const bool is_so = !claim.has_wrong_unit && claim.number.is_so(value->second);
  if (is_so) return;
  const bool is_prose = claim.form == Claim::Form::prose;
  if (is_prose && claim.figure->quantity == Quantity::rate && is_target(claim.number.value)) return;
  add("load.baseline-differs", Severity::high, where,
      fmt::format("the document's {} is not what was measured", claim.figure->label),
      fmt::format("it says {}{}; the evidence says {}", words_of(claim.number.bound), digits,
                  show(claim.figure->quantity, value->second)),
      "correct it: `gantry run --write` writes its own results and leaves what people wrote");
}

void BaselineJudge::judge_asked(const AskedClaim& claim) {
  const base::SourcePos where = document_.pos(claim.offset);
  const auto is_it = [&claim](const AskedOf& asked) { return asked.text == claim.text; };
  const std::vector<AskedOf>& all = run_.record.thresholds;
  auto asked = std::ranges::find_if(all, is_it);
  if (asked == all.end()) {
    const auto expectation = std::ranges::find_if(run_.record.expectations, is_it);
    if (expectation == run_.record.expectations.end())
      return add("load.baseline-invented", Severity::high, where,
                 fmt::format("the run was not asked \"{}\", which the document states", claim.text),
                 "neither the script nor the plan has this threshold", "take it out, or put it into the script");
    asked = expectation;
  }
  constexpr std::array<std::string_view, 7> kGood = {"holds", "pass", "passed", "met", "ok", "✓", "✅"};
  const bool says_it_holds = std::ranges::find(kGood, claim.result) != kGood.end();
  if (claim.result.empty() || says_it_holds == (asked->result == kHolds)) return;
  add("load.baseline-differs", Severity::high, where,
      fmt::format("the document's result of \"{}\" is not what was found", claim.text),
      fmt::format("it says \"{}\"; the evidence says \"{}\"", claim.result, asked->result),
      "correct it: `gantry run --write` writes its own results and leaves what people wrote");
}

void BaselineJudge::judge_completeness() {
  for (const std::string_view label : kDemanded) {
    const bool is_said = std::ranges::any_of(claims_.claims, [label](const Claim& claim) {
      return claim.figure && claim.figure->label == label && claim.number.bound == Bound::exact;
    });
    if (is_said) continue;
    add("load.baseline-incomplete", Severity::high, document_.whole(),
        fmt::format("the document does not state: {}", label), "whoever plans with it needs that figure",
        "add it, or let `gantry run --write` do it");
  }
}

// Which run it is about: the digest of its raw summary.
void BaselineJudge::judge_origin() {
  const auto summary = std::ranges::find(run_.evidence.artifacts, kSummaryFile, &base::Artifact::name);
  if (summary == run_.evidence.artifacts.end()) return;
  if (std::ranges::find(claims_.digests, summary->sha256) != claims_.digests.end()) return;
  const bool is_other = results_.has_value();
  const bool is_failed = run_.evidence.verdict != base::Verdict::pass;
  add(is_other ? "load.baseline-outdated" : "load.baseline-without-origin", Severity::high, document_.whole(),
      is_other ? "the document is about another run than the evidence"
               : "the document does not say which run it is about",
      fmt::format("the evidence's raw summary is sha256:{}{}", summary->sha256,
                  is_failed ? ", of a load test that did not pass" : ""),
      is_failed ? "let the load test pass first: what one measured that did not is written into no document"
                : "let `gantry run PLAN --write` write its results");
}

void BaselineJudge::judge_results() {
  if (!results_ || !outcome_.findings.empty() || document_.slice(*results_) == render_results(run_)) return;
  add("load.baseline-edited", Severity::high, document_.pos(results_->offset),
      "what Gantry wrote into the document was changed by hand",
      "its figures are as they were, and something else is not",
      "let `gantry run --write` write them, and put your own words outside of them");
}

Finding missing(const CheckContext& context) {
  const std::string path = context.text("path");
  return {.rule = "load.baseline-missing",
          .severity = Severity::high,
          .object = path,
          .where = context.where(),
          .message = fmt::format("{} is missing", path),
          .explanation = "the load test was run, and nobody wrote down what it measured",
          .fix = "`gantry run PLAN --write` writes it from the evidence of a load test that passed",
          .related = {}};
}

Result<CheckOutcome> run(CheckContext& context) {
  const MeasuredRun measured = TRY(find_run(context));
  const std::string path = context.text("path");
  CheckOutcome outcome;
  outcome.evidence_class = base::EvidenceClass::static_analysis;
  if (TRY(context.files.kind(path)) != base::FileKind::regular) {
    outcome.findings.push_back(missing(context));
  } else {
    const std::string text = TRY(context.files.read(path));
    const DocumentLines document(text, path);
    BaselineJudge judge(document, TRY(find_results(document)), path, measured, outcome);
    judge.judge();
    outcome.metrics = {{"figures_compared_count", static_cast<double>(judge.compared())}};
    outcome.summary = fmt::format("{}: {} figures, each as it was measured", path, judge.compared());
  }
  base::sort_findings(outcome.findings);
  outcome.verdict = verdict_of(outcome.findings);
  if (outcome.verdict != base::Verdict::pass)
    outcome.summary = fmt::format(
        "{}{}", outcome.findings.front().message,
        outcome.findings.size() > 1 ? fmt::format(" (and {} more)", outcome.findings.size() - 1) : std::string());
  return outcome;
}

Result<std::optional<DraftedDocument>> draft(CheckContext& context) {
  const MeasuredRun measured = TRY(find_run(context));
  // What one measured that failed is no baseline, and must not take the place of one that is.
  if (measured.evidence.verdict != base::Verdict::pass) return std::nullopt;
  const std::string path = context.text("path");
  std::string text;
  if (TRY(context.files.kind(path)) == base::FileKind::regular) text = TRY(context.files.read(path));
  RewrittenBaseline rewritten = TRY(rewrite_baseline(text, path, measured));
  if (rewritten.changes.empty()) return std::nullopt;
  return DraftedDocument{path, std::move(rewritten.text), std::move(rewritten.changes)};
}

}  // namespace

const CheckType kLoadBaseline = {.name = "load.baseline",
                                 .summary = "the baseline document states what the load test measured",
                                 .fields = kFields,
                                 .version = 2,
                                 .run = run,
                                 .missing_engine = {},
                                 .leans_on = "load.run",
                                 .draft = draft};

}  // namespace gantry::launch

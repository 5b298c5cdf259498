#include "launch/checks/load/verdict.h"

#include "launch/checks/system/outcome.h"
#include "load/summary/remarks.h"

#include <fmt/format.h>

#include <algorithm>

// Messages name what is wrong and hold no figure, since waivers bind to them; the figures are in the explanations.

namespace gantry::launch {

using base::Finding;
using base::Severity;
using load::Judgement;
using load::RunOutcome;

namespace {

// So near to the most that a script lets through, the target had no say in it.
constexpr double kAtCeiling = 0.8;
// More dropped arrivals than this, and percentiles are about the lucky ones.
constexpr double kDroppedShareMax = 0.01;
// Fewer samples beyond a percentile than this, and it is chance.
constexpr double kSamplesBeyondMin = 5;

enum class Weight { note, refutes, leaves_open };

class Verdict {
 public:
  Verdict(const LoadTest& test, CheckOutcome& outcome) : test_(test), measured_(test.measured), outcome_(outcome) {}

  void judge();

 private:
  void judge_requests();
  void judge_thresholds();
  void judge_threshold(const load::JudgedMetric& metric, const load::JudgedThreshold& threshold);
  void judge_expectation(const Expectation& expectation);
  void judge_rate();
  void judge_checks(const load::ScriptGroup& group);
  bool is_fooled(std::string_view what, std::string_view metric, const load::Threshold& threshold);
  void look_at_samples(std::string_view metric, const load::Threshold& threshold);
  void look_at_generator();
  void miss(std::string_view rule, std::string_view what, Expected kind, std::string measured);
  bool is_generator_busy() const {
    return measured_.seconds >= load::kBusySecondsMin &&
           (own_cpu_share(measured_) > load::kBusyShare || is_generator_late());
  }
  bool is_generator_late() const { return measured_.delay_p95 > load::kDelayMsMax; }
  bool is_set_by_script() const {
    return measured_.rate_ceiling && measured_.rate >= kAtCeiling * *measured_.rate_ceiling;
  }
  std::string summarize() const;

  void add(Weight weight, Severity severity, std::string_view rule, std::string message, std::string explanation,
           std::string fix) {
    refuted_ |= weight == Weight::refutes;
    open_ |= weight == Weight::leaves_open;
    outcome_.findings.push_back({.rule = std::string(rule),
                                 .severity = severity,
                                 .object = test_.script,
                                 .where = {.file = std::make_shared<const std::string>(test_.script)},
                                 .message = std::move(message),
                                 .explanation = std::move(explanation),
                                 .fix = std::move(fix),
                                 .related = {}});
  }

  const LoadTest& test_;
  const Measured& measured_;
  CheckOutcome& outcome_;
  bool refuted_ = false;
  bool open_ = false;
  int held_ = 0;
  int asked_ = 0;
};

std::string value_text(const Judgement& judgement) {
  return judgement.value ? fmt::format("measured: {:.4g}", *judgement.value) : "nothing was measured";
}

// What a threshold is about, as far as the honesty of its figures goes.
Expected kind_of(std::string_view metric, const load::Threshold& threshold) {
  const bool is_rate = metric == "http_reqs" || metric == "iterations";
  if (is_rate && threshold.aggregation == load::Aggregation::rate) return Expected::rate;
  return metric.starts_with("http_req_") && metric != "http_req_failed" ? Expected::latency : Expected::errors;
}

bool wants_more(const load::Threshold& threshold) {
  return threshold.comparison == load::Comparison::greater ||
         threshold.comparison == load::Comparison::greater_or_equal;
}

void Verdict::judge() {
  judge_requests();
  if (test_.outcome.end == load::RunEnd::test_failed)
    add(Weight::refutes, Severity::high, "load.marked-failed", "the script itself says that the test failed",
        test_.outcome.error ? test_.outcome.error->message : std::string(), "see what made it call exec.test.fail()");
  judge_thresholds();
  for (const Expectation& expectation : test_.expectations) judge_expectation(expectation);
  judge_rate();
  judge_checks(test_.outcome.checks);
  look_at_generator();
  outcome_.metrics = metrics_of(measured_);
  conclude(outcome_);
  outcome_.verdict = refuted_ ? base::Verdict::fail : open_ ? base::Verdict::error : base::Verdict::pass;
  outcome_.summary = summarize();
}

void Verdict::judge_requests() {
  if (measured_.requests == 0)
    add(Weight::leaves_open, Severity::high, "load.no-requests", "the script sent no request",
        "a run that asks nothing says nothing of its target", "let the script's function send requests");
  else if (measured_.unanswered >= measured_.requests)
    add(Weight::leaves_open, Severity::high, "load.no-answer", "the target answered no request",
        "nobody was there, or the script asks at another place than the target's",
        "start the target, or name one in gantry.yaml under load:");
  else if (measured_.unanswered > 0)
    add(Weight::note, Severity::medium, "load.unanswered", "some requests had no answer",
        fmt::format("{} of {} were refused, cut off or timed out", measured_.unanswered, measured_.requests),
        "see the target's log of that time");
  const double arrivals = measured_.iterations + measured_.dropped;
  if (measured_.dropped == 0 || arrivals == 0) return;
  const bool is_much = measured_.dropped > kDroppedShareMax * arrivals;
  add(is_much ? Weight::leaves_open : Weight::note, is_much ? Severity::high : Severity::medium,
      "load.dropped-iterations", "arrivals found no free VU",
      fmt::format("{} of {} were dropped: users who were not served, and who are in no percentile", measured_.dropped,
                  arrivals),
      "raise maxVUs, or mend what kept the VUs waiting");
}

void Verdict::judge_thresholds() {
  for (const load::JudgedMetric& metric : test_.outcome.thresholds)
    for (const load::JudgedThreshold& threshold : metric.thresholds) judge_threshold(metric, threshold);
}

// A threshold on a scenario that flags have replaced has no samples, and k6 lets it pass (k6 reference, §5.1 and §7.5).
std::string why_no_samples(const RunOutcome& outcome, const load::MetricSelector& selector) {
  for (const auto& [tag, value] : selector.tags) {
    const bool is_played = std::ranges::any_of(
        outcome.scenarios, [&value](const load::ScenarioOutcome& scenario) { return scenario.scenario.name == value; });
    if (tag == "scenario" && !is_played)
      return fmt::format("no scenario \"{}\" ran: flags such as --vus and --duration replace the script's scenarios",
                         value);
  }
  return "no sample has these tags";
}

void Verdict::judge_threshold(const load::JudgedMetric& metric, const load::JudgedThreshold& threshold) {
  ++asked_;
  const std::string what = fmt::format("{}: {}", metric.selector.text, threshold.threshold.source);
  if (threshold.judgement.is_undecided)
    return add(Weight::leaves_open, Severity::high, "load.threshold-undecided",
               fmt::format("the threshold {} judged nothing", what),
               fmt::format("k6 lets it pass; {}", why_no_samples(test_.outcome, metric.selector)),
               "take the threshold out, or run what it is about");
  look_at_samples(metric.selector.text, threshold.threshold);
  if (threshold.judgement.holds)
    held_ += is_fooled(fmt::format("the threshold {}", what), metric.selector.text, threshold.threshold) ? 0 : 1;
  else
    miss("load.threshold-missed", fmt::format("the threshold {}", what),
         kind_of(metric.selector.metric, threshold.threshold), value_text(threshold.judgement));
}

void Verdict::judge_expectation(const Expectation& expectation) {
  ++asked_;
  const load::MetricId id = *test_.outcome.registry->find(expectation.metric);
  const load::Sink* sink = test_.outcome.recorder->sink(id);
  if (!sink)
    return add(Weight::leaves_open, Severity::high, "load.expectation-undecided",
               fmt::format("\"{}\" cannot be told", expectation.text),
               fmt::format("the run has no sample of {}", expectation.metric), "let the script send requests");
  const Judgement judgement = load::judge(expectation.threshold, *sink, test_.outcome.duration);
  look_at_samples(expectation.metric, expectation.threshold);
  if (judgement.holds) {
    held_ += is_fooled(fmt::format("\"{}\"", expectation.text), expectation.metric, expectation.threshold) ? 0 : 1;
    return;
  }
  const bool is_out_of_reach = expectation.what == Expected::rate && wants_more(expectation.threshold) &&
                               (is_set_by_script() || (measured_.is_open && measured_.dropped == 0));
  if (!is_out_of_reach)
    return miss("load.expectation-missed", fmt::format("\"{}\"", expectation.text), expectation.what,
                value_text(judgement));
  add(Weight::leaves_open, Severity::high, "load.rate-out-of-reach",
      fmt::format("the script cannot tell whether \"{}\" holds", expectation.text),
      fmt::format("it asked {:.4g} times a second, which the script set and not the target", measured_.rate),
      "let it ask more: more VUs, shorter waits, or an arrival-rate scenario");
}

// A latency that holds for the requests that were sent, and not for users who come when they like (k6 reference, §19.2): the target stood
// still, and hardly anybody asked meanwhile.
bool Verdict::is_fooled(std::string_view what, std::string_view metric, const load::Threshold& threshold) {
  if (metric != "http_req_duration") return false;
  const load::TrendSink corrected = test_.outcome.measurement.corrected();
  if (corrected.empty()) return false;
  const Judgement judgement = load::judge(threshold, corrected, test_.outcome.duration);
  if (judgement.holds) return false;
  const std::vector<std::string> remarks = load::make_remarks(test_.outcome);
  add(Weight::leaves_open, Severity::high, "load.users-waited",
      fmt::format("{} holds for the requests that were sent only", what),
      fmt::format("from when each was due, {}{}{}", value_text(judgement), remarks.empty() ? "" : "; ",
                  remarks.empty() ? "" : remarks.front()),
      "find out what made the target stand still, or give the script as many VUs as arrivals need");
  return true;
}

// What fails each time says either that the target is broken or that the check is wrong; a share of passes that is asked for elsewhere
// may hide it.
void Verdict::judge_checks(const load::ScriptGroup& group) {
  for (const load::ScriptCheck& check : group.checks)
    if (check.passes == 0 && check.fails > 0)
      add(Weight::leaves_open, Severity::high, "load.check-never-passed",
          fmt::format("the script's check \"{}\" never passed", check.name),
          fmt::format("it failed {} times", check.fails),
          "mend the target, or the check where it asks for what no answer has");
  for (const load::ScriptGroup& inner : group.groups) judge_checks(inner);
}

// A miss that the generator may have caused itself refutes nothing.
void Verdict::miss(std::string_view rule, std::string_view what, Expected kind, std::string measured) {
  const bool is_doubtful = is_generator_busy() && kind != Expected::errors;
  add(is_doubtful ? Weight::leaves_open : Weight::refutes, Severity::high, rule, fmt::format("{} does not hold", what),
      is_doubtful ? measured + "; Gantry itself was too busy to be trusted with that" : std::move(measured),
      "mend the target, or say in the plan what it is meant to hold");
}

// So that nobody takes a rate for a capacity.
void Verdict::judge_rate() {
  if (!is_set_by_script()) return;
  add(Weight::note, Severity::info, "load.rate-set-by-script", "the rate was set by the script, not by the target",
      fmt::format("its VUs wait so long between requests that {:.4g} a second is the most they can ask; {:.4g} says "
                  "nothing of what the target could serve",
                  *measured_.rate_ceiling, measured_.rate),
      "for the target's capacity use an arrival-rate scenario");
}

void Verdict::look_at_samples(std::string_view metric, const load::Threshold& threshold) {
  if (threshold.aggregation != load::Aggregation::percentile || !metric.starts_with("http_req_duration")) return;
  if (measured_.requests * (1 - threshold.percent / 100) >= kSamplesBeyondMin) return;
  add(Weight::note, Severity::low, "load.few-samples",
      fmt::format("p({}) of {} stands on few requests", threshold.percent, metric),
      fmt::format("{} were sent: less than {} of them are beyond it", measured_.requests, kSamplesBeyondMin),
      "let it run longer");
}

void Verdict::look_at_generator() {
  if (!is_generator_busy()) return;
  add(Weight::note, Severity::medium, "load.generator-busy", "Gantry itself was the bottleneck",
      is_generator_late()
          ? fmt::format(
                "it waited {:.3g} ms for a processor, every twentieth time or more often: others use this machine",
                measured_.delay_p95)
          : fmt::format("it used {:.0f} % of the one core that its scripts run on", 100 * own_cpu_share(measured_)),
      "ask less of one process, or run it where nothing else does");
}

std::string Verdict::summarize() const {
  const std::string figures =
      fmt::format("{:.0f} requests at {:.4g}/s, p95 {:.3g} ms, {:.2g} % failed", measured_.requests, measured_.rate,
                  measured_.p95, 100 * measured_.failed_share.value_or(0));
  if (outcome_.verdict == base::Verdict::pass)
    return asked_ == 0 ? fmt::format("{}; nothing was asked of it", figures)
                       : fmt::format("{}; all {} that was asked of it holds", figures, asked_);
  const auto worst = std::ranges::find_if(outcome_.findings, [this](const Finding& finding) {
    const bool is_miss = finding.rule.ends_with("-missed") || finding.rule == "load.marked-failed";
    return finding.severity >= Severity::high && (!refuted_ || is_miss);
  });
  const std::string_view message = worst == outcome_.findings.end() ? "" : std::string_view(worst->message);
  return measured_.unanswered >= measured_.requests ? std::string(message) : fmt::format("{}: {}", message, figures);
}

}  // namespace

void judge_load_test(const LoadTest& test, CheckOutcome& outcome) { Verdict(test, outcome).judge(); }

}  // namespace gantry::launch

#include "launch/checks/load/verdict.h"

#include "launch/checks/system/outcome.h"
#include "load/summary/course.h"
#include "load/summary/remarks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

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
// From here on a run is a soak: what still grows then is no longer getting started.
constexpr double kSoakSeconds = 600;

enum class Weight { note, refutes, leaves_open };

class Verdict {
 public:
  Verdict(const LoadTest& test, CheckOutcome& outcome) : test_(test), measured_(test.measured), outcome_(outcome) {}

  Judged judge();

 private:
  void judge_requests();
  void judge_failures();
  void judge_places();
  AskedOf judge_threshold(const load::JudgedMetric& metric, const load::JudgedThreshold& threshold);
  AskedOf judge_expectation(const Expectation& expectation);
  void judge_dependencies();
  void judge_steadiness();
  void judge_rate();
  void judge_checks();
  void judge_iterations();
  // Each gives what becomes of what was asked.
  std::string_view hold(std::string_view what, std::string_view metric, const load::Threshold& threshold);
  std::string_view miss(std::string_view rule, std::string_view what, Expected kind, const load::Threshold& threshold,
                        const Judgement& judgement);
  void look_at_samples(std::string_view metric, const load::Threshold& threshold);
  void look_at_generator();
  bool is_set_by_script() const {
    return measured_.rate_ceiling && measured_.rate >= kAtCeiling * *measured_.rate_ceiling;
  }
  std::string summarize() const;

  base::SourcePos script_pos() const { return {.file = std::make_shared<const std::string>(test_.script)}; }
  void add(Weight weight, Severity severity, std::string_view rule, std::string message, std::string explanation,
           std::string fix) {
    refuted_ |= weight == Weight::refutes;
    open_ |= weight == Weight::leaves_open;
    outcome_.findings.push_back({.rule = std::string(rule),
                                 .severity = severity,
                                 .object = test_.script,
                                 .where = script_pos(),
                                 .message = std::move(message),
                                 .explanation = std::move(explanation),
                                 .fix = std::move(fix),
                                 .related = {}});
  }

  const LoadTest& test_;
  const Measured& measured_;
  CheckOutcome& outcome_;
  const std::optional<std::string> why_busy_ = load::why_bottleneck(test_.outcome);
  bool refuted_ = false;
  bool open_ = false;
  std::size_t asked_ = 0;
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

// How many samples a sink stands on; nothing where it keeps no count.
std::optional<std::uint64_t> count_samples(const load::Sink* sink) {
  if (!sink) return 0;
  if (const auto* trend = std::get_if<load::TrendSink>(sink)) return trend->count();
  if (const auto* rate = std::get_if<load::RateSink>(sink)) return rate->total();
  if (const auto* counter = std::get_if<load::CounterSink>(sink))
    return static_cast<std::uint64_t>(std::max(counter->count(), 0.0));
  return std::nullopt;
}

Judged Verdict::judge() {
  Judged judged;
  judge_requests();
  judge_failures();
  judge_places();
  if (test_.outcome.end == load::RunEnd::test_failed)
    add(Weight::refutes, Severity::high, "load.marked-failed", "the script itself says that the test failed",
        test_.outcome.error ? test_.outcome.error->message : std::string(), "see what made it call exec.test.fail()");
  for (const load::JudgedMetric& metric : test_.outcome.thresholds)
    for (const load::JudgedThreshold& threshold : metric.thresholds)
      judged.thresholds.push_back(judge_threshold(metric, threshold));
  for (const Expectation& expectation : test_.expectations)
    judged.expectations.push_back(judge_expectation(expectation));
  asked_ = judged.thresholds.size() + judged.expectations.size();
  judge_dependencies();
  judge_rate();
  judge_steadiness();
  judge_checks();
  judge_iterations();
  look_at_generator();
  const std::vector<base::Metric> metrics = metrics_of(measured_);
  outcome_.metrics.insert(outcome_.metrics.begin(), metrics.begin(), metrics.end());
  conclude(outcome_);
  outcome_.verdict = refuted_ ? base::Verdict::fail : open_ ? base::Verdict::error : base::Verdict::pass;
  outcome_.summary = summarize();
  return judged;
}

void Verdict::judge_requests() {
  if (measured_.requests == 0)
    add(Weight::leaves_open, Severity::high, "load.no-requests", "the script sent no request",
        "a run that asks nothing says nothing of its target", "let the script's function send requests");
  else if (measured_.unanswered >= measured_.in_scenarios)
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

// Whatever was asked: a run in which hardly anything worked says nothing good of a target, and nothing of its speed.
void Verdict::judge_failures() {
  constexpr double kMost = 0.5;
  if (measured_.unanswered >= measured_.in_scenarios) return;
  const double without_use = (measured_.unanswered + measured_.server_errors) / measured_.in_scenarios;
  const double failed = std::max(measured_.failed_share.value_or(0), without_use);
  if (failed <= kMost) return;
  add(Weight::refutes, Severity::high, "load.mostly-failed", "most requests failed",
      fmt::format(
          "{:.1f} % of {:.0f} requests failed, of which {:.0f} had no answer and {:.0f} a server's error (5xx); a run "
          "with more than {:.0f} % passes in no case, since its latencies are those of errors",
          100 * failed, measured_.in_scenarios, measured_.unanswered, measured_.server_errors, 100 * kMost),
      "see what the target answered; where statuses such as 404 are what is tested, let the script say so with "
      "http.setResponseCallback(http.expectedStatuses(…))");
}

// "localhost:8000" and "127.0.0.1:8000" are one place.
std::string place_name(std::string_view host, std::string_view port) {
  constexpr std::array<std::string_view, 4> kLoopback = {"localhost", "127.0.0.1", "::1", "[::1]"};
  const bool is_loopback = std::ranges::find(kLoopback, host) != kLoopback.end();
  return fmt::format("{}:{}", is_loopback ? std::string_view("127.0.0.1") : host, port);
}

std::string place_name(std::string_view place) {
  const std::size_t colon = place.rfind(':');
  return colon == std::string_view::npos ? std::string(place)
                                         : place_name(place.substr(0, colon), place.substr(colon + 1));
}

// A script may have an address of its own, whatever it is told: then the figures are of whoever is there.
void Verdict::judge_places() {
  const auto& places = test_.outcome.measurement.places;
  std::vector<std::string> allowed = {place_name(test_.place.host, test_.place.port)};
  for (const std::string& other : test_.others) allowed.push_back(place_name(other));
  std::vector<std::string> told;
  for (const auto& [place, count] : places)
    if (test_.place.host.empty() || std::ranges::find(allowed, place_name(place)) == allowed.end())
      told.push_back(fmt::format("{} to {}", count, place));
  const std::string text = fmt::format("{}", fmt::join(told, ", "));
  const base::Node* hosts = test_.outcome.options.is_map() ? test_.outcome.options.get("hosts") : nullptr;
  if (!test_.place.host.empty() && hosts && hosts->is_map() && !hosts->map().empty())
    add(Weight::leaves_open, Severity::high, "load.other-host", "the script says itself where hosts are",
        fmt::format("its option `hosts` has {} of them: requests to the target at {} may have gone anywhere",
                    hosts->map().size(), allowed.front()),
        "take `hosts` out of the options for this run, and name the target's own address in gantry.yaml");
  if (test_.place.host.empty() && told.size() > 1)
    add(Weight::note, Severity::medium, "load.several-hosts", "requests went to several hosts",
        fmt::format("{}: the figures are about all of them together", text),
        "name in gantry.yaml the target that the figures are meant to be about");
  if (!test_.place.host.empty() && !told.empty())
    add(Weight::leaves_open, Severity::high, "load.other-host", "requests went to another host than the target's",
        fmt::format("{}; the target is at {}: the figures are not about it alone", text, allowed.front()),
        "let the script ask where its variable (BASE_URL) says, or name who is asked besides in the target's `others:` "
        "in "
        "gantry.yaml");
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

AskedOf Verdict::judge_threshold(const load::JudgedMetric& metric, const load::JudgedThreshold& threshold) {
  const std::string text = fmt::format("{}: {}", metric.selector.text, threshold.threshold.source);
  const std::string what = fmt::format("the threshold {}", text);
  const load::Recorder& recorder = *test_.outcome.recorder;
  const load::Sink* sink = metric.selector.tags.empty()
                               ? recorder.sink(*test_.outcome.registry->find(metric.selector.metric))
                               : recorder.sink(metric.selector.text);
  AskedOf asked{.text = text,
                .value = threshold.judgement.value,
                .samples = count_samples(sink),
                .result = std::string(kUndecided)};
  if (threshold.judgement.is_undecided) {
    add(Weight::leaves_open, Severity::high, "load.threshold-undecided", what + " judged nothing",
        fmt::format("k6 lets it pass; {}", why_no_samples(test_.outcome, metric.selector)),
        "take the threshold out, or run what it is about");
    return asked;
  }
  look_at_samples(metric.selector.text, threshold.threshold);
  asked.result = threshold.judgement.holds
                     ? hold(what, metric.selector.text, threshold.threshold)
                     : miss("load.threshold-missed", what, kind_of(metric.selector.metric, threshold.threshold),
                            threshold.threshold, threshold.judgement);
  return asked;
}

AskedOf Verdict::judge_expectation(const Expectation& expectation) {
  const std::string what = fmt::format("\"{}\"", expectation.text);
  const load::Sink* sink = test_.outcome.recorder->sink(*test_.outcome.registry->find(expectation.metric));
  AskedOf asked{.text = expectation.text, .samples = count_samples(sink), .result = std::string(kUndecided)};
  if (!sink) {
    add(Weight::leaves_open, Severity::high, "load.expectation-undecided", what + " cannot be told",
        fmt::format("the run has no sample of {}", expectation.metric), "let the script send requests");
    return asked;
  }
  const Judgement judgement = load::judge(expectation.threshold, *sink, test_.outcome.duration);
  asked.value = judgement.value;
  look_at_samples(expectation.metric, expectation.threshold);
  const bool is_out_of_reach = !judgement.holds && expectation.what == Expected::rate &&
                               wants_more(expectation.threshold) &&
                               (is_set_by_script() || (measured_.is_open && measured_.dropped == 0));
  if (is_out_of_reach) {
    add(Weight::leaves_open, Severity::high, "load.rate-out-of-reach",
        fmt::format("the script cannot tell whether {} holds", what),
        fmt::format("it asked {:.4g} times a second, which the script set and not the target", measured_.rate),
        "let it ask more: more VUs, shorter waits, or an arrival-rate scenario");
    return asked;
  }
  asked.result = judgement.holds
                     ? hold(what, expectation.metric, expectation.threshold)
                     : miss("load.expectation-missed", what, expectation.what, expectation.threshold, judgement);
  return asked;
}

// A latency may hold for the requests that were sent, and not for users who come when they like (k6 reference, §19.2): the target stood
// still, and hardly anybody asked meanwhile.
std::string_view Verdict::hold(std::string_view what, std::string_view metric, const load::Threshold& threshold) {
  if (metric != "http_req_duration") return kHolds;
  const load::TrendSink corrected = test_.outcome.measurement.corrected();
  if (corrected.empty()) return kHolds;
  const Judgement judgement = load::judge(threshold, corrected, test_.outcome.duration);
  if (judgement.holds) return kHolds;
  const std::vector<std::string> remarks = load::make_remarks(test_.outcome);
  add(Weight::leaves_open, Severity::high, "load.users-waited",
      fmt::format("{} holds for the requests that were sent only", what),
      fmt::format("from when each was due, {}{}{}", value_text(judgement), remarks.empty() ? "" : "; ",
                  remarks.empty() ? "" : remarks.front()),
      "find out what made the target stand still, or give the script as many VUs as arrivals need");
  return kUndecided;
}

void Verdict::judge_dependencies() {
  for (Finding& finding : find_dependencies_off(test_.target, test_.script, script_pos())) {
    open_ |= finding.severity >= Severity::high;
    outcome_.findings.push_back(std::move(finding));
  }
}

// In a short run everything is still getting started.
void Verdict::judge_steadiness() {
  const std::optional<MemoryCourse> memory = course_of(test_.memory);
  if (memory) {
    outcome_.metrics.push_back({"target_memory_bytes_first", memory->first});
    outcome_.metrics.push_back({"target_memory_bytes_last", memory->last});
    outcome_.metrics.push_back({"target_memory_bytes_max", memory->max});
  }
  if (measured_.seconds < kSoakSeconds) return;
  if (memory && load::is_drift(memory->drift) && memory->drift->change > 0)
    add(Weight::leaves_open, Severity::high, "load.memory-grows", "the target's memory grew all through the run",
        fmt::format(
            "by {:.0f} % from {:.4g} to {:.4g} MB after {} s of warm-up, which chance does in less than 1 of {:.0f} "
            "runs: nobody knows where it ends",
            100 * memory->drift->change, memory->first / 1e6, memory->last / 1e6, memory->warm_up.count(),
            1 / std::max(memory->drift->doubt, 1e-4)),
        "find what it keeps, or let it run until it levels off");
  const load::Course course = load::course_of(test_.outcome);
  const std::optional<load::Drift>& drift = load::is_drift(course.median) ? course.median : course.p95;
  if (load::is_drift(drift))
    add(Weight::note, Severity::medium, "load.latency-drifts",
        fmt::format("the target got {} all through the run", drift->change > 0 ? "slower" : "faster"),
        fmt::format("by {:.0f} %: a percentile of the whole run is of no moment of it", 100 * std::abs(drift->change)),
        "see what grew meanwhile; judge the run's end by itself");
}

// What fails each time says either that the target is broken or that the check is wrong; a share of passes that is asked for elsewhere
// may hide it.
void Verdict::judge_checks() {
  for (const load::ScriptCheck& check : test_.outcome.checks.by_name)
    if (check.passes == 0 && check.fails > 0)
      add(Weight::leaves_open, Severity::high, "load.check-never-passed",
          fmt::format("the script's check \"{}\" never passed", check.name),
          fmt::format("it failed {} times", check.fails),
          "mend the target, or the check where it asks for what no answer has");
}

// k6 counts such an iteration as any other: whatever it was still to ask and to check, it did not.
void Verdict::judge_iterations() {
  constexpr double kMost = 0.5;
  const auto thrown = static_cast<double>(test_.outcome.measurement.thrown);
  if (thrown == 0) return;
  const bool is_most = thrown > kMost * measured_.iterations;
  add(is_most ? Weight::leaves_open : Weight::note, is_most ? Severity::high : Severity::medium,
      "load.iterations-threw", "iterations ended in an exception",
      fmt::format("{:.0f} of {:.0f} did, so that the script did not do what comes after it", thrown,
                  measured_.iterations),
      "see the exception in the log of `gantry load run`; mend the script, or what the target answers it with");
}

// How far off, for who accepts it: a tenth of the bound is a difference. Of none nobody knows what would be.
std::optional<double> extent_of(const load::Threshold& threshold, const Judgement& judgement) {
  constexpr double kTenth = 0.1;
  if (!judgement.value || threshold.bound == 0) return std::nullopt;
  return std::abs((*judgement.value - threshold.bound) / (kTenth * threshold.bound));
}

// A miss that the generator may have caused itself refutes nothing.
std::string_view Verdict::miss(std::string_view rule, std::string_view what, Expected kind,
                               const load::Threshold& threshold, const Judgement& judgement) {
  const bool is_doubtful = why_busy_ && kind != Expected::errors;
  std::string measured = value_text(judgement);
  add(is_doubtful ? Weight::leaves_open : Weight::refutes, Severity::high, rule, fmt::format("{} does not hold", what),
      is_doubtful ? measured + "; Gantry itself was too busy to be trusted with that" : std::move(measured),
      "mend the target, or say in the plan what it is meant to hold");
  if (const std::optional<double> extent = extent_of(threshold, judgement))
    outcome_.extents.emplace(outcome_.findings.back().fingerprint(), *extent);
  return is_doubtful ? kUndecided : kMissed;
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
  if (why_busy_)
    add(Weight::note, Severity::medium, "load.generator-busy", "Gantry itself was the bottleneck", *why_busy_,
        "ask less of one process, or run it where nothing else does");
}

std::string Verdict::summarize() const {
  const std::string figures =
      fmt::format("{:.0f} requests at {:.4g}/s, p95 {:.3g} ms, {:.4g} % failed", measured_.requests, measured_.rate,
                  measured_.p95, 100 * measured_.failed_share.value_or(0));
  if (outcome_.verdict == base::Verdict::pass)
    return asked_ == 0 ? fmt::format("{}; nothing was asked of it", figures)
                       : fmt::format("{}; all {} that was asked of it holds", figures, asked_);
  const auto worst = std::ranges::find_if(outcome_.findings, [this](const Finding& finding) {
    const bool is_miss = finding.rule.ends_with("-missed") || finding.rule == "load.marked-failed" ||
                         finding.rule == "load.mostly-failed";
    return finding.severity >= Severity::high && (!refuted_ || is_miss);
  });
  const std::string_view message = worst == outcome_.findings.end() ? "" : std::string_view(worst->message);
  return measured_.unanswered >= measured_.requests ? std::string(message) : fmt::format("{}: {}", message, figures);
}

}  // namespace

Judged judge_load_test(const LoadTest& test, CheckOutcome& outcome) { return Verdict(test, outcome).judge(); }

}  // namespace gantry::launch

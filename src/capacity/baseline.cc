#include "capacity/baseline.h"

#include "base/time.h"
#include "capacity/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gantry::capacity {

using base::Finding;

namespace {

constexpr double kScriptBound = 0.1;    // X within 10 % of N / (R + Z): the script, not the system, set the rate
constexpr double kThinkShare = 0.5;     // and R is at most half of Z
constexpr double kDisagreement = 0.02;  // requests ÷ duration against the rate
constexpr std::chrono::minutes kSteady{30};

class Judge {
 public:
  Judge(const Baseline& baseline, const Target& target, std::vector<Finding>& findings)
      : baseline_(baseline), target_(target), findings_(findings) {}

  void judge() const {
    judge_loop();
    judge_rate();
    judge_percentiles();
    judge_thresholds();
    judge_errors();
    judge_duration();
    if (!baseline_.cpu_milli)
      add("capacity.baseline-no-cpu", "the baseline does not say how much CPU the replicas used",
          "measure it at that rate (kubectl top pods, container_cpu_usage_seconds_total) and say cpu or "
          "cpu_ms_per_request");
  }

 private:
  void add(std::string_view rule, std::string message, std::string fix) const {
    findings_.push_back(make_finding(rule, "", baseline_.where, std::move(message), std::move(fix)));
  }

  // X = N / (R + Z): the law of a closed loop.
  void judge_loop() const {
    const std::optional<double> mean = baseline_.latency("avg");
    if (!baseline_.vus || !baseline_.think_ms || !mean || *baseline_.think_ms <= 0) return;
    const double of_script = *baseline_.vus * 1000 / (*mean + *baseline_.think_ms);
    const bool bound =
        std::abs(baseline_.rate / of_script - 1) <= kScriptBound && *mean <= kThinkShare * *baseline_.think_ms;
    if (!bound) return;
    const double most = *baseline_.vus * 1000 / *baseline_.think_ms;
    add("capacity.baseline-closed-loop",
        fmt::format("{:g} users who wait {:g} ms between requests cannot ask more than {:.0f} times a second: the "
                    "measured {:.1f}/s is the script's rate, not the service's",
                    *baseline_.vus, *baseline_.think_ms, most, baseline_.rate),
        "measure with an arrival rate (constant-arrival-rate, ramping-arrival-rate) beyond the knee");
  }

  void judge_rate() const {
    const bool demanded = std::ranges::any_of(baseline_.thresholds, [](const Threshold& threshold) {
      return threshold.metric.starts_with("http_reqs") || threshold.metric.starts_with("iterations");
    });
    const double dropped = baseline_.dropped_iterations.value_or(0);
    if (dropped > 0)
      add("capacity.baseline-dropped", fmt::format("{:.0f} iterations were dropped", dropped),
          "give the test more VUs (maxVUs), or take the rate that was reached as the result");
    if (!demanded && !baseline_.offered_rate)
      add("capacity.baseline-rate-not-demanded", "no threshold demands a rate of the run",
          fmt::format("add a threshold: http_reqs: ['rate>={:g}']", target_.rate));
    if (!baseline_.requests || !baseline_.duration || *baseline_.duration <= Millis(0)) return;
    const double counted = *baseline_.requests * 1000 / static_cast<double>(baseline_.duration->count());
    if (std::abs(counted / baseline_.rate - 1) > kDisagreement)
      add("capacity.baseline-inconsistent",
          fmt::format("{:.0f} requests in {} are {:.1f}/s, and the rate is said to be {:.1f}/s", *baseline_.requests,
                      base::format_duration(*baseline_.duration), counted, baseline_.rate),
          "take both from one run");
  }

  void judge_percentiles() const {
    if (!baseline_.latency("p95"))
      add("capacity.baseline-percentile", "the baseline has no 95th percentile of the latency",
          "add 'p(95)' to summaryTrendStats and run again");
  }

  void judge_thresholds() const {
    for (const Threshold& threshold : baseline_.thresholds) {
      const std::string name = threshold.expression.empty()
                                   ? threshold.metric
                                   : fmt::format("{}: {}", threshold.metric, threshold.expression);
      // What counts failures has no sample above 0 in a good run.
      const bool counts_failures = threshold.metric.contains("fail") || threshold.metric.contains("error") ||
                                   threshold.metric.starts_with("dropped_iterations");
      if (!threshold.ok) {
        add("capacity.baseline-threshold-failed", fmt::format("the threshold {} was not met", name),
            "mend what is slow or failing, and measure again");
      } else if (!threshold.measured && !counts_failures) {
        add("capacity.baseline-threshold-empty",
            fmt::format("the threshold {} passed without a single sample above 0", name),
            "run the script's own scenarios: --vus and --duration replace them");
      }
    }
  }

  void judge_errors() const {
    const double percent = baseline_.error_share.value_or(0) * 100;
    if (percent > target_.error_percent)
      add("capacity.baseline-errors",
          fmt::format("{:.2f} % of the requests failed; {:g} % may", percent, target_.error_percent),
          "find out what fails at this rate, and measure again");
  }

  void judge_duration() const {
    if (baseline_.duration && *baseline_.duration < Millis(kSteady))
      add("capacity.baseline-short",
          fmt::format("the run lasted {}, less than {} min", base::format_duration(*baseline_.duration),
                      kSteady.count()),
          "run the soak test, too");
  }

  const Baseline& baseline_;
  const Target& target_;
  std::vector<Finding>& findings_;
};

}  // namespace

std::optional<double> Baseline::latency(std::string_view name) const {
  const auto found = latency_ms.find(name);
  return found == latency_ms.end() ? std::nullopt : std::optional(found->second);
}

void judge_baseline(const Baseline& baseline, const Target& target, std::vector<Finding>& findings) {
  Judge(baseline, target, findings).judge();
}

}  // namespace gantry::capacity

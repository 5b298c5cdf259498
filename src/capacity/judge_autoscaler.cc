#include "capacity/judge_autoscaler.h"

#include "base/time.h"
#include "capacity/figures.h"
#include "capacity/rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::capacity {

using base::Finding;
using kube::HorizontalPodAutoscaler;
using kube::ScaleMetric;
using kube::ScaleRules;

namespace {

constexpr double kLargestShareMin = 0.7;  // of the pod's request: below, others count as much as the busy container
constexpr double kLimitFarAbove = 3;      // times the request: below, nobody mistakes one for the other
constexpr double kStaysUpShare = 0.5;     // of the replicas that are there at the end would be enough

std::string name_of(const HorizontalPodAutoscaler& autoscaler) {
  return fmt::format("HorizontalPodAutoscaler {}/{}", autoscaler.name_space(), autoscaler.name());
}

class Judge {
 public:
  Judge(const ScaledWorkload& workload, const AutoscalerFacts& facts, std::vector<Finding>& findings)
      : workload_(workload), autoscaler_(*workload.autoscaler), facts_(facts), findings_(findings) {}

  void judge() const {
    if (!workload_.workload) {
      add("hpa.target-missing", fmt::format("{} scales {}, which is not there", name_of(autoscaler_), workload_.name),
          "give the manifests of the workload, too", autoscaler_.target_where);
      return;
    }
    judge_target();
    judge_rules();
    judge_source();
    for (std::size_t i = 0; i < autoscaler_.metrics.size(); ++i) judge_metric(autoscaler_.metrics[i], i);
  }

 private:
  void add(std::string_view rule, std::string message, std::string fix, const base::SourcePos& where) const {
    findings_.push_back(make_finding(rule, name_of(autoscaler_), where, std::move(message), std::move(fix)));
  }

  void judge_target() const {
    if (!workload_.workload->written_replicas || workload_.workload->object.origin == kube::Origin::live) return;
    add("hpa.fixed-replicas",
        fmt::format("{} has replicas: {}, and {} scales it", workload_.name, *workload_.workload->written_replicas,
                    name_of(autoscaler_)),
        "drop spec.replicas from the workload's manifest", workload_.workload->object.pos());
  }

  void judge_source() const {
    for (const std::string& api : workload_.apis_missing)
      add("hpa.metrics-source-missing", fmt::format("the cluster has no API {}", api),
          api == "metrics.k8s.io" ? "install metrics-server" : "install an adapter that serves it",
          autoscaler_.object.pos());
    if (!workload_.apis_known)
      add("hpa.metrics-source-unknown",
          fmt::format("nothing here says who serves the metrics of {}", name_of(autoscaler_)),
          "make sure that the cluster has metrics-server, or the adapter", autoscaler_.object.pos());
  }

  void judge_rules() const {
    if (!autoscaler_.behavior_written) return;
    const ScaleRules& up = autoscaler_.scale_up;
    if (up.select == ScaleRules::Select::disabled)
      add("hpa.disabled", fmt::format("{} never scales up: selectPolicy is Disabled", name_of(autoscaler_)),
          "use Max or Min for scaleUp", autoscaler_.object.pos());
    const std::chrono::seconds window = up.stabilization_window.value_or(std::chrono::seconds(0));
    if (window > std::chrono::seconds(0))
      add("hpa.slow-up-window", fmt::format("{} waits {} s before it scales up", name_of(autoscaler_), window.count()),
          "set the window of scaleUp to 0, unless flapping is shown", autoscaler_.object.pos());
  }

  void judge_metric(const ScaleMetric& metric, std::size_t index) const {
    const bool of_resource =
        metric.type == ScaleMetric::Type::resource || metric.type == ScaleMetric::Type::container_resource;
    if (!of_resource) return;
    const std::optional<std::int64_t> request = workload_.requests_milli[index];
    const bool utilization = metric.target == ScaleMetric::Target::utilization;
    if (utilization && request.value_or(0) <= 0)
      return add("hpa.request-missing",
                 fmt::format("{} has a container without a request for {}", workload_.name, metric.name),
                 fmt::format("give every container a request for {}", metric.name), metric.where);
    if (metric.name == "memory") return judge_memory(metric, request);
    if (!utilization || metric.type != ScaleMetric::Type::resource) return;
    judge_limit(metric, static_cast<double>(*request));
    if (metric.name == "cpu" && workload_.largest_cpu_share < kLargestShareMin)
      add("hpa.sidecar-dilutes",
          fmt::format("{} scales on the CPU of all containers, of which the largest has {:.0f} % of the request",
                      name_of(autoscaler_), 100 * workload_.largest_cpu_share),
          "use a ContainerResource metric for the container that works", metric.where);
  }

  void judge_memory(const ScaleMetric& metric, std::optional<std::int64_t> request) const {
    const double target =
        metric.target == ScaleMetric::Target::utilization
            ? static_cast<double>(request.value_or(0)) / 1000 * static_cast<double>(metric.utilization_percent) / 100
            : metric.amount.as_double();
    if (facts_.idle_memory_bytes && *facts_.idle_memory_bytes >= target)
      return add("hpa.memory-never-falls",
                 fmt::format("an idle pod uses {} of memory, the target is {}: {} goes to {} replicas and stays there",
                             shown_memory(*facts_.idle_memory_bytes), shown_memory(target), name_of(autoscaler_),
                             autoscaler_.max_replicas),
                 "scale on CPU or on requests in flight", metric.where);
    add("hpa.memory-metric", fmt::format("{} scales on memory", name_of(autoscaler_)),
        "make sure that the memory of a pod falls with its load, or scale on CPU", metric.where);
  }

  void judge_limit(const ScaleMetric& metric, double request) const {
    const double limit = static_cast<double>(workload_.cpu_limit_milli.value_or(0));
    if (limit < kLimitFarAbove * request) return;
    const double acts_at = static_cast<double>(metric.utilization_percent) / 100 * request;
    add("hpa.target-of-limit",
        fmt::format("{} acts at {} ({} % of the request {}), which is {:.0f} % of the limit {}", name_of(autoscaler_),
                    shown_cpu(acts_at), metric.utilization_percent, shown_cpu(request), 100 * acts_at / limit,
                    shown_cpu(limit)),
        "raise the request to what a pod uses at its safe rate", metric.where);
  }

  const ScaledWorkload& workload_;
  const HorizontalPodAutoscaler& autoscaler_;
  const AutoscalerFacts& facts_;
  std::vector<Finding>& findings_;
};

// ---- After the simulation

class Outcome {
 public:
  Outcome(const Scenario& scenario, const Simulation& simulation, const Allowance& allowance,
          std::vector<Finding>& findings)
      : scenario_(scenario), answers_(simulation.answers), allowance_(allowance), findings_(findings) {}

  void judge() const {
    judge_saturation();
    judge_late();
    judge_max();
    judge_calm();
    judge_metrics();
  }

 private:
  void add(std::string_view rule, std::string message, std::string fix) const {
    const HorizontalPodAutoscaler& autoscaler = scenario_.autoscaler;
    findings_.push_back(
        make_finding(rule, name_of(autoscaler), autoscaler.object.pos(), std::move(message), std::move(fix)));
  }

  void judge_saturation() const {
    if (answers_.saturated <= allowance_.saturated) return;
    add("hpa.saturated",
        fmt::format("the pods are saturated for {} ({} at a stretch, from {} on); {} are allowed",
                    base::format_duration(answers_.saturated), base::format_duration(answers_.saturated_longest),
                    base::format_duration(*answers_.saturated_first), base::format_duration(allowance_.saturated)),
        "raise minReplicas, lower the target, or shorten the start of a pod");
  }
  void judge_late() const {
    const double percent = 100 * answers_.late_share();
    if (percent <= allowance_.late_percent) return;
    add("hpa.late",
        fmt::format(
            "{:.2f} % of {:.0f} requests are late: {:.0f} wait more than {:g} ms, {:.0f} go away after {:g} ms; "
            "{:g} % are allowed",
            percent, answers_.requests, answers_.late, scenario_.late_ms, answers_.lost, scenario_.timeout_ms,
            allowance_.late_percent),
        "raise minReplicas, lower the target, or shorten the start of a pod");
  }
  void judge_max() const {
    const std::int64_t max = scenario_.autoscaler.max_replicas;
    if (answers_.short_of_max > Millis(0)) {
      add("hpa.max-too-low",
          fmt::format("for {} the metrics ask for more than maxReplicas {}",
                      base::format_duration(answers_.short_of_max), max),
          "raise maxReplicas, as far as nodes, quota and what the service calls allow");
    } else if (answers_.at_max > Millis(0) && max > scenario_.autoscaler.min_replicas) {
      add("hpa.max-reached",
          fmt::format("maxReplicas {} is reached for {}", max, base::format_duration(answers_.at_max)),
          "leave room above the planned peak");
    }
  }
  void judge_calm() const {
    if (answers_.flaps > allowance_.flaps)
      add("hpa.flaps",
          fmt::format("the replicas go there and back {} time{}, each change within {} min of the one before",
                      answers_.flaps, answers_.flaps == 1 ? "" : "s", kFlapWindow.count()),
          "make the window of scaleDown as long as the load's own ups and downs");
    const double needed = scenario_.traffic.points().back().per_second / scenario_.pod.rate_per_pod();
    const double kept = kStaysUpShare * static_cast<double>(answers_.replicas_at_end);
    const bool grown = answers_.replicas_at_end > scenario_.autoscaler.min_replicas && answers_.scaled_down == 0;
    if (grown && needed < kept)
      add("hpa.stays-up",
          fmt::format("at the end of the trace {} replicas are left, and {:.1f} would be enough",
                      answers_.replicas_at_end, needed),
          "simulate a longer end, or let scaleDown take more at once");
  }
  void judge_metrics() const {
    if (answers_.without_metrics == Millis(0)) return;
    add("hpa.metric-unserved",
        fmt::format("for {} nothing is scaled for want of metrics", base::format_duration(answers_.without_metrics)),
        "serve every metric that the autoscaler names: metrics-server, an adapter");
  }

  const Scenario& scenario_;
  const Answers& answers_;
  const Allowance& allowance_;
  std::vector<Finding>& findings_;
};

}  // namespace

void judge_autoscaler(const ScaledWorkload& workload, const AutoscalerFacts& facts, std::vector<Finding>& findings) {
  Judge(workload, facts, findings).judge();
}

void judge_simulation(const Scenario& scenario, const Simulation& simulation, const Allowance& allowance,
                      std::vector<Finding>& findings) {
  Outcome(scenario, simulation, allowance, findings).judge();
}

std::string summarize(const Simulation& simulation) {
  const Answers& answers = simulation.answers;
  const std::string first = simulation.steps.empty() ? "0" : fmt::format("{}", simulation.steps.front().replicas);
  std::string text = fmt::format("{:.0f} requests, {} replicas at first and {} at most; ", answers.requests, first,
                                 answers.replicas_peak);
  text += answers.saturated == Millis(0) ? "never saturated"
                                         : fmt::format("saturated for {}", base::format_duration(answers.saturated));
  text += fmt::format(", {:.2f} % late", 100 * answers.late_share());
  if (answers.flaps > 0) text += fmt::format(", {} flaps", answers.flaps);
  if (answers.short_of_max > Millis(0))
    text += fmt::format(", short of replicas for {}", base::format_duration(answers.short_of_max));
  return text;
}

}  // namespace gantry::capacity

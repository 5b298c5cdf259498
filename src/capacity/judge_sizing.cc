#include "capacity/judge_sizing.h"

#include "capacity/figures.h"
#include "capacity/judge_autoscaler.h"
#include "capacity/rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::capacity {

using base::Finding;

namespace {

constexpr double kUsedShareMin = 0.5;  // of the request at the safe rate (disruption reference, §14.4)

class Judge {
 public:
  Judge(const SizingInput& input, const Sizing& sizing, std::vector<Finding>& findings)
      : input_(input), sizing_(sizing), workload_(*input.workload), findings_(findings) {}

  void judge() const {
    judge_cpu();
    judge_limit();
    judge_memory();
    judge_replicas();
    judge_utilization();
  }

 private:
  void add(std::string_view rule, std::string message, std::string fix, const base::SourcePos& where) const {
    findings_.push_back(make_finding(rule, workload_.name, where, std::move(message), std::move(fix)));
  }
  base::SourcePos place() const { return workload_.workload ? workload_.workload->object.pos() : base::SourcePos{}; }
  double figure(std::string_view id) const {
    const Figure* found = sizing_.find(id);
    return found ? found->value : 0;
  }

  void judge_cpu() const {
    const Figure* request = sizing_.find("cpu_request");
    if (!request) return;
    const std::string fix = fmt::format("request cpu: {}", request->shown);
    if (!workload_.cpu_request_milli)
      return add("capacity.cpu-request-missing",
                 fmt::format("{} has a container without a CPU request", workload_.name), fix, place());
    const double written = static_cast<double>(*workload_.cpu_request_milli);
    const double used = figure("safe_rate") * figure("cpu_per_request");
    const double percent = 100 * used / written;
    const std::string arithmetic = fmt::format("{:.1f}/s × {:.3g} ms = {} of {}, {:.0f} %", figure("safe_rate"),
                                               figure("cpu_per_request"), shown_cpu(used), shown_cpu(written), percent);
    if (percent > input_.utilization_percent + 1e-9)
      add("capacity.cpu-request-low",
          fmt::format("{} uses more than {:g} % of its CPU request at the safe rate: {}", workload_.name,
                      input_.utilization_percent, arithmetic),
          fix, place());
    if (percent < 100 * kUsedShareMin)
      add("capacity.cpu-request-high",
          fmt::format("{} uses less than half of its CPU request at the safe rate: {}", workload_.name, arithmetic),
          fix, place());
  }

  void judge_limit() const {
    const Figure* limit = sizing_.find("cpu_limit");
    if (!limit || !workload_.cpu_limit_milli) return;
    const double burst = std::max(input_.cpu_peak_milli.value_or(0), sizing_.knee.rate * figure("cpu_per_request"));
    if (static_cast<double>(*workload_.cpu_limit_milli) >= burst - 1e-6) return;
    add("capacity.cpu-limit-below-burst",
        fmt::format("{} may use {} and needs {} at the knee", workload_.name,
                    shown_cpu(static_cast<double>(*workload_.cpu_limit_milli)), shown_cpu(burst)),
        "drop the CPU limit, or raise it to " + shown_cpu(limit->value), place());
  }

  void judge_memory() const {
    if (!workload_.memory_limit_bytes)
      add("capacity.memory-limit-missing", fmt::format("{} has a container without a memory limit", workload_.name),
          "set the memory limit to the request", place());
    const Figure* memory = sizing_.find("memory");
    if (!memory) return;
    if (workload_.memory_request_bytes.value_or(0) >= memory->value) return;
    add("capacity.memory-request-low",
        fmt::format("{} requests {} of memory and needs {}", workload_.name,
                    workload_.memory_request_bytes ? shown_memory(*workload_.memory_request_bytes) : "nothing",
                    memory->shown),
        "request memory: " + memory->shown, place());
  }

  // What is left of `replicas` when a zone is lost, at the knee.
  double left_rate(std::int64_t replicas) const {
    const Survival& survival = input_.survival;
    const std::int64_t lost = survival.zones > 1 ? (replicas + survival.zones - 1) / survival.zones : 0;
    return static_cast<double>(std::max<std::int64_t>(0, replicas - lost - survival.absent)) * sizing_.knee.rate;
  }

  void judge_number(std::string_view rule, std::string_view what, std::int64_t replicas, double rate,
                    std::string_view wanted_figure, const base::SourcePos& where) const {
    const double left = left_rate(replicas);
    if (left >= rate - 1e-9) return;
    const double wanted = figure(wanted_figure);
    add(rule,
        fmt::format("{} {} leaves {:.1f}/s when {}, and {:g}/s arrive", what, replicas, left,
                    input_.survival.zones > 1 ? fmt::format("one of {} zones is lost and {} pod is away",
                                                            input_.survival.zones, input_.survival.absent)
                                              : fmt::format("{} pod is away", input_.survival.absent),
                    rate),
        fmt::format("{:.0f} replicas are enough", wanted), where);
  }

  // (min − allowed) × knee ≥ load (disruption reference, §14.4).
  void judge_drain(double arriving) const {
    const kube::PodDisruptionBudget* budget = workload_.budget;
    if (!budget || !workload_.workload || (!budget->min_available && !budget->max_unavailable)) return;
    const std::int64_t replicas =
        workload_.autoscaler ? workload_.autoscaler->min_replicas : workload_.workload->replicas();
    const std::int64_t allowed = budget->min_available
                                     ? replicas - budget->min_available->resolve(replicas, kube::Rounding::up)
                                     : budget->max_unavailable->resolve(replicas, kube::Rounding::up);
    const double left =
        static_cast<double>(replicas - std::clamp<std::int64_t>(allowed, 0, replicas)) * sizing_.knee.rate;
    if (left >= arriving - 1e-9) return;
    add("capacity.drain-below-load",
        fmt::format("PodDisruptionBudget {}/{} lets {} of {} replicas go, which leaves {:.1f}/s, and {:g}/s arrive",
                    budget->name_space(), budget->name(), allowed, replicas, left, arriving),
        "raise minReplicas, or let fewer go", budget->object.pos());
  }

  void judge_replicas() const {
    const Target& target = input_.target;
    const double arriving = figure("arriving_rate");
    if (const kube::HorizontalPodAutoscaler* autoscaler = workload_.autoscaler) {
      judge_number("capacity.replicas-below-minimum", "minReplicas", autoscaler->min_replicas, arriving, "replicas_min",
                   autoscaler->object.pos());
      judge_number("capacity.replicas-below-peak", "maxReplicas", autoscaler->max_replicas, target.rate * target.burst,
                   "replicas_max", autoscaler->object.pos());
      judge_autoscaler(workload_, {.idle_memory_bytes = input_.idle_memory_bytes}, findings_);
    } else if (workload_.workload) {
      judge_number("capacity.replicas-below-peak", "replicas", workload_.workload->replicas(),
                   target.rate * target.burst, "replicas_max", place());
    }
    judge_drain(arriving);
    const double measured = sizing_.knee.rate * static_cast<double>(input_.baseline.replicas);
    if (measured < target.rate)
      add("capacity.extrapolated",
          fmt::format("{:g}/s were measured with {} replica{}, and {:g}/s are the target", measured,
                      input_.baseline.replicas, input_.baseline.replicas == 1 ? "" : "s", target.rate),
          "measure once with as many replicas as the target needs", input_.baseline.where);
  }

  // A pod past its knee must be above the target, or nobody adds another.
  void judge_reach(const kube::ScaleMetric& metric, double request) const {
    const double at_knee = 100 * sizing_.knee.rate * figure("cpu_per_request") / request;
    if (sizing_.knee.is_lower_bound || at_knee >= static_cast<double>(metric.utilization_percent)) return;
    add("hpa.acts-after-knee",
        fmt::format("at the knee a pod uses {:.1f}/s × {:.3g} ms = {:.0f} % of its CPU request, and the target is {} %",
                    sizing_.knee.rate, figure("cpu_per_request"), at_knee, metric.utilization_percent),
        "scale on requests in flight or on a queue, or lower the request to what is used", metric.where);
  }

  // At maxReplicas and the planned peak, the autoscaler must have something left to do.
  void judge_utilization() const {
    const kube::HorizontalPodAutoscaler* autoscaler = workload_.autoscaler;
    if (!autoscaler || !sizing_.find("cpu_per_request")) return;
    for (std::size_t i = 0; i < autoscaler->metrics.size(); ++i) {
      const kube::ScaleMetric& metric = autoscaler->metrics[i];
      const std::optional<std::int64_t> request = workload_.requests_milli[i];
      if (metric.name != "cpu" || metric.target != kube::ScaleMetric::Target::utilization || !request || *request == 0)
        continue;
      judge_reach(metric, static_cast<double>(*request));
      const double peak = input_.target.rate * input_.target.burst;
      const double max = static_cast<double>(autoscaler->max_replicas);
      const double used = peak * figure("cpu_per_request") / max;
      const double percent = 100 * used / static_cast<double>(*request);
      if (percent <= static_cast<double>(metric.utilization_percent)) continue;
      add("hpa.target-unreachable",
          fmt::format("at {:g}/s and {} replicas a pod uses {} of {}: {:.0f} %, above the target of {} %", peak,
                      autoscaler->max_replicas, shown_cpu(used), shown_cpu(static_cast<double>(*request)), percent,
                      metric.utilization_percent),
          "raise maxReplicas, or the request to what a pod really uses", metric.where);
    }
  }

  const SizingInput& input_;
  const Sizing& sizing_;
  const ScaledWorkload& workload_;
  std::vector<Finding>& findings_;
};

}  // namespace

void judge_sizing(const SizingInput& input, const Sizing& sizing, std::vector<Finding>& findings) {
  if (input.workload) Judge(input, sizing, findings).judge();
}

void judge_without_good_rate(const SizingInput& input, const LoadLevel& lowest, std::vector<Finding>& findings) {
  findings.push_back(make_finding(
      "capacity.no-good-rate", input.workload ? input.workload->name : "", input.baseline.where,
      fmt::format(
          "at the lowest measured rate ({:g}/s for each replica) p95 is {:g} ms and {:g} % fail; {:g} ms and {:g} % "
          "are allowed",
          lowest.rate, lowest.p95_ms, lowest.error_percent, input.target.p95_ms, input.target.error_percent),
      "measure at a lower rate, or mend the service first"));
}

}  // namespace gantry::capacity

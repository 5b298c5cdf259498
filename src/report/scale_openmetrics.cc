// A simulation as samples (OpenMetrics 1.0, text format): one family after the other, each with a sample for each step.

#include "report/plain_text.h"
#include "report/scale.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace gantry::report {

using capacity::Step;

namespace {

// Label values escape backslash, quote and line feed; of the latter there is none left in an inert line.
std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : inert_line(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

struct Family {
  std::string_view name;
  std::string_view help;
  double (*value)(const capacity::Scenario& scenario, const Step& step);
};

// Named as kube-state-metrics does, so that the dashboards of a real cluster show them.
constexpr std::array<Family, 8> kGauges = {{
    {"kube_horizontalpodautoscaler_spec_max_replicas", "maxReplicas.",
     [](const capacity::Scenario& scenario, const Step&) {
       return static_cast<double>(scenario.autoscaler.max_replicas);
     }},
    {"kube_horizontalpodautoscaler_spec_min_replicas", "minReplicas.",
     [](const capacity::Scenario& scenario, const Step&) {
       return static_cast<double>(scenario.autoscaler.min_replicas);
     }},
    {"kube_horizontalpodautoscaler_status_current_replicas", "Replicas at the sync.",
     [](const capacity::Scenario&, const Step& step) { return static_cast<double>(step.replicas); }},
    {"kube_horizontalpodautoscaler_status_desired_replicas", "Replicas that the sync decides on.",
     [](const capacity::Scenario&, const Step& step) { return static_cast<double>(step.desired); }},
    {"gantry_simulated_ready_replicas", "Replicas that serve.",
     [](const capacity::Scenario&, const Step& step) { return static_cast<double>(step.ready); }},
    {"gantry_simulated_requests_per_second", "Requests that arrive.",
     [](const capacity::Scenario&, const Step& step) { return step.rate; }},
    {"gantry_simulated_load_ratio", "Share of what the ready replicas can serve, until the next sync.",
     [](const capacity::Scenario&, const Step& step) { return step.load; }},
    {"gantry_simulated_waiting_requests", "Requests that wait before the next sync.",
     [](const capacity::Scenario&, const Step& step) { return step.queue; }},
}};

constexpr std::array<Family, 3> kCounters = {{
    {"gantry_simulated_late_requests", "Requests that waited too long.",
     [](const capacity::Scenario&, const Step& step) { return step.late; }},
    {"gantry_simulated_lost_requests", "Requests whose client went away.",
     [](const capacity::Scenario&, const Step& step) { return step.lost; }},
    {"gantry_simulated_saturated_seconds", "Seconds in which more came than was served.",
     [](const capacity::Scenario&, const Step& step) { return static_cast<double>(step.saturated.count()) / 1000; }},
}};

class Writer {
 public:
  Writer(const SimulatedScale& scale, base::Timestamp start) : scale_(scale), start_(start) {
    const kube::HorizontalPodAutoscaler& autoscaler = scenario().autoscaler;
    labels_ = fmt::format("namespace=\"{}\",horizontalpodautoscaler=\"{}\"", label_value(autoscaler.name_space()),
                          label_value(autoscaler.name()));
  }

  std::string write() {
    for (const Family& family : kGauges) {
      head(family.name, "gauge", family.help);
      for (const Step& step : steps()) sample(family.name, "", step, family.value(scenario(), step));
    }
    write_ratios();
    for (const Family& family : kCounters) {
      head(family.name, "counter", family.help);
      const std::string total = fmt::format("{}_total", family.name);
      double sum = 0;
      for (const Step& step : steps()) {
        sample(total, "", step, sum);
        sum += family.value(scenario(), step);
      }
    }
    return std::move(text_) + "# EOF\n";
  }

 private:
  const capacity::Scenario& scenario() const { return scale_.prepared.scenario; }
  const std::vector<Step>& steps() const { return scale_.simulation.steps; }

  void head(std::string_view name, std::string_view type, std::string_view help) {
    text_ += fmt::format("# TYPE {0} {1}\n# HELP {0} {2}\n", name, type, help);
  }
  void sample(std::string_view name, std::string_view more_labels, const Step& step, double value) {
    const std::int64_t ms = (start_ + step.at).time_since_epoch().count();
    text_ += fmt::format("{}{{{}{}}} {} {}\n", name, labels_, more_labels, value, static_cast<double>(ms) / 1000);
  }
  void write_ratios() {
    constexpr std::string_view kName = "gantry_simulated_metric_target_ratio";
    head(kName, "gauge", "What a metric reads, as a share of its target.");
    const std::vector<kube::ScaleMetric>& metrics = scenario().autoscaler.metrics;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      const std::string label = fmt::format(",metric_name=\"{}\",metric=\"{}\"", label_value(metrics[i].name), i);
      for (const Step& step : steps())
        if (i < step.proposals.size() && step.proposals[i].failure.empty())
          sample(kName, label, step, step.proposals[i].ratio);
    }
  }

  const SimulatedScale& scale_;
  base::Timestamp start_;
  std::string labels_;
  std::string text_;
};

}  // namespace

std::string render_simulation_openmetrics(const SimulatedScale& scale, base::Timestamp start) {
  return Writer(scale, start).write();
}

}  // namespace gantry::report

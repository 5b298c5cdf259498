// Sizings and simulations for people.

#include "base/text.h"
#include "report/page.h"
#include "report/scale.h"
#include "report/terminal_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace gantry::report {

using capacity::Answers;
using capacity::Figure;
using capacity::Millis;
using capacity::Step;

namespace {

constexpr std::size_t kChangesNormal = 20;     // rows of the timeline; --verbose shows more
constexpr std::size_t kChangesVerbose = 2000;  // a day has 5,760 steps

std::string shown(Millis duration) { return base::format_duration(duration); }

std::string autoscaler_name(const SimulatedScale& scale) {
  const kube::HorizontalPodAutoscaler& autoscaler = scale.prepared.scenario.autoscaler;
  return fmt::format("{}/{}", autoscaler.name_space(), autoscaler.name());
}

struct Answer {
  std::string_view question;
  std::string answer;
  Style style = Style::plain;
};

std::vector<Answer> answers_of(const SimulatedScale& scale) {
  const Answers& answers = scale.simulation.answers;
  const capacity::Scenario& scenario = scale.prepared.scenario;
  const std::int64_t max = scenario.autoscaler.max_replicas;
  const bool saturated = answers.saturated > scale.allowance.saturated;
  const bool late = 100 * answers.late_share() > scale.allowance.late_percent;
  std::vector<Answer> out;
  out.push_back({"How long is it saturated?",
                 answers.saturated == Millis(0)
                     ? "never"
                     : fmt::format("{}, {} at a stretch, from {} on", shown(answers.saturated),
                                   shown(answers.saturated_longest), shown(*answers.saturated_first)),
                 saturated ? Style::bad : Style::good});
  out.push_back({"How many requests are late?",
                 fmt::format("{:.0f} of {:.0f} ({:.2f} %) wait more than {:g} ms, {:.0f} go away", answers.late,
                             answers.requests, 100 * answers.late_share(), scenario.late_ms, answers.lost),
                 late ? Style::bad : Style::good});
  out.push_back(
      {"Does it flap?",
       answers.flaps == 0
           ? fmt::format("no: {} times up, {} times down", answers.scaled_up, answers.scaled_down)
           : fmt::format("{} times there and back within {} min", answers.flaps, capacity::kFlapWindow.count()),
       answers.flaps > scale.allowance.flaps ? Style::warning : Style::good});
  std::string at_max = "no";
  if (answers.at_max > Millis(0)) at_max = fmt::format("at maxReplicas {} for {}", max, shown(answers.at_max));
  if (answers.short_of_max > Millis(0)) at_max += fmt::format(", for {} it asks for more", shown(answers.short_of_max));
  out.push_back({"Does it hit max?", at_max,
                 answers.short_of_max > Millis(0) ? Style::bad
                 : answers.at_max > Millis(0)     ? Style::warning
                                                  : Style::good});
  out.push_back(
      {"How many replicas?", fmt::format("{} at first, {} at most, {} at the end; the peak needs {} at their limit",
                                         scale.simulation.steps.empty() ? 0 : scale.simulation.steps.front().replicas,
                                         answers.replicas_peak, answers.replicas_at_end, answers.replicas_needed)});
  return out;
}

// What the metrics read: "cpu 83 %", "qps 21".
std::string readings_of(const SimulatedScale& scale, const Step& step) {
  std::string text;
  const std::vector<kube::ScaleMetric>& metrics = scale.prepared.scenario.autoscaler.metrics;
  for (std::size_t i = 0; i < step.proposals.size(); ++i) {
    const capacity::Proposal& proposal = step.proposals[i];
    if (!text.empty()) text += ", ";
    text += metrics[i].name;
    if (!proposal.failure.empty()) {
      text += " ?";
    } else if (metrics[i].target == kube::ScaleMetric::Target::utilization) {
      text += fmt::format(" {} %", proposal.reading);
    } else {
      text += fmt::format(" {:g}", static_cast<double>(proposal.reading) / 1000);
    }
  }
  return text;
}

bool is_event(const Step& step) { return step.desired != step.replicas || step.saturated > Millis(0); }

void write_timeline(Page& page, const SimulatedScale& scale, const RenderOptions& options) {
  const std::size_t most = options.detail == Detail::verbose ? kChangesVerbose : kChangesNormal;
  std::vector<const Step*> events;
  for (const Step& step : scale.simulation.steps)
    if (is_event(step)) events.push_back(&step);
  if (events.empty()) return page.row(0, {{.text = "nothing happens", .style = Style::faint}});
  const auto row = [&](std::string time, std::string rate, std::string replicas, std::string ready, std::string load,
                       std::string why, Style style) {
    page.row(2, {{.text = std::move(time), .width = 10, .style = style, .align = Align::right},
                 {.text = std::move(rate), .width = 9, .style = style, .align = Align::right},
                 {.text = std::move(replicas), .width = 12, .style = style, .align = Align::right},
                 {.text = std::move(ready), .width = 6, .style = style, .align = Align::right},
                 {.text = std::move(load), .width = 6, .style = style, .align = Align::right},
                 {.text = std::move(why), .style = style, .lines_max = 2}});
  };
  row("time", "req/s", "replicas", "ready", "load", "", Style::strong);
  for (const Step* step : std::span(events).first(std::min(events.size(), most))) {
    std::string why = readings_of(scale, *step);
    if (step->limit != capacity::Limit::none) why += fmt::format(" ({})", capacity::to_string(step->limit));
    if (step->saturated > Millis(0)) why += fmt::format("; {:.0f} wait", step->queue);
    row(step->at == Millis(0) ? "0s" : shown(step->at), fmt::format("{:.1f}", step->rate),
        step->desired == step->replicas ? fmt::format("{}", step->replicas)
                                        : fmt::format("{} -> {}", step->replicas, step->desired),
        fmt::format("{}", step->ready), fmt::format("{:.0f} %", 100 * step->load), std::move(why),
        step->saturated > Millis(0) ? Style::warning : Style::plain);
  }
  if (events.size() > most)
    page.row(2, {{.text = fmt::format("and {} more steps in which something happens: --verbose, --format json or svg",
                                      events.size() - most),
                  .style = Style::faint,
                  .lines_max = 2}});
}

void write_lines(Page& page, std::string_view title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  page.blank();
  page.row(0, {{.text = std::string(title), .style = Style::strong}});
  for (const std::string& line : lines)
    page.row(2, {{.text = "-", .width = 1, .style = Style::faint}, {.text = line, .lines_max = 4}});
}

void write_findings(Page& page, const std::vector<base::Finding>& findings, const RenderOptions& options) {
  if (findings.empty()) return;
  page.blank();
  write_every_finding(page, 0, findings, options.detail);
}

}  // namespace

std::string render_simulation(const SimulatedScale& scale, const RenderOptions& options) {
  Page page(options.width, options.colour);
  const capacity::Scenario& scenario = scale.prepared.scenario;
  page.row(
      0, {{.text = fmt::format("{}: {} to {} replicas of {}", autoscaler_name(scale), scenario.autoscaler.min_replicas,
                               scenario.autoscaler.max_replicas, scale.prepared.workload.name),
           .style = Style::strong,
           .lines_max = 3}});
  page.row(0, {{.text = fmt::format("{} of traffic, {:g}/s at most; a pod serves {:.1f}/s and is ready after {}",
                                    shown(scenario.traffic.duration()), scenario.traffic.peak(),
                                    scenario.pod.rate_per_pod(), shown(scenario.pod.start_up)),
                .style = Style::faint,
                .lines_max = 3}});
  page.blank();
  for (const Answer& answer : answers_of(scale))
    page.row(0, {{.text = std::string(answer.question), .width = 28},
                 {.text = answer.answer, .style = answer.style, .lines_max = 4}});
  page.blank();
  write_timeline(page, scale, options);
  write_lines(page, "Assumed", scale.prepared.assumptions);
  write_findings(page, scale.findings, options);
  return page.text();
}

std::string render_sizing(const SizedService& sized, const RenderOptions& options) {
  Page page(options.width, options.colour);
  const capacity::Baseline& baseline = sized.input.baseline;
  const capacity::Target& target = sized.input.target;
  if (baseline.rate > 0)
    page.row(0, {{.text = fmt::format("measured: {:g}/s with {} replica{}{}", baseline.rate, baseline.replicas,
                                      baseline.replicas == 1 ? "" : "s",
                                      baseline.format.empty() ? "" : fmt::format(" ({})", baseline.format)),
                  .style = Style::faint,
                  .lines_max = 3}});
  page.row(0, {{.text = fmt::format("target: {:g}/s, p95 up to {:g} ms, errors up to {:g} %", target.rate,
                                    target.p95_ms, target.error_percent),
                .style = Style::faint,
                .lines_max = 3}});
  page.blank();
  for (const Figure& figure : sized.sizing.figures) {
    page.row(0, {{.text = figure.label, .width = 30}, {.text = figure.shown, .style = Style::strong, .lines_max = 3}});
    page.row(4, {{.text = figure.arithmetic, .style = Style::accent, .lines_max = 5}});
    page.row(4, {{.text = figure.why, .style = Style::faint, .lines_max = 3}});
  }
  std::vector<std::string> estimates;
  for (const capacity::KneeEstimate& estimate : sized.sizing.knee.estimates)
    estimates.push_back(
        fmt::format("{} ({:.1f}/s): {}", capacity::to_string(estimate.method), estimate.rate, estimate.reason));
  write_lines(page, "Where the curve bends, for one replica", estimates);
  if (!sized.sizing.autoscaler_yaml.empty()) {
    page.blank();
    for (const std::string_view line : base::split(base::trim(sized.sizing.autoscaler_yaml), '\n'))
      page.verbatim(0, std::string(line));
  }
  write_findings(page, sized.sizing.findings, options);
  return page.text();
}

}  // namespace gantry::report

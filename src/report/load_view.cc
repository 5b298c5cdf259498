#include "base/text.h"
#include "load/options/described.h"
#include "load/options/duration.h"
#include "load/summary/remarks.h"
#include "report/load.h"
#include "report/plain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry::report {

namespace {

using load::ScenarioProgress;
using std::chrono::nanoseconds;

constexpr std::size_t kScenariosShown = 12;
constexpr std::size_t kNameWidth = 20;
constexpr int kBarCells = 20;

std::string in_seconds(nanoseconds time) {
  return load::format_go_duration(std::chrono::floor<std::chrono::seconds>(std::max(time, nanoseconds(0))));
}

std::optional<std::int64_t> iterations_of(const load::ExecutorPlan& plan) {
  if (const auto* shared = std::get_if<load::SharedIterations>(&plan)) return shared->iterations;
  if (const auto* each = std::get_if<load::PerVuIterations>(&plan)) return each->iterations * each->vus;
  return std::nullopt;
}

double part_done(const ScenarioProgress& progress) {
  if (progress.is_over) return 1;
  const auto part = [](double done, double all) { return all > 0 ? std::clamp(done / all, 0.0, 1.0) : 0.0; };
  const double of_time = part(static_cast<double>(progress.elapsed.count()),
                              static_cast<double>(load::length_of(progress.scenario.plan).count()));
  const std::optional<std::int64_t> iterations = iterations_of(progress.scenario.plan);
  return iterations ? std::max(of_time, part(static_cast<double>(progress.completed), static_cast<double>(*iterations)))
                    : of_time;
}

std::string bar(double part) {
  std::string cells;
  const auto filled = static_cast<int>(std::floor(part * kBarCells));
  for (int cell = 0; cell < kBarCells; ++cell) cells += cell < filled ? "█" : "░";
  return cells;
}

std::string scenario_line(const ScenarioProgress& progress, std::size_t name_width) {
  const load::Scenario& scenario = progress.scenario;
  const std::string name = base::fit_width(inert_line(scenario.name), name_width);
  const std::string pad(name_width - std::min(name_width, base::display_width(name)), ' ');
  const double part = part_done(progress);
  std::string state;
  if (progress.elapsed < nanoseconds(0)) {
    state = fmt::format("begins in {}",
                        load::format_go_duration(std::chrono::ceil<std::chrono::seconds>(-progress.elapsed)));
  } else {
    const nanoseconds length = load::length_of(scenario.plan);
    state = fmt::format("{}/{} VUs  {}/{}", progress.vus_active, load::most_vus(scenario),
                        in_seconds(std::min(progress.elapsed, length)), load::format_go_duration(length));
    if (const std::optional<std::int64_t> iterations = iterations_of(scenario.plan))
      state += fmt::format("  {}/{} iterations", progress.completed, *iterations);
    if (progress.is_over) state = "over: " + state;
  }
  return fmt::format("  {}{} {} {:>3.0f}%  {}", name, pad, bar(part), std::floor(part * 100), state);
}

}  // namespace

std::string render_load_start(std::string_view script, const load::RunProgress& progress) {
  std::string text = fmt::format("  script: {}, {} VUs, {}\n", inert_line(script), progress.vus,
                                 load::format_go_duration(progress.planned));
  std::size_t shown = 0;
  for (const ScenarioProgress& each : progress.scenarios) {
    if (shown++ == kScenariosShown) break;
    text += fmt::format("  * {}: {}\n", inert_line(each.scenario.name), inert_line(load::describe(each.scenario)));
  }
  if (progress.scenarios.size() > kScenariosShown)
    text += fmt::format("  * and {} more\n", progress.scenarios.size() - kScenariosShown);
  return text;
}

std::string render_load_status(const load::RunProgress& progress, double requests_per_second) {
  std::string text = fmt::format("running {} of {}, {}/{} VUs, {:.0f} complete and {:.0f} interrupted iterations",
                                 in_seconds(progress.elapsed), load::format_go_duration(progress.planned),
                                 progress.vus_active, progress.vus, progress.iterations, progress.interrupted);
  if (progress.dropped > 0) text += fmt::format(", {:.0f} dropped", progress.dropped);
  if (progress.requests > 0) text += fmt::format(", {:.0f} requests/s", requests_per_second);
  if (progress.p95_ms) text += fmt::format(", p(95) {}", load::show_time(*progress.p95_ms));
  if (progress.failed) text += fmt::format(", {:.1f}% failed", *progress.failed * 100);
  return text;
}

std::vector<std::string> render_load_view(const load::RunProgress& progress, double requests_per_second, int width) {
  std::vector<std::string> lines = {render_load_status(progress, requests_per_second)};
  std::size_t name_width = 0;
  for (const ScenarioProgress& each : progress.scenarios)
    name_width = std::max(name_width, base::display_width(inert_line(each.scenario.name)));
  for (const ScenarioProgress& each : progress.scenarios) {
    if (lines.size() > kScenariosShown) break;
    lines.push_back(scenario_line(each, std::min(name_width, kNameWidth)));
  }
  if (progress.scenarios.size() > kScenariosShown)
    lines.push_back(fmt::format("  and {} scenarios more", progress.scenarios.size() - kScenariosShown));
  for (std::string& line : lines) line = base::fit_width(line, static_cast<std::size_t>(width));
  return lines;
}

}  // namespace gantry::report

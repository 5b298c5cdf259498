#include "base/text.h"
#include "load/options/described.h"
#include "load/options/duration.h"
#include "load/summary/progress.h"
#include "load/summary/remarks.h"
#include "report/load.h"
#include "report/load_scenario_state.h"
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

std::string bar(double part) {
  std::string cells;
  const auto filled = static_cast<int>(std::floor(part * kBarCells));
  for (int cell = 0; cell < kBarCells; ++cell) cells += cell < filled ? "█" : "░";
  return cells;
}

std::string scenario_line(const ScenarioProgress& progress, std::size_t name_width) {
  const std::string name = base::fit_width(inert_line(progress.scenario.name), name_width);
  const std::string pad(name_width - std::min(name_width, base::display_width(name)), ' ');
  const double part = load::part_done(progress);
  return fmt::format("  {}{} {} {:>3.0f}%  {}", name, pad, bar(part), std::floor(part * 100),
                     load_scenario_state(progress));
}

}  // namespace

std::string load_scenario_state(const ScenarioProgress& progress) {
  const load::Scenario& scenario = progress.scenario;
  if (progress.elapsed < nanoseconds(0))
    return fmt::format("begins in {}",
                       load::format_go_duration(std::chrono::ceil<std::chrono::seconds>(-progress.elapsed)));
  const nanoseconds length = load::length_of(scenario.plan);
  std::string state = fmt::format("{}/{} VUs  {}/{}", progress.vus_active, load::most_vus(scenario),
                                  in_seconds(std::min(progress.elapsed, length)), load::format_go_duration(length));
  if (const std::optional<std::int64_t> iterations = load::iterations_of(scenario.plan))
    state += fmt::format("  {}/{} iterations", progress.completed, *iterations);
  return progress.is_over ? "over: " + state : state;
}

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
  if (progress.lately.latency.count() > 0)
    text += fmt::format(", p(95) {}, {:.1f}% failed", load::show_time(progress.lately.latency.percentile(95)),
                        load::failed_share(progress.lately) * 100);
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

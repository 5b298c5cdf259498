#include "cli/commands/load_pages.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace gantry::cli {

base::Result<LoadPages> take_load_pages(LoadSettings& settings) {
  constexpr std::string_view kDashboard = "web-dashboard";
  // What --out says of it counts, where it does: k6 would have a second one.
  const auto is_dashboard = [](std::string_view output) { return output.substr(0, output.find('=')) == kDashboard; };
  if (settings.has_dashboard && std::ranges::none_of(settings.run.outputs, is_dashboard))
    settings.run.outputs.emplace_back(kDashboard);
  LoadPages pages;
  std::vector<std::string> others;
  for (std::string& output : settings.run.outputs) {
    const std::size_t equals = std::min(output.find('='), output.size());
    const std::string_view name = std::string_view(output).substr(0, equals);
    const std::string_view argument = std::string_view(output).substr(std::min(equals + 1, output.size()));
    if (name == "html") {
      if (argument.empty()) return base::usage_error("--out html names no file", "write --out html=report.html");
      pages.files.emplace_back(argument);
    } else if (name == kDashboard) {
      load::DashboardOptions options = TRY(load::read_dashboard_options(argument, settings.environment));
      if (!options.export_file.empty()) pages.files.push_back(options.export_file);
      if (options.port && !pages.dashboard) pages.dashboard = std::move(options);
    } else {
      others.push_back(std::move(output));
    }
  }
  settings.run.outputs = std::move(others);
  return pages;
}

}  // namespace gantry::cli

#include "cli/commands/load_pages.h"

#include "base/text.h"

#include <algorithm>
#include <string_view>

namespace gantry::cli {

namespace {

constexpr std::string_view kDashboard = "web-dashboard";

std::string variable(const std::map<std::string, std::string>& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

// "export=FILE&port=0": the file, or nothing.
std::string exported(std::string_view settings, const std::map<std::string, std::string>& environment) {
  constexpr std::string_view kExport = "export=";
  for (const std::string_view setting : base::split(settings, '&'))
    if (setting.starts_with(kExport)) return std::string(setting.substr(kExport.size()));
  return variable(environment, "K6_WEB_DASHBOARD_EXPORT");
}

}  // namespace

base::Result<std::vector<std::string>> take_load_pages(load::RunSettings& run,
                                                       const std::map<std::string, std::string>& environment) {
  if (variable(environment, "K6_WEB_DASHBOARD") == "true") run.outputs.emplace_back(kDashboard);
  std::vector<std::string> files;
  std::vector<std::string> others;
  for (std::string& output : run.outputs) {
    const std::size_t equals = std::min(output.find('='), output.size());
    const std::string_view name = std::string_view(output).substr(0, equals);
    const std::string_view argument = std::string_view(output).substr(std::min(equals + 1, output.size()));
    if (name == "html") {
      if (argument.empty()) return base::usage_error("--out html names no file", "write --out html=report.html");
      files.emplace_back(argument);
    } else if (name == kDashboard) {
      if (std::string file = exported(argument, environment); !file.empty())
        files.push_back(std::move(file));
      else
        run.warnings.emplace_back(
            "web-dashboard serves no page here while a run lasts; --out html=FILE writes its report");
    } else {
      others.push_back(std::move(output));
    }
  }
  run.outputs = std::move(others);
  return files;
}

}  // namespace gantry::cli

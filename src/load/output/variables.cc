#include "load/output/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::load {

std::optional<std::string> OutputVariables::text(std::string_view name) const {
  const auto found = environment_.find(full(name));
  return found == environment_.end() || found->second.empty() ? std::nullopt : std::optional(found->second);
}

base::Result<bool> OutputVariables::flag(std::string_view name) const {
  constexpr std::array<std::string_view, 3> kYes = {"true", "1", "t"};
  constexpr std::array<std::string_view, 4> kNo = {"false", "0", "f", ""};
  const std::string value = text(name, "");
  if (std::ranges::find(kYes, value) != kYes.end()) return true;
  if (std::ranges::find(kNo, value) != kNo.end()) return false;
  return base::usage_error(fmt::format("{}={}: that is neither true nor false", full(name), value));
}

base::Result<Duration> OutputVariables::duration(std::string_view name, Duration usual) const {
  const std::optional<std::string> value = text(name);
  if (!value) return usual;
  const base::Result<Duration> read = parse_option_duration(*value);
  if (read && *read > Duration(0)) return read;
  return base::usage_error(fmt::format("{}={}: that is no duration above 0", full(name), *value), "write 5s, or 500ms");
}

std::map<std::string, std::string> OutputVariables::beginning(std::string_view name) const {
  std::map<std::string, std::string> found;
  const std::string start = full(name);
  for (auto at = environment_.lower_bound(start); at != environment_.end() && at->first.starts_with(start); ++at)
    found.emplace(at->first.substr(start.size()), at->second);
  return found;
}

base::Result<void> OutputVariables::refuse(std::string_view name, std::string_view help) const {
  const std::string value = text(name, "");
  if (value.empty() || value == "false") return {};
  return base::usage_error(fmt::format("{} is not there yet", full(name)), std::string(help));
}

}  // namespace gantry::load

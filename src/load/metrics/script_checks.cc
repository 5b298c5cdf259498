#include "load/metrics/script_checks.h"

#include <algorithm>

namespace gantry::load {

namespace {
constexpr std::string_view kSeparator = "::";
}

std::string path_of_group(std::string_view outer, std::string_view name) {
  if (outer.empty() && name.empty()) return "";
  return std::string(outer).append(kSeparator).append(name);
}

ScriptGroup& ScriptGroup::at(std::string_view below) {
  const std::size_t begin = below.find(kSeparator);
  if (begin == std::string_view::npos) return *this;
  below.remove_prefix(begin + kSeparator.size());
  const std::size_t end = below.find(kSeparator);
  const std::string_view first = below.substr(0, end);
  auto found = std::ranges::find(groups, first, &ScriptGroup::name);
  if (found == groups.end())
    found = groups.insert(groups.end(), {std::string(first), path_of_group(path, first), {}, {}});
  return end == std::string_view::npos ? *found : found->at(below.substr(end));
}

ScriptCheck& check_of(ScriptCheckList& checks, std::string_view name) {
  const auto found = std::ranges::find(checks, name, &ScriptCheck::name);
  return found != checks.end() ? *found : checks.emplace_back(std::string(name));
}

}  // namespace gantry::load

#include "load/metrics/script_checks.h"

#include <algorithm>

namespace gantry::load {

ScriptGroup& ScriptGroup::at(std::string_view below) {
  constexpr std::string_view kSeparator = "::";
  const std::size_t begin = below.find(kSeparator);
  if (begin == std::string_view::npos) return *this;
  below.remove_prefix(begin + kSeparator.size());
  const std::size_t end = below.find(kSeparator);
  const std::string_view first = below.substr(0, end);
  auto found = std::ranges::find(groups, first, &ScriptGroup::name);
  if (found == groups.end())
    found =
        groups.insert(groups.end(), {std::string(first), path + std::string(kSeparator) + std::string(first), {}, {}});
  return end == std::string_view::npos ? *found : found->at(below.substr(end));
}

ScriptCheck& check_of(ScriptCheckList& checks, std::string_view name) {
  const auto found = std::ranges::find(checks, name, &ScriptCheck::name);
  return found != checks.end() ? *found : checks.emplace_back(std::string(name));
}

}  // namespace gantry::load

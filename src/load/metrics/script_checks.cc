#include "load/metrics/script_checks.h"

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
  ScriptGroup& inner = groups.find_or_make(
      first, [&] { return ScriptGroup{.name = std::string(first), .path = path_of_group(path, first)}; });
  return end == std::string_view::npos ? inner : inner.at(below.substr(end));
}

ScriptCheck& check_of(ScriptCheckList& checks, std::string_view name) {
  return checks.find_or_make(name, [&] { return ScriptCheck{.name = std::string(name)}; });
}

}  // namespace gantry::load

#include "load/options/system_tags.h"

#include "load/options/fields.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace gantry::load {

using base::Node;
using base::Result;

Result<std::vector<std::string>> read_dropped_tags(const Node& options) {
  constexpr std::array<std::string_view, 14> kTags = {
      "check",    "error",   "error_code", "expected_response", "group",       "method", "name", "proto",
      "scenario", "service", "status",     "subproto",          "tls_version", "url"};
  const OptionFields fields(options, "options");
  const Node* wanted = fields.get("systemTags");
  std::vector<std::string> dropped;
  if (!wanted) return dropped;
  if (!wanted->is_array()) return fields.refuse("systemTags", "must be a list");
  for (const std::string_view tag : kTags) {
    const auto is_tag = [tag](const Node& each) { return each.is_string() && each.string() == tag; };
    if (std::ranges::none_of(wanted->array(), is_tag)) dropped.emplace_back(tag);
  }
  return dropped;
}

}  // namespace gantry::load

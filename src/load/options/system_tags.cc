#include "load/options/system_tags.h"

#include "load/options/fields.h"

#include <algorithm>
#include <array>

namespace gantry::load {

using base::Node;
using base::Result;

namespace {

struct Known {
  std::string_view name;
  bool is_usual;
};
constexpr std::array kTags = {
    Known{"check", true},   Known{"error", true},        Known{"error_code", true}, Known{"expected_response", true},
    Known{"group", true},   Known{"ip", false},          Known{"iter", false},      Known{"method", true},
    Known{"name", true},    Known{"ocsp_status", false}, Known{"proto", true},      Known{"scenario", true},
    Known{"service", true}, Known{"status", true},       Known{"subproto", true},   Known{"tls_version", true},
    Known{"url", true},     Known{"vu", false}};
static_assert(std::ranges::is_sorted(kTags, {}, &Known::name));

}  // namespace

std::string_view to_string(SystemTag tag) { return kTags[static_cast<std::size_t>(tag)].name; }

std::optional<SystemTag> find_system_tag(std::string_view name) {
  const auto* const found = std::ranges::find(kTags, name, &Known::name);
  if (found == kTags.end()) return std::nullopt;
  return static_cast<SystemTag>(found - kTags.begin());
}

SystemTags::SystemTags() {
  static_assert(kTags.size() == kCount);
  for (std::size_t i = 0; i < kTags.size(); ++i) enabled_[i] = kTags[i].is_usual;
}

Result<SystemTags> SystemTags::read(const Node& options) {
  SystemTags tags;
  const OptionFields fields(options, "options");
  const Node* wanted = fields.get("systemTags");
  if (!wanted) return tags;
  if (!wanted->is_array()) return fields.refuse("systemTags", "must be a list");
  tags.enabled_.reset();
  for (const Node& each : wanted->array()) {
    if (!each.is_string()) return fields.refuse("systemTags", "must be a list of texts");
    if (const auto tag = find_system_tag(each.string())) tags.enabled_.set(static_cast<std::size_t>(*tag));
  }
  return tags;
}

std::vector<std::string_view> SystemTags::indexed() const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kTags.size(); ++i)
    if (const auto tag = static_cast<SystemTag>(i); has(tag) && tag != SystemTag::iter && tag != SystemTag::vu)
      names.push_back(kTags[i].name);
  return names;
}

}  // namespace gantry::load

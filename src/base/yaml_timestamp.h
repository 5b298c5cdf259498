#pragma once

// Timestamps as kustomize rewrites them. Private to base.

#include <optional>
#include <string>
#include <string_view>

namespace gantry::base {

// The timestamp in the form that kustomize 5.5 writes (2001-12-14 is 2001-12-14T00:00:00Z); nothing when go-yaml would
// not take the text for a timestamp: a date, or a date and a time with "T", "t" or one space between.
std::optional<std::string> canonical_yaml_timestamp(std::string_view text);

}  // namespace gantry::base

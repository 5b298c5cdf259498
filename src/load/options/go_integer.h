#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry::load {

// The whole text, as strconv.ParseInt reads it in base 10: digits, behind a sign or without; nothing where it is none, or too large.
std::optional<std::int64_t> parse_go_integer(std::string_view text);

}  // namespace gantry::load

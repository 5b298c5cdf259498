#pragma once

// Base64 in and out.

#include <optional>
#include <string>
#include <string_view>

namespace gantry::base {

// RFC 4648 §4 with padding; line breaks are skipped, as YAML's !!binary and Go's decoder do. Nothing when it is no base64.
std::optional<std::string> decode_base64(std::string_view text);
// In one line, with padding.
std::string encode_base64(std::string_view bytes);

}  // namespace gantry::base

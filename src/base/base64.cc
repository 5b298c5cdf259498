#include "base/base64.h"

#include <cstdint>

namespace gantry::base {

std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  std::size_t symbols = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    const std::size_t value = kAlphabet.find(c);
    if (c == '=' ? (symbols + padding) % 4 < 2 : (value == std::string_view::npos || padding > 0)) return {};
    if (c == '=') {
      ++padding;
      continue;
    }
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++symbols % 4 != 1) bytes += static_cast<char>(bits >> (6 - 2 * ((symbols - 1) % 4)) & 0xFF);
  }
  if (padding > 2 || (symbols + padding) % 4 != 0) return {};
  return bytes;
}

}  // namespace gantry::base

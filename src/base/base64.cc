#include "base/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace gantry::base {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
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

std::string encode_base64(std::string_view bytes) {
  std::string encoded;
  encoded.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::array<std::uint32_t, 3> octets = {};
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < count; ++j) octets.at(j) = static_cast<unsigned char>(bytes[i + j]);
    const std::uint32_t bits = octets[0] << 16 | octets[1] << 8 | octets[2];
    for (std::size_t j = 0; j < 4; ++j) encoded += j <= count ? kAlphabet[bits >> (18 - 6 * j) & 63] : '=';
  }
  return encoded;
}

}  // namespace gantry::base

#include "launch/text_encoding.h"

#include <array>
#include <cstdint>

namespace gantry::launch {

namespace {

struct Character {
  char32_t code = 0;
  std::size_t length = 0;  // 0: not UTF-8
};

std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }
bool is_continuation(std::uint8_t byte) { return (byte & 0xC0) == 0x80; }

// How many bytes a character has that starts with this one; 0 for a byte that can't start one (RFC 3629, §3).
std::size_t sequence_length(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead < 0xF5 ? 4 : 0;
}

Character decode(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const std::size_t length = sequence_length(byte_at(text, at));
  if (length == 0 || length > text.size() - at) return {};
  if (length == 1) return {.code = byte_at(text, at), .length = 1};
  char32_t code = byte_at(text, at) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const std::uint8_t byte = byte_at(text, at + i);
    if (!is_continuation(byte)) return {};
    code = (code << 6) | (byte & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast.at(length) || is_surrogate || code > 0x10FFFF) return {};
  return {.code = code, .length = length};
}

// What Windows-1252 has for the bytes 80 to 9F; 0 where it has nothing, which decoders pass through as it is.
constexpr std::array<char32_t, 32> kWindows1252 = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                                   0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// The byte that Windows-1252 reads as this character.
std::optional<std::uint8_t> windows_1252_byte(char32_t code) {
  if (code >= 0x80 && code <= 0xFF) return static_cast<std::uint8_t>(code);
  for (std::size_t i = 0; i < kWindows1252.size(); ++i) {
    if (kWindows1252.at(i) == code) return static_cast<std::uint8_t>(0x80 + i);
  }
  return std::nullopt;
}

std::optional<DoubleEncoded> double_encoded_at(std::string_view text, std::size_t at) {
  const Character lead = decode(text, at);
  if (lead.length != 2 || lead.code < 0xE0 || lead.code > 0xF4) return std::nullopt;
  DoubleEncoded found{.span = {.offset = at, .length = lead.length}, .repaired = {static_cast<char>(lead.code)}};
  const std::size_t length = sequence_length(static_cast<std::uint8_t>(lead.code));
  while (found.repaired.size() < length) {
    const Character next = decode(text, found.span.end());
    const std::optional<std::uint8_t> byte = next.length == 0 ? std::nullopt : windows_1252_byte(next.code);
    if (!byte || !is_continuation(*byte)) return std::nullopt;
    found.repaired += static_cast<char>(*byte);
    found.span.length += next.length;
  }
  if (decode(found.repaired, 0).length != length) return std::nullopt;
  return found;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (byte_at(text, at) < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = decode(text, at).length;
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

std::vector<DoubleEncoded> find_double_encoded(std::string_view text) {
  std::vector<DoubleEncoded> all;
  // Every such sequence starts with U+00E0 to U+00F4, whose first byte is C3.
  for (std::size_t at = text.find('\xC3'); at != std::string_view::npos;) {
    std::optional<DoubleEncoded> found = double_encoded_at(text, at);
    const std::size_t next = found ? found->span.end() : at + 1;
    if (found) all.push_back(std::move(*found));
    at = text.find('\xC3', next);
  }
  return all;
}

}  // namespace gantry::launch

#include "base/utf8.h"

#include "base/text.h"

#include <simdjson.h>

namespace gantry::base {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

// The length a first byte promises, and the bits of the code point that it holds.
CodePoint lead_byte(unsigned char byte) {
  if (byte < 0x80) return {byte, 1};
  if (byte >= 0xC2 && byte <= 0xDF) return {byte & 0x1Fu, 2};
  if (byte >= 0xE0 && byte <= 0xEF) return {byte & 0x0Fu, 3};
  if (byte >= 0xF0 && byte <= 0xF4) return {byte & 0x07u, 4};
  return {};
}

bool is_well_formed(char32_t value, std::size_t bytes) {
  if (bytes == 3) return value >= 0x800 && (value < 0xD800 || value > 0xDFFF);
  return bytes != 4 || (value >= 0x10000 && value <= 0x10FFFF);
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  if (text.empty()) return {};
  auto [value, bytes] = lead_byte(static_cast<unsigned char>(text.front()));
  if (bytes > text.size()) return {};
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return {};
    value = value << 6 | (byte & 0x3Fu);
  }
  return is_well_formed(value, bytes) ? CodePoint{value, bytes} : CodePoint{};
}

void append_utf8(std::string& text, char32_t code_point) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xC0 | code_point >> 6);
    tail(0);
  } else if (code_point < 0x10000) {
    text += static_cast<char>(0xE0 | code_point >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | code_point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

std::size_t find_invalid_utf8(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string_view::npos;
  std::size_t at = 0;
  for (std::size_t length = 1; length > 0; at += length) length = first_code_point(bytes.substr(at)).bytes;
  return at;
}

std::string replace_invalid_utf8(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = first_code_point(bytes.substr(at)).bytes;
    if (length == 0) {
      append_utf8(text, kReplacement);
    } else {
      text += bytes.substr(at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return text;
}

}  // namespace gantry::base

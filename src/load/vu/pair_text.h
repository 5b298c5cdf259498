#pragma once

// Texts in one text, each behind its length: a list of names and values by turns that is compared, copied and looked up as a whole.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace gantry::load {

inline void append_length(std::string& all, std::size_t length) {
  const auto size = static_cast<std::uint32_t>(length);
  all.append(reinterpret_cast<const char*>(&size), sizeof size);
}

inline void append_text(std::string& all, std::string_view text) {
  append_length(all, text.size());
  all.append(text);
}

// Takes the first off; the text is not empty.
inline std::string_view take_text(std::string_view& all) {
  std::uint32_t size = 0;
  std::memcpy(&size, all.data(), sizeof size);
  const std::string_view text = all.substr(sizeof size, size);
  all.remove_prefix(sizeof size + size);
  return text;
}

}  // namespace gantry::load

#pragma once

// Small things that HTTP says in text. Private to the room.

#include <string_view>

namespace gantry::http {

constexpr char to_lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr bool equals_ascii(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower_ascii(a[i]) != to_lower_ascii(b[i])) return false;
  }
  return true;
}

constexpr std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `use` with each member of a comma-separated list (RFC 9110 §5.6.1), trimmed, without empty ones.
template <typename Use>
constexpr void each_list_member(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::string_view member = list.substr(0, list.find(','));
    list.remove_prefix(member.size() < list.size() ? member.size() + 1 : list.size());
    if (const std::string_view trimmed = trim_blanks(member); !trimmed.empty()) use(trimmed);
  }
}

// token of RFC 9110 §5.6.2
constexpr bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  for (const char c : text) {
    const char lower = to_lower_ascii(c);
    const bool is_word = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
    if (!is_word && !kMarks.contains(c)) return false;
  }
  return !text.empty();
}

}  // namespace gantry::http

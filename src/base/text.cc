// Widths are counted per grapheme cluster, what a person calls a character: utf8proc knows where one ends (Unicode UAX 29)
// and how wide each code point is (UAX 11).

#include "base/text.h"

#include "base/utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <utility>

namespace gantry::base {

namespace {

constexpr std::string_view kEllipsis = "…";
constexpr char32_t kEmojiPresentation = 0xFE0F;

struct Cluster {
  std::size_t bytes = 0;
  std::size_t columns = 0;
};

// The grapheme cluster that the text, not empty, starts with. A byte that is no UTF-8 stands alone and is one column wide,
// as the replacement character that a terminal shows for it.
Cluster first_cluster(std::string_view text) {
  const CodePoint first = first_code_point(text);
  if (first.bytes == 0) return {1, 1};
  Cluster cluster{first.bytes,
                  static_cast<std::size_t>(utf8proc_charwidth(static_cast<utf8proc_int32_t>(first.value)))};
  utf8proc_int32_t state = 0;
  char32_t last = first.value;
  while (cluster.bytes < text.size()) {
    const CodePoint next = first_code_point(text.substr(cluster.bytes));
    if (next.bytes == 0) break;
    if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(last), static_cast<utf8proc_int32_t>(next.value),
                                         &state))
      break;
    cluster.bytes += next.bytes;
    cluster.columns += static_cast<std::size_t>(utf8proc_charwidth(static_cast<utf8proc_int32_t>(next.value)));
    if (next.value == kEmojiPresentation) cluster.columns = 2;
    last = next.value;
  }
  cluster.columns = std::min<std::size_t>(cluster.columns, 2);  // a family of emoji joined into one is as wide as one
  return cluster;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void append_wrapped(std::string_view paragraph, std::size_t columns, std::vector<std::string>& lines) {
  std::string line;
  std::size_t width = 0;
  for (const std::string_view word : split(paragraph, ' ')) {
    if (word.empty()) continue;
    const std::size_t word_width = display_width(word);
    if (!line.empty() && width + 1 + word_width > columns) {
      lines.push_back(std::exchange(line, {}));
      width = 0;
    }
    if (!line.empty()) {
      line += ' ';
      ++width;
    }
    line += word;
    width += word_width;
  }
  lines.push_back(std::move(line));
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t columns = 0;
  while (!utf8.empty()) {
    const Cluster cluster = first_cluster(utf8);
    columns += cluster.columns;
    utf8.remove_prefix(cluster.bytes);
  }
  return columns;
}

std::string fit_width(std::string_view utf8, std::size_t columns) {
  std::size_t width = 0;
  std::size_t kept = 0;  // bytes that leave room for the ellipsis
  for (std::size_t at = 0; at < utf8.size();) {
    const Cluster cluster = first_cluster(utf8.substr(at));
    width += cluster.columns;
    at += cluster.bytes;
    if (width > columns) return columns == 0 ? std::string() : std::string(utf8.substr(0, kept)).append(kEllipsis);
    if (width < columns) kept = at;
  }
  return std::string(utf8);
}

std::vector<std::string> wrap(std::string_view utf8, std::size_t columns) {
  std::vector<std::string> lines;
  for (const std::string_view paragraph : split(utf8, '\n')) append_wrapped(paragraph, columns, lines);
  return lines;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

std::string to_lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace gantry::base

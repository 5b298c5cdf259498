#include "house/cpp_text.h"

#include <algorithm>
#include <cctype>

namespace gantry::house {

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The end of the piece that closes with `closing`, which is looked for from `from` on.
std::size_t end_after(std::string_view source, std::string_view closing, std::size_t from) {
  const std::size_t found = source.find(closing, from);
  return found == std::string_view::npos ? source.size() : found + closing.size();
}

// The end of a literal that starts at `start` with the quote it ends with.
std::size_t end_of_quoted(std::string_view source, std::size_t start) {
  for (std::size_t i = start + 1; i < source.size(); ++i) {
    if (source[i] == '\\') {
      ++i;
    } else if (source[i] == source[start]) {
      return i + 1;
    }
  }
  return source.size();
}

// The end of a raw string whose quote is at `start`: R"x( … )x".
std::size_t end_of_raw(std::string_view source, std::size_t start) {
  const std::size_t open = source.find('(', start);
  if (open == std::string_view::npos) return source.size();
  const std::string closing = ")" + std::string(source.substr(start + 1, open - start - 1)) + "\"";
  return end_after(source, closing, open);
}

void blank(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < std::min(to, text.size()); ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

}  // namespace

CppText split_cpp(std::string_view source) {
  CppText text{.code = std::string(source), .words = std::string(source)};
  std::size_t i = 0;
  while (i < source.size()) {
    const char previous = i == 0 ? ' ' : source[i - 1];
    std::size_t end = i + 1;
    if (source.substr(i).starts_with("//") || source.substr(i).starts_with("/*")) {
      end = source[i + 1] == '/' ? std::min(source.find('\n', i), source.size()) : end_after(source, "*/", i + 2);
      blank(text.code, i, end);
      blank(text.words, i, end);
    } else if (source[i] == '"') {
      end = previous == 'R' ? end_of_raw(source, i) : end_of_quoted(source, i);
      blank(text.words, i + 1, end - 1);
    } else if (source[i] == '\'' && !is_word(previous)) {  // after a word it separates digits: 10'000
      end = end_of_quoted(source, i);
      blank(text.words, i + 1, end - 1);
    }
    i = end;
  }
  return text;
}

}  // namespace gantry::house

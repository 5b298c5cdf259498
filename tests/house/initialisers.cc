#include "house/initialisers.h"

#include "house/cpp_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <ranges>
#include <string_view>

namespace gantry::house {

namespace {

struct Token {
  std::string_view text;
  std::size_t line;
};

bool is_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_name(std::string_view token) { return !token.empty() && is_of_name(token.front()); }

// Names, "->", "::", and every other character by itself.
std::vector<Token> split_tokens(std::string_view words) {
  std::vector<Token> tokens;
  std::size_t line = 1;
  for (std::size_t i = 0; i < words.size();) {
    const std::string_view rest = words.substr(i);
    std::size_t length = 1;
    if (is_of_name(rest.front())) {
      length = static_cast<std::size_t>(std::ranges::find_if_not(rest, is_of_name) - rest.begin());
    } else if (rest.starts_with("->") || rest.starts_with("::")) {
      length = 2;
    }
    if (rest.front() == '\n') ++line;
    if (std::isspace(static_cast<unsigned char>(rest.front())) == 0) tokens.push_back({rest.substr(0, length), line});
    i += length;
  }
  return tokens;
}

template <std::size_t N>
bool is_one_of(std::string_view token, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, token) != words.end();
}

// A bracket that is not closed yet.
struct Open {
  enum class Kind { bracket, block, initialiser };
  Kind kind;
  bool has_elements = false;  // an initialiser, before what comes next
};

// Whether the name or type that ends behind `end` is what a function returns, or what is declared: a block follows it.
bool names_block(const std::vector<Token>& tokens, std::size_t end) {
  constexpr std::array<std::string_view, 5> kDeclares = {"class", "enum", "namespace", "struct", "union"};
  int depth = 0;
  for (std::size_t i = end; i-- > 0;) {
    const std::string_view token = tokens[i].text;
    if (token == ">") ++depth;
    if (token == "<") --depth;
    if (token == "->" || is_one_of(token, kDeclares)) return true;
    const bool is_of_type = depth > 0 || token == "<" || token == "::" || token == "&" || token == "*";
    if (token == "return" || (!is_of_type && !is_name(token))) return false;
  }
  return false;
}

// Of the brace at `at`, by what is before it.
Open::Kind kind_of(const std::vector<Token>& tokens, std::size_t at, const std::vector<Open>& open) {
  constexpr std::array<std::string_view, 14> kBeforeBlocks = {
      ")", "]", ";", "}", ":", "else", "do", "try", "const", "noexcept", "override", "final", "mutable", "\""};
  const std::string_view before = at == 0 ? ";" : tokens[at - 1].text;
  if (before == "{") return open.empty() ? Open::Kind::block : open.back().kind;
  if (is_one_of(before, kBeforeBlocks)) return Open::Kind::block;
  return (before == ">" || before == "&" || before == "*" || is_name(before)) && names_block(tokens, at)
             ? Open::Kind::block
             : Open::Kind::initialiser;
}

bool leaks(const std::vector<Open>& open) {
  for (const Open& each : std::views::reverse(open)) {
    if (each.kind == Open::Kind::block) return false;
    if (each.has_elements) return true;
  }
  return false;
}

// The lines.
std::vector<std::size_t> find_in(const std::vector<Token>& tokens) {
  std::vector<std::size_t> lines;
  std::vector<Open> open;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view token = tokens[i].text;
    if (token == "(" || token == "[") open.push_back({Open::Kind::bracket});
    if (token == "{") open.push_back({kind_of(tokens, i, open)});
    if ((token == ")" || token == "]" || token == "}") && !open.empty()) open.pop_back();
    if (token == "," && !open.empty()) open.back().has_elements = open.back().kind == Open::Kind::initialiser;
    if (token == "TRY" && leaks(open)) lines.push_back(tokens[i].line);
  }
  return lines;
}

}  // namespace

std::vector<std::string> find_leaking_tries(const SourceTree& tree) {
  std::vector<std::string> found;
  for (const auto& [path, content] : tree) {
    const std::string words = split_cpp(content).words;
    for (const std::size_t line : find_in(split_tokens(words)))
      found.push_back(
          fmt::format("src/{}:{}: TRY behind an element of an initialiser, which leaks when it returns; "
                      "name the value first",
                      path, line));
  }
  return found;
}

}  // namespace gantry::house

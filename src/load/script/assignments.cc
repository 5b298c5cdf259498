#include "load/script/assignments.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <map>

namespace gantry::load {

namespace {

constexpr std::size_t kPathMax = 60;  // the longest is Promise.prototype.finally, in brackets

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }
bool is_of_path(char c) {
  constexpr std::string_view kOthers = "_$.[]'\"";
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || kOthers.contains(c);
}

// Whether the `=` at `at` assigns: "=", "||=", "??=" and the like, but not "==", "<=" or "=>".
bool assigns(std::string_view text, std::size_t at) {
  const char before = at > 0 ? text[at - 1] : ' ';
  const char behind = at + 1 < text.size() ? text[at + 1] : ' ';
  return behind != '=' && behind != '>' && before != '=' && before != '!' && before != '<' && before != '>';
}

// What is assigned to, as it is written.
std::string_view left_of(std::string_view text, std::size_t at) {
  constexpr std::string_view kOperators = "+-*/%&|^?";
  std::size_t end = at;
  while (end > 0 && kOperators.contains(text[end - 1])) --end;
  while (end > 0 && is_space(text[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kPathMax && is_of_path(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

// What is assigned, where that is a name and nothing else.
std::string_view right_of(std::string_view text, std::size_t at) {
  std::size_t begin = at + 1;
  while (begin < text.size() && is_space(text[begin])) ++begin;
  std::size_t end = begin;
  while (end < text.size() && end - begin < kPathMax && is_of_path(text[end])) ++end;
  const bool is_all = end == text.size() || std::string_view(";\r\n").contains(text[end]);
  return is_all ? text.substr(begin, end - begin) : std::string_view();
}

bool is_of_language(std::string_view path) {
  return path.size() > 1 && (std::isupper(static_cast<unsigned char>(path.front())) != 0 || path.starts_with("global"));
}

// "Array.prototype['map']" as "Array.prototype.map".
std::string dotted(std::string_view path) {
  std::string names;
  for (const char c : path) {
    if (c == '[') names += '.';
    if (c != '[' && c != ']' && c != '\'' && c != '"') names += c;
  }
  return names;
}

// Without what the global object is called in front of it. A global itself keeps that: else it may be a variable.
std::string without_global(std::string path) {
  for (const std::string_view global : std::to_array<std::string_view>({"globalThis.", "global."})) {
    if (!path.starts_with(global)) continue;
    const std::string rest = path.substr(global.size());
    return rest.contains('.') ? rest : "globalThis." + rest;
  }
  return path;
}

}  // namespace

void find_assigned_members(std::string_view text, std::set<std::string, std::less<>>& found) {
  std::map<std::string, std::string, std::less<>> names;  // that stand for something of the language, so far
  for (std::size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    if (!assigns(text, at)) continue;
    const std::string_view left = left_of(text, at);
    const std::size_t end = left.find_first_of(".[");
    if (end == std::string_view::npos) {
      names.erase(std::string(left));
      // As people write it. Where a machine has made a text short, one name stands for many things.
      const std::string_view right = is_space(text[at - (at > 0 ? 1 : 0)]) ? right_of(text, at) : "";
      if (is_of_language(right)) names.emplace(left, right);
      continue;
    }
    const auto known = names.find(left.substr(0, end));
    // All of the language that has members begins with a capital letter.
    if (known != names.end())
      found.insert(without_global(dotted(known->second + std::string(left.substr(end)))));
    else if (is_of_language(left))
      found.insert(without_global(dotted(left)));
  }
}

// A member of a prototype is reached through it, and one of Math, JSON or Object defined where it is not assigned to.
bool may_change_language(std::string_view text) {
  constexpr std::array<std::string_view, 3> kWords = {"rototype", "__proto__", "defineProp"};
  return std::ranges::any_of(kWords, [text](std::string_view word) { return text.contains(word); });
}

}  // namespace gantry::load

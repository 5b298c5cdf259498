#include "house/layout.h"

#include "house/cpp_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <sstream>

namespace gantry::house {

namespace {

// Libraries that one room owns, or some (design.md: dependencies), by how their includes begin. fmt and nlohmann-json are for all.
struct Library {
  std::string_view include;
  std::string_view owner;
};
constexpr std::array kLibraries = {
    Library{"yaml.h", "base"},       Library{"simdjson", "base"},   Library{"openssl/", "base"},
    Library{"SQLiteCpp/", "launch"}, Library{"sqlite3", "launch"},  Library{"cmark-gfm", "launch"},
    Library{"CLI/", "cli"},          Library{"roaring/", "netpol"}, Library{"boost/", "http"},
    Library{"zlib.h", "http"},       Library{"openssl/", "http"},   Library{"v8", "load"},
    Library{"libplatform/", "load"}, Library{"openssl/", "load"},   Library{"boost/context/", "load"},
    Library{"zlib.h", "load"},       Library{"nghttp2/", "load"},   Library{"brotli/", "load"},
    Library{"zstd.h", "load"},       Library{"snappy", "load"},     Library{"nats/", "muster"},
    Library{"archive", "load"},
};

// Words that do what only some floors may do. A member of that name (`files.exit()`) is something else.
struct Word {
  std::string_view text;
  std::string_view does;
  int from_floor;  // forbidden from here …
  int to_floor;    // … to here
};
constexpr std::array kWords = {
    Word{"std::cout", "prints", 0, 4},
    Word{"std::cerr", "prints", 0, 4},
    Word{"std::clog", "prints", 0, 4},
    Word{"printf", "prints", 0, 4},
    Word{"fprintf", "prints", 0, 4},
    Word{"vprintf", "prints", 0, 4},
    Word{"puts", "prints", 0, 4},
    Word{"fputs", "prints", 0, 4},
    Word{"putchar", "prints", 0, 4},
    Word{"perror", "prints", 0, 4},
    Word{"fmt::print", "prints", 0, 4},
    Word{"exit", "exits", 0, 4},
    Word{"quick_exit", "exits", 0, 4},
    Word{"_Exit", "exits", 0, 4},
    // base holds what reads them when it is asked to: SystemClock, run_command.
    Word{"system_clock::now", "reads the clock", 1, 4},
    Word{"getenv", "reads the environment", 1, 4},
    Word{"environ", "reads the environment", 1, 4},
};

constexpr std::size_t kLinesMax = 500;  // a longer file has two topics

// One file under src/ with the room it belongs to.
struct SourceFile {
  const std::string& path;
  const Room& room;
  CppText text;

  bool is_public_header() const {
    const std::string name = path.substr(room.name.size() + 1);
    return std::ranges::find(room.headers, name) != room.headers.end();
  }
};

struct Include {
  std::size_t line;
  bool quoted;
  std::string name;
};

const Room* find_room(const std::vector<Room>& rooms, std::string_view path) {
  const std::string_view name = path.substr(0, path.find('/'));
  const auto it = std::ranges::find(rooms, name, &Room::name);
  return it == rooms.end() || name.size() == path.size() ? nullptr : &*it;
}

std::vector<Include> find_includes(std::string_view code) {
  std::vector<Include> includes;
  std::istringstream lines{std::string(code)};
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    line.erase(std::remove_if(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; }),
               line.end());
    constexpr std::string_view kDirective = "#include";
    if (!line.starts_with(kDirective) || line.size() < kDirective.size() + 2) continue;
    const std::string name =
        line.substr(kDirective.size() + 1, line.find_first_of("\">", kDirective.size() + 1) - kDirective.size() - 1);
    includes.push_back({.line = number, .quoted = line[kDirective.size()] == '"', .name = name});
  }
  return includes;
}

// What is wrong with including one of our own files; nothing when it may be included.
std::optional<std::string> judge_own(const SourceFile& file, const std::string& name, const std::vector<Room>& rooms) {
  const Room* target = find_room(rooms, name);
  if (!target) return fmt::format("includes \"{}\", which is in no room; write \"room/file.h\"", name);
  if (target == &file.room) return std::nullopt;
  if (std::ranges::find(file.room.uses, target->name) == file.room.uses.end()) {
    return fmt::format("includes {}, but {} is not in the USES of {}", name, target->name, file.room.name);
  }
  if (std::ranges::find(target->headers, name.substr(target->name.size() + 1)) == target->headers.end()) {
    return fmt::format("includes {}, which is private to {}", name, target->name);
  }
  return std::nullopt;
}

// The same for a header in angle brackets. Those of the standard library have no dot and no slash.
std::optional<std::string> judge_foreign(const SourceFile& file, const std::string& name) {
  if (name.find_first_of("./") == std::string::npos) return std::nullopt;
  if (file.is_public_header())
    return fmt::format("is public and includes <{}>; hide the library behind the room", name);
  std::vector<std::string_view> owners;
  for (const Library& library : kLibraries) {
    if (name.starts_with(library.include)) owners.push_back(library.owner);
  }
  if (owners.empty() || std::ranges::find(owners, file.room.name) != owners.end()) return std::nullopt;
  return fmt::format("includes <{}>, which only {} may use", name, fmt::join(owners, ", "));
}

void check_includes(const SourceFile& file, const std::vector<Room>& rooms, std::vector<std::string>& violations) {
  for (const Include& include : find_includes(file.text.code)) {
    const std::optional<std::string> wrong =
        include.quoted ? judge_own(file, include.name, rooms) : judge_foreign(file, include.name);
    if (wrong) violations.push_back(fmt::format("src/{}:{}: {}", file.path, include.line, *wrong));
  }
}

bool is_identifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Whether the word at `at` stands alone and is not a member of some object.
bool is_whole_word(std::string_view words, std::size_t at, std::size_t size) {
  if (at + size < words.size() && is_identifier(words[at + size])) return false;
  if (at == 0) return true;
  return !is_identifier(words[at - 1]) && words[at - 1] != '.' && !words.substr(0, at).ends_with("->");
}

void check_words(const SourceFile& file, std::vector<std::string>& violations) {
  const std::string_view words = file.text.words;
  for (const Word& word : kWords) {
    if (file.room.floor < word.from_floor || file.room.floor > word.to_floor) continue;
    for (std::size_t at = words.find(word.text); at != std::string_view::npos; at = words.find(word.text, at + 1)) {
      if (!is_whole_word(words, at, word.text.size())) continue;
      const auto line = 1 + std::count(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at), '\n');
      violations.push_back(fmt::format("src/{}:{}: {} ({}), which floor {} may not", file.path, line, word.does,
                                       word.text, file.room.floor));
    }
  }
}

void check_file(const SourceFile& file, std::vector<std::string>& violations) {
  const std::string name = file.path.substr(file.room.name.size() + 1);
  if (name.ends_with(".cc") && std::ranges::find(file.room.sources, name) == file.room.sources.end()) {
    violations.push_back(fmt::format("src/{}: is not in the SOURCES of {}", file.path, file.room.name));
  }
  const auto lines = static_cast<std::size_t>(std::count(file.text.code.begin(), file.text.code.end(), '\n'));
  if (lines > kLinesMax)
    violations.push_back(fmt::format("src/{}: has {} lines, more than {}", file.path, lines, kLinesMax));
}

}  // namespace

std::vector<Room> parse_room_graph(std::string_view json) {
  const nlohmann::json graph = nlohmann::json::parse(json);
  std::vector<Room> rooms;
  for (const nlohmann::json& entry : graph.at("rooms")) {
    rooms.push_back({.name = entry.at("name"),
                     .floor = entry.at("floor"),
                     .uses = entry.at("uses"),
                     .headers = entry.at("headers"),
                     .sources = entry.at("sources")});
  }
  return rooms;
}

std::vector<std::string> find_violations(const std::vector<Room>& rooms, const SourceTree& tree) {
  std::vector<std::string> violations;
  for (const auto& [path, content] : tree) {
    const Room* room = find_room(rooms, path);
    if (!room) {
      violations.push_back(fmt::format("src/{}: is in no room that CMakeLists.txt lists", path));
      continue;
    }
    const SourceFile file{.path = path, .room = *room, .text = split_cpp(content)};
    check_file(file, violations);
    check_includes(file, rooms, violations);
    check_words(file, violations);
  }
  return violations;
}

std::vector<std::string> compare_architecture(const std::vector<Room>& rooms, std::string_view architecture) {
  std::set<std::string> described;
  std::istringstream lines{std::string(architecture)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("### ") && line.find(" (floor ") != std::string::npos) described.insert(line);
  }
  std::vector<std::string> differences;
  for (const Room& room : rooms) {
    const std::string heading = fmt::format("### {} (floor {})", room.name, room.floor);
    if (described.erase(heading) == 0)
      differences.push_back(fmt::format("ARCHITECTURE.md has no section \"{}\"", heading));
  }
  for (const std::string& heading : described) {
    differences.push_back(fmt::format("ARCHITECTURE.md has a section \"{}\", but there is no such room", heading));
  }
  return differences;
}

}  // namespace gantry::house

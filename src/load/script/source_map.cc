#include "load/script/source_map.h"

#include "base/json.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace gantry::load {

namespace {

constexpr std::size_t kSegmentsMax = 5'000'000;  // 100 MB of them: a bundle of 50 MB has fewer

// A digit of base64; -1 for what is none.
int digit_of(char c) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// The next number: five bits a digit, the lowest first, and the lowest of all is the sign. Takes it off the text.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  for (int shift = 0; shift <= 30; shift += 5) {
    if (text.empty()) return std::nullopt;
    const int digit = digit_of(text.front());
    if (digit < 0) return std::nullopt;
    text.remove_prefix(1);
    value |= static_cast<std::int64_t>(digit & 31) << shift;
    if ((digit & 32) == 0) return (value & 1) != 0 ? -(value >> 1) : value >> 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<SourceMap> SourceMap::parse(std::string_view json) {
  const base::Result<base::Node> map = base::load_json(json, "source map");
  if (!map || !map->is_map()) return std::nullopt;
  const base::Node* mappings = map->get("mappings");
  const base::Node* sources = map->get("sources");
  if (!mappings || !mappings->is_string() || !sources || !sources->is_array()) return std::nullopt;
  const base::Node* root = map->get("sourceRoot");
  const std::string prefix = root && root->is_string() ? root->string() : "";
  SourceMap made;
  for (const base::Node& source : sources->array())
    made.sources_.push_back(source.is_string() ? prefix + source.string() : std::string());
  if (!made.read_mappings(mappings->string())) return std::nullopt;
  return made;
}

// Lines end with ';', segments with ','. Each number counts from the one before it, columns from the line's begin.
bool SourceMap::read_mappings(std::string_view text) {
  std::array<std::int64_t, 4> now = {};  // column, source, its line, its column
  for (std::uint32_t line = 0; !text.empty();) {
    if (text.front() == ';' || text.front() == ',') {
      if (text.front() == ';') {
        ++line;
        now[0] = 0;
      }
      text.remove_prefix(1);
      continue;
    }
    std::size_t fields = 0;
    for (; !text.empty() && text.front() != ';' && text.front() != ','; ++fields) {
      const std::optional<std::int64_t> number = take_number(text);
      if (!number) return false;
      if (fields < now.size()) now[fields] += *number;
    }
    if (fields < now.size()) continue;  // comes from nowhere
    constexpr std::int64_t kMost = 1 << 30;
    if (std::ranges::any_of(now, [](std::int64_t each) { return each < 0 || each > kMost; })) return false;
    if (static_cast<std::size_t>(now[1]) >= sources_.size() || segments_.size() == kSegmentsMax) return false;
    segments_.push_back({line, static_cast<std::uint32_t>(now[0]), static_cast<std::uint32_t>(now[1]),
                         static_cast<std::uint32_t>(now[2]), static_cast<std::uint32_t>(now[3])});
  }
  return true;
}

std::optional<OriginalPlace> SourceMap::find(std::uint32_t line, std::uint32_t column) const {
  if (line == 0 || column == 0) return std::nullopt;
  const std::pair asked(line - 1, column - 1);
  const auto after = std::ranges::upper_bound(segments_, asked, {},
                                              [](const Segment& each) { return std::pair(each.line, each.column); });
  if (after == segments_.begin() || std::prev(after)->line != asked.first) return std::nullopt;
  const Segment& segment = *std::prev(after);
  return OriginalPlace{sources_[segment.source], segment.source_line + 1, segment.source_column + 1};
}

}  // namespace gantry::load

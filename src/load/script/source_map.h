#pragma once

// Where a place in a generated text comes from: source maps, version 3 (ECMA-426).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// Counted from 1, as people do.
struct OriginalPlace {
  std::string file = {};  // as the map has it
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const OriginalPlace&, const OriginalPlace&) = default;
};

class SourceMap {
 public:
  // Nothing where it is none, is damaged, has sections, or more than five million segments.
  static std::optional<SourceMap> parse(std::string_view json);

  // Of the segment that a place lies in; nothing where the map does not say.
  std::optional<OriginalPlace> find(std::uint32_t line, std::uint32_t column) const;

 private:
  struct Segment {
    std::uint32_t line;
    std::uint32_t column;
    std::uint32_t source;
    std::uint32_t source_line;
    std::uint32_t source_column;
  };

  bool read_mappings(std::string_view mappings);

  std::vector<std::string> sources_;
  std::vector<Segment> segments_;  // in the order of the generated text
};

}  // namespace gantry::load

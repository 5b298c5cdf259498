#include "load/script/source_map.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gantry::load {
namespace {

std::string tell(const std::optional<SourceMap>& map, std::uint32_t line, std::uint32_t column) {
  if (!map) return "no map";
  const std::optional<OriginalPlace> place = map->find(line, column);
  return place ? fmt::format("{}:{}:{}", place->file, place->line, place->column) : "nowhere";
}

TEST(SourceMap, FindsTheSegmentThatAPlaceLiesIn) {
  // Line 1: column 1 is a.ts:1:1, column 5 is b.ts:2:3; line 2 nothing; line 3: column 3 is b.ts:1:3, column 5 comes from nowhere.
  const auto map =
      SourceMap::parse(R"({"version":3,"sourceRoot":"src/","sources":["a.ts","b.ts"],"mappings":"AAAA,ICCE;;EADA,E"})");
  EXPECT_EQ(tell(map, 1, 1), "src/a.ts:1:1");
  EXPECT_EQ(tell(map, 1, 4), "src/a.ts:1:1");
  EXPECT_EQ(tell(map, 1, 5), "src/b.ts:2:3");
  EXPECT_EQ(tell(map, 1, 900), "src/b.ts:2:3");
  EXPECT_EQ(tell(map, 2, 1), "nowhere");
  EXPECT_EQ(tell(map, 3, 1), "nowhere");
  EXPECT_EQ(tell(map, 3, 3), "src/b.ts:1:3");
  EXPECT_EQ(tell(map, 0, 0), "nowhere");
}

TEST(SourceMap, IsNoneWhereItIsDamaged) {
  for (const char* text : {"", "[]", "{}", R"({"sources":["a"]})", R"({"sources":["a"],"mappings":12})",
                           R"({"sources":["a"],"mappings":"A!"})", R"({"sources":[],"mappings":"AAAA"})",
                           R"({"sources":["a"],"mappings":"AADA"})", R"({"sources":["a"],"mappings":"gggggggggg"})",
                           R"({"sources":["a"],"mappings":"g"})", R"({"version":3,"sections":[]})"})
    EXPECT_EQ(tell(SourceMap::parse(text), 1, 1), "no map") << text;
}

}  // namespace
}  // namespace gantry::load

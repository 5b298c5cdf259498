#include "house/layout.h"

#include "support/golden.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::house {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A small house: an engine on floor 2 uses the ground, the program on floor 5 uses the engine only.
const std::vector<Room>& small_house() {
  static const std::vector<Room> rooms = {
      {.name = "base", .floor = 0, .uses = {}, .headers = {"text.h"}, .sources = {"text.cc"}},
      {.name = "netpol", .floor = 2, .uses = {"base"}, .headers = {"netpol.h"}, .sources = {"reachability.cc"}},
      {.name = "cli", .floor = 5, .uses = {"netpol"}, .headers = {"cli.h"}, .sources = {"main.cc"}},
  };
  return rooms;
}

struct Case {
  const char* what;
  const char* path;
  std::string content;
  std::string violation;  // "" when there is none
};

const Case kCases[] = {
    {"a room includes its own private header", "netpol/reachability.cc", "#include \"netpol/peers.h\"\n", ""},
    {"a room includes a public header below", "netpol/reachability.cc", "#include \"base/text.h\"\n", ""},
    {"another room's private header", "netpol/reachability.cc", "\n#include \"base/buffer.h\"\n",
     "src/netpol/reachability.cc:2: includes base/buffer.h, which is private to base"},
    {"a room above", "base/text.cc", "#include \"netpol/netpol.h\"\n",
     "src/base/text.cc:1: includes netpol/netpol.h, but netpol is not in the USES of base"},
    {"a lower room that is not in USES", "cli/main.cc", "#include \"base/text.h\"\n",
     "src/cli/main.cc:1: includes base/text.h, but base is not in the USES of cli"},
    {"an include without a room", "base/text.cc", "# include \"text.h\"\n",
     "src/base/text.cc:1: includes \"text.h\", which is in no room; write \"room/file.h\""},
    {"an include in a comment", "base/text.cc", "// #include \"netpol/netpol.h\"\n/*\n#include \"cli/cli.h\"\n*/\n",
     ""},

    {"the standard library in a public header", "base/text.h", "#include <string_view>\n", ""},
    {"a library in a source", "base/text.cc", "#include <fmt/format.h>\n", ""},
    {"a library in a private header", "base/buffer.h", "#include <yaml.h>\n", ""},
    {"a library in a public header", "base/text.h", "#include <fmt/format.h>\n",
     "src/base/text.h:1: is public and includes <fmt/format.h>; hide the library behind the room"},
    {"a library of another room", "netpol/reachability.cc", "#include <yaml.h>\n",
     "src/netpol/reachability.cc:1: includes <yaml.h>, which only base may use"},
    {"a library of other rooms", "netpol/reachability.cc", "#include <openssl/evp.h>\n",
     "src/netpol/reachability.cc:1: includes <openssl/evp.h>, which only base, http, load may use"},

    {"printing with iostream", "base/text.cc", "void f() { std::cout << 1; }\n",
     "src/base/text.cc:1: prints (std::cout), which floor 0 may not"},
    {"printing with stdio", "netpol/reachability.cc", "int n = 10'000;\nvoid f() { std::printf(\"x\"); }\n",
     "src/netpol/reachability.cc:2: prints (printf), which floor 2 may not"},
    {"printing with fmt", "netpol/reachability.cc", "void f() { fmt::print(\"x\"); }\n",
     "src/netpol/reachability.cc:1: prints (fmt::print), which floor 2 may not"},
    {"leaving the program", "netpol/reachability.cc", "void f() { exit(1); }\n",
     "src/netpol/reachability.cc:1: exits (exit), which floor 2 may not"},
    {"formatting into memory", "base/text.cc", "void f(char* b) { snprintf(b, 1, \"x\"); }\n", ""},
    {"a member of that name", "base/text.cc", "void f(Door& d, Door* e) { d.exit(); e->exit(); }\n", ""},
    {"the words in a string", "base/text.cc", "auto a = \"exit\", b = R\"x(std::cout \" exit)x\"; char c = '\"';\n",
     ""},
    {"the words in a comment", "base/text.cc", "// exit\n/* printf */ int x;\n", ""},
    {"the program itself may print and exit", "cli/main.cc", "void f() { std::cout << 1; exit(0); }\n", ""},

    {"an engine reads the clock", "netpol/reachability.cc", "auto t = std::chrono::system_clock::now();\n",
     "src/netpol/reachability.cc:1: reads the clock (system_clock::now), which floor 2 may not"},
    {"an engine reads the environment", "netpol/reachability.cc", "auto t = std::getenv(\"HOME\");\n",
     "src/netpol/reachability.cc:1: reads the environment (getenv), which floor 2 may not"},
    {"the ground holds what reads the clock", "base/text.cc", "auto t = std::chrono::system_clock::now();\n", ""},

    {"a source that is not listed", "base/lost.cc", "int x;\n", "src/base/lost.cc: is not in the SOURCES of base"},
    {"a folder that is no room", "attic/chest.h", "int x;\n",
     "src/attic/chest.h: is in no room that CMakeLists.txt lists"},
    {"a file at the limit", "base/text.cc", std::string(500, '\n'), ""},
    {"a file over the limit", "base/text.cc", std::string(501, '\n'), "src/base/text.cc: has 501 lines, more than 500"},
};

TEST(Layout, AcceptsAndRefusesEachCase) {
  for (const Case& c : kCases) {
    const std::vector<std::string> violations = find_violations(small_house(), {{c.path, c.content}});
    if (c.violation.empty()) {
      EXPECT_THAT(violations, IsEmpty()) << c.what;
    } else {
      EXPECT_THAT(violations, ElementsAre(c.violation)) << c.what;
    }
  }
}

TEST(Layout, ArchitectureNamesTheRoomsOfTheGraph) {
  const std::string all = "# Map\n### base (floor 0)\n### netpol (floor 2)\n### Testing\n### cli (floor 5)\n";
  EXPECT_THAT(compare_architecture(small_house(), all), IsEmpty());
  EXPECT_THAT(compare_architecture(small_house(), "### base (floor 0)\n### netpol (floor 1)\n### cli (floor 5)\n"),
              ElementsAre("ARCHITECTURE.md has no section \"### netpol (floor 2)\"",
                          "ARCHITECTURE.md has a section \"### netpol (floor 1)\", but there is no such room"));
}

TEST(Layout, RoomGraphIsReadAsWritten) {
  const std::vector<Room> rooms = parse_room_graph(
      R"({"rooms": [{"name": "kube", "floor": 1, "uses": ["base"], "headers": ["kube.h"], "sources": ["a.cc"]}]})");
  ASSERT_EQ(rooms.size(), 1U);
  EXPECT_EQ(rooms[0].name, "kube");
  EXPECT_EQ(rooms[0].floor, 1);
  EXPECT_THAT(rooms[0].uses, ElementsAre("base"));
  EXPECT_THAT(rooms[0].headers, ElementsAre("kube.h"));
  EXPECT_THAT(rooms[0].sources, ElementsAre("a.cc"));
}

TEST(Layout, ThisHouseKeepsItsRules) {
  const std::vector<Room> rooms = parse_room_graph(read_file(GANTRY_ROOM_GRAPH));
  const SourceTree tree = load_sources(test::repository_path("src"));
  ASSERT_FALSE(rooms.empty());
  ASSERT_GT(tree.size(), rooms.size());  // nothing was looked at otherwise
  const std::vector<std::string> violations = find_violations(rooms, tree);
  EXPECT_TRUE(violations.empty()) << fmt::format("{}", fmt::join(violations, "\n"));
}

TEST(Layout, ThisHouseIsOnItsMap) {
  const std::vector<Room> rooms = parse_room_graph(read_file(GANTRY_ROOM_GRAPH));
  EXPECT_THAT(compare_architecture(rooms, read_file(test::repository_path("ARCHITECTURE.md"))), IsEmpty());
}

}  // namespace
}  // namespace gantry::house

#include "house/includes.h"

#include "house/source_tree.h"
#include "support/golden.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::house {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Case {
  const char* what;
  const char* content;  // of base/text.cc, beside a base/text.h that includes <string>
  const char* missing;  // "" when nothing is
};

constexpr Case kCases[] = {
    {"its own include", "#include <vector>\nstd::vector<int> v;\n", ""},
    {"an include of its header", "#include \"base/text.h\"\nstd::string s;\n", ""},
    {"an include two headers away", "#include \"base/shelf.h\"\nstd::string s;\n", ""},
    {"none", "\nstd::vector<int> v;\n", "src/base/text.cc:2: uses std::vector without <vector>"},
    {"one in a comment", "// #include <vector>\nstd::vector<int> v;\n",
     "src/base/text.cc:2: uses std::vector without <vector>"},
    {"a name in a comment", "// a std::vector of them\n", ""},
    {"a name in a literal", "auto s = \"std::vector\";\n", ""},
    {"a longer name", "#include <string_view>\nstd::string_view s;\n", ""},
    {"the name of a range's algorithm", "auto a = std::ranges::sort(b);\n",
     "src/base/text.cc:1: uses std::ranges::sort without <algorithm>"},
    {"a name inside a namespace", "std::chrono::seconds s;\n", "src/base/text.cc:1: uses std::chrono without <chrono>"},
    {"a name of {fmt}", "auto s = fmt::format(\"\");\n", "src/base/text.cc:1: uses fmt::format without <fmt/format.h>"},
    {"a namespace that ends alike", "mystd::vector v;\n", ""},
    {"a name that any header brings", "std::size_t n = std::move(m);\n", ""},
    {"a header that brings another's names", "#include <thread>\nstd::stop_token t;\n", ""},
};

TEST(Includes, EachCaseIsJudged) {
  for (const Case& c : kCases) {
    const SourceTree tree = {{"base/shelf.h", "#include \"base/text.h\"\n"},
                             {"base/text.cc", c.content},
                             {"base/text.h", "#include <string>\n"}};
    if (c.missing[0] == '\0') {
      EXPECT_THAT(find_missing_includes(tree), IsEmpty()) << c.what;
    } else {
      EXPECT_THAT(find_missing_includes(tree), ElementsAre(c.missing)) << c.what;
    }
  }
}

TEST(Includes, FilesThatIncludeEachOtherEnd) {
  const SourceTree tree = {{"base/a.h", "#include \"base/b.h\"\n"},
                           {"base/b.h", "#include \"base/a.h\"\nstd::string s;\n"}};
  EXPECT_THAT(find_missing_includes(tree), ElementsAre("src/base/b.h:2: uses std::string without <string>"));
}

TEST(Includes, ThisHouseIncludesWhatItUses) {
  const SourceTree tree = load_sources(test::repository_path("src"));
  ASSERT_FALSE(tree.empty());  // nothing was looked at otherwise
  EXPECT_EQ(fmt::format("{}", fmt::join(find_missing_includes(tree), "\n")), "");
}

}  // namespace
}  // namespace gantry::house

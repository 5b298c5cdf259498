#include "load/vu/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace gantry::load {
namespace {

// All records of a text, until there is none, or an error.
std::string tell(std::string_view text, std::string_view delimiter = ",") {
  std::string told;
  for (std::size_t at = 0;;) {
    const auto record = read_csv(text, at, delimiter);
    if (!record) return told + record.error().message;
    if (!*record) return told;
    told += fmt::format("[{}]", fmt::join((*record)->fields, "|"));
    at = (*record)->next;
  }
}

struct Case {
  std::string_view text;
  std::string_view told;
};

constexpr Case kCases[] = {
    {"", ""},
    {"\n\r\n\n", ""},
    {"a", "[a]"},
    {"a,b\n", "[a|b]"},
    {"a,b\r\nc,d", "[a|b][c|d]"},
    {"\na,\n\n,b\n,\n", "[a|][|b][|]"},
    {"\"a,b\",\"c \"\"d\"\"\"\n", "[a,b|c \"d\"]"},
    {"\"two\r\nlines\",\"\"\n", "[two\nlines|]"},
    {" a , b ", "[ a | b ]"},
    {"a\rb,c", "[a\rb|c]"},
    {"ü,日本", "[ü|日本]"},
    {"a,b\"c\n", "parse error on line 1, column 4: bare \" in non-quoted-field"},
    {"a\n\"b\"c\n", "[a]parse error on line 2, column 4: extraneous or missing \" in quoted-field"},
    {"\"a\nb", "parse error on line 2, column 2: extraneous or missing \" in quoted-field"},
};

TEST(Csv, IsReadAsGoReadsIt) {
  for (const Case& c : kCases) EXPECT_EQ(tell(c.text), c.told) << c.text;
  EXPECT_EQ(tell("a;b,c\n\"d;e\";f", ";"), "[a|b,c][d;e|f]");
  EXPECT_EQ(tell("a→b", "→"), "[a|b]");
}

}  // namespace
}  // namespace gantry::load

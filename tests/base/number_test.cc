#include "base/number.h"

#include <gtest/gtest.h>

#include <string_view>

namespace gantry::base {
namespace {

struct Case {
  std::string_view text;
  std::optional<double> value;
};

constexpr Case kCases[] = {
    {"0", 0.0},    {"-1.5", -1.5}, {"+2", 2.0},     {".5", 0.5},  {"-.5", -0.5},     {"5.", 5.0},
    {"1e3", 1e3},  {"1E-3", 1e-3}, {"1e-999", 0.0}, {"0.0", 0.0}, {"1e999", {}},     {"-1e999", {}},
    {"", {}},      {"-", {}},      {"+", {}},       {".", {}},    {"+-5", {}},       {"-+5", {}},
    {"--5", {}},   {"nan", {}},    {"-nan", {}},    {"inf", {}},  {"+infinity", {}}, {"0x10", {}},
    {"1_000", {}}, {" 1", {}},     {"1 ", {}},      {"1,5", {}},  {"1e", {}},
};

TEST(ParseDouble, TakesDecimalNumbersOnly) {
  for (const Case& c : kCases) EXPECT_EQ(parse_double(c.text), c.value) << c.text;
}

}  // namespace
}  // namespace gantry::base

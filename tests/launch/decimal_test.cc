#include "launch/decimal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace gantry::launch {
namespace {

TEST(Decimal, IsReadAndWrittenAsItWas) {
  for (const char* text : {"0", "7", "0.1", "0.10", "0.100", "12.000000001", "999999.999999999"}) {
    const std::optional<Decimal> value = parse_decimal(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(to_string(*value), text);
  }
  EXPECT_EQ(to_string(*parse_decimal(".5")), "0.5");
  EXPECT_EQ(to_string(*parse_decimal("007")), "7");
}

TEST(Decimal, RefusesWhatIsNone) {
  for (const char* text :
       {"", ".", "1.", "-1", "+1", "1e3", "0x1", "1,5", "1.2.3", "a", "1a", " 1", "1234567", "0.1234567890"}) {
    EXPECT_FALSE(parse_decimal(text)) << text;
  }
}

struct Case {
  const char *a, *b, *sum, *difference;
};

constexpr Case kCases[] = {
    {"0.10", "0.02", "0.12", "0.08"}, {"0.1", "0.02", "0.12", "0.08"},   {"0.3", "0.3", "0.6", "0.0"},
    {"1", "0.75", "1.75", "0.25"},    {"0.02", "0.10", "0.12", "-0.08"}, {"0", "1.5", "1.5", "-1.5"},
};

TEST(Decimal, AddsAndSubtractsExactly) {
  for (const Case& c : kCases) {
    EXPECT_EQ(to_string(add(*parse_decimal(c.a), *parse_decimal(c.b))), c.sum) << c.a << " + " << c.b;
    EXPECT_EQ(to_string(subtract(*parse_decimal(c.a), *parse_decimal(c.b))), c.difference) << c.a << " - " << c.b;
  }
}

TEST(Decimal, ComparesValuesNotDigits) {
  EXPECT_TRUE(std::is_eq(compare(*parse_decimal("0.1"), *parse_decimal("0.100"))));
  EXPECT_TRUE(std::is_lt(compare(*parse_decimal("0.1"), *parse_decimal("0.11"))));
  EXPECT_TRUE(std::is_gt(compare(*parse_decimal("2"), *parse_decimal("1.999999999"))));
  EXPECT_NE(*parse_decimal("0.1"), *parse_decimal("0.10"));
}

TEST(Decimal, ShortensToTheDigitsAskedFor) {
  EXPECT_EQ(to_string(shorten(*parse_decimal("0.0800"), 2)), "0.08");
  EXPECT_EQ(to_string(shorten(*parse_decimal("0.0850"), 2)), "0.085");
  EXPECT_EQ(to_string(shorten(*parse_decimal("0.10"), 3)), "0.10");
  EXPECT_EQ(to_string(shorten(*parse_decimal("5.00"), 0)), "5");
}

Decimal any_decimal() {
  const int digits = *rc::gen::inRange(0, kDecimalDigitsMax + 1);
  return {.units = *rc::gen::inRange<std::int64_t>(0, 1'000'000), .digits = digits};
}

RC_GTEST_PROP(Decimal, SubtractionUndoesAddition, ()) {
  const Decimal a = any_decimal();
  const Decimal b = any_decimal();
  RC_ASSERT(std::is_eq(compare(subtract(add(a, b), b), a)));
  RC_ASSERT((parse_decimal(to_string(a)) == a));
}

}  // namespace
}  // namespace gantry::launch

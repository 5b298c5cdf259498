#include "kube/quantity.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::kube {
namespace {

using base::Node;

struct Case {
  std::string_view text;
  std::string_view canonical;  // "": refused
  std::int64_t milli = 0;
};

// apimachinery, pkg/api/resource: quantity.go (format, rounding) and suffix.go.
constexpr Case kCases[] = {
    {"0", "0", 0},
    {"0m", "0", 0},
    {"-0", "0", 0},
    {"1", "1", 1000},
    {"+1", "1", 1000},
    {"-1", "-1", -1000},
    {"100m", "100m", 100},
    {"0.1", "100m", 100},
    {".5", "500m", 500},
    {"5.", "5", 5000},
    {"1500m", "1500m", 1500},
    {"2000m", "2", 2000},
    {"1k", "1k", 1'000'000},
    {"1000", "1k", 1'000'000},
    {"1M", "1M", 1'000'000'000},
    {"1.5G", "1500M", 1'500'000'000'000},
    {"2E", "2E", INT64_MAX},
    {"1u", "1u", 1},
    {"1n", "1n", 1},
    {"0.1n", "1n", 1},     // finer than a nano: up
    {"-0.1n", "-1n", -1},  // away from zero
    {"1.0000000001", "1000000001n", 1001},
    {"1Ki", "1Ki", 1'024'000},
    {"1024", "1024", 1'024'000},
    {"1024Ki", "1Mi", 1'048'576'000},
    {"512Mi", "512Mi", 536'870'912'000},
    {"1.5Gi", "1536Mi", 1'610'612'736'000},
    {"1000Ki", "1000Ki", 1'024'000'000},
    {"1Ei", "1Ei", INT64_MAX},
    {"0.5Ki", "512", 512'000},      // below 1024: decimal
    {"0.1Ki", "102400m", 102'400},  // no whole number: decimal
    {"0.0001Ki", "102400u", 103},
    {"1e3", "1e3", 1'000'000},
    {"1E3", "1e3", 1'000'000},
    {"1E-3", "1e-3", 1},
    {"12e-1", "1200e-3", 1200},
    {"1E", "1E", INT64_MAX},
    {"1e-60", "1e-9", 1},
    {"", ""},
    {" 1", ""},
    {"1 Gi", ""},
    {"1GB", ""},
    {"1K", ""},
    {"1mi", ""},
    {"1KI", ""},
    {"m", ""},
    {".", ""},
    {"--1", ""},
    {"1..2", ""},
    {"1.2.3", ""},
    {"0x10", ""},
    {"1_000", ""},
    {"1e", ""},
    {"1e1.5", ""},
    {"1e+", ""},
    {"1,5", ""},
    {"inf", ""},
    {"1e30", ""},
    {"99999999999999999999999999999999999999999999", ""},
};

TEST(Quantity, IsReadAndPrintedAsKubernetesDoes) {
  for (const Case& c : kCases) {
    const base::Result<Quantity> quantity = Quantity::parse(c.text);
    if (c.canonical.empty()) {
      EXPECT_FALSE(quantity) << c.text << " was read as " << to_string(*quantity);
      continue;
    }
    ASSERT_TRUE(quantity) << c.text << ": " << quantity.error().message;
    EXPECT_EQ(to_string(*quantity), c.canonical) << c.text;
    EXPECT_EQ(quantity->milli(), c.milli) << c.text;
  }
}

TEST(Quantity, IsReadFromEveryKindOfScalar) {
  const struct {
    Node node;
    std::string_view canonical;
  } cases[] = {
      {Node("250m"), "250m"}, {Node(2), "2"}, {Node(0.5), "500m"}, {Node(1e-7), "100e-9"}, {Node(0.1), "100m"},
  };
  for (const auto& c : cases) {
    const base::Result<Quantity> quantity = Quantity::parse_node(c.node);
    ASSERT_TRUE(quantity) << c.canonical;
    EXPECT_EQ(to_string(*quantity), c.canonical);
  }
}

TEST(Quantity, RefusesOtherNodesWithTheirPlace) {
  const base::SourcePos where{std::make_shared<const std::string>("pod.yaml"), 7, 3};
  for (const Node& node : {Node(true, where), Node::empty_map(where), Node("lots", where), Node::null_at(where)}) {
    const base::Result<Quantity> quantity = Quantity::parse_node(node);
    ASSERT_FALSE(quantity);
    EXPECT_EQ(quantity.error().where, where);
  }
}

TEST(Quantity, CountsRoundedAwayFromZero) {
  EXPECT_EQ(Quantity::parse("1100m")->value(), 2);
  EXPECT_EQ(Quantity::parse("-1100m")->value(), -2);
  EXPECT_EQ(Quantity::parse("999u")->milli(), 1);
  EXPECT_EQ(Quantity::parse("2000m")->value(), 2);
}

TEST(Quantity, KeepsTheFormatOfTheFirstPart) {
  EXPECT_EQ(to_string(*Quantity::parse("1Gi") + *Quantity::parse("1Gi")), "2Gi");
  EXPECT_EQ(to_string(*Quantity::parse("1Gi") + *Quantity::parse("1M")), "1074741824");
  EXPECT_EQ(to_string(Quantity() + *Quantity::parse("1Gi")), "1Gi");
  EXPECT_EQ(to_string(*Quantity::parse("100m") - *Quantity::parse("1")), "-900m");
  EXPECT_EQ(to_string(Quantity::parse("100m")->times(25)), "2500m");
}

TEST(Quantity, StopsAtItsBoundInsteadOfOverflowing) {
  Quantity quantity = *Quantity::parse("9E");
  for (int i = 0; i < 200; ++i) quantity += quantity;
  EXPECT_GT(quantity, *Quantity::parse("9E"));
  EXPECT_EQ(quantity, quantity + quantity);
  EXPECT_EQ(quantity.value(), INT64_MAX);
  EXPECT_EQ(quantity.times(-1000), -quantity);
}

TEST(Quantity, ComparesNumbersNotTexts) {
  EXPECT_EQ(*Quantity::parse("1Gi"), *Quantity::parse("1073741824"));
  EXPECT_LT(*Quantity::parse("1G"), *Quantity::parse("1Gi"));
  EXPECT_GT(*Quantity::parse("1"), *Quantity::parse("999m"));
}

// ---- Against exact fractions ----

// mantissa × 10^-places × 10^exponent or 2^exponent, kept small enough for 128 bits.
struct Written {
  std::int64_t mantissa = 0;
  int places = 0;
  std::size_t suffix = 0;
};

struct SuffixRow {
  std::string_view text;
  int ten = 0;
  int two = 0;
};
constexpr SuffixRow kSuffixes[] = {
    {"n", -9, 0},  {"u", -6, 0},  {"m", -3, 0},  {"", 0, 0},   {"k", 3, 0},    {"M", 6, 0},  {"G", 9, 0},
    {"Ki", 0, 10}, {"Mi", 0, 20}, {"Gi", 0, 30}, {"e3", 3, 0}, {"E-3", -3, 0}, {"e0", 0, 0},
};

std::string print(const Written& w) {
  std::string digits = std::to_string(w.mantissa < 0 ? -w.mantissa : w.mantissa);
  const auto places = static_cast<std::size_t>(w.places);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  return (w.mantissa < 0 ? "-" : "") + digits + std::string(kSuffixes[w.suffix].text);
}

// The value in nanos, rounded away from zero: numerator over denominator, exactly.
__extension__ using Int128 = __int128;
Int128 nanos(const Written& w) {
  Int128 numerator = w.mantissa;
  Int128 denominator = 1;
  const int ten = 9 + kSuffixes[w.suffix].ten - w.places;
  for (int i = 0; i < ten; ++i) numerator *= 10;
  for (int i = 0; i > ten; --i) denominator *= 10;
  for (int i = 0; i < kSuffixes[w.suffix].two; ++i) numerator *= 2;
  const Int128 whole = numerator / denominator;
  if (numerator % denominator == 0) return whole;
  return whole + (numerator < 0 ? -1 : 1);
}

rc::Gen<Written> any_written() {
  return rc::gen::build<Written>(
      rc::gen::set(&Written::mantissa, rc::gen::inRange<std::int64_t>(-100'000'000, 100'000'000)),
      rc::gen::set(&Written::places, rc::gen::inRange(0, 9)),
      rc::gen::set(&Written::suffix, rc::gen::inRange<std::size_t>(0, std::size(kSuffixes))));
}

RC_GTEST_PROP(QuantityProperties, OrderIsThatOfTheExactNumbers, ()) {
  const Written a = *any_written();
  const Written b = *any_written();
  const base::Result<Quantity> x = Quantity::parse(print(a));
  const base::Result<Quantity> y = Quantity::parse(print(b));
  RC_ASSERT(x.has_value());
  RC_ASSERT(y.has_value());
  RC_ASSERT((*x < *y) == (nanos(a) < nanos(b)));
  RC_ASSERT((*x == *y) == (nanos(a) == nanos(b)));
  RC_ASSERT(*x + *y - *y == *x);
}

RC_GTEST_PROP(QuantityProperties, PrintingAndReadingGivesTheSame, ()) {
  const base::Result<Quantity> quantity = Quantity::parse(print(*any_written()));
  RC_ASSERT(quantity.has_value());
  const std::string canonical = to_string(*quantity);
  const base::Result<Quantity> again = Quantity::parse(canonical);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == *quantity);
  RC_ASSERT(to_string(*again) == canonical);
}

}  // namespace
}  // namespace gantry::kube

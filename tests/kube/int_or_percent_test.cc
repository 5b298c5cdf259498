#include "kube/int_or_percent.h"

#include <gtest/gtest.h>

namespace gantry::kube {
namespace {

using base::Node;

TEST(IntOrPercent, IsReadAsTheApiServerValidates) {
  const struct {
    Node node;
    std::string_view text;  // "": refused
  } cases[] = {
      {Node(0), "0"},
      {Node(3), "3"},
      {Node("25%"), "25%"},
      {Node("0%"), "0%"},
      {Node("150%"), "150%"},
      {Node("3"), ""},  // a number in quotes is a string without '%'
      {Node("25 %"), ""},
      {Node("%"), ""},
      {Node("-1%"), ""},
      {Node("2.5%"), ""},
      {Node("99999999999%"), ""},
      {Node(-1), ""},
      {Node(std::int64_t{1} << 40), ""},
      {Node(1.5), ""},
      {Node(true), ""},
      {Node::empty_array(), ""},
  };
  for (const auto& c : cases) {
    const base::Result<IntOrPercent> value = IntOrPercent::parse(c.node);
    EXPECT_EQ(value ? to_string(*value) : "", c.text);
  }
}

// Disruption reference, §2.7 (budgets round up) and §6.1 (a Deployment's maxUnavailable rounds down).
TEST(IntOrPercent, RoundsAsItsFieldDoes) {
  const struct {
    std::int64_t percent, total, up, down;
  } cases[] = {
      {50, 1, 1, 0}, {67, 3, 3, 2}, {66, 3, 2, 1},  {34, 3, 2, 1}, {25, 4, 1, 1}, {25, 10, 3, 2},
      {90, 9, 9, 8}, {1, 3, 1, 0},  {100, 7, 7, 7}, {0, 7, 0, 0},  {30, 0, 0, 0}, {150, 2, 3, 3},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IntOrPercent::percent(c.percent).resolve(c.total, Rounding::up), c.up) << c.percent << "% of " << c.total;
    EXPECT_EQ(IntOrPercent::percent(c.percent).resolve(c.total, Rounding::down), c.down)
        << c.percent << "% of " << c.total;
  }
  EXPECT_EQ(IntOrPercent::count(5).resolve(3, Rounding::up), 5);
}

}  // namespace
}  // namespace gantry::kube

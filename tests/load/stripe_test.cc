#include "load/executors/stripe.h"

#include <gtest/gtest.h>

namespace gantry::load {
namespace {

TEST(Stripe, OfAllIsTheWhole) {
  EXPECT_EQ(Stripe().scale(7), 7);
  EXPECT_EQ(Stripe().nth(7), 7);
  EXPECT_EQ(Stripe().share(), 1);
  EXPECT_EQ(Stripe(), Stripe());
}

TEST(Stripe, HasItsPlacesOfEachCycle) {
  const Stripe stripe({1, 2}, 5);
  const std::int64_t numbers[] = {1, 2, 6, 7, 11, 12};
  for (std::int64_t own = 0; own < 6; ++own) EXPECT_EQ(stripe.nth(own), numbers[own]) << own;
  const std::int64_t scaled[] = {0, 0, 1, 2, 2, 2, 2, 3, 4};
  for (std::int64_t whole = 0; whole < 9; ++whole) EXPECT_EQ(stripe.scale(whole), scaled[whole]) << whole;
  EXPECT_EQ(stripe.scale(std::int64_t{5} << 55), std::int64_t{2} << 55);
  EXPECT_DOUBLE_EQ(stripe.share(), 0.4);
  EXPECT_NE(stripe, Stripe());
  EXPECT_NE(stripe, Stripe({1, 3}, 5));
}

}  // namespace
}  // namespace gantry::load

#include "base/named.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <unordered_set>

namespace gantry::base {
namespace {

using Port = Named<std::uint16_t, struct PortTag>;
using Namespace = Named<std::string, struct NamespaceTag>;
using OtherNumber = Named<std::uint16_t, struct OtherTag>;

// The point of a Named: neither way without saying so, and never into another one.
static_assert(!std::is_convertible_v<std::uint16_t, Port>);
static_assert(!std::is_convertible_v<Port, std::uint16_t>);
static_assert(!std::is_constructible_v<Port, OtherNumber>);
static_assert(std::is_constructible_v<Port, std::uint16_t>);
static_assert(Port(80) < Port(443) && Port(80) == Port(80));
static_assert(Port().value() == 0);

TEST(Named, KeepsItsValue) {
  EXPECT_EQ(Namespace("shop").value(), "shop");
  EXPECT_LT(Namespace("a"), Namespace("b"));
}

TEST(Named, IsHashable) {
  const std::unordered_set<Namespace> names = {Namespace("a"), Namespace("b"), Namespace("a")};
  EXPECT_EQ(names.size(), 2U);
  EXPECT_TRUE(names.contains(Namespace("b")));
}

}  // namespace
}  // namespace gantry::base

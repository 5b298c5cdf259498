#include "load/http/kept_body.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

namespace gantry::load {
namespace {

TEST(KeptBody, IsCountedAsLongAsItIsKept) {
  const std::size_t before = KeptBody::room();
  EXPECT_GE(before, KeptBody::kBytesMax);
  const std::string part(100'000, 'x');
  std::optional<KeptBody> body(std::in_place);
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(body->append(part));
  const std::size_t with_it = KeptBody::room();
  EXPECT_LE(with_it, before - 30 * part.size());
  EXPECT_GE(with_it, before - 35 * part.size());

  // Moved, it is still one; replaced, it is none.
  KeptBody other(std::move(*body));
  body.reset();
  EXPECT_EQ(KeptBody::room(), with_it);
  EXPECT_EQ(other.size(), 30 * part.size());
  KeptBody decoded(std::string(200'000, 'y'));
  EXPECT_EQ(KeptBody::room(), with_it - 200'000);
  decoded = std::move(other);
  other = {};
  EXPECT_EQ(KeptBody::room(), with_it);
  decoded = {};
  EXPECT_EQ(KeptBody::room(), before);
}

TEST(KeptBody, IsNotCountedWhereItIsShort) {
  const std::size_t before = KeptBody::room();
  KeptBody body;
  EXPECT_TRUE(body.append("short"));
  EXPECT_EQ(body, "short");
  EXPECT_EQ(KeptBody::room(), before);
}

}  // namespace
}  // namespace gantry::load

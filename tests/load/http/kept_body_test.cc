#include "load/http/kept_body.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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
  EXPECT_GE(with_it, before - 45 * part.size());

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

// Ten thousand VUs may hold one each.
TEST(KeptBody, IsCountedHoweverShortItIs) {
  const std::size_t before = KeptBody::room();
  std::vector<KeptBody> bodies(10'000);
  const std::string text(1'000, 'x');
  for (KeptBody& body : bodies) ASSERT_TRUE(body.append(text));
  EXPECT_LE(KeptBody::room(), before - bodies.size() * text.size());
  bodies.clear();
  EXPECT_EQ(KeptBody::room(), before);
}

TEST(KeptBody, IsCountedForWhatItWillHave) {
  const std::size_t before = KeptBody::room();
  KeptBody body;
  body.reserve(1 << 20);
  EXPECT_LE(KeptBody::room(), before - (1 << 20));
  // Of which there is enough by then.
  EXPECT_TRUE(body.append(std::string(1 << 20, 'x')));
  EXPECT_GE(KeptBody::room(), before - (2 << 20));
}

// What a thread has not told is told when it ends, and others know of what is much at once.
TEST(KeptBody, IsCountedByAllThreadsTogether) {
  const std::size_t before = KeptBody::room();
  std::vector<KeptBody> bodies(100);
  std::jthread([&] {
    for (KeptBody& body : bodies) ASSERT_TRUE(body.append(std::string(1'000, 'x')));
  }).join();
  EXPECT_LE(KeptBody::room(), before - 100'000);
  bodies.clear();
  EXPECT_EQ(KeptBody::room(), before);
  std::jthread([&] {
    KeptBody body(std::string(1'000'000, 'x'));
    std::jthread([&] { EXPECT_LE(KeptBody::room(), before - 1'000'000); }).join();
  }).join();
  EXPECT_EQ(KeptBody::room(), before);
}

TEST(KeptBody, IsRefusedWhereThereIsNoRoom) {
  std::vector<KeptBody> bodies;
  // Reserved, and never written to: it takes no memory of the machine's.
  while (KeptBody::room() > KeptBody::kBytesMax) bodies.emplace_back().reserve(KeptBody::kBytesMax);
  bodies.emplace_back().reserve(KeptBody::room() - 100);
  KeptBody last;
  EXPECT_FALSE(last.append(std::string(1'000, 'x')));
  EXPECT_TRUE(last.empty());
  bodies.clear();
  EXPECT_TRUE(last.append(std::string(1'000, 'x')));
}

}  // namespace
}  // namespace gantry::load

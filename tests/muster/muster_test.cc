#include "muster/muster.h"

#include "support/nats_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace gantry::muster {
namespace {

using std::chrono::seconds;

// A busy machine may do much else first.
constexpr seconds kPatience{30};

bool becomes_complete(Roll& roll) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!roll.is_complete()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

class Muster : public testing::Test {
 protected:
  Place place(std::string name) const { return {nats_.url(), std::move(name)}; }
  std::unique_ptr<Roll> join(const Place& at, const std::string& member, std::size_t count) const {
    auto roll = Roll::join(at, member, count);
    EXPECT_TRUE(roll) << roll.error().message;
    return *std::move(roll);
  }

 private:
  test::NatsServer nats_;
};

TEST_F(Muster, IsCompleteForAllOnceAllAreThere) {
  const auto first = join(place("three"), "0", 3);
  const auto second = join(place("three"), "1", 3);
  const auto other = join(place("other"), "2", 3);
  // Both hear of each other, of nobody else, and wait.
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while ((first->present() < 2 || second->present() < 2) && std::chrono::steady_clock::now() < until)
    EXPECT_FALSE(first->is_complete() || second->is_complete() || other->is_complete());
  EXPECT_EQ(first->present(), 2U);
  EXPECT_EQ(other->present(), 1U);
  const auto last = join(place("three"), "2", 3);
  EXPECT_TRUE(becomes_complete(*last));
  EXPECT_TRUE(becomes_complete(*first));
  EXPECT_TRUE(becomes_complete(*second));
  EXPECT_FALSE(other->is_complete());
}

TEST_F(Muster, CountsOneThatComesTwiceOnce) {
  const auto first = join(place("twice"), "0", 2);
  {
    const auto before = join(place("twice"), "0", 2);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(before->is_complete());
  }
  EXPECT_FALSE(first->is_complete());
  EXPECT_EQ(first->present(), 1U);
}

TEST_F(Muster, OfOneNeedsNobody) { EXPECT_TRUE(join(place("one"), "0", 1)->is_complete()); }

TEST_F(Muster, HandsInWhatIsLargerThanAMessage) {
  const std::string large(3'000'000, 'x');
  std::vector<std::jthread> members;
  std::atomic<int> handed = 0;
  for (int i = 0; i < 3; ++i)
    members.emplace_back([&, i] {
      const auto done =
          hand_in(place("sum"), fmt::to_string(i), fmt::format("{}{}", i, i == 1 ? large : ""), kPatience);
      if (done) ++handed;
    });
  const auto all = collect(place("sum"), 3, kPatience, [] { return false; });
  members.clear();
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(handed, 3);
  EXPECT_EQ(all->at("0"), "0");
  EXPECT_EQ(all->at("1"), "1" + large);
  EXPECT_EQ(all->at("2"), "2");
}

TEST_F(Muster, SaysHowManyCame) {
  std::jthread member([&] { static_cast<void>(hand_in(place("few"), "7", "x", kPatience)); });
  std::atomic<bool> is_stopped = false;
  std::jthread stopper([&] {
    member.join();
    is_stopped = true;
  });
  const auto all = collect(place("few"), 2, kPatience, [&] { return is_stopped.load(); });
  ASSERT_FALSE(all);
  EXPECT_TRUE(all.error().message.starts_with("1 of 2 summaries came to nats://127.0.0.1:")) << all.error().message;
  const auto nobody = hand_in(place("nobody"), "0", "x", seconds(0));
  ASSERT_FALSE(nobody);
  EXPECT_TRUE(nobody.error().message.starts_with("nobody took the summary at nats://")) << nobody.error().message;
}

TEST(MusterWithoutAServer, SaysWhere) {
  const auto roll = Roll::join({"nats://user:secret@127.0.0.1:1", "x"}, "0", 2);
  ASSERT_FALSE(roll);
  EXPECT_TRUE(roll.error().message.starts_with("NATS at nats://127.0.0.1:1: ")) << roll.error().message;
  const auto unnamed = Roll::join({"nats://127.0.0.1:1", "x"}, "a.b", 2);
  ASSERT_FALSE(unnamed);
  EXPECT_EQ(unnamed.error().kind, base::ErrorKind::usage);
}

}  // namespace
}  // namespace gantry::muster

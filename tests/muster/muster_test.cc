#include "muster/muster.h"

#include "muster/connection.h"
#include "support/nats_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace gantry::muster {
namespace {

using std::chrono::seconds;

// A busy machine may do much else first.
constexpr seconds kPatience{30};

Member member(std::string name, std::string process = "p", std::string purpose = "any") {
  return {.name = std::move(name), .process = std::move(process), .purpose = std::move(purpose)};
}

bool becomes_complete(Roll& roll) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    const base::Result<bool> is_complete = roll.is_complete();
    EXPECT_TRUE(is_complete) << is_complete.error().message;
    if (!is_complete || *is_complete) return is_complete.has_value();
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

class Muster : public testing::Test {
 protected:
  Place place(std::string name) const { return {nats_.url(), std::move(name)}; }
  std::unique_ptr<Roll> join(const Place& at, const std::string& name, std::size_t count) const {
    return join(at, member(name, "p" + name), count);
  }
  std::unique_ptr<Roll> join(const Place& at, const Member& own, std::size_t count) const {
    auto roll = Roll::join(at, own, {.count = count});
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
    EXPECT_FALSE(*first->is_complete() || *second->is_complete() || *other->is_complete());
  EXPECT_EQ(first->present(), 2U);
  EXPECT_EQ(other->present(), 1U);
  const auto last = join(place("three"), "2", 3);
  EXPECT_TRUE(becomes_complete(*last));
  EXPECT_TRUE(becomes_complete(*first));
  EXPECT_TRUE(becomes_complete(*second));
  EXPECT_FALSE(*other->is_complete());
  EXPECT_EQ(first->id(), last->id());
  EXPECT_EQ(second->id(), last->id());
}

TEST_F(Muster, CountsOneThatComesAgainOnce) {
  const auto first = join(place("again"), "0", 3);
  {
    const auto ended = join(place("again"), member("1", "p1"), 3);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(*ended->is_complete());
  }
  const auto again = join(place("again"), member("1", "p2"), 3);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while ((first->present() < 2 || again->present() < 2) && std::chrono::steady_clock::now() < until)
    EXPECT_FALSE(*first->is_complete() || *again->is_complete());
  EXPECT_EQ(first->present(), 2U);
  const auto last = join(place("again"), "2", 3);
  EXPECT_TRUE(becomes_complete(*last) && becomes_complete(*first) && becomes_complete(*again));
  EXPECT_EQ(again->id(), first->id());
}

// Until it says so.
std::string refusal(Roll& roll, Roll& other) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < until) {
    if (const auto is_complete = roll.is_complete(); !is_complete) return is_complete.error().message;
    static_cast<void>(other.is_complete());  // announces it
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return "none";
}

TEST_F(Muster, SaysThatTwoHaveOneName) {
  const auto first = join(place("twins"), member("0", "p1"), 3);
  const auto second = join(place("twins"), member("0", "p2"), 3);
  EXPECT_EQ(refusal(*first, *second), "another process is member 0 of gantry.twins.roll too");
  EXPECT_EQ(refusal(*second, *first), "another process is member 0 of gantry.twins.roll too");
}

// Who joins and dies is no member: the others wait for another.
TEST_F(Muster, ForgetsWhoFallsSilent) {
  constexpr Awaited kThree{.count = 3, .silence_max = std::chrono::milliseconds(300)};
  const auto first = Roll::join(place("dead"), member("0", "p0"), kThree);
  ASSERT_TRUE(first) << first.error().message;
  // Until the first sees so many, while both of them, or it alone, say that they are there.
  const auto shows = [&](std::size_t many, Roll* other) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    for (bool is_so = false; !is_so && std::chrono::steady_clock::now() < until; is_so = (*first)->present() == many) {
      EXPECT_FALSE((*first)->is_complete().value_or(true));
      if (other) {
        EXPECT_FALSE(other->is_complete().value_or(true));
      }
    }
    return std::chrono::steady_clock::now() < until;
  };
  {
    const auto dead = Roll::join(place("dead"), member("1", "p1"), kThree);
    ASSERT_TRUE(dead) << dead.error().message;
    EXPECT_TRUE(shows(2, dead->get()));
  }
  EXPECT_TRUE(shows(1, nullptr));
  const auto last = Roll::join(place("dead"), member("2", "p2"), kThree);
  ASSERT_TRUE(last) << last.error().message;
  EXPECT_TRUE(shows(2, last->get()));
}

TEST_F(Muster, WaitsForWhoCollects) {
  const auto roll = Roll::join(place("late"), member("0", "p0"), {.count = 1, .has_collector = true});
  ASSERT_TRUE(roll) << roll.error().message;
  EXPECT_FALSE((*roll)->is_complete().value_or(true));
  EXPECT_FALSE((*roll)->is_collected());
  std::jthread handing([&] {
    EXPECT_TRUE(becomes_complete(**roll));
    EXPECT_TRUE(hand_in(place("late"), member("0", "p0"), "new", {.wait = kPatience, .run = (*roll)->id()}));
  });
  // What is left of other runs, whole each.
  std::atomic<bool> is_over = false;
  std::jthread old([&] {
    EXPECT_FALSE(hand_in(place("late"), member("0", "old"), "old",
                         {.wait = kPatience, .is_stopped = [&] { return is_over.load(); }, .run = "0123"}));
  });
  const auto all = collect(place("late"), {.count = 1, .wait = kPatience, .process = "c"});
  is_over = true;
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->by_member, (std::map<std::string, std::string>{{"0", "new"}}));
}

// Members of an earlier run that have not ended yet answer whoever comes.
TEST_F(Muster, IsNotMistakenForAMemberOfAnEarlierRun) {
  const auto roll = Roll::join(place("earlier"), member("0", "p0"), {.count = 2, .has_collector = true});
  ASSERT_TRUE(roll) << roll.error().message;
  const auto speaker = connect(place("earlier"));
  ASSERT_TRUE(speaker) << speaker.error().message;
  const auto say = [&](const char* word) {
    EXPECT_EQ(natsConnection_PublishString(speaker->get(), "gantry.earlier.roll", word), NATS_OK);
  };
  for (const char* word : {"go any c1 0 old 1 p1", "go any c1 2 old 1 p1", "collects c2"}) say(word);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!(*roll)->is_collected() && std::chrono::steady_clock::now() < until)
    EXPECT_FALSE((*roll)->is_complete().value_or(true));
  say("go any c2 0 other 1 p1");
  EXPECT_EQ(refusal(**roll, **roll), "another process is member 0 of gantry.earlier.roll too");
}

TEST_F(Muster, DoesNotCountWhoComesForSomethingElse) {
  const auto first = join(place("odd"), member("0", "p0", "one"), 2);
  const auto other = join(place("odd"), member("1", "p1", "two"), 2);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while ((first->strangers().empty() || other->strangers().empty()) && std::chrono::steady_clock::now() < until)
    EXPECT_FALSE(*first->is_complete() || *other->is_complete());
  EXPECT_EQ(first->strangers(), std::vector<std::string>{"1"});
  EXPECT_EQ(other->strangers(), std::vector<std::string>{"0"});
}

TEST_F(Muster, LeavesOutWhoWasNotAwaited) {
  const auto roll = join(place("full"), "2", 2);
  const auto others = connect(place("full"));
  ASSERT_TRUE(others) << others.error().message;
  ASSERT_EQ(natsConnection_PublishString(others->get(), "gantry.full.roll", "go any - 0 p0 1 p1"), NATS_OK);
  EXPECT_EQ(refusal(*roll, *roll), "the others of gantry.full.roll have begun without this one");
}

// Words of nobody, and of a run before: none of them starts anybody.
TEST_F(Muster, HearsNoStrayWord) {
  const auto roll = join(place("stray"), member("0", "p0", "one"), 2);
  const auto speaker = connect(place("stray"));
  ASSERT_TRUE(speaker) << speaker.error().message;
  for (const char* const word :
       {"go", "go one", "go one -", "go one - 0 old 1 p1", "go two - 0 p0 1 p1", "go one - 0 p0", "go one c 0 p0 1 p1",
        "go one - 0 p0 1", "go one - 0 p0 1 p1 1 p2", "here", "here 1", "here 1 p1 two", "go one - 0 p0 1 p1 2 p2",
        "go one - 0 p0 1 p*", "collects", "collects c"})
    ASSERT_EQ(natsConnection_PublishString(speaker->get(), "gantry.stray.roll", word), NATS_OK);
  ASSERT_EQ(natsConnection_PublishString(speaker->get(), "gantry.stray.roll", "here 2 p2 three"), NATS_OK);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  // The last word names another stranger: all before it have been heard.
  while (roll->strangers().size() < 2 && std::chrono::steady_clock::now() < until)
    EXPECT_FALSE(roll->is_complete().value_or(false));
  EXPECT_EQ(roll->present(), 1U);
  EXPECT_EQ(roll->id(), "");
}

TEST_F(Muster, OfOneNeedsNobody) { EXPECT_TRUE(*join(place("one"), "0", 1)->is_complete()); }

TEST_F(Muster, HandsInWhatIsLargerThanAMessage) {
  const std::string large(3'000'000, 'x');
  std::vector<std::jthread> members;
  std::atomic<int> handed = 0;
  for (int i = 0; i < 3; ++i)
    members.emplace_back([&, i] {
      const auto done =
          hand_in(place("sum"), member(fmt::to_string(i)), fmt::format("{}{}", i, i == 1 ? large : ""), {kPatience});
      if (done) ++handed;
    });
  const auto all = collect(place("sum"), {.count = 3, .wait = kPatience});
  members.clear();
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(handed, 3);
  EXPECT_EQ(all->by_member.at("0"), "0");
  EXPECT_EQ(all->by_member.at("1"), "1" + large);
  EXPECT_EQ(all->by_member.at("2"), "2");
}

TEST_F(Muster, GivesWhatCameBeforeItWasToStop) {
  std::jthread one([&] { static_cast<void>(hand_in(place("few"), member("7"), "x", {kPatience})); });
  std::atomic<bool> is_stopped = false;
  std::jthread stopper([&] {
    one.join();
    is_stopped = true;
  });
  const auto all =
      collect(place("few"), {.count = 2, .wait = kPatience, .is_stopped = [&] { return is_stopped.load(); }});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->by_member, (std::map<std::string, std::string>{{"7", "x"}}));
}

TEST_F(Muster, StopsCollectingOnceThereIsEnough) {
  std::jthread one([&] { static_cast<void>(hand_in(place("enough"), member("7"), "failed", {kPatience})); });
  const auto all = collect(place("enough"), {.count = 2, .wait = kPatience, .look = [](auto, auto bytes) {
                                               return bytes == "failed" ? Use::enough : Use::part;
                                             }});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->by_member.size(), 1U);
}

TEST_F(Muster, CollectsOneRunOfSeveral) {
  std::jthread members([&] {
    for (const auto& [name, process, run] :
         {std::array{"0", "p0", "old"}, {"0", "p1", "new"}, {"2", "p2", "older"}, {"1", "p3", "new"}})
      EXPECT_TRUE(hand_in(place("runs"), member(name, process), run, {.wait = kPatience, .run = run}));
  });
  const auto all = collect(place("runs"), {.count = 2, .wait = kPatience});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->by_member, (std::map<std::string, std::string>{{"0", "new"}, {"1", "new"}}));
  EXPECT_EQ(all->twice, std::set<std::string>{});
  EXPECT_EQ(all->strangers, (std::set<std::string>{"0", "2"}));
}

// A piece that nobody has begun, and bytes that are of no use, take the place of no member.
TEST_F(Muster, GivesNoPlaceToWhatIsOfNoUse) {
  std::string refusal;
  std::jthread members([&] {
    const auto speaker = connect(place("stray"));
    ASSERT_TRUE(speaker) << speaker.error().message;
    const auto bad = hand_in(place("stray"), member("8"), "bad", {kPatience});
    if (!bad) refusal = bad.error().message;
    natsMsg* none = nullptr;
    const std::string piece = "1 2 p -\nrest";
    EXPECT_NE(natsConnection_Request(&none, speaker->get(), "gantry.stray.summary.9", piece.data(),
                                     static_cast<int>(piece.size()), 1),
              NATS_OK);
    EXPECT_TRUE(hand_in(place("stray"), member("0"), "good", {kPatience}));
  });
  const auto all =
      collect(place("stray"), {.count = 1, .wait = kPatience, .look = [](std::string_view, std::string_view bytes) {
                                 return bytes == "bad" ? Use::none : Use::part;
                               }});
  members.join();
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->by_member, (std::map<std::string, std::string>{{"0", "good"}}));
  EXPECT_TRUE(refusal.ends_with("/stray cannot read the summary")) << refusal;
}

TEST_F(Muster, KeepsTheFirstOfTwoOfOneName) {
  std::string refusal;
  std::jthread members([&] {
    EXPECT_TRUE(hand_in(place("pair"), member("0", "p1"), "first", {kPatience}));
    const auto second = hand_in(place("pair"), member("0", "p2"), "second", {kPatience});
    if (!second) refusal = second.error().message;
    EXPECT_TRUE(hand_in(place("pair"), member("1", "p3"), "other", {kPatience}));
  });
  const auto all = collect(place("pair"), {.count = 2, .wait = kPatience});
  members.join();
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->by_member.at("0"), "first");
  EXPECT_EQ(all->twice, std::set<std::string>{"0"});
  EXPECT_TRUE(refusal.starts_with("another process has handed in as member 0 at nats://")) << refusal;
}

TEST_F(Muster, SaysThatNobodyTookIt) {
  const auto nobody = hand_in(place("nobody"), member("0"), "x", {seconds(0)});
  ASSERT_FALSE(nobody);
  EXPECT_TRUE(nobody.error().message.starts_with("nobody took the summary at nats://")) << nobody.error().message;
  EXPECT_TRUE(nobody.error().message.ends_with("within 0 s")) << nobody.error().message;
  const auto stopped = hand_in(place("nobody"), member("0"), "x", {kPatience, [] { return true; }});
  ASSERT_FALSE(stopped);
  EXPECT_TRUE(stopped.error().message.ends_with("before this was to stop")) << stopped.error().message;
}

// What was measured is not given up because a server begins anew.
TEST(MusterWithoutAServer, HandsInOnceThereIsOne) {
  const std::string url = test::NatsServer().url();
  std::jthread handing([&] {
    EXPECT_TRUE(hand_in({url, "late"}, member("0"), "x", {.wait = kPatience, .waits_for_server = true}));
  });
  const test::NatsServer nats(url);
  const auto all = collect({url, "late"}, {.count = 1, .wait = kPatience});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->by_member, (std::map<std::string, std::string>{{"0", "x"}}));
}

TEST(MusterWithoutAServer, SaysWhyItCannotHandIn) {
  const Place nowhere{"nats://127.0.0.1:1", "x"};
  for (const bool waits : {false, true}) {
    const auto done = hand_in(nowhere, member("0"), "x", {.wait = seconds(0), .waits_for_server = waits});
    ASSERT_FALSE(done);
    EXPECT_TRUE(done.error().message.starts_with("NATS at nats://127.0.0.1:1: ")) << done.error().message;
  }
}

TEST(MusterWithoutAServer, SaysWhere) {
  const auto roll = Roll::join({"nats://user:secret@127.0.0.1:1", "x"}, member("0"), {.count = 2});
  ASSERT_FALSE(roll);
  EXPECT_TRUE(roll.error().message.starts_with("NATS at nats://127.0.0.1:1: ")) << roll.error().message;
  const auto unnamed = Roll::join({"nats://127.0.0.1:1", "x"}, member("a.b"), {.count = 2});
  ASSERT_FALSE(unnamed);
  EXPECT_EQ(unnamed.error().kind, base::ErrorKind::usage);
}

}  // namespace
}  // namespace gantry::muster

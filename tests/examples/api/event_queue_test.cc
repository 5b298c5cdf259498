#include "api/event_queue.h"

#include <gtest/gtest.h>

namespace kgents {
namespace {

Event event(char id) { return {.id = std::string(1, id), .subject = {}, .body = {}}; }

// A story in letters: a small letter is pushed; '1' and '2' take so many; '+' confirms them, '-' gives them back.
struct Case {
  const char* what;
  const char* story;
  const char* taken;  // all that were taken, in order
  std::size_t depth;
  std::uint64_t dropped;
};
constexpr Case kCases[] = {
    {"first in, first out", "abc1+1+1+", "abc", 0, 0},
    {"nothing waits, nothing is taken", "1+", "", 0, 0},
    {"what was given back comes first again", "ab1-1+1+", "aab", 0, 0},
    {"a batch is as large as there is", "abc2+2+", "abc", 0, 0},
    {"a batch goes back in its order", "abc2-2+1+", "ababc", 0, 0},
    {"what is being sent still waits", "ab1", "a", 2, 0},
    {"full: the oldest goes", "abcdef1+1+", "cd", 2, 2},
    {"full while sending: the oldest that is not being sent goes", "abcd1ef+1+1+1+", "adef", 0, 2},
    {"given back to a full queue, it stays", "abcd1e-1+1+1+1+", "aacde", 0, 1},
    {"full of what is being sent, and nothing else", "abcd2ef-2+2+", "ababef", 0, 2},
};

TEST(EventQueue, TellsEachStory) {
  for (const Case& c : kCases) {
    EventQueue queue(4);
    std::string taken;
    std::vector<Event> batch;
    for (const char* step = c.story; *step != '\0'; ++step) {
      if (*step == '1' || *step == '2') {
        batch = queue.take(static_cast<std::size_t>(*step - '0'));
        for (const Event& e : batch) taken += e.id;
      } else if (*step == '+') {
        queue.confirm();
      } else if (*step == '-') {
        queue.give_back(std::move(batch));
      } else {
        queue.push(event(*step));
      }
      ASSERT_LE(queue.depth(), 4U) << c.what;
    }
    EXPECT_EQ(taken, c.taken) << c.what;
    EXPECT_EQ(queue.depth(), c.depth) << c.what;
    EXPECT_EQ(queue.dropped(), c.dropped) << c.what;
  }
}

TEST(EventQueue, EverythingPushedIsTakenOrDropped) {
  EventQueue queue(1'000);
  for (int i = 0; i < 2'500; ++i) queue.push({.id = std::to_string(i), .subject = {}, .body = {}});
  EXPECT_EQ(queue.depth(), 1'000U);
  EXPECT_EQ(queue.dropped(), 1'500U);
  const std::vector<Event> rest = queue.take(2'000);
  ASSERT_EQ(rest.size(), 1'000U);
  EXPECT_EQ(rest.front().id, "1500");
  EXPECT_EQ(rest.back().id, "2499");
}

}  // namespace
}  // namespace kgents

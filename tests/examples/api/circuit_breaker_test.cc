#include "api/circuit_breaker.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace kgents {
namespace {

using std::chrono::seconds;

// A story is told in letters, one second apart: 's' an attempt that succeeds, 'f' one that fails, 'n' an attempt that must not
// be admitted, '.' nothing. After it, the breaker must be in that state.
struct Case {
  const char* what;
  std::string story;
  CircuitState state;
};

const std::string kHalfMinute(29, 'n');

const Case kCases[] = {
    {"starts closed", "", CircuitState::closed},
    {"four failures are too few", "ffff", CircuitState::closed},
    {"five in a row open it", "fffff", CircuitState::open},
    {"a success between starts the count anew", "ffffsffff", CircuitState::closed},
    {"open, it admits nothing for 30 s", "fffff" + kHalfMinute, CircuitState::open},
    {"then one trial, which closes it", "fffff" + kHalfMinute + "s", CircuitState::closed},
    {"a trial that fails opens it again at once", "fffff" + kHalfMinute + "f", CircuitState::open},
    {"for another 30 s", "fffff" + kHalfMinute + "f" + kHalfMinute + "s", CircuitState::closed},
    {"closed by a trial, it takes five failures again", "fffff" + kHalfMinute + "sffff", CircuitState::closed},
    {"five after a trial open it", "fffff" + kHalfMinute + "sfffff", CircuitState::open},
};

TEST(CircuitBreaker, TellsEachStory) {
  for (const Case& c : kCases) {
    CircuitBreaker breaker(CircuitBreaker::Options{});
    CircuitBreaker::Time now{};
    for (std::size_t i = 0; i < c.story.size(); ++i, now += seconds(1)) {
      const char step = c.story[i];
      if (step == '.') continue;
      const bool admitted = breaker.admit(now);
      ASSERT_EQ(admitted, step != 'n') << c.what << ": step " << i << " of " << c.story;
      if (step == 's') breaker.succeeded();
      if (step == 'f') breaker.failed(now);
    }
    EXPECT_EQ(breaker.state(), c.state) << c.what;
  }
}

TEST(CircuitBreaker, HalfOpenAdmitsOnlyOne) {
  CircuitBreaker breaker({.failures_max = 1, .open_time = seconds(30)});
  CircuitBreaker::Time now{};
  ASSERT_TRUE(breaker.admit(now));
  breaker.failed(now);
  EXPECT_EQ(breaker.trial_at(), now + seconds(30));
  now += seconds(30);
  EXPECT_TRUE(breaker.admit(now));
  EXPECT_EQ(breaker.state(), CircuitState::half_open);
  EXPECT_FALSE(breaker.admit(now));
  EXPECT_FALSE(breaker.admit(now + seconds(60)));
}

TEST(CircuitBreaker, StatesAreTheNumbersOfTheMetric) {
  EXPECT_EQ(static_cast<int>(CircuitState::closed), 0);
  EXPECT_EQ(static_cast<int>(CircuitState::open), 1);
  EXPECT_EQ(static_cast<int>(CircuitState::half_open), 2);
}

}  // namespace
}  // namespace kgents

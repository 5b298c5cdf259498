// A server whose delays are scripted, in made-up time: what is reported of it is what it did.

#include "load/measure/response_times.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <random>
#include <string_view>
#include <vector>

namespace gantry::load {
namespace {

using namespace std::chrono_literals;
using Time = ResponseTimes::Time;
using Turn = ResponseTimes::Turn;

// When what is sent at a time is answered.
using Server = std::function<Time(Time sent)>;

// Answers in 1.5 ms, but does nothing for a second in the middle of four.
Time freezing(Time sent) { return sent >= 1500ms && sent < 2500ms ? Time(2500ms) + 1500us : sent + 1500us; }

struct Loop {
  std::size_t vus = 5;
  Time think{0};
  int requests = 1;  // of an iteration
  int row = 0;       // of iterations, after which a VU waits for its turn behind the others; 0 for no such wait
  Time kept{0};      // that wait
  Time length = 4s;
};

// VUs that ask again once they have their answers.
ResponseTimes play(const Loop& loop, const Server& server) {
  ResponseTimes responses(ResponseTimes::Model::closed);
  std::vector<Turn> turns(loop.vus);
  using Next = std::pair<Time, std::size_t>;  // a VU begins an iteration, or ends it
  std::priority_queue<Next, std::vector<Next>, std::greater<>> next;
  std::vector<bool> is_ending(loop.vus);
  std::vector<int> iterations(loop.vus);
  for (std::size_t vu = 0; vu < loop.vus; ++vu) next.emplace(Time(100us * vu), vu);
  for (; !next.empty() && next.top().first < loop.length; next.pop()) {
    const auto [now, vu] = next.top();
    Turn& turn = turns[vu];
    if (is_ending[vu]) responses.end(turn, now, loop.vus, ResponseTimes::Ended::whole);
    responses.begin(turn, now, now);
    Time at = now;
    for (int i = 0; i < loop.requests; ++i) {
      const Time answered = server(at);
      responses.answer(turn, at, answered);
      at = answered;
    }
    is_ending[vu] = true;
    // The order of the queue must not change under its top.
    const bool is_kept = loop.row > 0 && ++iterations[vu] % loop.row == 0;
    next.emplace(at + loop.think + (is_kept ? loop.kept : Time(0)), vu);
  }
  return responses;
}

struct Arrival {
  std::size_t vus = 5;
  Time every = 10ms;
  Time late{0};  // each iteration
  Time length = 4s;
};

// Iterations begin by the clock, where a VU is free.
ResponseTimes play(const Arrival& arrival, const Server& server) {
  ResponseTimes responses(ResponseTimes::Model::open);
  std::vector<Turn> turns(arrival.vus);
  std::priority_queue<Time, std::vector<Time>, std::greater<>> busy;
  for (Time due{0}; due <= arrival.length; due += arrival.every) {
    for (; !busy.empty() && busy.top() <= due; busy.pop()) responses.free(busy.top());
    if (busy.size() == arrival.vus) {
      responses.drop(due);
      continue;
    }
    Turn& turn = turns[busy.size()];
    responses.begin(turn, due, due + arrival.late);
    const Time answered = server(due + arrival.late);
    responses.answer(turn, due + arrival.late, answered);
    responses.end(turn, answered, busy.size() + 1, ResponseTimes::Ended::whole);
    busy.push(answered);
  }
  if (!busy.empty()) responses.free(busy.top());
  return responses;
}

// A quarter of all moments lies in the freeze: who comes at one of the 19 out of 20 best waits 800 ms at most (k6 reference, §19.2).
TEST(ResponseTimes, ShowAFreezeWhateverTheSetUp) {
  struct Case {
    std::string_view name;
    ResponseTimes responses;
    double measured_p95_most;
  };
  const Case cases[] = {
      {"a closed loop", play(Loop{}, freezing), 2},
      {"a closed loop with think time", play(Loop{.vus = 50, .think = 100ms}, freezing), 1000},
      {"a closed loop of several requests", play(Loop{.requests = 4}, freezing), 2},
      {"too few VUs", play(Arrival{.vus = 5}, freezing), 2},
      {"enough VUs", play(Arrival{.vus = 150}, freezing), 810},
  };
  for (const Case& c : cases) {
    EXPECT_NEAR(c.responses.corrected().percentile(95), 800, 25) << c.name;
    EXPECT_NEAR(c.responses.corrected().max(), 1001.5, 30) << c.name;
    EXPECT_LE(c.responses.totals().percentile(95), c.measured_p95_most) << c.name;
  }
  EXPECT_GT(cases[0].responses.unasked(), 2500U);
  EXPECT_EQ(cases[3].responses.dropped(), 96U);
  EXPECT_EQ(cases[4].responses.dropped(), 0U);
}

TEST(ResponseTimes, AddNothingWhereNothingStandsStill) {
  std::mt19937_64 random(7);
  std::exponential_distribution<double> spread(1);
  const Server steady = [](Time sent) { return sent + 2ms; };
  // One in ten takes fifty times as long; the other VUs go on.
  const Server mixed = [&](Time sent) { return sent + (random() % 10 == 0 ? 100ms : 2ms); };
  // One in two hundred takes very long.
  const Server rare = [&](Time sent) { return sent + (random() % 200 == 0 ? 400ms : 2ms); };
  const Server wide = [&](Time sent) {
    return sent + std::chrono::microseconds(static_cast<int>(3000 * spread(random)));
  };
  struct Case {
    std::string_view name;
    Server server;
    Loop loop;
    double share;  // of what was asked, at most
  };
  const Case cases[] = {{"steady", steady, {}, 0},
                        {"mixed", mixed, {}, 0.02},
                        {"mixed, one VU", mixed, {.vus = 1}, 0.02},
                        {"rare, many VUs", rare, {.vus = 20, .length = 20s}, 0.05},
                        {"wide", wide, {}, 0.02},
                        {"wide, with think time", wide, {.vus = 20, .think = 50ms}, 0.02},
                        // A generator at its limit, where VUs wait for their turn.
                        {"steady, in rows", steady, {.vus = 200, .row = 16, .kept = 400ms}, 0},
                        {"wide, in rows", wide, {.vus = 200, .row = 16, .kept = 400ms}, 0.02}};
  for (const Case& c : cases) {
    const ResponseTimes responses = play(c.loop, c.server);
    EXPECT_LE(static_cast<double>(responses.unasked()), c.share * static_cast<double>(responses.totals().count()))
        << c.name;
  }
}

// Every percentile is within 0.1 % and 50 µs of what the server did.
TEST(ResponseTimes, HaveThePercentilesOfTheirServer) {
  std::mt19937_64 random(5);
  std::lognormal_distribution<double> spread(1, 1.5);
  std::vector<double> done;
  const Server server = [&](Time sent) {
    const Time took(static_cast<std::int64_t>(1e6 * std::min(spread(random), 5000.0)));
    done.push_back(static_cast<double>(took.count()) / 1e6);
    return sent + took;
  };
  const ResponseTimes responses = play(Arrival{.vus = 10'000, .every = 50us, .length = 10s}, server);
  ASSERT_EQ(responses.dropped(), 0U);
  std::ranges::sort(done);
  for (const double percent : {0.0, 10.0, 50.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0}) {
    const double place = percent / 100 * static_cast<double>(done.size() - 1);
    const auto low = static_cast<std::size_t>(place);
    const double exact = std::lerp(done[low], done[std::min(low + 1, done.size() - 1)], place - std::floor(place));
    EXPECT_NEAR(responses.corrected().percentile(percent), exact, 0.001 * exact + 0.05) << percent;
    EXPECT_NEAR(responses.totals().percentile(percent), exact, 0.001 * exact + 0.05) << percent;
  }
}

TEST(ResponseTimes, CountALateStart) {
  const Server steady = [](Time sent) { return sent + 2ms; };
  const ResponseTimes responses = play(Arrival{.vus = 50, .late = 30ms}, steady);
  EXPECT_NEAR(responses.corrected().percentile(50), 32, 0.1);
  EXPECT_NEAR(responses.totals().percentile(50), 2, 0.1);
}

// Only the first request of an iteration was due at a time.
TEST(ResponseTimes, CountTheRequestsBehindTheFirstFromWhenTheyWereSent) {
  ResponseTimes responses(ResponseTimes::Model::open);
  Turn turn;
  responses.begin(turn, 100ms, 150ms);
  responses.answer(turn, 150ms, 155ms);
  responses.answer(turn, 155ms, 160ms);
  responses.end(turn, 160ms, 1, ResponseTimes::Ended::whole);
  EXPECT_EQ(responses.corrected().max(), 55);
  EXPECT_EQ(responses.corrected().min(), 5);
}

TEST(ResponseTimes, CountWhatWasCutOff) {
  ResponseTimes responses(ResponseTimes::Model::open);
  Turn turn;
  responses.begin(turn, 0ms, 0ms);
  responses.drop(10ms);
  responses.end(turn, 2s, 1, ResponseTimes::Ended::cut_off);
  responses.free(2s);
  EXPECT_EQ(responses.corrected().count(), 2U);
  EXPECT_EQ(responses.corrected().max(), 2000);
  EXPECT_EQ(responses.corrected().min(), 1990);
}

// Two that are out at once, in whatever order they end; one behind the other; and one that all others are within.
TEST(ResponseTimes, CountTheTimeThatAnythingWasOut) {
  struct Case {
    std::vector<std::pair<Time, Time>> out;
    Time waited;
  };
  const Case cases[] = {{{{0ms, 100ms}, {0ms, 100ms}}, 100ms},       {{{0ms, 100ms}, {50ms, 150ms}}, 150ms},
                        {{{0ms, 100ms}, {100ms, 150ms}}, 150ms},     {{{0ms, 100ms}, {120ms, 150ms}}, 130ms},
                        {{{1900ms, 1950ms}, {0ms, 2000ms}}, 2000ms}, {{{1900ms, 1950ms}, {0ms, 1930ms}}, 1950ms}};
  for (const Case& c : cases) {
    ResponseTimes responses(ResponseTimes::Model::closed);
    Turn turn;
    responses.begin(turn, 0ms, 0ms);
    for (const auto& [asked, answered] : c.out) responses.answer(turn, asked, answered);
    EXPECT_EQ(turn.waited, c.waited);
  }
}

// While each VU asks every 2 ms, all wait for a second, three requests of one at the same time, and one of them has no answer at the end.
TEST(ResponseTimes, CountEachMomentOfAWaitOnce) {
  ResponseTimes responses(ResponseTimes::Model::closed);
  Turn turn;
  Time now{0};
  const auto ask = [&](Time took) {
    for (int i = 0; i < 3; ++i) responses.answer(turn, now, now + took);
  };
  for (int i = 0; i < 1000; ++i, now += 2ms) {
    responses.begin(turn, now, now);
    ask(2ms);
    responses.end(turn, now + 2ms, 1, ResponseTimes::Ended::whole);
  }
  responses.begin(turn, now, now);
  for (int i = 0; i < 2; ++i) responses.answer(turn, now, now + 1s);
  responses.give_up(turn, now, now + 1s);
  responses.end(turn, now + 1s, 1, ResponseTimes::Ended::cut_off);
  EXPECT_NEAR(static_cast<double>(responses.unasked()), 1500, 15);
  EXPECT_NEAR(responses.corrected().max(), 1000, 2);
}

// Cut off while it had its answer: there is nothing to say of the target.
TEST(ResponseTimes, HoldNothingAgainstATargetThatWasNotAsked) {
  ResponseTimes responses(ResponseTimes::Model::closed);
  Turn turn;
  Time now{0};
  for (int i = 0; i < 1000; ++i, now += 2ms) {
    responses.begin(turn, now, now);
    responses.answer(turn, now, now + 1ms);
    responses.end(turn, now + 2ms, 1, ResponseTimes::Ended::whole);
  }
  responses.begin(turn, now, now);
  responses.answer(turn, now, now + 1ms);
  responses.end(turn, now + 1s, 1, ResponseTimes::Ended::cut_off);
  EXPECT_EQ(responses.unasked(), 0U);
  EXPECT_LE(responses.corrected().max(), 1.01);
}

TEST(ResponseTimes, KeepAnyNumberOfArrivalsThatWait) {
  ResponseTimes responses(ResponseTimes::Model::open);
  constexpr int kArrivals = 100'000;
  for (int i = 0; i < kArrivals; ++i) responses.drop(i * 10us);
  responses.free(1s);
  EXPECT_EQ(responses.corrected().count(), static_cast<std::uint64_t>(kArrivals));
  EXPECT_NEAR(responses.corrected().percentile(50), 500, 2);
  EXPECT_NEAR(responses.corrected().percentile(95), 950, 2);
}

}  // namespace
}  // namespace gantry::load

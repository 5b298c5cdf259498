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
  Time before{0};    // what the script does before each request
  Time think{0};     // and behind the last
  int requests = 1;  // of an iteration
  int row = 0;       // of iterations, after which a VU waits for its turn behind the others; 0 for no such wait
  Time kept{0};      // that wait
  Time length = 4s;

  // Where an answer takes no time.
  Time cycle() const { return requests * before + think; }
};

// VUs that ask again once they have their answers.
class Loops {
 public:
  Loops(const Loop& loop, Server server) : loop_(loop), server_(std::move(server)), users_(loop.vus) {
    // Evenly, as those do that have run for a while.
    for (std::size_t vu = 0; vu < loop.vus; ++vu) next_.emplace((loop.cycle() + 2ms) / loop.vus * vu, vu);
  }

  ResponseTimes play() {
    for (; next_.top().first < loop_.length; next_.pop()) {
      const auto [now, vu] = next_.top();
      // The order of the queue must not change under its top: each step is behind this one.
      next_.emplace(step(users_[vu], now), vu);
    }
    return std::move(responses_);
  }

 private:
  enum class Step { begins, asks, has_answer, ends };
  struct User {
    Turn turn = {};
    Step step = Step::begins;
    Time asked{0};
    int answers = 0;
    int iterations = 0;
  };

  // When it takes its next one.
  Time step(User& user, Time now) {
    switch (user.step) {
      case Step::begins:
        responses_.begin(user.turn, now, now);
        user.answers = 0;
        user.step = Step::asks;
        return now + loop_.before;
      case Step::asks:
        user.asked = now;
        user.step = Step::has_answer;
        return server_(now);
      case Step::has_answer:
        responses_.answer(user.turn, user.asked, now);
        user.step = ++user.answers < loop_.requests ? Step::asks : Step::ends;
        return now + (user.step == Step::asks ? loop_.before : loop_.think + (is_kept(user) ? loop_.kept : Time(0)));
      case Step::ends:
        responses_.end(user.turn, now, loop_.vus, ResponseTimes::Ended::whole);
        user.step = Step::begins;
        return now;
    }
    return now;
  }
  bool is_kept(User& user) const { return loop_.row > 0 && ++user.iterations % loop_.row == 0; }

  Loop loop_;
  Server server_;
  ResponseTimes responses_ = ResponseTimes(ResponseTimes::Model::closed);
  std::vector<User> users_;
  using Next = std::pair<Time, std::size_t>;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> next_ = {};
};

ResponseTimes play(const Loop& loop, const Server& server) { return Loops(loop, server).play(); }

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

// What people at the pace of the VUs would have seen, one request after the other.
TrendSink ask_at_a_steady_pace(const Loop& loop, const Server& server) {
  TrendSink seen;
  const Time every = (loop.cycle() / loop.requests + 2ms) / static_cast<Time::rep>(loop.vus);
  for (Time at{0}; at < loop.length; at += every)
    seen.add(std::chrono::duration<double, std::milli>(server(at) - at).count());
  return seen;
}

double share_above(const TrendSink& sink, double ms) {
  double percent = 100;
  while (percent > 0 && sink.percentile(percent) > ms) percent -= 0.01;
  return 100 - percent;
}

// Stalls of one to ten cycles, wherever in an iteration the script does what takes it long. A stall of two or three was seen half before, since
// who came in while a VU computed, or when the stall began, was taken for others going on.
TEST(ResponseTimes, ShowAShortStallToThoseWhoComputeLong) {
  struct Case {
    std::string_view name;
    Loop loop;
  };
  const Case cases[] = {
      {"before it asks", {.vus = 20, .before = 100ms, .length = 40s}},
      {"behind the answer", {.vus = 20, .think = 100ms, .length = 40s}},
      {"between requests", {.vus = 20, .before = 30ms, .think = 30ms, .requests = 3, .length = 40s}},
      {"long before it asks", {.vus = 20, .before = 300ms, .length = 40s}},
      {"long behind the answer", {.vus = 20, .think = 300ms, .length = 40s}},
      {"one VU", {.vus = 1, .before = 100ms, .length = 40s}},
      {"in a long journey", {.vus = 20, .before = 100ms, .requests = 10, .length = 40s}},
  };
  for (const Case& c : cases)
    for (const Time stall : {200ms, 250ms, 400ms, 750ms, 1000ms, 3000ms}) {
      const Server server = [stall](Time sent) {
        return (sent >= 20s && sent < 20s + stall ? 20s + stall : sent) + 2ms;
      };
      const ResponseTimes responses = play(c.loop, server);
      const TrendSink truth = ask_at_a_steady_pace(c.loop, server);
      const double stalled = share_above(truth, 10);
      EXPECT_NEAR(share_above(responses.corrected(), 10), stalled, 0.1 * stalled) << c.name << " " << stall.count();
      const double middle = 100 - stalled / 2;  // of those who met the stall
      EXPECT_NEAR(responses.corrected().percentile(middle), truth.percentile(middle), 0.12 * truth.max())
          << c.name << " " << stall.count();
    }
}

// A server that goes on, but slowly, for an eighth of the time: however a script is cut into iterations.
TEST(ResponseTimes, ShowACrawlHoweverIterationsAreCut) {
  for (const int requests : {1, 5, 20})
    for (const Time took : {90ms, 1000ms}) {
      const Server crawling = [took](Time sent) { return sent + (sent >= 20s && sent < 25s ? took : Time(2ms)); };
      const Loop loop{.vus = 10, .before = 20ms, .requests = requests, .length = 40s};
      const ResponseTimes responses = play(loop, crawling);
      const TrendSink truth = ask_at_a_steady_pace(loop, crawling);
      EXPECT_GE(share_above(responses.corrected(), 10), 0.6 * share_above(truth, 10))
          << requests << " " << took.count();
      EXPECT_LE(share_above(responses.corrected(), 10), 1.1 * share_above(truth, 10))
          << requests << " " << took.count();
      EXPECT_LE(responses.corrected().percentile(95), 1.05 * truth.percentile(95)) << requests << " " << took.count();
    }
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
                        {"rare, with time between", rare, {.vus = 20, .before = 100ms, .length = 20s}, 0.01},
                        {"rare, in journeys", rare, {.vus = 20, .before = 20ms, .requests = 10, .length = 20s}, 0.02},
                        {"wide, in journeys", wide, {.vus = 20, .before = 5ms, .requests = 10, .length = 20s}, 0.02},
                        {"wide, two VUs with time between", wide, {.vus = 2, .before = 5ms, .length = 20s}, 0.02},
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
    Time waited{0};
    for (const auto& [asked, answered] : c.out) {
      const ResponseTimes::Wait before = turn.last;
      responses.answer(turn, asked, answered);
      const bool is_another = before.from < turn.last.from || before.until > turn.last.until;
      if (is_another) waited += before.length();
    }
    EXPECT_EQ(waited + turn.last.length(), c.waited);
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

// A thousand times, of one that answers in 1 ms; until when.
Time ask_every_2ms(ResponseTimes& responses, Turn& turn) {
  Time now{0};
  for (int i = 0; i < 1000; ++i, now += 2ms) {
    responses.begin(turn, now, now);
    responses.answer(turn, now, now + 1ms);
    responses.end(turn, now + 2ms, 1, ResponseTimes::Ended::whole);
  }
  return now;
}

// A target that stands still until the end: the request that waits for it is one too.
TEST(ResponseTimes, CountARequestThatHasNoAnswer) {
  ResponseTimes responses(ResponseTimes::Model::closed);
  Turn turn;
  const Time now = ask_every_2ms(responses, turn);
  responses.begin(turn, now, now);
  responses.give_up(turn, now, now + 1s);
  responses.end(turn, now + 1s, 1, ResponseTimes::Ended::cut_off);
  EXPECT_EQ(responses.corrected().max(), 1000);
  EXPECT_NEAR(static_cast<double>(responses.unasked()), 499, 2);
}

// Cut off while it had its answer: there is nothing to say of the target.
TEST(ResponseTimes, HoldNothingAgainstATargetThatWasNotAsked) {
  ResponseTimes responses(ResponseTimes::Model::closed);
  Turn turn;
  const Time now = ask_every_2ms(responses, turn);
  responses.begin(turn, now, now);
  responses.answer(turn, now, now + 1ms);
  responses.end(turn, now + 1s, 1, ResponseTimes::Ended::cut_off);
  EXPECT_EQ(responses.unasked(), 0U);
  EXPECT_LE(responses.corrected().max(), 1.01);
}

// VUs that ask every 100 ms, each a millisecond behind the one before, and have their answers at once.
class Crowd {
 public:
  // New VUs each time: of those before nobody knows whether they wait still.
  void go_on(Time time) {
    std::vector<Turn> turns(kVus);
    for (std::size_t i = 0; i < static_cast<std::size_t>(time / 1ms); ++i, now_ += 1ms) {
      Turn& turn = turns[i % kVus];
      responses_.begin(turn, now_, now_);
      responses_.answer(turn, now_, now_ + 1ms);
      responses_.end(turn, now_ + 1ms, kVus, ResponseTimes::Ended::whole);
    }
  }
  void stand_still(Time time) { now_ += time; }
  Time now() const { return now_; }
  // How many are added for one more VU that has waited since then.
  std::uint64_t end_wait(Time since) {
    const std::uint64_t before = responses_.unasked();
    Turn turn;
    responses_.begin(turn, since, since);
    responses_.answer(turn, since, now_);
    responses_.end(turn, now_, kVus, ResponseTimes::Ended::whole);
    return responses_.unasked() - before;
  }

 private:
  static constexpr std::size_t kVus = 100;
  ResponseTimes responses_ = ResponseTimes(ResponseTimes::Model::closed);
  Time now_{0};
};

// While one VU waits, the target stands still for twenty seconds and then answers the others: for the last 64 of their intervals and a few
// more it is known how many answers there were.
TEST(ResponseTimes, JudgeAWaitByWhatIsRememberedOfIt) {
  struct Case {
    Time going_on;
    bool is_a_stall;
  };
  for (const Case& c : {Case{6800ms, true}, Case{7500ms, false}}) {
    Crowd crowd;
    crowd.go_on(20s);
    const Time since = crowd.now();
    crowd.stand_still(20s);
    crowd.go_on(c.going_on);
    EXPECT_EQ(crowd.end_wait(since) > 0, c.is_a_stall) << c.going_on.count();
  }
}

// Whenever it begins, a wait of one and a half intervals is told from one of others who go on by where half of the answers are, give or take a
// sixteenth of an interval.
TEST(ResponseTimes, TellAShortStallFromOthersGoingOn) {
  struct Case {
    Time going_on;  // of the 150 ms, whose last 25 say nothing
    double unasked;
  };
  for (const Case& c : {Case{54ms, 57}, Case{71ms, 0}}) {
    Crowd crowd;
    crowd.go_on(20s);
    std::uint64_t unasked = 0;
    for (int i = 0; i < 100; ++i) {
      crowd.go_on(300ms + i * 1ms);
      const Time since = crowd.now();
      crowd.go_on(c.going_on);
      crowd.stand_still(150ms - c.going_on);
      unasked += crowd.end_wait(since);
    }
    EXPECT_NEAR(static_cast<double>(unasked), c.unasked, 1) << c.going_on.count();
  }
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

#include "http/exchange.h"

#include <gtest/gtest.h>

#include <thread>

namespace gantry::http {
namespace {

constexpr SendLimits kLimits{.full_bytes = 10, .max_bytes = 20};

// A request as its connection has it, and the handles that its handler has.
struct Both {
  int wakes = 0;
  std::shared_ptr<ExchangeState> state = std::make_shared<ExchangeState>(kLimits, [this] { ++wakes; });
  std::shared_ptr<Exchange> exchange = std::make_shared<Exchange>(state);
  Responder responder = Responder(exchange);
};

std::string describe_news(const ExchangeState::News& news) {
  std::string text;
  if (news.head) text += std::to_string(news.head->status) + " " + news.head->body + ";";
  if (news.is_whole) text += "whole;";
  text += news.bytes;
  if (news.is_finished) text += ";finished";
  if (news.is_cut) text += ";cut";
  if (news.is_abandoned) text += ";abandoned";
  return text;
}

TEST(Exchange, TakesTheFirstAnswer) {
  Both both;
  EXPECT_EQ(describe_news(both.state->take()), "");
  EXPECT_TRUE(both.responder.is_open());
  EXPECT_EQ(both.responder.respond(Response::text("one")), SendState::sent);
  EXPECT_EQ(both.responder.respond(Response::text("two")), SendState::closed);
  BodyWriter writer = both.responder.start(Response::text("three"));
  EXPECT_EQ(writer.write("four"), SendState::closed);
  EXPECT_FALSE(writer.is_open());
  EXPECT_FALSE(both.responder.is_open());
  EXPECT_EQ(both.wakes, 1);
  EXPECT_EQ(describe_news(both.state->take()), "200 one;whole;");
}

TEST(Exchange, StreamsABody) {
  Both both;
  BodyWriter writer = both.responder.start(Response::text("a"));
  EXPECT_EQ(writer.write("b"), SendState::sent);
  EXPECT_EQ(describe_news(both.state->take()), "200 ;ab");
  EXPECT_EQ(writer.write("c"), SendState::sent);
  writer.finish();
  EXPECT_EQ(writer.write("d"), SendState::closed);
  EXPECT_EQ(describe_news(both.state->take()), "c;finished");
}

TEST(Exchange, TellsAWriterThatItIsTooFast) {
  Both both;
  BodyWriter writer = both.responder.start(Response::text(""));
  int calls = 0;
  EXPECT_EQ(writer.write("123456789"), SendState::sent);
  EXPECT_EQ(writer.write("0"), SendState::full);
  writer.on_ready([&] { ++calls; });
  both.state->take();
  EXPECT_EQ(calls, 0);  // taken is not yet written
  both.state->written(10);
  EXPECT_EQ(calls, 1);
  both.state->written(0);
  EXPECT_EQ(calls, 1);  // once
  writer.on_ready([&] { ++calls; });
  EXPECT_EQ(calls, 2);  // there is room
  EXPECT_EQ(writer.write("0123456789abcdefghij"), SendState::full);
  EXPECT_EQ(writer.write("k"), SendState::closed);  // it was told
  EXPECT_TRUE(both.state->take().is_cut);
}

TEST(Exchange, LearnsThatNobodyWillAnswer) {
  Both unanswered;
  unanswered.exchange.reset();
  EXPECT_EQ(describe_news(unanswered.state->take()), "");
  unanswered.responder = Responder(nullptr);
  EXPECT_EQ(describe_news(unanswered.state->take()), ";abandoned");

  Both half;
  half.exchange.reset();
  {
    BodyWriter writer = half.responder.start(Response::text("half"));
    half.responder = Responder(nullptr);
  }
  EXPECT_EQ(describe_news(half.state->take()), "200 ;half;cut");
}

TEST(Exchange, HandlesOutliveTheConnection) {
  Both both;
  BodyWriter writer = both.responder.start(Response::text(""));
  EXPECT_EQ(writer.write("0123456789"), SendState::full);
  int calls = 0;
  writer.on_ready([&] { ++calls; });
  both.state->close();
  EXPECT_EQ(calls, 1);  // so that whoever waits learns it
  const int wakes = both.wakes;
  EXPECT_EQ(writer.write("x"), SendState::closed);
  EXPECT_EQ(both.responder.respond({}), SendState::closed);
  writer.finish();
  writer.on_ready([&] { ++calls; });
  EXPECT_EQ(calls, 2);
  Upload(both.exchange).pause();
  EXPECT_FALSE(both.state->is_paused());
  EXPECT_EQ(both.wakes, wakes);
}

TEST(Exchange, MayBeUsedFromManyThreads) {
  std::atomic<int> wakes = 0;
  const auto state =
      std::make_shared<ExchangeState>(SendLimits{.full_bytes = 1 << 20, .max_bytes = 1 << 20}, [&] { ++wakes; });
  std::string taken;
  {
    BodyWriter writer = Responder(std::make_shared<Exchange>(state)).start({});
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([writer]() mutable {
        for (int i = 0; i < 100; ++i) std::ignore = writer.write("x");
      });
    }
    for (int i = 0; i < 100; ++i) taken += state->take().bytes;
  }
  taken += state->take().bytes;
  EXPECT_EQ(taken.size(), 400u);
}

}  // namespace
}  // namespace gantry::http

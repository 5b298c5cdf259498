#include "api/event_publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>

namespace kgents {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A sink that fails as long as it is told to, and tells what arrived.
class FakeSink final : public EventSink {
 public:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool broken = false;
    std::vector<std::string> arrived;
    std::vector<std::size_t> batches;
    int attempts = 0;

    void set_broken(bool now) {
      const std::lock_guard lock(mutex);
      broken = now;
    }
    // Until it is so; the test fails after ten seconds.
    void wait_until(const std::function<bool()>& is_so) {
      std::unique_lock lock(mutex);
      EXPECT_TRUE(changed.wait_for(lock, seconds(10), is_so));
    }
  };

  explicit FakeSink(State& state) : state_(state) {}
  bool send(std::span<const Event> batch) override {
    const std::lock_guard lock(state_.mutex);
    ++state_.attempts;
    state_.changed.notify_all();
    if (state_.broken) return false;
    state_.batches.push_back(batch.size());
    for (const Event& event : batch) state_.arrived.push_back(event.id);
    return true;
  }
  SinkState state() const override { return SinkState::connected; }

 private:
  State& state_;
};

Event event(int number) { return {.id = std::to_string(number), .subject = "kgent.events.x", .body = "{}"}; }

std::vector<std::string> numbers(int from, int to) {
  std::vector<std::string> texts;
  for (int i = from; i < to; ++i) texts.push_back(std::to_string(i));
  return texts;
}

TEST(EventPublisher, SendsInOrder) {
  FakeSink::State sink;
  EventPublisher publisher(std::make_unique<FakeSink>(sink), {});
  for (int i = 0; i < 500; ++i) publisher.publish(event(i));
  EXPECT_EQ(publisher.flush(seconds(10)), 0U);
  EXPECT_EQ(sink.arrived, numbers(0, 500));
  const PublisherStatus status = publisher.status();
  EXPECT_EQ(status.published, 500U);
  EXPECT_EQ(status.errors, 0U);
  EXPECT_EQ(status.dropped, 0U);
}

TEST(EventPublisher, AfterAnOutageEverythingArrivesInOrder) {
  FakeSink::State sink;
  sink.broken = true;
  EventPublisher publisher(
      std::make_unique<FakeSink>(sink),
      {.circuit = {.failures_max = 5, .open_time = milliseconds(20)}, .retry_pause = milliseconds(1)});
  for (int i = 0; i < 100; ++i) publisher.publish(event(i));
  sink.wait_until([&] { return sink.attempts >= 5; });
  sink.set_broken(false);
  sink.wait_until([&] { return sink.arrived.size() == 100; });
  EXPECT_EQ(sink.arrived, numbers(0, 100));
}

TEST(EventPublisher, AnOpenCircuitMakesNoAttempts) {
  FakeSink::State sink;
  sink.broken = true;
  EventPublisher publisher(std::make_unique<FakeSink>(sink),
                           {.circuit = {.failures_max = 5, .open_time = hours(1)}, .retry_pause = milliseconds(0)});
  publisher.publish(event(0));
  sink.wait_until([&] { return sink.attempts == 5; });
  for (int i = 1; i < 100; ++i) publisher.publish(event(i));
  while (publisher.status().circuit != CircuitState::open) std::this_thread::yield();
  EXPECT_EQ(publisher.status().errors, 5U);
  EXPECT_EQ(publisher.status().waiting, 100U);
  EXPECT_EQ(sink.attempts, 5);
}

TEST(EventPublisher, TellsWhenTheCircuitOpensAndCloses) {
  FakeSink::State sink;
  sink.broken = true;
  std::vector<CircuitState> told;
  {
    EventPublisher publisher(std::make_unique<FakeSink>(sink),
                             {.circuit = {.failures_max = 1, .open_time = milliseconds(1)},
                              .retry_pause = milliseconds(0),
                              .on_circuit = [&](CircuitState state) { told.push_back(state); }});
    publisher.publish(event(0));
    sink.wait_until([&] { return sink.attempts >= 3; });  // two trials fail: nothing new
    sink.set_broken(false);
    EXPECT_EQ(publisher.flush(seconds(10)), 0U);
  }
  EXPECT_THAT(told, testing::ElementsAre(CircuitState::open, CircuitState::closed));
}

TEST(EventPublisher, ALongOutageDropsTheOldest) {
  FakeSink::State sink;
  sink.broken = true;
  EventPublisher publisher(
      std::make_unique<FakeSink>(sink),
      {.circuit = {.failures_max = 1, .open_time = hours(1)}, .events_max = 10, .retry_pause = milliseconds(0)});
  publisher.publish(event(0));
  sink.wait_until([&] { return sink.attempts == 1; });
  while (publisher.status().circuit != CircuitState::open) std::this_thread::yield();
  for (int i = 1; i < 25; ++i) publisher.publish(event(i));
  EXPECT_EQ(publisher.status().waiting, 10U);
  EXPECT_EQ(publisher.status().dropped, 15U);
  sink.set_broken(false);
  EXPECT_EQ(publisher.flush(seconds(10)), 0U) << "the end waits for no half minute";
  EXPECT_EQ(sink.arrived, numbers(15, 25));
}

TEST(EventPublisher, FlushGivesUpInTime) {
  FakeSink::State sink;
  sink.broken = true;
  EventPublisher publisher(std::make_unique<FakeSink>(sink), {.retry_pause = milliseconds(1)});
  for (int i = 0; i < 3; ++i) publisher.publish(event(i));
  EXPECT_EQ(publisher.flush(milliseconds(20)), 3U);
}

TEST(EventPublisher, BatchesAreAsLargeAsAllowed) {
  FakeSink::State sink;
  sink.broken = true;
  EventPublisher publisher(
      std::make_unique<FakeSink>(sink),
      {.circuit = {.failures_max = 1, .open_time = hours(1)}, .batch_max = 100, .retry_pause = milliseconds(0)});
  publisher.publish(event(0));
  sink.wait_until([&] { return sink.attempts == 1; });
  while (publisher.status().circuit != CircuitState::open) std::this_thread::yield();
  for (int i = 1; i < 250; ++i) publisher.publish(event(i));
  sink.set_broken(false);
  EXPECT_EQ(publisher.flush(seconds(10)), 0U);
  EXPECT_THAT(sink.batches, testing::ElementsAre(100, 100, 50));
  EXPECT_EQ(sink.arrived, numbers(0, 250));
}

}  // namespace
}  // namespace kgents

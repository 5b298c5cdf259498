#pragma once

// Sends events from a thread of its own, so that a request never waits for whoever takes them: publish() puts the event into a
// bounded queue and returns.
//
// The thread sends one batch after the other and waits for each acknowledgement, which keeps events in order through every
// failure. A failed batch is tried again after a pause; a circuit breaker counts the failures, so that an outage costs one
// attempt each half minute and not five a second.

#include "api/circuit_breaker.h"
#include "api/event_queue.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>

namespace kgents {

enum class SinkState { not_started, connected, disconnected };

// Where events go: a stream of NATS, a meter, or a test.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // Whether all of the batch was acknowledged. Blocks for its budget at most; called from one thread.
  virtual bool send(std::span<const Event> batch) = 0;
  // Safe to call from any thread, at any time.
  virtual SinkState state() const = 0;
};

struct PublisherStatus {
  SinkState sink = SinkState::not_started;
  CircuitState circuit = CircuitState::closed;
  std::size_t waiting = 0;
  std::uint64_t published = 0;
  std::uint64_t errors = 0;
  std::uint64_t dropped = 0;
};

class EventPublisher {
 public:
  struct Options {
    CircuitBreaker::Options circuit = {};
    std::size_t events_max = 1'000;
    std::size_t batch_max = 1;
    // Five attempts with this between them take a second: a server that restarts faster than that opens no circuit.
    std::chrono::milliseconds retry_pause = std::chrono::milliseconds(200);
    // Told from the publisher's thread when the circuit has opened, and when it has closed again.
    std::function<void(CircuitState state)> on_circuit = {};
  };

  EventPublisher(std::unique_ptr<EventSink> sink, Options options);
  // What still waits is lost; call flush() first.
  ~EventPublisher();
  EventPublisher(const EventPublisher&) = delete;
  EventPublisher& operator=(const EventPublisher&) = delete;

  // Never blocks, never fails: the oldest event is dropped when the queue is full. Safe from any thread.
  void publish(Event event);
  PublisherStatus status() const;

  // For the end of the process: sends what waits, whatever the circuit breaker says, for so long at most. Gives how many
  // events are left.
  std::size_t flush(std::chrono::milliseconds time_max);

 private:
  using Clock = std::chrono::steady_clock;

  void run(const std::stop_token& stop);
  bool wait_for_work(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  void send_oldest(std::unique_lock<std::mutex>& lock);

  const std::unique_ptr<EventSink> sink_;
  const Options options_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  EventQueue queue_;
  CircuitBreaker circuit_;
  std::uint64_t published_ = 0;
  std::uint64_t errors_ = 0;
  bool failed_last_ = false;
  bool flushing_ = false;

  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace kgents

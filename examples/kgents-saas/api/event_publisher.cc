#include "api/event_publisher.h"

#include <utility>

namespace kgents {

EventPublisher::EventPublisher(std::unique_ptr<EventSink> sink, Options options)
    : sink_(std::move(sink)),
      options_(std::move(options)),
      queue_(options_.events_max),
      circuit_(options_.circuit),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

EventPublisher::~EventPublisher() = default;

void EventPublisher::publish(Event event) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push(std::move(event));
  }
  changed_.notify_all();
}

PublisherStatus EventPublisher::status() const {
  const std::lock_guard lock(mutex_);
  return {.sink = sink_->state(),
          .circuit = circuit_.state(),
          .waiting = queue_.depth(),
          .published = published_,
          .errors = errors_,
          .dropped = queue_.dropped()};
}

std::size_t EventPublisher::flush(std::chrono::milliseconds time_max) {
  std::unique_lock lock(mutex_);
  flushing_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, time_max, [this] { return queue_.depth() == 0; });
  return queue_.depth();
}

void EventPublisher::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  CircuitState told = circuit_.state();
  while (wait_for_work(lock, stop)) {
    send_oldest(lock);
    if (circuit_.state() != told && options_.on_circuit) {
      told = circuit_.state();
      lock.unlock();
      options_.on_circuit(told);
      lock.lock();
    }
    // New events wake the thread and are no reason to try again sooner, so nothing but the end is waited for.
    if (failed_last_) changed_.wait_for(lock, stop, options_.retry_pause, [] { return false; });
  }
}

// Until an event waits and may be sent; false when it is time to end.
bool EventPublisher::wait_for_work(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (queue_.depth() == 0) {
      changed_.wait(lock, stop, [this] { return queue_.depth() > 0; });
    } else if (flushing_ || circuit_.admit(Clock::now())) {
      return true;
    } else {
      changed_.wait_until(lock, stop, circuit_.trial_at(), [this] { return flushing_; });
    }
  }
  return false;
}

void EventPublisher::send_oldest(std::unique_lock<std::mutex>& lock) {
  std::vector<Event> batch = queue_.take(options_.batch_max);
  lock.unlock();
  const bool sent = sink_->send(batch);
  lock.lock();
  failed_last_ = !sent;
  if (sent) {
    published_ += batch.size();
    queue_.confirm();
    circuit_.succeeded();
    if (queue_.depth() == 0) changed_.notify_all();  // flush() may wait for this
    return;
  }
  ++errors_;
  queue_.give_back(std::move(batch));
  circuit_.failed(Clock::now());
}

}  // namespace kgents

#pragma once

// Stops asking something that does not answer. Closed: everything goes through. So many failures in a row open it: nothing
// goes through until a while has passed. Then it is half open and lets one trial through, whose outcome closes it or opens it
// again.
//
// A state machine and nothing else: it reads no clock, and whoever shares it between threads guards it.

#include <chrono>
#include <string_view>

namespace kgents {

// The numbers are those of the metric kgents_nats_circuit_state.
enum class CircuitState { closed = 0, open = 1, half_open = 2 };

std::string_view to_string(CircuitState state);

class CircuitBreaker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Options {
    int failures_max = 5;
    std::chrono::milliseconds open_time = std::chrono::seconds(30);
  };

  explicit CircuitBreaker(Options options) : options_(options) {}

  // Whether one attempt may be made now. Its outcome must be told by succeeded() or failed(). In the half-open state only the
  // first who asks gets a yes.
  bool admit(Time now);
  void succeeded();
  void failed(Time now);

  CircuitState state() const { return state_; }
  // When an open breaker admits the trial; meaningless in other states.
  Time trial_at() const { return trial_at_; }

 private:
  Options options_;
  CircuitState state_ = CircuitState::closed;
  int failures_ = 0;  // in a row
  Time trial_at_{};
};

}  // namespace kgents

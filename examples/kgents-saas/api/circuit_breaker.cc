#include "api/circuit_breaker.h"

namespace kgents {

std::string_view to_string(CircuitState state) {
  switch (state) {
    case CircuitState::closed: return "closed";
    case CircuitState::open: return "open";
    case CircuitState::half_open: return "half_open";
  }
  return "";
}

bool CircuitBreaker::admit(Time now) {
  if (state_ == CircuitState::closed) return true;
  if (state_ == CircuitState::half_open || now < trial_at_) return false;
  state_ = CircuitState::half_open;
  return true;
}

void CircuitBreaker::succeeded() {
  state_ = CircuitState::closed;
  failures_ = 0;
}

void CircuitBreaker::failed(Time now) {
  ++failures_;
  if (state_ == CircuitState::closed && failures_ < options_.failures_max) return;
  state_ = CircuitState::open;
  trial_at_ = now + options_.open_time;
}

}  // namespace kgents

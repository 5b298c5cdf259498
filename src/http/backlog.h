#pragma once

// How far a client is behind a writer: what makes SendState::full, on_ready and the cut. Not synchronised: whoever has one
// guards it. Private to the room.

#include "http/handlers.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace gantry::http {

struct SendLimits {
  std::size_t full_bytes;
  std::size_t max_bytes;
};

class Backlog {
 public:
  explicit Backlog(const SendLimits& limits) : limits_(limits) {}

  // `closed` when these bytes are more than may wait.
  SendState add(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > limits_.max_bytes) return SendState::closed;
    return bytes_ >= limits_.full_bytes ? SendState::full : SendState::sent;
  }
  void remove(std::size_t bytes) { bytes_ -= std::min(bytes, bytes_); }

  void on_ready(std::function<void()> callback) { on_ready_ = std::move(callback); }
  // The callback, when it is due; it is due once.
  std::function<void()> take_due() {
    return bytes_ < limits_.full_bytes ? std::exchange(on_ready_, nullptr) : std::function<void()>();
  }
  std::function<void()> take_any() { return std::exchange(on_ready_, nullptr); }

 private:
  SendLimits limits_;
  std::size_t bytes_ = 0;
  std::function<void()> on_ready_ = {};
};

}  // namespace gantry::http

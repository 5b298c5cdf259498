#pragma once

// At most so many requests a second by all VUs together, none of them saved up: the option rps (k6 reference, §10.9).

#include "load/http/connection.h"

#include <algorithm>
#include <chrono>

namespace gantry::load {

class RequestPace {
 public:
  // 0 for as many as there are. `processes` share it.
  void set_rate(std::int64_t per_second, std::size_t processes) {
    const std::chrono::nanoseconds turns = std::chrono::seconds(1) * static_cast<std::int64_t>(processes);
    interval_ = per_second > 0 ? turns / per_second : std::chrono::nanoseconds(0);
  }
  // Until the next request may go.
  void wait(Waiting waiting) {
    if (interval_.count() == 0) return;
    const SteadyTime turn = std::max(next_, std::chrono::steady_clock::now());
    next_ = turn + interval_;
    waiting.crew.sleep(waiting.member, turn);
  }

 private:
  std::chrono::nanoseconds interval_{0};
  SteadyTime next_{};
};

}  // namespace gantry::load

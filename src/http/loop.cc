#include "http/loop.h"

namespace gantry::http {

Task<void> Signal::wait() {
  while (!is_set_) {
    timer_.expires_at(SteadyClock::time_point::max());
    co_await timer_.async_wait(kAwait);
  }
  is_set_ = false;
}

}  // namespace gantry::http

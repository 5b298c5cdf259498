#include "launch/checks/load/delay_meter.h"

#include <algorithm>
#include <chrono>

namespace gantry::launch {

using std::chrono::steady_clock;

DelayMeter::DelayMeter()
    : thread_([this](const std::stop_token& stop) {
        constexpr auto kEvery = std::chrono::milliseconds(10);
        while (!stop.stop_requested()) {
          const steady_clock::time_point due = steady_clock::now() + kEvery;
          std::this_thread::sleep_until(due);
          const std::chrono::duration<double, std::milli> late = steady_clock::now() - due;
          delays_.add(std::max(late.count(), 0.0));
        }
      }) {}

double DelayMeter::stop() {
  thread_.request_stop();
  thread_.join();
  return delays_.percentile(95);
}

}  // namespace gantry::launch

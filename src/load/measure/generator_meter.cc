#include "load/measure/generator_meter.h"

#include "base/cpu_time.h"

#include <algorithm>

namespace gantry::load {

using std::chrono::steady_clock;

GeneratorMeter::GeneratorMeter()
    : began_(steady_clock::now()),
      cpu_before_(base::cpu_time(base::CpuOf::self)),
      thread_([this](const std::stop_token& stop) {
        constexpr auto kEvery = std::chrono::milliseconds(10);
        while (!stop.stop_requested()) {
          const steady_clock::time_point due = steady_clock::now() + kEvery;
          std::this_thread::sleep_until(due);
          const std::chrono::duration<double, std::milli> late = steady_clock::now() - due;
          delays_.add(std::max(late.count(), 0.0));
        }
      }) {}

void GeneratorMeter::stop(Generator& generator) {
  generator.played = steady_clock::now() - began_;
  generator.cpu = base::cpu_time(base::CpuOf::self) - cpu_before_;
  thread_.request_stop();
  thread_.join();
  generator.delays = std::move(delays_);
}

}  // namespace gantry::load

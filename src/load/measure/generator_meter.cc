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
          const std::scoped_lock lock(mutex_);
          delays_.add(std::max(late.count(), 0.0));
        }
      }) {}

void GeneratorMeter::read(Generator& generator) const {
  generator.played = steady_clock::now() - began_;
  generator.cpu = base::cpu_time(base::CpuOf::self) - cpu_before_;
  const std::scoped_lock lock(mutex_);
  generator.delays = delays_;
}

void GeneratorMeter::stop(Generator& generator) {
  read(generator);
  thread_.request_stop();
  thread_.join();
}

}  // namespace gantry::load

#include "load/measure/generator_meter.h"

#include <sys/resource.h>

#include <algorithm>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

std::chrono::microseconds cpu_used() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

}  // namespace

GeneratorMeter::GeneratorMeter()
    : began_(steady_clock::now()), cpu_before_(cpu_used()), thread_([this](const std::stop_token& stop) {
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
  generator.cpu = cpu_used() - cpu_before_;
  thread_.request_stop();
  thread_.join();
  generator.delays = std::move(delays_);
}

}  // namespace gantry::load

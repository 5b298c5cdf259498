#pragma once

// How the process that generates a load fares meanwhile: the processor time it takes, and how long it waits for a processor once it wants
// one. A generator that waits measures its own machine.

#include "load/measure/measurement.h"
#include "load/metrics/sink.h"

#include <chrono>
#include <mutex>
#include <thread>

namespace gantry::load {

class GeneratorMeter {
 public:
  // Measures from now on, on a thread of its own that wakes every 10 ms and sees how late it is.
  GeneratorMeter();
  // Fills in all but the lateness, as it is by now.
  void read(Generator& generator) const;
  // The same, and ends it. Once.
  void stop(Generator& generator);

 private:
  std::chrono::steady_clock::time_point began_;
  std::chrono::microseconds cpu_before_;
  mutable std::mutex mutex_;  // guards delays_
  TrendSink delays_ = {};     // ms
  std::jthread thread_;
};

}  // namespace gantry::load

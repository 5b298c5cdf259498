#pragma once

// How long this process waits for a processor once it wants one. A load generator that waits measures its own machine: what it adds to a
// latency is not the target's.

#include "load/metrics/sink.h"

#include <thread>

namespace gantry::launch {

class DelayMeter {
 public:
  // Measures from now on, on a thread of its own that wakes every 10 ms and sees how late it is.
  DelayMeter();
  // Ends it: the 95th percentile in milliseconds, 0 where nothing was measured. Once.
  double stop();

 private:
  load::TrendSink delays_;  // ms; the thread's until it has ended
  std::jthread thread_;
};

}  // namespace gantry::launch

#pragma once

// The target's own memory while it is tested, as its metrics page has it: what a soak is run for. Looked at once a second, at most
// kSamplesMax times: a longer run is looked at every 2, 4, 8, … seconds.

#include "launch/checks/load/page.h"
#include "load/measure/steadiness.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace gantry::launch {

// process_resident_memory_bytes of Prometheus text; nothing where it is not in it.
std::optional<double> find_resident_memory(std::string_view metrics_text);

struct MemoryCurve {
  static constexpr std::size_t kSamplesMax = 512;

  std::chrono::seconds width{1};  // between two samples
  std::vector<double> bytes = {};

  // Keeps what comes every `width`: at kSamplesMax every second sample goes, and the width doubles.
  void add(double sample);

 private:
  std::size_t skipped_ = 0;
};

struct MemoryCourse {
  double first = 0, last = 0, max = 0;    // bytes
  std::chrono::seconds warm_up{0};        // until it was like the rest
  std::optional<load::Drift> drift = {};  // from then on
};
// Nothing where there is no sample.
std::optional<MemoryCourse> course_of(const MemoryCurve& curve);

class MemoryWatch {
 public:
  // Looks at `path` from now on, in a thread of its own; at nothing where it is "".
  MemoryWatch(Place place, std::string path);
  ~MemoryWatch();
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  // Ends it, and gives what it saw.
  MemoryCurve stop();

 private:
  void watch(const std::stop_token& stop);

  const Place place_;
  const std::string path_;
  std::mutex mutex_;
  std::condition_variable_any wakes_;
  MemoryCurve curve_ = {};  // of thread_ until it has ended
  std::jthread thread_ = {};
};

}  // namespace gantry::launch

#pragma once

// So many requests a minute over all processes, counted in Redis; by each process alone while Redis is away. A minute begins
// with the clock's, as the gateway counts too: a burst around the turn can be twice the limit, and never more.

#include "api/redis_client.h"
#include "base/time.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace kgents {

struct RateDecision {
  bool admitted = true;
  std::chrono::seconds retry_after = {};  // until the next minute
};

// Safe from any thread.
class RateLimit {
 public:
  // A null Redis: this process alone. The pointer is kept.
  RateLimit(std::string name, std::int64_t per_minute, Redis* redis)
      : name_(std::move(name)), per_minute_(per_minute), redis_(redis) {}

  // Counts one request; calls back once, by the deadline, from this thread or from Redis's.
  void count(gantry::base::Timestamp now, Deadline deadline, std::function<void(RateDecision decision)> callback);

 private:
  std::int64_t count_here(std::int64_t minute);

  const std::string name_;
  const std::int64_t per_minute_;
  Redis* redis_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::int64_t minute_ = 0;
  std::int64_t counted_ = 0;
};

}  // namespace kgents

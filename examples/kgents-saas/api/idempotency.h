#pragma once

// Makes sure that something that is delivered many times takes effect once.
//
// Who claims a key first may act. All processes share the claims in Redis, where one command decides. Each process also
// remembers its own, for the time that Redis is away: then two processes may both act, which is why an event also carries an
// id that the stream takes once. What was claimed meanwhile is told to Redis as soon as it is back.

#include "api/redis_client.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_set>

namespace kgents {

enum class Claim { fresh, duplicate };

// Safe from any thread.
class IdempotencyStore {
 public:
  // Null: this process alone. The pointer is kept.
  explicit IdempotencyStore(Redis* redis) : redis_(redis) {}

  // Calls back once, by the deadline, from this thread or from Redis's.
  void claim(const std::string& key, Deadline deadline, std::function<void(Claim claim)> callback);

 private:
  Claim remember(const std::string& key);

  Redis* redis_;
  std::mutex mutex_;
  // Guarded by mutex_: the same keys twice, to look up and in order.
  std::unordered_set<std::string> known_;
  std::deque<std::string> oldest_first_;
};

}  // namespace kgents

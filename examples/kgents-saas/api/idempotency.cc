#include "api/idempotency.h"

#include <utility>

namespace kgents {

namespace {

// A sender repeats a delivery for three days; a key that is gone earlier would let the last one through.
constexpr const char* kKeptSeconds = "345600";  // four days
constexpr std::size_t kRememberedMax = 10'000;  // in this process: more than an hour and a half at the rate limit

}  // namespace

Claim IdempotencyStore::remember(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (!known_.insert(key).second) return Claim::duplicate;
  oldest_first_.push_back(key);
  if (oldest_first_.size() > kRememberedMax) {
    known_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  return Claim::fresh;
}

void IdempotencyStore::claim(const std::string& key, Deadline deadline, std::function<void(Claim)> callback) {
  // First our own memory: it also decides between two deliveries to this process at the same moment.
  if (remember(key) == Claim::duplicate) return callback(Claim::duplicate);
  if (!redis_) return callback(Claim::fresh);
  // SET … NX: "OK" to the first, nil to all others (https://redis.io/commands/set).
  const RedisCommand command = {"SET", "idempotency:" + key, "1", "NX", "EX", kKeptSeconds};
  redis_->ask(command, deadline, [this, command, callback = std::move(callback)](std::optional<RedisReply> reply) {
    if (!reply) redis_->tell(command);
    const bool taken = reply && std::holds_alternative<std::monostate>(*reply);
    callback(taken ? Claim::duplicate : Claim::fresh);
  });
}

}  // namespace kgents

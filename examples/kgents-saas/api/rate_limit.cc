#include "api/rate_limit.h"

#include <fmt/format.h>

#include <utility>

namespace kgents {

std::int64_t RateLimit::count_here(std::int64_t minute) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(minute_, minute) != minute) counted_ = 0;
  return ++counted_;
}

void RateLimit::count(gantry::base::Timestamp now, Deadline deadline, std::function<void(RateDecision)> callback) {
  const auto minute = std::chrono::floor<std::chrono::minutes>(now);
  const auto rest = std::chrono::ceil<std::chrono::seconds>(minute + std::chrono::minutes(1) - now);
  const auto decide = [this, rest, callback = std::move(callback)](std::int64_t counted) {
    callback({.admitted = counted <= per_minute_, .retry_after = rest});
  };
  const std::int64_t number = minute.time_since_epoch().count();
  const std::int64_t counted_here = count_here(number);
  if (!redis_) return decide(counted_here);
  const std::string key = fmt::format("rate:{}:{}", name_, number);
  redis_->ask({"INCR", key}, deadline, [this, key, counted_here, decide](std::optional<RedisReply> reply) {
    const std::int64_t* const counted = reply ? std::get_if<std::int64_t>(&*reply) : nullptr;
    // The first of a minute sees to it that the key goes away; later ones would only prolong it.
    if (counted && *counted == 1) redis_->tell({"EXPIRE", key, "120"});
    decide(counted ? *counted : counted_here);
  });
}

}  // namespace kgents

#pragma once

// A Redis that answers at once, or is away. It knows the commands that the API uses.

#include "api/redis_client.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kgents {

class FakeRedis final : public Redis {
 public:
  void ask(RedisCommand command, Deadline, RedisCallback callback) override {
    callback(away ? std::nullopt : std::optional(carry_out(command)));
  }
  void tell(RedisCommand command) override {
    told.push_back(command);
    if (!away) carry_out(command);
  }
  bool is_connected() const override { return !away; }

  // What was told while it was away.
  void come_back() {
    away = false;
    for (const RedisCommand& command : std::exchange(told, {})) carry_out(command);
  }

  bool away = false;
  std::vector<RedisCommand> told;
  std::map<std::string, std::int64_t> numbers;
  std::map<std::string, std::set<std::pair<std::int64_t, std::string>>> sorted;

 private:
  RedisReply carry_out(const RedisCommand& command) {
    const std::string& name = command.at(0);
    const std::string& key = command.at(1);
    if (name == "SET") return numbers.emplace(key, 1).second ? RedisReply("OK") : RedisReply();
    if (name == "INCR") return ++numbers[key];
    if (name == "ZADD") return std::int64_t{sorted[key].emplace(std::stoll(command.at(2)), command.at(3)).second};
    if (name == "ZREVRANGE") {
      std::vector<std::string> newest_first;
      for (auto it = sorted[key].rbegin(); it != sorted[key].rend(); ++it) newest_first.push_back(it->second);
      return newest_first;
    }
    return std::int64_t{0};
  }
};

}  // namespace kgents

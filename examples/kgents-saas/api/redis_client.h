#pragma once

// One connection to Redis, owned by a thread of its own. Nobody waits for it: a caller hands in a command and a deadline and
// is called back with the reply or, when there was none by then, with nothing. A Redis that is away or hangs costs a
// request its budget at most, and nothing once the connection is known to be gone.
//
// The thread sends what comes without waiting for replies (they come in order), asks for a sign of life twice a second, and
// connects again by itself.

#include "api/settings.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace kgents {

// nil, a number, a text (status replies too), or a list of texts.
using RedisReply = std::variant<std::monostate, std::int64_t, std::string, std::vector<std::string>>;
using RedisCommand = std::vector<std::string>;
using RedisCallback = std::function<void(std::optional<RedisReply> reply)>;
using Deadline = std::chrono::steady_clock::time_point;

// Abstract so that what stands on it is tested without a server. Safe from any thread; commands are sent in the order they come.
class Redis {
 public:
  virtual ~Redis() = default;
  // Calls back once, with nothing when there is no reply by the deadline, or an error: the command may have been carried out
  // all the same. From the calling thread when Redis is away, else from the connection's, where it must not block.
  virtual void ask(RedisCommand command, Deadline deadline, RedisCallback callback) = 0;
  // For a command whose reply is of no interest and that may be carried out late and twice: it is sent now or, when Redis is
  // away, as soon as it is back. Of very many that wait for Redis the oldest are forgotten.
  virtual void tell(RedisCommand command) = 0;
  virtual bool is_connected() const = 0;
};

enum class RedisConnection { made, lost };

// Never fails: whether a server answers is seen in is_connected(), and told to `on_change` from the connection's thread.
std::unique_ptr<Redis> connect_redis(RedisAddress address, std::function<void(RedisConnection)> on_change = {});

}  // namespace kgents

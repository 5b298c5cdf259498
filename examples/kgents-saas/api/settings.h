#pragma once

// What the environment says about this process. Parsed once, in main; after that nothing reads the environment, and a
// setting that makes no sense has stopped the program before it listened.

#include "api/log.h"
#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kgents {

struct RedisAddress {
  std::string host;
  std::uint16_t port = 6379;
  std::string user = {};  // an ACL user; "" with a password means the default user
  std::string password = {};
  int database = 0;

  friend bool operator==(const RedisAddress&, const RedisAddress&) = default;
};

struct NatsSettings {
  std::vector<std::string> servers;  // "nats://user:password@host:4222"
  std::string stream = "kgent-events";
  std::chrono::milliseconds circuit_open_time = std::chrono::seconds(30);
  std::chrono::milliseconds flush_time = std::chrono::seconds(6);  // at the end, for what still waits
};

struct OpenMeterSettings {
  std::string base_url;
  std::string api_key;
};

struct Settings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;                    // 0: any free one, which the first log line names
  std::vector<std::string> allowed_hosts = {};  // gantry::http::Options::hosts
  // Nothing set, nothing used: the API then runs alone and says so on /health/saas.
  std::optional<NatsSettings> nats = {};
  std::optional<RedisAddress> redis = {};
  std::chrono::milliseconds redis_budget{20};  // how long one request may wait for Redis in all
  std::optional<OpenMeterSettings> openmeter = {};
  std::string stripe_webhook_secret = {};      // "": webhooks are refused
  std::vector<std::string> cors_origins = {};  // "*" stands for all
  LogLevel log_level = LogLevel::info;
};

// The value of an environment variable; nothing where there is none.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// A variable that is set and empty counts as not set, as Kubernetes and shells make them by accident.
// Errors: usage, naming the variable. Passwords are in no message.
gantry::base::Result<Settings> read_settings(const Environment& environment);

// "redis://[user[:password]@]host[:port][/database]"; %XX in user and password is decoded. Errors: usage.
gantry::base::Result<RedisAddress> parse_redis_url(std::string_view url);

}  // namespace kgents

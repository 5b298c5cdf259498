#include "api/settings.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace kgents {

using gantry::base::Result;
using gantry::base::usage_error;

namespace {

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
  }
  return items;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text, Number min, Number max) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size() || number < min || number > max) return std::nullopt;
  return number;
}

// "%40" -> "@". Nothing when a '%' is followed by anything but two hexadecimal digits.
std::optional<std::string> decode_percent(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned code = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, code, 16).ptr != digits + 2) return std::nullopt;
    decoded += static_cast<char>(code);
    i += 2;
  }
  return decoded;
}

// The environment with one opinion about what is set.
class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  std::string text(std::string_view name, std::string_view otherwise = "") const {
    std::optional<std::string> value = environment_(name);
    return value && !value->empty() ? *std::move(value) : std::string(otherwise);
  }

  Result<bool> flag(std::string_view name, bool otherwise) const {
    struct Word {
      std::string_view text;
      bool value;
    };
    static constexpr std::array kWords = {Word{"true", true},   Word{"1", true},  Word{"yes", true},
                                          Word{"false", false}, Word{"0", false}, Word{"no", false}};
    const std::string value = text(name);
    if (value.empty()) return otherwise;
    for (const Word& word : kWords)
      if (word.text == value) return word.value;
    return usage_error(fmt::format("{} is \"{}\"", name, value), "write true or false");
  }

  template <typename Number>
  Result<Number> number(std::string_view name, Number otherwise, Number min, Number max) const {
    const std::string value = text(name);
    if (value.empty()) return otherwise;
    if (const std::optional<Number> number = parse_number(value, min, max)) return *number;
    return usage_error(fmt::format("{} is \"{}\"", name, value), fmt::format("write a number from {} to {}", min, max));
  }

  // In whole milliseconds, up to a day.
  Result<std::chrono::milliseconds> time(std::string_view name, std::chrono::milliseconds otherwise) const {
    constexpr std::int64_t kDayMs = 86'400'000;
    return std::chrono::milliseconds(TRY(number<std::int64_t>(name, otherwise.count(), 1, kDayMs)));
  }

 private:
  const Environment& environment_;
};

Result<std::optional<NatsSettings>> read_nats(const Reader& reader) {
  NatsSettings nats;
  nats.servers = split_list(reader.text("NATS_SERVERS"));
  if (!TRY(reader.flag("NATS_ENABLED", !nats.servers.empty()))) return std::nullopt;
  if (nats.servers.empty()) {
    return usage_error("NATS_ENABLED is true and NATS_SERVERS names no server",
                       "set NATS_SERVERS, for example to nats://127.0.0.1:4222");
  }
  nats.stream = reader.text("NATS_STREAM_NAME", nats.stream);
  nats.circuit_open_time = TRY(reader.time("NATS_CIRCUIT_OPEN_MS", nats.circuit_open_time));
  nats.flush_time = TRY(reader.time("NATS_FLUSH_MS", nats.flush_time));
  return nats;
}

Result<std::optional<OpenMeterSettings>> read_openmeter(const Reader& reader) {
  OpenMeterSettings openmeter{.base_url = reader.text("OPENMETER_BASE_URL", "https://openmeter.cloud"),
                              .api_key = reader.text("OPENMETER_API_KEY")};
  if (!TRY(reader.flag("OPENMETER_ENABLED", !openmeter.api_key.empty()))) return std::nullopt;
  if (openmeter.api_key.empty())
    return usage_error("OPENMETER_ENABLED is true and there is no OPENMETER_API_KEY", "set both or neither");
  return openmeter;
}

}  // namespace

Result<RedisAddress> parse_redis_url(std::string_view url) {
  // The URL itself is in no message: it holds the password.
  const auto wrong = [](std::string_view what) {
    return usage_error(fmt::format("REDIS_URL {}", what), "write redis://user:password@host:6379/0");
  };
  constexpr std::string_view kScheme = "redis://";
  if (!url.starts_with(kScheme)) return wrong("does not begin with redis://");
  url.remove_prefix(kScheme.size());

  RedisAddress address;
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = url.substr(0, at);
    const std::size_t colon = std::min(login.find(':'), login.size());
    const std::optional<std::string> user = decode_percent(login.substr(0, colon));
    const std::optional<std::string> password = decode_percent(login.substr(std::min(colon + 1, login.size())));
    if (!user || !password) return wrong("has a % in its user or password that begins no %XX");
    address.user = *user;
    address.password = *password;
    url.remove_prefix(at + 1);
  }
  if (const std::size_t slash = url.find('/'); slash != std::string_view::npos) {
    const std::string_view database = url.substr(slash + 1);
    if (!database.empty()) {
      const std::optional<int> number = parse_number<int>(database, 0, 65'535);
      if (!number) return wrong("names a database that is no number");
      address.database = *number;
    }
    url = url.substr(0, slash);
  }
  if (const std::size_t colon = url.find(':'); colon != std::string_view::npos) {
    const std::optional<std::uint16_t> port = parse_number<std::uint16_t>(url.substr(colon + 1), 1, 65'535);
    if (!port) return wrong("has no port between 1 and 65535");
    address.port = *port;
    url = url.substr(0, colon);
  }
  if (url.empty()) return wrong("names no host");
  address.host = url;
  return address;
}

Result<Settings> read_settings(const Environment& environment) {
  const Reader reader(environment);
  Settings settings;
  settings.host = reader.text("API_HOST", settings.host);
  settings.port = TRY(reader.number<std::uint16_t>("API_PORT", settings.port, 0, 65'535));
  settings.allowed_hosts = split_list(reader.text("API_ALLOWED_HOSTS"));
  settings.nats = TRY(read_nats(reader));
  if (const std::string url = reader.text("REDIS_URL"); !url.empty()) settings.redis = TRY(parse_redis_url(url));
  settings.redis_budget = TRY(reader.time("REDIS_BUDGET_MS", settings.redis_budget));
  settings.openmeter = TRY(read_openmeter(reader));
  settings.stripe_webhook_secret = reader.text("STRIPE_WEBHOOK_SECRET");
  settings.cors_origins = split_list(reader.text("CORS_ORIGINS"));
  const std::string level = reader.text("LOG_LEVEL", "info");
  const std::optional<LogLevel> parsed = parse_log_level(level);
  if (!parsed) return usage_error(fmt::format("LOG_LEVEL is \"{}\"", level), "write debug, info, warning or error");
  settings.log_level = *parsed;
  return settings;
}

}  // namespace kgents

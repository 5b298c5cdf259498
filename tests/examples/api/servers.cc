#include "examples/api/servers.h"

#include "base/json.h"

#include <gtest/gtest.h>
#include <nats/nats.h>

#include <charconv>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace kgents {

using gantry::base::Node;
using gantry::test::TempDir;

NatsServer::NatsServer(const TempDir& directory) : directory_(directory) {
  directory_.make_directory("nats");
  start();
}

void NatsServer::start() {
  process_.emplace(std::vector<std::string>{GANTRY_NATS_SERVER, "--addr", "127.0.0.1", "--port", std::to_string(port_),
                                            "--jetstream", "--store_dir", directory_.path("nats")},
                   Variables{}, directory_.path("nats.log"));
  if (!listens(port_)) throw std::runtime_error("nats-server does not listen: " + directory_.read("nats.log"));
}

RedisServer::RedisServer(const TempDir& directory, std::vector<std::string> options)
    : directory_(directory), options_(std::move(options)) {
  directory_.make_directory("redis");
  start();
}

void RedisServer::start() {
  std::vector<std::string> argv = {GANTRY_REDIS_SERVER,
                                   "--bind",
                                   "127.0.0.1",
                                   "--port",
                                   std::to_string(port_),
                                   "--dir",
                                   directory_.path("redis"),
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "yes",
                                   "--appendfsync",
                                   "always"};
  argv.insert(argv.end(), options_.begin(), options_.end());
  process_.emplace(argv, Variables{}, directory_.path("redis.log"));
  if (!listens(port_)) throw std::runtime_error("redis-server does not listen: " + directory_.read("redis.log"));
}

namespace {

// The settings, a port, and what a sanitizer is told: a race in the API must end it, so that the test that drives it fails.
Variables with_surroundings(Variables settings) {
  settings.emplace_back("API_PORT", "0");
  for (const char* const name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"})
    if (const char* const value = std::getenv(name)) settings.emplace_back(name, value);
  return settings;
}

}  // namespace

ApiProcess::ApiProcess(const TempDir& directory, const Variables& settings, std::string name)
    : directory_(directory),
      name_(std::move(name)),
      process_({KGENT_API_PROGRAM}, with_surroundings(settings), directory.path(name_)) {
  const bool is_listening = becomes_true([this] {
    for (const std::string& line : log_lines()) {
      const auto parsed = gantry::base::load_json(line, name_);
      if (parsed && parsed->text("msg") == "listening") port_ = static_cast<int>(parsed->get("port")->integer());
    }
    return port_ != 0;
  });
  if (!is_listening) throw std::runtime_error("kgent-api does not listen: " + directory_.read(name_));
}

std::vector<std::string> ApiProcess::log_lines() const {
  std::istringstream text(directory_.read(name_));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

double ApiProcess::metric(std::string_view sample) const {
  std::istringstream page(get("/metrics").body);
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with(sample) || line[sample.size()] != ' ') continue;
    double value = 0;
    std::from_chars(line.data() + sample.size() + 1, line.data() + line.size(), value);
    return value;
  }
  return 0;
}

std::string ApiProcess::saas(std::string_view part, std::string_view field) const {
  const auto page = gantry::base::load_json(get("/health/saas").body, "/health/saas");
  return page ? std::string(page->text(part, field)) : "no JSON";
}

namespace {

struct Destroy {
  void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
  void operator()(jsCtx* context) const { jsCtx_Destroy(context); }
  void operator()(jsStreamInfo* info) const { jsStreamInfo_Destroy(info); }
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
template <typename T>
using Owned = std::unique_ptr<T, Destroy>;

constexpr const char* kStream = "kgent-events";

// A connection of the test's own.
struct Reader {
  explicit Reader(const NatsServer& server) {
    natsConnection* connected = nullptr;
    natsConnection_ConnectTo(&connected, server.url().c_str());
    connection.reset(connected);
    jsCtx* made = nullptr;
    if (connected && natsConnection_JetStream(&made, connected, nullptr) == NATS_OK) context.reset(made);
  }

  std::optional<jsStreamState> state() const {
    jsStreamInfo* found = nullptr;
    if (!context || js_GetStreamInfo(&found, context.get(), kStream, nullptr, nullptr) != NATS_OK) return std::nullopt;
    const Owned<jsStreamInfo> info(found);
    return info->State;
  }

  Owned<natsConnection> connection;
  Owned<jsCtx> context;
};

}  // namespace

std::vector<std::string> stream_messages(const NatsServer& server) {
  const Reader reader(server);
  const std::optional<jsStreamState> state = reader.state();
  std::vector<std::string> messages;
  if (!state || state->Msgs == 0) return messages;
  for (std::uint64_t sequence = state->FirstSeq; sequence <= state->LastSeq; ++sequence) {
    natsMsg* raw = nullptr;
    if (js_GetMsg(&raw, reader.context.get(), kStream, sequence, nullptr, nullptr) != NATS_OK) continue;
    const Owned<natsMsg> message(raw);
    messages.emplace_back(natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw)));
  }
  return messages;
}

std::optional<std::uint64_t> stream_size(const NatsServer& server) {
  const std::optional<jsStreamState> state = Reader(server).state();
  return state ? std::optional(state->Msgs) : std::nullopt;
}

}  // namespace kgents

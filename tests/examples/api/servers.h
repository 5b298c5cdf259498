#pragma once

// The real parts: nats-server and redis-server of Debian, and the API as built. Each runs on a free port of the loopback
// address with its data in the test's directory, and is gone with the object.

#include "examples/api/http_client.h"
#include "examples/api/process.h"
#include "support/free_port.h"
#include "support/temp_dir.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kgents {

// With JetStream, whose store survives a restart.
class NatsServer {
 public:
  explicit NatsServer(const gantry::test::TempDir& directory);

  void start();
  void kill() { process_.reset(); }
  void signal(int number) const { process_->signal(number); }
  std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }

 private:
  const gantry::test::TempDir& directory_;
  const int port_ = gantry::test::free_port();
  std::optional<Process> process_;
};

// With an append-only file that is written at once, so that a kill loses nothing.
class RedisServer {
 public:
  explicit RedisServer(const gantry::test::TempDir& directory, std::vector<std::string> options = {});

  void start();
  void kill() { process_.reset(); }
  void signal(int number) const { process_->signal(number); }
  int port() const { return port_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }

 private:
  const gantry::test::TempDir& directory_;
  const std::vector<std::string> options_;
  const int port_ = gantry::test::free_port();
  std::optional<Process> process_;
};

class ApiProcess {
 public:
  // Serves when it is made. `name` is that of its log file.
  ApiProcess(const gantry::test::TempDir& directory, const Variables& settings, std::string name = "api.log");

  int port() const { return port_; }
  void signal(int number) const { process_.signal(number); }
  int wait() { return process_.wait(); }
  // What it has logged until now.
  std::vector<std::string> log_lines() const;

  // One answer on a connection of its own.
  Answer get(std::string_view path) const { return HttpClient(port_).get(path); }
  // The value of a sample on the metrics page, labels included: "kgents_nats_circuit_state". 0 where it is not there.
  double metric(std::string_view sample) const;
  // The text at a path of /health/saas, like "nats.status".
  std::string saas(std::string_view part, std::string_view field) const;

 private:
  const gantry::test::TempDir& directory_;
  const std::string name_;
  Process process_;
  int port_ = 0;
};

// What the stream holds, in its order.
std::vector<std::string> stream_messages(const NatsServer& server);
// How many that are; nothing when the server or the stream does not answer.
std::optional<std::uint64_t> stream_size(const NatsServer& server);

}  // namespace kgents

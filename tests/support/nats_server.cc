#include "support/nats_server.h"

#include "base/json.h"
#include "base/subprocess.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

namespace gantry::test {

namespace {

// A busy machine may do much else first.
constexpr std::chrono::seconds kPatience{30};

// The server says in a file which port it got.
std::string read_url(const TempDir& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory.path("ports"))) {
    const base::Result<base::Node> ports =
        base::load_json(directory.read("ports/" + entry.path().filename().string()), "ports");
    const base::Node* url = ports ? ports->find("nats", 0) : nullptr;
    if (url && url->is_string()) return url->string();
  }
  return "";
}

}  // namespace

NatsServer::NatsServer(const std::string& url) {
  directory_.make_directory("ports");
  const std::string port = url.substr(url.rfind(':') + 1);
  thread_ = std::jthread([port, ports = directory_.path("ports")](const std::stop_token& stop) {
    static_cast<void>(base::run_command(
        {.argv = {GANTRY_NATS_SERVER, "--addr", "127.0.0.1", "--port", port, "--ports_file_dir", ports},
         .time_max = std::chrono::hours(1)},
        stop));
  });
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (url_.empty() && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
    url_ = read_url(directory_);
  }
  EXPECT_FALSE(url_.empty()) << "nats-server does not come up";
}

}  // namespace gantry::test

#pragma once

// A real nats-server of Debian, on a port of the loopback address, gone with the object.

#include "support/temp_dir.h"

#include <string>
#include <thread>

namespace gantry::test {

class NatsServer {
 public:
  // At a URL that another had before it, or on a free port.
  explicit NatsServer(const std::string& url = "nats://127.0.0.1:-1");

  // "nats://127.0.0.1:43210"; "" where it does not come up, which fails the test.
  const std::string& url() const { return url_; }

 private:
  TempDir directory_;
  std::string url_ = {};
  std::jthread thread_;  // its stop token ends the server
};

}  // namespace gantry::test

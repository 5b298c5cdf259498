#pragma once

// A client that says exactly what a test wants, on a plain blocking socket, and a server to say it to. Whoever waits in vain
// is told so after half a minute.

#include "http/http.h"

#include "base/file_descriptor.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::http {

struct Reply {
  int status = 0;                                   // 0: none came
  std::map<std::string, std::string> headers = {};  // names in lower case; the last of each
  std::string body = {};                            // without the chunks' framing

  // "200 hello", "0 " when none came.
  std::string summary() const { return std::to_string(status) + " " + body; }
  std::string header(const std::string& name) const { return headers.contains(name) ? headers.at(name) : ""; }
};

class Client {
 public:
  explicit Client(std::uint16_t port);

  // False when the server has closed.
  bool send(std::string_view bytes);
  // The next response; `has_body` is false after a HEAD. Status 0 when the connection ended first.
  Reply read(bool has_body = true);
  // All bytes to the end of the connection.
  std::string read_to_end();
  std::string read_bytes(std::size_t count);
  // True when the server ends the connection without a further byte.
  bool is_closed() { return read_to_end().empty(); }
  void finish_writing();
  // Makes the kernel hold little for a client that does not read.
  void shrink_buffers();
  // From here on nothing that the server sends arrives, and nothing is acknowledged: as if the network had gone.
  void vanish();
  // Leaves with a reset.
  void reset();

  Reply ask(std::string_view bytes) { return send(bytes) ? read() : Reply(); }

 private:
  bool fill();
  std::string read_line();

  base::FileDescriptor socket_;
  std::string buffer_ = {};
};

// "GET /path HTTP/1.1\r\nHost: h\r\n" + further lines + "\r\n".
std::string get(std::string_view path, std::string_view lines = "");
std::string post(std::string_view path, std::string_view body, std::string_view lines = "");
std::string gzip(std::string_view text);
std::string gunzip(std::string_view bytes);

// A server on a free port of this machine that goes by the name "h". A test that can't start one fails.
std::unique_ptr<Server> start(std::vector<Route> routes, Options options = {});

// Waits until `holds` does, at most half a minute, which a busy machine may need.
bool eventually(const std::function<bool()>& holds);

}  // namespace gantry::http

#pragma once

// One WebSocket of a VU: the handshake on a connection of its own (RFC 6455, §4.1), and messages after that. Whoever waits for it waits in
// the crew as for any socket.

#include "load/http/client.h"
#include "load/http/websocket_frames.h"

#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace gantry::load {

struct WebSocketRequest {
  std::string_view host;  // of the connection
  std::uint16_t port = 80;
  bool is_secure = false;
  std::string_view authority = {};  // for Host
  std::string_view target = "/";
  std::string_view headers = {};    // lines, each with its end; none of the handshake's own
  std::string_view protocols = {};  // "a, b"; may be empty
  WebSocketCompression compression = WebSocketCompression::none;  // that is offered
  SteadyTime deadline = kNever;                                   // of the handshake
};

class WebSocket {
 public:
  WebSocket(std::unique_ptr<Connection> connection, WebSocketCompression compression, std::string_view first_bytes);

  // A frame, whole when it returns.
  std::expected<void, HttpFailure> send(WebSocketOpcode opcode, std::string_view payload, SteadyTime deadline);
  // What the server has said, as far as it has come: it waits for nothing. The end of the connection is a close of kCloseAbnormal.
  std::optional<WebSocketEvent> next();
  // To wait for what next() will have (Crew::wait_for_any).
  Socket& socket() { return connection_->socket(); }

 private:
  void read_what_is_there();

  std::unique_ptr<Connection> connection_;
  WebSocketCompression compression_;
  WebSocketReader reader_;
  bool has_ended_ = false;
  bool has_told_end_ = false;
  std::string end_ = {};  // why, where the connection broke
  std::minstd_rand masks_{std::random_device{}()};
};

struct WebSocketOutcome {
  std::unique_ptr<WebSocket> socket = {};  // null where it did not come about
  std::string failure = {};                // why, in k6's words; "" where there is an answer that is no handshake's
  bool was_interrupted = false;
  ResponseHead head = {};  // of the answer; of status 0 where there was none
  std::string body = {};   // of an answer that is no handshake's: its first bytes
  std::string remote_ip = {};
  std::chrono::nanoseconds connecting{0};  // from asking for a connection until the handshake was over
};

WebSocketOutcome open_websocket(HttpClient& client, const WebSocketRequest& request);

}  // namespace gantry::load

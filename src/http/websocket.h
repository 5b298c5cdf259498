#pragma once

// An upgraded connection: the channel that handlers' threads share with it, and the two coroutines that read and write, on
// Beast's WebSocket. Private to the room.

#include "http/backlog.h"
#include "http/handlers.h"
#include "http/http.h"
#include "http/loop.h"
#include "http/stream.h"

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace gantry::http {

class WebSocketChannel {
 public:
  struct Message {
    std::string bytes;
    MessageKind kind;
  };
  struct Closing {
    CloseCode code;
    std::string reason;
  };

  WebSocketChannel(const SendLimits& limits, std::function<void()> wake) : backlog_(limits), wake_(std::move(wake)) {}

  // The handler's side, from any thread. What WebSocket promises.
  SendState send(std::string message, MessageKind kind);
  void on_ready(std::function<void()> callback);
  void close(CloseCode code, std::string reason);
  bool is_open() const;

  // The connection's side. The next message; or, after the last, why to close. Neither: wait.
  std::optional<Message> take_message();
  std::optional<Closing> take_closing();
  bool has_overflowed() const;
  void written(std::size_t bytes);
  // The socket is gone; calls on_ready where somebody waits.
  void end();

 private:
  enum class Phase { open, closing, ended };

  mutable std::mutex mutex_;  // guards all below
  Phase phase_ = Phase::open;
  bool has_overflowed_ = false;
  std::deque<Message> messages_ = {};
  std::optional<Closing> closing_ = {};
  Backlog backlog_;
  std::function<void()> wake_;  // empty once ended; called with the mutex held, as ExchangeState's is
};

// How the connection takes part while it is a WebSocket.
struct WebSocketHost {
  Stream& stream;
  Signal& signal;  // notified by the channel
  const Limits& limits;
  // A message of that size is being written, or (0) no longer: sets or clears the connection's deadline.
  std::function<void(std::size_t bytes)> on_writing;
};

bool is_websocket_upgrade(const Request& request);

// The handshake, then messages until either side closes; calls events.on_close exactly once. Returns whether the handshake came
// about.
Task<bool> serve_websocket(WebSocketHost host, const Request& request, const WebSocketEvents& events,
                           std::shared_ptr<WebSocketChannel> channel);

}  // namespace gantry::http

#pragma once

// The four ways to answer. Handlers run on the worker thread of their connection and must not block: one that has to wait
// hands its Responder to another thread and returns.
//
//   Handler           returns the response                      (most routes)
//   AsyncHandler      keeps a Responder, answers later, or streams a body
//   UploadHandler     is handed the request's body in pieces
//   WebSocketHandler  takes a connection over
//
// Responder, BodyWriter, Upload and WebSocket are handles: cheap to copy, safe to use from any thread at any time, also after
// the client or the server has gone; then their calls do nothing and say so. Callbacks are called on the connection's worker
// thread, one at a time. An exception out of a handler is a 500, out of a callback it ends the connection.

#include "http/message.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::http {

class Exchange;          // one request on its way to its response
class WebSocketChannel;  // one open WebSocket

enum class [[nodiscard]] SendState{
    sent,    // on its way
    full,    // on its way too, but the client reads slower than we write: wait for on_ready before the next
    closed,  // dropped: the client, the exchange or the server is gone
};

// The body of a response that is made while it is sent (chunked; compressed where the client takes it). One writer at a time.
class BodyWriter {
 public:
  explicit BodyWriter(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  // Never blocks. More than Limits::send_queue_bytes_max waiting cuts the connection: heed `full`.
  SendState write(std::string piece);
  // Called once when there is room again after `full`, or the client has gone; at once when there is room now.
  void on_ready(std::function<void()> callback);
  // Ends the body. The last handle that goes without having said so cuts the connection, so that the client can't take
  // half a body for a whole one.
  void finish();
  bool is_open() const;

 private:
  std::shared_ptr<Exchange> exchange_;
};

// The way back to the client of one request. When the last copy goes unanswered, the answer is a 500.
class Responder {
 public:
  explicit Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  // The first answer counts; `closed` when there was one before or the client has gone.
  SendState respond(Response response) const;
  // The head now, the body through the writer. The response's own body, if any, is its first piece.
  BodyWriter start(Response head) const;
  // False once answered, timed out (Limits::answer_time_max) or gone.
  bool is_open() const;

 private:
  std::shared_ptr<Exchange> exchange_;
};

enum class UploadEnd {
  complete,  // the whole body was handed over
  cut,       // the client left or was cut off; whatever is answered reaches nobody
  refused,   // over a limit or malformed: the server has answered itself (413, 400)
};

struct UploadEvents {
  // The next piece, decompressed; valid during the call. Empty ones are not delivered.
  std::function<void(std::string_view piece)> on_piece = {};
  // Once, after the last piece.
  std::function<void(UploadEnd end)> on_end = {};
};

// A request whose body is still coming. It can be answered at any time; an answer before the end closes the connection after.
class Upload {
 public:
  explicit Upload(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  Responder responder() const { return Responder(exchange_); }
  // No more pieces (after those already read) until resume(): the client is slowed down to the handler's pace. A paused
  // client is not held to a pace.
  void pause() const;
  void resume() const;

 private:
  std::shared_ptr<Exchange> exchange_;
};

enum class MessageKind { text, binary };

// RFC 6455 §7.4.1
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,
  abnormal = 1006,  // the connection went without a close; never sent
  invalid_payload = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  internal_error = 1011,
};

struct WebSocketEvents {
  std::function<void(std::string_view message, MessageKind kind)> on_message = {};
  // Once, after the last message; also when the server stops or the client vanishes.
  std::function<void(CloseCode code, std::string_view reason)> on_close = {};
};

// An upgraded connection. The server answers pings and sends its own, and cuts a client that answers none.
class WebSocket {
 public:
  explicit WebSocket(std::shared_ptr<WebSocketChannel> channel) : channel_(std::move(channel)) {}

  // Never blocks. More than Limits::send_queue_bytes_max waiting closes with policy_violation: a client that is too slow for
  // a live stream is better told than buffered for.
  SendState send(std::string message, MessageKind kind = MessageKind::text) const;
  // As BodyWriter::on_ready.
  void on_ready(std::function<void()> callback) const;
  // What was sent before is delivered first.
  void close(CloseCode code = CloseCode::normal, std::string reason = {}) const;
  bool is_open() const;

 private:
  std::shared_ptr<WebSocketChannel> channel_;
};

using Handler = std::function<Response(const Request& request)>;
using AsyncHandler = std::function<void(Request request, Responder responder)>;
using UploadHandler = std::function<UploadEvents(const Request& request, Upload upload)>;
// Events accept the upgrade, a Response refuses it: `return std::unexpected(Response::error(400, "no query"))`. What is sent
// before the handler returns goes out right after the handshake.
using WebSocketHandler =
    std::function<std::expected<WebSocketEvents, Response>(const Request& request, WebSocket socket)>;

}  // namespace gantry::http

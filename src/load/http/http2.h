#pragma once

// HTTP/2 on one connection (RFC 9113), on nghttp2: the requests that a VU has under way share it. Each is a stream that its own fiber waits
// for; whichever of them has to wait while nobody reads reads for all, and hands that on when its own answer is whole.
//
// What a hostile server may do is bounded: a head is as long as HTTP/1.1's at most, frames that only keep a client busy end the connection
// (nghttp2 counts them), pushes are refused, and a body that is kept has the limit of any other.

#include "load/http/connection.h"

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>

struct nghttp2_session;

namespace gantry::load {

class Http2 {
 public:
  // Of a connection that has agreed to it (TLS' ALPN), or whose server is known to speak it (RFC 9113, §3.3). Errors: 1600: there is no memory for it.
  static std::expected<std::unique_ptr<Http2>, HttpFailure> start(std::unique_ptr<Connection> connection);
  Http2(const Http2&) = delete;
  Http2& operator=(const Http2&) = delete;
  ~Http2();

  // Blocks the caller's fiber; others may come meanwhile. Errors as k6's, 1610 to 1664 (k6 reference, §10.10).
  std::expected<Exchange, BrokenExchange> exchange(Waiting waiting, const ExchangeOptions& options);
  // Whether the server takes one more stream.
  bool may_take() const;
  bool is_idle() const { return streams_.empty(); }
  const Connection& connection() const { return *connection_; }

 private:
  struct Stream;
  struct Callbacks;  // nghttp2's, in http2.cc

  explicit Http2(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
  std::int32_t submit(Stream& stream, const ExchangeOptions& options);
  // Until the stream has ended; nothing, or what went wrong with the caller's own wait.
  std::expected<void, HttpFailure> wait_for(Waiting waiting, Stream& stream, SteadyTime deadline);
  // Sends what there is to send, and reads what comes next.
  std::expected<void, HttpFailure> pump(Waiting waiting, SteadyTime deadline);
  std::expected<void, HttpFailure> send_output();
  void fail_all(const HttpFailure& failure);
  void wake_next();

  std::unique_ptr<Connection> connection_;
  std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> session_{nullptr, nullptr};
  std::map<std::int32_t, Stream*> streams_ = {};
  bool is_pumped_ = false;  // somebody reads
  bool has_ended_ = false;  // nothing more may be asked
  bool has_served_ = false;
  HttpFailure goodbye_ = {.code = 0};        // what the server said with its GOAWAY, where it was no usual one
  HttpFailure our_complaint_ = {.code = 0};  // what we said with ours
};

}  // namespace gantry::load

#pragma once

// One connection from its first byte to its last: requests, one after the other. run() in connection.cc is the main sequence of
// the room. Lives on one event loop; nothing here is called from another thread. Private to the room.

#include "http/access_rules.h"
#include "http/exchange.h"
#include "http/gzip.h"
#include "http/http.h"
#include "http/loop.h"
#include "http/request_parser.h"
#include "http/response_head.h"
#include "http/stream.h"
#include "http/websocket.h"

#include <boost/beast/core/flat_buffer.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace gantry::http {

// What all connections of a server share. Only the counters change.
struct Shared {
  Shared(Options given, Router routes) : options(std::move(given)), router(std::move(routes)) {}

  Options options;
  Router router;
  std::optional<TokenGate> gate = {};
  std::optional<HostGate> host_gate = {};
  bool is_guarded_by_place = false;
  std::unique_ptr<asio::ssl::context> tls = {};
  std::atomic<std::size_t> connections = 0;
  std::atomic<std::size_t> in_flight = 0;
};

// One place among Limits::requests_in_flight_max.
class InFlight {
 public:
  explicit InFlight(Shared& shared) : shared_(&shared) {
    has_place_ = shared.in_flight.fetch_add(1) < shared.options.limits.requests_in_flight_max;
  }
  ~InFlight() { shared_->in_flight.fetch_sub(1); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

  bool has_place() const { return has_place_; }

 private:
  Shared* shared_;
  bool has_place_;
};

// The same response with one field more.
Response with_header(Response response, std::string_view name, std::string value);

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `date` is the worker's, kept up to date.
  Connection(Socket socket, std::string peer, Shared& shared, const std::string& date);

  ~Connection();

  // Returns when the connection is over.
  Task<void> run();

  // What the worker's sweep asks for.
  void check_deadline(SteadyClock::time_point now);
  void begin_stop();
  void cut();
  bool is_busy() const { return is_busy_; }

 private:
  enum class Waiting { nothing, idle, head, body, answer, write };  // whose deadline it is
  enum class BodyEnd { complete, answered, refused, gone };
  using Sink = std::function<void(std::string_view)>;

  // The facts of the request under way.
  struct Facts {
    SteadyClock::time_point start = {};
    const Route* route = nullptr;
    bool is_head_method = false;
    int status = 0;
    std::uint64_t response_bytes = 0;
    Outcome outcome = Outcome::answered;
    Headers response_headers = {};  // kept for the access log only
  };

  // Passes of run(), in order. They leave keeps_alive_ false where nothing may follow.
  Task<bool> read_head();
  Task<void> serve_request();
  std::optional<Response> refuse();
  Task<void> dispatch(const Route& route);
  Task<void> answer_now(const Handler& handler);
  Task<void> answer_later(const AsyncHandler& handler);
  Task<void> take_upload(const UploadHandler& handler);
  Task<void> upgrade(const WebSocketHandler& handler);
  Task<void> say_goodbye();

  // Reading, in connection_body.cc.
  std::string_view unparsed() const;
  Task<bool> fill(std::size_t bytes_max);
  Task<bool> collect_body();
  Task<BodyEnd> read_body(Sink sink, ExchangeState* exchange);
  Task<BodyEnd> read_pieces(const Sink& sink, ExchangeState* exchange);
  bool deliver(std::string_view piece, const Sink& sink);
  bool finish_body();

  // Writing, in connection_answer.cc.
  Task<void> await_answer(ExchangeState& state);
  Task<void> stream_body(ExchangeState& state, ExchangeState::News news);
  Task<void> send(Response response);
  Task<void> send_refusal();
  HeadFacts begin_response(Response& response, std::optional<std::size_t> body_bytes);
  Task<bool> write(std::array<asio::const_buffer, 2> buffers);
  void forget_output();

  Response own_response(int status, std::string_view message) const;
  Response no_route(const Match& match) const;
  void give_up();
  void wait_for(Waiting what, std::chrono::milliseconds time);
  SteadyClock::time_point pace_deadline(SteadyClock::time_point start, std::uint64_t bytes) const;
  SteadyClock::time_point transfer_deadline(SteadyClock::time_point start, std::uint64_t bytes) const;
  void watch_for_end();
  SendLimits send_limits() const;
  std::shared_ptr<ExchangeState> make_exchange();
  std::function<void()> wake_from_anywhere();
  void wake();
  void log();

  Stream stream_;
  std::string peer_;
  Shared& shared_;
  const Limits& limits_;
  const std::string& date_;

  boost::beast::flat_buffer buffer_;  // read and not yet parsed
  RequestParser parser_;
  std::optional<GzipReader> unzip_ = {};
  std::string out_ = {};
  Facts facts_ = {};
  std::optional<Refusal> refusal_ = {};

  Waiting waiting_ = Waiting::nothing;
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  bool has_expired_ = false;
  bool keeps_alive_ = true;
  bool has_unread_ = false;  // the client may still be writing: closing at once would destroy our last answer
  bool is_busy_ = false;
  bool is_stopping_ = false;
  bool is_cut_ = false;
  std::optional<InFlight> place_ = {};
  ExchangeState* watched_ = nullptr;  // of the upload whose body is being read

  Signal signal_;
  std::shared_ptr<WebSocketChannel> channel_ = {};
};

}  // namespace gantry::http

#include "http/connection.h"

#include "http/guarded_call.h"
#include "http/negotiation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gantry::http {

namespace {

constexpr std::size_t kReadBytes = 4 << 10;  // most requests fit; what 5,000 idle connections hold each

}  // namespace

Connection::Connection(Socket socket, std::string peer, Shared& shared, const std::string& date)
    : stream_(std::move(socket), shared.tls.get()),
      peer_(std::move(peer)),
      shared_(shared),
      limits_(shared.options.limits),
      date_(date),
      parser_({.head_bytes_max = limits_.head_bytes_max, .target_bytes_max = limits_.target_bytes_max}),
      signal_(stream_.get_executor()) {}

Connection::~Connection() {
  // Only after an exception: handles of the socket must not wake a loop that may be gone.
  if (channel_) channel_->end();
}

Task<void> Connection::run() {
  // A client that opens a connection and says nothing, not even hello, is as idle as one between two requests.
  wait_for(Waiting::idle, limits_.head_time_max);
  keeps_alive_ = co_await stream_.shake_hands();
  while (keeps_alive_ && !is_stopping_) {
    // Between requests a connection holds nothing but its buffer.
    const bool has_request = co_await read_head();
    if (!has_request) break;
    co_await serve_request();
    log();
    is_busy_ = false;
  }
  co_await say_goodbye();
}

// True when there is something to answer: a request's head, or what is wrong with it. Otherwise the client has gone.
Task<bool> Connection::read_head() {
  parser_.reset();
  refusal_ = {};
  facts_ = {};
  unzip_ = {};
  if (buffer_.size() == 0 && buffer_.capacity() > kReadBytes) buffer_.shrink_to_fit();
  wait_for(Waiting::idle, limits_.idle_time_max);
  while (true) {
    if (buffer_.size() > 0) {
      const auto step = parser_.step(unparsed());
      if (!is_busy_ && (!step || parser_.has_begun())) {
        is_busy_ = true;
        facts_.start = SteadyClock::now();
        wait_for(Waiting::head, limits_.head_time_max);
      }
      if (!step) refusal_ = step.error();
      if (!step) co_return true;
      buffer_.consume(step->consumed);
      if (step->part == Part::head) co_return true;
    }
    const bool is_filled = co_await fill(kReadBytes);
    if (!is_filled) {
      if (has_expired_ && is_busy_) refusal_ = Refusal{408, "request head too slow"};
      co_return refusal_.has_value();
    }
  }
}

Task<void> Connection::serve_request() {
  wait_for(Waiting::nothing, {});
  if (refusal_) co_return co_await send_refusal();
  keeps_alive_ = parser_.framing().keeps_alive && !is_stopping_;
  facts_.is_head_method = parser_.request().method == "HEAD";
  parser_.request().peer = peer_;
  place_.emplace(shared_);
  std::optional<Response> refused = refuse();
  if (refused) {
    // Reading a body only to throw it away is what whoever sent it wants.
    has_unread_ = parser_.framing().has_body;
    if (has_unread_) keeps_alive_ = false;
    co_await send(*std::move(refused));
  } else {
    co_await dispatch(*facts_.route);
  }
  place_.reset();
}

// What the head alone decides. Nothing: facts_.route is to answer.
std::optional<Response> Connection::refuse() {
  Request& request = parser_.request();
  const Options& options = shared_.options;
  if (shared_.host_gate && !shared_.host_gate->admits(request.headers))
    return own_response(421, "this server does not go by that host name");
  if (shared_.is_guarded_by_place && !is_safe_method(request.method) && !allows_page(options.cors, request.headers))
    return own_response(403, "not from this origin");
  if (request.path == "*") return Response::empty();
  Match match = shared_.router.find(request.method, request.path);
  if (is_preflight(options.cors, request))
    return preflight_response(options.cors, request, fmt::format("{}", fmt::join(match.allowed, ", ")));
  if (!match.route) return no_route(match);
  facts_.route = match.route;
  request.parameters = std::move(match.parameters);

  if (shared_.gate && match.route->access == Access::token && !shared_.gate->admits(request.headers))
    return with_header(own_response(401, "token missing or wrong"), "WWW-Authenticate", "Bearer");
  if (!place_->has_place()) return with_header(own_response(503, "too many requests at once"), "Retry-After", "1");
  if (!parser_.limit_body(match.route->body_bytes_max.value_or(limits_.body_bytes_max)))
    return own_response(413, "request body too large");
  switch (body_coding(request.headers)) {
    case BodyCoding::identity: break;
    case BodyCoding::gzip: unzip_.emplace(match.route->body_bytes_max.value_or(limits_.decompressed_bytes_max)); break;
    case BodyCoding::unknown:
      return with_header(own_response(415, "unknown Content-Encoding"), "Accept-Encoding", "gzip");
  }
  return std::nullopt;
}

Task<void> Connection::dispatch(const Route& route) {
  if (const auto* handler = std::get_if<Handler>(&route.handler)) {
    co_await answer_now(*handler);
  } else if (const auto* async_handler = std::get_if<AsyncHandler>(&route.handler)) {
    co_await answer_later(*async_handler);
  } else if (const auto* upload_handler = std::get_if<UploadHandler>(&route.handler)) {
    co_await take_upload(*upload_handler);
  } else if (const auto* websocket_handler = std::get_if<WebSocketHandler>(&route.handler)) {
    co_await upgrade(*websocket_handler);
  }
}

Task<void> Connection::answer_now(const Handler& handler) {
  const bool has_body = co_await collect_body();
  if (!has_body) co_return;
  Response response;
  if (!call_guarded([&] { response = handler(parser_.request()); })) response = own_response(500, "internal error");
  co_await send(std::move(response));
}

Task<void> Connection::answer_later(const AsyncHandler& handler) {
  const bool has_body = co_await collect_body();
  if (!has_body) co_return;
  const std::shared_ptr<ExchangeState> state = make_exchange();
  const ClosedAtEnd closed(*state);
  // The handler's thread may outlive this connection: it gets a request of its own, and we keep what is logged.
  std::string body = std::exchange(parser_.request().body, {});
  Request request = parser_.request();
  request.body = std::move(body);
  Responder responder(std::make_shared<Exchange>(state));
  // After an exception the responder is gone, and with it the hope for an answer, unless somebody kept it.
  std::ignore = call_guarded([&] { handler(std::move(request), std::move(responder)); });
  co_await await_answer(*state);
}

Task<void> Connection::take_upload(const UploadHandler& handler) {
  const std::shared_ptr<ExchangeState> state = make_exchange();
  const ClosedAtEnd closed(*state);
  UploadEvents events;
  Upload upload(std::make_shared<Exchange>(state));
  std::ignore = call_guarded([&] { events = handler(parser_.request(), std::move(upload)); });
  const Sink sink = [&](std::string_view piece) {
    if (events.on_piece) events.on_piece(piece);
  };
  const BodyEnd end = co_await read_body(sink, state.get());
  const UploadEnd told = end == BodyEnd::complete  ? UploadEnd::complete
                         : end == BodyEnd::refused ? UploadEnd::refused
                                                   : UploadEnd::cut;
  if (events.on_end) std::ignore = call_guarded([&] { events.on_end(told); });
  events = {};  // and the handles that they hold
  if (end == BodyEnd::refused) co_return co_await send_refusal();
  if (end == BodyEnd::gone) co_return give_up();
  if (end == BodyEnd::answered) {
    keeps_alive_ = false;
    has_unread_ = true;
  }
  co_await await_answer(*state);
}

Task<void> Connection::upgrade(const WebSocketHandler& handler) {
  const Request& request = parser_.request();
  keeps_alive_ = keeps_alive_ && !parser_.framing().has_body;
  if (!is_websocket_upgrade(request) || parser_.framing().has_body)
    co_return co_await send(with_header(own_response(426, "only as a WebSocket"), "Upgrade", "websocket"));
  if (!allows_page(shared_.options.cors, request.headers))
    co_return co_await send(own_response(403, "not from this origin"));
  channel_ = std::make_shared<WebSocketChannel>(send_limits(), wake_from_anywhere());
  std::expected<WebSocketEvents, Response> decision = std::unexpected(own_response(500, "internal error"));
  std::ignore = call_guarded([&] { decision = handler(request, WebSocket(channel_)); });
  if (!decision) {
    std::exchange(channel_, nullptr)->end();
    co_return co_await send(std::move(decision).error());
  }
  keeps_alive_ = false;
  place_.reset();  // it may stay for days
  if (is_stopping_) channel_->close(CloseCode::going_away, "server stops");
  const WebSocketHost host = {
      .stream = stream_, .signal = signal_, .limits = limits_, .on_writing = [this](std::size_t bytes) {
        deadline_ = SteadyClock::time_point::max();
        waiting_ = Waiting::write;
        if (bytes > 0) deadline_ = pace_deadline(SteadyClock::now(), bytes);
      }};
  const bool has_shaken_hands = co_await serve_websocket(host, request, *decision, channel_);
  channel_.reset();
  facts_.status = has_shaken_hands ? 101 : 400;
  facts_.outcome = has_shaken_hands ? Outcome::upgraded : Outcome::cut;
}

// Closing a socket that still has something to read resets the connection, and the client may lose our answer by it
// (RFC 9112 §9.6). So we say that we are through, and read on for a while.
Task<void> Connection::say_goodbye() {
  constexpr std::chrono::milliseconds kTimeMax = std::chrono::seconds(2);
  constexpr std::size_t kBytesMax = 1 << 20;  // what a client may have sent before it reads our answer
  wait_for(Waiting::write, std::min(kTimeMax, limits_.transfer_time_min));
  co_await stream_.finish_writing();
  buffer_.clear();
  bool may_read_on = has_unread_;
  for (std::size_t bytes = 0; may_read_on && bytes < kBytesMax;) {
    may_read_on = co_await fill(kReadBytes);
    bytes += buffer_.size();
    buffer_.clear();
  }
  stream_.close();
}

void Connection::check_deadline(SteadyClock::time_point now) {
  if (now < deadline_) return;
  deadline_ = SteadyClock::time_point::max();
  has_expired_ = true;
  switch (waiting_) {
    case Waiting::nothing: break;
    case Waiting::idle: stream_.close(); break;
    case Waiting::write: stream_.abort(); break;
    case Waiting::head:
    case Waiting::body: stream_.cancel(); break;  // it is told why
    case Waiting::answer: signal_.notify(); break;
  }
}

void Connection::begin_stop() {
  is_stopping_ = true;
  if (channel_) channel_->close(CloseCode::going_away, "server stops");
  if (!is_busy_) stream_.close();
}

void Connection::cut() {
  is_cut_ = true;
  stream_.abort();
  signal_.notify();
}

void Connection::wait_for(Waiting what, std::chrono::milliseconds time) {
  has_expired_ = false;
  waiting_ = what;
  deadline_ = what == Waiting::nothing ? SteadyClock::time_point::max() : SteadyClock::now() + time;
}

// When a transfer that began then is too slow if no more than these bytes have been moved.
SteadyClock::time_point Connection::pace_deadline(SteadyClock::time_point start, std::uint64_t bytes) const {
  // Where the rate is 0, only the start counts: each piece starts again.
  if (limits_.transfer_rate_min == 0) return SteadyClock::now() + limits_.transfer_time_min;
  return start + limits_.transfer_time_min + std::chrono::milliseconds(bytes * 1000 / limits_.transfer_rate_min);
}

// The same where a byte has just been moved. Whoever was quick must not win hours in which to say nothing.
SteadyClock::time_point Connection::transfer_deadline(SteadyClock::time_point start, std::uint64_t bytes) const {
  return std::min(pace_deadline(start, bytes), SteadyClock::now() + limits_.stall_time_max);
}

// While nothing is read or written, nobody else would be told.
void Connection::watch_for_end() {
  stream_.when_broken([connection = weak_from_this()] {
    const std::shared_ptr<Connection> self = connection.lock();
    if (!self) return;
    self->is_cut_ = true;
    self->signal_.notify();
  });
}

void Connection::give_up() {
  keeps_alive_ = false;
  facts_.outcome = Outcome::cut;
}

std::function<void()> Connection::wake_from_anywhere() {
  return [connection = weak_from_this(), executor = stream_.get_executor()] {
    asio::post(executor, [connection] {
      if (const std::shared_ptr<Connection> self = connection.lock()) self->wake();
    });
  };
}

void Connection::wake() {
  signal_.notify();
  // An upload may be answered while its client is silent.
  if (waiting_ == Waiting::body && watched_ && !watched_->can_respond()) stream_.cancel();
}

SendLimits Connection::send_limits() const {
  return {.full_bytes = limits_.send_queue_bytes_full, .max_bytes = limits_.send_queue_bytes_max};
}

std::shared_ptr<ExchangeState> Connection::make_exchange() {
  return std::make_shared<ExchangeState>(send_limits(), wake_from_anywhere());
}

Response Connection::own_response(int status, std::string_view message) const {
  Response response;
  const auto& make = shared_.options.error_response;
  if (make && call_guarded([&] { response = make(status, message); })) return response;
  return Response::error(status, message);
}

Response Connection::no_route(const Match& match) const {
  if (match.allowed.empty()) return own_response(404, "no such route");
  const std::string methods = fmt::format("{}", fmt::join(match.allowed, ", "));
  if (parser_.request().method == "OPTIONS") return with_header(Response::empty(), "Allow", methods);
  return with_header(own_response(405, "method not allowed"), "Allow", methods);
}

void Connection::log() {
  if (!shared_.options.access_log) return;
  const Request& request = parser_.request();
  const AccessRecord record = {.method = request.method,
                               .path = request.path,
                               .route = facts_.route ? std::string_view(facts_.route->pattern) : std::string_view(),
                               .peer = peer_,
                               .request_headers = request.headers,
                               .response_headers = facts_.response_headers,
                               .status = facts_.status,
                               .request_bytes = parser_.body_bytes(),
                               .response_bytes = facts_.response_bytes,
                               .duration = SteadyClock::now() - facts_.start,
                               .outcome = facts_.outcome};
  std::ignore = call_guarded([&] { shared_.options.access_log(record); });
}

}  // namespace gantry::http

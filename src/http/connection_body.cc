// Reading: bytes from the client, the body of a request in pieces.

#include "http/connection.h"
#include "http/guarded_call.h"

namespace gantry::http {

namespace {

constexpr std::size_t kBodyReadBytes = 32 << 10;  // a system call for each is then no cost any more

}  // namespace

std::string_view Connection::unparsed() const {
  const asio::const_buffer bytes = buffer_.cdata();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

// False at the end of the stream, on an error, and when the deadline has passed.
Task<bool> Connection::fill(std::size_t bytes_max) {
  const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(bytes_max), kAwait);
  buffer_.commit(size);
  co_return !error && size > 0;
}

// The whole body into the request; false when that did not come about and everything has been said.
Task<bool> Connection::collect_body() {
  Request& request = parser_.request();
  if (!parser_.framing().has_body) co_return true;
  const BodyEnd end = co_await read_body([&](std::string_view piece) { request.body += piece; }, nullptr);
  if (end == BodyEnd::refused) co_await send_refusal();
  if (end == BodyEnd::gone) give_up();
  co_return end == BodyEnd::complete;
}

// Hands the body over as it comes, until its end or, with an exchange, its answer. It is held to a pace.
Task<Connection::BodyEnd> Connection::read_body(Sink sink, ExchangeState* exchange) {
  watched_ = exchange;
  if (parser_.framing().expects_continue && buffer_.size() == 0 && parser_.framing().has_body) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const bool is_asked = co_await write({asio::buffer(kContinue), {}});
    if (!is_asked) co_return BodyEnd::gone;
  }
  const BodyEnd end = co_await read_pieces(sink, exchange);
  watched_ = nullptr;
  wait_for(Waiting::nothing, {});
  co_return end;
}

Task<Connection::BodyEnd> Connection::read_pieces(const Sink& sink, ExchangeState* exchange) {
  SteadyClock::time_point start = SteadyClock::now();
  while (true) {
    const auto step = parser_.step(unparsed());
    if (!step) refusal_ = step.error();
    if (!step) co_return BodyEnd::refused;
    if (step->part == Part::piece && !deliver(step->piece, sink)) co_return BodyEnd::refused;
    buffer_.consume(step->consumed);
    if (step->part == Part::end) co_return finish_body() ? BodyEnd::complete : BodyEnd::refused;
    if (exchange && !exchange->can_respond()) co_return BodyEnd::answered;
    if (exchange && exchange->is_paused()) {
      wait_for(Waiting::nothing, {});
      while (exchange->is_paused() && !is_cut_) co_await signal_.wait();
      if (is_cut_) co_return BodyEnd::gone;
      start = SteadyClock::now();
    }
    if (step->part == Part::piece) continue;

    wait_for(Waiting::body, {});
    deadline_ = transfer_deadline(start, parser_.body_bytes());
    const bool is_filled = co_await fill(kBodyReadBytes);
    if (is_filled) continue;
    if (exchange && !exchange->can_respond()) co_return BodyEnd::answered;
    if (!has_expired_) co_return BodyEnd::gone;
    refusal_ = Refusal{408, "request body too slow"};
    co_return BodyEnd::refused;
  }
}

// Decompresses where it has to. False: refusal_ says why not.
bool Connection::deliver(std::string_view piece, const Sink& sink) {
  const Sink guarded = [&](std::string_view bytes) {
    if (!refusal_ && !call_guarded([&] { sink(bytes); })) refusal_ = Refusal{500, "internal error"};
  };
  if (!unzip_) {
    guarded(piece);
  } else if (const auto fed = unzip_->feed(piece, guarded); !fed) {
    refusal_ = fed.error();
  }
  return !refusal_;
}

bool Connection::finish_body() {
  if (!unzip_ || !parser_.framing().has_body) return true;
  if (const auto finished = unzip_->finish(); !finished) refusal_ = finished.error();
  return !refusal_;
}

}  // namespace gantry::http

#include "http/websocket.h"

#include "http/guarded_call.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace gantry::http {

namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using BeastSocket = websocket::stream<Stream&>;
using BeastRequest = beast::http::request<beast::http::empty_body>;

BeastRequest to_beast(const Request& request) {
  BeastRequest converted;
  converted.method_string(request.method);
  converted.target(request.path);
  converted.version(11);
  for (const Headers::Field& field : request.headers) converted.insert(field.name, field.value);
  return converted;
}

void set_up(BeastSocket& socket, const Limits& limits) {
  // Beast pings after half the idle time without a sign of life and gives up after the whole.
  socket.set_option(websocket::stream_base::timeout{
      .handshake_timeout = limits.head_time_max, .idle_timeout = 2 * limits.ping_time, .keep_alive_pings = true});
  socket.auto_fragment(false);
  socket.read_message_max(limits.message_bytes_max);
}

// Both coroutines of one socket, on one thread.
struct Session {
  BeastSocket& socket;
  WebSocketHost& host;
  WebSocketChannel& channel;
  Signal& writer_left;
  bool has_ended = false;   // the reader is through
  bool is_closing = false;  // the writer is in the closing handshake
};

Task<void> write_messages(Session& session) {
  while (!session.has_ended) {
    if (session.channel.has_overflowed()) {
      // What waits will not be delivered, so it can't be told in order either.
      session.is_closing = true;
      const websocket::close_reason reason(websocket::close_code::policy_error, "too slow");
      co_await session.socket.async_close(reason, kAwait);
      break;
    }
    if (const std::optional<WebSocketChannel::Message> message = session.channel.take_message()) {
      session.socket.binary(message->kind == MessageKind::binary);
      session.host.on_writing(message->bytes.size());
      const auto [error, size] = co_await session.socket.async_write(asio::buffer(message->bytes), kAwait);
      session.host.on_writing(0);
      session.channel.written(message->bytes.size());
      if (error) break;
    } else if (const std::optional<WebSocketChannel::Closing> closing = session.channel.take_closing()) {
      constexpr std::size_t kReasonBytesMax = 123;  // RFC 6455 §5.5: a control frame has 125, the code takes 2
      const websocket::close_reason reason(static_cast<websocket::close_code>(closing->code),
                                           beast::string_view(closing->reason).substr(0, kReasonBytesMax));
      session.is_closing = true;
      co_await session.socket.async_close(reason, kAwait);
      break;
    } else {
      co_await session.host.signal.wait();
    }
  }
  session.writer_left.notify();
}

struct End {
  CloseCode code;
  std::string reason;
};

// Why reading ended.
End end_of(BeastSocket& socket, const error_code& error) {
  if (error == websocket::error::closed)
    return {static_cast<CloseCode>(socket.reason().code),
            std::string(socket.reason().reason.data(), socket.reason().reason.size())};
  if (error == websocket::error::message_too_big) return {CloseCode::message_too_big, "message too big"};
  if (error == websocket::error::bad_frame_payload) return {CloseCode::invalid_payload, "not UTF-8"};
  return {CloseCode::abnormal, ""};
}

Task<End> read_messages(BeastSocket& socket, const WebSocketEvents& events) {
  beast::flat_buffer message;
  while (true) {
    const auto [error, size] = co_await socket.async_read(message, kAwait);
    if (error) co_return end_of(socket, error);
    const asio::const_buffer bytes = message.cdata();
    const std::string_view text(static_cast<const char*>(bytes.data()), bytes.size());
    const MessageKind kind = socket.got_text() ? MessageKind::text : MessageKind::binary;
    if (events.on_message && !call_guarded([&] { events.on_message(text, kind); }))
      co_return End{CloseCode::internal_error, "internal error"};
    message.clear();
  }
}

}  // namespace

bool is_websocket_upgrade(const Request& request) { return websocket::is_upgrade(to_beast(request)); }

Task<bool> serve_websocket(WebSocketHost host, const Request& request, const WebSocketEvents& events,
                           std::shared_ptr<WebSocketChannel> channel) {
  BeastSocket socket(host.stream);
  set_up(socket, host.limits);
  const auto [error] = co_await socket.async_accept(to_beast(request), kAwait);
  End end = {CloseCode::abnormal, ""};
  if (!error) {
    Signal writer_left(host.stream.get_executor());
    Session session{.socket = socket, .host = host, .channel = *channel, .writer_left = writer_left};
    asio::co_spawn(host.stream.get_executor(), write_messages(session), asio::detached);
    end = co_await read_messages(socket, events);
    // A writer that waits for the client to take a message would wait on; one that says goodbye is let finish.
    if (!session.is_closing) host.stream.close();
    session.has_ended = true;
    host.signal.notify();
    co_await writer_left.wait();
  }
  channel->end();
  if (events.on_close) std::ignore = call_guarded([&] { events.on_close(end.code, end.reason); });
  co_return !error;
}

SendState WebSocketChannel::send(std::string message, MessageKind kind) {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::open) return SendState::closed;
  const SendState state = backlog_.add(message.size());
  if (state == SendState::closed) {
    has_overflowed_ = true;
    phase_ = Phase::closing;
  } else {
    messages_.push_back({std::move(message), kind});
  }
  wake_();
  return state;
}

void WebSocketChannel::on_ready(std::function<void()> callback) {
  std::function<void()> now;
  {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::open) {
      backlog_.on_ready(std::move(callback));
      now = backlog_.take_due();
    } else {
      now = std::move(callback);
    }
  }
  if (now) now();
}

void WebSocketChannel::close(CloseCode code, std::string reason) {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::open) return;
  phase_ = Phase::closing;
  closing_ = Closing{code, std::move(reason)};
  wake_();
}

bool WebSocketChannel::is_open() const {
  const std::lock_guard lock(mutex_);
  return phase_ == Phase::open;
}

std::optional<WebSocketChannel::Message> WebSocketChannel::take_message() {
  const std::lock_guard lock(mutex_);
  if (messages_.empty()) return std::nullopt;
  Message message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

std::optional<WebSocketChannel::Closing> WebSocketChannel::take_closing() {
  const std::lock_guard lock(mutex_);
  return std::exchange(closing_, std::nullopt);
}

bool WebSocketChannel::has_overflowed() const {
  const std::lock_guard lock(mutex_);
  return has_overflowed_;
}

void WebSocketChannel::written(std::size_t bytes) {
  std::function<void()> due;
  {
    const std::lock_guard lock(mutex_);
    backlog_.remove(bytes);
    due = backlog_.take_due();
  }
  if (due) due();
}

void WebSocketChannel::end() {
  std::function<void()> waiting;
  {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::ended;
    messages_.clear();
    wake_ = nullptr;
    waiting = backlog_.take_any();
  }
  if (waiting) waiting();
}

SendState WebSocket::send(std::string message, MessageKind kind) const {
  return channel_->send(std::move(message), kind);
}
void WebSocket::on_ready(std::function<void()> callback) const { channel_->on_ready(std::move(callback)); }
void WebSocket::close(CloseCode code, std::string reason) const { channel_->close(code, std::move(reason)); }
bool WebSocket::is_open() const { return channel_->is_open(); }

}  // namespace gantry::http

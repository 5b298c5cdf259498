#include "load/http/websocket.h"

#include "base/base64.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kHeadBytesMax = std::size_t{64} << 10;  // of a handshake's answer: a few hundred bytes are usual
constexpr int kReadsAtOnce = 64;
constexpr std::size_t kBodyShown = 1024;  // of an answer that is no handshake's, as k6 has it

std::string make_key() {
  std::array<char, 16> bytes{};
  ::RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  return base::encode_base64({bytes.data(), bytes.size()});
}

// What a server that speaks the protocol makes of a key (RFC 6455, §4.2.2).
std::string accept_of(std::string_view key) {
  const std::string text = fmt::format("{}258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_sha1(), nullptr);
  return base::encode_base64({reinterpret_cast<const char*>(digest.data()), size});
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return result;
}

// Whether a list of a header has an element, whatever the case.
bool has_token(const ResponseHead& head, std::string_view header, std::string_view token) {
  const std::string list = lower(head.header(header));
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    std::string_view element = std::string_view(list).substr(at, end - at);
    while (element.starts_with(' ')) element.remove_prefix(1);
    while (element.ends_with(' ')) element.remove_suffix(1);
    if (element == token) return true;
    at = end + 1;
  }
  return false;
}

// As Go names it, whose words k6 shows: requests have others.
std::string describe(const HttpFailure& failure, const WebSocketRequest& request) {
  if (failure.code == 1101) return fmt::format("lookup {}: no such host", request.host);
  return failure.detail.empty() ? failure.text : failure.detail;
}

std::string write_handshake(const WebSocketRequest& request, std::string_view key) {
  std::string text = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\n{}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {}\r\n"
      "Sec-WebSocket-Version: 13\r\n",
      request.target, request.authority, request.headers, key);
  if (!request.protocols.empty()) text += fmt::format("Sec-WebSocket-Protocol: {}\r\n", request.protocols);
  if (request.compression == WebSocketCompression::deflate)
    text += "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";
  return text + "\r\n";
}

class Handshake {
 public:
  Handshake(Connection& connection, const WebSocketRequest& request, WebSocketOutcome& outcome)
      : connection_(connection), request_(request), outcome_(outcome), key_(make_key()) {}

  // Whether it came about.
  bool run() {
    const auto sent = connection_.send(write_handshake(request_, key_), request_.deadline);
    if (!sent) return fail(sent.error());
    return read_head() && (is_agreed() ? agree_on_compression() : read_body());
  }
  WebSocketCompression compression() const { return compression_; }
  // What came behind the head.
  std::string_view rest() const { return rest_; }

 private:
  bool fail(const HttpFailure& failure) {
    outcome_.was_interrupted = failure.code == 0;
    outcome_.failure = describe(failure, request_);
    return false;
  }

  bool read_head() {
    std::size_t end = std::string::npos;
    while ((end = rest_.find("\r\n\r\n")) == std::string::npos) {
      const auto bytes = connection_.receive_next(request_.deadline);
      if (!bytes) return fail(bytes.error());
      if (bytes->empty()) return fail({1000, rest_.empty() ? "EOF" : "unexpected EOF"});
      rest_ += *bytes;
      if (rest_.size() > kHeadBytesMax) return fail({1000, "the head of the answer is too long"});
    }
    std::string head = rest_.substr(0, end + 4);
    rest_.erase(0, end + 4);
    // To the parser an answer of 101 is one that another follows.
    constexpr std::size_t kStatus = 9;
    const bool is_switch = head.starts_with("HTTP/1.") && head.substr(kStatus, 3) == "101";
    if (is_switch) head.replace(kStatus, 3, "200");
    ResponseParser parser(ResponseParser::Body::discard, true);
    if (const auto used = parser.feed(head); !used || !parser.has_head())
      return fail({1000, "malformed HTTP response"});
    outcome_.head = parser.take_head();
    if (is_switch) outcome_.head.status = 101;
    return true;
  }

  bool is_agreed() const {
    const ResponseHead& head = outcome_.head;
    return head.status == 101 && has_token(head, "Upgrade", "websocket") && has_token(head, "Connection", "upgrade") &&
           head.header("Sec-WebSocket-Accept") == accept_of(key_);
  }

  bool agree_on_compression() {
    const std::string extensions = lower(outcome_.head.header("Sec-WebSocket-Extensions"));
    if (!extensions.contains("permessage-deflate")) return true;
    const bool is_ours = request_.compression == WebSocketCompression::deflate &&
                         extensions.contains("server_no_context_takeover") &&
                         extensions.contains("client_no_context_takeover");
    if (!is_ours) return fail({1000, "websocket: invalid compression negotiation"});
    compression_ = WebSocketCompression::deflate;
    return true;
  }

  // Of an answer that is no handshake's, as much as is shown.
  bool read_body() {
    outcome_.failure = "websocket: bad handshake";
    const std::string_view length = outcome_.head.header("Content-Length");
    const auto wanted = length.empty()
                            ? kBodyShown
                            : std::min<std::size_t>(kBodyShown, std::strtoul(std::string(length).c_str(), nullptr, 10));
    while (rest_.size() < wanted && outcome_.head.status >= 200) {
      const auto bytes = connection_.receive_next(request_.deadline);
      if (!bytes || bytes->empty()) break;
      rest_ += *bytes;
    }
    outcome_.body = rest_.substr(0, wanted);
    return false;
  }

  Connection& connection_;
  const WebSocketRequest& request_;
  WebSocketOutcome& outcome_;
  std::string key_;
  std::string rest_ = {};
  WebSocketCompression compression_ = WebSocketCompression::none;
};

}  // namespace

WebSocketOutcome open_websocket(HttpClient& client, const WebSocketRequest& request) {
  WebSocketOutcome outcome;
  const SteadyTime begun = steady_clock::now();
  HttpTimes times;
  auto connection = client.dial({.method = "GET",
                                 .host = request.host,
                                 .port = request.port,
                                 .is_https = request.is_secure,
                                 .protocol = HttpRequest::Protocol::http1,
                                 .deadline = request.deadline},
                                times);
  if (connection) {
    outcome.remote_ip = (*connection)->link()->ip;
    Handshake handshake(**connection, request, outcome);
    if (handshake.run())
      outcome.socket = std::make_unique<WebSocket>(*std::move(connection), handshake.compression(), handshake.rest());
  } else {
    outcome.was_interrupted = connection.error().code == 0;
    outcome.failure = describe(connection.error(), request);
  }
  outcome.connecting = steady_clock::now() - begun;
  return outcome;
}

WebSocket::WebSocket(std::unique_ptr<Connection> connection, WebSocketCompression compression,
                     std::string_view first_bytes)
    : connection_(std::move(connection)), compression_(compression), reader_(compression) {
  reader_.feed(first_bytes);
}

std::expected<void, HttpFailure> WebSocket::send(WebSocketOpcode opcode, std::string_view payload,
                                                 SteadyTime deadline) {
  std::string bytes;
  append_websocket_frame(bytes, opcode, payload, static_cast<std::uint32_t>(masks_()), compression_);
  return connection_->send(bytes, deadline);
}

void WebSocket::read_what_is_there() {
  // Some at a time: a fast peer would have no end.
  for (int i = 0; i < kReadsAtOnce && !has_ended_ && !reader_.is_over() && connection_->may_have_more(); ++i) {
    const auto bytes = connection_->receive_next(SteadyTime());
    if (!bytes && (bytes.error().code == 1050 || bytes.error().code == 0)) return;  // nothing more for now
    if (!bytes) end_ = bytes.error().text;
    if (!bytes || bytes->empty()) has_ended_ = true;
    if (bytes) reader_.feed(*bytes);
  }
}

std::optional<WebSocketEvent> WebSocket::next() {
  std::optional<WebSocketEvent> event = reader_.next();
  if (event) return event;
  read_what_is_there();
  event = reader_.next();
  if (event || !has_ended_ || has_told_end_ || reader_.is_over()) return event;
  has_told_end_ = true;
  return WebSocketEvent{.kind = WebSocketEvent::Kind::failed,
                        .data = end_.empty() ? "close 1006 (abnormal closure): unexpected EOF" : end_,
                        .code = kCloseAbnormal};
}

}  // namespace gantry::load

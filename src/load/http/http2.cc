#include "load/http/http2.h"

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;
using Done = std::expected<void, HttpFailure>;

// As Go's client: how much may come unasked, of one answer and of all.
constexpr std::uint32_t kStreamWindow = 4U << 20;
constexpr std::int32_t kConnectionWindow = 1 << 30;
// SETTINGS and PINGs that wait for their answer: more is a flood.
constexpr std::size_t kAcksMax = 1'000;
constexpr std::size_t kSettingsMax = 32;
constexpr int kStatusMin = 100;

// Behind what the system holds for a server that does not read.
constexpr std::size_t kUnsentMax = std::size_t{256} << 10;

// RFC 9113, §7.
constexpr std::array<std::string_view, 14> kErrorNames = {"NO_ERROR",
                                                          "PROTOCOL_ERROR",
                                                          "INTERNAL_ERROR",
                                                          "FLOW_CONTROL_ERROR",
                                                          "SETTINGS_TIMEOUT",
                                                          "STREAM_CLOSED",
                                                          "FRAME_SIZE_ERROR",
                                                          "REFUSED_STREAM",
                                                          "CANCEL",
                                                          "COMPRESSION_ERROR",
                                                          "CONNECT_ERROR",
                                                          "ENHANCE_YOUR_CALM",
                                                          "INADEQUATE_SECURITY",
                                                          "HTTP_1_1_REQUIRED"};

// k6's numbers: that of an unknown error, and one for each from there on.
enum class Kind : int { go_away = 1610, stream = 1630, connection = 1650 };

HttpFailure failure_of(Kind kind, std::uint32_t error) {
  const bool is_known = error < kErrorNames.size();
  const std::string name = is_known ? std::string(kErrorNames[error]) : fmt::format("unknown error code 0x{:x}", error);
  const std::string_view what = kind == Kind::go_away  ? "received GoAway"
                                : kind == Kind::stream ? "stream error"
                                                       : "connection error";
  return {static_cast<int>(kind) + (is_known ? 1 + static_cast<int>(error) : 0),
          fmt::format("http2: {} with http2 ErrCode {}", what, name)};
}

// A request as HTTP/1.1 has it, taken apart.
struct RequestParts {
  std::string_view method;
  std::string_view target;
  std::vector<std::pair<std::string, std::string_view>> headers = {};  // names in lower case, Host left out
  std::string_view host = {};
  std::string_view body = {};
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return result;
}

// RFC 9113, §8.2.2: what is said of a connection is no header here.
bool is_of_connection(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames = {"connection", "keep-alive", "proxy-connection",
                                                      "transfer-encoding", "upgrade"};
  return std::ranges::find(kNames, name) != kNames.end();
}

RequestParts take_apart(std::string_view bytes) {
  RequestParts parts;
  const auto take_until = [&bytes](std::string_view end) {
    const std::string_view part = bytes.substr(0, bytes.find(end));
    bytes.remove_prefix(std::min(bytes.size(), part.size() + end.size()));
    return part;
  };
  parts.method = take_until(" ");
  parts.target = take_until(" ");
  take_until("\r\n");
  while (!bytes.empty() && !bytes.starts_with("\r\n")) {
    std::string name = lower(take_until(": "));
    const std::string_view value = take_until("\r\n");
    if (name == "host")
      parts.host = value;
    else if (!is_of_connection(name))
      parts.headers.emplace_back(std::move(name), value);
  }
  parts.body = bytes.substr(std::min<std::size_t>(2, bytes.size()));
  return parts;
}

nghttp2_nv to_pair(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

// Of a head as it comes, or of trailers.
struct HeaderLines {
  std::string text = {};
  std::vector<Headers::Place> places = {};

  void add(std::string_view name, std::string_view value) {
    const auto at = static_cast<std::uint32_t>(text.size());
    const auto name_size = static_cast<std::uint32_t>(name.size());
    places.push_back({at, name_size, at + name_size, static_cast<std::uint32_t>(value.size())});
    text.append(name).append(value);
  }
  Headers take() { return {std::exchange(text, {}), std::exchange(places, {})}; }
};

}  // namespace

struct Http2::Stream {
  Member& member;  // who waits for it
  const ExchangeOptions& options;
  std::string_view unsent = {};  // of the request's body
  HeaderLines lines = {};        // of the answer's head
  HeaderLines trailers = {};
  ResponseHead head = {};
  KeptBody body = {};
  SteadyTime sent_at{};
  SteadyTime first_byte{};
  SteadyTime last_byte{};
  bool is_trailer = false;
  bool is_whole = false;  // the server has said that its answer is
  bool has_ended = false;
  HttpFailure failure{.code = 0};
  bool is_stale = false;     // most likely the connection was at its end before
  bool was_refused = false;  // the server has not looked at it
};

// nghttp2 tells what it has read, with the connection as `self`.
struct Http2::Callbacks {
  static Stream* find(void* self, std::int32_t id) {
    auto& streams = static_cast<Http2*>(self)->streams_;
    const auto found = streams.find(id);
    return found == streams.end() ? nullptr : found->second;
  }

  static void give_up(nghttp2_session* session, std::int32_t id, Stream& stream, ResponseError error) {
    stream.failure = {1000, std::string(to_string(error))};
    ::nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    Stream* stream = find(self, frame->hd.stream_id);
    if (!stream) return 0;
    if (stream->first_byte == SteadyTime()) stream->first_byte = static_cast<Http2*>(self)->connection_->heard_at();
    // After the answer's own head, but not after an interim one, come trailers: few ask for those.
    stream->is_trailer = stream->head.status >= 200;
    if (stream->is_trailer) return 0;
    stream->lines = {};
    stream->head = {.version = HttpVersion::http2};
    return 0;
  }

  static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* self) {
    Stream* stream = find(self, frame->hd.stream_id);
    if (!stream || stream->failure.code != 0 || (stream->is_trailer && !stream->options.trailers)) return 0;
    const std::string_view key(reinterpret_cast<const char*>(name), name_size);
    const std::string_view text(reinterpret_cast<const char*>(value), value_size);
    if (key == ":status") {
      std::from_chars(text.data(), text.data() + text.size(), stream->head.status);
      if (stream->head.status >= kStatusMin) return 0;
      // nghttp2 has only looked that it is three digits.
      stream->failure = failure_of(Kind::stream, NGHTTP2_PROTOCOL_ERROR);
      ::nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_PROTOCOL_ERROR);
      return 0;
    }
    const std::size_t so_far = stream->lines.text.size() + stream->trailers.text.size();
    if (so_far + name_size + value_size > ResponseParser::kHeadBytesMax)
      give_up(session, frame->hd.stream_id, *stream, ResponseError::head_too_long);
    else
      (stream->is_trailer ? stream->trailers : stream->lines).add(key, text);
    return 0;
  }

  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* self) {
    Stream* stream = find(self, id);
    if (!stream || stream->options.body == ResponseParser::Body::discard || stream->failure.code != 0) return 0;
    if (stream->body.size() + size > stream->options.body_bytes_max)
      give_up(session, id, *stream, ResponseError::body_too_long);
    else if (!stream->body.append({reinterpret_cast<const char*>(data), size}))
      give_up(session, id, *stream, ResponseError::no_room);
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    const bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (may_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
      if (Stream* stream = find(self, frame->hd.stream_id)) {
        stream->is_whole = true;
        stream->last_byte = static_cast<Http2*>(self)->connection_->heard_at();
      }
    if (frame->hd.type != NGHTTP2_GOAWAY) return 0;
    auto& connection = *static_cast<Http2*>(self);
    connection.has_ended_ = true;
    connection.goodbye_ = failure_of(Kind::go_away, frame->goaway.error_code);
    return 0;
  }

  static int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR)
      static_cast<Http2*>(self)->our_complaint_ = failure_of(Kind::connection, frame->goaway.error_code);
    Stream* stream = find(self, frame->hd.stream_id);
    if (stream && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) stream->sent_at = steady_clock::now();
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* self) {
    Stream* stream = find(self, id);
    if (!stream) return 0;
    auto& connection = *static_cast<Http2*>(self);
    stream->has_ended = true;
    // A server that wants no more of the request ends the stream without an error: behind its answer, not instead of one (RFC 9113, §8.1).
    if ((error != NGHTTP2_NO_ERROR || !stream->is_whole) && stream->failure.code == 0) {
      stream->was_refused = error == NGHTTP2_REFUSED_STREAM;
      stream->failure =
          connection.goodbye_.code != 0 && stream->was_refused ? connection.goodbye_ : failure_of(Kind::stream, error);
    }
    connection.connection_->crew().wake(stream->member);
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* into, std::size_t most,
                           std::uint32_t* flags, nghttp2_data_source*, void* self) {
    Stream* stream = find(self, id);
    if (!stream) return NGHTTP2_ERR_DEFERRED;  // nobody waits for it any more
    const std::size_t size = std::min(most, stream->unsent.size());
    std::memcpy(into, stream->unsent.data(), size);
    stream->unsent.remove_prefix(size);
    if (stream->unsent.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  static nghttp2_session* make_session(Http2& self) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_option* option = nullptr;
    nghttp2_session* session = nullptr;
    ::nghttp2_session_callbacks_new(&callbacks);
    ::nghttp2_option_new(&option);
    ::nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    ::nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    ::nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    ::nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    ::nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
    ::nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    ::nghttp2_option_set_max_outbound_ack(option, kAcksMax);
    ::nghttp2_option_set_max_settings(option, kSettingsMax);
    ::nghttp2_session_client_new2(&session, callbacks, &self, option);
    ::nghttp2_session_callbacks_del(callbacks);
    ::nghttp2_option_del(option);
    return session;
  }
};

std::expected<std::unique_ptr<Http2>, HttpFailure> Http2::start(std::unique_ptr<Connection> connection) {
  std::unique_ptr<Http2> made(new Http2(std::move(connection)));
  made->session_ = {Callbacks::make_session(*made), ::nghttp2_session_del};
  if (!made->session_) return std::unexpected(HttpFailure{1600, "http2: there is no memory for a connection"});
  const std::array<nghttp2_settings_entry, 3> settings = {
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(ResponseParser::kHeadBytesMax)}}};
  nghttp2_session* session = made->session_.get();
  ::nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  ::nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
  return made;
}

Http2::~Http2() = default;

bool Http2::may_take() const {
  if (has_ended_ || our_complaint_.code != 0 || !connection_->may_reuse()) return false;
  const std::uint32_t most =
      ::nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  return streams_.size() < most && ::nghttp2_session_check_request_allowed(session_.get()) == 1;
}

std::int32_t Http2::submit(Stream& stream, const ExchangeOptions& options) {
  const RequestParts parts = take_apart(options.request);
  std::vector<nghttp2_nv> pairs = {to_pair(":method", parts.method),
                                   to_pair(":scheme", connection_->tls() ? "https" : "http"),
                                   to_pair(":authority", parts.host), to_pair(":path", parts.target)};
  for (const auto& [name, value] : parts.headers) pairs.push_back(to_pair(name, value));
  stream.unsent = parts.body;
  const nghttp2_data_provider body{.source = {.ptr = nullptr}, .read_callback = Callbacks::read_body};
  return ::nghttp2_submit_request(session_.get(), nullptr, pairs.data(), pairs.size(),
                                  parts.body.empty() ? nullptr : &body, nullptr);
}

std::expected<Exchange, BrokenExchange> Http2::exchange(Waiting waiting, const ExchangeOptions& options) {
  const SteadyTime begun = steady_clock::now();
  Stream stream{.member = waiting.member, .options = options};
  const std::int32_t id = submit(stream, options);
  if (id < 0)
    return std::unexpected(
        BrokenExchange{.failure = {1600, fmt::format("http2: {}", ::nghttp2_strerror(id))}, .was_refused = true});
  streams_.emplace(id, &stream);
  Done waited = wait_for(waiting, stream, options.deadline);
  streams_.erase(id);
  if (!waited && !stream.has_ended && !has_ended_) {
    // Nobody wants the answer any more.
    ::nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    static_cast<void>(send_output());
  }
  if (!is_pumped_) wake_next();
  // Whose turn it was to read may have had it long before this one has its own.
  const SteadyTime now = steady_clock::now();
  const SteadyTime sent_at = stream.sent_at == SteadyTime() ? now : stream.sent_at;
  const SteadyTime first_byte = stream.first_byte == SteadyTime() ? now : std::max(sent_at, stream.first_byte);
  const SteadyTime ended = stream.last_byte == SteadyTime() ? now : std::max(first_byte, stream.last_byte);
  const ExchangeTimes times{begun, sent_at - begun, first_byte - sent_at, ended - first_byte};
  if (!waited || stream.failure.code != 0) {
    HttpFailure failure = waited ? stream.failure : waited.error();
    const bool was_interrupted = failure.code == 0;
    return std::unexpected(
        BrokenExchange{std::move(failure), times, stream.is_stale, stream.was_refused, was_interrupted});
  }
  has_served_ = true;
  stream.head.headers = stream.lines.take();
  if (options.trailers) *options.trailers = stream.trailers.take();
  return Exchange{.head = std::move(stream.head), .body = std::move(stream.body), .times = times};
}

Done Http2::wait_for(Waiting waiting, Stream& stream, SteadyTime deadline) {
  if (Done sent = send_output(); !sent) fail_all(sent.error());
  while (!stream.has_ended) {
    if (!is_pumped_) {
      is_pumped_ = true;
      Done pumped = pump(waiting, deadline);
      is_pumped_ = false;
      // Of its own time, or the end of its iteration: that is nobody else's matter.
      const bool is_own = !pumped && (pumped.error().code == 1050 || pumped.error().code == 0);
      if (is_own) return pumped;
      if (!pumped) fail_all(pumped.error());
      continue;
    }
    switch (waiting.crew.park(waiting.member, deadline)) {
      case Wake::ready: break;
      case Wake::timed_out: return std::unexpected(timed_out());
      case Wake::interrupted: return std::unexpected(interrupted());
    }
  }
  return {};
}

Done Http2::pump(Waiting waiting, SteadyTime deadline) {
  connection_->serve(waiting);
  if (Done sent = send_output(); !sent) return sent;
  std::array<char, 16 << 10> bytes;
  const auto received = connection_->receive_some(bytes, deadline);
  if (!received) {
    // Whoever says good-bye and resets the connection has said why.
    const bool has_reason = goodbye_.code != 0 && received.error().code >= 1200;
    return std::unexpected(has_reason ? goodbye_ : received.error());
  }
  const std::optional<std::size_t> count = *received;
  if (!count) return {};
  if (*count == 0) {
    return std::unexpected(goodbye_.code != 0 ? goodbye_ : HttpFailure{1000, "unexpected EOF"});
  }
  const ssize_t used =
      ::nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), *count);
  if (used < 0) {
    const bool is_flood = used == NGHTTP2_ERR_FLOODED;
    return std::unexpected(failure_of(Kind::connection, is_flood ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR));
  }
  return send_output();
}

Done Http2::send_output() {
  for (;;) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = ::nghttp2_session_mem_send(session_.get(), &bytes);
    if (size < 0) return std::unexpected(failure_of(Kind::connection, NGHTTP2_INTERNAL_ERROR));
    if (size == 0) break;
    const std::string_view text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    if (Done queued = connection_->queue(text); !queued) return queued;
    // What the server does not take is not made.
    if (connection_->unsent_bytes() > kUnsentMax) break;
  }
  if (Done flushed = connection_->flush(); !flushed) return flushed;
  if (our_complaint_.code != 0) return std::unexpected(our_complaint_);
  return {};
}

// Of the connection: all that are under way go with it.
void Http2::fail_all(const HttpFailure& failure) {
  has_ended_ = true;
  for (const auto& [id, stream] : streams_) {
    if (stream->has_ended) continue;
    stream->has_ended = true;
    if (stream->failure.code == 0) stream->failure = failure;
    stream->is_stale = has_served_ && stream->first_byte == SteadyTime();
    connection_->crew().wake(stream->member);
  }
}

// One of those who wait reads from now on.
void Http2::wake_next() {
  for (const auto& [id, stream] : streams_)
    if (!stream->has_ended) return connection_->crew().wake(stream->member);
}

}  // namespace gantry::load

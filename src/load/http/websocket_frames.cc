#include "load/http/websocket_frames.h"

#include "base/text.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace gantry::load {

namespace {

constexpr unsigned kFinal = 0x80;
constexpr unsigned kReserved1 = 0x40;  // compressed (RFC 7692, §6)
constexpr unsigned kMasked = 0x80;
constexpr std::size_t kControlBytesMax = 125;
constexpr std::size_t kReasonBytesMax = kControlBytesMax - 2;

bool is_control(WebSocketOpcode opcode) { return static_cast<unsigned>(opcode) >= 8; }

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// Of a message that ends with what RFC 7692, §7.2.2 takes away. Nothing for what is none, or too long.
std::optional<std::string> inflate_message(std::string_view compressed) {
  constexpr std::string_view kTail("\x00\x00\xff\xff", 4);
  std::string input(compressed);
  input += kTail;
  z_stream stream{};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  std::string result;
  std::array<char, 16384> piece;
  int status = Z_OK;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    status = ::inflate(&stream, Z_SYNC_FLUSH);
    result.append(piece.data(), piece.size() - stream.avail_out);
  } while (status == Z_OK && stream.avail_out == 0 && result.size() <= WebSocketReader::kMessageBytesMax);
  ::inflateEnd(&stream);
  // Z_BUF_ERROR: there was nothing left to do.
  const bool is_whole = (status == Z_OK || status == Z_BUF_ERROR || status == Z_STREAM_END);
  if (!is_whole || result.size() > WebSocketReader::kMessageBytesMax) return std::nullopt;
  return result;
}

std::string deflate_message(std::string_view text) {
  z_stream stream{};
  ::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
  std::string result(::deflateBound(&stream, static_cast<uLong>(text.size())) + 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  ::deflate(&stream, Z_SYNC_FLUSH);
  result.resize(result.size() - stream.avail_out);
  ::deflateEnd(&stream);
  // The four bytes of the flush are the other side's to add.
  result.resize(result.size() - std::min<std::size_t>(result.size(), 4));
  return result;
}

// That may come from a server (RFC 6455, §7.4).
bool is_close_code(std::uint64_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1013) || (code >= 3000 && code <= 4999);
}

}  // namespace

std::string WebSocketReader::find_fault(unsigned first, unsigned second) const {
  std::string faults;
  const auto add = [&faults](std::string_view fault) {
    faults += fmt::format("{}{}", faults.empty() ? "" : ", ", fault);
  };
  const unsigned opcode = first & 0xF;
  const bool is_final = (first & kFinal) != 0;
  const bool is_open = message_opcode_ != WebSocketOpcode::continuation;
  if ((first & kReserved1) != 0 && compression_ == WebSocketCompression::none) add("RSV1 set");
  if ((first & 0x20) != 0) add("RSV2 set");
  if ((first & 0x10) != 0) add("RSV3 set");
  if (opcode >= 8 && opcode <= 10) {
    if ((second & 0x7F) > kControlBytesMax) add("len > 125 for control");
    if (!is_final) add("FIN not set on control");
  } else if (opcode == 1 || opcode == 2) {
    if (is_open) add("data before FIN");
  } else if (opcode == 0) {
    if (!is_open) add("continuation after FIN");
  } else {
    add(fmt::format("bad opcode {}", opcode));
  }
  if ((second & kMasked) != 0) add("bad MASK");
  return faults;
}

std::optional<WebSocketReader::Head> WebSocketReader::read_head(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const unsigned first = static_cast<unsigned char>(bytes[0]);
  const unsigned second = static_cast<unsigned char>(bytes[1]);
  if (std::string fault = find_fault(first, second); !fault.empty()) {
    fail(std::move(fault));
    return std::nullopt;
  }
  const unsigned length = second & 0x7F;
  const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes.size() < 2 + more) return std::nullopt;
  return Head{.opcode = static_cast<WebSocketOpcode>(first & 0xF),
              .is_final = (first & kFinal) != 0,
              .is_compressed = (first & kReserved1) != 0,
              .bytes = 2 + more,
              .payload = more == 0 ? length : big_endian(bytes.substr(2, more))};
}

void WebSocketReader::feed(std::string_view bytes) {
  if (is_over_) return;
  bytes_ += bytes;
  std::size_t used = 0;
  while (!is_over_) {
    const std::string_view rest = std::string_view(bytes_).substr(used);
    const std::optional<Head> head = read_head(rest);
    if (!head) break;
    if (head->payload > kMessageBytesMax || message_.size() + head->payload > kMessageBytesMax) {
      fail("read limit exceeded", kCloseTooBig);
      break;
    }
    const std::size_t whole = head->bytes + static_cast<std::size_t>(head->payload);
    if (rest.size() < whole) break;
    take_frame(*head, rest.substr(head->bytes, whole - head->bytes));
    used += whole;
  }
  bytes_.erase(0, used);
}

void WebSocketReader::take_frame(const Head& head, std::string_view payload) {
  if (is_control(head.opcode)) return take_control(head, payload);
  if (head.opcode != WebSocketOpcode::continuation) {
    message_opcode_ = head.opcode;
    message_is_compressed_ = head.is_compressed;
  }
  message_ += payload;
  if (head.is_final) finish_message();
}

void WebSocketReader::finish_message() {
  const auto kind =
      message_opcode_ == WebSocketOpcode::text ? WebSocketEvent::Kind::text : WebSocketEvent::Kind::binary;
  message_opcode_ = WebSocketOpcode::continuation;
  std::string message = std::exchange(message_, {});
  if (message_is_compressed_) {
    std::optional<std::string> inflated = inflate_message(message);
    if (!inflated) return fail("a message cannot be inflated, or is too long", kCloseTooBig);
    message = *std::move(inflated);
  }
  events_.push_back({kind, std::move(message)});
}

void WebSocketReader::take_control(const Head& head, std::string_view payload) {
  using enum WebSocketEvent::Kind;
  if (head.opcode != WebSocketOpcode::close) {
    events_.push_back({head.opcode == WebSocketOpcode::ping ? ping : pong, std::string(payload)});
    return;
  }
  WebSocketEvent event{.kind = close, .data = {}, .code = kCloseNoStatus};
  if (payload.size() >= 2) {
    const std::uint64_t code = big_endian(payload.substr(0, 2));
    if (!is_close_code(code)) return fail(fmt::format("bad close code {}", code));
    event.code = static_cast<std::uint16_t>(code);
    event.data = payload.substr(2);
    if (!base::is_utf8(event.data)) return fail("invalid utf8 payload in close frame");
  }
  events_.push_back(std::move(event));
  is_over_ = true;
}

void WebSocketReader::fail(std::string what, std::uint16_t code) {
  events_.push_back({WebSocketEvent::Kind::failed, std::move(what), code});
  is_over_ = true;
}

std::optional<WebSocketEvent> WebSocketReader::next() {
  if (events_.empty()) return std::nullopt;
  WebSocketEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void append_websocket_frame(std::string& bytes, WebSocketOpcode opcode, std::string_view payload, std::uint32_t mask,
                            WebSocketCompression compression) {
  const bool is_compressed = compression == WebSocketCompression::deflate && !is_control(opcode);
  const std::string compressed = is_compressed ? deflate_message(payload) : std::string();
  if (is_compressed) payload = compressed;
  bytes += static_cast<char>(kFinal | (is_compressed ? kReserved1 : 0) | static_cast<unsigned>(opcode));
  const auto append_length = [&bytes](std::uint64_t length, int count) {
    while (count-- > 0) bytes += static_cast<char>(length >> (8 * count));
  };
  if (payload.size() <= kControlBytesMax) {
    bytes += static_cast<char>(kMasked | payload.size());
  } else if (payload.size() <= std::numeric_limits<std::uint16_t>::max()) {
    bytes += static_cast<char>(kMasked | 126);
    append_length(payload.size(), 2);
  } else {
    bytes += static_cast<char>(kMasked | 127);
    append_length(payload.size(), 8);
  }
  append_length(mask, 4);
  const std::size_t begin = bytes.size();
  bytes += payload;
  for (std::size_t i = begin; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ (mask >> (24 - 8 * ((i - begin) % 4)) & 0xFF));
}

std::string websocket_close_payload(std::uint16_t code, std::string_view reason) {
  if (code == kCloseNoStatus) return {};
  std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code)};
  return payload += reason.substr(0, kReasonBytesMax);
}

std::string describe_close(std::uint16_t code) {
  struct Name {
    std::uint16_t code;
    std::string_view text;
  };
  constexpr std::array<Name, 12> kNames = {{{1000, "normal"},
                                            {1001, "going away"},
                                            {1002, "protocol error"},
                                            {1003, "unsupported data"},
                                            {1005, "no status"},
                                            {1006, "abnormal closure"},
                                            {1007, "invalid payload data"},
                                            {1008, "policy violation"},
                                            {1009, "message too big"},
                                            {1010, "mandatory extension missing"},
                                            {1011, "internal server error"},
                                            {1015, "TLS handshake error"}}};
  const auto* name = std::ranges::find(kNames, code, &Name::code);
  return name == kNames.end() ? fmt::format("{}", code) : fmt::format("{} ({})", code, name->text);
}

}  // namespace gantry::load

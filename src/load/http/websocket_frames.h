#pragma once

// WebSocket's frames on the client's side (RFC 6455, and RFC 7692 without context takeover): from the bytes of a connection to what the
// server says, and back. No socket is touched.
//
//   WebSocketReader reader(Compression::none);
//   reader.feed(bytes);
//   while (const std::optional<WebSocketEvent> event = reader.next()) …

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::load {

enum class WebSocketCompression : std::uint8_t { none, deflate };

enum class WebSocketOpcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// The numbers of RFC 6455, §7.4, as far as they are ours to say.
inline constexpr std::uint16_t kCloseNormal = 1000;
inline constexpr std::uint16_t kCloseGoingAway = 1001;
inline constexpr std::uint16_t kCloseProtocolError = 1002;
inline constexpr std::uint16_t kCloseNoStatus = 1005;
inline constexpr std::uint16_t kCloseAbnormal = 1006;
inline constexpr std::uint16_t kCloseTooBig = 1009;

struct WebSocketEvent {
  enum class Kind : std::uint8_t {
    text,
    binary,
    ping,
    pong,
    close,  // with a code, 1005 where the server gave none, and its reason as data
    failed,  // the server breaks the protocol, or a limit: what it did is in data, and `code` is what to close with. The last event
  };
  Kind kind = Kind::text;
  std::string data = {};
  std::uint16_t code = 0;
};

class WebSocketReader {
 public:
  // Of a whole message, inflated too. A server that sends more is one to beware of.
  static constexpr std::size_t kMessageBytesMax = std::size_t{64} << 20;

  explicit WebSocketReader(WebSocketCompression compression) : compression_(compression) {}

  void feed(std::string_view bytes);
  std::optional<WebSocketEvent> next();
  // Nothing more is read: the server has said goodbye, or failed.
  bool is_over() const { return is_over_; }

 private:
  struct Head {
    WebSocketOpcode opcode;
    bool is_final;
    bool is_compressed;
    std::size_t bytes;  // of the head
    std::uint64_t payload;
  };
  std::optional<Head> read_head(std::string_view bytes);
  // What k6 says that is wrong with a head; "" for nothing.
  std::string find_fault(unsigned first, unsigned second) const;
  void take_frame(const Head& head, std::string_view payload);
  void take_control(const Head& head, std::string_view payload);
  void finish_message();
  void fail(std::string what, std::uint16_t code = kCloseProtocolError);

  WebSocketCompression compression_;
  std::string bytes_ = {};  // that no event was made of yet
  std::string message_ = {};
  WebSocketOpcode message_opcode_ =
      WebSocketOpcode::continuation;  // of the one that is under way; continuation for none
  bool message_is_compressed_ = false;
  bool is_over_ = false;
  std::deque<WebSocketEvent> events_ = {};
};

// One frame, with its mask, behind what is there. A message is compressed where that was agreed on; control frames never are.
void append_websocket_frame(std::string& bytes, WebSocketOpcode opcode, std::string_view payload, std::uint32_t mask,
                            WebSocketCompression compression);

// What a close frame carries; nothing for kCloseNoStatus. A reason longer than a frame has room for is cut.
std::string websocket_close_payload(std::uint16_t code, std::string_view reason);

// "1006 (abnormal closure)"
std::string describe_close(std::uint16_t code);

}  // namespace gantry::load

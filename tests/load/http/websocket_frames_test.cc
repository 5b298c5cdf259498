// Frames: what a server says, however it is cut; what it must not say; and what is said to it.

#include "load/http/websocket_frames.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {
namespace {

using testing::ElementsAre;

constexpr auto kPlain = WebSocketCompression::none;
constexpr auto kDeflate = WebSocketCompression::deflate;

// "text hello", "close 1000 bye", "failed 1002 bad opcode 3"
std::string tell(const WebSocketEvent& event) {
  constexpr std::string_view kKinds[] = {"text", "binary", "ping", "pong", "close", "failed"};
  const std::string_view kind = kKinds[static_cast<std::size_t>(event.kind)];
  return event.code == 0 ? fmt::format("{} {}", kind, event.data)
                         : fmt::format("{} {} {}", kind, event.code, event.data);
}

std::vector<std::string> read(std::string_view bytes, WebSocketCompression compression = kPlain,
                              std::size_t piece = 1 << 20) {
  WebSocketReader reader(compression);
  std::vector<std::string> told;
  for (std::size_t at = 0; at < bytes.size(); at += piece) reader.feed(bytes.substr(at, piece));
  while (const std::optional<WebSocketEvent> event = reader.next()) told.push_back(tell(*event));
  return told;
}

// A frame as servers send it: without a mask.
std::string frame(unsigned first, std::string_view payload) {
  std::string bytes(1, static_cast<char>(first));
  if (payload.size() < 126)
    bytes += static_cast<char>(payload.size());
  else
    bytes += fmt::format("{}{}{}", '\x7e', static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size()));
  return bytes.append(payload);
}

TEST(WebSocketReader, ReadsWhatServersSay) {
  struct Case {
    std::string bytes;
    std::vector<std::string> events;
  };
  const Case cases[] = {
      {frame(0x81, "hello"), {"text hello"}},
      {frame(0x82, "\x01"), {"binary \x01"}},
      {frame(0x81, ""), {"text "}},
      {frame(0x81, std::string(300, 'x')), {"text " + std::string(300, 'x')}},
      // In parts, and a ping between them.
      {frame(0x01, "a") + frame(0x00, "b") + frame(0x89, "p") + frame(0x80, "c"), {"ping p", "text abc"}},
      {frame(0x8A, "7") + frame(0x88, ""), {"pong 7", "close 1005 "}},
      {frame(0x88,
             "\x03\xe8"
             "bye") +
           frame(0x81, "too late"),
       {"close 1000 bye"}},
  };
  for (const Case& each : cases)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1} << 20})
      EXPECT_EQ(read(each.bytes, kPlain, piece), each.events) << piece;
}

TEST(WebSocketReader, RefusesWhatTheProtocolForbids) {
  struct Case {
    std::string bytes;
    std::string_view event;
  };
  const Case cases[] = {
      {frame(0x83, ""), "failed 1002 bad opcode 3"},
      {frame(0xC1, "x"), "failed 1002 RSV1 set"},
      {frame(0xB1, "x"), "failed 1002 RSV2 set, RSV3 set"},
      {frame(0x09, "x"), "failed 1002 FIN not set on control"},
      {frame(0x89, std::string(126, 'x')), "failed 1002 len > 125 for control"},
      {frame(0x80, "x"), "failed 1002 continuation after FIN"},
      {std::string("\x81\x81", 2), "failed 1002 bad MASK"},
      {frame(0x88, std::string("\x00\x01", 2)), "failed 1002 bad close code 1"},
      {frame(0x88, "\x03\xe8\xff"), "failed 1002 invalid utf8 payload in close frame"},
      // Larger than anything that is kept, and than there is.
      {std::string("\x81\x7f\x00\x00\x00\x00\x04\x00\x00\x01", 10), "failed 1009 read limit exceeded"},
      {std::string("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10), "failed 1009 read limit exceeded"},
      {"HTTP/1.1 400 Bad Request", "failed 1002 RSV1 set, FIN not set on control"},
  };
  for (const Case& each : cases) EXPECT_THAT(read(each.bytes), ElementsAre(each.event));
  EXPECT_THAT(read(frame(0x01, "a") + frame(0x81, "b")), ElementsAre("failed 1002 data before FIN"));
}

TEST(WebSocketReader, BoundsAMessageOfManyParts) {
  WebSocketReader reader(kPlain);
  const std::string part(60'000, 'x');
  reader.feed(frame(0x02, part));
  const std::string more = frame(0x00, part);
  for (int i = 0; i < 2'000 && !reader.is_over(); ++i) reader.feed(more);
  EXPECT_EQ(tell(*reader.next()), "failed 1009 read limit exceeded");
}

// A frame of the client as the server's: its mask taken off.
std::string unmask(std::string bytes) {
  const unsigned length = static_cast<unsigned char>(bytes[1]) & 0x7F;
  const std::size_t mask_at = length == 126 ? 4 : length == 127 ? 10 : 2;
  const std::string mask = bytes.substr(mask_at, 4);
  bytes[1] = static_cast<char>(bytes[1] & 0x7F);
  bytes.erase(mask_at, 4);
  for (std::size_t i = mask_at; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ mask[(i - mask_at) % 4]);
  return bytes;
}

TEST(WebSocketFrames, SayWhatTheyAreGiven) {
  for (const WebSocketCompression compression : {kPlain, kDeflate})
    for (const std::size_t size : {0, 1, 125, 126, 65'535, 65'536, 200'000}) {
      std::string text;
      for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i * i % 26);
      std::string bytes;
      append_websocket_frame(bytes, WebSocketOpcode::text, text, 0xA1B2C3D4, compression);
      EXPECT_EQ(read(unmask(bytes), compression), std::vector{"text " + text}) << size;
      if (compression == kDeflate && size > 1000) {
        EXPECT_LT(bytes.size(), size);
      }
    }
  std::string ping;
  append_websocket_frame(ping, WebSocketOpcode::ping, "1", 0, kDeflate);
  EXPECT_EQ(ping, std::string("\x89\x81\x00\x00\x00\x00"
                              "1",
                              7));
}

TEST(WebSocketFrames, DoNotInflateWithoutEnd) {
  std::string bomb;
  append_websocket_frame(bomb, WebSocketOpcode::binary, std::string(WebSocketReader::kMessageBytesMax + 1, '\0'), 0,
                         kDeflate);
  EXPECT_THAT(read(unmask(bomb), kDeflate), ElementsAre("failed 1009 a message cannot be inflated, or is too long"));
  EXPECT_THAT(read(frame(0xC2, "\xff\xff\xff"), kDeflate),
              ElementsAre("failed 1009 a message cannot be inflated, or is too long"));
}

TEST(WebSocketFrames, SayGoodbye) {
  EXPECT_EQ(websocket_close_payload(1005, "never"), "");
  EXPECT_EQ(websocket_close_payload(1000, "bye"),
            "\x03\xe8"
            "bye");
  EXPECT_EQ(websocket_close_payload(1000, std::string(200, 'x')).size(), 125);
  EXPECT_EQ(describe_close(1006), "1006 (abnormal closure)");
  EXPECT_EQ(describe_close(3001), "3001");
}

}  // namespace
}  // namespace gantry::load

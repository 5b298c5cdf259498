#include "http/websocket.h"

#include "http/client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace gantry::http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kUpgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    "dGhlIHNhbXBsZSBub25jZQ==\r\n";

enum Opcode : unsigned char { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

struct Frame {
  int opcode = -1;  // -1: the connection has ended
  std::string payload = {};
};

// A frame as a client sends it (RFC 6455 §5.2): final unless told, masked, here with a mask that changes nothing.
std::string frame(Opcode opcode, std::string_view payload, bool is_final = true) {
  std::string bytes(1, static_cast<char>(opcode | (is_final ? 0x80 : 0)));
  if (payload.size() < 126) {
    bytes += static_cast<char>(0x80 | payload.size());
  } else {
    bytes += '\xfe';
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += static_cast<char>(payload.size() & 0xff);
  }
  return bytes + std::string(4, '\0') + std::string(payload);
}

class WebSocketClient : public Client {
 public:
  WebSocketClient(std::uint16_t port, std::string_view path) : Client(port) {
    status = ask(get(path, kUpgrade)).status;
  }

  Frame next() {
    const std::string head = read_bytes(2);
    if (head.size() < 2) return {};
    std::size_t size = static_cast<unsigned char>(head[1]);
    if (size == 126) {
      const std::string bytes = read_bytes(2);
      size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8 | static_cast<unsigned char>(bytes[1]);
    } else if (size == 127) {
      size = 0;
      for (const char byte : read_bytes(8)) size = size << 8 | static_cast<unsigned char>(byte);
    }
    return {.opcode = head[0] & 0x0f, .payload = read_bytes(size)};
  }
  // "1:hello", "8:1000 reason"
  std::string next_text() {
    const Frame got = next();
    if (got.opcode != kClose || got.payload.size() < 2) return std::to_string(got.opcode) + ":" + got.payload;
    const int code = static_cast<unsigned char>(got.payload[0]) << 8 | static_cast<unsigned char>(got.payload[1]);
    return "8:" + std::to_string(code) + " " + got.payload.substr(2);
  }

  int status = 0;
};

std::string close_payload(int code) { return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)}; }

// What the handlers below saw, from other threads.
struct Seen {
  std::mutex mutex = {};
  std::vector<std::string> closes = {};
  std::optional<WebSocket> socket = {};

  std::size_t close_count() {
    const std::lock_guard lock(mutex);
    return closes.size();
  }
};

std::vector<Route> echo_routes(Seen& seen) {
  return {{.pattern = "/echo",
           .handler = [&seen](const Request& request, WebSocket socket) -> std::expected<WebSocketEvents, Response> {
             if (request.query_value("refuse")) return std::unexpected(Response::error(400, "refused"));
             const std::lock_guard lock(seen.mutex);
             seen.socket = socket;
             if (request.query_value("greet")) std::ignore = socket.send("welcome");
             return WebSocketEvents{
                 .on_message =
                     [socket](std::string_view message, MessageKind kind) {
                       if (message == "bye") return socket.close(CloseCode::normal, "as you wish");
                       if (message == "throw") throw std::runtime_error("x");
                       std::ignore = socket.send(std::string(message), kind);
                     },
                 .on_close =
                     [&seen](CloseCode code, std::string_view reason) {
                       const std::lock_guard guard(seen.mutex);
                       seen.closes.push_back(std::to_string(static_cast<int>(code)) + " " + std::string(reason));
                     }};
           }}};
}

TEST(WebSocket, EchoesMessages) {
  Seen seen;
  const auto server = start(echo_routes(seen));
  WebSocketClient client(server->port(), "/echo?greet");
  ASSERT_EQ(client.status, 101);
  EXPECT_EQ(client.next_text(), "1:welcome");
  client.send(frame(kText, "hello"));
  EXPECT_EQ(client.next_text(), "1:hello");
  client.send(frame(kBinary, std::string("\0\xff", 2)));
  EXPECT_EQ(client.next_text(), std::string("2:\0\xff", 4));
  client.send(frame(kText, "one ", false) + frame(kPing, "in between") + frame(kContinuation, "two"));
  EXPECT_EQ(client.next_text(), "10:in between");
  EXPECT_EQ(client.next_text(), "1:one two");
  client.send(frame(kText, std::string(5000, 'x')));
  EXPECT_EQ(client.next().payload.size(), 5000u);
  client.send(frame(kClose, close_payload(1000)));
  EXPECT_EQ(client.next_text(), "8:1000 ");
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(eventually([&] { return seen.close_count() == 1; }));
  EXPECT_EQ(seen.closes[0], "1000 ");
  EXPECT_FALSE(seen.socket->is_open());
  EXPECT_EQ(seen.socket->send("too late"), SendState::closed);
}

TEST(WebSocket, ClosesWhenTheHandlerSaysSo) {
  Seen seen;
  const auto server = start(echo_routes(seen));
  WebSocketClient client(server->port(), "/echo");
  client.send(frame(kText, "last") + frame(kText, "bye"));
  EXPECT_EQ(client.next_text(), "1:last");
  EXPECT_EQ(client.next_text(), "8:1000 as you wish");
  client.send(frame(kClose, close_payload(1000)));
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(eventually([&] { return seen.close_count() == 1; }));
}

TEST(WebSocket, SendsFromAnyThread) {
  Seen seen;
  const auto server = start(echo_routes(seen));
  WebSocketClient client(server->port(), "/echo");
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(seen.mutex);
    return seen.socket.has_value();
  }));
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) EXPECT_EQ(seen.socket->send("x"), SendState::sent);
      });
    }
  }
  for (int i = 0; i < 200; ++i) EXPECT_EQ(client.next_text(), "1:x");
}

TEST(WebSocket, RefusesWhatIsNoUpgrade) {
  Seen seen;
  const auto server = start(echo_routes(seen));
  struct Case {
    const char* what;
    std::string request;
    int status;
  };
  const Case kCases[] = {
      {"a plain request", get("/echo"), 426},
      {"no version",
       get("/echo", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
       400},
      {"another protocol", get("/echo", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), 426},
      {"the handler does not want it", get("/echo?refuse", kUpgrade), 400},
      {"a page of another origin", get("/echo", std::string(kUpgrade) + "Origin: https://evil.example\r\n"), 403},
      {"a page of this one", get("/echo", std::string(kUpgrade) + "Origin: http://h\r\n"), 101},
  };
  for (const Case& c : kCases) EXPECT_EQ(Client(server->port()).ask(c.request).status, c.status) << c.what;
}

TEST(WebSocket, EndsWithWhoeverBreaksTheRules) {
  struct Case {
    const char* what;
    std::string bytes;
    const char* reported;  // to the handler
  };
  const Case kCases[] = {
      {"a message over the limit", frame(kText, std::string(2000, 'x')), "1009 message too big"},
      {"fragments over the limit",
       frame(kText, std::string(900, 'x'), false) + frame(kContinuation, std::string(900, 'x')),
       "1009 message too big"},
      {"text that is no UTF-8", frame(kText, "\xff"), "1007 not UTF-8"},
      {"a frame without a mask", std::string("\x81\x01x", 3), "1006 "},
      {"an opcode that is none", frame(static_cast<Opcode>(3), ""), "1006 "},
      {"a handler that throws", frame(kText, "throw"), "1011 internal error"},
  };
  Seen seen;
  const auto server = start(echo_routes(seen), {.limits = {.message_bytes_max = 1000}});
  for (std::size_t i = 0; i < std::size(kCases); ++i) {
    WebSocketClient client(server->port(), "/echo");
    client.send(kCases[i].bytes);
    client.read_to_end();
    ASSERT_TRUE(eventually([&] { return seen.close_count() == i + 1; })) << kCases[i].what;
    EXPECT_EQ(seen.closes[i], kCases[i].reported) << kCases[i].what;
  }
}

TEST(WebSocket, PingsAndCutsASilentClient) {
  Seen seen;
  const auto server = start(echo_routes(seen), {.limits = {.ping_time = 50ms}});
  WebSocketClient client(server->port(), "/echo");
  EXPECT_EQ(client.next().opcode, kPing);
  while (client.next().opcode == kPing) {
  }
  EXPECT_TRUE(eventually([&] { return seen.close_count() == 1; }));
}

// Its machine says nothing any more, neither to a ping nor to what is sent to it.
TEST(WebSocket, CutsAClientThatHasVanished) {
  for (const bool is_told : {false, true}) {
    Seen seen;
    const auto server = start(echo_routes(seen), {.limits = {.ping_time = 100ms}});
    WebSocketClient client(server->port(), "/echo?greet");
    EXPECT_EQ(client.next_text(), "1:welcome");
    client.vanish();
    EXPECT_TRUE(eventually([&] {
      const std::lock_guard lock(seen.mutex);
      return is_told ? seen.socket->send(std::string(1000, 'x')) == SendState::closed : !seen.socket->is_open();
    }));
    EXPECT_TRUE(eventually([&] { return seen.close_count() == 1; }));
    EXPECT_EQ(seen.closes[0], "1006 ");
  }
}

TEST(WebSocket, DropsAClientThatIsTooSlow) {
  Seen seen;
  const auto server = start(echo_routes(seen), {.limits = {.send_queue_bytes_max = 1 << 20,
                                                           .send_queue_bytes_full = 1 << 16,
                                                           .head_time_max = 200ms,
                                                           .transfer_time_min = 100ms,
                                                           .transfer_rate_min = 1 << 30}});
  WebSocketClient client(server->port(), "/echo");
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(seen.mutex);
    return seen.socket.has_value();
  }));
  bool was_full = false;
  for (int i = 0; i < 1000 && seen.socket->is_open(); ++i)
    was_full |= seen.socket->send(std::string(1 << 16, 'x')) == SendState::full;
  EXPECT_TRUE(was_full);
  EXPECT_FALSE(seen.socket->is_open());
  EXPECT_TRUE(eventually([&] { return seen.close_count() == 1; }));
}

TEST(WebSocket, IsClosedByAStop) {
  Seen seen;
  const auto server = start(echo_routes(seen));
  WebSocketClient client(server->port(), "/echo");
  ASSERT_EQ(client.status, 101);
  std::jthread answers([&] {
    EXPECT_EQ(client.next_text(), "8:1001 server stops");
    client.send(frame(kClose, close_payload(1001)));
  });
  const StopReport report = server->stop(10s);
  EXPECT_EQ(report.finished, 1u);
  EXPECT_EQ(report.cut, 0u);
  EXPECT_EQ(seen.close_count(), 1u);
}

}  // namespace
}  // namespace gantry::http

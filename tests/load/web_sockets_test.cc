// k6/ws and k6/websockets against servers that do not keep to the protocol, or to anything. What they do with a friendly one is compared with
// k6 itself: tests/cli/k6/ws and its neighbours.

#include "load/http/scripted_server.h"
#include "load/one_vu.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <chrono>
#include <string>
#include <vector>

namespace gantry::load {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Of the sample handshake of RFC 6455, §1.3, or any other.
std::string accept_of(std::string_view request) {
  constexpr std::string_view kName = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(kName) + kName.size();
  const std::string text =
      std::string(request.substr(at, request.find("\r\n", at) - at)) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::string accept(32, '\0');
  accept.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(accept.data()), digest.data(), static_cast<int>(size))));
  return accept;
}

// Shakes hands, says something, and listens until the client is gone, or is gone itself.
enum class Then { listen, leave };
void serve(int fd, const std::string& bytes, Then then, const std::string& extra = {}) {
  const std::optional<std::string> request =
      read_until(fd, [](std::string_view text) { return text.contains("\r\n\r\n"); });
  if (!request) return;
  write_text(fd, fmt::format("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: {}\r\n{}\r\n{}",
                             accept_of(*request), extra, bytes));
  std::array<char, 4096> buffer;
  while (then == Then::listen && ::read(fd, buffer.data(), buffer.size()) > 0) continue;
}

constexpr std::string_view kBlocking = R"(
  import ws from 'k6/ws';
  export default () => {{
    const seen = [];
    const answer = ws.connect('ws://127.0.0.1:{}/', (socket) => {{
      for (const event of ['open', 'message', 'ping', 'pong']) socket.on(event, (data) => seen.push(event, data));
      socket.on('error', (error) => seen.push('error', error.error()));
      socket.on('close', (code) => seen.push('close', code));
    }});
    return [answer.status, answer.error, ...seen].join('|');
  }};
)";
constexpr std::string_view kEvented = R"(
  import {{ WebSocket }} from 'k6/websockets';
  export default () => new Promise((resolve) => {{
    const seen = [];
    const socket = new WebSocket('ws://127.0.0.1:{}/');
    for (const event of ['open', 'message', 'ping', 'pong']) socket.addEventListener(event, (e) => seen.push(event, e.data));
    socket.onerror = (e) => seen.push('error', e.error);
    socket.onclose = (e) => {{ seen.push('close', e.code, e.reason); resolve(seen.join('|')); }};
  }});
)";

struct Case {
  std::string_view what;
  std::string bytes;
  Then then;
  std::string_view blocking;  // what a script of k6/ws sees, and of k6/websockets
  std::string_view evented;
};

TEST(WebSockets, AreClosedByWhatBreaksTheProtocol) {
  const Case cases[] = {
      {"an end", "", Then::leave,
       "101||open||error|websocket: close 1006 (abnormal closure): unexpected EOF|close|1006",
       "open||error|websocket: close 1006 (abnormal closure): unexpected EOF|close|1006|unexpected EOF"},
      {"an unknown opcode", "\x83\x01x", Then::listen, "101||open||error|websocket: close sent|close|1001",
       "open||close||"},
      {"a mask", std::string("\x81\x80\x01\x02\x03\x04", 6), Then::listen,
       "101||open||error|websocket: close sent|close|1001", "open||close||"},
      {"a message without end", std::string("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10), Then::listen,
       "101||open||error|websocket: read limit exceeded|close|1001",
       "open||error|websocket: read limit exceeded|close||"},
      {"a message before it", "\x81\x02hi\x89\x01p\x88\x02\x0b\xb9", Then::listen,
       "101||open||message|hi|ping||error|websocket: close 3001|close|3001",
       "open||message|hi|ping||error|websocket: close 3001|close|3001|"},
  };
  for (const Case& each : cases)
    for (const auto& [script, expected] : {std::pair(kBlocking, each.blocking), std::pair(kEvented, each.evented)}) {
      ScriptedServer server([&](int fd, int) { serve(fd, each.bytes, each.then); });
      OneVu one(fmt::format(fmt::runtime(script), server.port));
      ASSERT_EQ(one.load(), "loaded");
      EXPECT_EQ(one.call(), fmt::format("\"{}\"", expected)) << each.what;
    }
}

TEST(WebSockets, AreNoneWithoutAHandshake) {
  const Case cases[] = {
      {"a wrong key",
       "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
       Then::leave, "101|", "error|websocket: bad handshake|close||"},
      {"no HTTP", "220 mail.example.com ESMTP\r\n\r\n", Then::leave, "0|malformed HTTP response",
       "error|malformed HTTP response|close||"},
      {"nothing", "", Then::leave, "0|EOF", "error|EOF|close||"},
      {"half a head", "HTTP/1.1 101 Swi", Then::leave, "0|unexpected EOF", "error|unexpected EOF|close||"},
      {"a page", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Then::leave, "200|",
       "error|websocket: bad handshake|close||"},
      {"an endless head", "HTTP/1.1 101 Switching\r\n" + std::string(70'000, 'x'), Then::leave,
       "0|the head of the answer is too long", "error|the head of the answer is too long|close||"},
  };
  for (const Case& each : cases)
    for (const auto& [script, expected] : {std::pair(kBlocking, each.blocking), std::pair(kEvented, each.evented)}) {
      ScriptedServer server([&](int fd, int) {
        read_request(fd);
        write_text(fd, each.bytes);
        ::shutdown(fd, SHUT_WR);
        while (read_request(fd)) continue;
      });
      OneVu one(fmt::format(fmt::runtime(script), server.port));
      ASSERT_EQ(one.load(), "loaded");
      EXPECT_EQ(one.call(), fmt::format("\"{}\"", expected)) << each.what;
    }
}

TEST(WebSockets, AreCompressedWhereBothSidesWantIt) {
  // "Hello" of RFC 7692, §7.2.3.1.
  ScriptedServer server([](int fd, int) {
    serve(fd, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07" + std::string(1, '\0') + "\x88\x02\x03\xe8", Then::listen,
          "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n");
  });
  OneVu one(fmt::format(R"(
    import ws from 'k6/ws';
    export default () => {{
      const seen = [];
      ws.connect('ws://127.0.0.1:{}/', {{ compression: 'deflate' }}, (socket) => {{
        socket.on('message', (text) => seen.push(text));
        socket.on('close', (code) => seen.push(code));
      }});
      return seen.join();
    }};
  )",
                        server.port));
  ASSERT_EQ(one.load(), "loaded");
  EXPECT_EQ(one.call(), "\"Hello,1000\"");
}

TEST(WebSockets, EndWithTheirIteration) {
  ScriptedServer server([](int fd, int) { serve(fd, "", Then::listen); });
  OneVu one(fmt::format(R"(
    import {{ WebSocket }} from 'k6/websockets';
    import ws from 'k6/ws';
    const isOpen = () => console.log('open');
    export const waits = () => {{ new WebSocket('ws://127.0.0.1:{0}/').addEventListener('open', isOpen); }};
    export const blocks = () => {{ ws.connect('ws://127.0.0.1:{0}/', (socket) => socket.on('open', isOpen)); }};
    export const goesOn = () => 'here';
    export default () => 1;
  )",
                        server.port));
  ASSERT_EQ(one.load(), "loaded");
  one.state().log = [&](LogLevel, std::string_view, std::string_view) {
    one.vu->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(50));
  };
  for (const std::string_view function : {"waits", "blocks"}) {
    EXPECT_THAT(one.call(function), HasSubstr("threw")) << function;
    one.vu->set_deadline(kNever);
    one.vu->script().isolate()->CancelTerminateExecution();
    EXPECT_EQ(one.call("goesOn"), "\"here\"");
  }
  EXPECT_EQ(std::get<CounterSink>(*one.sink("ws_sessions")).count(), 2);
}

// While a server says nothing to the handshake: the script does not go on with a socket that failed.
TEST(WebSockets, EndWithTheirIterationBeforeTheyAreOpen) {
  ScriptedServer server([](int fd, int) {
    while (read_request(fd)) continue;
  });
  OneVu one(fmt::format(R"(
    import {{ WebSocket }} from 'k6/websockets';
    import ws from 'k6/ws';
    export const waits = () => {{ new WebSocket('ws://127.0.0.1:{0}/'); }};
    export const blocks = () => {{ try {{ ws.connect('ws://127.0.0.1:{0}/', () => {{}}); }} catch {{}} console.log('went on'); }};
    export default () => 1;
  )",
                        server.port));
  ASSERT_EQ(one.load(), "loaded");
  for (const std::string_view function : {"waits", "blocks"}) {
    one.vu->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(50));
    EXPECT_THAT(one.call(function), HasSubstr("threw")) << function;
    one.vu->set_deadline(kNever);
    one.vu->script().isolate()->CancelTerminateExecution();
  }
  EXPECT_TRUE(one.log.empty());
}

TEST(WebSockets, AreNotForTheInitContext) {
  OneVu one("import { WebSocket } from 'k6/websockets'; new WebSocket('ws://127.0.0.1:1/'); export default () => 1;");
  EXPECT_THAT(one.load(), HasSubstr("using websockets in the init context is not supported"));
}

}  // namespace
}  // namespace gantry::load

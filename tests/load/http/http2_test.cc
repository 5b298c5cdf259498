// HTTP/2 against servers that write frames by hand, and against nghttpd through TLS.

#include "load/http/http2.h"

#include "base/file.h"
#include "base/subprocess.h"
#include "load/crew/hands.h"
#include "load/http/lone_client.h"
#include "load/http/scripted_server.h"
#include "support/certificate.h"
#include "support/free_port.h"
#include "support/temp_dir.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gantry::load {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

enum Type : std::uint8_t {
  data = 0,
  headers = 1,
  rst_stream = 3,
  settings = 4,
  ping = 6,
  go_away = 7,
  continuation = 9
};
enum Flag : std::uint8_t { none = 0, end_stream = 1, end_headers = 4 };

std::string number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((value >> shift) & 0xFF);
  return bytes;
}

std::string frame(Type type, int flags, std::uint32_t stream, const std::string& payload) {
  return number(static_cast<std::uint32_t>(payload.size())).substr(1) + static_cast<char>(type) +
         static_cast<char>(flags) + number(stream) + payload;
}

// RFC 7541: without a table, shorter than 127 bytes each.
std::string literal(const std::string& name, const std::string& value) {
  const auto text = [](const std::string& t) { return static_cast<char>(t.size()) + t; };
  return std::string(1, '\0') + text(name) + text(value);
}

const std::string kOk = "\x88";  // ":status: 200", which everybody's table has
const std::string kSettings = frame(settings, none, 0, "");

std::string answer(std::uint32_t stream, const std::string& body) {
  return frame(headers, end_headers, stream, kOk + literal("x-for", std::to_string(stream))) +
         frame(data, end_stream, stream, body);
}

std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// One connection: reads until so many requests have come, writes, and either stays until the client goes, or says that it goes itself, or
// resets the connection.
class FrameServer {
 public:
  enum class Then : std::uint8_t { stays, goes, resets };
  explicit FrameServer(std::string frames, std::size_t requests = 1, Then then = Then::stays)
      : frames_(std::move(frames)), requests_(requests), then_(then) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address_), size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size);
    thread_ = std::jthread([this] { serve(); });
  }
  ~FrameServer() {
    ::shutdown(listener_, SHUT_RDWR);
    wait();
    ::close(listener_);
  }
  // Until the connection is over, which is not reset before: a reset that a client hears while it connects is another matter.
  void wait() {
    may_reset_.test_and_set();
    may_reset_.notify_one();
    if (thread_.joinable()) thread_.join();
  }
  Address address() const {
    Address address{.size = sizeof address_, .ip = "127.0.0.1", .port = ntohs(address_.sin_port)};
    std::memcpy(&address.storage, &address_, sizeof address_);
    return address;
  }

 private:
  void serve() {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    read_requests(fd);
    for (std::size_t done = 0; done < frames_.size();) {
      const ssize_t count = ::send(fd, frames_.data() + done, frames_.size() - done, MSG_NOSIGNAL);
      if (count <= 0) break;
      done += static_cast<std::size_t>(count);
    }
    // Who closes before all is read that has come, resets the connection; and the client still answers the settings.
    if (then_ == Then::goes) ::shutdown(fd, SHUT_WR);
    if (then_ == Then::resets) {
      may_reset_.wait(false);
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      ::close(fd);
      return;
    }
    std::array<char, 4096> buffer;
    while (::read(fd, buffer.data(), buffer.size()) > 0) continue;
    ::close(fd);
  }
  void read_requests(int fd) const {
    std::string bytes;
    std::array<char, 4096> buffer;
    std::size_t at = 24;  // behind the preface
    for (std::size_t seen = 0; seen < requests_;) {
      const ssize_t count = ::read(fd, buffer.data(), buffer.size());
      if (count <= 0) return;
      bytes.append(buffer.data(), static_cast<std::size_t>(count));
      while (bytes.size() >= at + 9) {
        const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[at + i]); };
        if (byte(3) == headers) ++seen;
        at += 9 + (std::size_t{byte(0)} << 16 | std::size_t{byte(1)} << 8 | byte(2));
      }
    }
  }

  std::string frames_;
  std::size_t requests_;
  Then then_;
  int listener_ = -1;
  sockaddr_in address_ = {};
  std::atomic_flag may_reset_;
  std::jthread thread_;
};

// A connection's HTTP/2 without TLS, and a crew that is its own.
class LoneHttp2 {
 public:
  explicit LoneHttp2(const FrameServer& server) {
    crew_->adopt(member_);
    auto connection =
        Connection::open({*crew_, member_}, {server.address()}, traffic_, steady_clock::now() + seconds(20));
    if (connection) http2_ = *Http2::start(*std::move(connection));
  }
  std::string get(Member& member, std::string_view path = "/", std::chrono::milliseconds timeout = seconds(20)) {
    const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n\r\n", path);
    return exchange(member, {.request = request, .deadline = steady_clock::now() + timeout});
  }
  std::string get_with(ExchangeOptions options) {
    options.request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    options.deadline = steady_clock::now() + seconds(20);
    return exchange(member_, options);
  }
  std::string exchange(Member& member, const ExchangeOptions& options) {
    const auto exchange = http2_->exchange({*crew_, member}, options);
    if (!exchange) return fmt::format("{} {}", exchange.error().failure.code, exchange.error().failure.text);
    return fmt::format("{} {} {}{}", to_string(exchange->head.version), exchange->head.status, exchange->body.text(),
                       exchange->head.header("x-for"));
  }
  std::string get() { return get(member_); }
  // So many at once, in the order that they were asked for.
  std::vector<std::string> get_all(std::size_t count) {
    std::vector<std::string> answers(count);
    std::size_t left = count;
    for (std::string& answer : answers)
      EXPECT_TRUE(hands_.lend([&](Member& member) {
        answer = get(member);
        if (--left == 0) crew_->wake(member_);
      }));
    while (left > 0) crew_->park(member_);
    return answers;
  }
  bool may_take() const { return http2_->may_take(); }

 private:
  std::unique_ptr<Crew> crew_ = *Crew::create();
  Member member_;
  Hands hands_{*crew_, member_};
  Traffic traffic_;
  std::unique_ptr<Http2> http2_;
};

struct Case {
  const char* what;
  std::string frames;
  const char* result;  // or what it begins with
  FrameServer::Then then = FrameServer::Then::stays;
};

TEST(Http2, MakesOfFramesWhatTheyMean) {
  using Then = FrameServer::Then;
  const std::string bomb = "\x40\x01x" + std::string("\x7f\xbd\x1d", 3) + std::string(3900, 'v');
  const Case cases[] = {
      {"an answer", kSettings + answer(1, "hello"), "HTTP/2.0 200 hello1"},
      {"an interim one before",
       kSettings + frame(headers, end_headers, 1, std::string("\x08\x03", 2) + "103") + answer(1, "hello"),
       "HTTP/2.0 200 hello1"},
      {"trailers behind",
       kSettings + frame(headers, end_headers, 1, kOk) + frame(data, none, 1, "hello") +
           frame(headers, end_headers | end_stream, 1, literal("x-for", "trailer")),
       "HTTP/2.0 200 hello"},
      {"a status that is none",
       kSettings + frame(headers, end_headers | end_stream, 1, std::string("\x08\x03", 2) + "051"),
       "1632 http2: stream error with http2 ErrCode PROTOCOL_ERROR"},
      {"a reset", kSettings + frame(rst_stream, none, 1, number(2)),
       "1633 http2: stream error with http2 ErrCode INTERNAL_ERROR"},
      {"a reset in the body",
       kSettings + frame(headers, end_headers, 1, kOk) + frame(data, none, 1, "he") +
           frame(rst_stream, none, 1, number(8)),
       "1639 http2: stream error with http2 ErrCode CANCEL"},
      {"a reset without an error before the answer", kSettings + frame(rst_stream, none, 1, number(0)),
       "1631 http2: stream error with http2 ErrCode NO_ERROR"},
      {"a reset without an error in the body",
       kSettings + frame(headers, end_headers, 1, kOk) + frame(data, none, 1, "he") +
           frame(rst_stream, none, 1, number(0)),
       "1631 http2: stream error with http2 ErrCode NO_ERROR"},
      {"a reset without an error behind the answer",
       kSettings + answer(1, "hello") + frame(rst_stream, none, 1, number(0)), "HTTP/2.0 200 hello1"},
      {"a reset of an unknown kind", kSettings + frame(rst_stream, none, 1, number(99)),
       "1630 http2: stream error with http2 ErrCode unknown error code 0x63"},
      {"no to this request", kSettings + frame(go_away, none, 0, number(0) + number(11)),
       "1622 http2: received GoAway with http2 ErrCode ENHANCE_YOUR_CALM"},
      {"good-bye during it", kSettings + frame(go_away, none, 0, number(1) + number(2)),
       "1613 http2: received GoAway with http2 ErrCode INTERNAL_ERROR", Then::goes},
      {"good-bye behind it", kSettings + frame(go_away, none, 0, number(1) + number(0)) + answer(1, "hello"),
       "HTTP/2.0 200 hello1"},
      {"an end", kSettings, "1000 unexpected EOF", Then::goes},
      {"data of no stream", kSettings + frame(data, none, 0, "x"),
       "1652 http2: connection error with http2 ErrCode PROTOCOL_ERROR"},
      {"a head that cannot be read", kSettings + frame(headers, end_headers, 1, "\xff\xff\xff\xff\xff\xff"),
       "1660 http2: connection error with http2 ErrCode COMPRESSION_ERROR"},
      {"a header in capitals", kSettings + frame(headers, end_headers, 1, kOk + literal("X-Big", "v")),
       "1632 http2: stream error with http2 ErrCode PROTOCOL_ERROR"},
      {"no HTTP/2", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "165"},
      {"a head without an end",
       kSettings + frame(headers, none, 1, kOk) + repeat(frame(continuation, none, 1, literal("x", "y")), 100'000),
       "165"},
      {"a head that unpacks to 39 MB",
       kSettings + frame(headers, end_headers, 1, kOk + bomb + std::string(10'000, '\xbe')),
       "1000 the response's head is too long"},
      {"a flood of settings", repeat(kSettings, 1'000'000),
       "1662 http2: connection error with http2 ErrCode ENHANCE_YOUR_CALM"},
      {"a flood of pings", kSettings + repeat(frame(ping, none, 0, "01234567"), 1'000'000),
       "1662 http2: connection error with http2 ErrCode ENHANCE_YOUR_CALM"},
  };
  for (const Case& c : cases) {
    const FrameServer server(c.frames, 1, c.then);
    LoneHttp2 client(server);
    const std::string got = client.get();
    EXPECT_TRUE(got.starts_with(c.result)) << c.what << ": " << got.substr(0, 200);
  }
}

TEST(Http2, GivesTrailersToWhoAsksForThem) {
  const auto ask = [](const std::string& frames, std::size_t body_bytes_max = KeptBody::kBytesMax) {
    const FrameServer server(frames);
    LoneHttp2 client(server);
    Headers trailers;
    const std::string got = client.get_with({.body_bytes_max = body_bytes_max, .trailers = &trailers});
    std::string all;
    for (std::size_t i = 0; i < trailers.size(); ++i)
      all += fmt::format(" {}={}", trailers[i].first, trailers[i].second);
    return got + all;
  };
  const std::string head = kSettings + frame(headers, end_headers, 1, kOk) + frame(data, none, 1, "hello");
  const std::string behind = literal("x-for", "a trailer") + literal("status", "0");
  EXPECT_EQ(ask(head + frame(headers, end_headers | end_stream, 1, behind)),
            "HTTP/2.0 200 hello x-for=a trailer status=0");
  EXPECT_EQ(ask(kSettings + answer(1, "hello")), "HTTP/2.0 200 hello1");
  // As much as a head may have.
  const std::string bomb = "\x40\x01x" + std::string("\x7f\xbd\x1d", 3) + std::string(3900, 'v');
  EXPECT_EQ(ask(head + frame(headers, end_headers | end_stream, 1, bomb + std::string(10'000, '\xbe'))),
            "1000 the response's head is too long");
  EXPECT_EQ(ask(kSettings + answer(1, "hello"), 4), "1000 the response's body is too long");
}

TEST(Http2, CarriesManyAtOnce) {
  const FrameServer server(kSettings + answer(5, "c") + answer(1, "a") + answer(3, "b"), 3);
  LoneHttp2 client(server);
  EXPECT_EQ(client.get_all(3), (std::vector<std::string>{"HTTP/2.0 200 a1", "HTTP/2.0 200 b3", "HTTP/2.0 200 c5"}));
  EXPECT_TRUE(client.may_take());
}

TEST(Http2, LosesAllWithTheConnection) {
  const FrameServer server(kSettings + answer(3, "b"), 3, FrameServer::Then::goes);
  LoneHttp2 client(server);
  EXPECT_EQ(client.get_all(3),
            (std::vector<std::string>{"1000 unexpected EOF", "HTTP/2.0 200 b3", "1000 unexpected EOF"}));
  EXPECT_FALSE(client.may_take());
}

TEST(Http2, HearsWhyTheConnectionIsGoneBeforeItIsAsked) {
  const auto ask = [](const std::string& frames) {
    FrameServer server(frames, 0, FrameServer::Then::resets);
    LoneHttp2 client(server);
    server.wait();
    const std::string got = client.get();
    EXPECT_FALSE(client.may_take());
    return got;
  };
  EXPECT_EQ(ask(kSettings + frame(go_away, none, 0, number(0) + number(11))),
            "1622 http2: received GoAway with http2 ErrCode ENHANCE_YOUR_CALM");
  EXPECT_EQ(ask(kSettings), "1220 write: connection reset by peer");
}

TEST(Http2, GivesUpInTimeAndGoesOn) {
  const FrameServer server(kSettings + answer(3, "b"), 2);
  LoneHttp2 client(server);
  Member unused;
  EXPECT_EQ(client.get(unused, "/", std::chrono::milliseconds(20)), "1050 request timeout");
  EXPECT_EQ(client.get(), "HTTP/2.0 200 b3");
}

// nghttpd with a folder of files.
class Nghttpd {
 public:
  // `port` is where it is started first.
  explicit Nghttpd(std::vector<std::string> more = {}, std::uint16_t port = test::free_port())
      : more_(std::move(more)), port_(port) {
    const test::Certificate certificate = test::make_certificate("localhost");
    folder_.write("authority.pem", certificate.chain);
    folder_.write("key.pem", certificate.key);
    folder_.write("files/large", std::string(kLarge, 'x'));
    folder_.write("files/small", "small");
    // First, since the server gets all variables.
    ::setenv("SSL_CERT_FILE", folder_.path("authority.pem").c_str(), 1);
    start();
  }
  ~Nghttpd() { ::unsetenv("SSL_CERT_FILE"); }
  std::uint16_t port() const { return port_; }
  // What a request for /small comes to that is asked until there is an answer, by a client that has had none.
  std::string answer_first(LoneClient& vu);

  static constexpr std::size_t kLarge = 3'000'000;

 private:
  void start() {
    base::Command command{.argv = {"nghttpd", "--echo-upload", "-a", "127.0.0.1", "-d", folder_.path("files"),
                                   std::to_string(port_), folder_.path("key.pem"), folder_.path("authority.pem")},
                          .time_max = std::chrono::hours(1)};
    command.argv.insert(command.argv.begin() + 1, more_.begin(), more_.end());
    has_ended_ = false;
    thread_ = std::jthread([command, this](const std::stop_token& stop) {
      static_cast<void>(base::run_command(command, stop));
      has_ended_ = true;
    });
  }

  std::vector<std::string> more_;
  test::TempDir folder_;
  std::uint16_t port_;
  std::atomic<bool> has_ended_ = false;
  std::jthread thread_;
};

// "200 1 2.0 1s": status, how long the body is, the protocol, and whether it was dialled for.
std::string summary(const LoneClient& vu) {
  return fmt::format("{} {} {} {}", vu.last.head.status, vu.last.body.size(), to_string(vu.last.head.version),
                     vu.last.times.tls_handshaking.count() > 0 ? "dialled" : "kept");
}

std::string fetch(LoneClient& vu, std::uint16_t port, std::string_view method, std::string_view path,
                  const std::string& body = "") {
  const HttpRequest request{.method = method, .host = "localhost", .port = port, .is_https = true};
  const std::string said = vu.send(request, body, seconds(20), path);
  return vu.last.failure.code != 0 ? said : summary(vu);
}

// One that has no port ends at once: another process was there first.
std::string Nghttpd::answer_first(LoneClient& vu) {
  std::string answer;
  const auto until = steady_clock::now() + seconds(30);  // a busy machine may do much else first
  while (vu.last.head.status == 0 && steady_clock::now() < until) {
    if (has_ended_) port_ = test::free_port(), start();
    answer = fetch(vu, port_, "GET", "/small");
    if (vu.last.head.status == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return answer;
}

TEST(Http2, IsSpokenWithARealServer) {
  Nghttpd server;
  LoneClient vu;
  EXPECT_EQ(server.answer_first(vu), "200 5 HTTP/2.0 dialled");
  EXPECT_EQ(fetch(vu, server.port(), "GET", "/large"), fmt::format("200 {} HTTP/2.0 kept", Nghttpd::kLarge));
  EXPECT_EQ(fetch(vu, server.port(), "HEAD", "/large"), "200 0 HTTP/2.0 kept");
  EXPECT_EQ(fetch(vu, server.port(), "GET", "/none").substr(0, 3), "404");
  const std::string upload(1'000'000, 'u');
  EXPECT_EQ(fetch(vu, server.port(), "POST", "/", upload), "200 1000000 HTTP/2.0 kept");
  EXPECT_EQ(vu.last.body, upload);
  LoneClient old({.offers_http2 = false});
  // It speaks nothing else.
  EXPECT_NE(fetch(old, server.port(), "GET", "/small"), "200 5 HTTP/2.0 dialled");
}

TEST(Http2, IsSpokenThoughThePortIsTaken) {
  const ScriptedServer other([](int, int) {});
  Nghttpd server({}, other.port);
  LoneClient vu;
  EXPECT_EQ(server.answer_first(vu), "200 5 HTTP/2.0 dialled");
  EXPECT_NE(server.port(), other.port);
}

TEST(Http2, SaysWhoItIsToAServerThatAsks) {
  Nghttpd server({"--verify-client"});
  const test::Certificate mine = test::make_certificate("client");
  const auto identity = TlsIdentity::parse(mine.chain, mine.key, "", {"localhost"});
  ASSERT_TRUE(identity);
  const auto others = TlsIdentity::parse(mine.chain, mine.key, "", {"*.example"});
  ASSERT_TRUE(others);
  LoneClient known({.identities = {*others, *identity}});
  EXPECT_EQ(server.answer_first(known), "200 5 HTTP/2.0 dialled");
  LoneClient stranger({.identities = {*others}});
  EXPECT_EQ(fetch(stranger, server.port(), "GET", "/small"), "1010 remote error: tls: certificate required");
}

}  // namespace
}  // namespace gantry::load

#include "http/http.h"

#include "http/client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

namespace gantry::http {
namespace {

using namespace std::chrono_literals;

Response hello(const Request&) { return Response::text("hello"); }

std::string start_error(Options options) {
  const base::Result<Router> router = Router::create({{.pattern = "/", .handler = hello}});
  const base::Result<std::unique_ptr<Server>> server = Server::start(std::move(options), *router);
  return server ? "" : server.error().message;
}

TEST(Server, SaysWhyItDoesNotStart) {
  const auto server = start({{.pattern = "/", .handler = hello}});
  const std::string port = std::to_string(server->port());
  EXPECT_EQ(start_error({.port = server->port()}), "cannot listen on 127.0.0.1:" + port + ": Address already in use");
  EXPECT_EQ(start_error({.host = "example.com", .token = "t"}), "\"example.com\" is no address to listen on");
  EXPECT_EQ(start_error({.host = "192.0.2.1", .insecure = true}),
            "cannot listen on 192.0.2.1:0: Cannot assign requested address");
  EXPECT_EQ(start_error({.host = "0.0.0.0"}), "0.0.0.0 can be reached from other machines, and no token is asked for");
  EXPECT_EQ(start_error({.tls = Tls{}}).substr(0, 32), "the certificate chain is no PEM:");
}

TEST(Server, KnowsItsAddress) {
  const auto server = start({{.pattern = "/", .handler = hello}}, {.host = "localhost"});
  EXPECT_EQ(server->url(), "http://localhost:" + std::to_string(server->port()));
  EXPECT_EQ(Client(server->port()).ask(get("/")).summary(), "200 hello");
}

TEST(Server, AnswersOnEveryWorker) {
  std::mutex mutex;
  std::map<std::thread::id, int> answers;
  const auto server = start({{.pattern = "/",
                              .handler =
                                  [&](const Request& request) {
                                    const std::lock_guard lock(mutex);
                                    ++answers[std::this_thread::get_id()];
                                    return hello(request);
                                  }}},
                            {.workers = 3});
  for (int i = 0; i < 200; ++i) EXPECT_EQ(Client(server->port()).ask(get("/")).summary(), "200 hello");
  EXPECT_EQ(answers.size(), 3u);  // the kernel spreads connections by a hash of their ports
}

TEST(Server, StopFinishesWhatIsUnderWay) {
  std::mutex mutex;
  std::optional<Responder> waiting;
  const auto server = start({{.pattern = "/", .handler = hello},
                             {.pattern = "/wait",
                              .handler =
                                  [&](Request, Responder responder) {
                                    const std::lock_guard lock(mutex);
                                    waiting = std::move(responder);
                                  }}},
                            {.workers = 2});
  Client idle(server->port());
  EXPECT_EQ(idle.ask(get("/")).status, 200);
  Client busy(server->port());
  busy.send(get("/wait") + get("/"));
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return waiting.has_value();
  }));
  std::jthread stopper([&] {
    const StopReport report = server->stop(10s);
    EXPECT_EQ(report.finished, 1u);
    EXPECT_EQ(report.cut, 0u);
  });
  EXPECT_TRUE(idle.is_closed());  // so the stop has begun
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(waiting->respond(Response::text("done")), SendState::sent);
  }
  const Reply reply = busy.read();
  EXPECT_EQ(reply.summary(), "200 done");
  EXPECT_EQ(reply.header("connection"), "close");
  EXPECT_EQ(busy.read().status, 0);  // the pipelined one is not begun
  stopper.join();
  EXPECT_EQ(server->connections(), 0u);
  EXPECT_NE(server->port(), 0);  // still known
}

TEST(Server, StopCutsWhatDoesNotFinish) {
  std::mutex mutex;
  std::vector<Responder> kept;
  std::optional<BodyWriter> writer;
  const auto server = start({{.pattern = "/wait",
                              .handler =
                                  [&](Request, Responder responder) {
                                    const std::lock_guard lock(mutex);
                                    kept.push_back(std::move(responder));
                                  }},
                             {.pattern = "/stream",
                              .handler =
                                  [&](Request, Responder responder) {
                                    const std::lock_guard lock(mutex);
                                    writer = responder.start(Response::text("begun"));
                                    kept.push_back(std::move(responder));
                                  }},
                             {.method = "POST", .pattern = "/upload", .handler = [&](const Request&, Upload upload) {
                                upload.pause();
                                const std::lock_guard lock(mutex);
                                kept.push_back(upload.responder());
                                return UploadEvents{};
                              }}});
  Client waiting(server->port());
  Client streaming(server->port());
  Client uploading(server->port());
  Client slow(server->port());
  waiting.send(get("/wait"));
  streaming.send(get("/stream"));
  uploading.send("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  slow.send("GET / HT");
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return kept.size() == 3 && server->connections() == 4;
  }));
  const StopReport report = server->stop(50ms);
  EXPECT_GE(report.cut, 3u);
  EXPECT_LE(report.cut + report.finished, 4u);
  for (const Responder& responder : kept) EXPECT_EQ(responder.respond({}), SendState::closed);
  EXPECT_EQ(writer->write("more"), SendState::closed);
  EXPECT_EQ(server->stop(10s).cut, report.cut);  // once is enough
  EXPECT_TRUE(waiting.is_closed());
}

TEST(Server, HandlesMayOutliveIt) {
  std::optional<Responder> kept;
  {
    const auto server =
        start({{.pattern = "/", .handler = [&](Request, Responder responder) { kept = std::move(responder); }}});
    Client client(server->port());
    client.send(get("/"));
    // Cut by the end of the server, which waits for nobody.
    ASSERT_TRUE(eventually([&] { return server->connections() == 1; }));
    server->stop(0ms);
  }
  if (kept) {
    EXPECT_EQ(kept->respond({}), SendState::closed);
  }
}

// A process of its own that holds connections open. It is started before any thread runs, and told the port later.
class Strangers {
 public:
  explicit Strangers(int count) {
    EXPECT_EQ(::pipe(to_child_), 0);
    EXPECT_EQ(::pipe(from_child_), 0);
    child_ = ::fork();
    if (child_ == 0) hold(count);
    ::close(to_child_[0]);
    ::close(from_child_[1]);
  }
  ~Strangers() {
    leave();
    ::close(from_child_[0]);
  }
  Strangers(const Strangers&) = delete;
  Strangers& operator=(const Strangers&) = delete;

  // How many connections they opened.
  int connect(std::uint16_t port) {
    int opened = -1;
    EXPECT_EQ(::write(to_child_[1], &port, sizeof port), static_cast<ssize_t>(sizeof port));
    EXPECT_EQ(::read(from_child_[0], &opened, sizeof opened), static_cast<ssize_t>(sizeof opened));
    return opened;
  }
  // How many of them have been told that there is no place.
  int refused() {
    int count = 0;
    const std::uint16_t question = 0;
    EXPECT_EQ(::write(to_child_[1], &question, sizeof question), static_cast<ssize_t>(sizeof question));
    EXPECT_EQ(::read(from_child_[0], &count, sizeof count), static_cast<ssize_t>(sizeof count));
    return count;
  }
  void leave() {
    if (child_ < 0) return;
    ::close(to_child_[1]);
    ::waitpid(std::exchange(child_, -1), nullptr, 0);
  }

 private:
  [[noreturn]] void hold(int count) {
    ::close(to_child_[1]);
    std::uint16_t port = 0;
    if (::read(to_child_[0], &port, sizeof port) != sizeof port) ::_exit(1);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::vector<int> sockets;
    while (static_cast<int>(sockets.size()) < count) {
      const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
      if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) break;
      sockets.push_back(fd);
    }
    int answer = static_cast<int>(sockets.size());
    do {
      if (::write(from_child_[1], &answer, sizeof answer) != sizeof answer) ::_exit(1);
      const ssize_t asked = ::read(to_child_[0], &port, sizeof port);
      if (asked <= 0) ::_exit(0);
      answer = static_cast<int>(std::ranges::count_if(sockets, is_refused));
    } while (true);
  }

  static bool is_refused(int socket) {
    std::array<char, 12> begin = {};
    const ssize_t size = ::recv(socket, begin.data(), begin.size(), MSG_PEEK | MSG_DONTWAIT);
    return size == 12 && std::string_view(begin.data(), begin.size()) == "HTTP/1.1 503";
  }

  int to_child_[2] = {};
  int from_child_[2] = {};
  pid_t child_ = -1;
};

// Ten thousand strangers hold connections open and say nothing; others are answered, and one more than may be is refused.
// The server and the strangers are different processes, since each may have only so many files open; where that is fewer than ten
// thousand, as many as are allowed take part.
TEST(Server, AnswersOthersBesideTenThousandConnections) {
  rlimit files = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  const rlimit before = files;
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  const int count = static_cast<int>(std::min<rlim_t>(10'000, files.rlim_max - 200));

  Strangers strangers(count);
  const auto server =
      start({{.pattern = "/", .handler = hello}}, {.limits = {.connections_max = static_cast<std::size_t>(count) + 1}});
  EXPECT_EQ(strangers.connect(server->port()), count);
  EXPECT_TRUE(eventually([&] { return server->connections() == static_cast<std::size_t>(count); }));

  Client one(server->port());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(one.ask(get("/")).summary(), "200 hello");
  EXPECT_EQ(Client(server->port()).read().status, 503);
  EXPECT_EQ(one.ask(get("/")).summary(), "200 hello");

  strangers.leave();
  EXPECT_TRUE(eventually([&] { return server->connections() == 1; }));
  ::setrlimit(RLIMIT_NOFILE, &before);
}

// The limit of open files is reached before that of connections: nobody is left waiting for that reason.
TEST(Server, TurnsAwayWhomItHasNoFileFor) {
  constexpr int kStrangers = 64;
  Strangers strangers(kStrangers);
  const auto server = start({{.pattern = "/", .handler = hello}});
  Client one(server->port());
  EXPECT_EQ(one.ask(get("/")).summary(), "200 hello");

  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = ::dup(0);  // the number of the next file
  ::close(next);
  rlimit few = before;
  few.rlim_cur = static_cast<rlim_t>(next) + 8;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  EXPECT_EQ(strangers.connect(server->port()), kStrangers);
  EXPECT_TRUE(
      eventually([&] { return strangers.refused() + static_cast<int>(server->connections()) == kStrangers + 1; }));
  EXPECT_GE(strangers.refused(), kStrangers - 8);
  EXPECT_EQ(one.ask(get("/")).summary(), "200 hello");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

  strangers.leave();
  EXPECT_TRUE(eventually([&] { return server->connections() == 1; }));
  EXPECT_EQ(Client(server->port()).ask(get("/")).summary(), "200 hello");
}

}  // namespace
}  // namespace gantry::http

// Requests that are under way at the same time: http.batch() and http.asyncRequest(), against a server that answers only when so many of
// them are there.

#include "load/http/scripted_server.h"
#include "load/one_vu.h"

#include "base/json.h"
#include "base/node.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace gantry::load {
namespace {

// Waits until so many requests are there, answers them, the last first, with their paths, and waits for the next.
class MeetingServer {
 public:
  explicit MeetingServer(std::size_t meeting) : meeting_(meeting) {
    std::uint16_t port = 0;
    listener_ = listen_on_loopback(port, 64);
    url = fmt::format("http://127.0.0.1:{}", port);
    EXPECT_EQ(::pipe(end_.data()), 0);
    thread_ = std::jthread([this] { serve(); });
  }
  ~MeetingServer() {
    ::close(end_[1]);
    thread_.join();
    ::close(end_[0]);
    ::close(listener_);
  }
  std::string url;
  std::atomic<std::size_t> connections = 0;

 private:
  void serve() {
    std::vector<pollfd> watched = {{.fd = listener_, .events = POLLIN, .revents = 0},
                                   {.fd = end_[0], .events = POLLIN, .revents = 0}};
    while (::poll(watched.data(), watched.size(), -1) > 0 && watched[1].revents == 0) {
      if (watched[0].revents != 0) {
        watched.push_back({.fd = ::accept(listener_, nullptr, nullptr), .events = POLLIN, .revents = 0});
        ++connections;
      }
      for (std::size_t i = 2; i < watched.size(); ++i)
        if (watched[i].revents != 0 && !read_from(watched[i].fd)) ::close(std::exchange(watched[i].fd, -1));
      if (waiting_.size() >= meeting_) answer_all();
    }
    for (std::size_t i = 2; i < watched.size(); ++i) ::close(watched[i].fd);
  }
  bool read_from(int fd) {
    std::array<char, 4096> buffer;
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count <= 0) return false;
    std::string& text = read_[fd].append(buffer.data(), static_cast<std::size_t>(count));
    if (!text.contains("\r\n\r\n")) return true;
    const std::size_t at = text.find(' ') + 1;
    waiting_.emplace_back(fd, text.substr(at, text.find(' ', at) - at));
    text.clear();
    return true;
  }
  void answer_all() {
    for (std::size_t i = waiting_.size(); i-- > 0;) {
      const auto& [fd, path] = waiting_[i];
      const std::string text = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", path.size(), path);
      EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), std::ssize(text));
    }
    waiting_.clear();
  }

  std::size_t meeting_;
  std::array<int, 2> end_ = {-1, -1};
  int listener_ = -1;
  std::map<int, std::string> read_ = {};
  std::vector<std::pair<int, std::string>> waiting_ = {};
  std::jthread thread_;
};

std::string run(const std::string& body, const MeetingServer& server, const RequestOptions& options = {}) {
  OneVu stage(fmt::format("import http from 'k6/http';\nconst at = '{}';\nexport default async () => {{\n{}\n}};",
                          server.url, body));
  stage.options() = options;
  EXPECT_EQ(stage.load(), "loaded");
  return stage.call();
}

struct Case {
  const char* what;
  std::size_t meeting;
  RequestOptions options;
  const char* script;
  const char* value;
  std::size_t connections;
};

TEST(Flights, GoAtTheSameTime) {
  const Case cases[] = {
      {"a batch, in its order",
       3,
       {},
       "return http.batch([at + '/a', ['GET', at + '/b'], { method: 'GET', url: at + '/c' }]).map((r) => r.body);",
       R"(["/a","/b","/c"])",
       3},
      {"an object",
       2,
       {},
       "const r = http.batch({ x: at + '/a', y: at + '/b' }); return [r.x.body, r.y.body];",
       R"(["/a","/b"])",
       2},
      {"so many to one host",
       2,
       {.batch_per_host = 2},
       "return http.batch(Array.from({ length: 8 }, (_, i) => `${at}/${i}`)).map((r) => r.body).join('');",
       R"("/0/1/2/3/4/5/6/7")",
       2},
      {"so many at all", 1, {.batch = 1}, "return http.batch([at + '/a', at + '/b', at + '/c']).length;", "3", 1},
      {"one after the other is one connection",
       1,
       {},
       "for (const p of 'abc') http.get(`${at}/${p}`); return 0;",
       "0",
       1},
      {"promises",
       3,
       {},
       "return Promise.all(['/a', '/b', '/c'].map((p) => http.asyncRequest('GET', at + p))).then((all) => all.map((r) "
       "=> r.body));",
       R"(["/a","/b","/c"])",
       3},
      {"promises that nobody waits for, beside a request",
       2,
       {},
       "let got = 'nothing'; http.asyncRequest('GET', at + '/a').then((r) => { got = r.body; }); return [http.get(at + "
       "'/b').body, await new Promise((done) => setTimeout(() => done(got), 1)) !== undefined];",
       R"(["/b",true])",
       2},
      {"promises beside a batch",
       3,
       {},
       "const one = http.asyncRequest('GET', at + '/a'); const two = http.batch([at + '/b', at + '/c']); return "
       "[(await "
       "one).body, ...two.map((r) => r.body)];",
       R"(["/a","/b","/c"])",
       3},
      {"a promise and its timer",
       2,
       {},
       "return Promise.race([http.asyncRequest('GET', at + '/a', null, { timeout: 60000 }), new Promise((done) => "
       "setTimeout(() => { done('timer'); http.asyncRequest('GET', at + '/b'); }, 1))]);",
       R"("timer")",
       2},
      {"a promise in time",
       2,
       {},
       "return (await http.asyncRequest('GET', at + '/a', null, { timeout: 20 })).error_code;",
       "1050",
       1},
      {"a promise that is broken",
       1,
       {},
       "return http.asyncRequest('GET', 'http://127.0.0.1:1/', null, { throw: true }).catch((e) => String(e));",
       R"("GoError: Get \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused")",
       0},
      {"promises of cookies and forms",
       2,
       {},
       "return Promise.all([http.asyncRequest('GET', at + '/a', null, { cookies: { a: 1 } }), http.asyncRequest('GET', "
       "at + '/b', { f: 1 })]).then((all) => all.map((r) => r.body));",
       R"(["/a","/b"])",
       2},
  };
  for (const Case& c : cases) {
    const MeetingServer server(c.meeting);
    EXPECT_EQ(run(c.script, server, c.options), c.value) << c.what;
    EXPECT_EQ(server.connections, c.connections) << c.what;
  }
}

TEST(Flights, EndWithTheirIteration) {
  const MeetingServer server(100);  // which never comes together
  OneVu stage(
      fmt::format("import http from 'k6/http';\nexport default () => {{ for (let i = 0; i < 5; ++i) "
                  "http.asyncRequest('GET', '{}/'); throw new Error('enough'); }};\n"
                  "export const after = () => 'fine';",
                  server.url));
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), "threw Error: enough");
  EXPECT_EQ(stage.call("after"), "\"fine\"");
  EXPECT_EQ(stage.sink("http_reqs"), nullptr);
}

TEST(Flights, AreMeasuredAsAnyRequest) {
  const MeetingServer server(4);
  OneVu stage(
      fmt::format("import http from 'k6/http';\nexport default () => http.batch([1, 2, 3, 4].map((n) => "
                  "`{}/${{n}}`)).length;",
                  server.url));
  ASSERT_EQ(stage.load(), "loaded");
  EXPECT_EQ(stage.call(), "4");
  EXPECT_EQ(std::get<CounterSink>(*stage.sink("http_reqs")).count(), 4);
}

struct Refused {
  const char* what;
  const char* script;
  const char* value;
};

TEST(Flights, SaysWhatIsWrongWithABatch) {
  const Refused cases[] = {
      {"nothing", "http.batch()", "GoError: no argument was provided to http.batch()"},
      {"two", "http.batch([], [])", "GoError: http.batch() accepts only an array or an object of requests"},
      {"a number", "http.batch(5)", "GoError: invalid http.batch() argument type int64"},
      {"an empty one", "http.batch([])", "[]"},
      {"no URL: nothing is sent", "http.batch([at + '/a', {}, at + '/b']).map((r) => r && [r.status, r.error])",
       R"([[0,""],[0,"batch request 1 doesn't have a url key"],null])"},
      {"half a request", "http.batch([['GET']])[0].error", "invalid batch request '[]interface {}{\"GET\"}'"},
      {"no method", "http.batch([[5, at]])[0].error", "invalid method type '5'"},
      {"no URL of an object", "http.batch({ a: 5 }).a.error_code", "1020"},
      {"one that throws", "http.batch([{ url: 'http://127.0.0.1:1/', params: { throw: true } }])",
       "GoError: Get \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused"},
  };
  for (const Refused& c : cases) {
    const MeetingServer server(1);
    const std::string script = fmt::format(
        "try {{ const value = {}; return typeof value === 'string' ? value : JSON.stringify(value); }} catch (error) "
        "{{ "
        "return String(error); }}",
        c.script);
    EXPECT_EQ(run("return (() => {" + script + "})();", server), base::dump_json(base::Node(c.value))) << c.what;
    EXPECT_EQ(server.connections, 0U) << c.what;
  }
}

}  // namespace
}  // namespace gantry::load

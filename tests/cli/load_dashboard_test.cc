// The web dashboard of a run under way: looked at by another run, whose script is the client.

#include "cli/program.h"
#include "support/free_port.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::cli {
namespace {

using test::TempDir;

// A port of the loopback address, with a listener for as long as this lives.
class Listener {
 public:
  explicit Listener(std::uint16_t port = 0) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = ::htons(port);
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const int yes = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    // One that was asked for may be somebody else's: it is taken all the same.
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0) ::listen(socket_, 1);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ::ntohs(address.sin_port);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

// A client that says nothing.
class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = ::htons(port);
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

 private:
  int socket_;
};

constexpr std::chrono::seconds kSoon{30};
constexpr std::string_view kAddress = "web dashboard: http://";

// It ends by itself, so that none is left behind where the test is killed.
constexpr std::string_view kPlayed = R"(
import { check, sleep } from 'k6';
export const options = { vus: 2, duration: '40s', thresholds: { iterations: ['count>=1'] } };
export default () => { check(1, { 'is one': (x) => x === 1 }); sleep(0.01); };
)";

// What a client of such a run begins with. The REST API is there to stop it.
constexpr std::string_view kAsks = R"(
import http from 'k6/http';
import { sleep } from 'k6';
const at = `http://${__ENV.AT}`;
const snapshot = () => { const r = http.get(at + '/snapshot.json'); return r.status === 200 ? r.json() : { scenarios: [] }; };
function until(what) { for (let i = 0; i < 2000; ++i) { const s = snapshot(); if (what(s)) return s; sleep(0.02); } throw new Error('never'); }
const stop = () => http.patch(`http://${__ENV.REST}/v1/status`, JSON.stringify({ data: { attributes: { stopped: true } } }));
)";

// What is asked for in the end comes only once the run is stopped.
constexpr std::string_view kClient = R"(
export default async () => {
  const seen = until((s) => s.phase === 'running' && s.scenarios.length === 1 && s.scenarios[0].completed >= 1);
  console.log('running', seen.is_over, seen.vus.active, seen.scenarios[0].name, seen.checks[0].name, seen.checks[0].fails);
  console.log('threshold', seen.thresholds[0].threshold, seen.thresholds[0].holds, seen.planned_seconds);
  console.log('generator', seen.measured.generator.seconds > 0);
  const page = http.get(at + '/');
  console.log('page', page.status, page.headers['Content-Type'], page.body.includes('running ') && page.body.includes('/2 VUs'));
  console.log('policy', page.headers['Content-Security-Policy'].startsWith("default-src 'none'"), page.headers['Cache-Control']);
  console.log('rebound', http.get(at + '/', { headers: { Host: 'evil.example' } }).status);
  console.log('bad', http.get(at + '/nothing').status, http.post(at + '/', 'x').status, http.del(at + '/events').status);
  const watched = http.asyncRequest('GET', at + '/events');
  const start = snapshot().elapsed_seconds;
  until((s) => s.elapsed_seconds > start + 1);
  stop();
  const stream = await watched;
  const events = stream.body.split('\n\n').filter((e) => e.startsWith('event: '));
  const named = (name) => events.filter((e) => e.startsWith(`event: ${name}\n`));
  console.log('stream', stream.headers['Content-Type'], named('parts').length >= 3, named('end').length, events[events.length - 1].startsWith('event: end'));
  const of = (event) => JSON.parse(event.slice(event.indexOf('data: ') + 6));
  console.log('again', named('parts').some((event, i, all) => i > 0 && i < 3 && event === all[i - 1]));
  console.log('first', of(named('parts')[0]).status);
  console.log('last', of(named('parts').pop()).status);
};
)";

// A run with a REST API and a dashboard, and where they are.
struct Played {
  std::unique_ptr<RunningProgram> program = {};
  std::string rest = {};
  std::optional<std::string> at = {};
};

Played play(const TempDir& dir, const std::vector<std::string>& more) {
  dir.write("played.js", kPlayed);
  Played played;
  for (int tries = 0; !played.at && tries < 3; ++tries) {
    played.rest = fmt::format("127.0.0.1:{}", test::free_port());
    std::vector<std::string> arguments = {"load", "run", "--address", played.rest, "played.js"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    played.program = std::make_unique<RunningProgram>(arguments, dir.path());
    played.at = played.program->says_after(kAddress, kSoon);
  }
  return played;
}

Ran ask(const TempDir& dir, const Played& played, std::string_view client) {
  dir.write("client.js", std::string(kAsks) + std::string(client));
  const Ran ran = gantry({"load", "run", "--quiet", "--log-format", "raw", "-e", "AT=" + *played.at, "-e",
                          "REST=" + played.rest, "client.js"},
                         dir);
  if (ran.status != 0) played.program->signal(SIGINT);
  return ran;
}

TEST(LoadDashboard, ShowsARunFromItsBeginningToItsEnd) {
  const TempDir dir;
  const Played played = play(dir, {"--out", "web-dashboard=port=0&period=100ms"});
  ASSERT_TRUE(played.at);
  const Ran client = ask(dir, played, kClient);
  EXPECT_EQ(client.status, 0) << client;
  for (const std::string_view line :
       {"running false 2 default is one 0", "threshold count>=1 true 40", "generator true",
        "page 200 text/html; charset=utf-8 true", "policy true no-store", "rebound 421", "bad 404 405 405",
        "stream text/event-stream true 1 true", "again false", "first running ", "last the run has ended, after "})
    EXPECT_NE(client.err.find(line), std::string::npos) << line << "\n" << client;
  const Ran ran = played.program->wait();
  EXPECT_EQ(ran.status, 103) << ran;
  EXPECT_TRUE(played.at->starts_with("127.0.0.1:")) << ran;
  EXPECT_TRUE(ran.out.contains("iterations")) << ran;
}

// Many runs, which end one by one: that nothing more comes is said when the last one has.
TEST(LoadDashboard, SaysThatASearchIsOver) {
  const TempDir dir;
  const Played played = play(dir, {"--find-knee", "--duration", "40s", "--out", "web-dashboard=port=0&period=100ms"});
  ASSERT_TRUE(played.at);
  const Ran client = ask(dir, played, R"(
export default async () => {
  const start = until((s) => s.phase === 'running').elapsed_seconds;
  const watched = http.asyncRequest('GET', at + '/events');
  until((s) => s.elapsed_seconds > start + 1);
  stop();
  const stream = await watched;
  console.log('stream', stream.body.endsWith('event: end\ndata: {}\n\n'));
};
)");
  EXPECT_TRUE(client.err.contains("stream true\n")) << client;
  const Ran ran = played.program->wait();
  EXPECT_EQ(ran.status, 105) << ran;
}

TEST(LoadDashboard, ShowsWhatARunCameToForAsLongAsItLingers) {
  const TempDir dir;
  dir.write("played.js", "export default () => 1;\n");
  dir.write("client.js", R"(
import http from 'k6/http';
import { sleep } from 'k6';
const at = `http://${__ENV.AT}`;
export default () => {
  const has_ended = (r) => r.status === 200 && r.json('is_over');
  for (let i = 0; i < 2000 && !has_ended(http.get(at + '/snapshot.json')); ++i) sleep(0.02);
  console.log('snapshot', http.get(at + '/snapshot.json').json('scenarios.0.completed'));
  console.log('page', http.get(at + '/').body.includes('the run has ended, after'));
  console.log('stream', http.get(at + '/events').body.endsWith('event: end\ndata: {}\n\n'));
  const from = (host) => http.get(at + '/', { headers: { Host: host } }).status;
  console.log('hosts', from('evil.example'), from('localhost'), from('192.0.2.1:80'));
  const site = (path, site, mode, dest) =>
    http.get(at + path, { headers: { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': dest } }).status;
  console.log('elsewhere', site('/', 'cross-site', 'no-cors', 'image'), site('/events', 'cross-site', 'cors', 'empty'),
    site('/', 'cross-site', 'navigate', 'iframe'));
  console.log('here', site('/', 'cross-site', 'navigate', 'document'), site('/events', 'same-origin', 'cors', 'empty'),
    site('/', 'none', 'navigate', 'document'));
};
)");
  RunningProgram played({"load", "run", "--linger", "--out", "web-dashboard=host=0.0.0.0&port=0", "played.js"},
                        dir.path());
  const std::optional<std::string> at = played.says_after(kAddress, kSoon);
  ASSERT_TRUE(at);
  const Ran client = gantry({"load", "run", "--quiet", "--log-format", "raw", "-e", "AT=" + *at, "client.js"}, dir);
  for (const std::string_view line :
       {"snapshot 1", "page true", "stream true", "hosts 421 200 200", "elsewhere 403 403 403", "here 200 200 200"})
    EXPECT_NE(client.err.find(line), std::string::npos) << line << "\n" << client;
  played.signal(SIGINT);
  EXPECT_EQ(played.wait().status, 0);
}

// A browser keeps several connections, whether it asks for anything or not.
TEST(LoadDashboard, AnswersBesideManyIdleConnections) {
  const TempDir dir;
  dir.write("played.js", "export default () => 1;\n");
  dir.write("client.js", R"(
import http from 'k6/http';
export default () => console.log('page', http.get(`http://${__ENV.AT}/`).status);
)");
  RunningProgram played({"load", "run", "--linger", "--out", "web-dashboard=port=0", "played.js"}, dir.path());
  const std::optional<std::string> at = played.says_after(kAddress, kSoon);
  ASSERT_TRUE(at);
  const auto port = static_cast<std::uint16_t>(std::stoi(at->substr(at->rfind(':') + 1)));
  std::vector<std::unique_ptr<Connection>> idle;
  for (int i = 0; i < 64; ++i) idle.push_back(std::make_unique<Connection>(port));
  const Ran client = gantry({"load", "run", "--quiet", "--log-format", "raw", "-e", "AT=" + *at, "client.js"}, dir);
  EXPECT_TRUE(client.err.contains("page 200\n")) << client;
}

// As k6 does.
TEST(LoadDashboard, GoesOnWhereTheUsualPortIsTaken) {
  const TempDir dir;
  dir.write("load.js", "export default () => 1;\n");
  const Listener usual(5665);
  const Ran ran = gantry({"load", "run", "--out", "web-dashboard", "load.js"}, dir);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_TRUE(ran.err.contains("the run goes on without its web dashboard")) << ran;
  EXPECT_TRUE(ran.out.contains("iterations")) << ran;
}

struct Case {
  std::string_view flag;  // of --out
  Environment variables;
  int status;
  std::string_view err;
};

TEST(LoadDashboard, ReadsWhatK6Reads) {
  const TempDir dir;
  dir.write("load.js", "export default () => 1;\n");
  dir.write("config.json", R"({"webDashboard": true})");
  const Listener taken;
  const std::string port = fmt::format("{}", taken.port());
  const Case cases[] = {
      {"web-dashboard=port=0", {}, 0, "web dashboard: http://127.0.0.1:"},
      {"web-dashboard=port=0&host=localhost", {}, 0, "web dashboard: http://"},
      {"web-dashboard=port=0&host=0.0.0.0", {}, 0, "web dashboard: http://0.0.0.0:"},
      {"", {{"K6_WEB_DASHBOARD", "true"}, {"K6_WEB_DASHBOARD_PORT", "0"}}, 0, "web dashboard: http://127.0.0.1:"},
      {"", {{"K6_CONFIG", "config.json"}, {"K6_WEB_DASHBOARD_PORT", "0"}}, 0, "web dashboard: http://127.0.0.1:"},
      {"web-dashboard", {{"K6_WEB_DASHBOARD_PORT", port}}, 3, port},
      {"web-dashboard=port=0&host=nowhere.invalid", {}, 2, "nowhere.invalid"},
      {"", {{"K6_WEB_DASHBOARD", "yes"}}, 2, "K6_WEB_DASHBOARD=yes: that is neither true nor false"},
      {"", {{"K6_WEB_DASHBOARD", "true"}, {"K6_WEB_DASHBOARD_PERIOD", "soon"}}, 2, "K6_WEB_DASHBOARD_PERIOD=soon"},
      {"web-dashboard=record=x.gz", {}, 2, "record is not there yet"},
  };
  for (const Case& c : cases) {
    std::vector<std::string> arguments = {"load", "run"};
    if (!c.flag.empty()) arguments.insert(arguments.end(), {"--out", std::string(c.flag)});
    arguments.emplace_back("load.js");
    const Ran ran = gantry(arguments, dir, c.variables);
    EXPECT_EQ(ran.status, c.status) << c.flag << "\n" << ran;
    EXPECT_TRUE(ran.err.contains(c.err)) << c.flag << "\n" << ran;
  }
  // What --out says of it counts, whoever else asks for one.
  const Ran once =
      gantry({"load", "run", "--out", "web-dashboard=port=-1", "load.js"}, dir, {{"K6_WEB_DASHBOARD", "true"}});
  EXPECT_EQ(once.status, 0) << once;
  EXPECT_FALSE(once.err.contains("dashboard")) << once;
  // None was asked for.
  for (const Environment& variables :
       {Environment{{"K6_WEB_DASHBOARD", "true"}, {"K6_WEB_DASHBOARD_PORT", "-1"}},
        Environment{{"K6_WEB_DASHBOARD", "false"}, {"K6_CONFIG", "config.json"}}, Environment{}}) {
    const Ran ran = gantry({"load", "run", "load.js"}, dir, variables);
    EXPECT_EQ(ran.status, 0) << ran;
    EXPECT_FALSE(ran.err.contains("dashboard")) << ran;
  }
}

TEST(LoadDashboard, WritesTheReport) {
  const TempDir dir;
  dir.write("load.js", "export default () => 1;\n");
  const Ran ran = gantry(
      {"load", "run", "--quiet", "load.js"}, dir,
      {{"K6_WEB_DASHBOARD", "true"}, {"K6_WEB_DASHBOARD_PORT", "-1"}, {"K6_WEB_DASHBOARD_EXPORT", "report.html"}});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_TRUE(dir.read("report.html").starts_with("<!DOCTYPE html>")) << dir.read("report.html");
  const Ran packed =
      gantry({"load", "run", "--quiet", "--out", "web-dashboard=port=-1&export=report.html.gz", "load.js"}, dir);
  EXPECT_EQ(packed.status, 0) << packed;
  const Ran unpacked = run({"gzip", "-dc", "report.html.gz"}, dir.path());
  EXPECT_TRUE(unpacked.out.starts_with("<!DOCTYPE html>")) << unpacked;
}

// A program in the place of a browser keeps what it was called with. It goes on by itself, so that it is waited for by what it leaves.
TEST(LoadDashboard, OpensABrowser) {
  const TempDir dir;
  dir.write("load.js", "export default () => 1;\n");
  // What it starts is ended by a broken pipe, as usual.
  dir.write("bin/xdg-open",
            "#!/bin/sh\nlives=$(sh -c 'kill -PIPE $$; echo and lives on')\n"
            "printf '%s %s%s' \"$#\" \"$1\" \"$lives\" > opened.part && mv opened.part opened\n");
  ASSERT_EQ(run({"chmod", "+x", "bin/xdg-open"}, dir.path()).status, 0);
  const std::string path = dir.path() + "/bin:/usr/bin:/bin";
  const Ran ran = gantry({"load", "run", "--out", "web-dashboard=port=0&open", "load.js"}, dir, {{"PATH", path}});
  EXPECT_EQ(ran.status, 0) << ran;
  const Ran opened =
      run({"sh", "-c", "i=0; while [ ! -e opened ] && [ $i -lt 1000 ]; do sleep 0.02; i=$((i+1)); done; cat opened"},
          dir.path());
  ASSERT_TRUE(opened.out.starts_with("1 http://127.0.0.1:")) << opened;
  EXPECT_TRUE(ran.err.contains("web dashboard: " + opened.out.substr(2))) << ran << opened;
  const Ran none =
      gantry({"load", "run", "--out", "web-dashboard=port=0&open", "load.js"}, dir, {{"PATH", "/nowhere"}});
  EXPECT_EQ(none.status, 0) << none;
  EXPECT_TRUE(none.err.contains("no browser is known here")) << none;
}

// It shows a run, and resumes none.
TEST(LoadDashboard, DoesNotKeepAPausedRunWaiting) {
  const TempDir dir;
  dir.write("load.js", "export default () => 1;\n");
  expect_failure(gantry({"load", "run", "--paused", "--out", "web-dashboard=port=0", "load.js"}, dir), 104,
                 {"nothing could resume it", "--address"});
}

}  // namespace
}  // namespace gantry::cli

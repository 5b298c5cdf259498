// The REST API of a run under way: asked by another run, whose script is the client.

#include "cli/program.h"
#include "support/free_port.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>

namespace gantry::cli {
namespace {

using test::TempDir;

// A port of the loopback address, with a listener for as long as this lives.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_, 1), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ::ntohs(address.sin_port);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  std::string address() const { return fmt::format("127.0.0.1:{}", port_); }

 private:
  int socket_;
  int port_ = 0;
};

std::string free_address() { return fmt::format("127.0.0.1:{}", test::free_port()); }

constexpr std::string_view kPlayed = R"(
import { check, group, sleep } from 'k6';
export const options = { vus: 2, duration: '5m', thresholds: { iterations: ['count>=0'] } };
export const setup = () => 'from setup';
export default (data) => group('shop', () => { check(data, { 'has data': (d) => d === 'from setup' }); sleep(0.01); });
)";

constexpr std::string_view kClient = R"(
import http from 'k6/http';
import { sleep } from 'k6';
const at = `http://${__ENV.AT}/v1/`;
const patch = (attributes) => http.patch(at + 'status', JSON.stringify({ data: { type: 'status', id: 'default', attributes } }));
const status = () => { const r = http.get(at + 'status'); return r.status === 200 ? r.json('data.attributes') : {}; };
function until(what) { for (let i = 0; i < 2000; ++i) { const s = status(); if (what(s)) return s; sleep(0.02); } throw new Error('never'); }
export const options = { thresholds: {} };
export default () => {
  const paused = until((s) => s.paused && s.status === 4); // not while it gets ready
  console.log('paused', paused.status, paused.vus, paused['vus-max'], paused.running);
  console.log('pause again', patch({ paused: true }).status);
  console.log('resume', patch({ paused: false }).json('data.attributes.paused'));
  const running = until((s) => s.status === 7 && s.vus === 2);
  console.log('running', running.running, running.stopped, running.tainted);
  for (let i = 0; i < 2000 && http.get(at + 'metrics/iterations').status !== 200; ++i) sleep(0.02);
  console.log('checks', http.get(at + 'metrics/checks').json('data.attributes.sample.rate'));
  console.log('metrics', http.get(at + 'metrics').json('data.#.id').includes('iterations'));
  console.log('groups', JSON.stringify(http.get(at + 'groups').json('data.#.attributes.path')));
  console.log('setup', http.get(at + 'setup').json('data.attributes.data'));
  console.log('called', http.post(at + 'setup').json('data.attributes.data'));
  console.log('none', http.get(at + 'nothing').status, http.get(at + 'metrics/none').status);
  console.log('stop', patch({ stopped: true }).json('data.attributes.stopped'));
};
)";

TEST(LoadRest, PausesShowsAndStopsARun) {
  const TempDir dir;
  dir.write("played.js", kPlayed);
  dir.write("client.js", kClient);
  const std::string at = free_address();
  RunningProgram played({"load", "run", "--quiet", "--paused", "--address", at, "played.js"}, dir.path());
  const Ran client = gantry({"load", "run", "--quiet", "--log-format", "raw", "-e", "AT=" + at, "client.js"}, dir);
  EXPECT_EQ(client.status, 0) << client;
  if (client.status != 0) played.signal(SIGINT);  // or it plays on for its five minutes
  for (const std::string_view line :
       {"paused 4 0 2 false", "pause again 500", "resume false", "running true false false", "checks 1", "metrics true",
        "groups [\"\",\"::shop\"]", "setup from setup", "called from setup", "none 404 404", "stop true"})
    EXPECT_NE(client.err.find(line), std::string::npos) << line << "\n" << client;
  const Ran ran = played.wait();
  EXPECT_EQ(ran.status, 103) << ran;
  EXPECT_NE(ran.out.find("iterations"), std::string::npos) << ran;
}

TEST(LoadRest, LingersUntilItIsToldToEnd) {
  const TempDir dir;
  dir.write("played.js", "export default () => 1;\n");
  dir.write("client.js", R"(
import http from 'k6/http';
import { sleep } from 'k6';
const at = `http://${__ENV.AT}/v1/status`;
export default () => {
  const has_ended = (r) => r.status === 200 && r.json('data.attributes.status') === 9;
  for (let i = 0; i < 2000 && !has_ended(http.get(at)); ++i) sleep(0.02);
  console.log('ended', http.get(at).json('data.attributes.running'));
};
)");
  const std::string at = free_address();
  RunningProgram played({"load", "run", "--quiet", "--linger", "--address", at, "played.js"}, dir.path());
  const Ran client = gantry({"load", "run", "--quiet", "--log-format", "raw", "-e", "AT=" + at, "client.js"}, dir);
  EXPECT_NE(client.err.find("ended false"), std::string::npos) << client;
  played.signal(SIGINT);
  const Ran ran = played.wait();
  EXPECT_EQ(ran.status, 0) << ran;
}

// As k6 does: then it waits for Ctrl-C alone.
TEST(LoadRest, LingersWithoutAnAddress) {
  const TempDir dir;
  dir.write("played.js", "export default () => 1;\n");
  RunningProgram played({"load", "run", "--quiet", "--linger", "played.js"}, dir.path());
  ASSERT_TRUE(played.says("--linger waits for Ctrl-C", std::chrono::seconds(30)));
  played.signal(SIGINT);
  const Ran ran = played.wait();
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_TRUE(ran.out.contains("iterations")) << ran;
}

TEST(LoadRest, EndsWhereItCannotListen) {
  const TempDir dir;
  dir.write("load.js", "export default () => 1;\n");
  const Listener taken;
  expect_failure(gantry({"load", "run", "--address", taken.address(), "load.js"}, dir), 106, {"127.0.0.1"});
  expect_failure(gantry({"load", "run", "--address", "0.0.0.0:0", "load.js"}, dir), 106, {"0.0.0.0"});
  expect_failure(gantry({"load", "run", "--address", "here", "load.js"}, dir), 106,
                 {"--address here: that is no address"});
  expect_failure(gantry({"load", "run", "--paused", "load.js"}, dir), 104, {"nothing could resume it", "--address"});
}

}  // namespace
}  // namespace gantry::cli

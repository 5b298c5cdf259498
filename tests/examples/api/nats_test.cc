// The API and a real NATS that is killed, hangs and comes back.

#include "base/json.h"
#include "examples/api/servers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace kgents {
namespace {

using gantry::test::TempDir;

constexpr const char* kInvoke = R"({"path":"concept.forest","observer":{"id":"o"}})";

// The ids of the stream's events, in its order.
std::vector<std::string> ids_in(const NatsServer& nats) {
  std::vector<std::string> ids;
  for (const std::string& message : stream_messages(nats)) {
    const auto event = gantry::base::load_json(message, "event");
    ids.push_back(event ? std::string(event->text("id")) : "no JSON: " + message);
  }
  return ids;
}

// Invokes again and again until it is destroyed: one client, so that the order of events is known.
class Load {
 public:
  explicit Load(int port) : thread_([this, port](const std::stop_token& stop) { run(port, stop); }) {}

  // Ends it. The ids of the events that it was promised, in order.
  std::vector<std::string> end() {
    thread_.request_stop();
    thread_.join();
    return std::move(ids_);
  }
  std::size_t answered() const { return answered_; }
  // Answers that were no success, and requests without an answer.
  int failed() const { return failed_; }
  bool answers_more(std::size_t count) const {
    const std::size_t before = answered_;
    return becomes_true([&] { return answered_ >= before + count; });
  }

 private:
  void run(int port, const std::stop_token& stop) {
    HttpClient client(port);
    while (!stop.stop_requested()) {
      const Answer answer = client.post("/v1/agentese/invoke", kInvoke);
      const auto body = gantry::base::load_json(answer.body, "answer");
      if (answer.status != 200 || !body) {
        ++failed_;
      } else {
        ids_.emplace_back(body->text("event_id"));
      }
      ++answered_;
      detail::pause_a_little();  // at most 200 a second: five seconds of outage fit into the queue
    }
  }

  std::vector<std::string> ids_;  // the thread's own until it has ended
  std::atomic<std::size_t> answered_ = 0;
  std::atomic<int> failed_ = 0;
  std::jthread thread_;
};

Variables with(const NatsServer& nats) { return {{"NATS_SERVERS", nats.url()}, {"NATS_CIRCUIT_OPEN_MS", "300"}}; }

TEST(Nats, EventsArriveInOrder) {
  const TempDir directory;
  const NatsServer nats(directory);
  const ApiProcess api(directory, with(nats));
  EXPECT_EQ(api.saas("nats", "status"), "healthy");
  EXPECT_EQ(api.saas("nats", "mode"), "jetstream");

  Load load(api.port());
  EXPECT_TRUE(load.answers_more(50));
  const std::vector<std::string> promised = load.end();
  EXPECT_EQ(load.failed(), 0);
  EXPECT_TRUE(becomes_true([&] { return stream_size(nats) == promised.size(); }));
  EXPECT_EQ(ids_in(nats), promised);
  EXPECT_EQ(api.metric("kgents_nats_messages_published_total"), static_cast<double>(promised.size()));
}

TEST(Nats, KilledUnderLoadItLosesNothing) {
  const TempDir directory;
  NatsServer nats(directory);
  const ApiProcess api(directory, with(nats));
  Load load(api.port());
  EXPECT_TRUE(load.answers_more(20));
  nats.kill();
  EXPECT_TRUE(becomes_true([&] { return api.saas("nats", "mode") == "fallback"; }));
  EXPECT_TRUE(becomes_true([&] { return api.saas("nats", "status") == "circuit_open"; }));
  EXPECT_TRUE(load.answers_more(20));
  EXPECT_GT(api.metric("kgents_nats_fallback_queue_depth"), 0);
  nats.start();
  EXPECT_TRUE(becomes_true([&] { return api.saas("nats", "status") == "healthy"; }));
  EXPECT_TRUE(load.answers_more(20));
  const std::vector<std::string> promised = load.end();
  EXPECT_EQ(load.failed(), 0);
  EXPECT_TRUE(becomes_true([&] { return stream_size(nats) == promised.size(); }));
  EXPECT_EQ(ids_in(nats), promised);
  EXPECT_EQ(api.metric("kgents_nats_events_dropped_total"), 0);
  EXPECT_TRUE(std::ranges::any_of(api.log_lines(), [](const std::string& line) {
    return line.contains(R"("level":"warning","msg":"circuit opened","part":"nats")");
  }));
}

TEST(Nats, HangingUnderLoadItLosesNothing) {
  const TempDir directory;
  const NatsServer nats(directory);
  const ApiProcess api(directory, with(nats));
  Load load(api.port());
  EXPECT_TRUE(load.answers_more(20));
  nats.signal(SIGSTOP);
  EXPECT_TRUE(becomes_true([&] { return api.saas("nats", "mode") == "fallback"; }));
  EXPECT_TRUE(load.answers_more(20));
  nats.signal(SIGCONT);
  EXPECT_TRUE(becomes_true([&] { return api.saas("nats", "status") == "healthy"; }));
  const std::vector<std::string> promised = load.end();
  EXPECT_EQ(load.failed(), 0);
  // What hung was sent again, and is there once: the stream knows ids.
  EXPECT_TRUE(becomes_true([&] { return stream_size(nats) == promised.size(); }));
  EXPECT_EQ(ids_in(nats), promised);
}

TEST(Nats, ComingLateItGetsWhatWaited) {
  const TempDir directory;
  NatsServer nats(directory);
  nats.kill();
  const ApiProcess api(directory, with(nats));
  EXPECT_EQ(api.saas("nats", "status"), "disconnected");
  EXPECT_THAT(api.get("/health/saas").body, testing::HasSubstr(R"({"status":"not_started","started":false)"));
  EXPECT_THAT(api.get("/health").body, testing::HasSubstr(R"("status":"degraded")"));
  EXPECT_EQ(HttpClient(api.port()).post("/v1/agentese/invoke", kInvoke).status, 200);
  nats.start();
  EXPECT_TRUE(becomes_true([&] { return stream_size(nats) == 1U; }));
  EXPECT_TRUE(becomes_true([&] { return api.saas("nats", "status") == "healthy"; }));
}

TEST(Nats, AtTheEndTheQueueIsSent) {
  const TempDir directory;
  const NatsServer nats(directory);
  // A circuit that stays open, so that events wait although NATS is there; and more time at the end than a pod has, since on a busy machine
  // an acknowledgement may be later than the 50 ms after which the event is sent again.
  ApiProcess api(directory,
                 {{"NATS_SERVERS", nats.url()}, {"NATS_CIRCUIT_OPEN_MS", "3600000"}, {"NATS_FLUSH_MS", "25000"}});
  nats.signal(SIGSTOP);
  const auto first =
      gantry::base::load_json(HttpClient(api.port()).post("/v1/agentese/invoke", kInvoke).body, "answer");
  ASSERT_TRUE(first);
  EXPECT_TRUE(becomes_true([&] { return api.saas("nats", "status") == "circuit_open"; }));
  nats.signal(SIGCONT);
  Load load(api.port());
  EXPECT_TRUE(load.answers_more(20));
  std::vector<std::string> promised = load.end();
  promised.emplace(promised.begin(), first->text("event_id"));
  EXPECT_EQ(api.metric("kgents_nats_fallback_queue_depth"), static_cast<double>(promised.size()));
  api.signal(SIGTERM);
  EXPECT_EQ(api.wait(), 0);
  EXPECT_EQ(ids_in(nats), promised);
}

}  // namespace
}  // namespace kgents

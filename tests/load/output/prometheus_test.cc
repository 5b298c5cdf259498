// What a run leaves in Prometheus itself, asked for over its API.

#include "base/spawn.h"
#include "load/http/lone_client.h"
#include "load/load.h"
#include "load/output/output.h"
#include "support/free_port.h"
#include "support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace gantry::load {
namespace {

class Prometheus {
 public:
  Prometheus() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (get("/-/ready").first != 200 && std::chrono::steady_clock::now() < until) {
      if (!child_ || child_->has_ended()) start();  // it ends at once where another process has the port
      ::usleep(20'000);
    }
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/api/v1/write", port_); }

  // "name{label=value,…} value" of all series that there are.
  std::vector<std::string> series() {
    std::vector<std::string> all;
    const std::string answer = get("/api/v1/query?query=%7Btool%3D%22gantry%22%7D").second;
    const nlohmann::json body = nlohmann::json::parse(answer, nullptr, false);
    EXPECT_TRUE(body.is_object()) << answer;
    for (const auto& series : body["data"]["result"]) {
      std::string labels;
      for (const auto& [name, value] : series["metric"].items())
        if (name != "__name__" && name != "tool")
          labels += fmt::format("{}{}={}", labels.empty() ? "" : ",", name, value.get<std::string>());
      all.push_back(fmt::format("{}{{{}}} {}", series["metric"]["__name__"].get<std::string>(), labels,
                                series["value"][1].get<std::string>()));
    }
    return all;
  }

 private:
  void start() {
    port_ = test::free_port();
    child_.reset();
    dir_.write("prometheus.yml", "global: {scrape_interval: 1h}\n");
    base::Result<base::Child> started = base::spawn(
        {.argv = {"prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=error",
                  "--web.enable-remote-write-receiver", fmt::format("--web.listen-address=127.0.0.1:{}", port_)},
         .directory = dir_.path()});
    child_.emplace(*std::move(started));
  }
  std::pair<int, std::string> get(std::string_view path) {
    const std::string bytes = fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
    const HttpOutcome outcome =
        client_.client.send({.method = "GET",
                             .host = "127.0.0.1",
                             .port = port_,
                             .bytes = bytes,
                             .deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5)});
    return {outcome.head.status, outcome.body.text()};
  }

  test::TempDir dir_;
  std::uint16_t port_ = 0;
  std::optional<base::Child> child_;
  LoneClient client_;
};

constexpr std::string_view kScript = R"(
  import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
  const trend = new Trend('my_trend', true), counter = new Counter('my_counter'), rate = new Rate('my_rate');
  const gauge = new Gauge('my_gauge'), plain = new Trend('my_plain');
  export const options = { iterations: 4, tags: { tool: 'gantry' } };
  export default () => {
    trend.add(1000 * (__ITER + 1), { 'my kind': 'x "y"' });
    plain.add(__ITER);
    counter.add(2);
    gauge.add(__ITER);
    rate.add(__ITER == 0);
  };
)";

void run_into(const Prometheus& prometheus, std::map<std::string, std::string> environment) {
  environment["K6_PROMETHEUS_RW_SERVER_URL"] = prometheus.url();
  const auto output = make_output("experimental-prometheus-rw", environment, {});
  ASSERT_TRUE(output);
  base::MemoryFileSystem script;
  script.write("main.js", std::string(kScript));
  const base::SystemClock clock;
  SampleOutput* const outputs[] = {output->get()};
  std::vector<std::string> log;
  run_script({.files = script,
              .script = "main.js",
              .log = [&](LogLevel, std::string_view text, std::string_view) { log.emplace_back(text); },
              .outputs = outputs,
              .clock = &clock});
  EXPECT_THAT(log, testing::ElementsAre());
}

// One server for both: it takes a second to start.
TEST(Prometheus, HasWhatARunSent) {
  Prometheus prometheus;
  run_into(prometheus, {{"K6_PROMETHEUS_RW_TREND_STATS", "p(99),max,sum,count"}});
  // Names and figures are those that k6 2.2 leaves there.
  EXPECT_THAT(prometheus.series(),
              testing::IsSupersetOf({"k6_my_trend_p99{my_kind=x \"y\",scenario=default} 3.97",
                                     "k6_my_trend_max{my_kind=x \"y\",scenario=default} 4",
                                     "k6_my_trend_sum{my_kind=x \"y\",scenario=default} 10",
                                     "k6_my_plain_count{scenario=default} 4", "k6_my_counter_total{scenario=default} 8",
                                     "k6_my_gauge{scenario=default} 3", "k6_my_rate_rate{scenario=default} 0.25",
                                     "k6_iterations_total{scenario=default} 4"}));
  run_into(prometheus,
           {{"K6_PROMETHEUS_RW_TREND_STATS", "p(99),max,sum,count"}, {"K6_PROMETHEUS_RW_STALE_MARKERS", "true"}});
  EXPECT_THAT(prometheus.series(), testing::ElementsAre());
}

}  // namespace
}  // namespace gantry::load

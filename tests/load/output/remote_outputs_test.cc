// Samples as they arrive where outputs send them.

#include "load/http/scripted_server.h"
#include "load/http/tls_server.h"
#include "load/output/one_run.h"
#include "support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <snappy.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gantry::load {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Posted {
  std::string head;
  std::string body;
};

Posted take_apart(const std::string& request) {
  const std::size_t end = request.find("\r\n\r\n") + 4;
  return {request.substr(0, end), request.substr(end)};
}

bool is_whole(std::string_view request) {
  const std::size_t end = request.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  constexpr std::string_view kLength = "Content-Length: ";
  return request.size() >=
         end + 4 + static_cast<std::size_t>(std::atoi(request.data() + request.find(kLength) + kLength.size()));
}

// Keeps what it is sent. Not ours: that would have nothing to do with Snappy.
class Receiver {
 public:
  explicit Receiver(std::string answer = "HTTP/1.1 204 No Content\r\n\r\n") : answer_(std::move(answer)) {}
  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_.port); }
  std::vector<Posted> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve(int fd) {
    while (const std::optional<std::string> request = read_until(fd, is_whole)) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(take_apart(*request));
      }
      write_text(fd, answer_);
    }
  }

  std::string answer_;
  std::mutex mutex_ = {};
  std::vector<Posted> requests_ = {};
  ScriptedServer server_{[this](int fd, int) { serve(fd); }};
};

// "k6_my_counter_total{run=r} 8"
std::vector<std::string> series_of(const Posted& request) {
  std::string body;
  EXPECT_TRUE(snappy::Uncompress(request.body.data(), request.body.size(), &body));
  std::vector<std::string> all;
  for (const Field& series : fields_of(body)) {
    std::string name;
    std::string labels;
    std::string value;
    for (const Field& part : fields_of(series.bytes)) {
      const std::vector<Field> fields = fields_of(part.bytes);
      if (part.number == 2)
        value = fmt::format("{}", std::bit_cast<double>(fields.at(0).value));
      else if (fields.at(0).bytes == "__name__")
        name = fields.at(1).bytes;
      else
        labels += fmt::format("{}{}={}", labels.empty() ? "" : ",", fields.at(0).bytes, fields.at(1).bytes);
    }
    all.push_back(fmt::format("{}{{{}}} {}", name, labels, value));
  }
  return all;
}

TEST(PrometheusOutput, SendsWhatHasBecomeOfEachSeries) {
  Receiver receiver;
  const Sent sent = run_with("experimental-prometheus-rw", {{"K6_PROMETHEUS_RW_SERVER_URL", receiver.url() + "/write"},
                                                            {"K6_PROMETHEUS_RW_TREND_STATS", "p(99),sum,count,p(99.9)"},
                                                            {"K6_PROMETHEUS_RW_HEADERS_X_Tenant", "one"},
                                                            {"K6_PROMETHEUS_RW_USERNAME", "me"},
                                                            {"K6_PROMETHEUS_RW_PASSWORD", "secret"}});
  EXPECT_EQ(sent.error, "");
  EXPECT_THAT(sent.log, ElementsAre());
  const std::vector<Posted> requests = receiver.requests();
  ASSERT_EQ(requests.size(), 1);
  EXPECT_THAT(requests[0].head, StartsWith("POST /write HTTP/1.1\r\nHost: 127.0.0.1:"));
  for (const std::string_view line : {"Content-Encoding: snappy\r\n", "X-Prometheus-Remote-Write-Version: 0.1.0\r\n",
                                      "X_Tenant: one\r\n", "Authorization: Basic bWU6c2VjcmV0\r\n"})
    EXPECT_THAT(requests[0].head, HasSubstr(line));
  EXPECT_THAT(
      series_of(requests[0]),
      testing::IsSupersetOf({"k6_my_trend_p99{kind=x,my_tag=a,b \"c\",run=r,scenario=default} 3.97",
                             "k6_my_trend_sum{kind=x,my_tag=a,b \"c\",run=r,scenario=default} 10",

                             "k6_my_plain_sum{run=r,scenario=default} 6", "k6_my_plain_count{run=r,scenario=default} 4",
                             "k6_my_counter_total{run=r,scenario=default} 8", "k6_my_gauge{run=r,scenario=default} 3",
                             "k6_my_rate_rate{run=r,scenario=default} 0.25"}));
}

TEST(PrometheusOutput, MarksItsSeriesAsEnded) {
  Receiver receiver;
  run_with("experimental-prometheus-rw",
           {{"K6_PROMETHEUS_RW_SERVER_URL", receiver.url() + "/write"}, {"K6_PROMETHEUS_RW_STALE_MARKERS", "true"}});
  const std::vector<Posted> requests = receiver.requests();
  ASSERT_EQ(requests.size(), 2);
  EXPECT_EQ(series_of(requests[0]).size(), series_of(requests[1]).size());
  EXPECT_THAT(series_of(requests[1]), testing::Each(testing::EndsWith(" nan")));
}

TEST(RemoteOutput, SaysWhatItLost) {
  Receiver refusing("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\nnot today");
  EXPECT_THAT(run_with("experimental-prometheus-rw", {{"K6_PROMETHEUS_RW_SERVER_URL", refusing.url() + "/write"}}).log,
              ElementsAre(AllOf(StartsWith("Prometheus remote write: 1 of 1 requests to 127.0.0.1:"),
                                HasSubstr("were lost: status 503: not today"))));
  EXPECT_THAT(run_with("influxdb=http://127.0.0.1:1", {}).log,
              ElementsAre("InfluxDB: 1 of 1 requests to 127.0.0.1:1 were lost: dial: connection refused"));
}

// Of those that a server ends without an answer, the one on a connection that has answered before: no server may have seen it.
TEST(RemoteOutput, SendsAgainOnlyWhatMayHaveComeTooLate) {
  struct Case {
    std::string_view what;
    std::vector<int> answered;  // by each connection, before it ends at the next request
    int asked;
    std::size_t complaints;
  };
  const Case cases[] = {
      {"a new connection ends", {0, 0}, 1, 1},
      {"one that has answered ends", {1, 1}, 3, 0},
      {"one that has answered ends, and the next one does", {1, 0}, 3, 1},
  };
  for (const Case& each : cases) {
    std::atomic<int> asked = 0;
    const ScriptedServer server([&](int fd, int number) {
      for (int left = each.answered.at(static_cast<std::size_t>(number)); read_until(fd, is_whole); --left) {
        ++asked;
        if (left == 0) return;
        write_text(fd, "HTTP/1.1 204 No Content\r\n\r\n");
      }
    });
    const std::string url = fmt::format("http://127.0.0.1:{}/write", server.port);
    std::map<std::string, std::string> environment = {{"K6_PROMETHEUS_RW_SERVER_URL", url}};
    // Another request behind the first.
    if (each.answered.front() > 0) environment.emplace("K6_PROMETHEUS_RW_STALE_MARKERS", "true");
    EXPECT_THAT(run_with("experimental-prometheus-rw", environment).log, testing::SizeIs(each.complaints)) << each.what;
    EXPECT_EQ(asked, each.asked) << each.what;
  }
}

TEST(InfluxOutput, SendsEachSampleAsALine) {
  Receiver receiver;
  const Sent sent = run_with("influxdb=" + receiver.url() + "/load?precision=s&retention=week",
                             {{"K6_INFLUXDB_TAGS_AS_FIELDS", "run,kind"}, {"K6_INFLUXDB_USERNAME", "me"}});
  EXPECT_THAT(sent.log, ElementsAre());
  const std::vector<Posted> requests = receiver.requests();
  ASSERT_EQ(requests.size(), 2);
  EXPECT_THAT(requests[0].head, StartsWith("POST /query?q=CREATE%20DATABASE%20%22load%22 HTTP"));
  EXPECT_THAT(requests[1].head, StartsWith("POST /write?db=load&precision=s&rp=week HTTP"));
  EXPECT_THAT(requests[1].head, HasSubstr("Authorization: Basic bWU6\r\n"));
  EXPECT_THAT(
      requests[1].body,
      HasSubstr("my_trend,my\\ tag=a\\,b\\ \"c\",scenario=default value=1000,kind=\"x\",run=\"r\" 1000000000\n"));
  EXPECT_THAT(requests[1].body, HasSubstr("my_counter,scenario=default value=2,run=\"r\" 1000000000\n"));
}

TEST(OtelOutput, SendsAllMetricsOfOneResource) {
  Receiver receiver;
  const Sent sent = run_with("opentelemetry", {{"K6_OTEL_EXPORTER_PROTOCOL", "http/protobuf"},
                                               {"K6_OTEL_HTTP_EXPORTER_INSECURE", "true"},
                                               {"K6_OTEL_HTTP_EXPORTER_ENDPOINT", receiver.url().substr(7)},
                                               {"K6_OTEL_HTTP_EXPORTER_URL_PATH", "/write"},
                                               {"K6_OTEL_HEADERS", "x-key=a%2Cb"},
                                               {"K6_OTEL_METRIC_PREFIX", "k6_"}});
  EXPECT_THAT(sent.log, ElementsAre());
  const std::vector<Posted> requests = receiver.requests();
  ASSERT_EQ(requests.size(), 1);
  EXPECT_THAT(requests[0].head, HasSubstr("x-key: a,b\r\n"));
  const std::vector<Field> resource = fields_of(fields_of(requests[0].body).at(0).bytes);
  EXPECT_THAT(std::string(resource.at(0).bytes), AllOf(HasSubstr("service.name"), HasSubstr("k6")));
  std::map<std::string, Field, std::less<>> metrics;  // by name: the data
  for (const Field& metric : fields_of(resource.at(1).bytes))
    if (metric.number == 2) metrics[std::string(fields_of(metric.bytes).at(0).bytes)] = fields_of(metric.bytes).back();
  const auto points = [&](std::string_view name) { return fields_of(metrics.at(std::string(name)).bytes); };
  // A sum: points, cumulative, monotonic.
  EXPECT_EQ(metrics.at("k6_my_counter").number, 7);
  EXPECT_EQ(std::bit_cast<double>(fields_of(points("k6_my_counter").at(0).bytes).back().value), 8);
  EXPECT_EQ(points("k6_my_counter").at(1).value, 2);
  EXPECT_EQ(points("k6_my_counter").at(2).value, 1);
  EXPECT_EQ(metrics.at("k6_my_gauge").number, 5);
  EXPECT_EQ(metrics.at("k6_my_trend").number, 9);
  EXPECT_EQ(std::bit_cast<double>(fields_of(points("k6_my_trend").at(0).bytes).back().value), 4000);
  // 1 of 4 was true.
  EXPECT_EQ(fields_of(points("k6_my_rate.total").at(0).bytes).back().value, 1);
  EXPECT_EQ(fields_of(points("k6_my_rate.total").at(1).bytes).back().value, 3);
}

TEST(OtelOutput, SaysWhatBecameOfIt) {
  struct Case {
    std::string_view answer;
    std::string_view why;  // "" where nothing is lost
  };
  constexpr std::string_view kSome("\x0a\x0a\x08\x03\x12\x06no way", 12);
  const std::string rejected =
      fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 12\r\n\r\n{}", kSome);
  // By one byte, which is the last that the server sends.
  constexpr std::size_t kTooMany = (std::size_t{4} << 20) + 1;
  const std::string too_long =
      fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", kTooMany, std::string(kTooMany, 'x'));
  const Case cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
      {"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n", ""},
      {rejected, "3 data points were rejected: no way"},
      {"HTTP/1.1 503 No\r\nRetry-After: 3600\r\nContent-Length: 4\r\n\r\nbusy", "status 503: busy"},
      {"HTTP/1.1 400 No\r\nContent-Length: 3\r\n\r\nbad", "status 400: bad"},
      {too_long, "the response's body is too long"},
  };
  for (const Case& each : cases) {
    Receiver receiver{std::string(each.answer)};
    const Sent sent = run_with("opentelemetry", {{"K6_OTEL_EXPORTER_PROTOCOL", "http/protobuf"},
                                                 {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://elsewhere"},
                                                 {"OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "gzip"},
                                                 {"OTEL_EXPORTER_OTLP_HEADERS", "x-key=a"},
                                                 {"K6_OTEL_HTTP_EXPORTER_ENDPOINT", receiver.url().substr(7)}});
    if (each.why.empty())
      EXPECT_THAT(sent.log, ElementsAre());
    else
      EXPECT_THAT(sent.log, ElementsAre(testing::EndsWith(fmt::format(" were lost: {}", each.why))));
    const std::vector<Posted> requests = receiver.requests();
    ASSERT_EQ(requests.size(), 1);
    EXPECT_THAT(requests[0].head, AllOf(StartsWith("POST /v1/metrics HTTP/1.1\r\n"),
                                        HasSubstr("Content-Encoding: gzip\r\n"), HasSubstr("x-key: a\r\n")));
    EXPECT_THAT(requests[0].body, StartsWith("\x1f\x8b"));
  }
}

TEST(OtelOutput, TriesAgainWhatNobodyAnswers) {
  std::atomic<int> asked = 0;
  const ScriptedServer server([&](int fd, int number) {
    while (read_until(fd, is_whole)) {
      ++asked;
      if (number == 0) return;
      write_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  });
  const Sent sent =
      run_with("opentelemetry", {{"K6_OTEL_EXPORTER_PROTOCOL", "http/protobuf"},
                                 {"K6_OTEL_HTTP_EXPORTER_INSECURE", "true"},
                                 {"OTEL_EXPORTER_OTLP_TIMEOUT", "20000"},
                                 {"K6_OTEL_HTTP_EXPORTER_ENDPOINT", fmt::format("127.0.0.1:{}", server.port)}});
  EXPECT_THAT(sent.log, ElementsAre());
  EXPECT_EQ(asked, 2);
}

TEST(PrometheusOutput, ShowsItsCertificate) {
  const test::TempDir dir;
  const test::Certificate mine = test::make_certificate("me");
  const ServerContext context = make_server_context(test::make_certificate("localhost"), mine.chain);
  std::atomic<int> taken = 0;
  const ScriptedServer server([&](int fd, int) {
    const std::unique_ptr<SSL, void (*)(SSL*)> session(::SSL_new(context.get()), ::SSL_free);
    ::SSL_set_fd(session.get(), fd);
    if (::SSL_accept(session.get()) != 1) return;
    std::string request;
    std::array<char, 16384> buffer;
    while (!is_whole(request)) {
      const int count = ::SSL_read(session.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (count <= 0) return;
      request.append(buffer.data(), static_cast<std::size_t>(count));
    }
    ++taken;
    constexpr std::string_view kAnswer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    ::SSL_write(session.get(), kAnswer.data(), static_cast<int>(kAnswer.size()));
  });
  std::map<std::string, std::string> environment = {
      {"K6_PROMETHEUS_RW_SERVER_URL", fmt::format("https://localhost:{}/api/v1/write", server.port)},
      {"K6_PROMETHEUS_RW_INSECURE_SKIP_TLS_VERIFY", "true"}};
  EXPECT_THAT(run_with("experimental-prometheus-rw", environment).log,
              ElementsAre(testing::EndsWith("remote error: tls: certificate required")));
  environment["K6_PROMETHEUS_RW_CLIENT_CERTIFICATE"] = dir.write("me.pem", mine.chain);
  const std::string error = run_with("experimental-prometheus-rw", environment).error;
  EXPECT_THAT(error, HasSubstr("K6_PROMETHEUS_RW_CLIENT_CERTIFICATE has no key beside it"));
  environment["K6_PROMETHEUS_RW_CLIENT_CERTIFICATE_KEY"] = dir.write("me.key", mine.key);
  const Sent sent = run_with("experimental-prometheus-rw", environment);
  EXPECT_EQ(sent.error, "");
  EXPECT_THAT(sent.log, ElementsAre());
  EXPECT_EQ(taken, 1);
}

TEST(RemoteOutput, RefusesWhatItCannotDo) {
  struct Case {
    std::string_view what;
    std::map<std::string, std::string> environment;
    std::string_view error;
  };
  const Case cases[] = {
      {"experimental-prometheus-rw",
       {{"K6_PROMETHEUS_RW_SIGV4_REGION", "eu"}},
       "K6_PROMETHEUS_RW_SIGV4_REGION is not there yet"},
      {"experimental-prometheus-rw", {{"K6_PROMETHEUS_RW_PUSH_INTERVAL", "soon"}}, "that is no duration above 0"},
      {"experimental-prometheus-rw", {{"K6_PROMETHEUS_RW_TREND_STATS", "p95"}}, "there is no statistic p95"},
      {"experimental-prometheus-rw", {{"K6_PROMETHEUS_RW_SERVER_URL", "nowhere"}}, "nowhere is no URL"},
      {"experimental-prometheus-rw",
       {{"K6_PROMETHEUS_RW_HEADERS_A", "abc\nc: d"}},
       "the value of the header A is no line"},
      {"experimental-prometheus-rw",
       {{"K6_PROMETHEUS_RW_HTTP_HEADERS", "a:b,Bearer abc"}},
       "K6_PROMETHEUS_RW_HTTP_HEADERS: pair 2 has no value"},
      {"experimental-prometheus-rw",
       {{"K6_PROMETHEUS_RW_HTTP_HEADERS", "a:b,Basic abc:c"}},
       "K6_PROMETHEUS_RW_HTTP_HEADERS: pair 2 has no header's name"},
      {"experimental-prometheus-rw",
       {{"K6_PROMETHEUS_RW_HEADERS_A B", "abc"}},
       "one of the headers has no header's name"},
      {"experimental-prometheus-rw", {{"K6_PROMETHEUS_RW_STALE_MARKERS", "maybe"}}, "that is neither true nor false"},
      {"influxdb=http://h?colour=red", {}, "unknown query parameter: colour"},
      {"influxdb=http://h?precision=year", {}, "there is no precision year"},
      {"influxdb", {{"K6_INFLUXDB_TAGS_AS_FIELDS", "a:date"}}, "the field a has no type date"},
      {"kafka", {}, "k6 has had no output to Kafka since 0.34"},
  };
  for (const Case& each : cases) {
    const std::string error = run_with(each.what, each.environment).error;
    EXPECT_THAT(error, HasSubstr(each.error)) << each.what;
    EXPECT_THAT(error, testing::Not(HasSubstr("abc"))) << "headers have secrets, and errors go to logs";
  }
}

}  // namespace
}  // namespace gantry::load

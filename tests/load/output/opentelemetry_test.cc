// What arrives at a collector over gRPC, and what is said when it does not.

#include "base/base64.h"
#include "base/version.h"
#include "load/http/content_coding.h"
#include "load/output/grpc_collector.h"
#include "load/output/one_run.h"
#include "support/temp_dir.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <string>
#include <vector>

namespace gantry::load {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAreArray;

using Environment = std::map<std::string, std::string>;

// However busy the machine is; where something is tried until there is no time left, that is to be soon.
const std::string kLong = "20000";
const std::string kShort = "1000";

Sent send_to(const std::string& address, Environment more = {}) {
  more.try_emplace("OTEL_EXPORTER_OTLP_TIMEOUT", kLong);
  more.try_emplace("K6_OTEL_GRPC_EXPORTER_ENDPOINT", address);
  more.try_emplace("K6_OTEL_GRPC_EXPORTER_INSECURE", "true");
  return run_with("opentelemetry", more);
}

// Through TLS, where no variable says that it is to be plain.
Sent send_safely(const GrpcCollector& collector, Environment more) {
  more.emplace("K6_OTEL_GRPC_EXPORTER_INSECURE", "");
  return send_to(collector.address("localhost"), more);
}

std::string_view field(std::string_view message, std::uint32_t number) {
  for (const Field& each : fields_of(message))
    if (each.number == number) return each.bytes;
  return {};
}

// "{kind=x,run=r}"
std::string attributes_of(std::string_view point, std::uint32_t number) {
  std::vector<std::string> all;
  for (const Field& each : fields_of(point))
    if (each.number == number)
      all.push_back(fmt::format("{}={}", field(each.bytes, 1), field(field(each.bytes, 2), 1)));
  std::ranges::sort(all);
  return fmt::format("{{{}}}", fmt::join(all, ","));
}

template <typename Number>
std::string list_of(std::string_view packed) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at + 8 <= packed.size(); at += 8) {
    std::array<char, 8> bytes;
    std::copy_n(packed.begin() + static_cast<std::ptrdiff_t>(at), 8, bytes.begin());
    all.push_back(fmt::format("{}", std::bit_cast<Number>(bytes)));
  }
  return fmt::format("{}", fmt::join(all, ","));
}

std::string value_of(std::string_view point, bool is_histogram, bool is_told) {
  std::string text;
  for (const Field& each : fields_of(point)) {
    const double real = std::bit_cast<double>(each.value);
    if (!is_histogram && each.number == 4) text += fmt::format(" double {}", real);
    if (!is_histogram && each.number == 6) text += fmt::format(" int {}", each.value);
    if (is_histogram && each.number == 4) text += fmt::format(" count {}", each.value);
    if (!is_histogram || !is_told) continue;
    if (each.number == 5) text += fmt::format(" sum {}", real);
    if (each.number == 6) text += fmt::format(" buckets {}", list_of<std::uint64_t>(each.bytes));
    if (each.number == 7) text += fmt::format(" bounds {}", list_of<double>(each.bytes));
    if (each.number == 11) text += fmt::format(" min {}", real);
    if (each.number == 12) text += fmt::format(" max {}", real);
  }
  return text;
}

// A line for each point, as "my_counter sum cumulative monotonic {run=r} double 8". How long iterations took is not told.
std::vector<std::string> points_of(std::string_view metric) {
  constexpr std::array<std::string_view, 3> kTemporalities = {"", " delta", " cumulative"};
  const std::string_view name = field(metric, 1);
  const std::string_view unit = field(metric, 3);
  const Field data = fields_of(metric).back();
  std::string head(name);
  if (!unit.empty()) head += fmt::format(" [{}]", unit);
  head += data.number == 5 ? " gauge" : data.number == 7 ? " sum" : data.number == 9 ? " histogram" : " nothing";
  for (const Field& each : fields_of(data.bytes)) {
    if (each.number == 2) head += kTemporalities.at(each.value);
    if (each.number == 3 && each.value == 1) head += " monotonic";
  }
  const bool is_histogram = data.number == 9;
  std::vector<std::string> points;
  for (const Field& each : fields_of(data.bytes))
    if (each.number == 1)
      points.push_back(fmt::format("{} {}{}", head, attributes_of(each.bytes, is_histogram ? 9 : 7),
                                   value_of(each.bytes, is_histogram, name.starts_with("my_"))));
  return points;
}

std::string message_of(const GrpcCall& call) {
  EXPECT_EQ(call.body, grpc_frame(call.body.substr(std::min<std::size_t>(5, call.body.size())), call.body.front()));
  return call.body.front() == 0 ? call.body.substr(5) : *decode_content(call.body.substr(5), "gzip", 1 << 20);
}

// But for the VUs.
std::vector<std::string> points_of(const GrpcCall& call) {
  std::vector<std::string> points;
  const std::string message = message_of(call);
  const std::string_view scope = field(field(message, 1), 2);
  EXPECT_EQ(field(field(scope, 1), 1), "k6");
  for (const Field& metric : fields_of(scope))
    if (metric.number == 2) std::ranges::move(points_of(metric.bytes), std::back_inserter(points));
  // k6 looks once a second how many there are, and never in a run that is over sooner.
  std::erase_if(points, [](std::string_view point) { return point.starts_with("vus"); });
  return points;
}

// What k6 2.2.0 sends for the same script.
const std::vector<std::string> kOfK6 = {
    "data_received [By] sum cumulative monotonic {run=r,scenario=default} double 0",
    "data_sent [By] sum cumulative monotonic {run=r,scenario=default} double 0",
    "iteration_duration [ms] histogram cumulative {run=r,scenario=default} count 4",
    "iterations sum cumulative monotonic {run=r,scenario=default} double 4",
    "my_counter sum cumulative monotonic {run=r,scenario=default} double 8",
    "my_gauge gauge {run=r,scenario=default} double 3",
    "my_plain histogram cumulative {run=r,scenario=default} count 4 sum 6 buckets 1,3,0,0,0,0,0,0,0,0,0,0,0,0,0,0 "
    "bounds 0,5,10,25,50,75,100,250,500,750,1000,2500,5000,7500,10000 min 0 max 3",
    "my_rate.total sum cumulative monotonic {condition=nonzero,run=r,scenario=default} int 1",
    "my_rate.total sum cumulative monotonic {condition=zero,run=r,scenario=default} int 3",
    "my_trend [ms] histogram cumulative {kind=x,my tag=a,b \"c\",run=r,scenario=default} count 4 sum 10000 "
    "buckets 0,0,0,0,0,0,0,0,0,0,1,1,2,0,0,0 bounds 0,5,10,25,50,75,100,250,500,750,1000,2500,5000,7500,10000 "
    "min 1000 max 4000",
};

TEST(OtelOverGrpc, SendsWhatK6Sends) {
  GrpcCollector collector;
  const Sent sent = send_to(collector.address(), {{"K6_OTEL_HEADERS", "x-key=a%2Cb, X-Trace-BIN=abc"},
                                                  {"K6_OTEL_HTTP_EXPORTER_USERNAME", "me"},
                                                  {"OTEL_EXPORTER_OTLP_HEADERS", "x-other=not sent beside k6's own"},
                                                  {"OTEL_RESOURCE_ATTRIBUTES", "team=shop%2042,service.name=no"}});
  EXPECT_EQ(sent.error, "");
  EXPECT_THAT(sent.log, IsEmpty());
  const std::vector<GrpcCall> calls = collector.calls();
  ASSERT_EQ(calls.size(), 1);
  EXPECT_THAT(points_of(calls[0]), UnorderedElementsAreArray(kOfK6));
  EXPECT_EQ(attributes_of(field(field(message_of(calls[0]), 1), 1), 1),
            fmt::format("{{service.name=k6,service.version={},team=shop 42,telemetry.sdk.language=cpp,"
                        "telemetry.sdk.name=gantry}}",
                        base::version()));
  std::map<std::string, std::string, std::less<>> headers = calls[0].headers;
  EXPECT_THAT(headers["grpc-timeout"], testing::MatchesRegex("[0-9]+m"));
  headers.erase("grpc-timeout");
  const std::map<std::string, std::string, std::less<>> expected = {
      {":authority", collector.address()},
      {":method", "POST"},
      {":path", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"},
      {":scheme", "http"},
      {"authorization", "Basic bWU6"},
      {"content-type", "application/grpc"},
      {"grpc-accept-encoding", "gzip"},
      {"te", "trailers"},
      {"user-agent", "gantry"},
      {"x-key", "a,b"},
      {"x-trace-bin", "YWJj"}};
  EXPECT_EQ(headers, expected);
}

TEST(OtelOverGrpc, TellsEachSampleOnceWhereItIsAskedForDeltas) {
  GrpcCollector collector;
  const Sent sent = send_to(collector.address(), {{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"},
                                                  {"K6_OTEL_EXPORT_INTERVAL", "1us"}});
  EXPECT_THAT(sent.log, IsEmpty());
  const std::vector<GrpcCall> calls = collector.calls();
  ASSERT_GE(calls.size(), 2);
  std::map<std::string, double> sums;
  for (const GrpcCall& call : calls)
    for (const std::string& point : points_of(call)) {
      const std::size_t value = point.rfind(" double ");
      if (value != std::string::npos) sums[point.substr(0, point.find(' '))] += std::stod(point.substr(value + 8));
      EXPECT_TRUE(point.contains(" delta ") || point.contains(" gauge ")) << point;
    }
  EXPECT_EQ(sums["my_counter"], 8);
  EXPECT_EQ(sums["iterations"], 4);
  EXPECT_THAT(points_of(calls.back()), testing::Contains("my_gauge gauge {run=r,scenario=default} double 3"));
}

TEST(OtelOverGrpc, CompressesWhereItIsAskedTo) {
  // ExportMetricsServiceResponse { partial_success { error_message } }: nothing is lost, and nothing is said.
  const std::string warning = "\x0a\x0b\x12\x09not nice";
  GrpcReply reply{.body = grpc_frame(*encode_content(warning, "gzip"), 1)};
  reply.head.emplace_back("grpc-encoding", "gzip");
  GrpcCollector collector([&](std::size_t) { return reply; });
  EXPECT_THAT(send_to(collector.address(), {{"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"}}).log, IsEmpty());
  const std::vector<GrpcCall> calls = collector.calls();
  ASSERT_EQ(calls.size(), 1);
  EXPECT_EQ(calls[0].headers.find("grpc-encoding")->second, "gzip");
  EXPECT_EQ(calls[0].body.front(), 1);
  EXPECT_THAT(points_of(calls[0]), UnorderedElementsAreArray(kOfK6));
}

TEST(OtelOverGrpc, ConnectsAnewWhenTheCollectorHasGone) {
  GrpcCollector collector([](std::size_t) { return GrpcReply{.is_last = true}; });
  EXPECT_THAT(send_to(collector.address(), {{"K6_OTEL_EXPORT_INTERVAL", "1us"}}).log, IsEmpty());
  EXPECT_GE(collector.calls().size(), 2);
}

// google.rpc.Status { details { type_url, value { retry_delay } } }, without the padding that base64 may have.
std::string come_back(std::string_view delay) {
  const auto inside = [](char tag, std::string_view text) {
    return std::string({tag, static_cast<char>(text.size())}) + std::string(text);
  };
  const std::string type = inside('\x0a', "type.googleapis.com/google.rpc.RetryInfo");
  std::string text = base::encode_base64(inside('\x1a', type + inside('\x12', inside('\x0a', delay))));
  while (text.ends_with('=')) text.pop_back();
  return text;
}
std::string come_back_at_once() { return come_back(""); }
std::string come_back_in_an_hour() { return come_back("\x08\x90\x1c"); }

TEST(OtelOverGrpc, TriesAgainWhatMayPass) {
  const GrpcReply passing[] = {
      grpc_status("14", "starting"),
      grpc_status("8", "full", {{"grpc-status-details-bin", come_back_at_once()}}),
  };
  for (const GrpcReply& reply : passing) {
    GrpcCollector collector([&](std::size_t number) { return number == 0 ? reply : GrpcReply(); });
    EXPECT_THAT(send_to(collector.address()).log, IsEmpty());
    const std::vector<GrpcCall> calls = collector.calls();
    ASSERT_EQ(calls.size(), 2);
    EXPECT_EQ(calls[0].body, calls[1].body);
  }
}

TEST(OtelOverGrpc, SaysOnceWhyNothingArrives) {
  const auto with_trailers = [](GrpcReply::Lines trailers) { return GrpcReply{.trailers = std::move(trailers)}; };
  const auto with_body = [](std::string body) { return GrpcReply{.body = std::move(body)}; };
  struct Case {
    GrpcReply reply;
    std::string why;
    std::string timeout = kLong;
  };
  const Case cases[] = {
      {grpc_status("3", "caf%C3%A9 is 100%"), "INVALID_ARGUMENT: caf\xC3\xA9 is 100%"},
      {with_trailers({{"grpc-status", "16"}, {"grpc-message", "who?"}}), "UNAUTHENTICATED: who?"},
      {grpc_status("7"), "PERMISSION_DENIED"},
      {grpc_status("12"), "UNIMPLEMENTED"},
      {grpc_status("8", "full"), "RESOURCE_EXHAUSTED: full"},
      {grpc_status("8", "full", {{"grpc-status-details-bin", "!!!"}}), "RESOURCE_EXHAUSTED: full"},
      {grpc_status("8", "full", {{"grpc-status-details-bin", "Gv8"}}), "RESOURCE_EXHAUSTED: full"},
      {grpc_status("99", "new"), "code 99: new"},
      {grpc_status("-1"), "code -1"},
      {grpc_status("0x0"), "UNKNOWN: the answer's status is no number"},
      {grpc_status("3", std::string(1000, 'x')), "INVALID_ARGUMENT: " + std::string(200, 'x')},
      {with_trailers({{"x-none", "0"}}), "INTERNAL: the answer has no status"},
      {with_trailers({}), "INTERNAL: the answer has no status"},
      {{.head = {{":status", "404"}}, .body = "nothing here", .trailers = {}}, "UNIMPLEMENTED: status 404"},
      {{.head = {{":status", "503"}}, .body = "", .trailers = {}}, "UNAVAILABLE: status 503", kShort},
      {grpc_status("14", "busy", {{"grpc-status-details-bin", come_back_in_an_hour()}}), "UNAVAILABLE: busy"},
      {{.head = {{":status", "200"}, {"content-type", "text/html"}}, .body = "<p>", .trailers = {}},
       "UNKNOWN: the answer is not gRPC's"},
      {with_body("\1\2"), "INTERNAL: the answer is not one message"},
      {with_body(grpc_frame("") + grpc_frame("")), "INTERNAL: the answer is not one message"},
      {with_body(grpc_frame("hello", 7)), "INTERNAL: the answer is not one message"},
      {with_body(grpc_frame("hello", 1)), "INTERNAL: the answer is compressed by an unknown coding"},
      {with_body(grpc_frame("\x0a\x0c\x08\x03\x12\x08too late")), "3 data points were rejected: too late"},
      {with_body(grpc_frame("\x0a\x02\x08\x05")), "5 data points were rejected"},
      {{.never_comes = true}, "request timeout", "100"},
  };
  for (const Case& each : cases) {
    GrpcCollector collector([&](std::size_t) { return each.reply; });
    EXPECT_THAT(
        send_to(collector.address(), {{"OTEL_EXPORTER_OTLP_TIMEOUT", each.timeout}}).log,
        ElementsAre(fmt::format("OpenTelemetry: 1 of 1 requests to {} were lost: {}", collector.address(), each.why)));
  }
}

// What comes too late is no reason, where another was given before.
TEST(OtelOverGrpc, SaysWhatWasAnsweredAndNotThatTimeWasOver) {
  GrpcCollector collector(
      [](std::size_t number) { return number == 0 ? grpc_status("14", "starting") : GrpcReply{.never_comes = true}; });
  const Sent sent = send_to(collector.address(), {{"OTEL_EXPORTER_OTLP_TIMEOUT", "2000"}});
  EXPECT_THAT(sent.log, ElementsAre(testing::EndsWith("lost: UNAVAILABLE: starting")));
}

// Nor where the server says so itself, a moment before nobody waits for it any more.
TEST(OtelOverGrpc, SaysWhatWasAnsweredBeforeTheServersTimeWasOver) {
  GrpcCollector collector(
      [](std::size_t number) { return number == 0 ? grpc_status("14", "starting") : grpc_status("4", "too late"); });
  const Sent sent = send_to(collector.address(), {{"OTEL_EXPORTER_OTLP_TIMEOUT", "2000"}});
  EXPECT_GE(collector.calls().size(), 2);
  EXPECT_THAT(sent.log, ElementsAre(testing::EndsWith("lost: UNAVAILABLE: starting")));
}

// It would be no shorter another time.
TEST(OtelOverGrpc, TakesNoAnswerThatIsTooLong) {
  GrpcCollector collector([](std::size_t) { return GrpcReply{.body = grpc_frame(std::string(5'000'000, 'x'))}; });
  EXPECT_THAT(send_to(collector.address()).log,
              ElementsAre(testing::EndsWith("lost: RESOURCE_EXHAUSTED: the answer is longer than 4 MiB")));
  EXPECT_EQ(collector.calls().size(), 1);
}

TEST(OtelOverGrpc, SaysOnceThatNobodyIsThere) {
  const auto why = [](const std::string& address, const std::string& is_insecure = "true") {
    const Sent sent =
        send_to(address, {{"OTEL_EXPORTER_OTLP_TIMEOUT", kShort}, {"K6_OTEL_GRPC_EXPORTER_INSECURE", is_insecure}});
    EXPECT_EQ(sent.log.size(), 1);
    const std::string line = sent.log.empty() ? "" : sent.log[0];
    const std::string lost = fmt::format("OpenTelemetry: 1 of 1 requests to {} were lost: ", address);
    EXPECT_THAT(line, StartsWith(lost));
    return line.substr(std::min(line.size(), lost.size()));
  };
  EXPECT_EQ(why("127.0.0.1:1"), "dial: connection refused");
  const auto answers = [](std::string_view bytes) {
    return [bytes](int fd, int) {
      static_cast<void>(read_until(fd, [](std::string_view text) { return text.size() > 24; }));
      write_text(fd, bytes);
    };
  };
  const ScriptedServer http1(answers("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(why(fmt::format("127.0.0.1:{}", http1.port)), HasSubstr("http2: connection error"));
  GrpcCollector plain;
  EXPECT_EQ(why(plain.address(), ""),
            "tls: wrong version number (for a collector without TLS, set K6_OTEL_GRPC_EXPORTER_INSECURE=true)");
  // Who closes before all is read that has come, resets the connection.
  const ScriptedServer silent([](int fd, int) {
    ::shutdown(fd, SHUT_WR);
    static_cast<void>(read_until(fd, [](std::string_view) { return false; }));
  });
  EXPECT_EQ(why(fmt::format("127.0.0.1:{}", silent.port)), "unexpected EOF");
}

// A run goes on, and is told of it while it lasts.
TEST(OtelOverGrpc, SaysOnceThatItFailsWhileItGoesOn) {
  GrpcCollector collector([](std::size_t) { return grpc_status("16", "who?"); });
  const Sent sent = send_to(collector.address(), {{"K6_OTEL_EXPORT_INTERVAL", "1us"}});
  const std::size_t count = collector.calls().size();
  EXPECT_GE(count, 2);
  ASSERT_THAT(sent.log, testing::SizeIs(testing::Le(2)));
  EXPECT_EQ(sent.log.back(), fmt::format("OpenTelemetry: {0} of {0} requests to {1} were lost: UNAUTHENTICATED: who?",
                                         count, collector.address()));
}

TEST(OtelOverGrpc, GoesThroughTls) {
  const test::TempDir dir;
  const test::Certificate mine = test::make_certificate("me");
  const CollectorTls tls{.client = mine.chain};
  GrpcCollector collector([](std::size_t) { return GrpcReply(); }, tls);
  const std::string authority = dir.write("authority.pem", tls.certificate.chain);
  const std::string certificate = dir.write("me.pem", mine.chain);
  const std::string key = dir.write("me.key", mine.key);
  const Environment k6 = {{"K6_OTEL_TLS_CERTIFICATE", authority},
                          {"K6_OTEL_TLS_CLIENT_CERTIFICATE", certificate},
                          {"K6_OTEL_TLS_CLIENT_KEY", key}};
  const Environment unverified = {{"K6_OTEL_TLS_INSECURE_SKIP_VERIFY", "true"},
                                  {"K6_OTEL_TLS_CLIENT_CERTIFICATE", certificate},
                                  {"K6_OTEL_TLS_CLIENT_KEY", key}};
  const Environment library = {{"OTEL_EXPORTER_OTLP_CERTIFICATE", authority},
                               {"OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", certificate},
                               {"OTEL_EXPORTER_OTLP_CLIENT_KEY", key}};
  for (const Environment& environment : {k6, unverified, library})
    EXPECT_THAT(send_safely(collector, environment).log, IsEmpty());
  // k6: whoever says anything about TLS wants it.
  EXPECT_THAT(send_to(collector.address("localhost"), k6).log, IsEmpty());
  const std::vector<GrpcCall> calls = collector.calls();
  ASSERT_EQ(calls.size(), 4);
  for (const GrpcCall& call : calls) EXPECT_EQ(call.headers.find(":scheme")->second, "https");
}

TEST(OtelOverGrpc, TrustsNobodyElse) {
  const test::TempDir dir;
  const CollectorTls tls;
  const std::string authority = dir.write("authority.pem", tls.certificate.chain);
  const auto why = [](const CollectorTls& collectors, const Environment& environment) {
    GrpcCollector collector([](std::size_t) { return GrpcReply(); }, collectors);
    const Sent sent = send_safely(collector, environment);
    EXPECT_THAT(collector.calls(), IsEmpty());
    return sent.log.size() == 1 ? sent.log[0].substr(sent.log[0].find("lost: ") + 6) : fmt::format("{}", sent.log);
  };
  EXPECT_EQ(why(tls, {}), "x509: unknown authority");
  const std::string other = dir.write("other.pem", test::make_certificate("localhost").chain);
  EXPECT_EQ(why(tls, {{"K6_OTEL_TLS_CERTIFICATE", other}}), "x509: unknown authority");
  const CollectorTls strict{.certificate = tls.certificate, .client = tls.certificate.chain};
  EXPECT_EQ(why(strict, {{"K6_OTEL_TLS_CERTIFICATE", authority}}), "remote error: tls: certificate required");
  const CollectorTls old{.certificate = tls.certificate, .speaks = ""};
  EXPECT_EQ(why(old, {{"K6_OTEL_TLS_CERTIFICATE", authority}}), "tls: the server does not agree to HTTP/2");
}

TEST(OtelOverGrpc, RefusesWhatItCannotUnderstand) {
  const test::TempDir dir;
  const std::string nothing = dir.write("nothing.pem", "no certificate");
  const test::Certificate mine = test::make_certificate("me");
  const std::string broken_pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const std::string broken = dir.write("broken.pem", mine.chain + broken_pem + mine.chain);
  const std::string cut = dir.write("cut.pem", mine.chain + mine.chain.substr(0, mine.chain.size() / 2));
  const std::string certificate = dir.write("me.pem", mine.chain);
  const std::string others_key = dir.write("other.key", test::make_certificate("other").key);
  struct Case {
    Environment environment;
    std::string error;
  };
  const Case cases[] = {
      {{{"K6_OTEL_EXPORTER_PROTOCOL", "smoke"}}, "unsupported exporter protocol \"smoke\""},
      {{{"K6_OTEL_GRPC_EXPORTER_ENDPOINT", "http://h:4317"}}, "set K6_OTEL_GRPC_EXPORTER_ENDPOINT to h:4317"},
      {{{"K6_OTEL_GRPC_EXPORTER_ENDPOINT", "h:port"}}, "h:port is no host and port"},
      {{{"K6_OTEL_GRPC_EXPORTER_ENDPOINT", "h:4317/v1"}}, "h:4317/v1 is no host and port"},
      {{{"K6_OTEL_HEADERS", "a=b, , Bearer abc"}}, "K6_OTEL_HEADERS: pair 2 has no value"},
      {{{"OTEL_EXPORTER_OTLP_HEADERS", "abc"}}, "OTEL_EXPORTER_OTLP_HEADERS: pair 1 has no value"},
      {{{"K6_OTEL_HEADERS", "a=b,authorization: Basic YWJj="}}, "K6_OTEL_HEADERS: pair 2 has no header's name"},
      {{{"K6_OTEL_HEADERS", "=abc"}}, "K6_OTEL_HEADERS: pair 1 has no header's name"},
      {{{"K6_OTEL_HEADERS", "a=abc%0d%0ac"}}, "the value of the header a is no line"},
      {{{"K6_OTEL_TLS_CERTIFICATE", dir.path("none.pem")}}, "while reading the file of K6_OTEL_TLS_CERTIFICATE"},
      {{{"K6_OTEL_TLS_CERTIFICATE", broken}}, "certificate 2 of the authorities cannot be read: "},
      {{{"K6_OTEL_TLS_CERTIFICATE", cut}}, "certificate 2 of the authorities cannot be read: "},
      {{{"K6_OTEL_TLS_CERTIFICATE", nothing}}, "there is no certificate in PEM among the authorities"},
      {{{"K6_OTEL_TLS_CLIENT_CERTIFICATE", certificate}}, "K6_OTEL_TLS_CLIENT_CERTIFICATE has no key beside it"},
      {{{"K6_OTEL_TLS_CLIENT_CERTIFICATE", certificate}, {"K6_OTEL_TLS_CLIENT_KEY", others_key}},
       "key is not that of the certificate"},
      {{{"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "1s"}}, "that is no number of milliseconds"},
      {{{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "eternal"}}, "there is no such temporality"},
      {{{"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "base2_exponential_bucket_histogram"}},
       "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION is not there yet"},
  };
  for (const Case& each : cases) {
    const std::string error = run_with("opentelemetry", each.environment).error;
    EXPECT_THAT(error, HasSubstr(each.error));
    // Headers have secrets, and errors go to logs.
    EXPECT_THAT(error, testing::Not(testing::AnyOf(HasSubstr("abc"), HasSubstr("YWJj"))));
  }
}

}  // namespace
}  // namespace gantry::load

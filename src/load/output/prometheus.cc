#include "base/text.h"
#include "load/http/response_parser.h"
#include "load/output/identity.h"
#include "load/output/kinds.h"
#include "load/output/protobuf.h"
#include "load/output/remote.h"
#include "load/output/series.h"
#include "load/output/variables.h"
#include "load/summary/data.h"

#include <fmt/format.h>
#include <snappy.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>
#include <optional>
#include <vector>

// Prometheus remote write, version 1 (k6 reference, §14): every few seconds one request with what has become of each series that got a
// sample since. Figures are those of the whole run so far, as k6 sends them.

namespace gantry::load {

namespace {

using base::Result;
using base::usage_error;
using std::chrono::milliseconds;

// What says that a series has ended: a NaN that Prometheus reserves for it.
constexpr auto kStale = std::bit_cast<double>(std::uint64_t{0x7ff0000000000002});
// Larger ones are sent in parts: a receiver may refuse more than some megabytes at once.
constexpr std::size_t kRequestBytesMax = std::size_t{1} << 20;

struct TrendStat {
  std::string name;    // "p(99)", "sum"
  std::string suffix;  // "p99"
};

struct PrometheusSettings {
  RemoteEndpoint endpoint;
  std::vector<TrendStat> stats;
  bool marks_stale = false;
};

Result<std::vector<TrendStat>> read_stats(const OutputVariables& variables) {
  std::vector<TrendStat> stats;
  const std::string given = variables.text("TREND_STATS", "p(99)");
  for (const std::string_view each : base::split(given, ',')) {
    const std::string name(base::trim(each));
    if (name != "sum" && !trend_stat(TrendSink(), name))
      return usage_error(fmt::format("{}: there is no statistic {}", variables.full("TREND_STATS"), name),
                         "there are: avg, min, med, max, count, sum, and p(N)");
    std::string suffix = name;
    std::erase_if(suffix, [](char c) { return c == '(' || c == ')' || c == '.'; });
    stats.push_back({name, std::move(suffix)});
  }
  return stats;
}

// Single ones have a variable each; all together are "name:value,name:value".
Result<std::string> read_headers(const OutputVariables& variables) {
  std::map<std::string, std::string> headers = variables.beginning("HEADERS_");
  if (const std::optional<std::string> all = variables.text("HTTP_HEADERS")) {
    int number = 0;
    for (const std::string_view pair : base::split(*all, ',')) {
      ++number;
      const std::size_t colon = pair.find(':');
      const std::string_view name = pair.substr(0, colon);
      // Of a wrong one only its number is told: it may hold a secret.
      if (colon == std::string_view::npos || !is_token(name))
        return usage_error(fmt::format("{}: pair {} has no {}", variables.full("HTTP_HEADERS"), number,
                                       colon == std::string_view::npos ? "value" : "header's name"),
                           "write NAME:VALUE,NAME:VALUE");
      headers[std::string(name)] = pair.substr(colon + 1);
    }
  }
  if (const std::optional<std::string> token = variables.text("BEARER_TOKEN"))
    headers["Authorization"] = "Bearer " + *token;
  std::string lines =
      "Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\nX-Prometheus-Remote-Write-Version: "
      "0.1.0\r\n";
  for (const auto& [name, value] : headers) lines += TRY(header_line(name, value));
  if (const std::optional<std::string> user = variables.text("USERNAME"); user && !headers.contains("Authorization"))
    lines += basic_authorization(*user, variables.text("PASSWORD", ""));
  return lines;
}

std::string compress(const std::string& body) {
  std::string compressed;
  snappy::Compress(body.data(), body.size(), &compressed);
  return compressed;
}

Result<PrometheusSettings> read_settings(const OutputSetup& setup) {
  const OutputVariables variables(setup.environment, "K6_PROMETHEUS_RW_");
  for (const std::string_view name : {"SIGV4_REGION", "SIGV4_ACCESS_KEY", "SIGV4_SECRET_KEY"})
    TRY(variables.refuse(name, "send to something in front of it that signs requests"));
  TRY(variables.refuse("TREND_AS_NATIVE_HISTOGRAM",
                       "name the statistics that you need in K6_PROMETHEUS_RW_TREND_STATS"));
  if (!setup.argument.empty())
    return usage_error("experimental-prometheus-rw takes no argument", "set K6_PROMETHEUS_RW_SERVER_URL");
  const std::string address = variables.text("SERVER_URL", "http://localhost:9090/api/v1/write");
  const std::optional<Url> url = Url::parse(address);
  if (!url) return usage_error(fmt::format("{}: {} is no URL", variables.full("SERVER_URL"), address));
  const bool allows_1_2 = variables.text("TLS_MINIMUM_VERSION", "") == "1.2";
  PrometheusSettings settings;
  settings.endpoint.name = "Prometheus remote write";
  settings.endpoint.url = *url;
  settings.endpoint.encode = compress;
  settings.endpoint.headers = TRY(read_headers(variables));
  settings.endpoint.tls.verifies_peer = !TRY(variables.flag("INSECURE_SKIP_TLS_VERIFY"));
  settings.endpoint.tls.min = allows_1_2 ? TlsVersion::tls1_2 : TlsVersion::tls1_3;
  TRY(show_certificate(setup, named_file(variables, "CLIENT_CERTIFICATE"),
                       named_file(variables, "CLIENT_CERTIFICATE_KEY"), settings.endpoint.tls));
  settings.endpoint.interval = TRY(variables.duration("PUSH_INTERVAL", std::chrono::seconds(5)));
  settings.stats = TRY(read_stats(variables));
  settings.marks_stale = TRY(variables.flag("STALE_MARKERS"));
  return settings;
}

// As Prometheus allows it, which drops a sample for any other.
std::string label_name(std::string_view tag) {
  std::string name(tag);
  for (char& c : name) {
    const bool is_allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!is_allowed) c = '_';
  }
  return name.front() >= '0' && name.front() <= '9' ? "_" + name : name;
}

// The labels of a series, sorted, as fields of a message. A tag without a value is none.
std::string encode_labels(std::string name, const Tags& tags) {
  std::vector<std::pair<std::string, std::string>> labels = {{"__name__", std::move(name)}};
  for (const auto& [tag, value] : tags)
    if (!tag.empty() && !value.empty()) labels.emplace_back(label_name(tag), value);
  std::ranges::stable_sort(labels, {}, &std::pair<std::string, std::string>::first);
  ProtobufMessage message;
  std::string_view before;
  for (const auto& [label, value] : labels) {
    if (label != before) message.message(1, ProtobufMessage().text(1, label).text(2, value));
    before = label;
  }
  return message.take();
}

struct PrometheusSeries {
  std::vector<std::string> labels;  // one for each figure
  Sink sink;
  double divisor = 1;  // of a figure: seconds are Prometheus' unit of time
  milliseconds latest = milliseconds::min();
  bool is_due = false;
};

class PrometheusOutput final : public SampleOutput {
 public:
  explicit PrometheusOutput(PrometheusSettings settings)
      : stats_(std::move(settings.stats)), marks_stale_(settings.marks_stale), sender_(std::move(settings.endpoint)) {}

  void start(const OutputStart& start) override { start_ = &start; }

  void add(const TakenSample& sample) override {
    PrometheusSeries& series = series_.at(sample.metric, sample.set,
                                          [&] { return make_series(start_->registry[sample.metric], sample.tags); });
    add_sample(series.sink, sample.value, sample.at);
    const auto time = std::chrono::floor<milliseconds>(start_->began.time_since_epoch() + sample.at);
    // Of one millisecond Prometheus takes one figure.
    if (time > series.latest) series.latest = time, series.is_due = true;
    if (sender_.is_due(sample.at)) push();
  }

  Result<void> finish() override {
    push();
    if (marks_stale_) mark_stale();
    return sender_.finish();
  }

 private:
  PrometheusSeries make_series(const Metric& metric, const Tags& tags) const {
    PrometheusSeries series{.labels = {}, .sink = make_sink(metric.type)};
    const std::string name = "k6_" + metric.name;
    switch (metric.type) {
      case MetricType::counter: series.labels = {encode_labels(name + "_total", tags)}; break;
      case MetricType::gauge: series.labels = {encode_labels(name, tags)}; break;
      case MetricType::rate: series.labels = {encode_labels(name + "_rate", tags)}; break;
      case MetricType::trend:
        for (const TrendStat& stat : stats_) series.labels.push_back(encode_labels(name + "_" + stat.suffix, tags));
        // A count of times too, as k6 has it.
        if (metric.contains == Contains::time) series.divisor = 1000;
        break;
    }
    return series;
  }

  double figure(const PrometheusSeries& series, std::size_t index) const {
    struct Figure {
      const TrendStat* stat;
      double operator()(const CounterSink& sink) const { return sink.count(); }
      double operator()(const GaugeSink& sink) const { return sink.value(); }
      double operator()(const RateSink& sink) const { return sink.rate().value_or(0); }
      double operator()(const TrendSink& sink) const {
        if (stat->name == "sum") return sink.average() * static_cast<double>(sink.count());
        return *trend_stat(sink, stat->name);
      }
    };
    const bool is_trend = type_of(series.sink) == MetricType::trend;
    return std::visit(Figure{is_trend ? &stats_[index] : nullptr}, series.sink) / series.divisor;
  }

  void append(ProtobufMessage& request, const std::string& labels, double value, milliseconds at) {
    ProtobufMessage sample;
    sample.real(1, value).number(2, static_cast<std::uint64_t>(at.count()));
    request.message(1, ProtobufMessage().fields(labels).message(2, sample));
    if (request.bytes().size() > kRequestBytesMax) sender_.post(std::exchange(request, {}).take());
  }

  void push() {
    sender_.complain(start_->log);
    ProtobufMessage request;
    for (PrometheusSeries& series : series_.all()) {
      if (!std::exchange(series.is_due, false)) continue;
      for (std::size_t i = 0; i < series.labels.size(); ++i)
        append(request, series.labels[i], figure(series, i), series.latest);
    }
    if (!request.bytes().empty()) sender_.post(request.take());
  }

  // A moment after the last figure: at the same one it would be dropped.
  void mark_stale() {
    milliseconds last = milliseconds::min();
    for (const PrometheusSeries& series : series_.all()) last = std::max(last, series.latest);
    ProtobufMessage request;
    for (const PrometheusSeries& series : series_.all())
      for (const std::string& labels : series.labels) append(request, labels, kStale, last + milliseconds(1));
    if (!request.bytes().empty()) sender_.post(request.take());
  }

  const OutputStart* start_ = nullptr;
  std::vector<TrendStat> stats_;
  bool marks_stale_;
  SeriesTable<PrometheusSeries> series_ = {};
  RemoteSender sender_;
};

}  // namespace

Result<std::unique_ptr<SampleOutput>> make_prometheus_output(const OutputSetup& setup) {
  return std::make_unique<PrometheusOutput>(TRY(read_settings(setup)));
}

}  // namespace gantry::load

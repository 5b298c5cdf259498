#include "base/text.h"
#include "base/version.h"
#include "load/output/kinds.h"
#include "load/output/protobuf.h"
#include "load/output/remote.h"
#include "load/output/series.h"
#include "load/output/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <vector>

// OpenTelemetry's protocol over HTTP (k6 reference, §14): every ten seconds all series as they are by then, cumulative. The numbers of
// fields are those of opentelemetry/proto/metrics/v1/metrics.proto.

namespace gantry::load {

namespace {

using base::Result;
using base::usage_error;

// The bounds that OpenTelemetry's own libraries have for histograms.
constexpr std::array<double, 15> kBounds = {0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000};
constexpr std::uint64_t kCumulative = 2;

struct OtelSettings {
  RemoteEndpoint endpoint;
  std::string service;
  std::string version;
  std::string prefix;
};

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const bool is_escape =
        text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3;
    decoded += is_escape ? static_cast<char>(byte) : text[i];
    if (is_escape) i += 2;
  }
  return decoded;
}

Result<std::string> read_headers(const OutputVariables& variables) {
  std::string lines = "Content-Type: application/x-protobuf\r\n";
  if (const std::optional<std::string> given = variables.text("HEADERS"); given && !given->empty())
    for (const std::string_view pair : base::split(*given, ',')) {
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos)
        return usage_error(fmt::format("{}: \"{}\" is no header", variables.full("HEADERS"), pair),
                           "write NAME=VALUE,NAME=VALUE");
      lines += TRY(header_line(percent_decode(pair.substr(0, equals)), percent_decode(pair.substr(equals + 1))));
    }
  if (const std::optional<std::string> user = variables.text("HTTP_EXPORTER_USERNAME"))
    lines += basic_authorization(*user, variables.text("HTTP_EXPORTER_PASSWORD", ""));
  return lines;
}

Result<OtelSettings> read_settings(const OutputSetup& setup) {
  const OutputVariables variables(setup.environment, "K6_OTEL_");
  if (const std::string protocol = variables.text("EXPORTER_PROTOCOL", "grpc"); protocol == "grpc")
    return usage_error("opentelemetry: OTLP over gRPC is not there yet, and it is what k6 takes without being told",
                       "set K6_OTEL_EXPORTER_PROTOCOL=http/protobuf: collectors listen for that on port 4318");
  else if (protocol != "http/protobuf")
    return usage_error(fmt::format("opentelemetry: unsupported exporter protocol \"{}\"", protocol),
                       "there is: http/protobuf");
  for (const std::string_view name : {"TLS_CERTIFICATE", "TLS_CLIENT_CERTIFICATE", "TLS_CLIENT_KEY"})
    TRY(variables.refuse(name, "SSL_CERT_FILE names other authorities"));
  const std::string at = variables.text("HTTP_EXPORTER_ENDPOINT", "localhost:4318");
  if (at.contains("://"))
    return usage_error(
        "opentelemetry: HTTP exporter endpoint must only be host and port, no scheme",
        fmt::format("set {} to {}", variables.full("HTTP_EXPORTER_ENDPOINT"), at.substr(at.find("://") + 3)));
  const bool is_plain = TRY(variables.flag("HTTP_EXPORTER_INSECURE"));
  const std::optional<Url> url = Url::parse(fmt::format("{}://{}{}", is_plain ? "http" : "https", at,
                                                        variables.text("HTTP_EXPORTER_URL_PATH", "/v1/metrics")));
  if (!url) return usage_error(fmt::format("opentelemetry: {} is no host and port", at), "write HOST:4318");
  const auto common = setup.environment.find("OTEL_SERVICE_NAME");
  OtelSettings settings;
  settings.endpoint.name = "OpenTelemetry";
  settings.endpoint.url = *url;
  settings.endpoint.headers = TRY(read_headers(variables));
  settings.endpoint.tls.verifies_peer = !TRY(variables.flag("TLS_INSECURE_SKIP_VERIFY"));
  settings.endpoint.interval = TRY(variables.duration("EXPORT_INTERVAL", std::chrono::seconds(10)));
  settings.service = variables.text("SERVICE_NAME", common == setup.environment.end() ? "k6" : common->second);
  settings.version = variables.text("SERVICE_VERSION", base::version());
  settings.prefix = variables.text("METRIC_PREFIX", "");
  return settings;
}

// KeyValue { key = 1, value = 2 }, AnyValue { string_value = 1 }
ProtobufMessage attribute(std::string_view key, std::string_view value) {
  ProtobufMessage message;
  message.text(1, key).message(2, ProtobufMessage().text(1, value));
  return message;
}

// What has become of a series so far.
struct OtelSeries {
  const Tags* tags;
  double value = 0;  // of a counter its sum, of a gauge the last
  double sum = 0;
  double min = 0;
  double max = 0;
  std::uint64_t count = 0;
  std::uint64_t nonzero = 0;                                // of a rate
  std::array<std::uint64_t, kBounds.size() + 1> buckets{};  // of a trend

  void add(MetricType type, double sample) {
    value = type == MetricType::counter ? value + sample : sample;
    sum += sample;
    min = count == 0 ? sample : std::min(min, sample);
    max = count == 0 ? sample : std::max(max, sample);
    ++count;
    nonzero += sample != 0 ? 1 : 0;
    if (type == MetricType::trend)
      ++buckets[static_cast<std::size_t>(std::ranges::lower_bound(kBounds, sample) - kBounds.begin())];
  }
};

class OtelOutput final : public SampleOutput {
 public:
  explicit OtelOutput(OtelSettings settings)
      : prefix_(std::move(settings.prefix)), sender_(std::move(settings.endpoint)) {
    for (const auto& [key, value] : {std::pair<std::string_view, std::string_view>{"service.name", settings.service},
                                     {"service.version", settings.version},
                                     {"telemetry.sdk.language", "cpp"},
                                     {"telemetry.sdk.name", "gantry"}})
      resource_.message(1, attribute(key, value));
  }

  void start(const OutputStart& start) override { start_ = &start; }

  void add(const TakenSample& sample) override {
    const auto make = [&] { return OtelSeries{.tags = &sample.tags}; };
    OtelSeries& series = series_.at(sample.metric, sample.set, make);
    if (series.count == 0) by_metric_[sample.metric].push_back(&series);
    series.add(start_->registry[sample.metric].type, sample.value);
    last_ = std::max(last_, sample.at);
    if (sender_.is_due(sample.at)) push();
  }

  Result<void> finish() override {
    push();
    return sender_.finish();
  }

 private:
  std::uint64_t time(SampleTime at) const {
    return static_cast<std::uint64_t>((start_->began.time_since_epoch() + at).count());
  }

  // NumberDataPoint and HistogramDataPoint have these alike, but for the number of the attributes.
  ProtobufMessage point(const OtelSeries& series, std::uint32_t attributes, std::string_view condition = {}) const {
    ProtobufMessage message;
    for (const auto& [key, value] : *series.tags)
      if (!key.empty() && !value.empty()) message.message(attributes, attribute(key, value));
    if (!condition.empty()) message.message(attributes, attribute("condition", condition));
    message.fixed64(2, time(SampleTime(0))).fixed64(3, time(last_));
    return message;
  }

  ProtobufMessage histogram_point(const OtelSeries& series) const {
    constexpr std::uint32_t kAttributes = 9;
    ProtobufMessage buckets;
    for (const std::uint64_t count : series.buckets) buckets.element(count);
    ProtobufMessage bounds;
    for (const double bound : kBounds) bounds.element(bound);
    ProtobufMessage message = point(series, kAttributes);
    message.fixed64(4, series.count).real(5, series.sum).text(6, buckets.bytes()).text(7, bounds.bytes());
    return message.real(11, series.min).real(12, series.max);
  }

  // Metric { name = 1, unit = 3, gauge = 5, sum = 7, histogram = 9 }
  ProtobufMessage encode(const Metric& metric, const std::vector<const OtelSeries*>& all) const {
    constexpr std::uint32_t kAttributes = 7;
    constexpr std::array<std::string_view, 3> kUnits = {"", "ms", "By"};  // by Contains
    const bool is_rate = metric.type == MetricType::rate;
    ProtobufMessage message;
    message.text(1, prefix_ + metric.name + (is_rate ? ".total" : ""));
    if (const std::string_view unit = kUnits[static_cast<std::size_t>(metric.contains)]; !unit.empty() && !is_rate)
      message.text(3, unit);
    ProtobufMessage data;
    for (const OtelSeries* series : all) {
      if (metric.type == MetricType::trend)
        data.message(1, histogram_point(*series));
      else if (!is_rate)
        data.message(1, point(*series, kAttributes).real(4, series->value));
      if (is_rate && series->nonzero > 0)
        data.message(1, point(*series, kAttributes, "nonzero").fixed64(6, series->nonzero));
      if (is_rate && series->nonzero < series->count)
        data.message(1, point(*series, kAttributes, "zero").fixed64(6, series->count - series->nonzero));
    }
    if (metric.type == MetricType::gauge) return message.message(5, data);
    data.number(2, kCumulative);
    if (metric.type == MetricType::trend) return message.message(9, data);
    return message.message(7, data.number(3, 1));
  }

  // All in one request: ResourceMetrics { resource = 1, ScopeMetrics { scope = 1, metrics = 2 } = 2 }
  void push() {
    sender_.complain(start_->log);
    if (by_metric_.empty()) return;
    ProtobufMessage scope;
    scope.message(1, ProtobufMessage().text(1, "k6"));
    for (const auto& [id, all] : by_metric_) scope.message(2, encode(start_->registry[id], all));
    ProtobufMessage resource;
    resource.message(1, resource_).message(2, scope);
    sender_.post(ProtobufMessage().message(1, resource).take());
  }

  const OutputStart* start_ = nullptr;
  std::string prefix_;
  SampleTime last_{0};
  ProtobufMessage resource_ = {};
  SeriesTable<OtelSeries> series_ = {};
  std::map<MetricId, std::vector<const OtelSeries*>> by_metric_ = {};
  RemoteSender sender_;
};

}  // namespace

Result<std::unique_ptr<SampleOutput>> make_opentelemetry_output(const OutputSetup& setup) {
  return std::make_unique<OtelOutput>(TRY(read_settings(setup)));
}

}  // namespace gantry::load

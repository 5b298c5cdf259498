#include "load/output/kinds.h"
#include "load/output/opentelemetry_settings.h"
#include "load/output/protobuf.h"
#include "load/output/series.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

// OpenTelemetry's metrics (k6 reference, §14): every ten seconds all series as they are by then. The numbers of fields are those of
// opentelemetry/proto/metrics/v1/metrics.proto; how a message gets to a collector is otlp.cc's.

namespace gantry::load {

namespace {

using base::Result;

// The bounds that OpenTelemetry's own libraries have for histograms.
constexpr std::array<double, 15> kBounds = {0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000};

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
      : prefix_(std::move(settings.prefix)), temporality_(settings.temporality), sender_(std::move(settings.endpoint)) {
    for (const auto& [key, value] : settings.resource) resource_.message(1, attribute(key, value));
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
    message.fixed64(2, time(since_)).fixed64(3, time(last_));
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
  ProtobufMessage encode(const Metric& metric, const std::vector<OtelSeries*>& all) const {
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
    data.number(2, static_cast<std::uint64_t>(temporality_));
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
    if (temporality_ == Temporality::delta) start_anew();
  }

  // All but gauges, which are what they were last.
  void start_anew() {
    std::erase_if(by_metric_, [this](auto& metric) {
      if (start_->registry[metric.first].type == MetricType::gauge) return false;
      for (OtelSeries* series : metric.second) *series = {.tags = series->tags};
      return true;
    });
    since_ = last_;
  }

  const OutputStart* start_ = nullptr;
  std::string prefix_;
  Temporality temporality_;
  SampleTime since_{0};
  SampleTime last_{0};
  ProtobufMessage resource_ = {};
  SeriesTable<OtelSeries> series_ = {};
  std::map<MetricId, std::vector<OtelSeries*>> by_metric_ = {};  // those that have a sample
  RemoteSender sender_;
};

}  // namespace

Result<std::unique_ptr<SampleOutput>> make_opentelemetry_output(const OutputSetup& setup) {
  return std::make_unique<OtelOutput>(TRY(read_otel_settings(setup)));
}

}  // namespace gantry::load

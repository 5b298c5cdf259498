#include "base/json.h"
#include "load/output/kinds.h"
#include "load/output/text_file.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <vector>

// k6's own lines: each metric once, before its first sample, and each sample.

namespace gantry::load {

namespace {

using base::json_quote;

std::string tags_as_json(std::span<const std::pair<std::string, std::string>> tags) {
  std::string text = "{";
  for (const auto& [name, value] : tags)
    text += fmt::format("{}{}:{}", text.size() > 1 ? "," : "", json_quote(name), json_quote(value));
  return text + "}";
}

class JsonOutput final : public SampleOutput {
 public:
  explicit JsonOutput(std::unique_ptr<ByteSink> sink) : file_(std::move(sink)) {}

  void start(const OutputStart& start) override { start_ = &start; }

  void add(const TakenSample& sample) override {
    const MetricId metric = sample.metric;
    if (is_known_.size() <= metric) is_known_.resize(metric + 1);
    if (!is_known_[metric]) tell_metric(metric);
    if (tags_.size() <= sample.set) tags_.resize(sample.set + 1);
    std::string& tags = tags_[sample.set];
    if (tags.empty()) tags = tags_as_json(sample.tags);
    const auto second = std::chrono::floor<std::chrono::seconds>(start_->began + sample.at);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(start_->began + sample.at - second);
    if (second != second_) {
      second_ = second;
      second_text_ = fmt::format("{:%Y-%m-%dT%H:%M:%S}", second);
    }
    fmt::format_to(
        std::back_inserter(file_.text()),
        "{{\"metric\":\"{}\",\"type\":\"Point\",\"data\":{{\"time\":\"{}.{:09}Z\",\"value\":{},\"tags\":{}{}}}}}\n",
        start_->registry[metric].name, second_text_, rest.count(), sample.value, tags,
        sample.metadata.empty() ? "" : ",\"metadata\":" + tags_as_json(sample.metadata));
    file_.flush_full();
  }

  base::Result<void> finish() override { return file_.close(); }

 private:
  void tell_metric(MetricId id) {
    is_known_[id] = true;
    const Metric& metric = start_->registry[id];
    std::string thresholds;
    std::string parts;
    for (const JudgedMetric& judged : start_->thresholds) {
      if (judged.selector.metric != metric.name) continue;
      if (judged.selector.tags.empty())
        for (const JudgedThreshold& each : judged.thresholds)
          thresholds += fmt::format("{}{}", thresholds.empty() ? "" : ",", json_quote(each.threshold.source));
      else
        parts += fmt::format("{}{}", parts.empty() ? "" : ",", part_as_json(judged.selector));
    }
    fmt::format_to(
        std::back_inserter(file_.text()),
        "{{\"type\":\"Metric\",\"data\":{{\"name\":\"{0}\",\"type\":\"{1}\",\"contains\":\"{2}\",\"thresholds\":[{3}],"
        "\"submetrics\":{4}}},\"metric\":\"{0}\"}}\n",
        metric.name, to_string(metric.type), to_string(metric.contains), thresholds,
        parts.empty() ? "null" : fmt::format("[{}]", parts));
  }

  static std::string part_as_json(const MetricSelector& selector) {
    const std::size_t brace = selector.text.find('{');
    const std::string suffix = selector.text.substr(brace + 1, selector.text.size() - brace - 2);
    return fmt::format("{{\"name\":{},\"suffix\":{},\"tags\":{}}}", json_quote(selector.text), json_quote(suffix),
                       tags_as_json(selector.tags));
  }

  TextFile file_;
  const OutputStart* start_ = nullptr;
  std::vector<bool> is_known_ = {};     // by metric: whether it was told
  std::vector<std::string> tags_ = {};  // by set, as JSON
  std::chrono::sys_seconds second_{std::chrono::seconds(-1)};
  std::string second_text_ = {};
};

}  // namespace

base::Result<std::unique_ptr<SampleOutput>> make_json_output(const OutputSetup& setup) {
  return std::make_unique<JsonOutput>(TRY(setup.files.open(std::string(setup.argument))));
}

}  // namespace gantry::load

// Any text as a threshold, a metric's selector and a duration: an error with words for it, or a value that means the same once it is
// written in other words.

#include "load/metrics/threshold.h"
#include "load/options/duration.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace gantry::load {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void read_threshold(std::string_view text) {
  const base::Result<Threshold> threshold = parse_threshold(text);
  if (!threshold) return require(!threshold.error().message.empty());
  require(threshold->source == text && std::isfinite(threshold->bound));
  require(threshold->percent >= 0 && threshold->percent <= 100);
  bool fits = false;
  for (const MetricType type : {MetricType::counter, MetricType::gauge, MetricType::rate, MetricType::trend}) {
    if (!check_fits(*threshold, type)) continue;
    fits = true;
    require(judge(*threshold, make_sink(type), std::chrono::seconds(1)).is_undecided);
  }
  require(fits);
}

void read_selector(std::string_view text) {
  const base::Result<MetricSelector> selector = parse_metric_selector(text);
  if (!selector) return require(!selector.error().message.empty());
  require(parse_metric_selector(selector->text) == *selector && !selector->metric.empty());
  for (const auto& [key, value] : selector->tags) require(!key.empty() && !value.empty());
}

void read_duration(std::string_view text) {
  const base::Result<Duration> duration = parse_go_duration(text);
  if (duration) require(parse_go_duration(format_go_duration(*duration)) == *duration);
  const base::Result<Duration> option = parse_option_duration(text);
  if (!option) return require(!option.error().message.empty());
  require(parse_option_duration(format_go_duration(*option)) == *option);
}

}  // namespace
}  // namespace gantry::load

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  gantry::load::read_threshold(text);
  gantry::load::read_selector(text);
  gantry::load::read_duration(text);
  return 0;
}

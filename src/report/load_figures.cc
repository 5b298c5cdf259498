#include "report/load_figures.h"

#include "load/summary/data.h"
#include "load/summary/remarks.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace gantry::report {

namespace {

using load::Contains;
using load::Metric;
using load::MetricType;
using load::show_time;

// Cut, not rounded, as k6 does: 99.999 % is not 100.
std::string cut(double value, int digits) {
  const double scale = std::pow(10, digits);
  return fmt::format("{:.{}f}", std::trunc(value * scale) / scale, digits);
}

std::string trim_zeros(std::string text) {
  if (!text.contains('.')) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string show_bytes(double bytes) {
  constexpr std::array<std::string_view, 6> kUnits = {"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < kUnits.size(); ++unit) bytes /= 1000;
  return fmt::format("{} {}", unit == 0 ? fmt::format("{:.0f}", bytes) : cut(bytes, bytes < 10 ? 1 : 0), kUnits[unit]);
}

std::string show(const Metric& metric, double value) {
  if (metric.contains == Contains::time) return show_time(value);
  if (metric.contains == Contains::data) return show_bytes(value);
  return show_load_number(value);
}

struct Columns {
  const Metric& metric;
  const std::vector<std::string>& stats;
  std::chrono::nanoseconds duration;

  std::vector<std::string> operator()(const load::CounterSink& sink) const {
    const double rate = sink.rate(duration);
    return {show(metric, sink.count()),
            (metric.contains == Contains::data ? show_bytes(rate) : show_load_number(rate)) + "/s"};
  }
  std::vector<std::string> operator()(const load::GaugeSink& sink) const {
    return {show(metric, sink.value()), "min=" + show(metric, sink.min()), "max=" + show(metric, sink.max())};
  }
  std::vector<std::string> operator()(const load::RateSink& sink) const {
    return {show_load_share(sink.rate().value_or(0)), fmt::format("{} out of {}", sink.trues(), sink.total())};
  }
  std::vector<std::string> operator()(const load::TrendSink& sink) const {
    std::vector<std::string> columns;
    for (const std::string& stat : stats)
      columns.push_back(fmt::format("{}={}", stat,
                                    stat == "count" ? trim_zeros(cut(*load::trend_stat(sink, stat), 2))
                                                    : show(metric, *load::trend_stat(sink, stat))));
    return columns;
  }
};

}  // namespace

std::string show_load_number(double value) { return trim_zeros(fmt::format("{:.6f}", value)); }

std::string show_load_share(double part) { return cut(part * 100, 2) + "%"; }

std::vector<std::string> show_load_sink(const Metric& metric, const load::Sink& sink,
                                        const std::vector<std::string>& stats, std::chrono::nanoseconds duration) {
  return std::visit(Columns{metric, stats, duration}, sink);
}

std::string show_load_judgement(const Metric& metric, const load::JudgedThreshold& judged) {
  const std::string_view source = judged.threshold.source;
  if (judged.judgement.is_undecided || !judged.judgement.value) return "no samples";
  const double value = *judged.judgement.value;
  const bool is_plain = metric.type == MetricType::counter;
  return fmt::format("{}={}", source.substr(0, source.find_first_of("<>=! ")),
                     metric.type == MetricType::rate ? show_load_share(value)
                     : is_plain                      ? show_load_number(value)
                                                     : show(metric, value));
}

}  // namespace gantry::report

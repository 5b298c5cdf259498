#include "launch/checks/load/memory_watch.h"

#include "base/number.h"
#include "base/text.h"

#include <algorithm>
#include <span>
#include <utility>

namespace gantry::launch {

using std::chrono::steady_clock;

std::optional<double> find_resident_memory(std::string_view metrics_text) {
  constexpr std::string_view kName = "process_resident_memory_bytes";
  for (std::string_view line : base::split(metrics_text, '\n')) {
    if (!line.starts_with(kName)) continue;
    line.remove_prefix(kName.size());
    if (const std::size_t labels_end = line.rfind('}'); line.starts_with('{') && labels_end != std::string_view::npos)
      line.remove_prefix(labels_end + 1);
    if (!line.starts_with(' ')) continue;
    line = base::trim(line);
    // A time may stand behind the value.
    return base::parse_double(line.substr(0, line.find(' ')));
  }
  return std::nullopt;
}

void MemoryCurve::add(double sample) {
  if (++skipped_ < static_cast<std::size_t>(width.count())) return;
  skipped_ = 0;
  bytes.push_back(sample);
  if (bytes.size() < kSamplesMax) return;
  for (std::size_t i = 0; i < bytes.size() / 2; ++i) bytes[i] = bytes[2 * i + 1];
  bytes.resize(bytes.size() / 2);
  width *= 2;
}

std::optional<MemoryCourse> course_of(const MemoryCurve& curve) {
  if (curve.bytes.empty()) return std::nullopt;
  const std::size_t from = load::find_warm_up(curve.bytes);
  return MemoryCourse{.first = curve.bytes.front(),
                      .last = curve.bytes.back(),
                      .max = *std::ranges::max_element(curve.bytes),
                      .warm_up = curve.width * static_cast<std::int64_t>(from),
                      .drift = load::find_drift(std::span(curve.bytes).subspan(from))};
}

MemoryWatch::MemoryWatch(Place place, std::string path) : place_(std::move(place)), path_(std::move(path)) {
  if (!path_.empty()) thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

MemoryWatch::~MemoryWatch() = default;

void MemoryWatch::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (steady_clock::time_point next = steady_clock::now(); !stop.stop_requested(); next += std::chrono::seconds(1)) {
    if (const base::Result<Page> page = get_page(place_, path_); page && page->status == 200)
      if (const std::optional<double> bytes = find_resident_memory(page->body)) curve_.add(*bytes);
    wakes_.wait_until(lock, stop, next + std::chrono::seconds(1), [] { return false; });
  }
}

MemoryCurve MemoryWatch::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  return std::move(curve_);
}

}  // namespace gantry::launch

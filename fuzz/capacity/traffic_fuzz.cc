// Any text as a CSV, as stages and as the options of a script: an error with words for it, or a trace that keeps what it promises and, written as a CSV again, is
// the same trace.

#include "capacity/traffic.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace gantry::capacity {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_sound(const Traffic& traffic) {
  const std::vector<RatePoint>& points = traffic.points();
  require(points.size() >= 2 && points.front().at == Millis(0));
  require(traffic.duration() >= Millis(1000) && traffic.duration() <= Millis(kTraceMax));
  for (std::size_t i = 1; i < points.size(); ++i) require(points[i - 1].at <= points[i].at);
  const Millis middle = traffic.duration() / 2;
  const double rate = traffic.rate_at(middle);
  require(rate >= 0 && rate <= traffic.peak());
  const double whole = traffic.requests_between(Millis(0), traffic.duration());
  const double parts =
      traffic.requests_between(Millis(0), middle) + traffic.requests_between(middle, traffic.duration());
  require(whole >= 0 && std::abs(whole - parts) <= 1e-9 * (1 + whole));
}

std::string as_csv(const Traffic& traffic) {
  std::string text;
  for (const RatePoint& point : traffic.points()) {
    char line[96];
    std::snprintf(line, sizeof line, "%lld.%03lld,%.17g\n", static_cast<long long>(point.at.count() / 1000),
                  static_cast<long long>(point.at.count() % 1000), point.per_second);
    text += line;
  }
  return text;
}

void read_csv(std::string_view text) {
  const base::Result<Traffic> traffic = parse_traffic_csv(text, "fuzz.csv");
  if (!traffic) return require(!traffic.error().message.empty());
  require_sound(*traffic);
  // Times closer than a millisecond become one; a CSV has no jumps.
  for (std::size_t i = 1; i < traffic->points().size(); ++i)
    if (traffic->points()[i - 1].at == traffic->points()[i].at) return;
  const base::Result<Traffic> again = parse_traffic_csv(as_csv(*traffic), "again.csv", Millis(kTraceMax));
  require(again && *again == *traffic);
}

void read_stages(std::string_view text) {
  const base::Result<Traffic> traffic = parse_stages(text, 1);
  if (!traffic) return require(!traffic.error().message.empty());
  require_sound(*traffic);
}

void read_script(std::string_view text) {
  const base::Result<Traffic> traffic = parse_script_file(text, "fuzz.json", {.rate_per_vu = 2});
  if (!traffic) return require(!traffic.error().message.empty());
  require_sound(*traffic);
}

}  // namespace
}  // namespace gantry::capacity

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gantry::capacity::read_csv(text);
  gantry::capacity::read_stages(text);
  gantry::capacity::read_script(text);
  return 0;
}

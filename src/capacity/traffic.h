#pragma once

// How many requests come when: the trace that drives a simulation.
//
//   const Traffic day = TRY(parse_traffic_csv(text, "monday.csv"));
//   const Traffic ramp = TRY(parse_stages("2m:50,10m:200,1m:0", 10));
//   const Traffic doubled = TRY(make_doubling({.from = 60}));
//   ramp.rate_at(90s);

#include "base/node.h"
#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::capacity {

using Millis = std::chrono::milliseconds;

struct RatePoint {
  Millis at{0};
  double per_second = 0;
  friend bool operator==(const RatePoint&, const RatePoint&) = default;
};

// Longer traces and higher rates are a mistake in a unit.
inline constexpr std::chrono::hours kTraceMax{31 * 24};
inline constexpr double kRateMax = 1e8;                    // requests a second
inline constexpr std::size_t kTracePointsMax = 2'000'000;  // one for each second of three weeks

// A value. From one point to the next the rate changes evenly; two points at one time are a jump.
class Traffic {
 public:
  // Errors: input: fewer than two points, times that go back or past kTraceMax, a trace that lasts no time, negative rates.
  static base::Result<Traffic> from_points(std::vector<RatePoint> points, base::SourcePos where = {});

  const std::vector<RatePoint>& points() const { return points_; }
  Millis duration() const { return points_.back().at; }
  double peak() const;
  // Before the start the first rate, after the end the last; at a jump the rate after it.
  double rate_at(Millis time) const;
  // Requests that arrive from one time to a later one.
  double requests_between(Millis from, Millis to) const;

  friend bool operator==(const Traffic&, const Traffic&) = default;

 private:
  explicit Traffic(std::vector<RatePoint> points) : points_(std::move(points)) {}
  std::vector<RatePoint> points_;  // never fewer than two; the first is at 0
};

// Goes through a trace once, from its start: each call continues where the last one ended, without a search.
class TrafficCursor {
 public:
  explicit TrafficCursor(const Traffic& traffic) : points_(traffic.points()) {}
  double requests_until(Millis to);

 private:
  const std::vector<RatePoint>& points_;
  std::size_t next_ = 1;  // the point that ends the piece in which `now_` lies
  Millis now_{0};
};

// k6's stages, as an arrival rate: within each the rate changes evenly from where it is to the target.
//   "30s:10,1m:100", or a list of {duration: 30s, target: 10}
base::Result<Traffic> parse_stages(std::string_view text, double start_rate);
base::Result<Traffic> parse_stages(const base::Node& node, double start_rate);

// Two columns, time and requests a second; a first line of names is optional. Times are seconds, durations (5m) or RFC 3339,
// and count from the first. Errors: input, with line: what is no number, times that go back, and a gap, which is a step more
// than three times as long as the usual (median) one: what happened there is not known. `gap_max` says otherwise.
base::Result<Traffic> parse_traffic_csv(std::string_view text, std::string_view file,
                                        std::optional<Millis> gap_max = {});

// The options of a k6 script as `k6 inspect` prints them, JSON: scenarios (all together, or one) with constant and ramping
// arrival rates, or stages and durations of VUs. Errors: input, with position: executors that say no rate, VUs without
// `rate_per_vu`.
struct ScriptLoad {
  std::string scenario = {};               // "": all of them
  double requests_per_iteration = 1;       // of arrival rates
  std::optional<double> rate_per_vu = {};  // requests a second that one VU makes, as measured
};
base::Result<Traffic> parse_script_options(const base::Node& document, const ScriptLoad& load = {});
// The same from a file's text; a script itself is an error that says what to do.
base::Result<Traffic> parse_script_file(std::string_view text, std::string_view file, const ScriptLoad& load = {});

struct Doubling {
  double from = 0;
  std::optional<double> to = {};  // twice `from` when absent
  Millis after{5 * 60'000};       // of calm
  Millis ramp{0};                 // how long the change takes
  Millis hold{30 * 60'000};       // at the new rate
};
base::Result<Traffic> make_doubling(const Doubling& doubling);

}  // namespace gantry::capacity

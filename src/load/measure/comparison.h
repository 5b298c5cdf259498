#pragma once

// Whether a run is worse than an earlier one, as a test and not as two numbers: of both there are the values of each second, which differ
// among themselves too; what differs no more than chance makes them is not told apart.

#include "base/node.h"
#include "base/result.h"
#include "load/measure/shift.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::load {

// A run interval by interval, without its warm-up and without the last interval, which is only part of one.
struct RunCurve {
  std::int64_t seconds = 1;                      // of an interval
  std::map<std::string, std::string> scenarios;  // name -> "open" or "closed"
  std::vector<double> rate, p50, p95, p99;       // requests a second; ms
  std::vector<double> p95_or_none;               // of each interval that has a rate: 0 where nobody was answered
  std::vector<Counted> failed;  // of the requests of each interval, all of them: an error is one at any time
  std::string bottleneck;       // why its latencies are the generator's own; "" where they are not
};
// Of a summary: docs/formats/load-summary.md, "gantry". Errors: input: it has no series, as k6's own have none.
base::Result<RunCurve> read_run_curve(const base::Node& summary);

struct ComparedFigure {
  std::string_view name;  // "p95"
  std::string_view unit;  // "ms"
  bool more_is_worse = true;
  // Of a figure of each interval; null for the share of requests that failed.
  const std::vector<double> RunCurve::*values = nullptr;
};
// Those that two runs are compared by: p50, p95, p99, rate, errors.
std::span<const ComparedFigure> compared_figures();

enum class ComparisonResult : std::uint8_t {
  too_few,    // too few independent intervals of one of them
  unclear,    // not told apart, and yet more than is tolerated is possible: too few intervals, or too unlike each other
  open,       // worse, and nobody knows whether by more than is tolerated
  same,       // not told apart
  tolerated,  // told apart, and by no more than is tolerated
  better,
  worse,
};
struct RunComparison {
  ComparisonResult result = ComparisonResult::too_few;
  double before = 0, after = 0;  // medians of the intervals; shares in percent
  std::size_t before_count = 0, after_count = 0;
  std::optional<Shift> shift;  // in the figure's unit; positive is more
  double tolerated = 0;        // in the figure's unit
};
// What may be worse. A change is one only where it is more than a part of what was before, and more than the least that counts.
struct Tolerance {
  double part = 0.1;  // of the earlier figure
  // Of latencies, in ms. Nothing: 0.2 ms, which a machine that does other things too adds to anything, but never half of what was before.
  std::optional<double> least = {};
  double doubt = 0.05;  // chance does as much more often than this: not told apart
};
// Middles do not move with a minority of the intervals, however bad those are. So beside the figures there are stalls: in how many of a
// hundred intervals a run kept less than half of the earlier one's usual pace, or was more than twice as slow as that usually was. Worse
// or not, nothing between.
inline constexpr ComparedFigure kStalls{"stalls", "%", true, nullptr};
RunComparison compare_stalls(const RunCurve& before, const RunCurve& after, const Tolerance& tolerance);

RunComparison compare_figure(const ComparedFigure& figure, const RunCurve& before, const RunCurve& after,
                             const Tolerance& tolerance);

}  // namespace gantry::load

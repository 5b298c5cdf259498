#pragma once

// Whether a run is worse than an earlier one, as a test and not as two numbers: of both there are the values of each second, which differ
// among themselves too; what differs no more than chance makes them is not told apart.

#include "base/node.h"
#include "base/result.h"
#include "load/measure/steadiness.h"

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
};
// Of a summary: docs/formats/load-summary.md, "gantry". Errors: input: it has no series, as k6's own have none.
base::Result<RunCurve> read_run_curve(const base::Node& summary);

struct ComparedFigure {
  std::string_view name;  // "p95"
  std::string_view unit;  // "ms"
  bool more_is_worse = true;
  const std::vector<double> RunCurve::*values = nullptr;
};
// Those that two runs are compared by: p50, p95, p99, rate.
std::span<const ComparedFigure> compared_figures();

enum class ComparisonResult : std::uint8_t {
  too_few,    // fewer than four intervals of one of them
  unclear,    // not told apart, and yet more than is tolerated is possible: too few intervals, or too unlike each other
  same,       // not told apart
  tolerated,  // told apart, and by no more than is tolerated
  better,
  worse,
};
struct RunComparison {
  ComparisonResult result = ComparisonResult::too_few;
  double before = 0, after = 0;  // medians of the intervals
  std::size_t before_count = 0, after_count = 0;
  std::optional<Shift> shift;  // in the figure's unit; positive is more
};
struct Tolerance {
  double part = 0.1;    // of the earlier median
  double least = 0;     // in the figure's unit: a difference below it is none
  double doubt = 0.05;  // chance does as much more often than this: not told apart
};
RunComparison compare_figure(const ComparedFigure& figure, const RunCurve& before, const RunCurve& after,
                             const Tolerance& tolerance);

}  // namespace gantry::load

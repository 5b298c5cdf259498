#pragma once

// What a plan expects of a load test, in the words of plans: "rate >= 100", "p95 < 500ms", "errors < 1%". Beside the script's own
// thresholds, and judged as they are.

#include "base/result.h"
#include "load/metrics/threshold.h"

#include <string>
#include <string_view>

namespace gantry::launch {

// What the figure is about decides what can be wrong with it: a rate is set by whoever is slower, the script or its target.
enum class Expected { rate, latency, errors };

struct Expectation {
  std::string text;  // as written
  Expected what = Expected::rate;
  std::string_view metric;  // k6's, that it is judged by
  load::Threshold threshold;
};

// `rate` is requests a second; `pNN`, `avg`, `med`, `min` and `max` are of the latency, in ms, s or µs; `errors` is the share of
// requests that failed, in percent or as a fraction. Errors: input, naming the text.
base::Result<Expectation> parse_expectation(std::string_view text);

}  // namespace gantry::launch

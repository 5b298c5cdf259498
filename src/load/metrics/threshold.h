#pragma once

// Thresholds: what a metric must keep to, in k6's grammar (k6 reference, §7).
//
//   const Threshold threshold = TRY(parse_threshold("p(95)<500"));
//   TRY(check_fits(threshold, MetricType::trend));
//   const Judgement judgement = judge(threshold, sink, elapsed);   // judgement.holds, judgement.value

#include "base/result.h"
#include "load/metrics/sink.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

enum class Aggregation : std::uint8_t { count, rate, value, avg, min, max, med, percentile };
enum class Comparison : std::uint8_t {
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  equal,
  strictly_equal,
  not_equal
};

struct Threshold {
  std::string source = {};  // as written: it names the threshold in every report
  Aggregation aggregation = Aggregation::count;
  double percent = 0;  // of a percentile, 0 to 100
  Comparison comparison = Comparison::less;
  double bound = 0;
  friend bool operator==(const Threshold&, const Threshold&) = default;
};

// `aggregation operator number`, blanks around each part allowed. Errors: input, saying which part is wrong.
base::Result<Threshold> parse_threshold(std::string_view text);

// Not every type of metric has every aggregation. Errors: input, naming those that it has.
base::Result<void> check_fits(const Threshold& threshold, MetricType type);

struct Judgement {
  bool holds = true;
  // What was compared; nothing for a rate without samples, on which k6 lets every threshold pass.
  std::optional<double> value = {};
  // A verdict about no samples says nothing about the target: k6's is kept in `holds`, and a report says so.
  bool is_undecided = false;
};
// The sink's type has the aggregation (check_fits). `elapsed` since the run started, for rates of counters.
Judgement judge(const Threshold& threshold, const Sink& sink, std::chrono::nanoseconds elapsed);

// A metric, or the part of its samples that has all of these tags: "http_req_duration{scenario:baseline,method:GET}".
struct MetricSelector {
  std::string text = {};  // as written, without blanks right inside the braces
  std::string metric = {};
  std::vector<std::pair<std::string, std::string>> tags = {};  // as written; empty for the whole metric
  friend bool operator==(const MetricSelector&, const MetricSelector&) = default;
};
// Always kept apart: what k6 has of every run (k6 reference, §7.3).
inline constexpr std::string_view kExpectedResponses = "http_req_duration{expected_response:true}";
// Blanks around keys and values are dropped, and one pair of quotes around each; the first ':' ends the key. Errors: input: a brace
// without its other one, text behind the braces, a key without a value, no tag at all.
base::Result<MetricSelector> parse_metric_selector(std::string_view text);

}  // namespace gantry::load

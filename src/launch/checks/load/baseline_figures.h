#pragma once

// The figures of a load test as people write them: "p95", "Error rate", "478.2 req/s". What a baseline document says is read by this
// table, and what Gantry writes into one is written by it.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::launch {

enum class Quantity { latency, rate, share, count, span };

struct Figure {
  std::string metric;  // of the evidence of load.run: "latency_ms_p95"
  std::string label;   // "p95"
  Quantity quantity = Quantity::latency;
};

// What a label means: "p95", "p(95) latency", "Error rate (%)", "Throughput"; in any case, with any markup. Every percentile is one,
// whether or not somebody measured it. Nothing for what is no figure of a load test.
std::optional<Figure> find_figure(std::string_view label);

// "< 4 ms" says that it is no more than that.
enum class Bound { exact, at_most, at_least };

// A number in a text, with its unit.
struct WrittenNumber {
  double value = 0;                    // in the unit of the quantity's metric
  double tolerance = 0;                // what rounding to its last digit may have taken
  std::size_t offset = 0, length = 0;  // of its digits, in the text
  int decimals = 0;
  double factor = 1;  // from the unit that is written to the metric's
  Bound bound = Bound::exact;
  bool is_so(double measured) const;
};
// The first number of a text. Nothing where there is none, or where its unit is that of another quantity.
std::optional<WrittenNumber> read_bounded_number(std::string_view text, Quantity quantity);
// The same, where it is no bound: "< 500 ms" is one.
std::optional<WrittenNumber> read_number(std::string_view text, Quantity quantity);
// What a number's unit says it counts: "ms" a latency, "req/s" a rate, "%" a share.
std::optional<Quantity> quantity_of_unit(std::string_view unit);

// "478.21 req/s", "2.50 ms", "0.00 %", "143,420", "300.1 s".
std::string show(Quantity quantity, double value);

// By metric: what evidence has of one run.
using Figures = std::map<std::string, double, std::less<>>;

}  // namespace gantry::launch

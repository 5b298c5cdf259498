#pragma once

// Lines over the time of a load test, as a picture within a page: its colours are those of the page's style. Private to report.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::report {

struct ChartLine {
  std::string_view name;
  std::string_view css_class;
  std::vector<double> values;  // one for each interval; NaN where there is none
};

struct LoadChart {
  std::string_view title;  // with the unit: "requests a second"
  std::vector<ChartLine> lines;
  std::chrono::seconds interval{1};
  std::string (*label)(double value);      // of the axis
  std::optional<std::size_t> marked = {};  // an interval that stands out …
  std::string mark = {};                   // … and why
};

std::string draw_load_chart(const LoadChart& chart);

}  // namespace gantry::report

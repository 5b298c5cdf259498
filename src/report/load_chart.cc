#include "report/load_chart.h"

#include "base/time.h"
#include "report/xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gantry::report {

namespace {

constexpr double kWidth = 960;
constexpr double kHeight = 240;
constexpr double kLeft = 70;
constexpr double kRight = 12;
constexpr double kTop = 34;
constexpr double kBottom = 28;
constexpr double kPlotWidth = kWidth - kLeft - kRight;
constexpr double kPlotHeight = kHeight - kTop - kBottom;

// 1, 2 or 5 times a power of ten, about four of them up to `most`.
double nice_step(double most) {
  const double raw = most / 4;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= raw) return factor * power;
  return 10 * power;
}

std::chrono::seconds time_step(std::chrono::seconds duration) {
  constexpr std::array<int, 16> kSeconds = {1,   2,   5,    10,   15,   30,    60,    120,
                                            300, 600, 1800, 3600, 7200, 21600, 43200, 86400};
  for (const int seconds : kSeconds)
    if (duration / std::chrono::seconds(seconds) <= 10) return std::chrono::seconds(seconds);
  return std::chrono::days(7);
}

class Drawing {
 public:
  explicit Drawing(const LoadChart& chart) : chart_(chart) {
    double most = 0;
    for (const ChartLine& line : chart.lines) {
      count_ = std::max(count_, line.values.size());
      for (const double value : line.values)
        if (!std::isnan(value)) most = std::max(most, value);
    }
    most_ = most > 0 ? 1.08 * most : 1;
  }

  std::string draw() {
    text_ += fmt::format(
        "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n<text class=\"title\" x=\"{:.0f}\" "
        "y=\"16\">{}"
        "</text>\n",
        kWidth, kHeight, chart_.title, kLeft, chart_.title);
    draw_mark();
    draw_axes();
    for (const ChartLine& line : chart_.lines) draw_line(line);
    draw_legend();
    return std::move(text_) + "</svg>\n";
  }

 private:
  double y(double value) const { return kTop + kPlotHeight * (1 - value / most_); }
  // The middle of an interval.
  double x(std::size_t interval) const {
    return kLeft +
           kPlotWidth * (static_cast<double>(interval) + 0.5) / static_cast<double>(std::max<std::size_t>(count_, 1));
  }

  void draw_mark() {
    if (!chart_.marked) return;
    const double half = kPlotWidth / static_cast<double>(count_) / 2;
    text_ += fmt::format(
        "<g><title>{}</title><rect class=\"mark\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/></g>\n",
        xml_text(chart_.mark), x(*chart_.marked) - half, kTop, std::max(2 * half, 3.0), kPlotHeight);
  }

  void draw_axes() {
    const double step = nice_step(most_);
    for (double value = 0; value <= most_; value += step)
      text_ += fmt::format(
          "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}h{2:.1f}\"/>\n<text class=\"note\" x=\"{3:.1f}\" y=\"{4:.1f}\" "
          "text-anchor=\"end\">{5}</text>\n",
          kLeft, y(value), kPlotWidth, kLeft - 8, y(value) + 4, xml_text(chart_.label(value)));
    const std::chrono::seconds whole = chart_.interval * static_cast<std::int64_t>(count_);
    for (std::chrono::seconds time{0}; time <= whole; time += time_step(whole))
      text_ += fmt::format("<text class=\"note\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                           kLeft + kPlotWidth * static_cast<double>(time.count()) /
                                       static_cast<double>(std::max<std::int64_t>(whole.count(), 1)),
                           kHeight - 10, time.count() == 0 ? "0" : base::format_duration(time));
  }

  void draw_line(const ChartLine& line) {
    std::string path;
    bool is_drawing = false;
    for (std::size_t i = 0; i < line.values.size(); ++i) {
      const bool is_there = !std::isnan(line.values[i]);
      // Where a line would be one point, the stroke's round end is that point.
      if (is_there)
        path +=
            fmt::format("{}{:.1f} {:.1f}{}", is_drawing ? "L" : "M", x(i), y(line.values[i]), is_drawing ? "" : "h0.1");
      is_drawing = is_there;
    }
    if (!path.empty())
      text_ +=
          fmt::format("<path class=\"line {}\" d=\"{}\"><title>{}</title></path>\n", line.css_class, path, line.name);
  }

  void draw_legend() {
    double at = kWidth - kRight;
    for (auto line = chart_.lines.rbegin(); line != chart_.lines.rend(); ++line) {
      at -= 7 * static_cast<double>(line->name.size()) + 40;
      text_ += fmt::format(
          "<path class=\"line {}\" d=\"M{:.1f} 12h22\"/>\n<text class=\"note\" x=\"{:.1f}\" y=\"16\">{}</text>\n",
          line->css_class, at, at + 27, line->name);
    }
  }

  const LoadChart& chart_;
  std::size_t count_ = 0;
  double most_ = 1;
  std::string text_ = {};
};

}  // namespace

std::string draw_load_chart(const LoadChart& chart) { return Drawing(chart).draw(); }

}  // namespace gantry::report

// A simulation as a picture that stands alone: no script, no font or style from elsewhere, readable on light and on dark pages. Above,
// what arrives and what the ready pods could serve; below, the replicas between their bounds; bands where somebody waits. Lines
// differ in dashes as well as in colour.

#include "report/scale.h"
#include "report/xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

namespace gantry::report {

using capacity::Millis;
using capacity::Step;

namespace {

constexpr double kWidth = 960;
constexpr double kLeft = 64;
constexpr double kRight = 16;
constexpr double kPlotWidth = kWidth - kLeft - kRight;
constexpr double kRateTop = 72;
constexpr double kRateHeight = 190;
constexpr double kReplicasTop = kRateTop + kRateHeight + 48;
constexpr double kReplicasHeight = 150;
constexpr double kBottom = kReplicasTop + kReplicasHeight;
constexpr double kHeight = kBottom + 72;
constexpr std::size_t kColumnsMax = 880;  // of steps: more than a line has pixels are not seen

constexpr std::string_view kStyle =
    "<style>\n"
    "text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}.note{fill:#59636e}\n"
    ".page{fill:#ffffff}.grid{stroke:#e2e6ea;fill:none}.axis{stroke:#8c959f;fill:none}.band{fill:#f8d7a8}\n"
    "polyline{fill:none;stroke-width:1.6}.rate{stroke:#0969da}.capacity{stroke:#1a7f37;stroke-dasharray:6 3}\n"
    ".replicas{stroke:#8250df}.ready{stroke:#1a7f37;stroke-dasharray:6 3}.bound{stroke:#b3261e;stroke-dasharray:2 4}\n"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}.page{fill:#0d1117}.grid{stroke:#262c34}"
    ".axis{stroke:#656c76}.band{fill:#5a3d12}.rate{stroke:#58a6ff}.capacity,.ready{stroke:#3fb950}.replicas{stroke:#"
    "bc8cff}"
    ".bound{stroke:#f2766d}}\n"
    "</style>\n";

// Steps 1, 2 or 5 times a power of ten, about so many of them up to `most`.
double nice_step(double most, int count) {
  const double raw = std::max(most, 1e-9) / count;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= raw) return factor * power;
  return 10 * power;
}

// A round number of seconds, minutes or hours.
Millis time_step(Millis duration) {
  constexpr std::array<int, 15> kSeconds = {1, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400};
  for (const int seconds : kSeconds)
    if (duration / Millis(seconds * 1000) <= 10) return Millis(seconds * 1000);
  return Millis(7LL * 86'400'000);
}

std::string time_label(Millis time) { return time == Millis(0) ? "0" : base::format_duration(time); }

struct Panel {
  double top;
  double height;
  double most;
  double y(double value) const { return top + height - std::clamp(value / most, 0.0, 1.0) * height; }
};

class Chart {
 public:
  explicit Chart(const SimulatedScale& scale)
      : scale_(scale),
        steps_(scale.simulation.steps),
        duration_(scale.prepared.scenario.traffic.duration()),
        stride_(std::max<std::size_t>(1, (steps_.size() + kColumnsMax - 1) / kColumnsMax)) {
    double rate = scale.prepared.scenario.traffic.peak();
    double replicas = static_cast<double>(scale.prepared.scenario.autoscaler.min_replicas);
    for (const Step& step : steps_) {
      rate = std::max(rate, capacity_of(step));
      replicas = std::max(replicas, static_cast<double>(std::max(step.replicas, step.desired)));
    }
    // A bound far above what is used would press everything else to the floor.
    const double max = static_cast<double>(scale.prepared.scenario.autoscaler.max_replicas);
    shows_max_ = max <= 3 * replicas;
    rate_ = {kRateTop, kRateHeight, 1.05 * std::max(rate, 1e-6)};
    replicas_ = {kReplicasTop, kReplicasHeight, 1.1 * std::max(shows_max_ ? std::max(replicas, max) : replicas, 1.0)};
  }

  std::string draw() {
    write_head();
    write_bands();
    write_axes();
    line(
        "rate", rate_, [](const Step& step) { return step.rate; }, false);
    line(
        "capacity", rate_, [this](const Step& step) { return capacity_of(step); }, true);
    bound("minReplicas", static_cast<double>(scale_.prepared.scenario.autoscaler.min_replicas));
    if (shows_max_) bound("maxReplicas", static_cast<double>(scale_.prepared.scenario.autoscaler.max_replicas));
    line(
        "replicas", replicas_, [](const Step& step) { return static_cast<double>(step.desired); }, true);
    line(
        "ready", replicas_, [](const Step& step) { return static_cast<double>(step.ready); }, true);
    write_legend();
    return std::move(text_) + "</svg>\n";
  }

 private:
  double capacity_of(const Step& step) const {
    return static_cast<double>(step.ready) * scale_.prepared.scenario.pod.rate_per_pod();
  }
  double x(Millis time) const {
    return kLeft + kPlotWidth * static_cast<double>(time.count()) / static_cast<double>(duration_.count());
  }

  void write_head() {
    const kube::HorizontalPodAutoscaler& autoscaler = scale_.prepared.scenario.autoscaler;
    const std::string title = xml_text(fmt::format("{}/{} under {} of traffic", autoscaler.name_space(),
                                                   autoscaler.name(), base::format_duration(duration_)));
    text_ += fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
        "{1:.0f}\" "
        "role=\"img\" aria-label=\"{2}\">\n<title>{2}</title>\n{3}"
        "<rect class=\"page\" width=\"{0:.0f}\" height=\"{1:.0f}\"/>\n"
        "<text class=\"title\" x=\"16\" y=\"26\">{2}</text>\n<text class=\"note\" x=\"16\" y=\"46\">{4}</text>\n",
        kWidth, kHeight, title, kStyle, xml_text(capacity::summarize(scale_.simulation)));
  }

  // A band wherever somebody waited, over both panels; neighbours become one.
  void write_bands() {
    const Millis sync = scale_.prepared.scenario.controller.sync_period;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].saturated == Millis(0)) continue;
      const Millis from = steps_[i].at;
      double late = steps_[i].late;
      while (i + 1 < steps_.size() && steps_[i + 1].saturated > Millis(0)) late += steps_[++i].late;
      const double left = x(from);
      const double width = std::max(1.0, x(std::min(steps_[i].at + sync, duration_)) - left);
      text_ += fmt::format(
          "<g><title>saturated from {}, {:.0f} requests late</title><rect class=\"band\" x=\"{:.1f}\" y=\"{:.1f}\" "
          "width=\"{:.1f}\" height=\"{:.1f}\"/></g>\n",
          time_label(from), late, left, kRateTop, width, kBottom - kRateTop);
    }
  }

  void write_axes() {
    // There is no half of a replica.
    for (const auto& [panel, step_min] : {std::pair(rate_, 0.0), std::pair(replicas_, 1.0)}) {
      const double step = std::max(nice_step(panel.most, 5), step_min);
      for (double value = 0; value <= panel.most; value += step)
        text_ += fmt::format(
            "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}h{2:.1f}\"/>\n<text class=\"note\" x=\"{3:.1f}\" y=\"{4:.1f}\" "
            "text-anchor=\"end\">{5:g}</text>\n",
            kLeft, panel.y(value), kPlotWidth, kLeft - 8, panel.y(value) + 4, value);
      text_ += fmt::format("<path class=\"axis\" d=\"M{0:.1f} {1:.1f}v{2:.1f}h{3:.1f}\"/>\n", kLeft, panel.top,
                           panel.height, kPlotWidth);
    }
    for (Millis time{0}; time <= duration_; time += time_step(duration_))
      text_ += fmt::format("<text class=\"note\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", x(time),
                           kBottom + 18, time_label(time));
    text_ += fmt::format(
        "<text x=\"{0:.1f}\" y=\"{1:.1f}\">requests a second</text>\n<text x=\"{0:.1f}\" y=\"{2:.1f}\">replicas"
        "</text>\n",
        kLeft, kRateTop - 8, kReplicasTop - 8);
  }

  // Of each run of steps that share a column, the highest is shown: a peak is never lost. Stepped lines hold until the next step.
  void line(std::string_view css_class, const Panel& panel, const std::function<double(const Step&)>& value,
            bool stepped) {
    text_ += fmt::format("<polyline class=\"{}\" points=\"", css_class);
    double before = 0;
    for (std::size_t i = 0; i < steps_.size(); i += stride_) {
      double highest = value(steps_[i]);
      for (std::size_t j = i; j < std::min(i + stride_, steps_.size()); ++j)
        highest = std::max(highest, value(steps_[j]));
      const double at = x(steps_[i].at);
      if (stepped && i > 0) text_ += fmt::format("{:.1f},{:.1f} ", at, panel.y(before));
      text_ += fmt::format("{:.1f},{:.1f} ", at, panel.y(highest));
      before = highest;
    }
    if (stepped && !steps_.empty()) text_ += fmt::format("{:.1f},{:.1f}", x(duration_), panel.y(before));
    text_ += "\"/>\n";
  }

  void bound(std::string_view name, double value) {
    text_ += fmt::format(
        "<polyline class=\"bound\" points=\"{:.1f},{:.1f} {:.1f},{:.1f}\"><title>{} {:g}</title></polyline>\n", kLeft,
        replicas_.y(value), kLeft + kPlotWidth, replicas_.y(value), name, value);
  }

  void write_legend() {
    struct Entry {
      std::string_view css_class;
      std::string_view text;
    };
    constexpr std::array<Entry, 5> kEntries = {{{"rate", "arrives"},
                                                {"capacity", "could be served"},
                                                {"replicas", "replicas"},
                                                {"ready", "ready"},
                                                {"bound", "minReplicas, maxReplicas"}}};
    double at = kLeft;
    const double y = kBottom + 46;
    for (const Entry& entry : kEntries) {
      text_ += fmt::format(
          "<polyline class=\"{0}\" points=\"{1:.1f},{2:.1f} {3:.1f},{2:.1f}\"/>\n<text class=\"note\" x=\"{4:.1f}\" "
          "y=\"{5:.1f}\">"
          "{6}</text>\n",
          entry.css_class, at, y, at + 28, at + 34, y + 4, entry.text);
      at += 34 + 7 * static_cast<double>(entry.text.size()) + 24;
    }
    text_ += fmt::format(
        "<rect class=\"band\" x=\"{0:.1f}\" y=\"{1:.1f}\" width=\"28\" height=\"12\"/>\n<text class=\"note\" "
        "x=\"{2:.1f}\" "
        "y=\"{3:.1f}\">saturated: requests wait</text>\n",
        at, y - 6, at + 34, y + 4);
  }

  const SimulatedScale& scale_;
  const std::vector<Step>& steps_;
  Millis duration_;
  std::size_t stride_;
  bool shows_max_ = false;
  Panel rate_{};
  Panel replicas_{};
  std::string text_;
};

}  // namespace

std::string render_simulation_svg(const SimulatedScale& scale) { return Chart(scale).draw(); }

}  // namespace gantry::report

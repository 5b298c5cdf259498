// The timeline as a picture: lanes of nodes, then lanes of pods under the name of their workload; bars by state, marks for evictions
// and refusals; everything in words in the tooltips, so that nobody needs the colours.

#include "report/drain.h"
#include "report/drain_lanes.h"
#include "report/drain_words.h"
#include "report/plain_text.h"
#include "report/xml.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::report {

using disruption::Instant;
using disruption::Rehearsal;
using disruption::TrackState;

namespace {

constexpr int kLane = 20;  // pixels
constexpr int kBar = 12;
constexpr int kMargin = 16;
constexpr int kTitleHeight = 48;
constexpr int kAxisHeight = 22;
constexpr int kLegendHeight = 34;
constexpr int kChartWidth = 860;
constexpr double kCharWidth = 7.5;  // of the 12 px font, on the safe side
constexpr std::size_t kNameMax = 40;
constexpr Instant::rep kTicks = 10;
// A picture with more lanes is looked at by nobody.
constexpr std::size_t kNodesMax = 40;
constexpr std::size_t kPodsMax = 200;

struct Look {
  std::string_view css_class;
  std::string_view meaning;
  int height;  // of the bar: what serves is the tallest, so that the shape says what the colour says
};
constexpr std::array<Look, 7> kPodLooks = {{
    {"pending", "no node", 2},
    {"starting", "starting", 6},
    {"ready", "ready, catching up", 9},
    {"useful", "serving", 12},
    {"unready", "not ready", 4},
    {"terminating", "terminating", 6},
    {"lost", "lost", 2},
}};
static_assert(kPodLooks.size() == std::size_t{std::to_underlying(TrackState::lost)} + 1);
constexpr std::array<Look, 5> kNodeLooks = {{
    {"open", "takes pods", 2},
    {"draining", "draining", 12},
    {"cordoned", "cordoned", 6},
    {"lost", "lost", 2},
    {"", "", 0},
}};
static_assert(kNodeLooks.size() == std::size_t{std::to_underlying(NodeState::absent)} + 1);

// Written out for both schemes: not every renderer knows CSS variables.
constexpr std::string_view kStyle =
    "<style>\n"
    "text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328}\n"
    ".title{font:600 15px system-ui,sans-serif}.head{font-weight:600}\n"
    ".note{font:12px system-ui,sans-serif;fill:#59636e}.page{fill:#ffffff}.line{stroke:#dfe4e9;stroke-width:1}\n"
    ".useful{fill:#2f8f4e}.ready{fill:#54a3e8}.starting{fill:#d99a06}.terminating{fill:#b58900}.pending{fill:#b3261e}"
    ".unready{fill:#b3261e}.lost{fill:#6e1b16}.open{fill:#c2cad2}.draining{fill:#d99a06}.cordoned{fill:#8c959f}"
    ".evicted{fill:#1f2328}.refused{fill:#b3261e}\n"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}.page{fill:#0d1117}.line{stroke:#262c34}"
    ".useful{fill:#46b067}.ready{fill:#3d8fd9}.starting{fill:#e3b341}.terminating{fill:#c9a227}.pending{fill:#f2766d}"
    ".unready{fill:#f2766d}.lost{fill:#ff9d95}.open{fill:#3d444d}.draining{fill:#e3b341}.cordoned{fill:#6e7681}"
    ".evicted{fill:#e6edf3}.refused{fill:#f2766d}}\n"
    "</style>\n";

class Picture {
 public:
  explicit Picture(const RehearsalReport& report)
      : report_(report), rehearsal_(report.rehearsal), lanes_(lay_lanes(report.rehearsal, kNodesMax, kPodsMax)) {
    std::size_t longest = 8;
    for (const NodeLane& lane : lanes_.nodes) longest = std::max(longest, base::display_width(shown(lane.name)));
    for (const PodLane& lane : lanes_.pods) longest = std::max(longest, base::display_width(shown(lane.name)));
    left_ = kMargin + static_cast<int>(kCharWidth * static_cast<double>(longest + 2));
    width_ = left_ + kChartWidth + kMargin;
  }

  std::string draw();

 private:
  static std::string shown(const std::string& name) { return base::fit_width(inert_line(name), kNameMax); }
  // One decimal: a tenth of a pixel, the same on every machine.
  double x_of(Instant at) const {
    return static_cast<double>(left_) + static_cast<double>(at.count() * kChartWidth * 10 / lanes_.end.count()) / 10.0;
  }
  int lane_y() const { return y_ + (kLane - kBar) / 2; }

  void draw_head();
  void draw_axis(int height);
  void draw_name(const std::string& name, std::string_view css_class = {});
  void draw_bar(const Look& look, Instant from, Instant to, const std::string& tooltip);
  void draw_node(const NodeLane& lane);
  void draw_pod(const PodLane& lane);
  void draw_lanes();
  void draw_legend();
  void put(std::string_view text) { body_ += text; }

  const RehearsalReport& report_;
  const Rehearsal& rehearsal_;
  Lanes lanes_;
  int left_ = 0;
  int width_ = 0;
  int y_ = kMargin + kTitleHeight + kAxisHeight;  // of the next lane
  std::string body_;
};

void Picture::draw_head() {
  put(fmt::format("<text class=\"title\" x=\"{}\" y=\"{}\">{}: {}</text>\n", kMargin, kMargin + 14,
                  xml_text(base::fit_width(inert_line(rehearsal_.what), 90)), to_string(verdict_of(report_))));
  put(fmt::format("<text class=\"note\" x=\"{}\" y=\"{}\">{}</text>\n", kMargin, kMargin + 34,
                  meaning_of(verdict_of(report_))));
}

void Picture::draw_axis(int height) {
  const int top = kMargin + kTitleHeight;
  const Instant step = round_step(lanes_.end / kTicks);
  for (Instant at{0}; at <= lanes_.end; at += step)
    put(
        fmt::format("<path class=\"line\" d=\"M{0:.1f} {1}V{2}\"/><text class=\"note\" x=\"{0:.1f}\" y=\"{3}\">{4}"
                    "</text>\n",
                    x_of(at), top + kAxisHeight - 6, height, top + kAxisHeight - 9, time_text(at)));
}

void Picture::draw_name(const std::string& name, std::string_view css_class) {
  put(fmt::format("<text{} x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
                  css_class.empty() ? "" : fmt::format(" class=\"{}\"", css_class), left_ - 8, y_ + 14,
                  xml_text(shown(name))));
}

void Picture::draw_bar(const Look& look, Instant from, Instant to, const std::string& tooltip) {
  if (look.height == 0 || to <= from) return;
  put(fmt::format("<g><title>{}</title><rect class=\"{}\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"/></g>\n",
                  xml_text(tooltip), look.css_class, x_of(from), lane_y() + kBar - look.height,
                  std::max(x_of(to) - x_of(from), 0.5), look.height));
}

void Picture::draw_node(const NodeLane& lane) {
  draw_name(lane.name);
  for (const NodeSpan& span : lane.spans) {
    const Look& look = kNodeLooks.at(std::to_underlying(span.state));
    draw_bar(look, span.from, span.to,
             fmt::format("{}: {}, {} to {}", lane.name, look.meaning, time_text(span.from), time_text(span.to)));
  }
  y_ += kLane;
}

void Picture::draw_pod(const PodLane& lane) {
  draw_name(lane.name);
  for (const disruption::TrackSpan& span : lane.spans) {
    const Look& look = kPodLooks.at(std::to_underlying(span.state));
    const std::string node =
        span.node ? fmt::format(" on {}", rehearsal_.cluster.nodes()[span.node->value()].name()) : std::string();
    draw_bar(
        look, span.from, span.to,
        fmt::format("{}: {}{}, {} to {}", lane.name, look.meaning, node, time_text(span.from), time_text(span.to)));
  }
  for (const Instant at : lane.refusals)
    put(fmt::format(
        "<g><title>{0}: eviction refused from {1}</title><path class=\"refused\" d=\"M{2:.1f} {3}l5 -8h-10z\"/>"
        "</g>\n",
        xml_text(lane.name), time_text(at), x_of(at), lane_y() + 4));
  for (const Instant at : lane.evictions)
    put(
        fmt::format("<g><title>{0}: evicted at {1}</title><rect class=\"evicted\" x=\"{2:.1f}\" y=\"{3}\" width=\"2\" "
                    "height=\"{4}\"/></g>\n",
                    xml_text(lane.name), time_text(at), x_of(at), lane_y() - 2, kBar + 4));
  y_ += kLane;
}

void Picture::draw_lanes() {
  for (const NodeLane& lane : lanes_.nodes) draw_node(lane);
  std::string workload;
  for (const PodLane& lane : lanes_.pods) {
    if (lane.workload != workload) {
      put(fmt::format("<text class=\"head\" x=\"{}\" y=\"{}\">{}</text>\n", kMargin, y_ + 16,
                      xml_text(inert_line(lane.workload.empty() ? "pods of nobody" : lane.workload))));
      y_ += kLane + 2;
    }
    workload = lane.workload;
    draw_pod(lane);
  }
  if (lanes_.pods_left_out + lanes_.nodes_left_out > 0) {
    put(fmt::format("<text class=\"note\" x=\"{}\" y=\"{}\">{} more nodes and {} more pods are not drawn</text>\n",
                    kMargin, y_ + 14, lanes_.nodes_left_out, lanes_.pods_left_out));
    y_ += kLane;
  }
}

void Picture::draw_legend() {
  y_ += 10;
  int x = kMargin;
  const auto word = [&](std::string_view mark, std::string_view meaning) {
    put(mark);
    put(fmt::format("<text class=\"note\" x=\"{}\" y=\"{}\">{}</text>\n", x + 20, y_ + 14, meaning));
    x += 20 + static_cast<int>(kCharWidth * static_cast<double>(meaning.size())) + 16;
  };
  for (const Look& look : kPodLooks)
    word(fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"14\" height=\"{}\"/>", look.css_class, x,
                     lane_y() + kBar - look.height, look.height),
         look.meaning);
  word(fmt::format("<rect class=\"evicted\" x=\"{}\" y=\"{}\" width=\"2\" height=\"16\"/>", x + 6, lane_y() - 2),
       "evicted");
  word(fmt::format("<path class=\"refused\" d=\"M{} {}l5 -8h-10z\"/>", x + 7, lane_y() + 8), "refused");
  y_ += kLegendHeight;
  width_ = std::max(width_, x + kMargin);
}

std::string Picture::draw() {
  draw_head();
  const std::string head = std::exchange(body_, {});
  draw_lanes();
  const std::string lanes = std::exchange(body_, {});
  draw_axis(y_);
  const std::string axis = std::exchange(body_, {});
  draw_legend();
  const std::string label = xml_text(rehearsal_.what);
  return fmt::format(
             R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">)"
             "\n<title>{2}</title>\n{3}<rect class=\"page\" width=\"{0}\" height=\"{1}\"/>\n",
             width_, y_, label, kStyle) +
         head + axis + lanes + body_ + "</svg>\n";
}

}  // namespace

std::string render_rehearsal_svg(const RehearsalReport& report) { return Picture(report).draw(); }

}  // namespace gantry::report

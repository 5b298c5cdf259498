#include "report/drain_chart.h"

#include "report/drain_words.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>

namespace gantry::report {

using disruption::Instant;
using disruption::TrackState;

namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kNameMax = 32;
constexpr std::size_t kCellsBetweenTicks = 12;

struct Look {
  std::string_view glyph;
  Style style;
  std::string_view meaning;
};

// In the order of TrackState, which goes from nothing to good and back to bad; `rank`: the higher one wins a cell.
struct PodLook {
  Look look;
  int rank;
};
constexpr std::array<PodLook, 7> kPodLooks = {{
    {{"·", Style::bad, "no node"}, 5},
    {{"░", Style::warning, "starting"}, 4},
    {{"▒", Style::accent, "ready, catching up"}, 2},
    {{"█", Style::good, "serving"}, 1},
    {{"□", Style::bad, "not ready"}, 3},
    {{"▞", Style::warning, "terminating"}, 6},
    {{"x", Style::bad, "lost"}, 7},
}};
static_assert(kPodLooks.size() == std::size_t{std::to_underlying(TrackState::lost)} + 1);

constexpr Look kEvicted{"E", Style::strong, "evicted"};
constexpr Look kRefused{"R", Style::bad, "eviction refused"};

constexpr std::array<Look, 5> kNodeLooks = {{
    {"-", Style::faint, ""},
    {"D", Style::warning, "draining"},
    {"=", Style::faint, "cordoned"},
    {"x", Style::bad, "lost"},
    {" ", Style::plain, ""},
}};
static_assert(kNodeLooks.size() == std::size_t{std::to_underlying(NodeState::absent)} + 1);
constexpr std::array<int, 5> kNodeRanks = {1, 4, 2, 5, 3};

// Cells of one lane; absent: nothing is there.
using Cells = std::vector<const Look*>;

class Chart {
 public:
  Chart(Page& page, const disruption::Rehearsal& rehearsal, const Lanes& lanes)
      : page_(page), rehearsal_(rehearsal), lanes_(lanes) {
    for (const NodeLane& lane : lanes.nodes) name_width_ = std::max(name_width_, base::display_width(lane.name));
    for (const PodLane& lane : lanes.pods) {
      name_width_ = std::max(name_width_, base::display_width(name_of(lane)));
      place_width_ = std::max(place_width_, base::display_width(places_of(lane)));
    }
    name_width_ = std::min({name_width_, kNameMax, page.width() / 3});
    place_width_ = std::min(place_width_, page.width() / 4);
    const std::size_t labels = kIndent + name_width_ + 1 + place_width_ + (place_width_ > 0 ? 1 : 0);
    const auto room = static_cast<Instant::rep>(page.width() > labels + 10 ? page.width() - labels : 10);
    step_ = round_step(Instant((lanes.end.count() + room - 1) / room));
    cells_ = static_cast<std::size_t>((lanes.end + step_ - Instant(1)) / step_);
  }

  void write();

 private:
  std::string places_of(const PodLane& lane) const;
  // The namespace stands above, with the workload.
  static std::string name_of(const PodLane& lane) { return lane.name.substr(lane.name.find('/') + 1); }
  std::size_t cell_of(Instant at) const {
    return std::min(static_cast<std::size_t>(at / step_), cells_ == 0 ? 0 : cells_ - 1);
  }
  template <typename Span, typename Choose>
  Cells draw(const std::vector<Span>& spans, const Choose& choose) const;
  void write_axis();
  void write_lane(const std::string& name, const std::string& places, const Cells& cells);
  void write_legend();

  Page& page_;
  const disruption::Rehearsal& rehearsal_;
  const Lanes& lanes_;
  std::size_t name_width_ = 4;
  std::size_t place_width_ = 0;
  Instant step_{1};
  std::size_t cells_ = 0;
  std::set<const Look*> used_;
};

// "node-1 > node-2"
std::string Chart::places_of(const PodLane& lane) const {
  std::string text;
  std::string_view last;
  for (const disruption::TrackSpan& span : lane.spans) {
    if (!span.node) continue;
    const std::string& name = rehearsal_.cluster.nodes()[span.node->value()].name();
    if (name == last) continue;
    text += fmt::format("{}{}", text.empty() ? "" : " > ", name);
    last = name;
  }
  return text;
}

// `choose(state)` gives a look and its rank.
template <typename Span, typename Choose>
Cells Chart::draw(const std::vector<Span>& spans, const Choose& choose) const {
  Cells cells(cells_, nullptr);
  std::vector<int> ranks(cells_, 0);
  for (const Span& span : spans) {
    if (span.to <= span.from) continue;
    const auto [look, rank] = choose(span.state);
    for (std::size_t cell = cell_of(span.from); cell <= cell_of(span.to - Instant(1)); ++cell) {
      if (rank <= ranks[cell]) continue;
      ranks[cell] = rank;
      cells[cell] = look;
    }
  }
  return cells;
}

void Chart::write_lane(const std::string& name, const std::string& places, const Cells& cells) {
  std::vector<Cell> pieces = {{.text = name, .width = name_width_}, {.text = " "}};
  if (place_width_ > 0) {
    pieces.push_back({.text = places, .width = place_width_, .style = Style::faint});
    pieces.push_back({.text = " "});
  }
  for (const Look* look : cells) {
    if (look) used_.insert(look);
    const std::string_view glyph = look ? look->glyph : " ";
    const Style style = look ? look->style : Style::plain;
    if (pieces.back().width == 0 && pieces.back().style == style) {
      pieces.back().text += glyph;
    } else {
      pieces.push_back({.text = std::string(glyph), .style = style});
    }
  }
  page_.strip(kIndent, pieces);
}

void Chart::write_axis() {
  std::string axis;
  for (std::size_t cell = 0; cell < cells_; cell += kCellsBetweenTicks) {
    const std::string tick = "|" + time_text(step_ * static_cast<Instant::rep>(cell));
    if (axis.size() + tick.size() > cells_) break;
    axis += tick + std::string(kCellsBetweenTicks - std::min(tick.size(), kCellsBetweenTicks), ' ');
  }
  const std::size_t labels = name_width_ + 1 + (place_width_ > 0 ? place_width_ + 1 : 0);
  page_.strip(kIndent, {{.text = "", .width = labels}, {.text = axis, .style = Style::faint}});
}

void Chart::write_legend() {
  std::string text = fmt::format("one character is {}", time_text(step_));
  const auto add = [&](const Look& look) {
    const std::string line = fmt::format("; {} {}", look.glyph, look.meaning);
    // Nodes and pods are lost alike.
    if (used_.contains(&look) && !look.meaning.empty() && !text.contains(line)) text += line;
  };
  for (const PodLook& each : kPodLooks) add(each.look);
  add(kEvicted);
  add(kRefused);
  for (const Look& look : kNodeLooks) add(look);
  page_.row(kIndent, {{.text = text, .style = Style::faint, .lines_max = 3}});
}

void Chart::write() {
  write_axis();
  for (const NodeLane& lane : lanes_.nodes)
    write_lane(lane.name, "", draw(lane.spans, [](NodeState state) {
                 const std::size_t at = std::to_underlying(state);
                 return std::pair(&kNodeLooks.at(at), kNodeRanks.at(at));
               }));
  std::string workload;
  for (const PodLane& lane : lanes_.pods) {
    if (lane.workload != workload)
      page_.row(kIndent, {{.text = lane.workload.empty() ? "pods of nobody" : lane.workload, .style = Style::strong}});
    workload = lane.workload;
    Cells cells = draw(lane.spans, [](TrackState state) {
      const PodLook& each = kPodLooks.at(std::to_underlying(state));
      return std::pair(&each.look, each.rank);
    });
    for (const Instant at : lane.refusals) cells[cell_of(at)] = &kRefused;
    for (const Instant at : lane.evictions) cells[cell_of(at)] = &kEvicted;
    write_lane(name_of(lane), places_of(lane), cells);
  }
  write_legend();
}

}  // namespace

void write_chart(Page& page, const disruption::Rehearsal& rehearsal, const Lanes& lanes) {
  Chart(page, rehearsal, lanes).write();
}

}  // namespace gantry::report

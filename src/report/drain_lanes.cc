#include "report/drain_lanes.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace gantry::report {

using disruption::Event;
using disruption::EventKind;
using disruption::Instant;
using disruption::PodIndex;
using disruption::Rehearsal;
using disruption::TrackSpan;
using disruption::TrackState;

namespace {

// What is at the end of a rehearsal would have no width: as much more is shown.
Instant end_of(const Rehearsal& rehearsal) {
  return rehearsal.end + std::max<Instant>(rehearsal.end / 20, std::chrono::seconds(1));
}

std::optional<NodeState> state_after(EventKind kind) {
  switch (kind) {
    case EventKind::cordoned: return NodeState::draining;
    case EventKind::drained:
    case EventKind::refused: return NodeState::cordoned;
    case EventKind::uncordoned:
    case EventKind::node_joined: return NodeState::open;
    case EventKind::node_lost: return NodeState::lost;
    case EventKind::node_removed: return NodeState::absent;
    default: return {};
  }
}

class NodeLanes {
 public:
  explicit NodeLanes(const Rehearsal& rehearsal) : rehearsal_(rehearsal) {
    const auto nodes = rehearsal.cluster.nodes();
    const std::size_t old = nodes.size() - rehearsal.cluster.surge_node_count();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const bool cordoned = nodes[i].unschedulable;
      lanes_.push_back({.name = nodes[i].name(), .spans = {}});
      lanes_.back().spans.push_back({.to = end_of(rehearsal),
                                     .state = i >= old   ? NodeState::absent
                                              : cordoned ? NodeState::cordoned
                                                         : NodeState::open});
    }
    for (const Event& event : rehearsal.events) take(event);
  }

  std::vector<NodeLane> take_touched(std::size_t most, std::size_t& left_out) {
    std::vector<NodeLane> touched;
    for (const std::uint32_t node : touched_) touched.push_back(std::move(lanes_[node]));
    left_out = touched.size() > most ? touched.size() - most : 0;
    touched.resize(touched.size() - left_out);
    return touched;
  }

 private:
  void take(const Event& event) {
    const std::optional<NodeState> state = event.node ? state_after(event.kind) : std::optional<NodeState>();
    if (!state) return;
    touched_.insert(event.node->value());
    std::vector<NodeSpan>& spans = lanes_[event.node->value()].spans;
    spans.back().to = event.at;
    if (spans.back().from == event.at) spans.pop_back();
    spans.push_back({.from = event.at, .to = end_of(rehearsal_), .state = *state});
  }

  const Rehearsal& rehearsal_;
  std::vector<NodeLane> lanes_;
  std::set<std::uint32_t> touched_;
};

// Pods whose trouble is the story of the rehearsal.
std::set<std::uint32_t> troubled_pods(const Rehearsal& rehearsal) {
  std::set<std::uint32_t> troubled;
  for (const disruption::Unplaced& each : rehearsal.unplaced) troubled.insert(each.pod.value());
  for (const disruption::NodeOutcome& node : rehearsal.nodes) {
    for (const disruption::StuckReason& reason : node.why_stuck) troubled.insert(reason.pod.value());
    for (const disruption::RefusedPod& refused : node.refused) troubled.insert(refused.pod.value());
  }
  return troubled;
}

class PodLanes {
 public:
  explicit PodLanes(const Rehearsal& rehearsal) : rehearsal_(rehearsal), troubled_(troubled_pods(rehearsal)) {
    for (std::size_t i = 0; i < rehearsal.invariants.size(); ++i)
      if (rehearsal.invariants[i].broken) broken_.insert(rehearsal.cluster.invariants()[i].subject);
    std::vector<disruption::PodTrack> tracks = compute_tracks(rehearsal);
    for (const disruption::PodTrack& track : tracks)
      if (std::ranges::find(track.spans, TrackState::useful, &TrackSpan::state) != track.spans.end())
        catching_up_.insert(rehearsal.pod(track.pod).workload);
    for (disruption::PodTrack& track : tracks) take(std::move(track));
    for (const Event& event : rehearsal.events) {
      if (!event.pod || (event.kind != EventKind::evicted && event.kind != EventKind::deleted)) continue;
      const auto lane = lane_of_.find(event.pod->value());
      if (lane != lane_of_.end()) lanes_[lane->second].evictions.push_back(event.at);
    }
  }

  std::vector<PodLane> take_at_most(std::size_t most, std::size_t& left_out) {
    left_out = lanes_.size() > most ? lanes_.size() - most : 0;
    // The calm ones go first, the last of them before the others.
    for (std::size_t to_drop = left_out, i = lanes_.size(); i-- > 0 && to_drop > 0;) {
      if (lanes_[i].troubled) continue;
      lanes_[i].name.clear();
      --to_drop;
    }
    std::erase_if(lanes_, [](const PodLane& lane) { return lane.name.empty(); });
    lanes_.resize(std::min(lanes_.size(), most));
    return std::move(lanes_);
  }

 private:
  void take(disruption::PodTrack track) {
    disruption::RehearsedPod pod = rehearsal_.pod(track.pod);
    for (TrackSpan& span : track.spans) {
      // Ready is all that most pods become. Members of groups that catch up serve only after that, or from before it all.
      const bool catches_up = span.from.count() > 0 && catching_up_.contains(pod.workload);
      if (span.state == TrackState::ready && !catches_up) span.state = TrackState::useful;
      if (span.to == rehearsal_.end) span.to = end_of(rehearsal_);
    }
    const bool goes_on = !lanes_.empty() && lanes_.back().name == pod.name && lanes_.back().workload == pod.workload &&
                         ended_before(lanes_.back(), track);
    if (!goes_on) {
      const bool troubled = broken_.contains(pod.workload);
      lanes_.push_back({.name = std::move(pod.name),
                        .workload = std::move(pod.workload),
                        .spans = {},
                        .refusals = {},
                        .evictions = {},
                        .troubled = troubled});
    }
    PodLane& lane = lanes_.back();
    std::ranges::move(track.spans, std::back_inserter(lane.spans));
    std::ranges::move(track.refusals, std::back_inserter(lane.refusals));
    lane.troubled |= !lane.refusals.empty() || troubled_.contains(track.pod.value());
    lane_of_.emplace(track.pod.value(), lanes_.size() - 1);
  }
  static bool ended_before(const PodLane& lane, const disruption::PodTrack& track) {
    return lane.spans.empty() || track.spans.empty() || lane.spans.back().to <= track.spans.front().from;
  }

  const Rehearsal& rehearsal_;
  std::set<std::uint32_t> troubled_;
  std::set<std::string> broken_;
  std::set<std::string> catching_up_;  // workloads
  std::vector<PodLane> lanes_;
  std::map<std::uint32_t, std::size_t> lane_of_;
};

}  // namespace

Lanes lay_lanes(const Rehearsal& rehearsal, std::size_t nodes_max, std::size_t pods_max) {
  Lanes lanes{.end = end_of(rehearsal), .nodes = {}, .pods = {}};
  lanes.nodes = NodeLanes(rehearsal).take_touched(nodes_max, lanes.nodes_left_out);
  lanes.pods = PodLanes(rehearsal).take_at_most(pods_max, lanes.pods_left_out);
  return lanes;
}

Instant round_step(Instant least) {
  using std::chrono::seconds;
  constexpr std::array kSteps = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21'600, 43'200, 86'400};
  for (const int step : kSteps)
    if (seconds(step) >= least) return seconds(step);
  const Instant day = std::chrono::hours(24);
  return (least + day - Instant(1)) / day * day;
}

}  // namespace gantry::report

// Events by pod, as spans without gaps: what a timeline draws.

#include "disruption/model/model.h"
#include "disruption/rehearsal.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace gantry::disruption {

namespace {

// What an event turns a pod into; absent: it changes nothing about it.
std::optional<TrackState> state_after(EventKind kind) {
  switch (kind) {
    case EventKind::evicted:
    case EventKind::deleted: return TrackState::terminating;
    case EventKind::pod_lost: return TrackState::lost;
    case EventKind::pod_created:
    case EventKind::pod_unplaced: return TrackState::pending;
    case EventKind::pod_scheduled: return TrackState::starting;
    case EventKind::pod_ready: return TrackState::ready;
    case EventKind::pod_useful: return TrackState::useful;
    default: return {};
  }
}

TrackState initial_state(PodState state) {
  switch (state) {
    case PodState::pending: return TrackState::pending;
    case PodState::starting: return TrackState::starting;
    case PodState::ready: return TrackState::ready;
    case PodState::terminating: return TrackState::terminating;
    case PodState::lost: return TrackState::lost;
    default: return TrackState::unready;
  }
}

class TrackBuilder {
 public:
  explicit TrackBuilder(const Rehearsal& rehearsal) : rehearsal_(rehearsal), model_(rehearsal.cluster.model()) {}

  void take(const Event& event) {
    if (!event.pod) return;
    PodTrack& track = track_of(*event.pod);
    if (event.kind == EventKind::evict_refused) track.refusals.push_back(event.at);
    if (event.kind == EventKind::pod_gone) return close(track, event.at);
    const std::optional<TrackState> state = state_after(event.kind);
    if (!state) return;
    close(track, event.at);
    track.spans.push_back({.from = event.at, .to = rehearsal_.end, .state = *state, .node = event.node});
  }
  std::vector<PodTrack> finish();

 private:
  PodTrack& track_of(PodIndex pod);
  static void close(PodTrack& track, Instant at) {
    if (track.spans.empty()) return;
    track.spans.back().to = at;
    if (track.spans.back().from == at) track.spans.pop_back();
  }

  const Rehearsal& rehearsal_;
  const Model& model_;
  std::map<PodIndex, PodTrack> tracks_;
};

PodTrack& TrackBuilder::track_of(PodIndex pod) {
  const auto [it, is_new] = tracks_.try_emplace(pod);
  PodTrack& track = it->second;
  if (!is_new) return track;
  track.pod = pod;
  if (pod.value() >= model_.pods.size()) return track;
  const ModelPod& before = model_.pods[pod.value()];
  track.spans.push_back({.to = rehearsal_.end, .state = initial_state(before.state)});
  if (before.node != kNone) track.spans.back().node = NodeIndex(before.node);
  return track;
}

std::vector<PodTrack> TrackBuilder::finish() {
  std::vector<std::pair<std::tuple<std::string, std::string, PodIndex>, PodTrack>> named;
  for (auto& [index, track] : tracks_) {
    RehearsedPod pod = rehearsal_.pod(index);
    named.emplace_back(std::tuple(std::move(pod.workload), std::move(pod.name), index), std::move(track));
  }
  std::ranges::sort(
      named, {}, [](const auto& each) -> const auto& { return each.first; });
  std::vector<PodTrack> tracks;
  for (auto& [name, track] : named) tracks.push_back(std::move(track));
  return tracks;
}

}  // namespace

std::vector<PodTrack> compute_tracks(const Rehearsal& rehearsal) {
  TrackBuilder builder(rehearsal);
  for (const Event& event : rehearsal.events) builder.take(event);
  return builder.finish();
}

}  // namespace gantry::disruption

// The names of what comes out of a rehearsal, as reports and JSON spell them.

#include "disruption/rehearsal.h"

#include <array>
#include <utility>

namespace gantry::disruption {

namespace {

constexpr std::array<std::string_view, 20> kEvents = {
    "cordoned",      "uncordoned",    "drained",   "refused",    "stuck",    "node-lost", "node-removed",
    "node-joined",   "evict-refused", "evicted",   "deleted",    "pod-lost", "pod-gone",  "pod-created",
    "pod-scheduled", "pod-unplaced",  "pod-ready", "pod-useful", "below",    "restored"};
constexpr std::array<std::string_view, 9> kObstacles = {"cordoned",       "lost", "node selector", "taint",
                                                        "volume",         "room", "pod affinity",  "pod anti-affinity",
                                                        "topology spread"};
constexpr std::array<std::string_view, 8> kVerdicts = {"clean",  "slow",        "unsafe-flags", "degraded",
                                                       "outage", "quorum-lost", "refused",      "stuck"};
constexpr std::array<std::string_view, 7> kTrackStates = {"pending", "starting",    "ready", "useful",
                                                          "unready", "terminating", "lost"};
static_assert(kEvents.size() == std::size_t{std::to_underlying(EventKind::restored)} + 1);
static_assert(kObstacles.size() == std::size_t{std::to_underlying(ObstacleKind::spread)} + 1);
static_assert(kVerdicts.size() == std::size_t{std::to_underlying(Verdict::stuck)} + 1);
static_assert(kTrackStates.size() == std::size_t{std::to_underlying(TrackState::lost)} + 1);

}  // namespace

std::string_view to_string(EventKind kind) { return kEvents.at(std::to_underlying(kind)); }
std::string_view to_string(ObstacleKind kind) { return kObstacles.at(std::to_underlying(kind)); }
std::string_view to_string(Verdict verdict) { return kVerdicts.at(std::to_underlying(verdict)); }
std::string_view to_string(TrackState state) { return kTrackStates.at(std::to_underlying(state)); }

}  // namespace gantry::disruption

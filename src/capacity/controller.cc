#include "capacity/controller.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace gantry::capacity {

using kube::ScalePolicy;
using kube::ScaleRules;

namespace {

// horizontal.go: without behavior, at most twice as many in one sync, but up to 4.
constexpr std::int64_t kUpFactor = 2;
constexpr std::int64_t kUpMinimum = 4;

// The controller stamps recommendations and scale events after it has looked at the older ones, a moment after the sync began:
// at a sync that is exactly one period later they are still inside the period (disruption reference, §13).
constexpr Moment kStampDelay{1};

// autoscaling/v2 lets the period of a policy be half an hour at most: older scale events decide nothing.
constexpr Moment kPeriodMax{1'800'000};

constexpr std::array<std::string_view, 11> kLimitNames = {
    "none",    "disabled",  "above-max", "below-min", "metrics-failed", "up-stabilized", "down-stabilized",
    "up-rate", "down-rate", "too-many",  "too-few"};

Tolerances tolerances_of(const kube::HorizontalPodAutoscaler& autoscaler, const ControllerOptions& options) {
  Tolerances tolerances{options.tolerance, options.tolerance};
  // A field of releases that have the gate for it; others drop it.
  if (options.release == ControllerRelease::older || !autoscaler.behavior_written) return tolerances;
  if (autoscaler.scale_up.tolerance) tolerances.up = autoscaler.scale_up.tolerance->as_double();
  if (autoscaler.scale_down.tolerance) tolerances.down = autoscaler.scale_down.tolerance->as_double();
  return tolerances;
}

}  // namespace

std::string_view to_string(Limit limit) { return kLimitNames.at(static_cast<std::size_t>(limit)); }

Controller::Controller(kube::HorizontalPodAutoscaler autoscaler,
                       std::vector<std::optional<std::int64_t>> requests_milli, const ControllerOptions& options)
    : autoscaler_(std::move(autoscaler)),
      requests_milli_(std::move(requests_milli)),
      options_(options),
      calculator_{
          .release = options.release, .tolerances = tolerances_of(autoscaler_, options), .times = options.times},
      up_window_(autoscaler_.scale_up.stabilization_window.value_or(std::chrono::seconds(0))),
      down_window_(autoscaler_.scale_down.stabilization_window
                       ? std::chrono::milliseconds(*autoscaler_.scale_down.stabilization_window)
                       : options.downscale_stabilization) {
  requests_milli_.resize(autoscaler_.metrics.size());
}

// reconcileAutoscaler.
Decision Controller::sync(Moment now, std::int64_t current, const Observation& observation) {
  // recordInitialRecommendation: a controller that has just started recommends what it finds.
  if (!std::exchange(has_synced_, true)) recommendations_.push_back({now, current});
  const std::int64_t min = autoscaler_.min_replicas;
  const std::int64_t max = autoscaler_.max_replicas;
  Decision decision{.desired = current, .recommendation = {}, .limit = Limit::none, .proposals = {}};
  if (current == 0 && min != 0) {
    decision.limit = Limit::disabled;
  } else if (current > max) {
    decision.desired = max;
    decision.limit = Limit::above_max;
  } else if (current < min) {
    decision.desired = min;
    decision.limit = Limit::below_min;
  } else {
    decision.recommendation = read_metrics(now, current, observation, decision);
    if (!decision.recommendation) {
      decision.limit = Limit::metrics_failed;
      return decision;
    }
    const Limited limited = autoscaler_.behavior_written ? normalize_by_behavior(now, current, *decision.recommendation)
                                                         : normalize_plainly(now, current, *decision.recommendation);
    decision.desired = limited.replicas;
    decision.limit = limited.limit;
  }
  remember(now, current, decision.desired);
  return decision;
}

// computeReplicasForMetrics: the largest proposal; if some metric fails, it may only go up (§12.5).
std::optional<std::int64_t> Controller::read_metrics(Moment now, std::int64_t current, const Observation& observation,
                                                     Decision& decision) const {
  std::int64_t replicas = 0;
  std::size_t failures = 0;
  for (std::size_t i = 0; i < autoscaler_.metrics.size(); ++i) {
    decision.proposals.push_back(propose(autoscaler_.metrics[i], requests_milli_[i], observation.pods,
                                         observation.readings[i], current, now, calculator_));
    const Proposal& proposal = decision.proposals.back();
    if (proposal.failure.empty()) {
      replicas = std::max(replicas, proposal.replicas);
    } else {
      ++failures;
    }
  }
  if (failures >= autoscaler_.metrics.size() || (failures > 0 && replicas < current)) return std::nullopt;
  return replicas;
}

// normalizeDesiredReplicas (§12.6).
Controller::Limited Controller::normalize_plainly(Moment now, std::int64_t current, std::int64_t desired) {
  std::int64_t highest = desired;
  const Moment cutoff = now - options_.downscale_stabilization;
  for (const Event& recommendation : recommendations_)
    if (recommendation.at >= cutoff) highest = std::max(highest, recommendation.replicas);
  recommendations_.push_back({now + kStampDelay, desired});

  const std::int64_t up_limit = std::max(kUpFactor * current, kUpMinimum);
  if (highest < autoscaler_.min_replicas) return {autoscaler_.min_replicas, Limit::too_few};
  const std::int64_t allowed = std::min(autoscaler_.max_replicas, up_limit);
  if (highest > allowed) return {allowed, autoscaler_.max_replicas > up_limit ? Limit::up_rate : Limit::too_many};
  return {highest, highest > desired ? Limit::down_stabilized : Limit::none};
}

// normalizeDesiredReplicasWithBehaviors (§12.7).
Controller::Limited Controller::normalize_by_behavior(Moment now, std::int64_t current, std::int64_t desired) {
  const std::int64_t stable = stabilize(now, current, desired);
  Limited limited = limit_rate(now, current, stable);
  if (limited.limit == Limit::none && stable < desired) limited.limit = Limit::up_stabilized;
  if (limited.limit == Limit::none && stable > desired) limited.limit = Limit::down_stabilized;
  return limited;
}

// stabilizeRecommendationWithBehaviors: as little change as every recommendation of the windows agrees to.
std::int64_t Controller::stabilize(Moment now, std::int64_t current, std::int64_t desired) {
  std::int64_t up = desired;
  std::int64_t down = desired;
  for (const Event& recommendation : recommendations_) {
    if (recommendation.at > now - up_window_) up = std::min(up, recommendation.replicas);
    if (recommendation.at > now - down_window_) down = std::max(down, recommendation.replicas);
  }
  recommendations_.push_back({now + kStampDelay, desired});
  std::int64_t stable = current;
  if (stable < up) stable = up;
  if (stable > down) stable = down;
  return stable;
}

// convertDesiredReplicasWithBehaviorRate.
Controller::Limited Controller::limit_rate(Moment now, std::int64_t current, std::int64_t desired) const {
  if (desired > current) {
    const std::int64_t bound = std::max(up_bound(now, current), current);
    const std::int64_t allowed = std::min(autoscaler_.max_replicas, bound);
    if (desired > allowed) return {allowed, autoscaler_.max_replicas > bound ? Limit::up_rate : Limit::too_many};
  } else if (desired < current) {
    const std::int64_t bound = std::min(down_bound(now, current), current);
    const std::int64_t allowed = std::max(autoscaler_.min_replicas, bound);
    if (desired < allowed) return {allowed, autoscaler_.min_replicas < bound ? Limit::down_rate : Limit::too_few};
  }
  return {desired, Limit::none};
}

// calculateScaleUpLimitWithScalingRules.
std::int64_t Controller::up_bound(Moment now, std::int64_t current) const {
  const ScaleRules& rules = autoscaler_.scale_up;
  if (rules.select == ScaleRules::Select::disabled) return current;
  const bool smallest = rules.select == ScaleRules::Select::min;
  std::int64_t bound = smallest ? kReplicasEnd : std::numeric_limits<std::int32_t>::min();
  for (const ScalePolicy& policy : rules.policies) {
    const std::int64_t start = period_start(now, current, policy.period);
    // Rounded up, so that a small percentage of a small number is still a step.
    const std::int64_t proposed =
        policy.type == ScalePolicy::Type::pods
            ? start + policy.value
            : static_cast<std::int64_t>(
                  std::ceil(static_cast<double>(start) * (1 + static_cast<double>(policy.value) / 100)));
    bound = smallest ? std::min(bound, proposed) : std::max(bound, proposed);
  }
  return bound;
}

// calculateScaleDownLimitWithBehaviors.
std::int64_t Controller::down_bound(Moment now, std::int64_t current) const {
  const ScaleRules& rules = autoscaler_.scale_down;
  if (rules.select == ScaleRules::Select::disabled) return current;
  const bool smallest = rules.select == ScaleRules::Select::min;  // the smallest change is the highest bound
  std::int64_t bound = smallest ? std::numeric_limits<std::int32_t>::min() : kReplicasEnd;
  for (const ScalePolicy& policy : rules.policies) {
    const std::int64_t start = period_start(now, current, policy.period);
    const std::int64_t proposed =
        policy.type == ScalePolicy::Type::pods
            ? start - policy.value
            : static_cast<std::int64_t>(static_cast<double>(start) * (1 - static_cast<double>(policy.value) / 100));
    bound = smallest ? std::max(bound, proposed) : std::min(bound, proposed);
  }
  return bound;
}

// How many there were when the period began.
std::int64_t Controller::period_start(Moment now, std::int64_t current, std::chrono::milliseconds period) const {
  std::int64_t start = current;
  for (const Event& event : added_)
    if (event.at > now - period) start -= event.replicas;
  for (const Event& event : removed_)
    if (event.at > now - period) start += event.replicas;
  return start;
}

void Controller::remember(Moment now, std::int64_t current, std::int64_t desired) {
  // storeScaleEvent keeps events only where they will be used.
  if (autoscaler_.behavior_written && desired > current) added_.push_back({now + kStampDelay, desired - current});
  if (autoscaler_.behavior_written && desired < current) removed_.push_back({now + kStampDelay, current - desired});
  const Moment horizon = now - std::max({up_window_, down_window_, options_.downscale_stabilization});
  while (!recommendations_.empty() && recommendations_.front().at < horizon) recommendations_.pop_front();
  for (std::deque<Event>* events : {&added_, &removed_})
    while (!events->empty() && events->front().at < now - kPeriodMax) events->pop_front();
}

}  // namespace gantry::capacity

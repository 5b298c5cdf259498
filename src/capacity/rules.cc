#include "capacity/rules.h"

#include <algorithm>
#include <utility>

namespace gantry::capacity {

using base::Rule;
using base::Severity;

namespace {

// Sections in brackets: the disruption reference.
constexpr Rule kRules[] = {
    // ---- What a load test is worth [§14.1]
    {"capacity.baseline-closed-loop", Severity::medium,
     "A closed loop waits for each answer: its throughput was set by the script, and is a lower bound of the capacity, "
     "nothing more [14.1]."},
    {"capacity.baseline-dropped", Severity::medium,
     "Iterations that were dropped were not sent: the service was offered less than the script says [14.1]."},
    {"capacity.baseline-errors", Severity::high, "Answers that failed are no capacity [14.1]."},
    {"capacity.baseline-inconsistent", Severity::medium,
     "Requests, duration and rate of one run belong together; where they disagree one of them is of another run."},
    {"capacity.baseline-no-cpu", Severity::medium,
     "Without CPU per replica at the measured rate no request, limit or autoscaler can be derived [14.1]."},
    {"capacity.baseline-percentile", Severity::medium,
     "A percentile that the criterion names and the raw output lacks was not measured; k6 leaves out p(99) and p(50) "
     "unless summaryTrendStats asks for them [14.1]."},
    {"capacity.baseline-rate-not-demanded", Severity::low,
     "Without a threshold on the rate, or an arrival rate without dropped iterations, a slower run passes as well "
     "[14.1]."},
    {"capacity.baseline-short", Severity::low,
     "Collectors, caches and autoscaling need half an hour to settle, leaks need hours [14.1]."},
    {"capacity.baseline-threshold-empty", Severity::high,
     "A threshold whose metric has no sample passes in k6 and has decided nothing [14.1]."},
    {"capacity.baseline-threshold-failed", Severity::high, "The test itself says that it failed."},

    // ---- A workload against the target [§14.4, §15]
    {"capacity.cpu-limit-below-burst", Severity::medium,
     "A limit below what a burst needs throttles: p99 rises while the mean CPU is low [15]."},
    {"capacity.cpu-request-high", Severity::medium,
     "Below half of the request is used at the safe rate: it is paid and idle [14.4]."},
    {"capacity.cpu-request-low", Severity::high,
     "At the safe rate a pod uses more than the wished share of its request: nodes are filled beyond what they have, "
     "and "
     "the autoscaler multiplies replicas at trivial load [14.4, 15]."},
    {"capacity.cpu-request-missing", Severity::high,
     "Without a request for CPU the scheduler reserves nothing, and an autoscaler on its utilization cannot work "
     "[14.4]."},
    {"capacity.drain-below-load", Severity::high,
     "What the budget lets a drain take at minReplicas is missing for the load of that time [14.4]."},
    {"capacity.extrapolated", Severity::medium,
     "More replicas than were measured are assumed to serve as much each: what they share (a database, a broker, a "
     "gateway's limit) was not asked for that [15]."},
    {"capacity.memory-limit-missing", Severity::medium,
     "Memory cannot be compressed: without a limit one leak takes the node with it [14.3]."},
    {"capacity.memory-request-low", Severity::high,
     "A pod that needs more than it requests is the first to be killed [14.3]."},
    {"capacity.no-good-rate", Severity::high, "The lowest rate that was measured breaks a criterion already."},
    {"capacity.replicas-below-minimum", Severity::high,
     "What arrives before scaling can react is more than the remaining replicas serve when a zone is lost [14.3]."},
    {"capacity.replicas-below-peak", Severity::high,
     "Even with every replica that is allowed, the planned peak is not served when a zone is lost [14.3]."},

    // ---- An autoscaler [§12, §14.4, §15]
    {"hpa.acts-after-knee", Severity::high,
     "The service is past its knee before its CPU reaches the target: it waits for something else, and the autoscaler "
     "sees nothing of it [15]."},
    {"hpa.disabled", Severity::high, "selectPolicy Disabled: the autoscaler never adds a pod [12.7]."},
    {"hpa.fixed-replicas", Severity::medium,
     "spec.replicas next to an autoscaler: each apply throws the number back in the middle of a peak [W14, 14.4]."},
    {"hpa.flaps", Severity::medium,
     "Each change costs starts, cold caches and connections, and settles nothing [14.3]."},
    {"hpa.late", Severity::high, "Requests that wait or go away are what users see of the time that scaling takes."},
    {"hpa.max-reached", Severity::medium, "At maxReplicas nothing is left for what was not foreseen [14.3]."},
    {"hpa.max-too-low", Severity::high,
     "The metrics asked for more than maxReplicas: from there on the load is not followed [14.4]."},
    {"hpa.memory-metric", Severity::medium,
     "Memory that does not fall with the load never lets the autoscaler scale down [15]."},
    {"hpa.memory-never-falls", Severity::high,
     "An idle pod is above the memory target: the autoscaler goes to maxReplicas and stays [14.4, 15]."},
    {"hpa.metric-unserved", Severity::medium,
     "A metric that nothing serves blocks every scale-down, and all scaling when it is the only one [12.5, 14.4]."},
    {"hpa.metrics-source-missing", Severity::high,
     "Without the API that serves its metrics the autoscaler never scales: metrics-server, or an adapter [14.4]."},
    {"hpa.metrics-source-unknown", Severity::info,
     "Who serves the metrics (metrics-server, an adapter) is no part of these manifests: the cluster must have it "
     "[14.4]."},
    {"hpa.request-missing", Severity::high,
     "Utilization is a share of the request; one container without it, and the metric fails for all pods [12.3]."},
    {"hpa.saturated", Severity::high, "While more comes than is served, waiting grows without bound."},
    {"hpa.sidecar-dilutes", Severity::low,
     "Utilization is that of all containers together: a sidecar that asks for much and uses little hides the busy one "
     "[15]."},
    {"hpa.slow-up-window", Severity::low, "Each second of a window for scaling up is a second of overload [14.3]."},
    {"hpa.stays-up", Severity::low, "When the load has gone the pods stay, and are paid."},
    {"hpa.target-missing", Severity::high, "The autoscaler scales nothing."},
    {"hpa.target-of-limit", Severity::low,
     "Utilization is a share of the request, not of the limit: with a limit far above it the target means something "
     "else "
     "than it seems to [15]."},
    {"hpa.target-unreachable", Severity::medium,
     "With maxReplicas at the planned peak the utilization is still above the target: the autoscaler stays at its "
     "maximum and follows nothing [14.4]."},
};

static_assert(std::ranges::is_sorted(kRules, {}, &Rule::id));

}  // namespace

std::span<const base::Rule> capacity_rules() { return kRules; }

base::Finding make_finding(std::string_view rule, std::string object, base::SourcePos where, std::string message,
                           std::string fix) {
  return base::make_finding(base::find_rule(kRules, rule), std::move(object), std::move(where), std::move(message),
                            std::move(fix));
}

}  // namespace gantry::capacity

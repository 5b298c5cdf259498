#pragma once

// What the checks of needed flows share, net.needs and net.lint: the system's reachability and the flows that its manifests say it
// needs, and the fields that tell what no manifest does.

#include "base/result.h"
#include "launch/check.h"
#include "launch/checks/system/loading.h"
#include "launch/fields.h"
#include "netpol/needs.h"
#include "netpol/reachability.h"

#include <optional>
#include <variant>

namespace gantry::launch {

inline constexpr Field kFlowsField{"flows", FieldKind::any, Need::optional,
                                   "flows that no manifest tells of: {from: NAMESPACE/WORKLOAD, to: NAMESPACE/WORKLOAD "
                                   "or an address, port: NUMBER}"};
inline constexpr Field kClusterDomainField{"cluster_domain", FieldKind::text, Need::optional,
                                           "the cluster's DNS domain; without, cluster.local"};
inline constexpr Field kIngressControllerField{"ingress_controller", FieldKind::label_map, Need::optional,
                                               "labels of the pods that serve Ingresses and routes, where they are not "
                                               "the usual ones"};
inline constexpr Field kPrometheusField{"prometheus", FieldKind::label_map, Need::optional,
                                        "labels of the pods that scrape metrics, where they are not the usual ones"};

// Errors: input, with position, for what the fields say wrongly.
base::Result<netpol::NeedOptions> read_need_options(const base::Node& block);
// Ranges of `pod_ranges`. Errors: input.
base::Result<netpol::AnalysisOptions> read_analysis_options(const base::Node& block);
// Both of them and the network plugin, for CheckType::validate.
base::Result<void> validate_need_fields(const base::Node& block);

struct NeededFlows {
  kube::Snapshot snapshot;
  netpol::Reachability reach;
  netpol::Needs needs;
};
// Exactly one of them.
using NeededFlowsOrProblem = std::variant<NeededFlows, base::Finding>;

// Of the whole system. Errors: those of loading and analysing; input, with the nearest right name, for a stated flow of somebody
// who is not there, and when there is nobody at all.
base::Result<NeededFlowsOrProblem> load_needed_flows(CheckContext& context, const netpol::AnalysisOptions& options);

}  // namespace gantry::launch

#pragma once

// What the checks of claims about reachability share: net.only, net.never, net.must, net.isolated.

#include "base/result.h"
#include "launch/check.h"
#include "launch/fields.h"
#include "netpol/claims.h"

namespace gantry::launch {

inline constexpr Field kDestinationField{"destination", FieldKind::any, Need::required,
                                         "the pods that the claim is about: {namespace: NAME, pods: {LABEL: VALUE}}, "
                                         "NAMESPACE/WORKLOAD, or a range of addresses"};
inline constexpr Field kPortsField{
    "ports", FieldKind::any, Need::optional,
    "container ports: numbers or names, with /UDP or /SCTP behind where it is not TCP; without, every port"};
inline constexpr Field kSourcesField{"sources", FieldKind::any, Need::required,
                                     "who: {namespaces: {LABEL: VALUE}, pods: {LABEL: VALUE}}, NAMESPACE/WORKLOAD, or "
                                     "{cidr: RANGE}"};
inline constexpr Field kPodRangesField{"pod_ranges", FieldKind::any, Need::optional,
                                       "the ranges that pods get their addresses from"};
inline constexpr Field kWorldField{"world", FieldKind::text, Need::optional,
                                   "closed: who is there; open: whoever could come, too. Without, who is there decides "
                                   "and who could come is told"};

// Reads the claim of the block and judges it against the whole system.
base::Result<CheckOutcome> run_claim(CheckContext& context, netpol::ClaimKind kind);

}  // namespace gantry::launch

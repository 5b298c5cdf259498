#pragma once

// What the checks of claims about reachability share: net.only, net.never, net.must, net.isolated; and those
// of claims about two policy sets: net.equal, net.contained.

#include "base/result.h"
#include "launch/check.h"
#include "launch/fields.h"
#include "launch/network_fields.h"
#include "netpol/claims.h"

#include <array>
#include <string_view>

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
inline constexpr Field kPoliciesField{"policies", FieldKind::path, Need::optional,
                                      "the policies that it is about: a file or folder; without, those of the whole "
                                      "system"};
inline constexpr std::array<std::string_view, 2> kWorldWords = {"closed", "open"};
inline constexpr Field kWorldField{"world", FieldKind::word, Need::optional,
                                   "closed: who is there; open: whoever could come, too. Without, who is there decides "
                                   "and who could come is told",
                                   kWorldWords};

// Whether the block can be read as a claim: a party, port or range that is none is refused where the plan is bound. Whom it names is
// looked up when it is judged.
template <netpol::ClaimKind kind>
base::Result<void> validate_claim(const base::Node& block) {
  TRY(netpol::parse_claim(block, kind));
  return {};
}

// Reads the claim of the block and judges it against the whole system.
base::Result<CheckOutcome> run_claim(CheckContext& context, netpol::ClaimKind kind);
// The same for a claim about two policy sets.
base::Result<CheckOutcome> run_sets(CheckContext& context, netpol::ClaimKind kind);

}  // namespace gantry::launch

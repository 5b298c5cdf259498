#pragma once

// What a claim is about, in one system: whom its parties mean and which ports. What it names must be there: a claim about nothing
// always holds, so a typo in it would be the quietest way to a proof.

#include "base/result.h"
#include "netpol/claims.h"
#include "netpol/reachability.h"
#include "netpol/stranger.h"

#include <string>
#include <vector>

namespace gantry::netpol {

// `certain` is a subset of `possible`: labels of a namespace that nobody defines, or a pod's address, may decide.
struct PartySet {
  EndpointSet certain;
  EndpointSet possible;
};
PartySet members(const Party& party, const Reachability& reach);

// One destination, and the numbers of the claim's ports on it. Of a claim that somebody's egress is isolated, the source, and the
// ports of whomever it would reach.
struct Target {
  EndpointId endpoint;
  PortSet ports;
};

struct ClaimScope {
  std::vector<Target> targets;
  PartySet sources;
  PartySet needed;
};

// Errors: input, at the party or port that means nothing, with the nearest name; a needed source that is not among the sources.
base::Result<ClaimScope> resolve(const Claim& claim, const Reachability& reach);

// The parties as conditions on a stranger. A workload is whoever its controller would adopt: that its selector matches. Ranges say
// nothing about a pod that has no address yet.
std::vector<Wish> wishes_of(const std::vector<Party>& parties, const Reachability& reach);
std::vector<kube::Cidr> ranges_of(const std::vector<Party>& parties);

// "Deployment shop/web", "Pod shop/debug", "203.0.113.0/24".
std::string owner_name(EndpointId endpoint, const Reachability& reach);
base::SourcePos owner_place(EndpointId endpoint, const Reachability& reach);

}  // namespace gantry::netpol

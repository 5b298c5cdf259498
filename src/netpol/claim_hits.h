#pragma once

// Flows that a claim forbids, target by target (only, never, isolated), and which of them are excused.

#include "netpol/claim_judge.h"

#include <functional>
#include <vector>

namespace gantry::netpol {

// A flow that must not be.
struct Hit {
  EndpointId source;
  EndpointId destination;
  PortSet ports;
  Access access = Access::yes;
  kube::IpFamily family = kube::IpFamily::v4;
};
// On the first of its ports.
Flow one_flow(const Hit& hit);

// Its other end, as the target sees it.
struct Met {
  EndpointId other;
  Access access = Access::yes;
  kube::IpFamily family = kube::IpFamily::v4;
};
Hit make_hit(const ClaimView& view, const Target& target, const Met& met, const PortSet& ports);

// Of every opening of the claim's ports: whether its flows shall be visited.
using See = std::function<bool(const Opening&)>;
// Of every flow that must not be, with its ports: whether to go on.
using Visit = std::function<bool(const Met&, const PortSet&)>;
void each_hit(const ClaimView& view, const Target& target, const See& see, const Visit& visit);
// The same without a look at who may: of claims that forbid a few, only these are asked about.
void each_hit(const ClaimView& view, const Target& target, const Visit& visit);

// A pod to its own address: no policy can forbid it (§7).
bool is_loopback(const Endpoint& endpoint, EndpointId a, EndpointId b);
// Whether it is the pod's own node, which no policy can part from it (§7), unless the claim asks for just that.
bool is_own_node(const ClaimView& view, const SideExplanation& side);
// Whether a rule lets in addresses only that the claim names, of which `claimed` are the ranges.
bool is_claimed(const ClaimView& view, const std::vector<kube::Cidr>& claimed, const RulePlace& place);
// Whether only addresses let it in, and the claim names them; or its own node does.
bool is_excused(const ClaimView& view, const std::vector<kube::Cidr>& claimed, const Hit& hit);

}  // namespace gantry::netpol

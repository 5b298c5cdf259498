#pragma once

// The parts of judging a claim about reachability, each a pass over the same flows. net_only.cc has them in order.

#include "base/finding.h"
#include "base/result.h"
#include "launch/checks/reach/claim.h"
#include "launch/checks/reach/reachability.h"

#include <cstddef>
#include <string>
#include <vector>

namespace gantry::launch {

// Whether each pod class reaches each target.
class FlowTable {
 public:
  // 3 million flows take a few seconds; a claim that needs more should name fewer destinations.
  static constexpr std::size_t kFlowsMax = 3'000'000;

  // Errors: input, when there are more flows than that.
  static base::Result<FlowTable> compute(const Claim& claim, const Reachability& reach,
                                         const std::vector<Target>& targets);

  Access at(std::size_t target, std::size_t source) const { return access_[target * sources_ + source]; }
  // Not a flow that a policy could forbid: a pod to its own address.
  static bool is_loopback(const Reachability& reach, const Target& target, std::size_t source) {
    return target.destination == source && !reach.classes()[source].has_replicas();
  }
  std::size_t size() const { return access_.size(); }

 private:
  std::size_t sources_ = 0;
  std::vector<Access> access_;
};

// What the passes look at; a view of values that outlive it.
struct ClaimView {
  const Claim& claim;
  const Reachability& reach;
  const std::vector<Target>& targets;
  const FlowTable& flows;

  const PodClass& destination(const Target& target) const { return reach.classes()[target.destination]; }
};

// Pods outside the claim that reach a target: net.only-violated, net.only-depends, net.only-host-network.
void judge_pods(const ClaimView& view, std::vector<base::Finding>& findings);
// Addresses outside the claim that reach a target; targets that are not isolated at all: net.only-violated.
void judge_addresses(const ClaimView& view, std::vector<base::Finding>& findings);
// Pods and namespaces to come: net.only-open-world. Errors: input, for a claim that takes too long.
base::Result<void> judge_strangers(const ClaimView& view, std::vector<base::Finding>& findings);

struct NeededCounts {
  std::size_t open = 0;
  std::size_t blocked = 0;
};
// Needed sources that do not get through: net.needed-blocked, net.needed-depends.
NeededCounts judge_needed(const ClaimView& view, std::vector<base::Finding>& findings);

// Who reaches what, as a table of text.
std::string render_matrix(const ClaimView& view);

// "4222/TCP, 6222/TCP"
std::string join_ports(const std::vector<FlowPort>& ports);

}  // namespace gantry::launch

#pragma once

// The parts of judging a claim, each a pass over the same flows. claims.cc has them in order.

#include "base/finding.h"
#include "netpol/claim_scope.h"
#include "netpol/claims.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// What the passes look at; a view of values that outlive it.
struct ClaimView {
  const Claim& claim;
  const Reachability& reach;
  const ClaimScope& scope;

  // Whose rules the claim is about: of the destinations, save where it is somebody's egress that is isolated.
  kube::Direction side() const {
    return claim.kind == ClaimKind::isolated ? claim.direction : kube::Direction::ingress;
  }
  std::string owner(EndpointId endpoint) const { return owner_name(endpoint, reach); }
};

// What they have come to.
struct ClaimDraft {
  ClaimResult result;
  bool refuted = false;
  bool depends = false;
  std::set<EndpointId> open_targets;  // that nothing isolates, which is said once for everybody
  std::set<std::string> places;       // rules that let somebody in who is there: that others might follow is no news

  void add(Counterexample counterexample);
  // With another answer to the topic, the claim is judged otherwise: net.claim-profile.
  void add_topic(ProfileTopic topic, const Claim& claim);
  ClaimVerdict verdict() const;
};

// What is asked of those who could come: that nobody gets in who must not, or that nobody is stopped who must get in.
enum class Concern : std::uint8_t { openings, needs };
std::vector<Concern> concerns_of(const Claim& claim);
// "only-violated"; of those who are `needed`, "needed-blocked".
std::string rule_of(const Claim& claim, Concern concern, std::string_view what);

// Those who are there and reach a target though they must not (only, never, isolated): net.KIND-violated, net.KIND-depends,
// net.KIND-host-network.
void judge_openings(const ClaimView& view, ClaimDraft& draft);
// Those who must reach a target and do not (must, and who is `needed` of only): net.must-blocked, net.needed-blocked, ….
void judge_blocked(const ClaimView& view, ClaimDraft& draft);
// What the two passes above come to, without the words: for whoever asks under many profiles.
ClaimVerdict verdict_on_openings(const ClaimView& view);
ClaimVerdict verdict_on_blocked(const ClaimView& view);
// Those who could come: net.KIND-open-world, net.needed-open-world. Errors: input, for too many cases.
base::Result<void> judge_strangers(const ClaimView& view, Concern concern, ClaimDraft& draft);
// Destinations that could come, in the open world: net.KIND-open-world, and -depends. What they are refuted by is one of them at most,
// and only what is not refuted yet is looked at. Errors: input, for too many cases.
base::Result<void> judge_newcomers(const ClaimView& view, ClaimDraft& draft);

// That have pods.
std::size_t count_workloads(const Reachability& reach);

// A finding of the table of rules, with its severity and explanation; `rule` without "net.": "only-violated".
base::Finding make_claim_finding(std::string_view rule, std::string object, base::SourcePos where, std::string message,
                                 std::string fix);
// "only-violated"
std::string rule_of(ClaimKind kind, std::string_view what);

// "a, b and others"
std::string list_names(const std::set<std::string>& names);
// The policies of the places: "NetworkPolicy shop/deny-all, NetworkPolicy shop/web".
std::string name_policies(const std::vector<RulePlace>& places);

}  // namespace gantry::netpol

#pragma once

// Who may open which ports of whom, under NetworkPolicies and the administrator's tiers (network policy reference, §1
// to §12).
//
//   const Reachability reach = TRY(analyse(snapshot, {}));
//   const Verdict verdict = reach.decide({.source = a, .destination = b, .protocol = Protocol::tcp, .port = Port{4222}});
//   if (verdict.access != Access::no) …
//   const Explanation why = reach.explain(flow);             // which rules admit, or what each isolating policy lacked
//   for (const Opening& o : reach.sources_of(b)) …           // everyone who reaches b, in rectangles of ports and sources

#include "base/result.h"
#include "base/source.h"
#include "kube/admin_policy.h"
#include "kube/network.h"
#include "kube/snapshot.h"
#include "netpol/endpoint_set.h"
#include "netpol/endpoints.h"
#include "netpol/port_set.h"
#include "netpol/profile.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// `depends`: on what the input does not say (the address of a pod, a label of a namespace that nobody defines), or on
// the order of two policies of equal priority. Ordered.
enum class Access : std::uint8_t { no, depends, yes };
std::string_view to_string(Access access);  // "no", "depends", "yes"

// A container port, as a number: names are looked up on the destination. The source's port never matters.
struct Flow {
  EndpointId source;
  EndpointId destination;
  kube::Protocol protocol = kube::Protocol::tcp;
  kube::Port port{1};
  kube::IpFamily family = kube::IpFamily::v4;
};

// Which tier had the last word at one side of a flow.
enum class DecidedBy : std::uint8_t {
  not_policed,  // no pod, or a hostNetwork pod: policies do not hold
  own_node,     // the other end is the pod's own node, which no policy keeps out
  admin,        // AdminNetworkPolicy or ClusterNetworkPolicy of the Admin tier
  network_policy,
  baseline,
  nothing,  // no policy applies: allowed
};
std::string_view to_string(DecidedBy decided);

// One rule, peer and port of one policy, by place. What is absent was not looked at, or is not there (a rule for
// everybody).
struct RulePlace {
  kube::ObjectId policy;
  kube::Direction direction = kube::Direction::ingress;
  std::optional<std::size_t> rule;
  std::optional<std::size_t> peer;
  std::optional<std::size_t> port;
  base::SourcePos where;
  friend bool operator==(const RulePlace&, const RulePlace&) = default;
};
std::string to_string(const RulePlace& place);  // "NetworkPolicy shop/allow-web ingress[0].from[1].ports[0]"

// Why a rule that applies at this side did not admit the flow: the one field that failed first.
enum class Missed : std::uint8_t {
  namespace_labels,
  pod_labels,
  address,
  protocol,
  port,
  port_name,
  no_rules,
  endpoint_kind
};
std::string_view to_string(Missed missed);  // "namespace labels", …

struct Refusal {
  RulePlace place;  // without a rule: the policy has none in this direction
  Missed missed = Missed::no_rules;
  std::size_t failed_count = 0;  // fields that fail: the fewer, the nearer
  std::string message;           // "namespace kgents-triad has kgents.io/tier=database, not gateway"
};

struct SideExplanation {
  kube::Direction direction = kube::Direction::ingress;
  Access access = Access::yes;
  DecidedBy decided_by = DecidedBy::nothing;
  std::vector<RulePlace> admitting;  // every rule that admits, certainly or perhaps: all must go to close the flow
  std::vector<RulePlace> denying;    // the administrator's rule that denied
  std::vector<Refusal> refusals;     // of each isolating policy, its nearest rule; nearest first
};

struct Explanation {
  Access access = Access::yes;
  SideExplanation egress;   // at the source
  SideExplanation ingress;  // at the destination
  // Topics of the profile whose other answer would change the verdict; empty: the same everywhere.
  std::vector<ProfileTopic> depends_on;
  // A sentence for people: "allowed: …", "denied at the destination: …".
  std::string sentence;
};

struct Verdict {
  Access access = Access::yes;
  std::vector<ProfileTopic> depends_on;  // as in Explanation
};

// A rectangle of flows to one destination: all of `ports` are open for all of `certain`; for those in `possible` and
// not in `certain` it depends. `certain` is a subset of `possible`.
struct Opening {
  PortSet ports;
  EndpointSet certain;
  EndpointSet possible;
};

struct SelectingPolicy {
  const kube::NetworkPolicy* policy = nullptr;  // of the snapshot
  bool is_certain = true;
  friend bool operator==(const SelectingPolicy&, const SelectingPolicy&) = default;
};

struct AnalysisOptions {
  EndpointOptions endpoints;
  Profile profile;
  // Judge as if these policies were not there: rejected objects, for the other of the two worlds (§10).
  bool without_rejected = true;
};

// What an analysis cost and what it distinguished.
struct AnalysisCounts {
  std::size_t pods = 0;
  std::size_t pod_classes = 0;
  std::size_t regions = 0;
  std::size_t policies = 0;
  std::size_t selectors = 0;       // different ones
  std::size_t subject_groups = 0;  // groups of classes that the same policies apply to
};

// Immutable; copies share everything. Several threads may ask at once.
class Reachability {
 public:
  const kube::Snapshot& snapshot() const;
  const Endpoints& endpoints() const;
  const AnalysisOptions& options() const;
  const AnalysisCounts& counts() const;

  // One flow. `depends_on` costs an evaluation for each topic that the input touches.
  Verdict decide(const Flow& flow) const;
  // Only the access, under the profile of the options: cheap, for inner loops.
  Access access(const Flow& flow) const;
  Explanation explain(const Flow& flow) const;
  // One side of it, under the profile of the options only.
  SideExplanation explain_side(const Flow& flow, kube::Direction direction) const;

  // Everyone who reaches the destination: disjoint port sets, each with its sources; ports that nobody reaches are left
  // out. A class's flows to itself are included when it can have two pods. A destination that is a region answers for
  // its egress side.
  std::vector<Opening> sources_of(EndpointId destination, kube::IpFamily family = kube::IpFamily::v4) const;
  // The same for the other end: `certain` and `possible` are destinations.
  std::vector<Opening> destinations_of(EndpointId source, kube::IpFamily family = kube::IpFamily::v4) const;
  // Both of some ports only, and of openings that reach beyond them the part within: where rules tell thousands of ports
  // apart, the others cost next to nothing.
  std::vector<Opening> sources_of(EndpointId destination, kube::IpFamily family, const PortSet& among) const;
  std::vector<Opening> destinations_of(EndpointId source, kube::IpFamily family, const PortSet& among) const;
  // Of sources too only some: whoever asks about few pays for few.
  std::vector<Opening> sources_of(EndpointId destination, kube::IpFamily family, const PortSet& among,
                                  const EndpointSet& peers) const;

  // The policies that apply to a class in a direction, certainly or perhaps, in the snapshot's order.
  std::vector<SelectingPolicy> selecting(EndpointId endpoint, kube::Direction direction) const;
  // Those that isolate it: the certain ones.
  std::vector<const kube::NetworkPolicy*> isolating(EndpointId endpoint, kube::Direction direction) const;
  // Which classes a policy selects, those that it only may select too.
  // Linear in the policies: for a few questions.
  EndpointSet selected_by(const kube::NetworkPolicy& policy) const;

  // The numbers that a port reference means on a destination: itself, or every container port of that name.
  PortSet resolve(EndpointId destination, kube::Protocol protocol, const kube::PortRef& port) const;

  // Topics on which some verdict could turn, given this input; `decide` says for a flow which do.
  std::span<const ProfileTopic> topics() const;
  // The same snapshot under another profile. Endpoint ids are the same. Where one answer differs the result is kept:
  // asking again costs nothing.
  Reachability with_profile(const Profile& profile) const;

  // The same after one NetworkPolicy has changed: added or replaced, and taken away. Only the endpoints that it selects
  // are looked at again, so this is much cheaper than an analysis of the changed snapshot, which `snapshot()` then is.
  // Endpoint ids are the same, unless the policy asks for a label key, port name or range that nobody asked for before:
  // then classes may split, and everything is analysed again.
  Reachability with_policy(const kube::NetworkPolicy& policy) const;
  Reachability without_policy(const kube::ObjectId& policy) const;

  struct Impl;
  explicit Reachability(std::shared_ptr<const Impl> impl);

 private:
  Reachability changed(kube::Snapshot after, const kube::ObjectId& policy) const;
  std::vector<Opening> joined(kube::Direction direction, EndpointId at, kube::IpFamily family, const PortSet& among,
                              const EndpointSet* peers) const;

  std::shared_ptr<const Impl> impl_;
};

// The whole analysis. Errors: input, when the snapshot is beyond a limit; a stop that was asked for.
base::Result<Reachability> analyse(const kube::Snapshot& snapshot, const AnalysisOptions& options = {},
                                   std::stop_token stop = {});

// Objects of other makers' policies that the verdicts ignore, one finding for each kind (net.other-policies).
std::vector<base::Finding> report_other_policies(const kube::Snapshot& snapshot);
// Those, and one for each policy that the API server would refuse (NP038): for whoever does not lint, which tells of them too.
std::vector<base::Finding> report_unjudged(const kube::Snapshot& snapshot);

}  // namespace gantry::netpol

#pragma once

// Who reaches whom, under NetworkPolicies alone (network policy reference, §2 to §6): one flow at a time, read straight from the
// rules, with the rules that decided it.
//
//   const Reachability reach(snapshot, classes, {});
//   const Flow flow = reach.decide({.source = 3, .destination = 0, .port = {Protocol::tcp, Port{4222}}});
//   if (flow.access() == Access::yes) …   // flow.ingress.openings say which rules let it in
//
// Not judged here: the administrator's policies, and policies of other makers. Who has such must ask for them first.

#include "base/source.h"
#include "kube/snapshot.h"
#include "launch/checks/system/pod_classes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::launch {

// `depends`: on what manifests do not say (the address of a pod, a label of a namespace that nobody defines). Ordered.
enum class Access : std::uint8_t { no, depends, yes };

// A container port, as a number: names have been looked up on the destination.
struct FlowPort {
  kube::Protocol protocol = kube::Protocol::tcp;
  kube::Port number;
  friend auto operator<=>(const FlowPort&, const FlowPort&) = default;
};
std::string to_string(const FlowPort& port);  // "4222/TCP"

// One peer of one rule; without a peer, a rule for everybody.
struct RulePlace {
  const kube::NetworkPolicy* policy = nullptr;
  kube::Direction direction = kube::Direction::ingress;
  std::size_t rule = 0;
  std::optional<std::size_t> peer;

  const kube::PolicyRule& get_rule() const { return policy->rules(direction)[rule]; }
  const kube::PolicyPeer* get_peer() const { return peer ? &get_rule().peers[*peer] : nullptr; }
  const base::SourcePos& pos() const;
  friend bool operator==(const RulePlace&, const RulePlace&) = default;
};
std::string to_string(const RulePlace& place);  // "NetworkPolicy shop/allow-web ingress[0].from[1]"

// A peer that lets the flow pass.
struct Opening {
  RulePlace place;
  Access access = Access::yes;
};

// One of the two ends of a flow.
struct Side {
  Access access = Access::yes;
  std::vector<const kube::NetworkPolicy*> isolating;  // empty: not isolated, everything passes
  std::vector<Opening> openings;                      // of those policies; none: nothing passes
};

struct Flow {
  Side egress;   // at the source
  Side ingress;  // at the destination
  Access access() const { return std::min(egress.access, ingress.access); }
};

// Indices into the classes.
struct FlowQuestion {
  std::size_t source = 0;
  std::size_t destination = 0;
  FlowPort port;
};

class Reachability {
 public:
  // All must outlive this. `pod_ranges`: where pods get their addresses; without, an ipBlock says nothing certain about a pod
  // whose address nobody knows, unless it holds every address.
  Reachability(const kube::Snapshot& snapshot, const std::vector<PodClass>& classes,
               const std::vector<kube::Cidr>& pod_ranges);

  // The one thing no policy can forbid is not asked here: a pod to its own address.
  Flow decide(const FlowQuestion& question) const;

  // A source that is no pod: who holds an address of `range`, all of it or some. Only the ingress side of the destination.
  Side decide_external(const kube::Cidr& range, std::size_t destination, FlowPort port) const;

  // The policies that apply to the class in the direction, those of which it is not certain too.
  std::vector<const kube::NetworkPolicy*> isolating(kube::Direction direction, std::size_t pods) const;

  // Whether a rule's ports hold that port of the destination.
  static bool holds_port(const kube::PolicyRule& rule, const PodClass& destination, FlowPort port);
  // Whether the selectors or the address range of a peer hold pods of the class.
  Access holds_peer(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer, const PodClass& pods) const;
  Access holds_address(const kube::IpBlock& block, const PodClass& pods) const;

  const kube::Snapshot& snapshot() const { return snapshot_; }
  const std::vector<PodClass>& classes() const { return classes_; }

 private:
  struct Applying {
    const kube::NetworkPolicy* policy = nullptr;
    kube::Match match = kube::Match::yes;
  };
  // What a rule is asked about: pods or a range at the other end.
  struct Peer {
    const PodClass* pods = nullptr;
    const kube::Cidr* range = nullptr;
  };

  const std::vector<Applying>& applying(kube::Direction direction, std::size_t pods) const;
  Side judge(kube::Direction direction, std::size_t subject, const Peer& peer, const PodClass& destination,
             FlowPort port) const;
  Access open(const kube::NetworkPolicy& policy, kube::Direction direction, const Peer& peer,
              const PodClass& destination, FlowPort port, std::vector<Opening>& openings) const;
  Access holds(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer, const Peer& other) const;

  const kube::Snapshot& snapshot_;
  const std::vector<PodClass>& classes_;
  const std::vector<kube::Cidr>& pod_ranges_;
  std::array<std::vector<std::vector<Applying>>, 2> applying_;  // by direction and class
};

// What is known of the labels of a namespace; for one that the snapshot does not know, only its name.
kube::LabelKnowledge namespace_labels(const kube::Snapshot& snapshot, std::string_view name);

}  // namespace gantry::launch

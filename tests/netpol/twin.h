#pragma once

// The stupid twin of the reachability engine: one packet at a time, straight from the network policy reference (§1 to
// §9 and §12), with brute force and no cleverness. It shares no code with the engine, so that it can't share its
// mistakes.
//
//   const TwinWorld world = make_twin_world(snapshot, {}, {});
//   judge(world, {.source = {.pod = &world.pods[0]}, .destination = {.pod = &world.pods[1]}, .port = Port{80}}).access
//
// It knows three answers. Two of its functions bound what an honest engine may say where the input leaves something
// open:
//
//   complete()   fills in what is not known, in every way, and judges each of these worlds: what can be known at most
//   judge()      takes every question that is open (does this selector match?) for open by itself: what must be known
//
// Where nothing is open, the two are the same, and are the verdict.

#include "kube/snapshot.h"
#include "netpol/profile.h"
#include "netpol/reachability.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::netpol {

struct TwinNode {
  std::string name;
  bool defined = false;  // by an object; else a pod says that it runs there
  kube::LabelKnowledge labels;
  std::vector<kube::IpAddress> addresses;
};

struct TwinPod {
  std::string name_space;
  std::string name;
  kube::LabelKnowledge labels;
  kube::LabelKnowledge namespace_labels;
  std::shared_ptr<const kube::PodSpec> spec;  // null: no containers that anybody knows
  bool host_network = false;
  // The addresses that it may have. One of a family: that is it. None of a family: it has none.
  std::vector<kube::IpAddress> addresses;
  // The node that it runs on, as an index into the world's. Absent: it is not placed yet, or nobody knows where.
  std::optional<std::size_t> node;
};

struct TwinWorld {
  std::vector<const kube::NetworkPolicy*> policies;
  // By priority. Those of equal priority stand in the order that this world gives them, when `order_is_known`.
  std::vector<const kube::AdminPolicy*> admin_policies;
  bool order_is_known = false;
  std::vector<TwinPod> pods;  // the snapshot's, in its order; then the hypothetical ones
  std::vector<TwinNode> nodes;
  std::vector<kube::Cidr> node_ranges;
  std::vector<kube::Cidr> inner_ranges;  // of pods, Services and nodes, and those that no network routes
  // Whether a peer of domain names stands for the other end of the flow; nobody knows, unless it is here.
  std::map<const kube::AdminPeer*, bool> domains;
  // Whether pods of which nobody knows the node are on the other end's; nobody knows, unless it is here.
  std::optional<bool> own_node;
  Profile profile;
};

// A pod, or an address of none.
struct TwinEnd {
  const TwinPod* pod = nullptr;
  kube::IpAddress address;
};

struct TwinFlow {
  TwinEnd source;
  TwinEnd destination;
  kube::IpFamily family = kube::IpFamily::v4;
  kube::Protocol protocol = kube::Protocol::tcp;
  kube::Port port{1};
};

// One rule of one policy.
struct TwinRule {
  kube::ObjectId policy;
  std::size_t rule = 0;
  friend auto operator<=>(const TwinRule&, const TwinRule&) = default;
};

struct TwinSide {
  Access access = Access::yes;
  DecidedBy decided_by = DecidedBy::nothing;  // only meant where nothing is open
};

struct TwinAnswer {
  Access access = Access::yes;
  TwinSide egress;
  TwinSide ingress;
};

TwinWorld make_twin_world(const kube::Snapshot& snapshot, const AnalysisOptions& options);

TwinAnswer judge(const TwinWorld& world, const TwinFlow& flow);
// Nothing when there are more ways than `ways_max`.
std::optional<Access> complete(const TwinWorld& world, const TwinFlow& flow, std::size_t ways_max = 2'000);

// The NetworkPolicy rules that admit the flow at one end, certainly or perhaps.
std::vector<TwinRule> admitting_rules(const TwinWorld& world, const TwinFlow& flow, kube::Direction direction);
// Whether the policy selects the pod, in any direction; and isolates it in this one.
Access selects(const TwinWorld& world, const kube::NetworkPolicy& policy, const TwinPod& pod);
Access isolates(const TwinWorld& world, const TwinPod& pod, kube::Direction direction);
// Addresses between which every range of the snapshot and the options makes all the difference that it makes: at the
// start of each, and just behind its end.
std::vector<kube::IpAddress> telling_addresses(const kube::Snapshot& snapshot, const EndpointOptions& options);

}  // namespace gantry::netpol

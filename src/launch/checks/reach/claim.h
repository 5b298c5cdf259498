#pragma once

// The claim of a net.only block: which pods, on which ports, may be reached by whom alone, and who must be able to.
//
//   destination: {namespace: shop, pods: {app: db}}
//   ports: [5432, metrics, 53/UDP]
//   sources:                                   # everyone who may
//     - namespaces: {tier: backend}
//       pods: {app: api}
//     - cidr: 203.0.113.0/24
//   needed: [{namespaces: {tier: backend}}]    # everyone who must
//   pod_ranges: [10.244.0.0/16]                # where pods get their addresses, when an ipBlock makes it matter

#include "base/node.h"
#include "base/result.h"
#include "kube/address.h"
#include "kube/labels.h"
#include "kube/port.h"
#include "launch/checks/reach/reachability.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::launch {

struct ClaimPort {
  kube::Protocol protocol = kube::Protocol::tcp;
  kube::PortRef port;  // of the container; a Service's own port never arrives there (network policy reference, §8)
  base::SourcePos where;
};
std::string to_string(const ClaimPort& port);  // "4222/TCP", "client/TCP"

// Pods by labels, or a range of addresses.
struct ClaimSource {
  std::optional<kube::LabelSelector> namespaces;
  std::optional<kube::LabelSelector> pods;  // absent: every pod of those namespaces
  std::optional<kube::Cidr> range;
  base::SourcePos where;
};
std::string to_string(const ClaimSource& source);

struct Claim {
  std::string name_space;
  kube::LabelSelector pods;
  std::vector<ClaimPort> ports;
  std::vector<ClaimSource> sources;
  std::vector<ClaimSource> needed;
  std::vector<kube::Cidr> pod_ranges;
  base::SourcePos destination_where;
  base::SourcePos where;
};

// Errors: input, with position.
base::Result<Claim> parse_claim(const base::Node& block);

// A port of a destination, both as the claim means them.
struct Target {
  std::size_t destination = 0;  // index into the classes
  FlowPort port;
  friend auto operator<=>(const Target&, const Target&) = default;
};

// What the claim is about, in this system. Errors: input, at the block, with the nearest right name: a namespace, pods or a
// port that nothing has, since a claim about nothing would hold; a needed source that is not among the sources.
base::Result<std::vector<Target>> find_targets(const Claim& claim, const Reachability& reach);

// Whether one of the sources holds the pods. Labels of a namespace that nobody defines make it `depends`.
Access holds(const std::vector<ClaimSource>& sources, const PodClass& pods, const Reachability& reach);
Access holds(const ClaimSource& source, const PodClass& pods, const Reachability& reach);

// The address ranges among the sources.
std::vector<kube::Cidr> ranges_of(const std::vector<ClaimSource>& sources);

}  // namespace gantry::launch

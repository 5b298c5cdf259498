#pragma once

// NetworkPolicies by their namespace, and their rules by the ports that they open: of thousands in one policy, mostly few open one
// port.

#include "netpol/reachability.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::netpol {

class RuleIndex {
 public:
  // Of the policies that this judges by; it must outlive the index.
  explicit RuleIndex(const Reachability& reach) : reach_(reach) {}

  using Policies = std::vector<const kube::NetworkPolicy*>;
  // Those of the namespace that isolate in the direction, in the snapshot's order.
  const Policies& isolating(const std::string& name_space, kube::Direction direction);
  // The places of the policy's rules that open a port on the destination (none: on a stranger), ascending. The policy is one of the
  // snapshot.
  std::vector<std::size_t> opening(const kube::NetworkPolicy& policy, kube::Direction direction,
                                   kube::Protocol protocol, kube::Port port, std::optional<EndpointId> destination);

 private:
  // A rule that names each of its ports by number stands under these; another is asked.
  struct Shelf {
    std::unordered_map<std::uint32_t, std::vector<std::size_t>> by_port;
    std::vector<std::size_t> others;
  };
  const Shelf& shelf(const kube::NetworkPolicy& policy, kube::Direction direction);

  const Reachability& reach_;
  std::map<std::pair<std::string, kube::Direction>, Policies> policies_;  // of namespaces that somebody asked about
  std::map<std::pair<const kube::NetworkPolicy*, kube::Direction>, Shelf> shelves_;
};

}  // namespace gantry::netpol

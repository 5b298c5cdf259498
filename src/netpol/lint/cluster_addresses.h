#pragma once

// Where pods, Services and nodes have their addresses, as far as anybody said.

#include "netpol/lint/context.h"

#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::netpol::linting {

class ClusterAddresses {
 public:
  explicit ClusterAddresses(const Context& context);

  // "pods", "Services" or "nodes": in whose range the block lies, or whose address it is; "" when it is nobody's.
  std::string_view owner_of(const kube::Cidr& block) const;
  // Whether the block holds the address of a pod, known or out of a range that was given: only then does it matter whether the
  // network plugin matches pods by address.
  bool holds_pods(const kube::IpBlock& block) const;

 private:
  bool find_pods(const kube::IpBlock& block) const;

  const EndpointOptions& options_;
  std::vector<kube::IpAddress> pods_;  // sorted, as the others
  std::vector<kube::IpAddress> services_;
  std::vector<kube::IpAddress> nodes_;
  // Many rules name the same few blocks.
  mutable std::map<std::pair<kube::Cidr, std::vector<kube::Cidr>>, bool> known_;
};

}  // namespace gantry::netpol::linting

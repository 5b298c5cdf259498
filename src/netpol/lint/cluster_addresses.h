#pragma once

// Where pods, Services and nodes have their addresses, as far as anybody said.

#include "netpol/lint/context.h"

#include <string_view>
#include <vector>

namespace gantry::netpol::linting {

class ClusterAddresses {
 public:
  explicit ClusterAddresses(const Context& context);

  // "pods", "Services" or "nodes": in whose range the block lies, or whose address it is; "" when it is nobody's.
  std::string_view owner_of(const kube::Cidr& block) const;

 private:
  const EndpointOptions& options_;
  std::vector<kube::IpAddress> pods_;  // sorted, as the others
  std::vector<kube::IpAddress> services_;
  std::vector<kube::IpAddress> nodes_;
};

}  // namespace gantry::netpol::linting

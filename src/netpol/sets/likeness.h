#pragma once

// Where the input leaves something open (an address, a label), two sets may leave the same open: a rule that both have is in doubt in
// both, and whichever way it turns out it turns out for both. What is known of that is here, so that a doubt that cancels out does not
// keep a proof from being one. Policies are the same when their specs are, whatever they are called.

#include "netpol/reachability.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace gantry::netpol {

class Likeness {
 public:
  // Both over the same endpoints, and both must outlive it.
  Likeness(const Reachability& open, const Reachability& shut);

  // At that side of its flows, `shut` lets through whatever `open` does, whichever way the doubts turn out.
  bool grows(EndpointId endpoint, kube::Direction direction);
  // The same at the side of every pod that could come into the namespace.
  bool grows_in(const std::string& name_space, kube::Direction direction) const;
  bool admin_is_same() const { return admin_is_same_; }

 private:
  bool are_same_in(const std::string& name_space, std::optional<kube::Direction> direction) const;
  bool compute_grows(EndpointId endpoint, kube::Direction direction) const;

  const Reachability& open_;
  const Reachability& shut_;
  bool admin_is_same_ = false;
  std::array<std::vector<std::optional<bool>>, 2> known_;  // by direction and endpoint
};

}  // namespace gantry::netpol

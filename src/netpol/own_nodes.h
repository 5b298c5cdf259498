#pragma once

// The node that a pod runs on always gets in, and may always be reached where the profile says so (network policy
// reference, §7). A node is its addresses, and the pods on its host network, unless policies hold for those as for any
// other pod.

#include "kube/snapshot.h"
#include "netpol/endpoints.h"
#include "netpol/profile.h"
#include "netpol/tri_set.h"

#include <vector>

namespace gantry::netpol {

class OwnNodes {
 public:
  // Only endpoints of the universe are looked at.
  OwnNodes(const kube::Snapshot& snapshot, const Endpoints& endpoints, const EndpointSet& universe,
           const Profile& profile);

  // The node of the pods of a class: certain when it is every pod's, possible when it is some pod's, or nobody knows.
  const TriSet& nodes_of(EndpointId pods) const { return find(nodes_, pods); }
  // The reverse: the classes that have pods on a node.
  const TriSet& pods_on(EndpointId node) const { return find(pods_, node); }

 private:
  static const TriSet& find(const std::vector<TriSet>& sets, EndpointId id) {
    static const TriSet kNone;
    return id.value() < sets.size() ? sets[id.value()] : kNone;
  }

  std::vector<TriSet> nodes_;  // by endpoint; none at all where no endpoint is a node
  std::vector<TriSet> pods_;
};

}  // namespace gantry::netpol

#pragma once

// Where a stranger could live: every namespace that looks different to the selectors that matter, and one that nobody has made.

#include "kube/snapshot.h"
#include "netpol/stranger.h"

#include <set>
#include <string>
#include <vector>

namespace gantry::netpol {

// What of a namespace's labels the selectors can see.
class Sight {
 public:
  void add(const kube::LabelSelector& selector);
  void add(const Wish& wish) { add(wish.namespaces); }
  void add(const kube::AdminPolicy& policy);
  void add(const kube::NetworkPolicy& policy, kube::Direction direction);
  void add_name(const std::string& name) { names_.insert(name); }

  // Equal for namespaces that look the same.
  std::vector<std::string> view(const kube::Namespace& name_space) const;

 private:
  std::set<std::string> keys_;
  std::set<std::string> names_;
};

// Namespaces that nothing can tell apart are looked at once; those with policies, each. One that is not there comes first: nobody
// watches who may make it. The snapshot must outlive them.
std::vector<Home> collect_homes(const kube::Snapshot& snapshot, const Sight& sight);

}  // namespace gantry::netpol

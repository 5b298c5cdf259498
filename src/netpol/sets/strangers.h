#pragma once

// Pods that somebody could create, for whom one policy set opens what the other does not: each flow has one end that is there, or stands for all who could
// come like it.

#include "base/result.h"
#include "netpol/open_world.h"
#include "netpol/sets/likeness.h"

#include <vector>

namespace gantry::netpol {

struct SetIntruder {
  kube::Direction direction = kube::Direction::ingress;  // of the resident's side
  Intruder intruder;                                     // `by`: the rules of the set in which it is open
  std::vector<RulePlace> against;                        // what stops it in the other; empty: nobody can say
};

// `both` holds the policies of both sets: where somebody has written any, and which labels matter. Errors: input, for too many cases.
base::Result<std::vector<SetIntruder>> find_strangers(const Reachability& open, const Reachability& shut,
                                                      const kube::Snapshot& both, Likeness& likeness);

// The same for destinations that are not there, until one is found for whom it is certain.
base::Result<std::vector<SetIntruder>> find_strangers_at(const std::vector<EndpointId>& newcomers,
                                                         const Reachability& open, const Reachability& shut,
                                                         const kube::Snapshot& both, Likeness& likeness);

}  // namespace gantry::netpol

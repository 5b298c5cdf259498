#pragma once

// Who would get in that is not there yet: a namespace or pod whose labels satisfy a rule and lie outside the claim (network policy
// reference, §16). The rule's selectors, and for each claimed source the negation of one of its labels, must hold together;
// that is looked for directly, since each label key stands alone.

#include "base/result.h"
#include "kube/snapshot.h"
#include "launch/checks/reach/claim.h"
#include "launch/checks/reach/reachability.h"

#include <optional>
#include <span>
#include <string>

namespace gantry::launch {

// Pods in words: "any pod labelled app=web, without tier=front in namespace shop".
using Stranger = std::string;

// Someone outside the claim whom the peer of the rule would let in; nothing when there can be none. Peers that are address
// ranges, and namespaces that nobody defines, are not looked at. Errors: input, when the claim takes too long to decide.
base::Result<std::optional<Stranger>> find_stranger(const RulePlace& place, const std::vector<ClaimSource>& sources,
                                                    const kube::Snapshot& snapshot);

}  // namespace gantry::launch

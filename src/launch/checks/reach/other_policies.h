#pragma once

// Policies beside NetworkPolicy: the administrator's, and those of other makers (network policy reference, §12).

#include "base/finding.h"
#include "base/result.h"
#include "kube/snapshot.h"

#include <vector>

namespace gantry::launch {

// They stand above or below NetworkPolicies and can turn any verdict, so no claim is decided beside them. Errors: input, at the
// first one.
base::Result<void> refuse_admin_policies(const kube::Snapshot& snapshot);

// One net.other-policies for each kind that is present and not judged.
void report_other_policies(const kube::Snapshot& snapshot, std::vector<base::Finding>& findings);

// net.policy-rejected for each NetworkPolicy that the API server would refuse.
void report_rejected_policies(const kube::Snapshot& snapshot, std::vector<base::Finding>& findings);

}  // namespace gantry::launch

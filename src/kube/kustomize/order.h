#pragma once

// The order of the output (reference §14).

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

// Sorts as kubectl does by default, or as the top kustomization's `sortOptions` say.
// Errors: input, options that contradict each other.
base::Result<void> sort_resources(Resources& resources, const Kustomization& top);

}  // namespace gantry::kube::kustomize

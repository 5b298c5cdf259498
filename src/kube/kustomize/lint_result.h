#pragma once

// Findings about the rendered objects as a whole: references and addresses that a rename left behind, and names and labels
// that the API server will refuse (reference §16).

#include "kube/kustomize/build.h"
#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

// Called when all names are final. Changes nothing but `build.findings`; the resources are walked by the same means as they
// are changed by, which wants them mutable.
void lint_result(Build& build, Resources& resources);

}  // namespace gantry::kube::kustomize

#pragma once

// `namespace` (reference §4): moves every object that is not known to be cluster-scoped, and renames Namespace objects.

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

base::Result<void> apply_namespace(Build& build, Resources& resources, const Kustomization& kustomization);

}  // namespace gantry::kube::kustomize

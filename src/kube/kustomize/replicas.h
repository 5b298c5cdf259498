#pragma once

// `replicas` (reference §10).

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

base::Result<void> apply_replicas(Build& build, Resources& resources, const Kustomization& kustomization);

}  // namespace gantry::kube::kustomize

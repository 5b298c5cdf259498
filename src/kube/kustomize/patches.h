#pragma once

// The three fields that patch (reference §6): `patchesStrategicMerge`, `patches` and `patchesJson6902`.

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

base::Result<void> apply_patches_strategic_merge(Build& build, Resources& resources,
                                                 const Kustomization& kustomization);
base::Result<void> apply_patches(Build& build, Resources& resources, const Kustomization& kustomization);
base::Result<void> apply_patches_json6902(Build& build, Resources& resources, const Kustomization& kustomization);

}  // namespace gantry::kube::kustomize

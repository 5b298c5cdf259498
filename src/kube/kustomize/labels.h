#pragma once

// `labels`, `commonLabels` and `commonAnnotations` (reference §7, §8).

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

base::Result<void> apply_labels(Build& build, Resources& resources, const Kustomization& kustomization);
base::Result<void> apply_annotations(Build& build, Resources& resources, const Kustomization& kustomization);

}  // namespace gantry::kube::kustomize

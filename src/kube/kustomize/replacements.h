#pragma once

// `replacements` (reference §13): copies a value from one object into fields of others.

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

base::Result<void> apply_replacements(Build& build, Resources& resources, const Kustomization& kustomization);

}  // namespace gantry::kube::kustomize

#pragma once

// `namePrefix` and `nameSuffix` (reference §5). References follow at the very end of the build (name_references.h).

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

void apply_name_prefix(Resources& resources, const Kustomization& kustomization);
void apply_name_suffix(Resources& resources, const Kustomization& kustomization);

}  // namespace gantry::kube::kustomize

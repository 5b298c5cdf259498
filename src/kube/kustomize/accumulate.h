#pragma once

// Builds the objects of one kustomization: everything it lists, generates and includes, and then its own changes to them
// (reference §2). Names of references and hashes are not touched: those are fixed once, at the top.

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

// `top` is the kustomization to render. Errors: input and environment, with the chain of kustomizations that led there.
base::Result<Resources> accumulate(Build& build, const Kustomization& top);

}  // namespace gantry::kube::kustomize

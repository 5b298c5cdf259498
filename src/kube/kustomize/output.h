#pragma once

// The last step: objects as kubectl prints them.

#include "kube/kustomize/build.h"
#include "kube/kustomize/resource.h"

#include <vector>

namespace gantry::kube::kustomize {

// Drops objects annotated config.kubernetes.io/local-config, unless with "false".
void drop_local_config(Resources& resources);

// Keys sorted, annotations as strings, kustomize's own annotations removed.
std::vector<base::Node> to_objects(Build& build, Resources resources);

}  // namespace gantry::kube::kustomize

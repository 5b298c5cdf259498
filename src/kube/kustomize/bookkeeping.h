#pragma once

// kubectl keeps what it remembers of an object (earlier names, prefixes, whether a hash is due) in annotations of that object
// while it builds. A patch meets them: adding below metadata.annotations works in an object that has none of its own, and a
// patch that removes all annotations removes the memory, so that references are no longer fixed. A marker stands in for them.

#include "kube/kustomize/resource.h"

namespace gantry::kube::kustomize {

// Puts the marker into metadata.annotations, when there is anything to remember.
void add_bookkeeping(Resource& resource);

enum class Memory { kept, lost_with_annotations };
// Takes the marker out again. When it is gone and `memory` may be lost, so is what it stood for.
void remove_bookkeeping(Resource& resource, Memory memory);

}  // namespace gantry::kube::kustomize

#pragma once

// Strategic merge of a patch into an object, as kustomize 5.5 does it (reference §6.2): maps merge, nulls and `$patch`
// directives delete or replace, and the lists of built-in kinds that have merge keys merge element by element.

#include "kube/kustomize/resource.h"
#include "kube/kustomize/written_text.h"

#include <string>
#include <vector>

namespace gantry::kube::kustomize {

// An element of a list that merges by a key which the element does not have.
struct KeylessElement {
  std::string_view key;
  base::SourcePos pos;
};

// What somebody who reads patch and object would not expect.
struct MergeEffects {
  std::vector<std::string> shared_keys;  // labels and annotations that changed in more places than the patch names
  std::vector<KeylessElement> keyless;
};

// Merges the patch into resource.tree, which becomes null when the patch deletes the object. Name, namespace and kind are the
// patch's where it has them; keeping them is the caller's business. Errors: input, a value of another type than the object
// has, an unknown directive.
base::Result<MergeEffects> merge_patch(WrittenTexts& written, Resource& resource, base::Node patch);

}  // namespace gantry::kube::kustomize

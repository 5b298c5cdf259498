#pragma once

// Fields that name another object, and how they follow when that object got another name (reference §5.1).

#include "kube/kustomize/resource.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

// A field of `referrer` objects that holds the name of a `target` object.
struct NameReference {
  struct Kind {
    std::string_view kind;
    std::string_view group = {};
    std::string_view version = {};
  };
  Kind target;
  Kind referrer;
  std::string path;  // as in FieldSpec
};

// All that kustomize 5.5 follows, in the order in which it follows them.
std::vector<NameReference> name_references();

// Rewrites every reference to an object whose name has changed in this build.
// Errors: input, when a name could mean several objects that now have different names.
base::Result<void> fix_name_references(Resources& resources);

}  // namespace gantry::kube::kustomize

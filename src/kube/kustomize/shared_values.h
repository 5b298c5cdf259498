#pragma once

// kustomize 5.5's shared values (reference §7.1), which are a bug that builds depend on.
//
// When `labels` or `commonAnnotations` creates one key in several places of an object, all those places hold one value in
// kustomize's memory: whoever changes it later in one place changes it in all. A selector then follows a patch that names
// only metadata.labels. To render the same, the places that share must be known however lists are merged and reordered in
// between. A position names its file through a shared pointer, so a value that is shared gets a file name object of its
// own, its cell: nodes whose positions hold the same object hold the same value. Moving and copying nodes keeps it.

#include "kube/kustomize/resource.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

// A position equal to `pos` that makes a new cell of this resource.
base::SourcePos make_cell(Resource& resource, const base::SourcePos& pos);

// The value's cell; null when it is not shared.
std::shared_ptr<const std::string> cell_of(const Resource& resource, const base::Node& value);

// Gives `place` the value, and with it every place that shares its cell. They go on sharing. Returns how many other places
// changed. `place` lies in the resource's tree.
std::size_t assign_shared(Resource& resource, base::Node& place, base::Node value);

// The same for a merge, which takes the tree apart while it works: remembers what was assigned, and brings the other places
// up to date when the tree is whole again.
class SharedAssignments {
 public:
  explicit SharedAssignments(Resource& resource) : resource_(resource) {}
  // `place` gets the value. `key` is what it is called in its map.
  void assign(std::string_view key, base::Node& place, const base::Node& value);
  // Returns the keys whose value changed in places that were not assigned to.
  std::vector<std::string> finish();

 private:
  struct Change {
    std::shared_ptr<const std::string> old_cell;
    base::Node value;  // its position holds the new cell
    std::string key;
  };
  Resource& resource_;
  std::vector<Change> changes_;
};

}  // namespace gantry::kube::kustomize

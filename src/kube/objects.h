#pragma once

// From documents to objects: lists taken apart, identity read, values of Secrets dropped, duplicates resolved. Private to kube.

#include "base/finding.h"
#include "base/node.h"
#include "base/result.h"
#include "kube/object.h"
#include "kube/snapshot.h"

#include <vector>

namespace gantry::kube {

// One object that is still being read: its document is not shared yet.
struct Draft {
  Object object;
  base::Node document;
};

// objects.cc. Without lists (List, PodList, …), whose items take their place. Doing it twice changes nothing.
std::vector<base::Node> flatten_lists(std::vector<base::Node> documents);

// objects.cc. The whole step; the objects in the order of the documents.
base::Result<std::vector<Object>> make_objects(std::vector<base::Node> documents, const SnapshotOptions& options,
                                               std::vector<base::Finding>& findings);

// duplicates.cc. Leaves each object once, as `kubectl apply` of all of them in order would, and reports the others.
void resolve_duplicates(std::vector<Draft>& drafts, std::vector<base::Finding>& findings);

// secrets.cc. Drops what nobody may see: values of Secrets, and the copy that `kubectl apply` keeps of them.
void drop_secret_values(Draft& draft);

}  // namespace gantry::kube

#pragma once

// What the API server lets nobody change once an object is there. Applying another value is refused, and the object stays as it is.

#include "base/node.h"
#include "kube/object.h"

#include <optional>
#include <string>

namespace gantry::kube {

// The first immutable field in which two documents of one object differ: "spec.selector"; nothing where the second may replace the
// first. Of documents as somebody wrote them: a live one has defaults that nobody wrote.
std::optional<std::string> find_immutable_difference(const ObjectId& id, const base::Node& first,
                                                     const base::Node& second);

}  // namespace gantry::kube

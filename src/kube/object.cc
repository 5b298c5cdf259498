#include "kube/object.h"

#include <algorithm>

namespace gantry::kube {

std::string to_string(const ObjectId& id) {
  if (id.name_space.empty()) return id.kind + " " + id.name;
  return id.kind + " " + id.name_space + "/" + id.name;
}

const base::SourcePos& Object::pos() const {
  static const base::SourcePos kNowhere;
  return document ? document->pos() : kNowhere;
}

const OwnerRef* Object::controller() const {
  const auto it = std::ranges::find(owners, true, &OwnerRef::controller);
  return it == owners.end() ? nullptr : &*it;
}

}  // namespace gantry::kube

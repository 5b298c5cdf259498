#include "kube/kustomize/bookkeeping.h"

namespace gantry::kube::kustomize {

using base::Node;

namespace {

constexpr std::string_view kMarker = "internal.config.kubernetes.io/bookkeeping";

bool has_memory(const Resource& resource) {
  return !resource.previous.empty() || !resource.prefixes.empty() || !resource.suffixes.empty() || resource.generated;
}

}  // namespace

void add_bookkeeping(Resource& resource) {
  if (!has_memory(resource)) return;
  Node* metadata = resource.tree.get("metadata");
  if (!metadata || !metadata->is_map()) return;
  Node* annotations = metadata->get("annotations");
  if (!annotations) annotations = &metadata->set("annotations", Node::empty_map(metadata->pos()), metadata->pos());
  if (annotations->is_map()) annotations->set(kMarker, Node("", annotations->pos()), annotations->pos());
}

void remove_bookkeeping(Resource& resource, Memory memory) {
  if (!has_memory(resource)) return;
  Node* metadata = resource.tree.get("metadata");
  Node* annotations = metadata ? metadata->get("annotations") : nullptr;
  const bool was_there = annotations && annotations->erase(kMarker);
  if (was_there && annotations->map().empty()) metadata->erase("annotations");
  if (was_there || memory == Memory::kept) return;
  resource.previous.clear();
  resource.prefixes.clear();
  resource.suffixes.clear();
  resource.needs_hash = false;
  resource.behavior = Behavior::create;
  resource.generated = false;
}

}  // namespace gantry::kube::kustomize

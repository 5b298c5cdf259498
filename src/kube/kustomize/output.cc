#include "kube/kustomize/output.h"

#include "kube/kustomize/nulls.h"

#include <algorithm>
#include <array>

namespace gantry::kube::kustomize {

using base::Node;

namespace {

// Annotations that kustomize uses itself, and takes for its own wherever they come from.
constexpr std::array<std::string_view, 8> kOwnAnnotations = {
    "config.kubernetes.io/index",
    "config.kubernetes.io/path",
    "config.k8s.io/id",
    "config.kubernetes.io/origin",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/id",
    "alpha.config.kubernetes.io/transformations",
};

void sort_keys(Node& node) {
  if (node.is_array()) {
    for (Node& element : node.array()) sort_keys(element);
  } else if (node.is_map()) {
    std::ranges::sort(node.map(), {}, &Node::Member::key);
    for (Node::Member& member : node.map()) sort_keys(member.value);
  }
}

void clean_annotations(Build& build, Node& object) {
  Node* metadata = object.get("metadata");
  Node* annotations = metadata ? metadata->get("annotations") : nullptr;
  if (!annotations) return;
  for (const std::string_view name : kOwnAnnotations) annotations->erase(name);
  if (!annotations->is_map() || annotations->map().empty()) {
    metadata->erase("annotations");
    return;
  }
  for (Node::Member& member : annotations->map()) {
    member.value = Node(build.written.of(member), member.value.pos());
  }
}

bool is_local(const Resource& resource) {
  const Node* value = resource.tree.find("metadata", "annotations", "config.kubernetes.io/local-config");
  return value && scalar_text(*value) != "false";
}

}  // namespace

void drop_local_config(Resources& resources) { std::erase_if(resources, is_local); }

std::vector<Node> to_objects(Build& build, Resources resources) {
  std::vector<Node> objects;
  objects.reserve(resources.size());
  for (Resource& resource : resources) {
    clean_annotations(build, resource.tree);
    write_out_nulls(resource.tree);
    sort_keys(resource.tree);
    objects.push_back(std::move(resource.tree));
  }
  return objects;
}

}  // namespace gantry::kube::kustomize

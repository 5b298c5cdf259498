#pragma once

// What every Kubernetes object has: identity, metadata, and the document it was read from.

#include "base/node.h"
#include "kube/labels.h"

#include <memory>
#include <string>
#include <string_view>

namespace gantry::kube {

// What makes two manifests the same object to the API server. The version is not part of it: one object can be served
// in several. `name_space` is "" for cluster-scoped kinds.
struct ObjectId {
  std::string group;  // "" for core
  std::string kind;
  std::string name_space;
  std::string name;

  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

// "NetworkPolicy kgents-agents/allow-nats", "Namespace kgents-agents".
std::string to_string(const ObjectId& id);

// One object as it was given, whatever its kind. Cheap to copy: the document is shared and never changes.
struct Object {
  ObjectId id;
  std::string version;  // "v1", "v1alpha1"
  LabelSet labels;
  LabelSet annotations;
  std::shared_ptr<const base::Node> document;

  const base::SourcePos& pos() const { return document->pos(); }
  // "networking.k8s.io/v1"
  std::string api_version() const { return id.group.empty() ? version : id.group + "/" + version; }
};

enum class Scope { cluster, namespaced, unknown };
// From the built-in kinds; `unknown` for custom resources whose CustomResourceDefinition was not seen.
Scope scope_of(std::string_view group, std::string_view kind);

}  // namespace gantry::kube

#pragma once

// What every Kubernetes object has: identity, metadata, and the document it was read from.

#include "base/node.h"
#include "kube/labels.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// The controller of an object, or another that it goes away with (metadata.ownerReferences).
struct OwnerRef {
  std::string group;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
  friend bool operator==(const OwnerRef&, const OwnerRef&) = default;
};

// Whether the API server would take the object as it is written. A rejected one is kept, with the fields that could be read:
// when several are applied together the others still land, and the engines judge both worlds (network policy reference, §10).
// Why it would be rejected is among the snapshot's findings.
enum class Admission : std::uint8_t { accepted, rejected };

// Where an object was seen: written in a manifest, or reported by an API server (it then has a uid, a resourceVersion or, for
// pods, a phase).
enum class Origin : std::uint8_t { written, live };

// One object as it was given, whatever its kind. Cheap to copy: the document is shared and never changes.
struct Object {
  ObjectId id;
  std::string version;  // "v1", "v1alpha1"
  LabelSet labels;
  LabelSet annotations;
  std::vector<OwnerRef> owners;
  std::string uid;  // of live objects, unless somebody removed it
  std::int64_t generation = 0;
  Origin origin = Origin::written;
  Admission admission = Admission::accepted;
  // It has fields that the API does not know. kubectl refuses it by default, other clients drop them silently.
  bool unknown_fields = false;
  // Null only for what nobody wrote: a namespace that is merely mentioned, a pod derived from its workload. A Secret's
  // document holds its keys with null for every value.
  std::shared_ptr<const base::Node> document;

  const base::SourcePos& pos() const;
  bool rejected() const { return admission == Admission::rejected; }
  // The owner that controls it; null when nobody does.
  const OwnerRef* controller() const;
  // "networking.k8s.io/v1"
  std::string api_version() const { return id.group.empty() ? version : id.group + "/" + version; }
};

enum class Scope { cluster, namespaced, unknown };
// From the built-in kinds; `unknown` for custom resources whose CustomResourceDefinition was not seen.
Scope scope_of(std::string_view group, std::string_view kind);

}  // namespace gantry::kube

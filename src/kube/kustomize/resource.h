#pragma once

// One object on its way through a rendering: its document, and what kustomize remembers about it while names, namespaces
// and kinds change. kubectl keeps that memory in annotations of the object; we keep it beside the document.

#include "base/node.h"
#include "base/result.h"

#include <compare>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::kube::kustomize {

struct GroupVersionKind {
  std::string group;  // "" for core
  std::string version;
  std::string kind;
  friend auto operator<=>(const GroupVersionKind&, const GroupVersionKind&) = default;
};

// "apps/v1" -> {"apps", "v1"}; "v1" -> {"", "v1"}.
GroupVersionKind parse_gvk(std::string_view api_version, std::string_view kind);
// "apps/v1", "v1"
std::string api_version_of(const GroupVersionKind& gvk);
// An empty field of the selector matches anything.
bool is_selected(const GroupVersionKind& gvk, std::string_view group, std::string_view version, std::string_view kind);

// What makes two objects of one build the same. Unlike the API server's identity it includes the version.
struct ResourceId {
  GroupVersionKind gvk;
  std::string name;
  std::string name_space;  // effective: "default" when none is written, kNoNamespace for known cluster-scoped kinds
  friend auto operator<=>(const ResourceId&, const ResourceId&) = default;
};
inline constexpr std::string_view kNoNamespace = "_non_namespaceable_";
inline constexpr std::string_view kDefaultNamespace = "default";
// "Deployment shop/web", "ClusterRole admin"
std::string to_string(const ResourceId& id);

enum class Behavior { create, merge, replace };

struct Resource {
  // The object; null once a patch has deleted it, until the pass is over.
  base::Node tree;

  // An identity that the object had before a rename, a move to another namespace, or a patch.
  struct Identity {
    std::string name;
    std::string name_space;  // effective, as in ResourceId
    std::string kind;
    friend bool operator==(const Identity&, const Identity&) = default;
  };
  std::vector<Identity> previous;     // oldest first
  std::vector<std::string> prefixes;  // in the order they were added
  std::vector<std::string> suffixes;

  bool needs_hash = false;               // a generated name still gets its hash
  Behavior behavior = Behavior::create;  // of a generator
  bool generated = false;

  // Cells of values that one label or annotation created in several places (see shared_values.h).
  std::vector<std::shared_ptr<const std::string>> shared_cells;
};

using Resources = std::vector<Resource>;

std::string_view kind_of(const Resource& resource);
std::string_view api_version_of(const Resource& resource);
GroupVersionKind gvk_of(const Resource& resource);
// metadata.name and metadata.namespace as text, "" when absent.
std::string name_of(const Resource& resource);
std::string namespace_of(const Resource& resource);
bool is_cluster_scoped(const Resource& resource);  // certainly, by kustomize's own table

ResourceId current_id(const Resource& resource);
// Every earlier identity, oldest first, under the current group and version; then nothing else.
std::vector<ResourceId> previous_ids(const Resource& resource);
// The first identity the object had in this build.
ResourceId original_id(const Resource& resource);
// Remembers the current identity before it changes.
void store_identity(Resource& resource);
// Whether any identity, earlier or current, is `id`.
bool has_id(const Resource& resource, const ResourceId& id);

// Sets a string in metadata, which is made when missing; keeps the place where the value was written when `pos` has no file.
void set_metadata(Resource& resource, std::string_view field, std::string value, const base::SourcePos& pos = {});

// A scalar as YAML would write it ("80", "true", "1.5"); "" for null, lists and maps.
std::string scalar_text(const base::Node& node);

// Removes what patches have deleted.
void drop_deleted(Resources& resources);

// Sees that no identity comes twice.
class UniqueIds {
 public:
  // Errors: input; `when` says what brought the two together (" after resources[2]").
  base::Result<void> add(const Resource& resource, std::string_view when);

 private:
  std::map<ResourceId, base::SourcePos> seen_;
};
base::Result<void> check_unique(const Resources& resources, std::string_view when);

}  // namespace gantry::kube::kustomize

#include "kube/kustomize/resource.h"

#include "kube/kustomize/builtin_kinds.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::kube::kustomize {

using base::Node;

GroupVersionKind parse_gvk(std::string_view api_version, std::string_view kind) {
  const std::size_t slash = api_version.find('/');
  if (slash == std::string_view::npos)
    return {.group = {}, .version = std::string(api_version), .kind = std::string(kind)};
  return {.group = std::string(api_version.substr(0, slash)),
          .version = std::string(api_version.substr(slash + 1)),
          .kind = std::string(kind)};
}

std::string api_version_of(const GroupVersionKind& gvk) {
  return gvk.group.empty() ? gvk.version : gvk.group + "/" + gvk.version;
}

bool is_selected(const GroupVersionKind& gvk, std::string_view group, std::string_view version, std::string_view kind) {
  return (group.empty() || group == gvk.group) && (version.empty() || version == gvk.version) &&
         (kind.empty() || kind == gvk.kind);
}

std::string to_string(const ResourceId& id) {
  if (id.name_space == kNoNamespace) return fmt::format("{} {}", id.gvk.kind, id.name);
  return fmt::format("{} {}/{}", id.gvk.kind, id.name_space, id.name);
}

namespace {

std::string effective_namespace(std::string written, bool cluster_scoped) {
  if (cluster_scoped) return std::string(kNoNamespace);
  return written.empty() ? std::string(kDefaultNamespace) : std::move(written);
}

std::string metadata_text(const Resource& resource, std::string_view field) {
  const Node* node = resource.tree.find("metadata", field);
  return node ? scalar_text(*node) : std::string();
}

}  // namespace

std::string_view kind_of(const Resource& resource) { return resource.tree.text("kind"); }
std::string_view api_version_of(const Resource& resource) { return resource.tree.text("apiVersion"); }
GroupVersionKind gvk_of(const Resource& resource) { return parse_gvk(api_version_of(resource), kind_of(resource)); }
std::string name_of(const Resource& resource) { return metadata_text(resource, "name"); }
std::string namespace_of(const Resource& resource) { return metadata_text(resource, "namespace"); }
bool is_cluster_scoped(const Resource& resource) {
  return is_certainly_cluster_scoped(api_version_of(resource), kind_of(resource));
}

ResourceId current_id(const Resource& resource) {
  return {.gvk = gvk_of(resource),
          .name = name_of(resource),
          .name_space = effective_namespace(namespace_of(resource), is_cluster_scoped(resource))};
}

std::vector<ResourceId> previous_ids(const Resource& resource) {
  std::vector<ResourceId> ids;
  ids.reserve(resource.previous.size());
  for (const Resource::Identity& identity : resource.previous) {
    ids.push_back({.gvk = parse_gvk(api_version_of(resource), identity.kind),
                   .name = identity.name,
                   .name_space = identity.name_space});
  }
  return ids;
}

ResourceId original_id(const Resource& resource) {
  if (resource.previous.empty()) return current_id(resource);
  const Resource::Identity& first = resource.previous.front();
  return {.gvk = parse_gvk(api_version_of(resource), first.kind), .name = first.name, .name_space = first.name_space};
}

void store_identity(Resource& resource) {
  ResourceId id = current_id(resource);
  resource.previous.push_back(
      {.name = std::move(id.name), .name_space = std::move(id.name_space), .kind = std::move(id.gvk.kind)});
}

bool has_id(const Resource& resource, const ResourceId& id) {
  if (current_id(resource) == id) return true;
  const std::vector<ResourceId> previous = previous_ids(resource);
  return std::ranges::find(previous, id) != previous.end();
}

void set_metadata(Resource& resource, std::string_view field, std::string value, const base::SourcePos& pos) {
  Node* metadata = resource.tree.get("metadata");
  if (!metadata || !metadata->is_map()) metadata = &resource.tree.set("metadata", Node::empty_map(resource.tree.pos()));
  const Node* old = metadata->get(field);
  const base::SourcePos place = pos.file || !old ? pos : old->pos();
  metadata->set(field, Node(std::move(value), place), place);
}

std::string scalar_text(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::string: return node.string();
    case Node::Kind::integer: return fmt::format("{}", node.integer());
    case Node::Kind::boolean: return node.boolean() ? "true" : "false";
    case Node::Kind::real: return fmt::format("{}", node.real());
    default: return {};
  }
}

void drop_deleted(Resources& resources) {
  std::erase_if(resources, [](const Resource& resource) {
    return resource.tree.is_null() || (resource.tree.is_map() && resource.tree.map().empty());
  });
}

base::Result<void> UniqueIds::add(const Resource& resource, std::string_view when) {
  const auto [it, added] = seen_.emplace(current_id(resource), resource.tree.pos());
  if (added) return {};
  const bool is_same_place = it->second == resource.tree.pos();
  const std::string other =
      is_same_place ? "it is included from two sides" : "the other is at " + base::to_string(it->second);
  return base::input_error(fmt::format("{} is there twice{}; {}", to_string(it->first), when, other),
                           resource.tree.pos(), "remove one of the two, or give it another name or namespace");
}

base::Result<void> check_unique(const Resources& resources, std::string_view when) {
  UniqueIds ids;
  for (const Resource& resource : resources) TRY(ids.add(resource, when));
  return {};
}

}  // namespace gantry::kube::kustomize

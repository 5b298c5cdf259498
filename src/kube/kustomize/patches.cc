#include "kube/kustomize/patches.h"

#include "base/json.h"
#include "base/text.h"
#include "kube/kustomize/bookkeeping.h"
#include "kube/kustomize/json_patch.h"
#include "kube/kustomize/lint.h"
#include "kube/kustomize/nulls.h"
#include "kube/kustomize/selection.h"
#include "kube/kustomize/sources.h"
#include "kube/kustomize/strategic_merge.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

// The text of one entry: strategic merge patches, or one JSON patch.
struct LoadedPatch {
  std::vector<Node> merges;
  std::optional<JsonPatch> json;
};

std::string field_of_list(std::string_view list, std::size_t index) { return fmt::format("{}[{}]", list, index); }

Result<SourceText> patch_source(Build& build, const Kustomization& kustomization, const Patch& patch) {
  const bool has_text = !base::trim(patch.patch.value).empty();
  if (has_text && !patch.path.empty()) {
    return base::input_error(fmt::format("{} has both path and patch", patch.field), patch.pos, "keep one of the two");
  }
  if (!has_text && patch.path.empty()) {
    return base::input_error(fmt::format("{} has neither path nor patch", patch.field), patch.pos,
                             "write one of the two");
  }
  if (!has_text) return read_source(build, kustomization, patch.path, patch.field + ".path");
  return inline_source(kustomization, patch.patch);
}

// JSON patches are read by other rules than objects: strict JSON when they begin like JSON, else YAML 1.1.
Result<JsonPatch> load_json_patch(const SourceText& source, const std::string& field) {
  if (base::trim(source.text).starts_with('[')) {
    Result<Node> root = base::load_json(source.text, source.name);
    if (!root && source.is_inside) root.error().where = source.pos;
    if (!root && root.error().help.empty()) {
      root.error().help =
          "a patch that begins with [ is read as strict JSON: quote keys and strings, or write one operation a line, "
          "with -";
    }
    return parse_json_patch(TRY(std::move(root)));
  }
  const std::vector<Node> documents = TRY(load_documents(source, base::ScalarRules::kubectl));
  if (documents.size() == 1) return parse_json_patch(documents.front());
  return base::input_error(
      fmt::format("{} has {} documents; kustomize applies the first JSON patch and forgets the rest", field,
                  documents.size()),
      documents.empty() ? source.pos : documents[1].pos(), "write one list of operations");
}

bool is_json_patch(const std::vector<Node>& documents) { return !documents.empty() && documents.front().is_array(); }

Result<LoadedPatch> load_patch(const SourceText& source, const std::string& field) {
  LoadedPatch loaded;
  const bool is_json = base::trim(source.text).starts_with('[') ||
                       is_json_patch(TRY(load_documents(source, base::ScalarRules::kustomize_resource)));
  if (is_json) {
    loaded.json = TRY(load_json_patch(source, field));
    return loaded;
  }
  loaded.merges = TRY(load_objects(source));
  if (loaded.merges.empty())
    return base::input_error(fmt::format("{} is empty", field), source.pos, "write a patch, or remove the entry");
  return loaded;
}

// The object that a patch names by its own apiVersion, kind, name and namespace; earlier identities count.
Result<Resource*> find_patched(Resources& resources, const Node& patch, const std::string& field) {
  Resource asked;
  asked.tree = patch;
  const ResourceId id = current_id(asked);
  Resource* found = nullptr;
  for (Resource& resource : resources) {
    if (!has_id(resource, id)) continue;
    if (found)
      return base::input_error(
          fmt::format("{} matches several objects: {} and {}", field, describe(*found), describe(resource)),
          patch.pos());
    found = &resource;
  }
  if (found) return found;
  return base::input_error(
      fmt::format("{} matches no object: there is no {} {}", field, api_version_of(id.gvk), describe(asked)),
      patch.pos(), nearest_object(resources, asked));
}

// For a patch with a target, and for patchesStrategicMerge, kustomize rebuilds the patch's labels and annotations as strings:
// a null that should remove one becomes text.
void rebuild_metadata(Build& build, Node& patch, const std::string& field) {
  Node* metadata = patch.get("metadata");
  for (const std::string_view name : {std::string_view("labels"), std::string_view("annotations")}) {
    Node* map = metadata ? metadata->get(name) : nullptr;
    if (!map) continue;
    if (!map->is_map() || map->map().empty()) {
      metadata->erase(name);
      continue;
    }
    for (Node::Member& member : map->map()) {
      if (member.value.is_string()) continue;
      if (member.value.is_null())
        warn_null_becomes_text(build, field, fmt::format("metadata.{}.{}", name, member.key), member.key_pos);
      member.value = Node(build.written.of(member), member.value.pos());
    }
  }
}

// Merges into one object. Its kind, name and namespace stay, unless the options allow the patch to change them.
Result<void> merge_into(Build& build, Resource& resource, Node patch, const PatchOptions& options,
                        const std::string& field) {
  const std::string name = name_of(resource);
  const std::string name_space = namespace_of(resource);
  const std::string kind(kind_of(resource));
  const std::string described = describe(resource);
  const base::SourcePos patch_pos = patch.pos();
  if (options.allow_name_change || options.allow_kind_change) store_identity(resource);
  add_bookkeeping(resource);
  const MergeEffects effects = TRY(with_context(merge_patch(build.written, resource, std::move(patch)),
                                                fmt::format("while applying {} to {}", field, described)));
  if (resource.tree.is_null()) return {};
  remove_bookkeeping(resource, Memory::lost_with_annotations);
  for (const std::string& key : effects.shared_keys) warn_shared_value(build, resource, key, patch_pos);
  for (const KeylessElement& element : effects.keyless) warn_keyless_element(build, resource, element.key, element.pos);
  if (!options.allow_kind_change) {
    const Node* now = resource.tree.get("kind");
    resource.tree.set("kind", Node(kind, now ? now->pos() : resource.tree.pos()));
  }
  if (!options.allow_name_change) set_metadata(resource, "name", name);
  if (!name_space.empty()) {
    set_metadata(resource, "namespace", name_space);
  } else if (Node* metadata = resource.tree.get("metadata")) {
    metadata->erase("namespace");
  }
  return {};
}

Result<void> merge_selected(Build& build, Resources& resources, const Node& patch,
                            const std::vector<Resource*>& selected, const PatchOptions& options,
                            const std::string& field) {
  Node rebuilt = patch;
  rebuild_metadata(build, rebuilt, field);
  for (Resource* resource : selected) {
    Node own = rebuilt;
    own.set("apiVersion", Node(std::string(api_version_of(*resource)), own.pos()));
    TRY(merge_into(build, *resource, std::move(own), options, field));
  }
  drop_deleted(resources);
  return check_unique(resources, fmt::format(" after {}", field));
}

std::vector<Resource*> select(Resources& resources, const Target& target) {
  std::vector<Resource*> selected;
  for (Resource& resource : resources) {
    if (target.selects(resource)) selected.push_back(&resource);
  }
  return selected;
}

// As kustomize leaves them after a JSON patch: with the text of the values. That text is written nowhere, so the place is
// the key's.
void make_annotations_strings(Node& object) {
  Node* metadata = object.get("metadata");
  Node* annotations = metadata ? metadata->get("annotations") : nullptr;
  if (!annotations || !annotations->is_map()) return;
  for (Node::Member& member : annotations->map()) {
    member.value = Node(member.value.is_null() ? "null" : scalar_text(member.value), member.key_pos);
  }
}

Result<void> apply_json(std::vector<Resource*>& selected, const JsonPatch& patch, const std::string& field) {
  for (Resource* resource : selected) {
    // kustomize writes the object out and reads it back: no two places are one value any more, and nulls take their form.
    resource->shared_cells.clear();
    write_out_nulls(resource->tree);
    add_bookkeeping(*resource);
    TRY(with_context(apply_json_patch(resource->tree, patch),
                     fmt::format("while applying {} to {}", field, describe(*resource))));
    remove_bookkeeping(*resource, Memory::kept);
    make_annotations_strings(resource->tree);
  }
  return {};
}

Result<void> merge_named(Build& build, Resources& resources, const std::vector<Node>& merges, const Patch& patch) {
  for (const Node& merge : merges) {
    Resource* resource = TRY(find_patched(resources, merge, patch.field));
    TRY(merge_into(build, *resource, merge, patch.options.value_or(PatchOptions()), patch.field));
    drop_deleted(resources);
  }
  return {};
}

Result<void> apply_patch(Build& build, Resources& resources, const Patch& patch, const LoadedPatch& loaded) {
  if (!patch.target) {
    if (!loaded.json) return merge_named(build, resources, loaded.merges, patch);
    return base::input_error(fmt::format("{} is a JSON patch without a target", patch.field), patch.pos,
                             "name the objects in `target`");
  }
  const Target target = TRY(Target::compile(*patch.target, patch.field + ".target", patch.pos));
  std::vector<Resource*> selected = select(resources, target);
  if (selected.empty()) warn_dead_patch(build, resources, patch);
  if (!loaded.json) {
    if (loaded.merges.size() > 1) {
      return base::input_error(fmt::format("{} has a target and {} patches", patch.field, loaded.merges.size()),
                               patch.pos, "write one entry for each patch, or remove the target");
    }
    return merge_selected(build, resources, loaded.merges.front(), selected, patch.options.value_or(PatchOptions()),
                          patch.field);
  }
  for (Resource* resource : selected) store_identity(*resource);
  return apply_json(selected, *loaded.json, patch.field);
}

// An entry of patchesStrategicMerge is the patch itself when it reads as an object, else a path.
Result<std::vector<Node>> load_merge_entry(Build& build, const Kustomization& kustomization, const Text& entry,
                                           const std::string& field) {
  if (entry.value.find_first_of("\n{:") != std::string::npos) {
    const SourceText source = inline_source(kustomization, entry);
    const Result<std::vector<Node>> documents = load_documents(source, base::ScalarRules::kustomize_resource);
    if (documents && !documents->empty() && documents->front().is_map()) return load_objects(source);
  }
  return load_objects(TRY(read_source(build, kustomization, entry, field)));
}

}  // namespace

Result<void> apply_patches_strategic_merge(Build& build, Resources& resources, const Kustomization& kustomization) {
  for (std::size_t i = 0; i < kustomization.patches_strategic_merge.size(); ++i) {
    const std::string field = field_of_list("patchesStrategicMerge", i);
    for (const Node& merge :
         TRY(load_merge_entry(build, kustomization, kustomization.patches_strategic_merge[i], field))) {
      Resource* resource = TRY(find_patched(resources, merge, field));
      TRY(merge_selected(build, resources, merge, {resource}, {}, field));
    }
  }
  return {};
}

Result<void> apply_patches(Build& build, Resources& resources, const Kustomization& kustomization) {
  std::vector<LoadedPatch> loaded;
  for (const Patch& patch : kustomization.patches) {
    const SourceText source = TRY(patch_source(build, kustomization, patch));
    loaded.push_back(TRY(load_patch(source, patch.field)));
  }
  for (std::size_t i = 0; i < loaded.size(); ++i)
    TRY(apply_patch(build, resources, kustomization.patches[i], loaded[i]));
  return {};
}

Result<void> apply_patches_json6902(Build& build, Resources& resources, const Kustomization& kustomization) {
  for (const Patch& patch : kustomization.patches_json6902) {
    if (!patch.target || patch.target->name.empty()) {
      return base::input_error(fmt::format("{} has no target.name", patch.field), patch.pos,
                               "name the objects in `target`");
    }
    const SourceText source = TRY(patch_source(build, kustomization, patch));
    const JsonPatch json = TRY(load_json_patch(source, patch.field));
    if (json.empty())
      return base::input_error(fmt::format("{} is empty", patch.field), patch.pos,
                               "write operations, or remove the entry");
    const Target target = TRY(Target::compile(*patch.target, patch.field + ".target", patch.pos));
    std::vector<Resource*> selected = select(resources, target);
    if (selected.empty()) warn_dead_patch(build, resources, patch);
    TRY(apply_json(selected, json, patch.field));
  }
  return {};
}

}  // namespace gantry::kube::kustomize

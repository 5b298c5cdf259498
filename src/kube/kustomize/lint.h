#pragma once

// Findings that a rendering yields on the way (reference §16): what kubectl renders without a word and somebody would want
// to know. Each function adds to `build.findings` and changes nothing else.

#include "kube/kustomize/kustomization.h"
#include "kube/kustomize/resource.h"

#include <string>
#include <string_view>

namespace gantry::kube::kustomize {

// "Deployment shop/web", with the namespace as it is written.
std::string describe(const Resource& resource);

// Help for a patch or replacement that names an object which is not there: the nearest one that is, or what there is.
std::string nearest_object(const Resources& resources, const Resource& asked);

// A patch's target selects nothing: kubectl goes on without a word.
void warn_dead_patch(Build& build, const Resources& resources, const Patch& patch);

// A replacement's target selects nothing.
void warn_dead_replacement(Build& build, const std::string& field, const base::SourcePos& pos);

// A null that should remove a label or annotation, in a patch where kustomize makes it the text "null".
void warn_null_becomes_text(Build& build, const std::string& field, const std::string& path,
                            const base::SourcePos& pos);

// A merge by `key` of lists in which an element has no such key.
void warn_keyless_element(Build& build, const Resource& resource, std::string_view key, const base::SourcePos& pos);

// A label that this entry adds to selectors: a Service that had none gains one, a peer of another namespace is narrowed.
// Called before the labels are set.
void lint_selectors(Build& build, const Resource& resource, const LabelEntry& entry);

// An object that has just been moved to a namespace: a custom resource that is cluster-scoped should not have one.
void lint_moved(Build& build, const Resource& resource, const Text& name_space);

enum class ImageSuffix { as_written, added_twice };
// An image entry that matched nothing, matched more than its name says, or added its suffix twice.
void lint_image(Build& build, const ImageEntry& entry, std::size_t matches, const std::string& other_match,
                ImageSuffix suffix);

// A change to one field that changed others with it (shared_values.h).
void warn_shared_value(Build& build, const Resource& resource, std::string_view key, const base::SourcePos& pos);

}  // namespace gantry::kube::kustomize

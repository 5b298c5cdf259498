// kustomize changes images in two passes: first in every list named containers or initContainers, wherever it is, then at
// the usual places of a pod. For most entries the second finds nothing left to do; a tagSuffix it adds once more.

#include "kube/kustomize/images.h"

#include "kube/kustomize/field_spec.h"
#include "kube/kustomize/lint.h"
#include "kube/kustomize/regex.h"

#include <fmt/format.h>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

ImageName split_image(std::string_view image) {
  // A colon before the first slash belongs to the registry's port.
  const std::size_t slash = image.find('/');
  const std::size_t from = slash == std::string_view::npos || slash == 0 ? 0 : slash;
  const std::size_t at = image.find('@', from);
  const std::size_t colon = image.find(':', from);
  ImageName name;
  if (at != std::string_view::npos) name.digest = image.substr(at + 1);
  const bool has_tag = colon != std::string_view::npos && (at == std::string_view::npos || colon < at);
  if (has_tag) name.tag = image.substr(colon + 1, at == std::string_view::npos ? at : at - colon - 1);
  name.repository = image.substr(0, has_tag ? colon : at);
  return name;
}

namespace {

constexpr FieldSpec kImageFields[] = {
    {"spec/containers[]/image", true},
    {"spec/initContainers[]/image", true},
    {"spec/template/spec/containers[]/image", true},
    {"spec/template/spec/initContainers[]/image", true},
};

// Descriptions of other objects, where "containers" is only a word.
constexpr std::string_view kSkippedKind = "CustomResourceDefinition";

class ImageSetter {
 public:
  // The name is a regular expression, anchored but without a group of its own: kustomize concatenates just so.
  static Result<ImageSetter> create(const ImageEntry& entry) {
    return ImageSetter(entry,
                       TRY(Regex::compile("^" + entry.name.value + "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$",
                                          entry.name.value, entry.field + ".name", entry.name.pos)));
  }

  Result<void> set_in_lists(Node& node) {
    if (node.is_array()) {
      for (Node& element : node.array()) TRY(set_in_lists(element));
    } else if (node.is_map()) {
      for (Node::Member& member : node.map()) {
        TRY(set_in_lists(member.value));
        if (member.key == "containers" || member.key == "initContainers") TRY(set_in_containers(member.value));
      }
    }
    return {};
  }

  Result<void> set(Node& image) {
    if (image.is_map() || image.is_array()) {
      return base::input_error(fmt::format("image is a {}, and must be a string", to_string(image.kind())),
                               image.pos());
    }
    const std::string text = scalar_text(image);
    if (!regex_.matches(text)) return {};
    ++matches_;
    const ImageName old = split_image(text);
    if (old.repository != entry_.name.value && other_match_.empty()) other_match_ = old.repository;
    image = Node(renamed(old), entry_.pos);
    return {};
  }

  std::size_t matches() const { return matches_; }
  // A repository that the name matches without being equal to it.
  const std::string& other_match() const { return other_match_; }

 private:
  ImageSetter(const ImageEntry& entry, Regex regex) : entry_(entry), regex_(std::move(regex)) {}

  Result<void> set_in_containers(Node& containers) {
    if (!containers.is_array()) return {};
    for (Node& container : containers.array()) {
      if (container.is_null()) continue;
      if (!container.is_map()) {
        return base::input_error(fmt::format("a container is a {}, and must be a map", to_string(container.kind())),
                                 container.pos());
      }
      if (Node* image = container.get("image")) TRY(set(*image));
    }
    return {};
  }

  // A new tag drops the digest and a new digest drops the tag, unless both are given.
  std::string renamed(const ImageName& old) const {
    std::string tag = old.tag;
    std::string digest = old.digest;
    if (!entry_.new_tag.empty() || !entry_.digest.empty()) {
      tag = entry_.new_tag;
      digest = entry_.digest;
    } else if (!entry_.tag_suffix.empty()) {
      tag += entry_.tag_suffix;
      digest.clear();
    }
    std::string name = entry_.new_name.empty() ? old.repository : entry_.new_name;
    if (!tag.empty()) name += ":" + tag;
    if (!digest.empty()) name += "@" + digest;
    return name;
  }

  const ImageEntry& entry_;
  Regex regex_;
  std::size_t matches_ = 0;
  std::string other_match_;
};

Result<void> apply_entry(Build& build, Resources& resources, const ImageEntry& entry) {
  ImageSetter setter = TRY(ImageSetter::create(entry));
  for (Resource& resource : resources) {
    if (kind_of(resource) != kSkippedKind) TRY(setter.set_in_lists(resource.tree));
  }
  const std::size_t matched_once = setter.matches();
  for (Resource& resource : resources) {
    if (kind_of(resource) == kSkippedKind) continue;
    for (const FieldSpec& spec : kImageFields) {
      TRY(visit_field(resource, spec, Leaf::none, entry.pos, [&setter](Node& image) { return setter.set(image); }));
    }
  }
  const bool suffixed_twice =
      !entry.tag_suffix.empty() && entry.new_tag.empty() && entry.digest.empty() && setter.matches() > matched_once;
  lint_image(build, entry, matched_once, setter.other_match(),
             suffixed_twice ? ImageSuffix::added_twice : ImageSuffix::as_written);
  return {};
}

}  // namespace

Result<void> apply_images(Build& build, Resources& resources, const Kustomization& kustomization) {
  for (const ImageEntry& entry : kustomization.images) {
    TRY(with_context(apply_entry(build, resources, entry),
                     fmt::format("while applying {} of {}", entry.field, kustomization.file)));
  }
  return {};
}

}  // namespace gantry::kube::kustomize

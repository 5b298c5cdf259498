#include "kube/kustomize/lint.h"

#include "base/text.h"
#include "kube/object.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::kube::kustomize {

using base::Finding;
using base::Node;
using base::Severity;

std::string describe(const Resource& resource) {
  const std::string name_space = namespace_of(resource);
  if (name_space.empty()) return fmt::format("{} {}", kind_of(resource), name_of(resource));
  return fmt::format("{} {}/{}", kind_of(resource), name_space, name_of(resource));
}

std::string nearest_object(const Resources& resources, const Resource& asked) {
  std::vector<std::string> descriptions;
  for (const Resource& resource : resources)
    descriptions.push_back(fmt::format("{} {}", api_version_of(resource), describe(resource)));
  const std::vector<std::string_view> names(descriptions.begin(), descriptions.end());
  const std::optional<std::string_view> nearest =
      base::nearest_name(fmt::format("{} {}", api_version_of(asked), describe(asked)), names);
  if (nearest) return fmt::format("did you mean {}?", *nearest);
  return "apiVersion, kind, name and namespace must be those of an object of this build";
}

void warn_dead_patch(Build& build, const Resources& resources, const Patch& patch) {
  std::vector<std::string> names;
  for (const Resource& resource : resources) {
    if (patch.target->kind.empty() || patch.target->kind == kind_of(resource)) names.push_back(name_of(resource));
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::optional<std::string_view> nearest = base::nearest_name(patch.target->name, candidates);
  build.warn({.rule = "kustomize.dead-patch",
              .severity = Severity::medium,
              .object = {},
              .where = patch.pos,
              .message = fmt::format("{} changes nothing: its target selects no object", patch.field),
              .explanation = "kubectl goes on without a word, so whatever the patch is for does not happen",
              .fix = nearest ? fmt::format("select \"{}\", or remove the patch", *nearest)
                             : "correct the target (it is compared before this kustomization's namespace, prefix and "
                               "labels), or remove the patch",
              .related = {}});
}

void warn_dead_replacement(Build& build, const std::string& field, const base::SourcePos& pos) {
  build.warn({.rule = "kustomize.dead-replacement",
              .severity = Severity::medium,
              .object = {},
              .where = pos,
              .message = fmt::format("{} changes nothing: it selects no object", field),
              .explanation = "kubectl goes on without a word, so the value stays as it is in the base",
              .fix = "correct select (plain text, not a pattern), or remove the target",
              .related = {}});
}

void warn_null_becomes_text(Build& build, const std::string& field, const std::string& path,
                            const base::SourcePos& pos) {
  build.warn(
      {.rule = "kustomize.null-becomes-text",
       .severity = Severity::medium,
       .object = {},
       .where = pos,
       .message = fmt::format("{} sets {} to a text instead of removing it", field, path),
       .explanation =
           "kustomize 5.5 turns labels and annotations of such a patch into strings before it merges, nulls included",
       .fix = "remove it with a JSON6902 `remove`, or with a patch in `patches` that has no target",
       .related = {}});
}

void warn_keyless_element(Build& build, const Resource& resource, std::string_view key, const base::SourcePos& pos) {
  build.warn(
      {.rule = "kustomize.element-without-key",
       .severity = Severity::high,
       .object = describe(resource),
       .where = pos,
       .message = fmt::format("an element of a list of {} that merges by {} has no {}", describe(resource), key, key),
       .explanation = "kustomize 5.5 drops such an element, or others before it, without a word",
       .fix = fmt::format("write the element's {}", key),
       .related = {}});
}

void lint_moved(Build& build, const Resource& resource, const Text& name_space) {
  const GroupVersionKind gvk = gvk_of(resource);
  if (is_cluster_scoped(resource) || scope_of(gvk.group, gvk.kind) != Scope::cluster) return;
  build.warn(
      {.rule = "kustomize.cluster-scoped-namespace",
       .severity = Severity::medium,
       .object = describe(resource),
       .where = name_space.pos,
       .message =
           fmt::format("{} is cluster-scoped, and `namespace` gives it the namespace {}", gvk.kind, name_space.value),
       .explanation =
           "kustomize 5.5 knows only the kinds of Kubernetes 1.21 and takes every other for namespaced; the API server "
           "refuses the namespace or ignores it",
       .fix = "move the object to a kustomization without `namespace`",
       .related = {{.where = resource.tree.pos(), .note = "the object"}}});
}

void lint_image(Build& build, const ImageEntry& entry, std::size_t matches, const std::string& other_match,
                ImageSuffix suffix) {
  const std::string& name = entry.name.value;
  Finding finding{.rule = {},
                  .severity = Severity::medium,
                  .object = {},
                  .where = entry.pos,
                  .message = {},
                  .explanation = {},
                  .fix = {},
                  .related = {}};
  if (matches == 0) {
    finding.rule = "kustomize.dead-image";
    finding.message = fmt::format("{} changes nothing: no image is \"{}\"", entry.field, name);
    finding.explanation = "kubectl goes on without a word, and the image keeps the tag it has in the base";
    finding.fix = "write the repository as the manifests do, registry included and without a tag, or remove the entry";
    build.warn(finding);
  }
  if (!other_match.empty()) {
    finding.rule = "kustomize.image-pattern";
    finding.message = fmt::format("{}.name \"{}\" also changes the image {}", entry.field, name, other_match);
    finding.explanation = "the name is a regular expression, in which a dot stands for any character";
    finding.fix =
        fmt::format("write \"\\.\" for each dot that should be a dot, or check that {} is meant too", other_match);
    build.warn(finding);
  }
  if (suffix == ImageSuffix::added_twice) {
    finding.rule = "kustomize.tag-suffix-twice";
    finding.message = fmt::format("{} adds the suffix \"{}\" twice", entry.field, entry.tag_suffix);
    finding.explanation = "kustomize 5.5 goes over the containers of a pod spec two times";
    finding.fix = "write the whole tag as newTag";
    build.warn(finding);
  }
}

void warn_shared_value(Build& build, const Resource& resource, std::string_view key, const base::SourcePos& pos) {
  build.warn(
      {.rule = "kustomize.shared-value",
       .severity = Severity::high,
       .object = describe(resource),
       .where = pos,
       .message = fmt::format("changing {} in one place changes it in others of {}", key, describe(resource)),
       .explanation =
           "kustomize 5.5 lets all places that one `labels` or `commonAnnotations` entry created share their value, so "
           "selectors and templates follow a change that names only metadata",
       .fix = "write the key out in the base's manifests, or change it with a JSON6902 patch",
       .related = {{.where = resource.tree.pos(), .note = "the object"}}});
}

namespace {

void lint_service(Build& build, const Resource& resource, const LabelEntry& entry) {
  const Node* selector = resource.tree.find("spec", "selector");
  if (selector && selector->is_map() && !selector->map().empty()) return;
  build.warn({.rule = "kustomize.selector-gained",
              .severity = Severity::high,
              .object = describe(resource),
              .where = entry.pos,
              .message = fmt::format("{} gives {} a selector, and it had none", entry.field, describe(resource)),
              .explanation = "a Service without a selector has its endpoints written by hand or points outside; with "
                             "one, it sends traffic to "
                             "whatever pods have the label",
              .fix = "list the labels with includeSelectors: false, or the Service in a kustomization of its own",
              .related = {{.where = resource.tree.pos(), .note = "the Service"}}});
}

// Whether the entry adds a label to the peer's pod selector, next to a selector of other namespaces.
bool narrows(const Node& peer, const LabelEntry& entry) {
  const Node* labels = peer.find("podSelector", "matchLabels");
  if (!peer.get("namespaceSelector") || !labels || !labels->is_map()) return false;
  return std::ranges::any_of(entry.pairs,
                             [labels](const auto& pair) { return labels->text(pair.first) != pair.second.value; });
}

void lint_peers(Build& build, const Resource& policy, const LabelEntry& entry, std::string_view direction,
                std::string_view side) {
  const Node* rules = policy.tree.find("spec", direction);
  if (!rules || !rules->is_array()) return;
  for (const Node& rule : rules->array()) {
    const Node* peers = rule.get(side);
    if (!peers || !peers->is_array()) continue;
    for (const Node& peer : peers->array()) {
      if (!narrows(peer, entry)) continue;
      build.warn({.rule = "kustomize.peer-narrowed",
                  .severity = Severity::high,
                  .object = describe(policy),
                  .where = peer.pos(),
                  .message = fmt::format("{} narrows an {} peer of {} in another namespace", entry.field, direction,
                                         describe(policy)),
                  .explanation = "the label is added to the peer's pod selector too; pods of the other namespace that "
                                 "lack it lose access",
                  .fix = "list the labels with includeSelectors: false, or the policy in a kustomization of its own",
                  .related = {{.where = entry.pos, .note = "the labels"}}});
    }
  }
}

}  // namespace

void lint_selectors(Build& build, const Resource& resource, const LabelEntry& entry) {
  if (kind_of(resource) == "Service" && api_version_of(resource) == "v1") lint_service(build, resource, entry);
  if (kind_of(resource) != "NetworkPolicy") return;
  lint_peers(build, resource, entry, "ingress", "from");
  lint_peers(build, resource, entry, "egress", "to");
}

}  // namespace gantry::kube::kustomize

#include "kube/kustomize/selection.h"

#include "kube/kustomize/regex.h"

#include <fmt/format.h>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

Result<SetSelector> SetSelector::parse(const std::string& text, const std::string& field, const base::SourcePos& pos) {
  SetSelector result;
  if (text.empty()) return result;
  Result<LabelSelector> parsed = LabelSelector::parse_text(text);
  if (!parsed) {
    return base::input_error(fmt::format("{} is \"{}\": {}", field, text, parsed.error().message), pos,
                             "write it as kubectl does: app in (a,b),!legacy,tier=front");
  }
  result.selector_ = *std::move(parsed);
  return result;
}

bool SetSelector::matches(const Node* map) const {
  if (selector_.selects_everything()) return true;
  std::vector<LabelSet::Pair> pairs;
  if (map && map->is_map()) {
    for (const Node::Member& member : map->map()) pairs.emplace_back(member.key, scalar_text(member.value));
  }
  return selector_.matches(LabelSet(std::move(pairs)));
}

struct Target::Impl {
  std::optional<Regex> group;
  std::optional<Regex> version;
  std::optional<Regex> kind;
  std::optional<Regex> name;
  std::optional<Regex> name_space;
  SetSelector labels;
  SetSelector annotations;
};

Target::Target(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Target::~Target() = default;
Target::Target(Target&&) noexcept = default;
Target& Target::operator=(Target&&) noexcept = default;

namespace {

Result<std::optional<Regex>> compile_part(const std::string& pattern, const std::string& field,
                                          const base::SourcePos& pos) {
  if (pattern.empty()) return std::optional<Regex>();
  return TRY(Regex::compile("^(?:" + pattern + ")$", pattern, field, pos));
}

bool matches(const std::optional<Regex>& regex, std::string_view text) { return !regex || regex->matches(text); }

}  // namespace

Result<Target> Target::compile(const Selector& selector, const std::string& field, const base::SourcePos& pos) {
  auto impl = std::make_unique<Impl>();
  impl->group = TRY(compile_part(selector.group, field + ".group", pos));
  impl->version = TRY(compile_part(selector.version, field + ".version", pos));
  impl->kind = TRY(compile_part(selector.kind, field + ".kind", pos));
  impl->name = TRY(compile_part(selector.name, field + ".name", pos));
  impl->name_space = TRY(compile_part(selector.name_space, field + ".namespace", pos));
  impl->labels = TRY(SetSelector::parse(selector.label_selector, field + ".labelSelector", pos));
  impl->annotations = TRY(SetSelector::parse(selector.annotation_selector, field + ".annotationSelector", pos));
  return Target(std::move(impl));
}

bool Target::selects(const Resource& resource) const {
  const ResourceId current = current_id(resource);
  const ResourceId original = original_id(resource);
  return (matches(impl_->name_space, original.name_space) || matches(impl_->name_space, current.name_space)) &&
         (matches(impl_->name, original.name) || matches(impl_->name, current.name)) &&
         matches(impl_->group, current.gvk.group) && matches(impl_->version, current.gvk.version) &&
         matches(impl_->kind, current.gvk.kind) && impl_->labels.matches(resource.tree.find("metadata", "labels")) &&
         impl_->annotations.matches(resource.tree.find("metadata", "annotations"));
}

}  // namespace gantry::kube::kustomize

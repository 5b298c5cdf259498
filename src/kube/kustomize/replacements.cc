#include "kube/kustomize/replacements.h"

#include "base/text.h"
#include "base/yaml.h"
#include "kube/kustomize/field_path.h"
#include "kube/kustomize/lint.h"
#include "kube/kustomize/selection.h"
#include "kube/kustomize/shared_values.h"
#include "kube/kustomize/sources.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

constexpr std::string_view kDefaultFieldPath = "metadata.name";

// An identity as `replacements` compares it: text for text, by any identity the object has or had.
struct Wanted {
  std::string_view group;
  std::string_view version;
  std::string_view kind;
  std::string_view name;
  std::string_view name_space;

  bool says_nothing() const {
    return group.empty() && version.empty() && kind.empty() && name.empty() && name_space.empty();
  }
};

Wanted wanted_by(const Selector& s) { return {s.group, s.version, s.kind, s.name, s.name_space}; }
Wanted wanted_by(const ReplacementSource& s) { return {s.group, s.version, s.kind, s.name, s.name_space}; }

// Here kustomize compares namespaces without knowing what is cluster-scoped, and takes none for "default".
std::string_view namespace_or_default(std::string_view name_space) {
  return name_space.empty() ? kDefaultNamespace : name_space;
}

bool is_wanted(const Resource& resource, const Wanted& wanted) {
  std::vector<ResourceId> ids = previous_ids(resource);
  ids.push_back(current_id(resource));
  ids.back().name_space = namespace_of(resource);
  return std::ranges::any_of(ids, [&wanted](const ResourceId& id) {
    return (wanted.name.empty() || wanted.name == id.name) &&
           (wanted.name_space.empty() ||
            namespace_or_default(wanted.name_space) == namespace_or_default(id.name_space)) &&
           is_selected(id.gvk, wanted.group, wanted.version, wanted.kind);
  });
}

std::vector<std::string> split_text(const std::string& text, const std::string& delimiter) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t at = text.find(delimiter); at != std::string::npos; at = text.find(delimiter, from)) {
    parts.push_back(text.substr(from, at - from));
    from = at + delimiter.size();
  }
  parts.push_back(text.substr(from));
  return parts;
}

bool is_scalar(const Node& node) { return !node.is_map() && !node.is_array(); }

bool is_empty(const Node& node) {
  return node.is_null() || (node.is_map() && node.map().empty()) || (node.is_array() && node.array().empty());
}

std::unexpected<base::Error> delimiter_needs_text(const std::string& field, const Node& node) {
  return base::input_error(
      fmt::format("{}.options.delimiter splits text, and finds a {}", field, to_string(node.kind())), node.pos());
}

Result<const Resource*> find_source(const Resources& resources, const Replacement& replacement) {
  const Wanted wanted = wanted_by(*replacement.source);
  const Resource* found = nullptr;
  for (const Resource& resource : resources) {
    if (!is_wanted(resource, wanted)) continue;
    if (found) {
      return base::input_error(fmt::format("{}.source matches several objects: {} and {}", replacement.field,
                                           describe(*found), describe(resource)),
                               replacement.pos, "add kind, name or namespace");
    }
    found = &resource;
  }
  if (found) return found;
  return base::input_error(
      fmt::format("{}.source matches no object: kind \"{}\", name \"{}\"", replacement.field, wanted.kind, wanted.name),
      replacement.pos, "write the name as it is before or after prefixes, without a hash");
}

// The value to copy. A whole field stays itself: when a target changes the source's own field, later targets get that.
class SourceValue {
 public:
  static Result<SourceValue> create(Build& build, const Resources& resources, const Replacement& replacement) {
    SourceValue result;
    result.resource_ = TRY(find_source(resources, replacement));
    const ReplacementSource& source = *replacement.source;
    result.path_ = source.field_path;
    if (result.path_.empty()) result.path_ = {.value = std::string(kDefaultFieldPath), .pos = replacement.pos};
    const Node* value = TRY(find_value(result.resource_->tree, result.path_));
    if (!value || is_empty(*value)) {
      return base::input_error(fmt::format("{}.source.fieldPath {} is missing in {}", replacement.field,
                                           result.path_.value, describe(*result.resource_)),
                               result.path_.pos, "correct the path");
    }
    result.is_part_ = source.options && !source.options->delimiter.empty();
    result.value_ = result.is_part_ ? TRY(part_of(build, *value, replacement)) : *value;
    return result;
  }

  const Node& current() {
    if (is_part_) return value_;
    const Result<const Node*> now = find_value(resource_->tree, path_);
    if (now && *now) value_ = **now;
    return value_;
  }

 private:
  SourceValue() = default;

  static Result<Node> part_of(Build& build, const Node& value, const Replacement& replacement) {
    if (!is_scalar(value)) return delimiter_needs_text(replacement.field + ".source", value);
    const ReplacementOptions& options = *replacement.source->options;
    const std::string text = build.written.of(value);
    const std::vector<std::string> parts = split_text(text, options.delimiter);
    if (options.index >= 0 && options.index < std::ssize(parts)) {
      return Node(parts[static_cast<std::size_t>(options.index)], value.pos());
    }
    return base::input_error(fmt::format("{}.source.options.index is {}, and \"{}\" has {} parts", replacement.field,
                                         options.index, text, parts.size()),
                             replacement.pos);
  }

  const Resource* resource_ = nullptr;
  Text path_;
  bool is_part_ = false;
  Node value_;
};

// What a text means when it stands unquoted in a resource file.
Node unquoted(const std::string& text, const base::SourcePos& pos) {
  if (text.empty()) return Node::null_at(pos);
  if (text.find_first_of(" \t\n#\"'{}[]&*!|>%@`,") != std::string::npos) return Node(text, pos);
  const Result<Node> read =
      base::load_yaml_document(text, "", {.rules = base::ScalarRules::kustomize_resource, .limits = {}});
  Node node = read && is_scalar(*read) ? *read : Node(text);
  node.set_pos(pos);
  return node;
}

// kustomize writes the text into the field and keeps the field's type; text that is no value of that type fails.
Result<Node> retyped(const std::string& text, const Node& target, const base::SourcePos& pos) {
  if (target.is_string()) return Node(text, pos);
  Node value = unquoted(text, pos);
  const bool fits = (target.is_real() && value.is_number()) || value.kind() == target.kind();
  if (fits) return value;
  return base::input_error(fmt::format("\"{}\" cannot be written into a field of type {} ({})", text,
                                       to_string(target.kind()), base::to_string(target.pos())),
                           pos, "quote the field's present value in the manifest, so that it is a string");
}

// The value for one field: as it is, or in the place of one part of the field's text.
Result<Node> value_for(Build& build, const Node& value, const Node& target,
                       const std::optional<ReplacementOptions>& options, const std::string& field) {
  if (!options || options->delimiter.empty()) {
    if (!is_scalar(target)) return value;
    return retyped(build.written.of(value), target, value.pos());
  }
  if (!is_scalar(target)) return delimiter_needs_text(field, target);
  std::vector<std::string> parts = split_text(build.written.of(target), options->delimiter);
  const std::string text = build.written.of(value);
  const auto count = static_cast<std::int64_t>(parts.size());
  if (options->index < 0) {
    parts.insert(parts.begin(), text);
  } else if (options->index >= count) {
    parts.push_back(text);
  } else {
    parts[static_cast<std::size_t>(options->index)] = text;
  }
  return retyped(fmt::format("{}", fmt::join(parts, options->delimiter)), target, value.pos());
}

Create create_for(const Node& value, const std::optional<ReplacementOptions>& options) {
  if (!options || !options->create) return Create::nothing;
  if (value.is_map()) return Create::map;
  return value.is_array() ? Create::list : Create::scalar;
}

// What a field that was just made gets: kustomize leaves its type to what the text looks like.
bool was_made(const Node& target, Create create, const Text& path) {
  return create == Create::scalar && target.is_string() && target.string().empty() && target.pos() == path.pos;
}

Result<void> copy_to(Build& build, Resource& resource, SourceValue& source, const ReplacementTarget& target,
                     const Text& path, const std::string& field) {
  const Create create = create_for(source.current(), target.options);
  const std::vector<Node*> places = TRY(find_values(resource.tree, path, create));
  if (places.empty()) {
    return base::input_error(fmt::format("{}: {} has no field {}", field, describe(resource), path.value), path.pos,
                             "correct the path, or set options.create: true");
  }
  for (Node* place : places) {
    const Node value = source.current();
    Node replaced = TRY(value_for(build, value, *place, target.options, field));
    if (was_made(*place, create, path)) replaced = unquoted(scalar_text(replaced), value.pos());
    if (assign_shared(resource, *place, std::move(replaced)) > 0)
      warn_shared_value(build, resource, path.value, path.pos);
  }
  return {};
}

struct Rejection {
  Wanted wanted;
  bool has_selector = false;
  SetSelector labels;
  SetSelector annotations;
};

// One target with its selectors parsed.
class TargetFilter {
 public:
  static Result<TargetFilter> create(const ReplacementTarget& target, const std::string& field,
                                     const base::SourcePos& pos) {
    if (!target.select) return base::input_error(fmt::format("{} has no select", field), pos, "say which objects");
    TargetFilter filter;
    filter.select_ = TRY(parse(*target.select, field + ".select", pos));
    for (const Selector& reject : target.reject) filter.rejects_.push_back(TRY(parse(reject, field + ".reject", pos)));
    return filter;
  }

  bool selects(const Resource& resource) const {
    if (!matches_selectors(resource, select_) || !is_wanted(resource, select_.wanted)) return false;
    return std::ranges::none_of(rejects_, [&resource](const Rejection& reject) {
      return (reject.has_selector && matches_selectors(resource, reject)) ||
             (!reject.wanted.says_nothing() && is_wanted(resource, reject.wanted));
    });
  }

 private:
  static Result<Rejection> parse(const Selector& selector, const std::string& field, const base::SourcePos& pos) {
    SetSelector labels = TRY(SetSelector::parse(selector.label_selector, field + ".labelSelector", pos));
    SetSelector annotations = TRY(SetSelector::parse(selector.annotation_selector, field + ".annotationSelector", pos));
    return Rejection{.wanted = wanted_by(selector),
                     .has_selector = !selector.label_selector.empty() || !selector.annotation_selector.empty(),
                     .labels = std::move(labels),
                     .annotations = std::move(annotations)};
  }

  static bool matches_selectors(const Resource& resource, const Rejection& selector) {
    return selector.labels.matches(resource.tree.find("metadata", "labels")) &&
           selector.annotations.matches(resource.tree.find("metadata", "annotations"));
  }

  Rejection select_;
  std::vector<Rejection> rejects_;
};

Result<void> apply_target(Build& build, Resources& resources, SourceValue& source, const ReplacementTarget& target,
                          const std::string& field, const base::SourcePos& pos) {
  const TargetFilter filter = TRY(TargetFilter::create(target, field, pos));
  std::vector<Text> paths = target.field_paths;
  if (paths.empty()) paths.push_back({.value = std::string(kDefaultFieldPath), .pos = pos});
  bool selected = false;
  for (Resource& resource : resources) {
    if (!filter.selects(resource)) continue;
    selected = true;
    for (const Text& path : paths) TRY(copy_to(build, resource, source, target, path, field));
  }
  if (!selected) warn_dead_replacement(build, field, pos);
  return {};
}

Result<void> apply_replacement(Build& build, Resources& resources, const Replacement& replacement) {
  if (!replacement.source || !replacement.targets) {
    return base::input_error(fmt::format("{} needs a source and targets", replacement.field), replacement.pos,
                             "write both");
  }
  SourceValue source = TRY(SourceValue::create(build, resources, replacement));
  for (std::size_t i = 0; i < replacement.targets->size(); ++i) {
    TRY(apply_target(build, resources, source, (*replacement.targets)[i],
                     fmt::format("{}.targets[{}]", replacement.field, i), replacement.pos));
  }
  return {};
}

// Entries written in place and those of the files that entries name, in order.
Result<std::vector<Replacement>> collect(Build& build, const Kustomization& kustomization) {
  std::vector<Replacement> all;
  for (const Replacement& entry : kustomization.replacements) {
    if (entry.path.empty()) {
      all.push_back(entry);
      continue;
    }
    if (entry.source || (entry.targets && !entry.targets->empty())) {
      return base::input_error(fmt::format("{} has a path and a replacement", entry.field), entry.pos,
                               "keep one of the two");
    }
    const SourceText source = TRY(read_source(build, kustomization, entry.path, entry.field + ".path"));
    for (Replacement& replacement : TRY(parse_replacements_file(source.text, source.name))) {
      replacement.field = fmt::format("{}{}", entry.field, replacement.field);
      all.push_back(std::move(replacement));
    }
  }
  return all;
}

}  // namespace

Result<void> apply_replacements(Build& build, Resources& resources, const Kustomization& kustomization) {
  for (const Replacement& replacement : TRY(collect(build, kustomization))) {
    TRY(with_context(apply_replacement(build, resources, replacement),
                     fmt::format("while applying {} of {}", replacement.field, kustomization.file)));
  }
  return {};
}

}  // namespace gantry::kube::kustomize

// The merge walks object and patch together. Where only the object has a value, kustomize walks on all the same: an object
// that any patch touches loses its unwritten nulls ("emptyDir:") and its repeated list elements everywhere.

#include "kube/kustomize/strategic_merge.h"

#include "kube/kustomize/builtin_kinds.h"
#include "kube/kustomize/merge_list.h"
#include "kube/kustomize/nulls.h"
#include "kube/kustomize/shared_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

namespace {

constexpr std::string_view kDirective = "$patch";

enum class Directive { merge, replace, remove };

Result<Directive> parse_directive(const Node& value) {
  const std::string text = scalar_text(value);
  if (text == "merge") return Directive::merge;
  if (text == "replace") return Directive::replace;
  if (text == "delete") return Directive::remove;
  return base::input_error(fmt::format("$patch is \"{}\"", text), value.pos(), "write delete, replace or merge");
}

// Takes the directive out of a patch's map.
Result<Directive> take_map_directive(Node& patch) {
  const Node* value = patch.get(kDirective);
  if (!value) return Directive::merge;
  const Directive directive = TRY(parse_directive(*value));
  patch.erase(kDirective);
  return directive;
}

// Takes the directive out of a patch's list: an element that says nothing else.
Result<Directive> take_list_directive(Node& patch) {
  const auto element =
      std::ranges::find_if(patch.array(), [](const Node& node) { return node.get(kDirective) != nullptr; });
  if (element == patch.array().end() || element->map().size() > 1) return Directive::merge;
  const Node value = *element->get(kDirective);
  const Directive directive = TRY(parse_directive(value));
  TRY(remove_elements(patch.array(), {kDirective}, {scalar_text(value)}));
  return directive;
}

bool is_present(const Node* node) { return node && !node->is_null(); }

// What becomes of a field: gone, the object's (changed in place), or the patch's.
enum class Outcome { removed, object, patch };

class Merger {
 public:
  Merger(WrittenTexts& written, Resource& resource) : written_(written), shared_(resource) {}

  // Either may be null. When both are the same node, it is the patch's and is only cleaned of nulls and directives.
  Result<Outcome> merge(Node* object, Node* patch, Shape shape, bool null_is_written = false) {
    const Node* const first = is_present(object) ? object : is_present(patch) ? patch : nullptr;
    if (first && is_present(object) && is_present(patch)) TRY(check_types(*object, *patch));
    if (!first || first->is_map()) return merge_maps(object, patch, shape, null_is_written);
    return patch ? Outcome::patch : Outcome::object;  // scalars, and lists that do not merge
  }

  MergeEffects finish() { return {.shared_keys = shared_.finish(), .keyless = std::move(keyless_)}; }

 private:
  static Result<void> check_types(const Node& object, const Node& patch) {
    const auto shape_of_value = [](const Node& node) { return node.is_map() ? 'm' : node.is_array() ? 'l' : 's'; };
    if (shape_of_value(object) == shape_of_value(patch)) return {};
    return base::input_error(fmt::format("the patch has a {} where the object has a {} ({})", to_string(patch.kind()),
                                         to_string(object.kind()), base::to_string(object.pos())),
                             patch.pos(), "write the same type, or null to remove the field first");
  }

  Result<Outcome> merge_maps(Node* object, Node* patch, Shape shape, bool null_is_written) {
    Outcome outcome = Outcome::object;
    if (!is_present(object)) {
      if (!patch) return object && null_is_written ? Outcome::object : Outcome::removed;
      if (patch->is_null() || TRY(take_map_directive(*patch)) == Directive::remove) return Outcome::removed;
      outcome = Outcome::patch;
    } else if (patch) {
      if (patch->is_null()) return Outcome::removed;
      const Directive directive = TRY(take_map_directive(*patch));
      if (directive == Directive::remove) return Outcome::removed;
      if (directive == Directive::replace) outcome = Outcome::patch;
    }
    if (outcome == Outcome::patch) object = patch;
    TRY(merge_members(*object, patch, embedded_shape(shape, *object, patch)));
    return outcome;
  }

  // Below custom resources, an object of a known kind still merges by that kind's rules.
  static Shape embedded_shape(Shape shape, const Node& object, const Node* patch) {
    if (shape != Shape::opaque) return shape;
    const Shape own = shape_of(object.text("apiVersion"), object.text("kind"));
    return own != Shape::opaque || !patch ? own : shape_of(patch->text("apiVersion"), patch->text("kind"));
  }

  Result<void> merge_members(Node& object, Node* patch, Shape shape) {
    for (const std::string& key : member_names(object, patch)) {
      Node* ours = object.get(key);
      Node* theirs = patch ? patch->get(key) : nullptr;
      const FieldShape* field = field_shape(shape, key);
      const bool null_is_written = ours && ours->is_null() && is_written_null(object, key);
      const Outcome outcome = field && field->merges_list
                                  ? TRY(merge_lists(ours, theirs, *field))
                                  : TRY(merge(ours, theirs, field ? field->child : Shape::opaque, null_is_written));
      take_outcome(object, key, outcome, theirs, patch);
    }
    return {};
  }

  static bool is_written_null(const Node& object, const std::string& key) {
    const auto member = std::ranges::find(object.map(), key, &Node::Member::key);
    return null_form(*member) == NullForm::written;
  }

  void take_outcome(Node& object, const std::string& key, Outcome outcome, const Node* theirs, const Node* patch) {
    Node* ours = object.get(key);
    if (outcome == Outcome::removed || (outcome == Outcome::patch && theirs->is_null())) {
      object.erase(key);
    } else if (outcome == Outcome::patch && ours != theirs) {
      if (ours) {
        shared_.assign(key, *ours, in_the_style_of(*ours, *theirs));
      } else {
        object.set(key, *theirs, *patch->key_pos(key));
      }
    }
  }

  // kustomize keeps the quotes of the old value: a number in the place of "80" is a string again.
  Node in_the_style_of(const Node& ours, const Node& theirs) {
    const bool may_need_quotes = ours.is_string() && (theirs.is_number() || theirs.is_bool());
    if (!may_need_quotes || !written_.is_quoted(ours)) return theirs;
    return Node(written_.of(theirs), theirs.pos());
  }

  static std::vector<std::string> member_names(const Node& object, const Node* patch) {
    std::vector<std::string> names;
    for (const Node::Member& member : object.map()) names.push_back(member.key);
    if (patch && patch != &object && patch->is_map()) {
      for (const Node::Member& member : patch->map()) names.push_back(member.key);
    }
    // In order of name: when a patch changes one shared value twice, the last change counts.
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  Result<Outcome> merge_lists(Node* object, Node* patch, const FieldShape& field) {
    if (is_present(object) && is_present(patch)) TRY(check_types(*object, *patch));
    const Node* const first = is_present(object) ? object : is_present(patch) ? patch : nullptr;
    if (!first || !first->is_array()) return merge(object, patch, field.child);
    Outcome outcome = Outcome::object;
    if (!is_present(object)) {
      outcome = Outcome::patch;
    } else if (patch) {
      if (patch->is_null()) return Outcome::removed;
      const Directive directive = TRY(take_list_directive(*patch));
      if (directive == Directive::remove) return Outcome::removed;
      if (directive == Directive::replace) outcome = Outcome::patch;
    }
    if (outcome == Outcome::patch) object = patch;
    TRY(merge_elements(*object, patch, field));
    return outcome;
  }

  Result<void> merge_elements(Node& object, Node* patch, const FieldShape& field) {
    Keys keys(field.merge_keys().begin(), field.merge_keys().end());
    std::vector<KeyValues> all =
        keys.empty() ? scalar_values(patch, &object) : element_key_values(patch, &object, keys);
    if (keys.empty()) {
      keys = {""};
    } else {
      note_keyless(object, keys.front());
      if (patch && patch != &object) note_keyless(*patch, keys.front());
    }
    if (all.empty()) return {};
    if (keys.size() > 1) join_partial(all);
    Node::Array merged;
    UsableKeys usable;
    for (const KeyValues& values : all) {
      usable = usable_keys(all, values, keys);
      TRY(merge_element(object, patch, field, usable, merged));
    }
    object.array() = TRY(join_lists(std::move(merged), object.array(), usable.keys));
    return {};
  }

  void note_keyless(const Node& list, std::string_view key) {
    if (!list.is_array()) return;
    for (const Node& element : list.array()) {
      if (element.is_map() && !element.get(key) && !element.get(kDirective))
        keyless_.push_back({.key = key, .pos = element.pos()});
    }
  }

  Result<void> merge_element(Node& object, Node* patch, const FieldShape& field, const UsableKeys& usable,
                             Node::Array& merged) {
    const UsableKeys own = usable_keys(std::span(&usable.values, 1), usable.values, usable.keys);
    Node* ours = find_element(&object, own);
    Node* theirs = patch ? find_element(patch, own) : nullptr;
    const Outcome outcome = TRY(merge(ours, theirs, field.child));
    Node* element = outcome == Outcome::object ? ours : outcome == Outcome::patch ? theirs : nullptr;
    if (!is_present(element) || (element->is_map() && element->map().empty())) {
      return remove_elements(object.array(), usable.keys, usable.values);
    }
    for (std::size_t i = 0; element->is_map() && i < usable.keys.size() && i < usable.values.size(); ++i) {
      if (!element->get(usable.keys[i]) && !usable.values[i].empty())
        element->set(usable.keys[i], Node(usable.values[i], element->pos()));
    }
    return place_element(merged, Node(*element), usable.keys, usable.values);
  }

  WrittenTexts& written_;
  SharedAssignments shared_;
  std::vector<KeylessElement> keyless_;
};

}  // namespace

Result<MergeEffects> merge_patch(WrittenTexts& written, Resource& resource, Node patch) {
  Merger merger(written, resource);
  const Outcome outcome =
      TRY(merger.merge(&resource.tree, &patch, shape_of(api_version_of(resource), kind_of(resource))));
  if (outcome == Outcome::removed) resource.tree = Node();
  if (outcome == Outcome::patch) resource.tree = std::move(patch);
  return merger.finish();
}

}  // namespace gantry::kube::kustomize

#include "kube/kustomize/field_spec.h"

#include <fmt/format.h>

#include <string>

namespace gantry::kube::kustomize {

using base::Node;
using base::Result;

bool applies_to(const FieldSpec& spec, const GroupVersionKind& gvk) {
  return is_selected(gvk, spec.group, spec.version, spec.kind);
}

namespace {

struct Step {
  std::string name;
  bool names_list = false;  // written with "[]": the member is never made
};

// Takes the first step off the path. A slash after a backslash belongs to the name.
Step take_step(std::string_view& path) {
  Step step;
  std::size_t i = 0;
  for (; i < path.size() && path[i] != '/'; ++i) {
    if (path[i] == '\\' && i + 1 < path.size() && path[i + 1] == '/') ++i;
    step.name += path[i];
  }
  path.remove_prefix(i < path.size() ? i + 1 : i);
  if (step.name.ends_with("[]")) {
    step.name.resize(step.name.size() - 2);
    step.names_list = true;
  }
  return step;
}

class Visitor {
 public:
  Visitor(const FieldSpec& spec, Leaf leaf, const base::SourcePos& made_at, const VisitNode& visit)
      : spec_(spec), leaf_(spec.create ? leaf : Leaf::none), made_at_(made_at), visit_(visit) {}

  Result<void> walk(Node& node, std::string_view path) const {
    if (path.empty()) return visit_(node);
    if (node.is_null()) return {};
    if (node.is_map()) return walk_member(node, path);
    if (!node.is_array()) {
      return base::input_error(
          fmt::format("{} is a {} where the path {} needs a map or a list", fmt::format("\"{}\"", scalar_text(node)),
                      to_string(node.kind()), spec_.path),
          node.pos());
    }
    for (Node& element : node.array()) TRY(walk(element, path));
    return {};
  }

 private:
  Result<void> walk_member(Node& map, std::string_view path) const {
    const Step step = take_step(path);
    if (step.name.empty()) return base::input_error(fmt::format("the path {} has an empty step", spec_.path), made_at_);
    const Node::Kind wanted = kind_when_made(step, path);
    Node* member = map.get(step.name);
    if (!member) {
      if (step.names_list || leaf_ == Leaf::none) return {};
      member = &map.set(step.name, made(wanted), made_at_);
    } else if (member->is_null() && wanted != Node::Kind::null) {
      *member = made(wanted);
    }
    return walk(*member, path);
  }

  // What the member becomes when it is missing or null; null: it stays as it is.
  Node::Kind kind_when_made(const Step& step, std::string_view rest) const {
    if (step.names_list) return Node::Kind::array;
    if (leaf_ == Leaf::none) return Node::Kind::null;
    return !rest.empty() || leaf_ == Leaf::map ? Node::Kind::map : Node::Kind::string;
  }

  Node made(Node::Kind kind) const {
    if (kind == Node::Kind::map) return Node::empty_map(made_at_);
    if (kind == Node::Kind::array) return Node::empty_array(made_at_);
    return Node(std::string(), made_at_);
  }

  const FieldSpec& spec_;
  Leaf leaf_;
  const base::SourcePos& made_at_;
  const VisitNode& visit_;
};

}  // namespace

Result<void> visit_field(Resource& resource, const FieldSpec& spec, Leaf leaf, const base::SourcePos& made_at,
                         const VisitNode& visit) {
  std::string_view path = spec.path;
  if (path.size() > 1 && path.starts_with('/')) path.remove_prefix(1);
  return Visitor(spec, leaf, made_at, visit).walk(resource.tree, path);
}

}  // namespace gantry::kube::kustomize

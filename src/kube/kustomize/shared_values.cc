#include "kube/kustomize/shared_values.h"

#include <algorithm>
#include <iterator>

namespace gantry::kube::kustomize {

using base::Node;

base::SourcePos make_cell(Resource& resource, const base::SourcePos& pos) {
  base::SourcePos cell{
      .file = std::make_shared<const std::string>(pos.file_name()), .line = pos.line, .column = pos.column};
  resource.shared_cells.push_back(cell.file);
  return cell;
}

std::shared_ptr<const std::string> cell_of(const Resource& resource, const Node& value) {
  const auto it = std::ranges::find(resource.shared_cells, value.pos().file);
  return it == resource.shared_cells.end() ? nullptr : *it;
}

namespace {

std::size_t replace_cell(Node& node, const std::shared_ptr<const std::string>& cell, const Node& value) {
  std::size_t replaced = 0;
  if (node.is_array()) {
    for (Node& element : node.array()) replaced += replace_cell(element, cell, value);
  } else if (node.is_map()) {
    for (Node::Member& member : node.map()) replaced += replace_cell(member.value, cell, value);
  } else if (node.pos().file == cell) {
    node = value;
    replaced = 1;
  }
  return replaced;
}

}  // namespace

std::size_t assign_shared(Resource& resource, Node& place, Node value) {
  const std::shared_ptr<const std::string> old = cell_of(resource, place);
  if (!old) {
    place = std::move(value);
    return 0;
  }
  std::erase(resource.shared_cells, old);
  value.set_pos(make_cell(resource, value.pos()));
  return replace_cell(resource.tree, old, value) - 1;
}

void SharedAssignments::assign(std::string_view key, Node& place, const Node& value) {
  const std::shared_ptr<const std::string> cell = cell_of(resource_, place);
  if (!cell || value.is_array() || value.is_map()) {
    place = value;
    return;
  }
  auto change =
      std::ranges::find_if(changes_, [&](const Change& c) { return c.old_cell == cell || c.value.pos().file == cell; });
  if (change == changes_.end()) {
    changes_.push_back({.old_cell = cell, .value = value, .key = std::string(key)});
    change = std::prev(changes_.end());
    change->value.set_pos(make_cell(resource_, value.pos()));
  } else {
    // The last of several assignments to one cell is what all its places show.
    const std::shared_ptr<const std::string> new_cell = change->value.pos().file;
    change->value = value;
    change->value.set_pos({.file = new_cell, .line = value.pos().line, .column = value.pos().column});
  }
  place = change->value;
}

std::vector<std::string> SharedAssignments::finish() {
  std::vector<std::string> keys;
  for (const Change& change : changes_) {
    if (replace_cell(resource_.tree, change.old_cell, change.value) > 0) keys.push_back(change.key);
    replace_cell(resource_.tree, change.value.pos().file, change.value);
    std::erase(resource_.shared_cells, change.old_cell);
  }
  changes_.clear();
  return keys;
}

}  // namespace gantry::kube::kustomize

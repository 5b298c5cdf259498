#include "kube/kustomize/nulls.h"

namespace gantry::kube::kustomize {

using base::Node;

NullForm null_form(const Node::Member& member) {
  if (!member.value.pos().file) return NullForm::unwritten_in_braces;
  return member.value.pos() == member.key_pos ? NullForm::unwritten : NullForm::written;
}

namespace {

bool stands_in_braces(const Node& map, const std::vector<std::string_view>& lines) {
  const base::SourcePos& pos = map.pos();
  if (pos.line == 0 || pos.line > lines.size() || pos.column == 0 || pos.column > lines[pos.line - 1].size())
    return false;
  return lines[pos.line - 1][pos.column - 1] == '{';
}

}  // namespace

void mark_unwritten_nulls(Node& tree, const std::vector<std::string_view>& lines) {
  if (tree.is_array()) {
    for (Node& element : tree.array()) mark_unwritten_nulls(element, lines);
  }
  if (!tree.is_map()) return;
  const bool in_braces = stands_in_braces(tree, lines);
  for (Node::Member& member : tree.map()) {
    const bool is_unwritten = member.value.is_null() && null_form(member) == NullForm::unwritten;
    if (is_unwritten && in_braces) member.value.set_pos({});
    mark_unwritten_nulls(member.value, lines);
  }
}

void write_out_nulls(Node& tree) {
  if (tree.is_array()) {
    for (Node& element : tree.array()) write_out_nulls(element);
  }
  if (!tree.is_map()) return;
  for (Node::Member& member : tree.map()) {
    write_out_nulls(member.value);
    if (!member.value.is_null()) continue;
    const NullForm form = null_form(member);
    if (form == NullForm::unwritten_in_braces) member.value = Node("", member.key_pos);
    // Where it would stand, had it been written: behind the key and its colon.
    base::SourcePos behind = member.key_pos;
    behind.column += static_cast<std::uint32_t>(member.key.size()) + 2;
    if (form == NullForm::unwritten) member.value.set_pos(behind);
  }
}

}  // namespace gantry::kube::kustomize

// Values of Secrets end here: nothing after this file has seen one.

#include "kube/objects.h"

namespace gantry::kube {

namespace {

using base::Node;

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

// Text becomes null. What is no text is a mistake that the reader reports: its kind stays, its value does not.
Node without_value(const Node& value) {
  const base::SourcePos pos = value.pos();
  switch (value.kind()) {
    case Node::Kind::null:
    case Node::Kind::string: return Node::null_at(pos);
    case Node::Kind::boolean: return Node(false, pos);
    case Node::Kind::integer:
    case Node::Kind::real: return Node(0, pos);
    case Node::Kind::array: return Node::empty_array(pos);
    case Node::Kind::map: return Node::empty_map(pos);
  }
  return Node::null_at(pos);
}

void drop_values(Node& document, std::string_view field) {
  Node* entries = document.get(field);
  if (entries == nullptr || entries->is_null()) return;
  if (!entries->is_map()) {
    *entries = without_value(*entries);
    return;
  }
  for (Node::Member& member : entries->map()) member.value = without_value(member.value);
}

// A patch or a typo may leave values anywhere; only what a Secret is known to have is kept.
void drop_other_fields(Node& document) {
  for (Node::Member& member : document.map()) {
    const std::string& key = member.key;
    const bool known = key == "apiVersion" || key == "kind" || key == "metadata" || key == "type" ||
                       key == "immutable" || key == "data" || key == "stringData";
    if (!known) member.value = without_value(member.value);
  }
}

}  // namespace

void drop_secret_values(Draft& draft) {
  if (!draft.object.id.group.empty() || draft.object.id.kind != "Secret") return;
  drop_values(draft.document, "data");
  drop_values(draft.document, "stringData");
  drop_other_fields(draft.document);
  draft.object.annotations.erase(kLastApplied);
  Node* metadata = draft.document.get("metadata");
  Node* annotations = metadata == nullptr ? nullptr : metadata->get("annotations");
  if (annotations != nullptr && annotations->is_map()) annotations->erase(kLastApplied);
}

}  // namespace gantry::kube

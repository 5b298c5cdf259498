// Label selectors: parsing as the API server validates, and matching (network policy reference, §6).

#include "base/text.h"
#include "kube/labels.h"
#include "kube/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace gantry::kube {

namespace {

using base::Node;
using base::Result;

struct OperatorName {
  std::string_view text;
  SelectorOperator op;
};
constexpr std::array<OperatorName, 4> kOperators = {{
    {"In", SelectorOperator::in},
    {"NotIn", SelectorOperator::not_in},
    {"Exists", SelectorOperator::exists},
    {"DoesNotExist", SelectorOperator::does_not_exist},
}};

bool takes_values(SelectorOperator op) { return op == SelectorOperator::in || op == SelectorOperator::not_in; }

Result<std::string> read_text(const Node& node, std::string_view what) {
  if (node.is_string()) return node.string();
  const bool scalar = node.is_number() || node.is_bool();
  return base::input_error(fmt::format("{} must be a string, not {}", what, with_article(node.kind())), node.pos(),
                           scalar ? "put it in quotes" : "");
}

Result<void> check_key(std::string_view key, const base::SourcePos& where) {
  if (const auto why = invalid_label_key(key)) {
    return base::input_error(fmt::format("label key {} {}", quoted(key), *why), where);
  }
  return {};
}

Result<void> check_value(std::string_view value, const base::SourcePos& where) {
  if (const auto why = invalid_label_value(value)) {
    return base::input_error(fmt::format("label value {} {}", quoted(value), *why), where);
  }
  return {};
}

Result<std::vector<std::string>> read_values(const Node* list) {
  std::vector<std::string> values;
  if (list == nullptr || list->is_null()) return values;
  if (!list->is_array()) {
    return base::input_error(fmt::format("values must be a list, not {}", with_article(list->kind())), list->pos());
  }
  for (const Node& item : list->array()) {
    std::string value = TRY(read_text(item, "a label value"));
    TRY(check_value(value, item.pos()));
    values.push_back(std::move(value));
  }
  return values;
}

Result<Requirement> read_expression(const Node& node) {
  if (!node.is_map()) {
    return base::input_error(fmt::format("a match expression must be a map, not {}", with_article(node.kind())),
                             node.pos());
  }
  for (const Node::Member& member : node.map()) {
    if (member.key == "key" || member.key == "operator" || member.key == "values") continue;
    return base::input_error(fmt::format("unknown field {} in a match expression", quoted(member.key)), member.key_pos);
  }
  const Node* key = node.get("key");
  const Node* op = node.get("operator");
  if (key == nullptr) return base::input_error("a match expression has no key", node.pos());
  if (op == nullptr) return base::input_error("a match expression has no operator", node.pos());

  Requirement requirement;
  requirement.key = TRY(read_text(*key, "key"));
  TRY(check_key(requirement.key, key->pos()));
  const std::string name = TRY(read_text(*op, "operator"));
  const auto found = std::ranges::find(kOperators, name, &OperatorName::text);
  if (found == kOperators.end()) {
    return base::input_error(fmt::format("unknown operator {}", quoted(name)), op->pos(),
                             "use In, NotIn, Exists or DoesNotExist");
  }
  requirement.op = found->op;
  requirement.values = TRY(read_values(node.get("values")));
  if (takes_values(found->op) && requirement.values.empty()) {
    return base::input_error(fmt::format("{} needs at least one value", name), op->pos());
  }
  if (!takes_values(found->op) && !requirement.values.empty()) {
    return base::input_error(fmt::format("{} takes no values", name), op->pos());
  }
  return requirement;
}

Result<void> read_equalities(const Node& map, std::vector<Requirement>& out) {
  if (map.is_null()) return {};
  if (!map.is_map()) {
    return base::input_error(fmt::format("labels must be a map, not {}", with_article(map.kind())), map.pos());
  }
  for (const Node::Member& member : map.map()) {
    TRY(check_key(member.key, member.key_pos));
    std::string value = TRY(read_text(member.value, fmt::format("the value of label {}", member.key)));
    TRY(check_value(value, member.value.pos()));
    out.push_back({member.key, SelectorOperator::in, {std::move(value)}});
  }
  return {};
}

Result<void> read_expressions(const Node& list, std::vector<Requirement>& out) {
  if (list.is_null()) return {};
  if (!list.is_array()) {
    return base::input_error(fmt::format("matchExpressions must be a list, not {}", with_article(list.kind())),
                             list.pos());
  }
  for (const Node& item : list.array()) out.push_back(TRY(read_expression(item)));
  return {};
}

bool holds(const Requirement& requirement, const std::string* value) {
  switch (requirement.op) {
    case SelectorOperator::in: return value != nullptr && std::ranges::binary_search(requirement.values, *value);
    case SelectorOperator::not_in: return value == nullptr || !std::ranges::binary_search(requirement.values, *value);
    case SelectorOperator::exists: return value != nullptr;
    case SelectorOperator::does_not_exist: return value == nullptr;
  }
  return false;
}

Match match_requirement(const Requirement& requirement, const LabelKnowledge& labels) {
  if (const std::string* value = labels.known.find(requirement.key)) {
    return holds(requirement, value) ? Match::yes : Match::no;
  }
  if (std::ranges::binary_search(labels.present, requirement.key)) {
    if (requirement.op == SelectorOperator::exists) return Match::yes;
    return requirement.op == SelectorOperator::does_not_exist ? Match::no : Match::unknown;
  }
  if (labels.others_possible) return Match::unknown;
  return holds(requirement, nullptr) ? Match::yes : Match::no;
}

}  // namespace

LabelSelector::LabelSelector(std::vector<Requirement> requirements) : requirements_(std::move(requirements)) {
  for (Requirement& requirement : requirements_) {
    std::ranges::sort(requirement.values);
    const auto repeated = std::ranges::unique(requirement.values);
    requirement.values.erase(repeated.begin(), repeated.end());
  }
  std::ranges::sort(requirements_);
  const auto repeated = std::ranges::unique(requirements_);
  requirements_.erase(repeated.begin(), repeated.end());
}

Result<LabelSelector> LabelSelector::parse(const Node& node) {
  if (!node.is_map()) {
    return base::input_error(fmt::format("a label selector must be a map, not {}", with_article(node.kind())),
                             node.pos());
  }
  std::vector<Requirement> requirements;
  for (const Node::Member& member : node.map()) {
    if (member.key == "matchLabels") {
      TRY(read_equalities(member.value, requirements));
    } else if (member.key == "matchExpressions") {
      TRY(read_expressions(member.value, requirements));
    } else {
      static constexpr std::string_view kFields[] = {"matchLabels", "matchExpressions"};
      const auto nearest = base::nearest_name(member.key, kFields);
      return base::input_error(fmt::format("unknown field {} in a label selector", quoted(member.key)), member.key_pos,
                               nearest ? fmt::format("did you mean {}?", *nearest) : "put labels under matchLabels");
    }
  }
  return LabelSelector(std::move(requirements));
}

Result<LabelSelector> LabelSelector::parse_map(const Node& node) {
  std::vector<Requirement> requirements;
  TRY(read_equalities(node, requirements));
  return LabelSelector(std::move(requirements));
}

LabelSelector LabelSelector::from_labels(const LabelSet& labels) {
  std::vector<Requirement> requirements;
  for (const auto& [key, value] : labels) requirements.push_back({key, SelectorOperator::in, {value}});
  return LabelSelector(std::move(requirements));
}

bool LabelSelector::matches(const LabelSet& labels) const {
  return std::ranges::all_of(requirements_, [&](const Requirement& r) { return holds(r, labels.find(r.key)); });
}

Match match(const LabelSelector& selector, const LabelKnowledge& labels) {
  Match result = Match::yes;
  for (const Requirement& requirement : selector.requirements()) {
    const Match one = match_requirement(requirement, labels);
    if (one == Match::no) return Match::no;
    if (one == Match::unknown) result = Match::unknown;
  }
  return result;
}

std::string to_string(const LabelSelector& selector) {
  if (selector.selects_everything()) return "<all>";
  std::string text;
  const auto out = std::back_inserter(text);
  for (const Requirement& r : selector.requirements()) {
    if (!text.empty()) text += ',';
    switch (r.op) {
      case SelectorOperator::exists: text += r.key; break;
      case SelectorOperator::does_not_exist: text += "!" + r.key; break;
      case SelectorOperator::not_in: fmt::format_to(out, "{} notin ({})", r.key, fmt::join(r.values, ",")); break;
      case SelectorOperator::in:
        if (r.values.size() == 1) {
          fmt::format_to(out, "{}={}", r.key, r.values.front());
        } else {
          fmt::format_to(out, "{} in ({})", r.key, fmt::join(r.values, ","));
        }
        break;
    }
  }
  return text;
}

}  // namespace gantry::kube

#include "netpol/selector_index.h"

namespace gantry::netpol {

using kube::Requirement;
using kube::SelectorOperator;

void SelectorIndex::add(EndpointId item, const kube::LabelKnowledge& labels) {
  everybody_.add(item);
  for (const auto& [key, value] : labels.known) {
    if (!keys_->contains(key)) continue;
    Key& entry = by_key_[key];
    entry.with_value[value].add(item);
    entry.known.add(item);
  }
  for (const std::string& key : labels.present)
    if (keys_->contains(key)) by_key_[key].some_value.add(item);
  if (labels.others_possible) others_possible_.add(item);
}

const TriSet& SelectorIndex::find(const kube::LabelSelector& selector) {
  const auto known = answers_.find(selector);
  if (known != answers_.end()) return known->second;
  TriSet matching(everybody_);
  for (const Requirement& requirement : selector.requirements()) matching = matching.intersected(evaluate(requirement));
  return answers_.emplace(selector, std::move(matching)).first->second;
}

TriSet SelectorIndex::evaluate(const Requirement& requirement) const {
  static const Key kNobody;
  const auto found = by_key_.find(requirement.key);
  const Key& key = found == by_key_.end() ? kNobody : found->second;
  EndpointSet with_value;
  for (const std::string& value : requirement.values) {
    const auto holders = key.with_value.find(value);
    if (holders != key.with_value.end()) with_value.unite(holders->second);
  }
  // Of these nobody can say whether the key is there.
  const EndpointSet unsure = others_possible_.without(key.known).without(key.some_value);
  const auto with_unknown = [](const EndpointSet& certain, const EndpointSet& unknown) {
    return unknown.empty() ? TriSet(certain) : TriSet(certain, certain.united(unknown));
  };
  switch (requirement.op) {
    case SelectorOperator::in: return with_unknown(with_value, key.some_value.united(unsure));
    case SelectorOperator::not_in: {
      const EndpointSet unknown = key.some_value.united(unsure);
      return with_unknown(everybody_.without(with_value).without(unknown), unknown);
    }
    case SelectorOperator::exists: return with_unknown(key.known.united(key.some_value), unsure);
    case SelectorOperator::does_not_exist:
      return with_unknown(everybody_.without(key.known).without(key.some_value).without(unsure), unsure);
  }
  return {};
}

}  // namespace gantry::netpol

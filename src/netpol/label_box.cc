#include "netpol/label_box.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace gantry::netpol {

using kube::LabelSelector;
using kube::LabelSet;
using kube::Match;
using kube::Requirement;
using kube::SelectorOperator;

namespace {

Match negated(Match match) {
  if (match == Match::unknown) return match;
  return match == Match::yes ? Match::no : Match::yes;
}

}  // namespace

Requirement negated(const Requirement& requirement) {
  Requirement result = requirement;
  switch (requirement.op) {
    case SelectorOperator::in: result.op = SelectorOperator::not_in; break;
    case SelectorOperator::not_in: result.op = SelectorOperator::in; break;
    case SelectorOperator::exists: result.op = SelectorOperator::does_not_exist; break;
    case SelectorOperator::does_not_exist: result.op = SelectorOperator::exists; break;
  }
  return result;
}

bool LabelBox::Key::keep(const std::vector<std::string>& listed) {
  Values kept;
  for (const std::string& value : listed)
    if (values ? values->contains(value) : !excludes(value)) kept.insert(value);
  values = std::move(kept);
  return !values->empty() && require(Presence::required);
}

bool LabelBox::Key::drop(const std::vector<std::string>& listed) {
  if (!values) {
    excluded.insert(listed.begin(), listed.end());
    return true;
  }
  for (const std::string& value : listed) values->erase(value);
  // Values are listed only of a key that must be there.
  return !values->empty();
}

bool LabelBox::Key::require(Presence wanted) {
  if (presence == Presence::open) presence = wanted;
  return presence == wanted;
}

bool LabelBox::add(const Requirement& requirement) {
  Key& key = keys_[requirement.key];
  switch (requirement.op) {
    case SelectorOperator::in: return key.keep(requirement.values);
    case SelectorOperator::not_in: return key.presence == Presence::forbidden || key.drop(requirement.values);
    case SelectorOperator::exists: return key.require(Presence::required);
    case SelectorOperator::does_not_exist: return key.require(Presence::forbidden);
  }
  return false;
}

bool LabelBox::add(const LabelSelector& selector) {
  return std::ranges::all_of(selector.requirements(), [this](const Requirement& each) { return add(each); });
}

void LabelBox::forbid(std::string_view key, std::shared_ptr<const Values> values) {
  keys_[std::string(key)].taken = std::move(values);
}

Match LabelBox::Key::match_in(const std::vector<std::string>& listed) const {
  if (presence == Presence::forbidden) return Match::no;
  if (!values)
    return std::ranges::all_of(listed, [this](const std::string& v) { return excludes(v); }) ? Match::no
                                                                                             : Match::unknown;
  const auto held = static_cast<std::size_t>(
      std::ranges::count_if(listed, [this](const std::string& value) { return values->contains(value); }));
  if (held == 0) return Match::no;
  return held == values->size() ? Match::yes : Match::unknown;
}

Match LabelBox::Key::match_exists() const {
  if (presence == Presence::open) return Match::unknown;
  return presence == Presence::required ? Match::yes : Match::no;
}

Match LabelBox::match(const Requirement& requirement) const {
  static const Key kOpen;
  const auto found = keys_.find(requirement.key);
  const Key& key = found == keys_.end() ? kOpen : found->second;
  switch (requirement.op) {
    case SelectorOperator::in: return key.match_in(requirement.values);
    case SelectorOperator::not_in: return negated(key.match_in(requirement.values));
    case SelectorOperator::exists: return key.match_exists();
    case SelectorOperator::does_not_exist: return negated(key.match_exists());
  }
  return Match::unknown;
}

Match LabelBox::match(const LabelSelector& selector) const {
  Match all = Match::yes;
  for (const Requirement& requirement : selector.requirements()) {
    const Match one = match(requirement);
    if (one == Match::no) return one;
    if (one == Match::unknown) all = one;
  }
  return all;
}

std::string LabelBox::Key::any_value() const {
  if (values) return *values->begin();
  std::string value = "any";
  for (int number = 2; excludes(value); ++number) value = fmt::format("any-{}", number);
  return value;
}

LabelSet LabelBox::example() const {
  std::vector<LabelSet::Pair> pairs;
  for (const auto& [name, key] : keys_)
    if (key.presence == Presence::required) pairs.emplace_back(name, key.any_value());
  return LabelSet(std::move(pairs));
}

bool LabelBox::lists(std::string_view key) const {
  const auto found = keys_.find(key);
  return found != keys_.end() && found->second.values.has_value();
}

std::string LabelBox::text(std::string_view hidden) const {
  std::vector<std::string> with;
  std::vector<std::string> without;
  for (const auto& [name, key] : keys_) {
    if (name == hidden) continue;
    if (key.values) {
      with.push_back(fmt::format("{}={}", name, fmt::join(*key.values, "|")));
      continue;
    }
    if (key.presence == Presence::required) with.push_back(name);
    if (key.presence == Presence::forbidden) {
      without.push_back(name);
    } else if (!key.excluded.empty()) {
      without.push_back(fmt::format("{}={}", name, fmt::join(key.excluded, "|")));
    }
  }
  std::string text;
  if (!with.empty()) text += fmt::format(" labelled {}", fmt::join(with, ", "));
  if (!without.empty()) text += fmt::format("{} without {}", with.empty() ? "" : ",", fmt::join(without, ", "));
  return text;
}

}  // namespace gantry::netpol

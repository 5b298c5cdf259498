#include "launch/checks/reach/open_world.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace gantry::launch {

using base::Result;
using kube::LabelSelector;
using kube::LabelSet;
using kube::Requirement;
using kube::SelectorOperator;

namespace {

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
// Claims as people write them need a few dozen steps; beyond this one is asked to split them.
constexpr std::size_t kStepsMax = 100'000;

// Requirements on one set of labels; satisfiable while some labels meet all of them.
class Wishes {
 public:
  void add(const LabelSelector& selector) {
    all_.insert(all_.end(), selector.requirements().begin(), selector.requirements().end());
  }
  void add(Requirement requirement) { all_.push_back(std::move(requirement)); }
  void drop_last() { all_.pop_back(); }

  // A key without an In always has a fresh value that is in no list (§16).
  bool can_hold() const {
    std::map<std::string_view, Key> keys;
    for (const Requirement& requirement : all_) keys[requirement.key].add(requirement);
    return std::ranges::all_of(keys, [](const auto& entry) { return entry.second.can_hold(); });
  }

  // "labelled a=b, c, without d=e"; "" when anything will do.
  std::string text() const;

 private:
  struct Key {
    std::optional<std::set<std::string>> values;  // absent: any
    std::set<std::string> excluded;
    bool must_exist = false;
    bool must_not_exist = false;

    void add(const Requirement& requirement);
    bool can_hold() const {
      if (must_not_exist) return !must_exist && !values;
      return !values ||
             std::ranges::any_of(*values, [this](const std::string& value) { return !excluded.contains(value); });
    }
  };
  std::vector<Requirement> all_;
};

void Wishes::Key::add(const Requirement& requirement) {
  switch (requirement.op) {
    case SelectorOperator::exists: must_exist = true; return;
    case SelectorOperator::does_not_exist: must_not_exist = true; return;
    case SelectorOperator::not_in: excluded.insert(requirement.values.begin(), requirement.values.end()); return;
    case SelectorOperator::in: {
      const std::set<std::string> listed(requirement.values.begin(), requirement.values.end());
      if (!values) {
        values = listed;
      } else {
        std::erase_if(*values, [&](const std::string& value) { return !listed.contains(value); });
      }
      return;
    }
  }
}

std::string Wishes::text() const {
  std::set<std::string> with;
  std::set<std::string> without;
  for (const Requirement& requirement : all_) {
    if (requirement.key == kNameLabel && requirement.op != SelectorOperator::in) continue;
    switch (requirement.op) {
      case SelectorOperator::in:
        with.insert(fmt::format("{}={}", requirement.key, fmt::join(requirement.values, "|")));
        break;
      case SelectorOperator::exists: with.insert(requirement.key); break;
      case SelectorOperator::does_not_exist: without.insert(requirement.key); break;
      case SelectorOperator::not_in:
        without.insert(fmt::format("{}={}", requirement.key, fmt::join(requirement.values, "|")));
        break;
    }
  }
  std::string text;
  if (!with.empty()) text += fmt::format(" labelled {}", fmt::join(with, ", "));
  if (!without.empty()) text += fmt::format("{} without {}", with.empty() ? "" : ",", fmt::join(without, ", "));
  return text;
}

// Labels of the pod and of its namespace, chosen one negated label per source.
class Search {
 public:
  Search(const std::vector<ClaimSource>& sources, const LabelSet* fixed_namespace)
      : sources_(sources), fixed_(fixed_namespace) {}

  Wishes name_space;
  Wishes pods;

  // Whether source `index` and all behind it can be escaped.
  Result<bool> escape(std::size_t index = 0) {
    if (++steps_ > kStepsMax)
      return base::input_error("the claim has too many sources to decide who else would get in", std::nullopt,
                               "split it into several blocks, or claim whole namespaces");
    if (!name_space.can_hold() || !pods.can_hold()) return false;
    if (index == sources_.size()) return true;
    const ClaimSource& source = sources_[index];
    // A range claims addresses, no pods.
    if (source.range) return escape(index + 1);
    // The labels of a namespace that exists are what they are: it is outside the source, or only the pod can be.
    if (fixed_ && !source.namespaces->matches(*fixed_)) return escape(index + 1);
    if (!fixed_ && TRY(escape_by(source.namespaces, name_space, index))) return true;
    return escape_by(source.pods, pods, index);
  }

 private:
  Result<bool> escape_by(const std::optional<LabelSelector>& selector, Wishes& wishes, std::size_t index) {
    if (!selector) return false;
    for (const Requirement& claimed : selector->requirements()) {
      // Sources are written as equalities; what is absent or another value escapes one.
      wishes.add({.key = claimed.key, .op = SelectorOperator::not_in, .values = claimed.values});
      const bool is_free = TRY(escape(index + 1));
      if (is_free) return true;
      wishes.drop_last();
    }
    return false;
  }

  const std::vector<ClaimSource>& sources_;
  const LabelSet* fixed_;
  std::size_t steps_ = 0;
};

Result<std::optional<Stranger>> find_in_existing(const RulePlace& place, const std::vector<ClaimSource>& sources,
                                                 const kube::Namespace& name_space) {
  Search search(sources, &name_space.labels.known);
  if (const auto& selector = place.get_peer()->pod_selector) search.pods.add(*selector);
  const bool is_free = TRY(search.escape());
  if (!is_free) return std::nullopt;
  return fmt::format("any pod{} in namespace {}", search.pods.text(), name_space.name());
}

Result<std::optional<Stranger>> find_in_new(const RulePlace& place, const std::vector<ClaimSource>& sources,
                                            const kube::Snapshot& snapshot) {
  Search search(sources, nullptr);
  const kube::PolicyPeer& peer = *place.get_peer();
  if (peer.pod_selector) search.pods.add(*peer.pod_selector);
  search.name_space.add(*peer.namespace_selector);
  // Every namespace is labelled with its name, and a new one has a new name (§6).
  Requirement new_name{.key = std::string(kNameLabel), .op = SelectorOperator::not_in, .values = {}};
  for (const kube::Namespace& known : snapshot->namespaces) new_name.values.push_back(known.name());
  search.name_space.add(std::move(new_name));
  search.name_space.add({.key = std::string(kNameLabel), .op = SelectorOperator::exists, .values = {}});
  const bool is_free = TRY(search.escape());
  if (!is_free) return std::nullopt;
  return fmt::format("any pod{} in a namespace that is not among the manifests{}{}", search.pods.text(),
                     search.name_space.text().empty() ? "" : ",", search.name_space.text());
}

}  // namespace

Result<std::optional<Stranger>> find_stranger(const RulePlace& place, const std::vector<ClaimSource>& sources,
                                              const kube::Snapshot& snapshot) {
  const kube::PolicyPeer* peer = place.get_peer();
  if (!peer || peer->ip_block) return std::nullopt;
  // A namespace to come is said first: nobody watches who may make one.
  if (peer->namespace_selector) {
    std::optional<Stranger> found = TRY(find_in_new(place, sources, snapshot));
    if (found) return found;
  }
  for (const kube::Namespace& name_space : snapshot->namespaces) {
    const bool is_meant = peer->namespace_selector
                              ? kube::match(*peer->namespace_selector, name_space.labels) == kube::Match::yes
                              : name_space.name() == place.policy->name_space();
    if (!name_space.defined || !is_meant) continue;
    std::optional<Stranger> found = TRY(find_in_existing(place, sources, name_space));
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace gantry::launch

#pragma once

// Labels and label selectors, with exactly Kubernetes' set semantics (network policy reference, §6).

#include "base/node.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::kube {

// Keys and values, sorted by key, keys unique. A value.
class LabelSet {
 public:
  using Pair = std::pair<std::string, std::string>;

  LabelSet() = default;
  // A later pair with the same key wins.
  explicit LabelSet(std::vector<Pair> pairs);

  // Null when absent; an empty string is a value.
  const std::string* find(std::string_view key) const;
  void set(std::string key, std::string value);
  // False when there was none such.
  bool erase(std::string_view key);

  bool empty() const { return pairs_.empty(); }
  std::size_t size() const { return pairs_.size(); }
  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }

  friend auto operator<=>(const LabelSet&, const LabelSet&) = default;

 private:
  std::vector<Pair> pairs_;
};

// "app=web,tier=front"; "<none>" when empty, as kubectl prints it.
std::string to_string(const LabelSet& labels);

enum class SelectorOperator { in, not_in, exists, does_not_exist };

struct Requirement {
  std::string key;
  SelectorOperator op = SelectorOperator::exists;
  std::vector<std::string> values;  // sorted, unique; empty for exists and does_not_exist
  friend auto operator<=>(const Requirement&, const Requirement&) = default;
};

// All requirements must hold; none: everything matches. matchLabels become `in` requirements with one value. Canonical:
// sorted, so that equal selectors compare equal.
class LabelSelector {
 public:
  LabelSelector() = default;
  explicit LabelSelector(std::vector<Requirement> requirements);

  // A LabelSelector field (matchLabels, matchExpressions). Errors as the API server's validation, with position.
  static base::Result<LabelSelector> parse(const base::Node& node);
  // A plain map of labels (Service and ReplicationController selectors).
  static base::Result<LabelSelector> parse_map(const base::Node& node);
  // kubectl's text form: "app in (a,b),!legacy,tier=front".
  static base::Result<LabelSelector> parse_text(std::string_view text);
  // Every label of the set, as equality.
  static LabelSelector from_labels(const LabelSet& labels);

  bool matches(const LabelSet& labels) const;
  bool selects_everything() const { return requirements_.empty(); }
  const std::vector<Requirement>& requirements() const { return requirements_; }

  friend auto operator<=>(const LabelSelector&, const LabelSelector&) = default;

 private:
  std::vector<Requirement> requirements_;
};

// kubectl's form; "<all>" when it selects everything.
std::string to_string(const LabelSelector& selector);

// Labels of which not everything is known: those of a pod that does not run yet (its pod-template-hash is there, its value
// is not known), or of a namespace that the manifests only mention (network policy reference, §6).
struct LabelKnowledge {
  LabelSet known;
  std::vector<std::string>
      present;                   // sorted keys that are there with a value nobody knows yet; none of them in `known`
  bool others_possible = false;  // any other key may be there as well

  friend bool operator==(const LabelKnowledge&, const LabelKnowledge&) = default;
};

enum class Match { no, yes, unknown };
// `unknown` only where some way to fill in what is not known matches and another does not, each requirement taken alone.
Match match(const LabelSelector& selector, const LabelKnowledge& labels);

// Rules of the API server: a prefix that is a DNS subdomain, a slash, and a name; a value of at most 63 characters.
// The reason why it is not valid; nothing when it is.
std::optional<std::string> invalid_label_key(std::string_view key);
std::optional<std::string> invalid_label_value(std::string_view value);

}  // namespace gantry::kube

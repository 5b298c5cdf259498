#pragma once

// Label selectors, each evaluated once for all items (network policy reference, §17.3): lists of who has which label,
// and set operations instead of comparing strings item by item.

#include "kube/labels.h"
#include "netpol/tri_set.h"

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace gantry::netpol {

class SelectorIndex {
 public:
  // Only labels with these keys are looked at. The set must outlive the index's filling.
  explicit SelectorIndex(const std::unordered_set<std::string>& keys) : keys_(&keys) {}

  void add(EndpointId item, const kube::LabelKnowledge& labels);
  const EndpointSet& everybody() const { return everybody_; }
  // As kube::match, for all items at once. Remembered: the second time costs a look-up. Not for several threads at
  // once.
  const TriSet& find(const kube::LabelSelector& selector);

 private:
  struct Key {
    std::unordered_map<std::string, EndpointSet> with_value;
    EndpointSet known;       // who has the key, with a value that is known
    EndpointSet some_value;  // who has it, with a value that nobody knows yet
  };
  TriSet evaluate(const kube::Requirement& requirement) const;

  const std::unordered_set<std::string>* keys_;
  EndpointSet everybody_;
  std::unordered_map<std::string, Key> by_key_;
  EndpointSet others_possible_;  // who may have any other key as well
  std::map<kube::LabelSelector, TriSet> answers_;
};

}  // namespace gantry::netpol

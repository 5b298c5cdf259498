#pragma once

// NetworkPolicies by the labels of those whom they select (network policy reference, §2): of thousands in one namespace, mostly few
// say anything about one pod.

#include "netpol/reachability.h"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::netpol {

class SubjectIndex {
 public:
  // Of the policies that this judges by; it must outlive the index.
  explicit SubjectIndex(const Reachability& reach) : reach_(reach) {}

  using Policies = std::vector<const kube::NetworkPolicy*>;
  // Those of the namespace that isolate in the direction, in the snapshot's order.
  const Policies& isolating(const std::string& name_space, kube::Direction direction);
  // And of these the ones that select the endpoint: `yes` or `unknown`.
  using Selecting = std::vector<std::pair<const kube::NetworkPolicy*, kube::Match>>;
  Selecting selecting(const Endpoint& endpoint, kube::Direction direction);

 private:
  // A policy that asks for one of some values of a key stands under each of these, for one such key; another is for everybody.
  using ByValue = std::unordered_map<std::string, std::vector<std::uint32_t>>;
  struct Shelf {
    Policies all;
    std::unordered_map<std::string, ByValue> by_label;
    std::vector<std::uint32_t> others;
  };
  const Shelf& shelf(const std::string& name_space, kube::Direction direction);
  // Places on the shelf, ascending; of some that do not select the endpoint too.
  static std::vector<std::uint32_t> candidates(const Shelf& shelf, const kube::LabelKnowledge& labels);

  const Reachability& reach_;
  std::map<std::pair<std::string, kube::Direction>, Shelf> shelves_;  // of namespaces that somebody asked about
};

}  // namespace gantry::netpol

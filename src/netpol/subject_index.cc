#include "netpol/subject_index.h"

#include <algorithm>
#include <numeric>

namespace gantry::netpol {

using kube::Direction;
using kube::Match;
using kube::NetworkPolicy;
using kube::Requirement;

const SubjectIndex::Shelf& SubjectIndex::shelf(const std::string& name_space, Direction direction) {
  const auto [at, is_new] = shelves_.try_emplace({name_space, direction});
  Shelf& shelf = at->second;
  if (!is_new) return shelf;
  for (const NetworkPolicy& policy : kube::in_namespace(reach_.snapshot()->network_policies, name_space)) {
    if (!policy.isolates(direction) || (policy.object.rejected() && reach_.options().without_rejected)) continue;
    const auto place = static_cast<std::uint32_t>(shelf.all.size());
    shelf.all.push_back(&policy);
    const std::vector<Requirement>& asked = policy.pod_selector.requirements();
    const auto listed = std::ranges::find(asked, kube::SelectorOperator::in, &Requirement::op);
    if (listed == asked.end()) {
      shelf.others.push_back(place);
      continue;
    }
    for (const std::string& value : listed->values) shelf.by_label[listed->key][value].push_back(place);
  }
  return shelf;
}

std::vector<std::uint32_t> SubjectIndex::candidates(const Shelf& shelf, const kube::LabelKnowledge& labels) {
  std::vector<std::uint32_t> found = shelf.others;
  const auto add = [&found](const std::vector<std::uint32_t>& places) {
    found.insert(found.end(), places.begin(), places.end());
  };
  if (labels.others_possible) {
    found.resize(shelf.all.size());
    std::iota(found.begin(), found.end(), 0U);
    return found;
  }
  for (const auto& [key, value] : labels.known)
    if (const auto by_value = shelf.by_label.find(key); by_value != shelf.by_label.end())
      if (const auto places = by_value->second.find(value); places != by_value->second.end()) add(places->second);
  // With a value that nobody knows yet it may be any of them.
  for (const std::string& key : labels.present)
    if (const auto by_value = shelf.by_label.find(key); by_value != shelf.by_label.end())
      for (const auto& [value, places] : by_value->second) add(places);
  std::ranges::sort(found);
  const auto again = std::ranges::unique(found);
  found.erase(again.begin(), again.end());
  return found;
}

const SubjectIndex::Policies& SubjectIndex::isolating(const std::string& name_space, Direction direction) {
  return shelf(name_space, direction).all;
}

SubjectIndex::Selecting SubjectIndex::selecting(const Endpoint& endpoint, Direction direction) {
  Selecting selecting;
  const Shelf& shelf = this->shelf(endpoint.name_space, direction);
  for (const std::uint32_t place : candidates(shelf, endpoint.labels))
    if (const Match match = kube::match(shelf.all[place]->pod_selector, endpoint.labels); match != Match::no)
      selecting.emplace_back(shelf.all[place], match);
  return selecting;
}

}  // namespace gantry::netpol

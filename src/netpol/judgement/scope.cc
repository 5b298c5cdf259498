#include "netpol/judgement/scope.h"

#include "netpol/judgement/parties.h"

#include <algorithm>
#include <iterator>

namespace gantry::netpol {

namespace {

using Set = std::optional<EndpointSet>;

bool is_in(EndpointId endpoint, const Set& set) { return !set || set->contains(endpoint); }

bool is_in(const NeedParty& party, const Set& set, const Parties& parties) {
  return !set || std::ranges::any_of(parties.endpoints_of(party), [&](EndpointId id) { return set->contains(id); });
}

EndpointSet within(const EndpointSet& endpoints, const Set& set) {
  return set ? endpoints.intersected(*set) : endpoints;
}

}  // namespace

Needs select_needs(const Reachability& reach, const Needs& needs, const NeedScope& scope) {
  const Parties parties(reach);
  Needs selected;
  std::ranges::copy_if(needs.needs, std::back_inserter(selected.needs), [&](const Need& need) {
    return need.confidence >= scope.confidence_min && is_in(need.source, scope.sources, parties) &&
           is_in(need.destination, scope.destinations, parties);
  });
  // Nobody can say whom a name without an owner means, so it is told wherever its source is looked at as a whole.
  if (!scope.destinations)
    std::ranges::copy_if(needs.dangling, std::back_inserter(selected.dangling), [&](const DanglingNeed& need) {
      return need.evidence.confidence >= scope.confidence_min && is_in(need.source, scope.sources, parties);
    });
  return selected;
}

void narrow(std::vector<JudgedNeed>& needs, const NeedScope& scope) {
  std::erase_if(needs, [&](const JudgedNeed& need) {
    return !is_in(need.source, scope.sources) || !is_in(need.destination, scope.destinations);
  });
}

void narrow(std::vector<OneSidedNeed>& needs, const NeedScope& scope) {
  std::erase_if(needs, [&](const OneSidedNeed& need) {
    return !is_in(need.known, need.side == kube::Direction::ingress ? scope.destinations : scope.sources);
  });
}

void narrow(Openings& openings, const NeedScope& scope) {
  for (OpeningGroup& group : openings.groups) group.sources = within(group.sources, scope.sources);
  std::erase_if(openings.groups, [&](const OpeningGroup& group) {
    return group.sources.empty() || !is_in(group.destination, scope.destinations);
  });
  // Everybody gets in there, whoever is asked about.
  std::erase_if(openings.open_to_all, [&](EndpointId id) { return !is_in(id, scope.destinations); });
  for (WayOut& way : openings.ways_out) way.regions = within(way.regions, scope.destinations);
  std::erase_if(openings.ways_out,
                [&](const WayOut& way) { return way.regions.empty() || !is_in(way.source, scope.sources); });
}

}  // namespace gantry::netpol

#include "netpol/proposals/trial.h"

#include <fmt/format.h>

#include <algorithm>

namespace gantry::netpol {

namespace {

using Pair = std::pair<EndpointId, EndpointId>;

EndpointId id_of(std::size_t index) { return EndpointId(static_cast<std::uint32_t>(index)); }

// All that is open, certainly or perhaps, by source and destination. For pods in the first family that they have.
std::map<Pair, PortSet> open_pairs(const Reachability& reach) {
  std::map<Pair, PortSet> open;
  const Endpoints& endpoints = reach.endpoints();
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const EndpointId source = id_of(i);
    for (const kube::IpFamily family : {kube::IpFamily::v4, kube::IpFamily::v6}) {
      const bool is_mine = !endpoints[source].is_pods() && endpoints[source].range.address.family != family;
      if (is_mine) continue;
      for (const Opening& opening : reach.destinations_of(source, family)) {
        for (const EndpointId destination : opening.possible.ids()) {
          const Endpoint& to = endpoints[destination];
          const bool both_outside = !to.is_pods() && !endpoints[source].is_pods();
          if (both_outside || (!to.is_pods() && to.range.address.family != family)) continue;
          const bool has_family = std::ranges::find(endpoints.families(), family) != endpoints.families().end();
          if (to.is_pods() && endpoints[source].is_pods() && !has_family) continue;
          PortSet& ports = open[{source, destination}];
          ports = ports.united(opening.ports);
        }
      }
    }
  }
  return open;
}

}  // namespace

Trial::Trial(const Reachability& reach, const Needs& needs, const Judgement& judgement)
    : reach_(reach), needs_(needs), open_(open_pairs(reach)) {
  for (const JudgedNeed& judged : judgement.needs) {
    PortSet& ports = needed_[{judged.source, judged.destination}];
    ports = ports.united(PortSet::of(needs.needs[judged.need].protocol, judged.port));
  }
}

// Edits bring selectors along, so the classes of two analyses need not be the same; a class is found again by a pod of it.
std::optional<EndpointId> Trial::counterpart(EndpointId before, const Reachability& after) const {
  const Endpoint& endpoint = reach_.endpoints()[before];
  const Endpoints& others = after.endpoints();
  if (!endpoint.pods.empty()) return others.class_of(endpoint.pods.front());
  if (before.value() < others.size() && others[before].name == endpoint.name) return before;
  const auto same = std::ranges::find(others.all(), endpoint.name, &Endpoint::name);
  if (same == others.all().end()) return std::nullopt;
  return id_of(static_cast<std::size_t>(same - others.all().begin()));
}

base::Result<Trial::Tried> Trial::run(const std::vector<TypedEdit>& edits) const {
  const kube::Snapshot edited = apply(reach_.snapshot(), edits);
  Reachability after = TRY(analyse(edited, reach_.options()));
  Judgement judgement = judge_needs(after, needs_);
  Tried tried{.reach = after, .judgement = std::move(judgement), .outcome = {}, .excess = {}};
  for (const JudgedNeed& judged : tried.judgement.needs) tried.outcome.blocked += judged.access != Access::yes ? 1 : 0;
  for (const UnneededOpening& opening : tried.judgement.openings) tried.outcome.unneeded += opening.ports.count();

  std::map<EndpointId, std::optional<EndpointId>> counterparts;
  for (std::size_t i = 0; i < reach_.endpoints().size(); ++i) counterparts[id_of(i)] = counterpart(id_of(i), after);
  const std::map<Pair, PortSet> open_after = open_pairs(after);
  for (const auto& [source, source_after] : counterparts) {
    for (const auto& [destination, destination_after] : counterparts) {
      if (!source_after || !destination_after) continue;
      const auto now = open_after.find({*source_after, *destination_after});
      if (now == open_after.end()) continue;
      PortSet fresh = now->second;
      if (const auto was = open_.find({source, destination}); was != open_.end()) fresh = fresh.without(was->second);
      if (const auto need = needed_.find({source, destination}); need != needed_.end())
        fresh = fresh.without(need->second);
      if (fresh.empty()) continue;
      ++tried.outcome.excess;
      if (tried.excess.size() < kExcessShown)
        tried.excess.push_back(fmt::format("{} -> {}: {}", reach_.endpoints()[source].name,
                                           reach_.endpoints()[destination].name, to_string(fresh)));
    }
  }
  return tried;
}

}  // namespace gantry::netpol

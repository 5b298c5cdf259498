#include "netpol/claim_judge.h"

#include <fmt/format.h>

#include <map>
#include <tuple>
#include <utility>

namespace gantry::netpol {

using base::Finding;
using kube::Direction;

namespace {

// Everyone who reaches one target on the ports that it is about, by endpoint. With two families, one that is open is enough: clients try both.
class Reaching {
 public:
  Reaching(const Reachability& reach, const Target& target) {
    for (const kube::IpFamily family : reach.endpoints().families())
      for (Opening& opening : reach.sources_of(target.endpoint, family, target.ports))
        openings_.push_back(std::move(opening));
  }
  PortSet certain(EndpointId source) const { return ports(source, &Opening::certain); }
  PortSet possible(EndpointId source) const { return ports(source, &Opening::possible); }

 private:
  PortSet ports(EndpointId source, EndpointSet Opening::*who) const {
    PortSet all;
    for (const Opening& opening : openings_)
      if ((opening.*who).contains(source)) all = all.united(opening.ports);
    return all;
  }
  std::vector<Opening> openings_;
};

// A source that must reach a target, and the ports on which it does not; on `perhaps` of them nobody can say.
struct Shut {
  EndpointId source;
  PortSet certainly;
  PortSet perhaps;
};

// One for each source that there is, those that get through everywhere too.
std::vector<Shut> find_shut(const ClaimView& view, const Target& target, const PartySet& needed) {
  if (needed.certain.empty()) return {};
  const Reaching reaching(view.reach, target);
  std::vector<Shut> found;
  for (const EndpointId source : needed.certain.ids()) {
    const Endpoint& endpoint = view.reach.endpoints()[source];
    const bool is_loopback = source == target.endpoint && endpoint.count < 2;
    if (endpoint.kind == Endpoint::Kind::hypothetical || is_loopback) continue;
    // Addresses of pods are the pods'.
    if (!endpoint.is_pods() && endpoint.zone == Endpoint::Zone::pods) continue;
    const PortSet closed = target.ports.without(reaching.certain(source));
    PortSet perhaps = closed.empty() ? PortSet() : closed.intersected(reaching.possible(source));
    found.push_back({.source = source, .certainly = closed.without(perhaps), .perhaps = std::move(perhaps)});
  }
  return found;
}

const PartySet& needed_of(const ClaimView& view) {
  return view.claim.kind == ClaimKind::must ? view.scope.sources : view.scope.needed;
}

class BlockedJudge {
 public:
  BlockedJudge(const ClaimView& view, ClaimDraft& draft)
      : view_(view), draft_(draft), rule_(view.claim.kind == ClaimKind::must ? "must" : "needed") {}

  void look(const Target& target);
  void report();

 private:
  // One finding for all ports that are closed between the same workloads at the same side.
  using GroupKey = std::tuple<std::string, std::string, Direction, Access>;
  struct Group {
    Flow first;
    PortSet ports;
    Explanation why;
    const SideExplanation& side(Direction direction) const {
      return direction == Direction::egress ? why.egress : why.ingress;
    }
  };

  void note(EndpointId source, EndpointId destination, const PortSet& ports, Access access);
  Finding report_blocked(const GroupKey& key, const Group& group) const;
  Finding report_depends(const GroupKey& key, const Group& group) const;
  std::string name(EndpointId source) const;

  const ClaimView& view_;
  ClaimDraft& draft_;
  std::string_view rule_;
  std::map<std::pair<std::string, std::string>, bool> pairs_;  // of workloads: open
  std::map<GroupKey, Group> groups_;
};

std::string BlockedJudge::name(EndpointId source) const {
  const std::string owner = view_.owner(source);
  return view_.reach.endpoints()[source].is_pods() ? owner : fmt::format("addresses of {}", owner);
}

void BlockedJudge::look(const Target& target) {
  for (const Shut& shut : find_shut(view_, target, needed_of(view_))) {
    ++draft_.result.flows_decided;
    bool& is_open = pairs_.try_emplace({view_.owner(shut.source), view_.owner(target.endpoint)}, true).first->second;
    is_open = is_open && shut.certainly.empty() && shut.perhaps.empty();
    note(shut.source, target.endpoint, shut.certainly, Access::no);
    note(shut.source, target.endpoint, shut.perhaps, Access::depends);
  }
}

// With two families, one in which it is so.
void BlockedJudge::note(EndpointId source, EndpointId destination, const PortSet& ports, Access access) {
  if (ports.empty()) return;
  Flow flow{.source = source, .destination = destination, .protocol = {}, .port = kube::Port{1}, .family = {}};
  for (const kube::Protocol protocol : {kube::Protocol::sctp, kube::Protocol::udp, kube::Protocol::tcp})
    if (!ports.ranges(protocol).empty()) {
      flow.protocol = protocol;
      flow.port = ports.ranges(protocol).front().first;
    }
  flow.family = view_.reach.endpoints().families().front();
  for (const kube::IpFamily family : view_.reach.endpoints().families()) {
    Flow in_family = flow;
    in_family.family = family;
    if (view_.reach.access(flow) != access && view_.reach.access(in_family) == access) flow = in_family;
  }
  if (const Endpoint& endpoint = view_.reach.endpoints()[source]; !endpoint.is_pods())
    flow.family = endpoint.range.address.family;
  const Explanation why = view_.reach.explain(flow);
  for (const SideExplanation* side : {&why.egress, &why.ingress}) {
    if (side->access == Access::yes) continue;
    Group& group = groups_
                       .try_emplace({name(source), view_.owner(destination), side->direction, side->access},
                                    Group{.first = flow, .ports = {}, .why = why})
                       .first->second;
    group.ports = group.ports.united(ports);
  }
}

std::vector<RulePlace> places_of(const SideExplanation& side) {
  std::vector<RulePlace> places = side.denying;
  for (const Refusal& refusal : side.refusals) places.push_back(refusal.place);
  return places;
}

// The rule that comes nearest, and the one thing that it lacks.
std::string nearest_text(const SideExplanation& side) {
  if (side.refusals.empty() || !side.refusals.front().place.rule) return "no rule admits it";
  const Refusal& nearest = side.refusals.front();
  return fmt::format("{} comes nearest: {}", to_string(nearest.place), nearest.message);
}

Finding BlockedJudge::report_blocked(const GroupKey& key, const Group& group) const {
  const auto& [source, destination, direction, access] = key;
  const SideExplanation& side = group.side(direction);
  const std::string& whose = direction == Direction::egress ? source : destination;
  const std::string how = side.denying.empty() ? fmt::format("{} of {} is isolated by {}, and {}", to_string(direction),
                                                             whose, name_policies(places_of(side)), nearest_text(side))
                                               : fmt::format("{} denies it", to_string(side.denying.front()));
  const std::string verb = view_.claim.kind == ClaimKind::must ? "must reach" : "needs";
  Finding finding =
      make_claim_finding(fmt::format("{}-blocked", rule_), source, view_.claim.where,
                         fmt::format("{} {} {} of {} and cannot{}: {}", source, verb, to_string(group.ports),
                                     destination, view_.claim.kind == ClaimKind::must ? "" : " reach it", how),
                         side.denying.empty() ? "add a rule that admits it, or mend the one that comes nearest"
                                              : "add an exception before that rule: no NetworkPolicy can undo it");
  if (!side.denying.empty()) finding.where = side.denying.front().where;
  for (std::size_t i = 0; i < side.refusals.size(); ++i) {
    const Refusal& refusal = side.refusals[i];
    if (i == 0 && side.denying.empty()) {
      finding.where = refusal.place.where;
    } else {
      finding.related.push_back(
          {refusal.place.where, fmt::format("{}: {}", to_string(refusal.place), refusal.message)});
    }
  }
  finding.related.push_back({view_.claim.where, "the claim"});
  return finding;
}

Finding BlockedJudge::report_depends(const GroupKey& key, const Group& group) const {
  const auto& [source, destination, direction, access] = key;
  const SideExplanation& side = group.side(direction);
  const std::string by = side.admitting.empty() ? name_policies(places_of(side)) : to_string(side.admitting.front());
  return make_claim_finding(
      fmt::format("{}-depends", rule_), source, view_.claim.where,
      fmt::format("whether {} reaches {} of {} cannot be said: it depends on addresses or labels that no manifest says "
                  "({} by {})",
                  source, to_string(group.ports), destination, to_string(direction), by),
      "give the claim `pod_ranges`, define the namespaces, or use selectors instead of an ipBlock");
}

void BlockedJudge::report() {
  for (const auto& [key, group] : groups_) {
    const Access access = std::get<Access>(key);
    draft_.result.findings.push_back(access == Access::no ? report_blocked(key, group) : report_depends(key, group));
    (access == Access::no ? draft_.refuted : draft_.depends) = true;
    draft_.add({.source = std::get<0>(key),
                .destination = std::get<1>(key),
                .ports = group.ports,
                .access = access,
                .world = World::closed,
                .name_space = {},
                .namespace_labels = {},
                .pod_labels = {},
                .why = group.why,
                .rules = places_of(group.side(std::get<Direction>(key)))});
  }
  for (const auto& [pair, is_open] : pairs_) ++(is_open ? draft_.result.needed_open : draft_.result.needed_blocked);
}

}  // namespace

void judge_blocked(const ClaimView& view, ClaimDraft& draft) {
  BlockedJudge judge(view, draft);
  for (const Target& target : view.scope.targets) judge.look(target);
  judge.report();
}

ClaimVerdict verdict_on_blocked(const ClaimView& view) {
  ClaimVerdict verdict = ClaimVerdict::proved;
  for (const Target& target : view.scope.targets)
    for (const Shut& shut : find_shut(view, target, needed_of(view))) {
      if (!shut.certainly.empty()) return ClaimVerdict::refuted;
      if (!shut.perhaps.empty()) verdict = ClaimVerdict::depends;
    }
  return verdict;
}

}  // namespace gantry::netpol

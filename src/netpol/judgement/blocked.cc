// Blocked needs, told so that the edit is plain: who needs whom and where that stands, which side refuses, the rule that came
// nearest and what it lacked. Needs that the same edit would admit (several Services in front of one pod, several classes of one
// workload) are one finding.

#include "netpol/judgement/findings.h"
#include "netpol/judgement/need_text.h"
#include "netpol/judgement/service_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace gantry::netpol {

namespace {

using base::Finding;
using base::Severity;
using kube::Direction;

enum class Kind : std::uint8_t { blocked, wrong_port, half_open, undecided, dns };

struct KindText {
  std::string_view rule;
  std::string_view explanation;
};
KindText text_of(Kind kind) {
  switch (kind) {
    case Kind::blocked: return {"net.blocked-need", kBlockedExplanation};
    case Kind::wrong_port:
      return {"net.wrong-port",
              "policies see the port that the container listens on, not the Service's: the rule admits a port on which "
              "nobody answers"};
    case Kind::half_open:
      return {"net.half-open",
              "a flow passes only when both sides let it: one of them opened it, and it is closed all the same"};
    case Kind::undecided:
      return {
          "net.undecided-need",
          "whether the flow passes depends on what the manifests do not say: an address of a pod or node, a label of "
          "a namespace that nobody defines, or the network plugin"};
    case Kind::dns: return {"net.dns-missing", kDnsExplanation};
  }
  return {};
}

Kind kind_of(const Need& need, const JudgedNeed& judged) {
  if (judged.access == Access::depends) return Kind::undecided;
  if (is_dns(need)) return Kind::dns;
  if (judged.wrong_port) return Kind::wrong_port;
  return judged.half_open ? Kind::half_open : Kind::blocked;
}

std::string_view side_name(Direction side) { return side == Direction::egress ? "source" : "destination"; }

// The side that is told first, and the edit with it: the destination's, where both refuse.
const SideExplanation& told_side(const Explanation& why) {
  return why.ingress.access <= why.egress.access ? why.ingress : why.egress;
}

std::string reason_of(const SideExplanation& side) {
  if (side.access == Access::depends && !side.admitting.empty())
    return fmt::format("{} may or may not admit it", to_string(side.admitting.front()));
  if (!side.denying.empty()) return fmt::format("{} denies it", to_string(side.denying.front()));
  if (side.refusals.empty()) return "nothing admits it";
  const Refusal& nearest = side.refusals.front();
  if (!nearest.place.rule) return fmt::format("{} isolates it and has no rule for it", to_string(nearest.place));
  return fmt::format("{} comes nearest: {}", to_string(nearest.place), nearest.message);
}

base::SourcePos place_of(const SideExplanation& side) {
  if (side.access == Access::depends && !side.admitting.empty()) return side.admitting.front().where;
  if (!side.denying.empty()) return side.denying.front().where;
  return side.refusals.empty() ? base::SourcePos() : side.refusals.front().place.where;
}

// Of several addresses (those of all nodes), every one.
std::string peers_text(const Reachability& reach, EndpointId first, const std::set<EndpointId>& peers) {
  const Endpoint& endpoint = reach.endpoints()[first];
  if (!endpoint.is_pods()) {
    std::vector<std::string> ranges;
    for (const EndpointId id : peers)
      if (!reach.endpoints()[id].is_pods()) ranges.push_back(reach.endpoints()[id].name);
    return fmt::format("ipBlock {}", list_names(std::move(ranges)));
  }
  if (endpoint.labels.known.empty()) return fmt::format("the pods of namespace {}", endpoint.name_space);
  return fmt::format("pods {} of namespace {}", to_string(endpoint.labels.known), endpoint.name_space);
}

std::string fix_of(const SideExplanation& side, const std::string& peer, const std::string& ports) {
  if (side.access == Access::depends)
    return fmt::format("say it so that it can be decided: admit {} on {} by labels", peer, ports);
  if (!side.denying.empty())
    return fmt::format("let {} make an exception, or do without the flow", to_string(side.denying.front()));
  if (side.refusals.empty()) return fmt::format("admit {} on {}", peer, ports);
  const Refusal& nearest = side.refusals.front();
  const std::string policy = to_string(nearest.place.policy);
  RulePlace rule = nearest.place;
  rule.peer.reset();
  rule.port.reset();
  switch (nearest.missed) {
    case Missed::port:
    case Missed::protocol:
    case Missed::port_name: return fmt::format("add {} to the ports of {}", ports, to_string(rule));
    case Missed::namespace_labels:
    case Missed::pod_labels:
    case Missed::address:
    case Missed::endpoint_kind:
      return fmt::format("add {} to `{}` of {}, or a rule beside it for {}", peer,
                         side.direction == Direction::ingress ? "from" : "to", to_string(rule), ports);
    case Missed::no_rules: break;
  }
  return fmt::format("add a rule to {} (or a policy beside it) that admits {} on {}", policy, peer, ports);
}

// What one edit would mend.
struct GroupKey {
  Kind kind;
  NeedParty source;
  NeedParty destination;
  friend auto operator<=>(const GroupKey&, const GroupKey&) = default;
};
struct Group {
  JudgedNeed first;
  NeedGroup needs;
  std::set<EndpointId> sources = {};
  std::set<EndpointId> destinations = {};
};

// What stands behind the reason: a port that is open instead, a side that does let it pass, another that refuses too.
std::string aside(const Needs& needs, const GroupKey& key, const Group& group, const Explanation& why,
                  const SideExplanation& side) {
  const Need& need = needs.needs[group.first.need];
  if (key.kind == Kind::wrong_port) {
    return fmt::format("; port {} is open instead, which is {}", group.first.open_instead->value(),
                       need.route && need.route->service_port == group.first.open_instead
                           ? fmt::format("that of Service {}/{}", need.route->name_space, need.route->service)
                           : "the container's, and a headless Service translates no port");
  }
  if (key.kind == Kind::half_open) {
    const Direction other = side.direction == Direction::ingress ? Direction::egress : Direction::ingress;
    return fmt::format("; the {} lets it pass", side_name(other));
  }
  const bool both = why.egress.access == Access::no && why.ingress.access == Access::no;
  return both ? fmt::format("; the source refuses too: {}", reason_of(why.egress)) : std::string();
}

Finding group_finding(const Reachability& reach, const Needs& needs, const GroupKey& key, const Group& group) {
  const JudgedNeed& first = group.first;
  const Explanation why = explain_sides(reach, {.source = first.source,
                                                .destination = first.destination,
                                                .protocol = needs.needs[first.need].protocol,
                                                .port = first.port,
                                                .family = reach.endpoints().families().front()});
  const SideExplanation& side = told_side(why);
  const bool at_destination = side.direction == Direction::ingress;
  const EndpointId isolated = at_destination ? first.destination : first.source;
  const EndpointId peer = at_destination ? first.source : first.destination;
  const KindText text = text_of(key.kind);

  Finding finding = start_finding(text.rule, severity_of(needs, group.needs), text.explanation);
  if (key.kind == Kind::undecided)
    finding.severity = finding.severity == Severity::low ? Severity::info : Severity::medium;
  finding.object = object_name(reach, isolated);
  finding.where = place_of(side);
  finding.message = fmt::format("{}, and {} at the {}: {}{}", need_text(reach, needs, group.needs),
                                key.kind == Kind::undecided ? "nobody can say whether it passes" : "it is blocked",
                                side_name(side.direction), reason_of(side), aside(needs, key, group, why, side));
  finding.fix = fix_of(side, peers_text(reach, peer, at_destination ? group.sources : group.destinations),
                       ports_text(needs, group.needs));
  add_evidence(needs, group.needs, finding);
  add_policies(reach, isolated, side.direction, finding);
  if (finding.where.file == nullptr) finding.where = needs.needs[first.need].evidence.front().where;
  return finding;
}

}  // namespace

void report_pairs(const Reachability& reach, const Needs& needs, const std::vector<JudgedNeed>& judged,
                  std::vector<Finding>& findings) {
  std::map<GroupKey, Group> groups;
  for (const JudgedNeed& one : judged) {
    if (one.access == Access::yes) continue;
    const Need& need = needs.needs[one.need];
    const auto it =
        groups.try_emplace({kind_of(need, one), need.source, need.destination}, Group{.first = one, .needs = {}}).first;
    it->second.needs.insert(one.need);
    it->second.sources.insert(one.source);
    it->second.destinations.insert(one.destination);
  }
  for (const auto& [key, group] : groups) findings.push_back(group_finding(reach, needs, key, group));
}

}  // namespace gantry::netpol

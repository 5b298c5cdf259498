#include "netpol/claim_hits.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace gantry::netpol {

using base::Finding;
using kube::Direction;

namespace {

// Pairs that are explained one by one; beyond, who reads knows what to do.
constexpr std::size_t kExplainedMax = 500;
// Flows that are kept for that; beyond, only the verdict is asked for.
constexpr std::size_t kHitsMax = 20'000;

// ---- Words

struct Phrases {
  std::string_view violated;  // source, ports, destination
  std::string_view fix;
};
constexpr Phrases kPhrases[] = {
    {"{} reaches {} of {} and is not among the sources",
     "narrow that rule, or add the source to the claim if it is meant to get in"},
    {"{} reaches {} of {} and never should", "narrow that rule, or isolate the destination"},
    {"", ""},
    {"{} reaches {} of {}, which is claimed to be isolated", "narrow that rule, or remove it"},
};
constexpr std::string_view kEgressPhrase = "{} reaches {} of {}, though its egress is claimed to be isolated";

std::string violation(const ClaimView& view, const std::string& source, const PortSet& ports,
                      const std::string& destination) {
  const std::string_view phrase =
      view.side() == Direction::egress ? kEgressPhrase : kPhrases[static_cast<std::size_t>(view.claim.kind)].violated;
  return fmt::format(fmt::runtime(phrase), source, to_string(ports), destination);
}

// ---- The pass

class OpeningJudge {
 public:
  OpeningJudge(const ClaimView& view, ClaimDraft& draft)
      : view_(view), draft_(draft), claimed_(ranges_of(view.claim.sources)) {}

  void look(const Target& target);
  void report();

 private:
  using OwnerPair = std::tuple<std::string, std::string, Access, PortSet>;  // of pods
  struct Group {
    Hit hit;
    Explanation why;
    std::vector<RulePlace> places;  // that admit, those whose addresses the claim names left out
    PortSet ports;
  };
  using GroupKey = std::tuple<std::string, std::string, Access, std::string>;  // with the first place

  void note(Hit hit);
  bool is_full() const { return pods_.size() + addresses_.size() >= kHitsMax; }
  std::size_t count_reaching() const;
  void note_host_network();
  const SideExplanation& side_of(const Explanation& why) const;
  bool explain(const Hit& hit, Group& group) const;
  void group_pods();
  void group_addresses();
  Finding report_pods(const GroupKey& key, const Group& group) const;
  Finding report_addresses(const GroupKey& key, const Group& group) const;
  void report_groups(const std::map<GroupKey, Group>& groups,
                     Finding (OpeningJudge::*describe)(const GroupKey&, const Group&) const);
  void report_open();
  std::string unknown_in(const Explanation& why) const;

  const ClaimView& view_;
  ClaimDraft& draft_;
  std::vector<kube::Cidr> claimed_;
  std::map<OwnerPair, Hit> pods_;
  std::vector<Hit> addresses_;
  std::map<EndpointId, std::set<std::string>> open_;  // targets that nothing isolates, and who reaches them
  std::map<EndpointId, PortSet> open_ports_;
  EndpointSet reaching_;
};

void OpeningJudge::look(const Target& target) {
  // Addresses that reach what no policy isolates are all alike: no explanation has to say so for each.
  const bool is_free = view_.claim.kind != ClaimKind::never && view_.reach.snapshot()->admin_policies.empty() &&
                       view_.reach.isolating(target.endpoint, view_.side()).empty();
  const auto see = [this](const Opening& opening) {
    draft_.result.flows_decided += opening.possible.size();
    reaching_.unite(opening.possible);
    return !is_full();
  };
  each_hit(view_, target, see, [&](const Met& met, const PortSet& ports) {
    const Endpoint& other = view_.reach.endpoints()[met.other];
    if (is_free && !other.is_pods() && other.zone != Endpoint::Zone::nodes) {
      if (PortSet& open = open_ports_[target.endpoint]; !open.contains(ports)) open = open.united(ports);
      open_[target.endpoint];
    } else if (!is_full()) {
      note(make_hit(view_, target, met, ports));
    }
    return true;
  });
}

std::size_t OpeningJudge::count_reaching() const {
  std::set<std::string> owners;
  for (const EndpointId id : reaching_.ids()) {
    const Endpoint& endpoint = view_.reach.endpoints()[id];
    // Those on the host network reach what is on their own node, and are told of once.
    const bool is_told = endpoint.host_network && !view_.scope.sources.certain.contains(id);
    if (endpoint.kind == Endpoint::Kind::pods && !is_told) owners.insert(view_.owner(id));
  }
  return owners.size();
}

void OpeningJudge::note(Hit hit) {
  const EndpointId other = view_.side() == Direction::egress ? hit.destination : hit.source;
  if (view_.reach.endpoints()[other].is_pods()) {
    pods_.try_emplace({view_.owner(hit.source), view_.owner(hit.destination), hit.access, hit.ports}, std::move(hit));
  } else {
    addresses_.push_back(std::move(hit));
  }
}

const SideExplanation& OpeningJudge::side_of(const Explanation& why) const {
  if (view_.side() == Direction::egress) return why.egress;
  // A destination that has no policies of its own is reached by what the source's egress admits.
  return why.ingress.admitting.empty() && view_.claim.kind == ClaimKind::never ? why.egress : why.ingress;
}

// False when it is excused.
bool OpeningJudge::explain(const Hit& hit, Group& group) const {
  group.hit = hit;
  group.why = view_.reach.explain(one_flow(hit));
  if (is_own_node(view_, view_.side() == Direction::egress ? group.why.egress : group.why.ingress)) return false;
  const std::vector<RulePlace>& admitting = side_of(group.why).admitting;
  for (RulePlace place : admitting) {
    place.port.reset();
    if (!is_claimed(view_, claimed_, place) && std::ranges::find(group.places, place) == group.places.end())
      group.places.push_back(place);
  }
  return !group.places.empty() || admitting.empty();
}

bool is_undecided(const SideExplanation& side) {
  return side.decided_by == DecidedBy::nothing || side.decided_by == DecidedBy::not_policed;
}

void OpeningJudge::group_pods() {
  std::map<GroupKey, Group> groups;
  for (const auto& [pair, hit] : pods_) {
    if (groups.size() >= kExplainedMax) break;
    Group group;
    if (!explain(hit, group)) continue;
    const auto& [source, destination, access, ports] = pair;
    // That nothing isolates it is said once, for everybody.
    const EndpointId target = view_.side() == Direction::egress ? hit.source : hit.destination;
    if (view_.claim.kind != ClaimKind::never && access == Access::yes && is_undecided(side_of(group.why))) {
      open_[target].insert(view_.side() == Direction::egress ? destination : source);
      open_ports_[target] = open_ports_[target].united(ports);
      continue;
    }
    const std::string place = group.places.empty() ? "" : to_string(group.places.front());
    Group& kept = groups.try_emplace({source, destination, access, place}, group).first->second;
    kept.ports = kept.ports.united(ports);
  }
  report_groups(groups, &OpeningJudge::report_pods);
}

void OpeningJudge::group_addresses() {
  std::map<GroupKey, Group> groups;
  // The widest range stands for all that a rule lets in.
  std::ranges::stable_sort(addresses_, {}, [&](const Hit& hit) {
    const EndpointId other = view_.side() == Direction::egress ? hit.destination : hit.source;
    return view_.reach.endpoints()[other].range.prefix;
  });
  for (const Hit& hit : addresses_) {
    if (groups.size() >= kExplainedMax) break;
    Group group;
    if (!explain(hit, group)) continue;
    const EndpointId target = view_.side() == Direction::egress ? hit.source : hit.destination;
    if (is_undecided(side_of(group.why)) && view_.claim.kind != ClaimKind::never) {
      open_[target];
      open_ports_[target] = open_ports_[target].united(hit.ports);
      continue;
    }
    const std::string place = group.places.empty() ? "" : to_string(group.places.front());
    Group& kept = groups.try_emplace({"", view_.owner(target), hit.access, place}, group).first->second;
    kept.ports = kept.ports.united(hit.ports);
  }
  report_groups(groups, &OpeningJudge::report_addresses);
}

void OpeningJudge::report_groups(const std::map<GroupKey, Group>& groups,
                                 Finding (OpeningJudge::*describe)(const GroupKey&, const Group&) const) {
  for (const auto& [key, group] : groups) {
    const Access access = std::get<Access>(key);
    draft_.result.findings.push_back((this->*describe)(key, group));
    (access == Access::yes ? draft_.refuted : draft_.depends) = true;
    if (access == Access::yes)
      for (const RulePlace& place : group.places) draft_.places.insert(to_string(place));
    draft_.add({.source = view_.owner(group.hit.source),
                .destination = view_.owner(group.hit.destination),
                .ports = group.ports,
                .access = access,
                .world = World::closed,
                .name_space = {},
                .namespace_labels = {},
                .pod_labels = {},
                .why = group.why,
                .rules = group.places});
  }
}

std::string OpeningJudge::unknown_in(const Explanation& why) const {
  for (const SideExplanation* side : {&why.egress, &why.ingress})
    if (side->access == Access::depends && !side->admitting.empty())
      return fmt::format("whether {} means it depends on addresses or labels that no manifest says",
                         to_string(side->admitting.front()));
  return "labels that no manifest says decide which policies and which parts of the claim mean it";
}

Finding OpeningJudge::report_pods(const GroupKey& key, const Group& group) const {
  const auto& [source, destination, access, place] = key;
  const base::SourcePos where = group.places.empty() ? view_.claim.where : group.places.front().where;
  Finding finding;
  if (access == Access::yes) {
    const std::string by =
        place.empty() ? fmt::format("nothing isolates the {} of {}", to_string(Direction::ingress), destination)
                      : fmt::format("{} admits it", place);
    finding = make_claim_finding(rule_of(view_.claim.kind, "violated"), source, where,
                                 fmt::format("{}: {}", violation(view_, source, group.ports, destination), by),
                                 std::string(kPhrases[static_cast<std::size_t>(view_.claim.kind)].fix));
  } else {
    finding = make_claim_finding(
        rule_of(view_.claim.kind, "depends"), source, where,
        fmt::format("whether {} reaches {} of {} cannot be said: {}", source, to_string(group.ports), destination,
                    unknown_in(group.why)),
        "give the claim `pod_ranges`, define the namespaces, or use selectors instead of an ipBlock");
  }
  for (std::size_t i = 1; i < group.places.size(); ++i)
    finding.related.push_back({group.places[i].where, fmt::format("{} admits it too", to_string(group.places[i]))});
  finding.related.push_back({view_.claim.where, "the claim"});
  return finding;
}

Finding OpeningJudge::report_addresses(const GroupKey& key, const Group& group) const {
  const auto& [none, target, access, place] = key;
  const bool is_egress = view_.side() == Direction::egress;
  const EndpointId other = is_egress ? group.hit.destination : group.hit.source;
  const std::string range = fmt::format("addresses of {}", to_string(view_.reach.endpoints()[other].range));
  const bool for_everybody = !group.places.empty() && !group.places.front().peer;
  const std::string ports = to_string(group.ports);
  std::string message;
  if (for_everybody) {
    message = is_egress ? fmt::format("{} reaches {} of everybody: {} names no peer", target, ports, place)
                        : fmt::format("everybody reaches {} of {}: {} names no peer", ports, target, place);
  } else {
    const std::string by =
        place.empty() ? std::string("nothing stands in the way") : fmt::format("{} admits them", place);
    const std::string_view claimed = view_.claim.kind == ClaimKind::only    ? " and are not among the sources"
                                     : view_.claim.kind == ClaimKind::never ? " and never should"
                                                                            : ", which is claimed to be isolated";
    message = is_egress ? fmt::format("{} reaches {} of {}: {}", target, ports, range, by)
                        : fmt::format("{} reach {} of {}{}: {}", range, ports, target, claimed, by);
  }
  const bool is_certain = access == Access::yes;
  Finding finding = make_claim_finding(
      rule_of(view_.claim.kind, is_certain ? "violated" : "depends"),
      group.places.empty() ? target : to_string(group.places.front().policy),
      group.places.empty() ? view_.claim.where : group.places.front().where,
      is_certain ? std::move(message) : fmt::format("it cannot be said whether {}", message),
      for_everybody ? "name the peers" : "narrow the ipBlock, or add the range to the claim as `cidr`");
  finding.related.push_back({view_.claim.where, "the claim"});
  return finding;
}

// One finding for all targets of a workload that nothing isolates.
void OpeningJudge::report_open() {
  std::map<std::string, std::pair<EndpointId, std::set<std::string>>> by_owner;
  std::map<std::string, PortSet> ports;
  for (const auto& [target, reaching] : open_) {
    auto& [first, names] = by_owner.try_emplace(view_.owner(target), target, std::set<std::string>{}).first->second;
    names.insert(reaching.begin(), reaching.end());
    ports[view_.owner(target)] = ports[view_.owner(target)].united(open_ports_[target]);
    draft_.open_targets.insert(target);
  }
  const bool is_egress = view_.side() == Direction::egress;
  for (const auto& [owner, entry] : by_owner) {
    const auto& [target, names] = entry;
    const std::string why = view_.reach.endpoints()[target].host_network
                                ? "it runs on the host network, where policies do not apply"
                                : fmt::format("no NetworkPolicy isolates its {}", to_string(view_.side()));
    const std::string what = is_egress ? fmt::format("{} reaches {} of everybody", owner, to_string(ports[owner]))
                                       : fmt::format("everybody reaches {} of {}", to_string(ports[owner]), owner);
    Finding finding =
        make_claim_finding(rule_of(view_.claim.kind, "violated"), owner, owner_place(target, view_.reach),
                           fmt::format("{}: {}", what, why),
                           view_.claim.kind == ClaimKind::only
                               ? "add a NetworkPolicy that selects its pods and admits the sources of the claim"
                               : "add a NetworkPolicy that selects its pods");
    if (!names.empty())
      finding.explanation += fmt::format(
          " {}: {}.", view_.claim.kind == ClaimKind::only ? "Not among the sources" : "Among them", list_names(names));
    finding.related.push_back({view_.claim.where, "the claim"});
    draft_.result.findings.push_back(std::move(finding));
    draft_.refuted = true;
    draft_.add({.source = is_egress ? owner : "everybody",
                .destination = is_egress ? "everybody" : owner,
                .ports = ports[owner],
                .access = Access::yes,
                .world = World::closed,
                .name_space = {},
                .namespace_labels = {},
                .pod_labels = {},
                .why = std::nullopt,
                .rules = {}});
  }
}

void OpeningJudge::note_host_network() {
  const bool is_asked = view_.claim.kind == ClaimKind::only || view_.claim.kind == ClaimKind::isolated;
  if (!is_asked || view_.side() == Direction::egress) return;
  if (view_.reach.options().profile.host_network_pods_are_policed) return;
  // Where others get in as well, that has been told.
  if (view_.claim.kind == ClaimKind::isolated && draft_.refuted) return;
  PortSet ports;
  for (const Target& target : view_.scope.targets) ports = ports.united(target.ports);
  std::set<std::string> seen;
  for (std::uint32_t i = 0; i < view_.reach.endpoints().pod_class_count(); ++i) {
    const EndpointId id(i);
    const Endpoint& endpoint = view_.reach.endpoints()[id];
    if (!endpoint.host_network || view_.scope.sources.certain.contains(id)) continue;
    const bool is_alone =
        view_.scope.targets.size() == 1 && is_loopback(endpoint, id, view_.scope.targets.front().endpoint);
    const std::string owner = view_.owner(id);
    if (is_alone || !seen.insert(owner).second) continue;
    draft_.result.findings.push_back(make_claim_finding(
        rule_of(view_.claim.kind, "host-network"), owner, owner_place(id, view_.reach),
        fmt::format("{} runs on the host network: from the destination's own node it reaches {}, whatever policies say",
                    owner, to_string(ports)),
        "take it off the host network, or accept that it is trusted"));
  }
}

void OpeningJudge::report() {
  group_pods();
  group_addresses();
  report_open();
  note_host_network();
  draft_.result.workloads_reaching = count_reaching();
}

}  // namespace

void judge_openings(const ClaimView& view, ClaimDraft& draft) {
  OpeningJudge judge(view, draft);
  for (const Target& target : view.scope.targets) judge.look(target);
  judge.report();
}

ClaimVerdict verdict_on_openings(const ClaimView& view) {
  const std::vector<kube::Cidr> claimed = ranges_of(view.claim.sources);
  ClaimVerdict verdict = ClaimVerdict::proved;
  for (const Target& target : view.scope.targets) {
    const auto visit = [&](const Met& met, const PortSet& ports) {
      const bool is_certain = met.access == Access::yes;
      const bool is_news = is_certain || verdict == ClaimVerdict::proved;
      if (is_news && !is_excused(view, claimed, make_hit(view, target, met, ports)))
        verdict = is_certain ? ClaimVerdict::refuted : ClaimVerdict::depends;
      return verdict != ClaimVerdict::refuted;
    };
    each_hit(view, target, visit);
    if (verdict == ClaimVerdict::refuted) return verdict;
  }
  return verdict;
}

}  // namespace gantry::netpol

#include "launch/checks/reach/address_set.h"
#include "launch/checks/reach/judge.h"
#include "launch/checks/reach/open_world.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace gantry::launch {

using base::Finding;
using base::Result;
using kube::Cidr;
using kube::IpFamily;

namespace {

// Names that one explanation lists; the matrix has all of them.
constexpr std::size_t kNamesMax = 12;

std::string list_names(const std::set<std::string>& names) {
  std::vector<std::string_view> listed(names.begin(), names.end());
  const bool more = listed.size() > kNamesMax;
  if (more) listed.resize(kNamesMax);
  return fmt::format("{}{}", fmt::join(listed, ", "), more ? " and others" : "");
}

// The addresses of a block that neither the claim nor the pods' own ranges take; nothing when there are none.
std::optional<Cidr> find_unclaimed(const kube::IpBlock& block, const Claim& claim) {
  std::vector<Cidr> taken = ranges_of(claim.sources);
  taken.insert(taken.end(), block.except.begin(), block.except.end());
  taken.insert(taken.end(), claim.pod_ranges.begin(), claim.pod_ranges.end());
  return find_untaken(block.cidr, taken);
}

bool is_claimed(const Opening& opening, const Claim& claim) {
  const kube::PolicyPeer* peer = opening.place.get_peer();
  return peer && peer->ip_block &&
         !find_unclaimed({.cidr = peer->ip_block->cidr, .except = peer->ip_block->except, .where = {}}, claim);
}

// ---- Pods

// How an unclaimed pod gets in.
struct Breach {
  Access access = Access::no;
  std::vector<RulePlace> places;  // none: the destination may be isolated by nobody
};

Breach find_breach(const ClaimView& view, const Flow& flow, Access claimed) {
  Breach breach;
  Access ingress = Access::no;
  for (const Opening& opening : flow.ingress.openings) {
    if (is_claimed(opening, view.claim)) continue;
    breach.places.push_back(opening.place);
    ingress = std::max(ingress, opening.access);
  }
  // Only addresses let it in, and the claim names them.
  if (breach.places.empty() && !flow.ingress.openings.empty()) return breach;
  if (breach.places.size() == flow.ingress.openings.size()) ingress = flow.ingress.access;
  breach.access = std::min({ingress, flow.egress.access, claimed == Access::depends ? Access::depends : Access::yes});
  return breach;
}

// What is not known, at the first opening that needs it.
std::string describe_unknown(const ClaimView& view, const Flow& flow, const PodClass& source) {
  for (const Side* side : {&flow.egress, &flow.ingress})
    for (const Opening& opening : side->openings) {
      if (opening.access != Access::depends) continue;
      const kube::PolicyPeer* peer = opening.place.get_peer();
      if (peer && peer->ip_block)
        return fmt::format("{} admits {}, and the addresses of the pods are not known", to_string(opening.place),
                           to_string(*peer->ip_block));
      return fmt::format("whether {} means it depends on labels that no manifest says", to_string(opening.place));
    }
  if (!view.reach.snapshot().find_namespace(source.name_space()))
    return fmt::format("the labels of namespace {} are not known", source.name_space());
  return "labels that no manifest says decide which policies apply";
}

// One finding for all ports that the same pods reach the same way.
struct Group {
  std::vector<FlowPort> ports;
  std::vector<RulePlace> places;
  std::string unknown;  // of net.only-depends
};
using GroupKey = std::tuple<std::string, std::string, Access, std::string>;  // source, destination, access, place

class PodJudge {
 public:
  explicit PodJudge(const ClaimView& view) : view_(view) {}

  void judge(std::size_t target, std::size_t source);
  void report(std::vector<Finding>& findings) const;

 private:
  void note_host_network(const Target& target, const PodClass& source);
  Finding report_group(const GroupKey& key, const Group& group) const;

  const ClaimView& view_;
  std::map<GroupKey, Group> groups_;
  std::map<std::string, std::pair<const PodClass*, std::set<FlowPort>>> host_network_;  // by owner
};

void PodJudge::judge(std::size_t index, std::size_t source) {
  const Target& target = view_.targets[index];
  const PodClass& pods = view_.reach.classes()[source];
  if (FlowTable::is_loopback(view_.reach, target, source)) return;
  const Access claimed = holds(view_.claim.sources, pods, view_.reach);
  if (claimed == Access::yes) return;
  if (pods.on_host_network()) return note_host_network(target, pods);
  if (view_.flows.at(index, source) == Access::no) return;
  const Flow flow = view_.reach.decide({.source = source, .destination = target.destination, .port = target.port});
  // That nothing isolates the destination is said once, for everybody (judge_addresses).
  if (flow.ingress.isolating.empty()) return;
  const Breach breach = find_breach(view_, flow, claimed);
  if (breach.access == Access::no) return;
  const std::string place = breach.places.empty() ? "" : to_string(breach.places.front());
  Group& group = groups_[{pods.owner_name(), view_.destination(target).owner_name(), breach.access, place}];
  if (std::ranges::find(group.ports, target.port) == group.ports.end()) group.ports.push_back(target.port);
  group.places = breach.places;
  if (breach.access == Access::depends) group.unknown = describe_unknown(view_, flow, pods);
}

void PodJudge::note_host_network(const Target& target, const PodClass& source) {
  auto& [pods, ports] = host_network_[source.owner_name()];
  pods = &source;
  ports.insert(target.port);
}

Finding PodJudge::report_group(const GroupKey& key, const Group& group) const {
  const auto& [source, destination, access, place] = key;
  const base::SourcePos where = group.places.empty() ? view_.claim.where : group.places.front().pos();
  Finding finding;
  if (access == Access::yes) {
    finding = make_finding("net.only-violated", source, where,
                           fmt::format("{} reaches {} of {} and is not among the sources: {} admits it", source,
                                       join_ports(group.ports), destination, place),
                           "narrow that rule, or add the source to the claim if it is meant to get in");
  } else {
    finding =
        make_finding("net.only-depends", source, where,
                     fmt::format("whether {} reaches {} of {} cannot be said: {}", source, join_ports(group.ports),
                                 destination, group.unknown),
                     "give the claim `pod_ranges`, define the namespaces, or use selectors instead of an ipBlock");
  }
  for (std::size_t i = 1; i < group.places.size(); ++i)
    finding.related.push_back({group.places[i].pos(), fmt::format("{} admits it too", to_string(group.places[i]))});
  finding.related.push_back({view_.claim.where, "the claim"});
  return finding;
}

void PodJudge::report(std::vector<Finding>& findings) const {
  for (const auto& [key, group] : groups_) findings.push_back(report_group(key, group));
  for (const auto& [owner, noted] : host_network_) {
    const auto& [pods, ports] = noted;
    const base::SourcePos& where = pods->workload ? pods->workload->object.pos() : pods->pod.object.pos();
    findings.push_back(
        make_finding("net.only-host-network", owner, where,
                     fmt::format("{} runs on the host network: from the destination's own node it reaches {}, "
                                 "whatever policies say",
                                 owner, join_ports({ports.begin(), ports.end()})),
                     "take it off the host network, or accept that it is trusted"));
  }
}

// ---- Addresses

void report_open(const ClaimView& view, std::size_t destination, std::vector<Finding>& findings) {
  const PodClass& pods = view.reach.classes()[destination];
  std::vector<FlowPort> ports;
  std::set<std::string> reaching;
  for (std::size_t i = 0; i < view.targets.size(); ++i) {
    if (view.targets[i].destination != destination) continue;
    ports.push_back(view.targets[i].port);
    for (std::size_t source = 0; source < view.reach.classes().size(); ++source) {
      const PodClass& from = view.reach.classes()[source];
      if (FlowTable::is_loopback(view.reach, view.targets[i], source) || view.flows.at(i, source) != Access::yes)
        continue;
      if (holds(view.claim.sources, from, view.reach) != Access::yes) reaching.insert(from.owner_name());
    }
  }
  const std::string why = pods.on_host_network() ? "it runs on the host network, where policies do not apply"
                                                 : "no NetworkPolicy isolates its ingress";
  Finding finding = make_finding(
      "net.only-violated", pods.owner_name(), pods.workload ? pods.workload->object.pos() : pods.pod.object.pos(),
      fmt::format("everybody reaches {} of {}: {}", join_ports(ports), pods.owner_name(), why),
      "add a NetworkPolicy that selects its pods and admits the sources of the claim");
  if (!reaching.empty()) finding.explanation += fmt::format(" Not among the sources: {}.", list_names(reaching));
  finding.related.push_back({view.claim.where, "the claim"});
  findings.push_back(std::move(finding));
}

// "203.0.113.0/24" of a peer that the claim does not name; nothing when it names all of them.
std::optional<Cidr> find_unclaimed(const RulePlace& place, const Claim& claim) {
  if (const kube::PolicyPeer* peer = place.get_peer()) return find_unclaimed(*peer->ip_block, claim);
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6})
    if (auto unclaimed = find_unclaimed({.cidr = everywhere(family), .except = {}, .where = {}}, claim))
      return unclaimed;
  return std::nullopt;
}

struct AddressBreach {
  RulePlace place;
  Cidr range;
  std::string destination;
  std::vector<FlowPort> ports;
};

void note_addresses(const ClaimView& view, const Target& target, std::map<std::string, AddressBreach>& breaches) {
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    const Side side = view.reach.decide_external(everywhere(family), target.destination, target.port);
    for (const Opening& opening : side.openings) {
      const std::optional<Cidr> range = find_unclaimed(opening.place, view.claim);
      if (!range) continue;
      const std::string destination = view.destination(target).owner_name();
      AddressBreach& breach = breaches[to_string(opening.place) + " " + destination];
      breach.place = opening.place;
      breach.range = *range;
      breach.destination = destination;
      if (std::ranges::find(breach.ports, target.port) == breach.ports.end()) breach.ports.push_back(target.port);
    }
  }
}

Finding report_addresses(const AddressBreach& breach, const Claim& claim) {
  const kube::PolicyPeer* peer = breach.place.get_peer();
  const std::string message =
      peer ? fmt::format("addresses of {} reach {} of {} and are not among the sources: {} admits {}",
                         to_string(breach.range), join_ports(breach.ports), breach.destination, to_string(breach.place),
                         to_string(*peer->ip_block))
           : fmt::format("everybody reaches {} of {}: {} names no peer", join_ports(breach.ports), breach.destination,
                         to_string(breach.place));
  Finding finding =
      make_finding("net.only-violated", to_string(breach.place.policy->object.id), breach.place.pos(), message,
                   peer ? "narrow the ipBlock, or add the range to the claim as `cidr`" : "name the peers");
  finding.related.push_back({claim.where, "the claim"});
  return finding;
}

}  // namespace

Result<FlowTable> FlowTable::compute(const Claim& claim, const Reachability& reach,
                                     const std::vector<Target>& targets) {
  FlowTable table;
  table.sources_ = reach.classes().size();
  if (targets.size() * table.sources_ > kFlowsMax)
    return base::input_error(
        fmt::format("the claim is about {} flows, {} are decided at most", targets.size() * table.sources_, kFlowsMax),
        claim.where, "split it into claims about fewer destinations");
  table.access_.reserve(targets.size() * table.sources_);
  for (const Target& target : targets)
    for (std::size_t source = 0; source < table.sources_; ++source)
      table.access_.push_back(
          is_loopback(reach, target, source)
              ? Access::yes
              : reach.decide({.source = source, .destination = target.destination, .port = target.port}).access());
  return table;
}

std::string join_ports(const std::vector<FlowPort>& ports) {
  std::vector<std::string> texts;
  for (const FlowPort& port : ports) texts.push_back(to_string(port));
  return fmt::format("{}", fmt::join(texts, ", "));
}

void judge_pods(const ClaimView& view, std::vector<Finding>& findings) {
  PodJudge judge(view);
  for (std::size_t target = 0; target < view.targets.size(); ++target)
    for (std::size_t source = 0; source < view.reach.classes().size(); ++source) judge.judge(target, source);
  judge.report(findings);
}

void judge_addresses(const ClaimView& view, std::vector<Finding>& findings) {
  std::set<std::string> reported_open;
  std::map<std::string, AddressBreach> breaches;
  for (const Target& target : view.targets) {
    if (!view.reach.isolating(kube::Direction::ingress, target.destination).empty()) {
      note_addresses(view, target, breaches);
      continue;
    }
    const RulePlace nobody_isolates;
    if (!find_unclaimed(nobody_isolates, view.claim)) continue;
    if (reported_open.insert(view.destination(target).owner_name()).second)
      report_open(view, target.destination, findings);
  }
  for (const auto& [key, breach] : breaches) findings.push_back(report_addresses(breach, view.claim));
}

Result<void> judge_strangers(const ClaimView& view, std::vector<Finding>& findings) {
  std::map<std::string, std::pair<RulePlace, std::set<FlowPort>>> places;
  for (const Target& target : view.targets)
    for (const kube::NetworkPolicy* policy : view.reach.isolating(kube::Direction::ingress, target.destination))
      for (std::size_t r = 0; r < policy->ingress.size(); ++r) {
        if (!Reachability::holds_port(policy->ingress[r], view.destination(target), target.port)) continue;
        for (std::size_t p = 0; p < policy->ingress[r].peers.size(); ++p) {
          const RulePlace place{.policy = policy, .direction = kube::Direction::ingress, .rule = r, .peer = p};
          auto& [kept, ports] = places[to_string(place)];
          kept = place;
          ports.insert(target.port);
        }
      }
  for (const auto& [name, entry] : places) {
    const auto& [place, ports] = entry;
    // Where somebody gets in today, who might tomorrow is no news.
    const bool is_known = std::ranges::any_of(
        findings, [&](const Finding& f) { return f.rule == "net.only-violated" && f.where == place.pos(); });
    if (is_known) continue;
    const std::optional<Stranger> stranger = TRY(find_stranger(place, view.claim.sources, view.reach.snapshot()));
    if (!stranger) continue;
    findings.push_back(make_finding(
        "net.only-open-world", to_string(place.policy->object.id), place.pos(),
        fmt::format("{} would let {} reach {}", name, *stranger, join_ports({ports.begin(), ports.end()})),
        "select the namespace by kubernetes.io/metadata.name, and the pods by a label, as the claim does"));
  }
  return {};
}

}  // namespace gantry::launch

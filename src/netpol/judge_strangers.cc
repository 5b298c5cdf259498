#include "netpol/claim_judge.h"
#include "netpol/open_world.h"

#include <fmt/format.h>

#include <map>
#include <tuple>

namespace gantry::netpol {

using base::Finding;
using base::Result;
using kube::Direction;

namespace {

// Nobody asks who could come: the claim is closed, or of those who must get through only the ones that are there matter.
bool asks_nothing(const Claim& claim, Concern concern) {
  if (claim.world) return *claim.world == World::closed;
  return concern == Concern::needs;
}

OpenWorldQuestion question_about_needs(const ClaimView& view) {
  OpenWorldQuestion question;
  question.wanted = Outcome::shut;
  question.direction = view.side();
  for (const Target& target : view.scope.targets)
    question.residents.push_back({.endpoint = target.endpoint, .ports = target.ports});
  question.among = wishes_of(view.claim.kind == ClaimKind::must ? view.claim.sources : view.claim.needed, view.reach);
  return question;
}

OpenWorldQuestion question_about_openings(const ClaimView& view, const ClaimDraft& draft) {
  OpenWorldQuestion question;
  question.wanted = Outcome::open;
  question.direction = view.side();
  for (const Target& target : view.scope.targets)
    if (!draft.open_targets.contains(target.endpoint))
      question.residents.push_back({.endpoint = target.endpoint, .ports = target.ports});
  std::vector<Wish> sources = wishes_of(view.claim.sources, view.reach);
  if (view.claim.kind == ClaimKind::only) {
    question.outside = std::move(sources);
    question.claimed_ranges = ranges_of(view.claim.sources);
  } else if (view.claim.kind != ClaimKind::isolated) {
    question.among = std::move(sources);
  }
  return question;
}

// Intruders that differ in nothing but whom they reach, and on which ports.
struct Group {
  const Intruder* first = nullptr;
  PortSet ports;
  std::set<std::string> residents;
};
using GroupKey = std::tuple<std::string, std::string, Access>;  // place, stranger

std::string describe(const ClaimView& view, Concern concern, const GroupKey& key, const Group& group) {
  const auto& [place, stranger, access] = key;
  const std::string residents = list_names(group.residents);
  const std::string ports = to_string(group.ports);
  if (concern == Concern::needs)
    return fmt::format("{} could not reach {} of {}: {} stops it", stranger, ports, residents,
                       name_policies(group.first->by));
  if (place.empty())
    return fmt::format("{} could reach {} of {}: nothing stands in the way", stranger, ports, residents);
  if (view.side() == Direction::egress)
    return fmt::format("{} would let {} reach {} of {}", place, residents, ports, stranger);
  return fmt::format("{} would let {} reach {}", place, stranger, ports);
}

std::string_view fix_of(const Claim& claim, Concern concern) {
  if (concern == Concern::needs) return "admit all that the claim speaks of, or claim less";
  if (claim.kind == ClaimKind::only)
    return "select the namespace by kubernetes.io/metadata.name, and the pods by a label, as the claim does";
  return "narrow that rule, so that nobody whom the claim speaks of can match it";
}

Finding report(const ClaimView& view, Concern concern, const GroupKey& key, const Group& group) {
  const Intruder& intruder = *group.first;
  const bool is_placed = !intruder.by.empty();
  Finding finding =
      make_claim_finding(rule_of(view.claim, concern, "open-world"),
                         is_placed ? to_string(intruder.by.front().policy) : *group.residents.begin(),
                         is_placed ? intruder.by.front().where : owner_place(intruder.resident, view.reach),
                         describe(view, concern, key, group), std::string(fix_of(view.claim, concern)));
  finding.explanation += fmt::format(" For example a pod labelled {} in namespace {} labelled {}.",
                                     to_string(intruder.stranger.pod_labels), intruder.stranger.name_space,
                                     to_string(intruder.stranger.namespace_labels));
  if (view.claim.world) {
    // Who claims the open world wants it proved.
    if (intruder.access == Access::yes) finding.severity = base::Severity::high;
    finding.related.push_back({view.claim.where, "the claim"});
  }
  return finding;
}

}  // namespace

Result<void> judge_strangers(const ClaimView& view, Concern concern, ClaimDraft& draft) {
  if (asks_nothing(view.claim, concern)) return {};
  const bool is_need = concern == Concern::needs;
  const OpenWorldQuestion question = is_need ? question_about_needs(view) : question_about_openings(view, draft);
  const bool is_about_addresses = (is_need || view.claim.kind == ClaimKind::never) && question.among.empty();
  if (is_about_addresses) return {};
  Result<std::vector<Intruder>> intruders = find_intruders(view.reach, question);
  if (!intruders) {
    intruders.error().where = view.claim.where;
    return std::unexpected(std::move(intruders).error());
  }
  std::map<GroupKey, Group> groups;
  for (const Intruder& intruder : *intruders) {
    const std::string place = intruder.by.empty() ? "" : to_string(intruder.by.front());
    // Where somebody gets in today, who might tomorrow is no news.
    if (!is_need && draft.places.contains(place)) continue;
    Group& group = groups[{place, intruder.stranger.text, intruder.access}];
    if (!group.first) group.first = &intruder;
    group.ports = group.ports.united(intruder.ports);
    group.residents.insert(view.owner(intruder.resident));
  }
  for (const auto& [key, group] : groups) {
    const Intruder& intruder = *group.first;
    draft.result.findings.push_back(report(view, concern, key, group));
    if (view.claim.world) (intruder.access == Access::yes ? draft.refuted : draft.depends) = true;
    draft.add({.source = view.side() == Direction::egress ? *group.residents.begin() : intruder.stranger.text,
               .destination = view.side() == Direction::egress ? intruder.stranger.text : *group.residents.begin(),
               .ports = group.ports,
               .access = is_need && intruder.access == Access::yes ? Access::no : intruder.access,
               .world = World::open,
               .name_space = intruder.stranger.name_space,
               .namespace_labels = intruder.stranger.namespace_labels,
               .pod_labels = intruder.stranger.pod_labels,
               .why = std::nullopt,
               .rules = intruder.by});
  }
  return {};
}

}  // namespace gantry::netpol

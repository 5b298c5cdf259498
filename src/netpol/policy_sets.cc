// Two policy sets over one system, top to bottom: lay both over the same endpoints; compare the flows of those who are there, then
// those of everybody who could come, each way that the claim speaks of; and say what differs, and by which rules.

#include "netpol/policy_sets.h"

#include "netpol/analysis.h"
#include "netpol/claim_judge.h"
#include "netpol/newcomers.h"
#include "netpol/sets/flows.h"
#include "netpol/sets/likeness.h"
#include "netpol/sets/strangers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace gantry::netpol {

using base::Finding;
using base::Result;
using kube::Direction;
using kube::Snapshot;

namespace {

// Pairs that are explained one by one; beyond, who reads knows what to do.
constexpr std::size_t kExplainedMax = 500;

// ---- Both over the same endpoints

kube::SnapshotData with_policies(const Snapshot& system, const Snapshot& set) {
  kube::SnapshotData data = *system;
  data.network_policies = set->network_policies;
  data.admin_policies = set->admin_policies;
  return data;
}

Snapshot freeze(kube::SnapshotData data) {
  return Snapshot(std::make_shared<const kube::SnapshotData>(std::move(data)));
}

template <typename Policy>
void append(kube::SharedList<Policy>& list, const kube::SharedList<Policy>& more) {
  std::vector<Policy>& policies = list.edit();
  policies.insert(policies.end(), more.begin(), more.end());
  std::ranges::stable_sort(policies, {}, [](const Policy& policy) {
    return std::pair<std::string_view, std::string_view>(policy.object.id.name_space, policy.object.id.name);
  });
}

Snapshot with_both(const PolicySets& sets) {
  kube::SnapshotData data = with_policies(sets.system, sets.policies);
  append(data.network_policies, sets.others->network_policies);
  append(data.admin_policies, sets.others->admin_policies);
  return freeze(std::move(data));
}

struct Pair {
  Snapshot both;
  Reachability policies;
  Reachability others;

  Pair with_profile(const Profile& profile) const {
    return {.both = both, .policies = policies.with_profile(profile), .others = others.with_profile(profile)};
  }
};

Result<Pair> analyse_both(const PolicySets& sets, const AnalysisOptions& options, const std::stop_token& stop) {
  Snapshot both = with_both(sets);
  const auto endpoints = std::make_shared<const Endpoints>(collect_endpoints(both, options.endpoints));
  Reachability policies =
      TRY(analyse_endpoints(freeze(with_policies(sets.system, sets.policies)), endpoints, options, stop));
  Reachability others =
      TRY(analyse_endpoints(freeze(with_policies(sets.system, sets.others)), endpoints, options, stop));
  return Pair{.both = std::move(both), .policies = std::move(policies), .others = std::move(others)};
}

// ---- The ways that a claim looks

std::string name_of(const std::string& path) {
  return path.empty() ? std::string("the policies that are checked") : fmt::format("the policies of {}", path);
}

struct Way {
  const Reachability& open;
  const Reachability& shut;
  std::string opener;  // the names of the sets
  std::string other;
};

std::vector<Way> ways_of(const Claim& claim, const Pair& pair) {
  std::vector<Way> ways = {{pair.policies, pair.others, name_of(claim.policies), name_of(claim.others)}};
  if (claim.kind == ClaimKind::equal)
    ways.push_back({pair.others, pair.policies, name_of(claim.others), name_of(claim.policies)});
  return ways;
}

ClaimVerdict verdict_on_flows(const Claim& claim, const Pair& pair) {
  ClaimVerdict verdict = ClaimVerdict::proved;
  for (const Way& way : ways_of(claim, pair)) {
    Likeness likeness(way.open, way.shut);
    each_difference(way.open, way.shut, likeness, [&](const SetFlow& flow) {
      verdict = flow.access == Access::yes ? ClaimVerdict::refuted : ClaimVerdict::depends;
      return verdict != ClaimVerdict::refuted;
    });
    if (verdict == ClaimVerdict::refuted) break;
  }
  return verdict;
}

void judge_profiles(const Claim& claim, const Pair& pair, ClaimDraft& draft) {
  const ClaimVerdict verdict = verdict_on_flows(claim, pair);
  draft.refuted = verdict == ClaimVerdict::refuted;
  draft.depends = verdict == ClaimVerdict::depends;
  std::set<ProfileTopic> topics(pair.policies.topics().begin(), pair.policies.topics().end());
  topics.insert(pair.others.topics().begin(), pair.others.topics().end());
  for (const ProfileTopic topic : topics)
    if (verdict_on_flows(claim, pair.with_profile(pair.policies.options().profile.flipped(topic))) != verdict)
      draft.add_topic(topic, claim);
}

// ---- Those who are there

std::vector<RulePlace> stops_of(const SideExplanation& side) {
  std::vector<RulePlace> places = side.denying;
  for (const Refusal& refusal : side.refusals) places.push_back(refusal.place);
  return places;
}

class FlowReport {
 public:
  FlowReport(const Claim& claim, const Way& way, ClaimDraft& draft) : claim_(claim), way_(way), draft_(draft) {}

  void look();
  void report();

 private:
  // Of flows that the same rule opens: one finding for all who come to one destination by it, or go by it from one source.
  struct Group {
    SetFlow first;
    Explanation opened;
    SideExplanation stopped;
    std::vector<RulePlace> places;  // that admit it at the side where the other set stops it
    std::set<std::string> others;
  };
  using PairKey = std::tuple<std::string, std::string, Access, PortSet>;
  using GroupKey = std::tuple<Direction, std::string, Access, std::string, PortSet>;

  void note(const SetFlow& flow);
  std::string name(EndpointId id) const;
  Finding describe(const GroupKey& key, const Group& group) const;
  std::string opened_text(const Group& group, Direction direction, const std::string& subject) const;
  std::string stopped_text(const Group& group, const std::string& subject) const;

  const Claim& claim_;
  const Way& way_;
  ClaimDraft& draft_;
  std::map<PairKey, SetFlow> pairs_;
  std::map<GroupKey, Group> groups_;
};

std::string FlowReport::name(EndpointId id) const {
  const std::string owner = owner_name(id, way_.open);
  return way_.open.endpoints()[id].is_pods() ? owner : fmt::format("addresses of {}", owner);
}

void FlowReport::look() {
  Likeness likeness(way_.open, way_.shut);
  std::size_t certain = 0;
  std::size_t perhaps = 0;
  each_difference(way_.open, way_.shut, likeness, [&](const SetFlow& flow) {
    std::size_t& count = flow.access == Access::yes ? certain : perhaps;
    const bool is_new =
        count < kExplainedMax &&
        pairs_.try_emplace({name(flow.source), name(flow.destination), flow.access, flow.ports}, flow).second;
    if (is_new) ++count;
    return certain < kExplainedMax;
  });
  // What is certain first: who reads a few of them reads those.
  for (const Access access : {Access::yes, Access::depends})
    for (const auto& [key, flow] : pairs_)
      if (flow.access == access) note(flow);
}

void FlowReport::note(const SetFlow& flow) {
  Group group{.first = flow, .opened = way_.open.explain(one_flow(flow)), .stopped = {}, .places = {}, .others = {}};
  const Explanation stopped = way_.shut.explain(one_flow(flow));
  const bool is_egress = stopped.egress.access < stopped.ingress.access;
  group.stopped = is_egress ? stopped.egress : stopped.ingress;
  for (RulePlace place : (is_egress ? group.opened.egress : group.opened.ingress).admitting) {
    place.port.reset();
    if (std::ranges::find(group.places, place) == group.places.end()) group.places.push_back(place);
  }
  const std::string by = group.places.empty() ? "" : to_string(group.places.front());
  const std::string source = name(flow.source);
  const std::string destination = name(flow.destination);
  const Direction direction = is_egress ? Direction::egress : Direction::ingress;
  Group& kept = groups_.try_emplace({direction, is_egress ? source : destination, flow.access, by, flow.ports}, group)
                    .first->second;
  kept.others.insert(is_egress ? destination : source);
  if (flow.access == Access::yes) draft_.places.insert(by);
  draft_.add({.source = owner_name(flow.source, way_.open),
              .destination = owner_name(flow.destination, way_.open),
              .ports = flow.ports,
              .access = flow.access,
              .world = World::closed,
              .name_space = {},
              .namespace_labels = {},
              .pod_labels = {},
              .allowed_by = way_.opener,
              .why = group.opened,
              .rules = group.places.empty() ? stops_of(group.stopped) : group.places});
}

std::string FlowReport::opened_text(const Group& group, Direction direction, const std::string& subject) const {
  if (!group.places.empty()) return fmt::format("{} admits it", to_string(group.places.front()));
  return fmt::format("nothing isolates the {} of {}", to_string(direction), subject);
}

std::string FlowReport::stopped_text(const Group& group, const std::string& subject) const {
  const SideExplanation& side = group.stopped;
  if (!side.denying.empty()) return fmt::format("{} denies it", to_string(side.denying.front()));
  if (side.refusals.empty()) return fmt::format("labels or addresses of {} decide", subject);
  const Refusal& nearest = side.refusals.front();
  std::string text =
      fmt::format("{} of {} is isolated by {}", to_string(side.direction), subject, name_policies(stops_of(side)));
  if (nearest.place.rule) text += fmt::format(", and {} comes nearest: {}", to_string(nearest.place), nearest.message);
  return text;
}

Finding FlowReport::describe(const GroupKey& key, const Group& group) const {
  const auto& [direction, subject, access, by, ports] = key;
  const std::string others = list_names(group.others);
  const std::string flow = direction == Direction::egress
                               ? fmt::format("{} -> {} on {}", subject, others, to_string(ports))
                               : fmt::format("{} -> {} on {}", others, subject, to_string(ports));
  const bool is_certain = access == Access::yes;
  std::string message =
      is_certain ? fmt::format("{}: allowed by {} ({}), and not by {} ({})", flow, way_.opener,
                               opened_text(group, direction, subject), way_.other, stopped_text(group, subject))
                 : fmt::format(
                       "{}: whether {} allow it and {} do not cannot be said, since addresses or labels that "
                       "no manifest says decide",
                       flow, way_.opener, way_.other);
  Finding finding = make_claim_finding(
      rule_of(claim_.kind, is_certain ? "violated" : "depends"), subject,
      group.places.empty() ? claim_.where : group.places.front().where, std::move(message),
      is_certain ? "take the rule out of the one set, or put it into the other"
                 : "give the claim `pod_ranges`, define the namespaces, or use selectors instead of an ipBlock");
  for (std::size_t i = 1; i < group.places.size(); ++i)
    finding.related.push_back({group.places[i].where, fmt::format("{} admits it too", to_string(group.places[i]))});
  for (const RulePlace& place : group.stopped.denying)
    finding.related.push_back({place.where, fmt::format("{} of {}", to_string(place), way_.other)});
  for (const Refusal& refusal : group.stopped.refusals)
    finding.related.push_back(
        {refusal.place.where, fmt::format("{} of {}: {}", to_string(refusal.place), way_.other, refusal.message)});
  finding.related.push_back({claim_.where, "the claim"});
  return finding;
}

void FlowReport::report() {
  for (const auto& [key, group] : groups_) draft_.result.findings.push_back(describe(key, group));
}

// ---- Those who could come

struct StrangerGroup {
  const SetIntruder* first = nullptr;
  PortSet ports;
  std::set<std::string> residents;
};
using StrangerKey = std::tuple<Direction, std::string, std::string, Access>;  // with place and stranger

Finding describe_stranger(const Claim& claim, const Way& way, const StrangerKey& key, const StrangerGroup& group) {
  const auto& [direction, place, stranger, access] = key;
  const std::string residents = list_names(group.residents);
  const Intruder& intruder = group.first->intruder;
  const std::string flow = direction == Direction::egress
                               ? fmt::format("{} -> {} on {}", residents, stranger, to_string(group.ports))
                               : fmt::format("{} -> {} on {}", stranger, residents, to_string(group.ports));
  const std::string opened = place.empty() ? std::string("nothing stands in the way") : fmt::format("{}", place);
  const std::string stopped =
      group.first->against.empty() ? std::string() : fmt::format(" ({})", name_policies(group.first->against));
  Finding finding =
      make_claim_finding(rule_of(claim.kind, "open-world"),
                         place.empty() ? *group.residents.begin() : to_string(intruder.by.front().policy),
                         place.empty() ? owner_place(intruder.resident, way.open) : intruder.by.front().where,
                         fmt::format("{}: {} by {} ({}), and not by {}{}", flow,
                                     access == Access::yes ? "would be allowed" : "might be allowed", way.opener,
                                     opened, way.other, stopped),
                         "take the rule out of the one set, or put it into the other");
  if (!finding.where.file) finding.where = claim.where;
  if (!intruder.stranger.name_space.empty())
    finding.explanation += fmt::format(" For example a pod labelled {} in namespace {} labelled {}.",
                                       to_string(intruder.stranger.pod_labels), intruder.stranger.name_space,
                                       to_string(intruder.stranger.namespace_labels));
  if (claim.world && access == Access::yes) finding.severity = base::Severity::high;
  finding.related.push_back({claim.where, "the claim"});
  return finding;
}

void report_strangers(const Claim& claim, const Way& way, const std::vector<SetIntruder>& found, ClaimDraft& draft) {
  std::map<StrangerKey, StrangerGroup> groups;
  for (const SetIntruder& each : found) {
    const std::string place = each.intruder.by.empty() ? "" : to_string(each.intruder.by.front());
    // What differs today for somebody, might tomorrow for others: no news.
    if (draft.places.contains(place)) continue;
    StrangerGroup& group = groups[{each.direction, place, each.intruder.stranger.text, each.intruder.access}];
    if (!group.first) group.first = &each;
    group.ports = group.ports.united(each.intruder.ports);
    group.residents.insert(owner_name(each.intruder.resident, way.open));
  }
  for (const auto& [key, group] : groups) {
    const auto& [direction, place, stranger, access] = key;
    const Stranger& example = group.first->intruder.stranger;
    draft.result.findings.push_back(describe_stranger(claim, way, key, group));
    if (claim.world) (access == Access::yes ? draft.refuted : draft.depends) = true;
    draft.add({.source = direction == Direction::egress ? *group.residents.begin() : stranger,
               .destination = direction == Direction::egress ? stranger : *group.residents.begin(),
               .ports = group.ports,
               .access = access,
               .world = World::open,
               .name_space = example.name_space,
               .namespace_labels = example.namespace_labels,
               .pod_labels = example.pod_labels,
               .allowed_by = way.opener,
               .why = std::nullopt,
               .rules = group.first->intruder.by});
  }
}

Result<void> judge_strangers(const Claim& claim, const Pair& pair, const Way& way, ClaimDraft& draft) {
  Likeness likeness(way.open, way.shut);
  report_strangers(claim, way, TRY(find_strangers(way.open, way.shut, pair.both, likeness)), draft);
  return {};
}

// Nobody who comes fares otherwise with whoever else comes.
bool grows_everywhere(const Way& way, const Snapshot& both) {
  const Likeness likeness(way.open, way.shut);
  return likeness.admin_is_same() && std::ranges::all_of(both->namespaces, [&](const kube::Namespace& each) {
           return likeness.grows_in(each.name(), Direction::ingress) &&
                  likeness.grows_in(each.name(), Direction::egress);
         });
}

SetIntruder intruder_of(const Way& way, const SetFlow& flow, Direction direction) {
  const bool is_inward = direction == Direction::ingress;
  SetIntruder found{.direction = direction, .intruder = {}, .against = {}};
  found.intruder.resident = is_inward ? flow.destination : flow.source;
  found.intruder.ports = flow.ports;
  found.intruder.access = flow.access;
  found.intruder.by = way.open.explain_side(one_flow(flow), direction).admitting;
  found.intruder.stranger.text =
      fmt::format("addresses of {}", owner_name(is_inward ? flow.source : flow.destination, way.open));
  found.against = stops_of(way.shut.explain_side(one_flow(flow), direction));
  return found;
}

// A newcomer's node may be any: where only that could open a flow, it does so in both sets.
bool is_own_node_in_both(const Way& way, const SetFlow& flow, bool is_inward) {
  const Endpoint& address = way.open.endpoints()[is_inward ? flow.source : flow.destination];
  return address.zone == Endpoint::Zone::nodes && (is_inward || way.open.snapshot()->admin_policies.empty()) &&
         way.open.access(one_flow(flow)) == Access::depends;
}

// Those of the flows between addresses and newcomers: at the side of these.
std::vector<SetIntruder> find_addresses(const Way& way) {
  std::vector<SetIntruder> found;
  std::size_t certain = 0;
  Likeness likeness(way.open, way.shut);
  each_difference(way.open, way.shut, likeness, [&](const SetFlow& flow) {
    const Endpoint& from = way.open.endpoints()[flow.source];
    const Endpoint& to = way.open.endpoints()[flow.destination];
    const bool is_inward = to.kind == Endpoint::Kind::hypothetical && !from.is_pods();
    const bool is_outward = from.kind == Endpoint::Kind::hypothetical && !to.is_pods();
    const bool is_told = flow.access == Access::yes || found.size() - certain < kExplainedMax;
    if ((!is_inward && !is_outward) || !is_told || is_own_node_in_both(way, flow, is_inward)) return true;
    found.push_back(intruder_of(way, flow, is_inward ? Direction::ingress : Direction::egress));
    if (flow.access == Access::yes) ++certain;
    return certain < kExplainedMax;
  });
  return found;
}

// Two who are both to come: one of each kind is put into the system as the destination, and strangers and addresses meet it as they
// meet those who are there.
Result<void> judge_newcomers(const PolicySets& sets, const Claim& claim, const AnalysisOptions& options, const Way& way,
                             ClaimDraft& draft) {
  const std::vector<Stranger> newcomers = TRY(find_newcomers(sets.system, {.among = {Wish{}}}));
  AnalysisOptions with_newcomers = options;
  add_to(with_newcomers.endpoints, newcomers);
  const std::vector<NamedSets> namings = TRY(name_ports({.open = sets.policies, .shut = sets.others}));
  for (const NamedSets& named : namings) {
    if (draft.refuted) break;
    const Pair pair =
        TRY(analyse_both({.system = sets.system, .policies = named.open, .others = named.shut}, with_newcomers, {}));
    const Way with_them{pair.policies, pair.others, way.opener, way.other};
    const std::size_t end = pair.policies.endpoints().pod_class_count();
    std::vector<EndpointId> ids;
    for (std::size_t i = end - newcomers.size(); i < end; ++i) ids.emplace_back(static_cast<std::uint32_t>(i));
    Likeness likeness(pair.policies, pair.others);
    const auto found = TRY(find_strangers_at(ids, pair.policies, pair.others, pair.both, likeness));
    report_strangers(claim, with_them, found, draft);
    report_strangers(claim, with_them, find_addresses(with_them), draft);
  }
  return {};
}

Result<void> judge_newcomers(const PolicySets& sets, const Claim& claim, const AnalysisOptions& options,
                             const Pair& pair, ClaimDraft& draft) {
  const std::vector<Way> ways = ways_of(claim, pair);
  for (std::size_t i = 0; i < ways.size() && !draft.refuted; ++i) {
    if (grows_everywhere(ways[i], pair.both)) continue;
    const bool is_reverse = i > 0;
    TRY(judge_newcomers({.system = pair.both,
                         .policies = is_reverse ? sets.others : sets.policies,
                         .others = is_reverse ? sets.policies : sets.others},
                        claim, options, ways[i], draft));
  }
  return {};
}

// Too many cases are the claim's.
Result<void> at_claim(Result<void> judged, const Claim& claim) {
  if (judged) return judged;
  judged.error().where = claim.where;
  judged.error().help = "claim it for those who are there: `world: closed`";
  return judged;
}

// ---- What a claim must be about

Result<void> check_set(const Reachability& reach, const std::string& path, const base::SourcePos& where) {
  const Snapshot& snapshot = reach.snapshot();
  if (snapshot->network_policies.empty() && snapshot->admin_policies.empty())
    return base::input_error(fmt::format("{} are none", name_of(path)), where,
                             "name a file or folder that holds policies: no policy allows everything");
  const bool selects_somebody = !snapshot->admin_policies.empty() ||
                                std::ranges::any_of(snapshot->network_policies, [&](const kube::NetworkPolicy& policy) {
                                  return !reach.selected_by(policy).empty();
                                });
  if (selects_somebody) return {};
  return base::input_error(fmt::format("none of {} selects a pod of the manifests", name_of(path)), where,
                           "name policies for these pods: what selects nobody allows everything");
}

std::string describe_proof(const Claim& claim, const ClaimResult& result, bool is_open) {
  const std::string who = is_open ? "whoever is there or could come" : "all who are there";
  return claim.kind == ClaimKind::equal
             ? fmt::format("{} and {} allow the same flows of {} ({} workloads)", name_of(claim.policies),
                           name_of(claim.others), who, result.workloads)
             : fmt::format("every flow that {} allow for {} is allowed by {} too ({} workloads)",
                           name_of(claim.policies), who, name_of(claim.others), result.workloads);
}

}  // namespace

Result<ClaimResult> judge_sets(const PolicySets& sets, const Claim& claim, const AnalysisOptions& options,
                               std::stop_token stop) {
  const Pair pair = TRY(analyse_both(sets, options, stop));
  TRY(check_set(pair.policies, claim.policies, claim.where));
  TRY(check_set(pair.others, claim.others, claim.where));
  ClaimDraft draft;
  judge_profiles(claim, pair, draft);
  for (const Way& way : ways_of(claim, pair)) {
    FlowReport report(claim, way, draft);
    report.look();
    report.report();
    if (claim.world != World::closed) TRY(at_claim(judge_strangers(claim, pair, way, draft), claim));
  }
  if (claim.world == World::open && !draft.refuted)
    TRY(at_claim(judge_newcomers(sets, claim, options, pair, draft), claim));
  const ClaimVerdict verdict = draft.verdict();
  ClaimResult result = std::move(draft.result);
  result.verdict = verdict;
  const Endpoints& endpoints = pair.policies.endpoints();
  result.flows_decided = endpoints.pod_class_count() * endpoints.size();
  result.workloads = count_workloads(pair.policies);
  base::sort_findings(result.findings);
  const bool is_proved = result.verdict == ClaimVerdict::proved;
  result.summary = is_proved || result.findings.empty() ? describe_proof(claim, result, claim.world == World::open)
                                                        : result.findings.front().message;
  return result;
}

}  // namespace gantry::netpol

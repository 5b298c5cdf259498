#include "netpol/side.h"

#include <algorithm>
#include <set>
#include <utility>

namespace gantry::netpol {

using kube::Direction;

namespace {

// Sets of peers up to this size are listed with each of their members; larger ones, of which there are few different
// ones, are asked one by one.
constexpr std::size_t kSmallSet = 256;

Direction other(Direction direction) {
  return direction == Direction::ingress ? Direction::egress : Direction::ingress;
}

// The policies of each endpoint, ascending.
std::vector<std::vector<Applied>> apply_policies(const CompiledPolicies& policies, std::size_t endpoint_count,
                                                 Direction direction) {
  std::vector<std::vector<Applied>> applied(endpoint_count);
  for (std::uint32_t i = 0; i < policies.all().size(); ++i) {
    const CompiledPolicy& policy = policies.all()[i];
    if (!policy.applies(direction)) continue;
    const TriSet& subject = *policy.subject;
    for (const EndpointId endpoint : subject.possible.ids())
      applied[endpoint.value()].push_back({i, subject.is_known() || subject.certain.contains(endpoint)});
  }
  return applied;
}

std::vector<Applied> apply_policies_to(const CompiledPolicies& policies, EndpointId endpoint, Direction direction) {
  std::vector<Applied> applied;
  for (std::uint32_t i = 0; i < policies.all().size(); ++i) {
    const CompiledPolicy& policy = policies.all()[i];
    if (policy.applies(direction) && policy.subject->possible.contains(endpoint))
      applied.push_back({i, policy.subject->certain.contains(endpoint)});
  }
  return applied;
}

bool isolates(const CompiledPolicies& policies, const std::vector<Applied>& applied) {
  return std::ranges::any_of(
      applied, [&](const Applied& each) { return each.is_certain && policies.all()[each.policy].network != nullptr; });
}

void append(std::string& key, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) key += static_cast<char>((value >> shift) & 0xFFU);
}

}  // namespace

Side::Side(const CompiledPolicies& policies, const Endpoints& endpoints, Direction direction)
    : direction_(direction),
      universe_(policies.universe()),
      everybody_{{PortSet::everything(), TriSet(universe_)}},
      group_of_(endpoints.size()) {
  std::vector<std::vector<Applied>> applied = apply_policies(policies, endpoints.size(), direction);
  std::vector<std::vector<Applied>> other_way;
  if (!policies.profile().baseline_is_decided_per_direction)
    other_way = apply_policies(policies, endpoints.size(), other(direction));
  free_ = universe_;
  Groups groups;
  for (std::uint32_t i = 0; i < endpoints.size(); ++i)
    if (!applied[i].empty())
      add_to_group(endpoints, EndpointId(i), std::move(applied[i]),
                   !other_way.empty() && isolates(policies, other_way[i]), groups);
  // Beyond this point nothing looks at policies: every endpoint has a row.
  add(policies, std::move(groups));
  index_rows(0);
}

Side::Side(const Side& before, const CompiledPolicies& policies, const Endpoints& endpoints, std::uint32_t changed,
           const EndpointSet& for_whom)
    : direction_(before.direction_),
      universe_(before.universe_),
      everybody_(before.everybody_),
      free_(before.free_),
      groups_(before.groups_),
      group_of_(before.group_of_) {
  leave_groups(for_whom);
  const CompiledPolicy& policy = policies.all()[changed];
  Groups groups;
  for (const EndpointId endpoint : for_whom.ids()) {
    std::vector<Applied> applied = before.applied_to(endpoint);
    std::erase_if(applied, [&](const Applied& each) { return each.policy == changed; });
    if (policy.applies(direction_) && policy.subject->possible.contains(endpoint)) {
      const Applied now{changed, policy.subject->certain.contains(endpoint)};
      applied.insert(std::ranges::upper_bound(applied, now), now);
    }
    if (!applied.empty()) add_to_group(endpoints, endpoint, std::move(applied), false, groups);
  }
  add(policies, std::move(groups));
  index_rows(before.groups_.size());
}

Side::Side(const Side& before, const CompiledPolicies& policies, const std::vector<bool>& changed)
    : direction_(before.direction_),
      universe_(before.universe_),
      everybody_(before.everybody_),
      free_(before.free_),
      groups_(before.groups_),
      group_of_(before.group_of_) {
  Groups groups;
  for (std::shared_ptr<Group>& group : groups_) {
    if (!group || !asks_any(*group, changed)) continue;
    groups.all.push_back({.question = group->question, .members = group->members, .row = {}});
    group = nullptr;
  }
  add(policies, std::move(groups));
  index_rows(before.groups_.size());
}

bool Side::asks_any(const Group& group, const std::vector<bool>& policies) {
  return std::ranges::any_of(group.question.applied, [&](const Applied& each) { return policies[each.policy]; });
}

bool Side::asks_any(const std::vector<bool>& policies) const {
  return std::ranges::any_of(groups_, [&](const auto& group) { return group && asks_any(*group, policies); });
}

// Endpoints are alike when the same policies apply to them; for ingress, when their ports have the same names too (§4).
void Side::add_to_group(const Endpoints& endpoints, EndpointId endpoint, std::vector<Applied> applied,
                        bool is_beyond_baseline, Groups& groups) const {
  std::string key(1, is_beyond_baseline ? 'b' : '-');
  for (const Applied& each : applied) append(key, each.policy * 2 + (each.is_certain ? 1 : 0));
  if (direction_ == Direction::ingress)
    for (const Endpoint::NamedPort& port : endpoints[endpoint].named_ports) {
      key += port.name;
      append(key, port.port.value() * 8U + static_cast<std::uint32_t>(port.protocol) * 2 + (port.of_sidecar ? 1 : 0));
    }
  const auto [at, is_new] = groups.by_key.try_emplace(std::move(key), groups.all.size());
  if (is_new)
    groups.all.push_back({.question = {.direction = direction_,
                                       .applied = std::move(applied),
                                       .member = endpoint,
                                       .is_beyond_baseline = is_beyond_baseline},
                          .members = {},
                          .row = {}});
  groups.all[at->second].members.add(endpoint);
}

void Side::add(const CompiledPolicies& policies, Groups groups) {
  EndpointSet grouped;
  Unions unions;
  for (Group& group : groups.all) {
    group.row = compute_row(policies, group.question, unions);
    group.open = ports_of(group.row);
    for (const EndpointId member : group.members.ids())
      group_of_[member.value()] = static_cast<std::uint32_t>(groups_.size());
    grouped.unite(group.members);
    groups_.push_back(std::make_shared<Group>(std::move(group)));
  }
  free_ = free_.without(grouped);
}

void Side::leave_groups(const EndpointSet& leaving) {
  std::set<std::uint32_t> left;
  for (const EndpointId endpoint : leaving.ids())
    if (std::optional<std::uint32_t>& group = group_of_[endpoint.value()]) {
      left.insert(*group);
      group.reset();
    }
  for (const std::uint32_t each : left) {
    auto rest = std::make_shared<Group>(*groups_[each]);
    rest->members = rest->members.without(leaving);
    groups_[each] = rest->members.empty() ? nullptr : std::move(rest);
  }
  free_ = free_.united(leaving);
}

// Equal sets of peers become one, here and in the rows: groups differ in them much less than they are many. Groups
// before `first_own` have been through this, and others read them.
void Side::index_rows(std::size_t first_own) {
  RowIndex found;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (!groups_[i]) continue;
    for (std::size_t p = 0; p < groups_[i]->row.size(); ++p) {
      const RowPart& part = groups_[i]->row[p];
      const bool is_known = part.peers.is_known();
      TriSet same(index(part.peers.certain, true, part.ports, *groups_[i], found));
      if (!is_known) same.possible = index(part.peers.possible, false, part.ports, *groups_[i], found);
      if (i >= first_own) groups_[i]->row[p].peers = std::move(same);
    }
  }
  small_sets_of_.resize(group_of_.size());
  for (std::uint32_t i = 0; i < admitting_.size(); ++i) {
    for (const auto& [ports, members] : found.members[i])
      admitting_[i].members.emplace_back(*ports, EndpointSet::union_of(members));
    if (admitting_[i].peers.size() > kSmallSet) {
      large_sets_.push_back(i);
      continue;
    }
    for (const EndpointId peer : admitting_[i].peers.ids()) small_sets_of_[peer.value()].push_back(i);
  }
}

EndpointSet Side::index(const EndpointSet& peers, bool is_certain, const PortSet& ports, const Group& group,
                        RowIndex& found) {
  if (peers.empty()) return peers;
  const std::size_t hash = peers.hash() * 2 + (is_certain ? 1 : 0);
  const auto [first, last] = found.by_hash.equal_range(hash);
  const auto same = std::find_if(first, last, [&](const auto& each) {
    return admitting_[each.second].is_certain == is_certain && admitting_[each.second].peers == peers;
  });
  std::uint32_t at = 0;
  if (same != last) {
    at = same->second;
  } else {
    at = static_cast<std::uint32_t>(admitting_.size());
    admitting_.push_back({.peers = peers, .is_certain = is_certain, .members = {}});
    found.by_hash.emplace(hash, at);
    found.members.emplace_back();
  }
  RowIndex::Members& all = found.members[at];
  const auto same_ports = std::ranges::find_if(all, [&](const auto& each) { return *each.first == ports; });
  if (same_ports != all.end()) {
    same_ports->second.push_back(&group.members);
  } else {
    all.push_back({&ports, {&group.members}});
  }
  return admitting_[at].peers;
}

const Row& Side::row_of(EndpointId endpoint) const {
  const std::optional<std::uint32_t> group = group_of_[endpoint.value()];
  return group ? groups_[*group]->row : everybody_;
}

const PortSet& Side::open_ports_of(EndpointId endpoint) const {
  static const PortSet kEverything = PortSet::everything();
  const std::optional<std::uint32_t> group = group_of_[endpoint.value()];
  return group ? groups_[*group]->open : kEverything;
}

const std::vector<Applied>& Side::applied_to(EndpointId endpoint) const {
  static const std::vector<Applied> kNone;
  const std::optional<std::uint32_t> group = group_of_[endpoint.value()];
  return group ? groups_[*group]->question.applied : kNone;
}

// Who lets the peer through on every port is one part, however many sets of peers it is in.
Row Side::admitting(EndpointId peer, const PortSet& among) const {
  Row row;
  std::vector<const EndpointSet*> always = {&free_};
  std::vector<const EndpointSet*> perhaps_always;
  const auto add = [&](const Admitting& set) {
    for (const auto& [ports, members] : set.members) {
      if (ports.is_everything()) {
        (set.is_certain ? always : perhaps_always).push_back(&members);
      } else if (ports.meets(among)) {
        row.push_back({ports, set.is_certain ? TriSet(members) : TriSet({}, members)});
      }
    }
  };
  for (const std::uint32_t set : small_sets_of_[peer.value()]) add(admitting_[set]);
  for (const std::uint32_t set : large_sets_)
    if (admitting_[set].peers.contains(peer)) add(admitting_[set]);
  TriSet on_every_port(EndpointSet::union_of(always));
  if (!perhaps_always.empty()) {
    perhaps_always.push_back(&on_every_port.certain);
    on_every_port.possible = EndpointSet::union_of(perhaps_always);
  }
  if (!on_every_port.empty()) row.push_back({PortSet::everything(), std::move(on_every_port)});
  return row;
}

std::size_t Side::group_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(groups_, [](const auto& each) { return each != nullptr; }));
}

Row compute_row_of(const CompiledPolicies& policies, EndpointId endpoint, Direction direction) {
  GroupQuestion question{.direction = direction,
                         .applied = apply_policies_to(policies, endpoint, direction),
                         .member = endpoint,
                         .is_beyond_baseline = false};
  if (question.applied.empty()) return {{PortSet::everything(), TriSet(policies.universe())}};
  if (!policies.profile().baseline_is_decided_per_direction)
    question.is_beyond_baseline = isolates(policies, apply_policies_to(policies, endpoint, other(direction)));
  Unions unions;
  return compute_row(policies, question, unions);
}

}  // namespace gantry::netpol

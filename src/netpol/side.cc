#include "netpol/side.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gantry::netpol {

using kube::Direction;

namespace {

// Sets of peers up to this size are listed with each of their members; larger ones, of which there are few different ones, are
// asked one by one.
constexpr std::size_t kSmallSet = 256;

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

bool isolates(const CompiledPolicies& policies, const std::vector<Applied>& applied) {
  return std::ranges::any_of(
      applied, [&](const Applied& each) { return each.is_certain && policies.all()[each.policy].network != nullptr; });
}

void append(std::string& key, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) key += static_cast<char>((value >> shift) & 0xFFU);
}

}  // namespace

Side::Side(const CompiledPolicies& policies, const Endpoints& endpoints, Direction direction, const Profile& profile)
    : direction_(direction),
      everybody_{{PortSet::everything(), TriSet(policies.universe())}},
      group_of_(endpoints.size()) {
  group(policies, endpoints, profile);
  // Beyond this point nothing looks at policies: every endpoint has a row.
  for (Group& each : groups_) each.row = compute_row(policies, each.question);
  index_rows();
}

void Side::group(const CompiledPolicies& policies, const Endpoints& endpoints, const Profile& profile) {
  const Direction other_way = direction_ == Direction::ingress ? Direction::egress : Direction::ingress;
  std::vector<std::vector<Applied>> applied = apply_policies(policies, endpoints.size(), direction_);
  std::vector<std::vector<Applied>> other;
  if (!profile.baseline_is_decided_per_direction) other = apply_policies(policies, endpoints.size(), other_way);
  std::unordered_map<std::string, std::uint32_t> group_by_key;
  for (std::uint32_t i = 0; i < endpoints.size(); ++i) {
    const EndpointId endpoint(i);
    if (applied[i].empty()) {
      if (policies.universe().contains(endpoint)) free_.add(endpoint);
      continue;
    }
    const bool is_beyond_baseline = !other.empty() && isolates(policies, other[i]);
    std::string key(1, is_beyond_baseline ? 'b' : '-');
    for (const Applied& each : applied[i]) append(key, each.policy * 2 + (each.is_certain ? 1 : 0));
    if (direction_ == Direction::ingress)
      for (const Endpoint::NamedPort& port : endpoints[endpoint].named_ports) {
        key += port.name;
        append(key, port.port.value() * 8U + static_cast<std::uint32_t>(port.protocol) * 2 + (port.of_sidecar ? 1 : 0));
      }
    const auto [at, is_new] = group_by_key.emplace(std::move(key), static_cast<std::uint32_t>(groups_.size()));
    if (is_new)
      groups_.push_back({.question = {.direction = direction_,
                                      .applied = std::move(applied[i]),
                                      .member = endpoint,
                                      .is_beyond_baseline = is_beyond_baseline},
                         .members = {},
                         .row = {}});
    groups_[at->second].members.add(endpoint);
    group_of_[i] = at->second;
  }
}

void Side::index_rows() {
  std::unordered_multimap<std::size_t, std::uint32_t> by_hash;
  for (const Group& each : groups_)
    for (const RowPart& part : each.row) {
      index(part.peers.certain, true, part.ports, each.members, by_hash);
      if (!part.peers.is_known()) index(part.peers.possible, false, part.ports, each.members, by_hash);
    }
  small_sets_of_.resize(group_of_.size());
  for (std::uint32_t i = 0; i < admitting_.size(); ++i) {
    if (admitting_[i].peers.size() > kSmallSet) {
      large_sets_.push_back(i);
      continue;
    }
    for (const EndpointId peer : admitting_[i].peers.ids()) small_sets_of_[peer.value()].push_back(i);
  }
}

void Side::index(const EndpointSet& peers, bool is_certain, const PortSet& ports, const EndpointSet& members,
                 std::unordered_multimap<std::size_t, std::uint32_t>& by_hash) {
  if (peers.empty()) return;
  const std::size_t hash = peers.hash() * 2 + (is_certain ? 1 : 0);
  const auto [first, last] = by_hash.equal_range(hash);
  const auto same = std::find_if(first, last, [&](const auto& each) {
    return admitting_[each.second].is_certain == is_certain && admitting_[each.second].peers == peers;
  });
  std::uint32_t at = 0;
  if (same != last) {
    at = same->second;
  } else {
    at = static_cast<std::uint32_t>(admitting_.size());
    admitting_.push_back({.peers = peers, .is_certain = is_certain, .members = {}});
    by_hash.emplace(hash, at);
  }
  auto& all = admitting_[at].members;
  const auto same_ports = std::ranges::find(all, ports, &std::pair<PortSet, EndpointSet>::first);
  if (same_ports != all.end()) {
    same_ports->second.unite(members);
  } else {
    all.emplace_back(ports, members);
  }
}

const Row& Side::row_of(EndpointId endpoint) const {
  const std::optional<std::uint32_t> group = group_of_[endpoint.value()];
  return group ? groups_[*group].row : everybody_;
}

const std::vector<Applied>& Side::applied_to(EndpointId endpoint) const {
  static const std::vector<Applied> kNone;
  const std::optional<std::uint32_t> group = group_of_[endpoint.value()];
  return group ? groups_[*group].question.applied : kNone;
}

Row Side::admitting(EndpointId peer) const {
  Row row;
  if (!free_.empty()) row.push_back({PortSet::everything(), TriSet(free_)});
  const auto add = [&](const Admitting& set) {
    for (const auto& [ports, members] : set.members)
      row.push_back({ports, set.is_certain ? TriSet(members) : TriSet({}, members)});
  };
  for (const std::uint32_t set : small_sets_of_[peer.value()]) add(admitting_[set]);
  for (const std::uint32_t set : large_sets_)
    if (admitting_[set].peers.contains(peer)) add(admitting_[set]);
  return row;
}

}  // namespace gantry::netpol

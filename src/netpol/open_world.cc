#include "netpol/open_world.h"

#include "netpol/homes.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <utility>

namespace gantry::netpol {

using base::Result;
using kube::Direction;
using kube::NetworkPolicy;
using kube::Protocol;

namespace {

// Ports that rules tell apart; a claim that names its ports has a few.
constexpr std::size_t kPartsMax = 2000;

std::pair<Protocol, kube::Port> one_of(const PortSet& ports) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::sctp})
    if (!ports.ranges(protocol).empty()) return {protocol, ports.ranges(protocol).front().first};
  return {};
}

// ---- One resident

class Watch {
 public:
  Watch(const Reachability& reach, const OpenWorldQuestion& question)
      : reach_(reach), question_(question), doors_(reach, question.claimed_ranges) {}

  Result<void> look(const Resident& resident);
  std::vector<Intruder> intruders() const;

 private:
  Result<void> look_for_way(const Resident& resident, const PortSet& part, const DoorQuestion& door,
                            const std::vector<Home>& homes);
  Result<void> look_for_stops(const Resident& resident, const PortSet& part, const std::vector<Home>& homes);
  std::vector<Passage> stops(const Home& home, EndpointId resident, std::span<const DoorQuestion> doors);
  Result<std::optional<Stranger>> find(const Home& home, const Passage& passage, EndpointId resident,
                                       const DoorQuestion& door);
  StrangerQuestion question_about(const Passage& passage) const;
  const std::vector<Home>& homes_of(EndpointId resident);
  Result<std::vector<PortSet>> parts_of(const Resident& resident);
  // Each doubt against the claim before each in its favour, so that what is certain is said first.
  std::vector<DoorQuestion> questions(const PortSet& part, kube::IpFamily family) const;
  void note(const Resident& resident, const PortSet& part, const DoorQuestion& door, const Passage& passage,
            Stranger stranger);
  bool knows(EndpointId resident, const std::string& place, Access access, const PortSet& part) const;

  const Reachability& reach_;
  const OpenWorldQuestion& question_;
  Doors doors_;
  StrangerBudget budget_;
  std::map<std::string, std::vector<Home>> homes_;  // by the resident's namespace
  // And with the ports that a question is about, and what names of ports mean on the resident.
  std::map<std::tuple<std::string, PortSet, std::set<PortSet>>, std::vector<PortSet>> parts_;
  std::map<std::tuple<EndpointId, std::string, Access, std::string>, Intruder> found_;
};

std::string decider(const Passage& passage) {
  return passage.by.empty() ? std::string() : to_string(passage.by.front());
}

// In spite of all doubt it is so; in its favour it may be.
Access access_by(Doubt doubt) { return doubt == Doubt::against_it ? Access::yes : Access::depends; }

// Whether somebody is known already, at least as surely.
bool Watch::knows(EndpointId resident, const std::string& place, Access access, const PortSet& part) const {
  for (auto entry = found_.lower_bound({resident, place, access, {}}); entry != found_.end(); ++entry) {
    const auto& [known, known_place, known_access, text] = entry->first;
    if (known != resident || known_place != place) return false;
    if (entry->second.ports.contains(part)) return true;
  }
  return false;
}

const std::vector<Home>& Watch::homes_of(EndpointId resident) {
  const std::string& home = reach_.endpoints()[resident].name_space;
  const auto [at, is_new] = homes_.try_emplace(home);
  if (!is_new) return at->second;
  Sight sight;
  for (const Wish& wish : question_.outside) sight.add(wish);
  for (const Wish& wish : question_.among) sight.add(wish);
  for (const kube::AdminPolicy& policy : reach_.snapshot()->admin_policies) sight.add(policy);
  sight.add_name(home);
  for (const NetworkPolicy& policy : kube::in_namespace(reach_.snapshot()->network_policies, home))
    sight.add(policy, question_.direction);
  at->second = collect_homes(reach_.snapshot(), sight);
  return at->second;
}

Result<std::vector<PortSet>> Watch::parts_of(const Resident& resident) {
  const std::string& home = reach_.endpoints()[resident.endpoint].name_space;
  std::set<PortSet> named = doors_.named_port_sets(resident.endpoint, question_.direction);
  const std::tuple key{home, resident.ports, std::move(named)};
  if (const auto known = parts_.find(key); known != parts_.end()) return known->second;
  std::vector<PortSet> parts = TRY(split(resident.ports, doors_.port_sets(resident.endpoint, question_.direction)));
  parts_.emplace(key, parts);
  return parts;
}

std::vector<DoorQuestion> Watch::questions(const PortSet& part, kube::IpFamily family) const {
  const auto [protocol, port] = one_of(part);
  std::vector<DoorQuestion> questions;
  for (const Doubt doubt : {Doubt::against_it, Doubt::for_it})
    for (const bool reversed : {false, true})
      if (!reversed || doors_.has_ties())
        questions.push_back({.wanted = question_.wanted,
                             .doubt = doubt,
                             .protocol = protocol,
                             .port = port,
                             .family = family,
                             .ties_reversed = reversed});
  return questions;
}

StrangerQuestion Watch::question_about(const Passage& passage) const {
  StrangerQuestion asked{.holds = passage.holds, .fails = passage.fails, .one_of_each = {}};
  for (const Wish& wish : question_.outside) asked.fails.push_back(&wish);
  if (!question_.among.empty()) {
    std::vector<const Wish*>& among = asked.one_of_each.emplace_back();
    for (const Wish& wish : question_.among) among.push_back(&wish);
  }
  return asked;
}

// The same stranger fares both ways; the first that some rule decided has the say.
Passage join(const Passage& a, const Passage& b) {
  Passage joined = a;
  if (joined.by.empty()) joined.by = b.by;
  joined.holds.insert(joined.holds.end(), b.holds.begin(), b.holds.end());
  joined.fails.insert(joined.fails.end(), b.fails.begin(), b.fails.end());
  return joined;
}

// Both sides must let the stranger through: most are decided at the resident's, so that is asked first.
Result<std::optional<Stranger>> Watch::find(const Home& home, const Passage& passage, EndpointId resident,
                                            const DoorQuestion& door) {
  std::optional<Stranger> found = TRY(find_stranger(home, question_about(passage), budget_));
  if (!found) return found;
  for (const Passage& other : doors_.at_stranger(home, resident, opposite(question_.direction), door)) {
    found = TRY(find_stranger(home, question_about(join(passage, other)), budget_));
    if (found) return found;
  }
  return std::nullopt;
}

void Watch::note(const Resident& resident, const PortSet& part, const DoorQuestion& door, const Passage& passage,
                 Stranger stranger) {
  const Access access = access_by(door.doubt);
  Intruder& intruder = found_[{resident.endpoint, decider(passage), access, stranger.text}];
  intruder.resident = resident.endpoint;
  intruder.access = access;
  intruder.by = passage.by;
  intruder.ports = intruder.ports.united(part);
  intruder.stranger = std::move(stranger);
}

Result<void> Watch::look_for_way(const Resident& resident, const PortSet& part, const DoorQuestion& door,
                                 const std::vector<Home>& homes) {
  for (const Passage& passage : doors_.at_resident(resident.endpoint, question_.direction, door))
    for (const Home& home : homes) {
      if (knows(resident.endpoint, decider(passage), access_by(door.doubt), part)) break;
      std::optional<Stranger> found = TRY(find(home, passage, resident.endpoint, door));
      if (found) note(resident, part, door, passage, *std::move(found));
    }
  return {};
}

// Of strangers of that home, in all of the families: at either side of each.
std::vector<Passage> Watch::stops(const Home& home, EndpointId resident, std::span<const DoorQuestion> doors) {
  std::vector<Passage> all = {Passage{}};
  for (const DoorQuestion& door : doors) {
    std::vector<Passage> here = doors_.at_resident(resident, question_.direction, door);
    std::ranges::move(doors_.at_stranger(home, resident, opposite(question_.direction), door),
                      std::back_inserter(here));
    std::vector<Passage> joined;
    for (const Passage& before : all)
      for (const Passage& each : here) joined.push_back(join(before, each));
    all = std::move(joined);
  }
  return all;
}

// Clients try both families: only who is stopped in both is stopped.
Result<void> Watch::look_for_stops(const Resident& resident, const PortSet& part, const std::vector<Home>& homes) {
  const std::vector<kube::IpFamily>& families = reach_.endpoints().families();
  for (const DoorQuestion& door : questions(part, families.front())) {
    std::vector<DoorQuestion> doors(families.size(), door);
    for (std::size_t i = 0; i < families.size(); ++i) doors[i].family = families[i];
    for (const Home& home : homes)
      for (const Passage& passage : stops(home, resident.endpoint, doors)) {
        if (knows(resident.endpoint, decider(passage), access_by(door.doubt), part)) continue;
        std::optional<Stranger> found = TRY(find_stranger(home, question_about(passage), budget_));
        if (found) note(resident, part, door, passage, *std::move(found));
      }
  }
  return {};
}

Result<void> Watch::look(const Resident& resident) {
  const std::vector<Home>& homes = homes_of(resident.endpoint);
  const std::vector<PortSet> parts = TRY(parts_of(resident));
  for (const PortSet& part : parts) {
    if (question_.wanted == Outcome::shut) {
      TRY(look_for_stops(resident, part, homes));
      continue;
    }
    for (const kube::IpFamily family : reach_.endpoints().families())
      for (const DoorQuestion& door : questions(part, family)) TRY(look_for_way(resident, part, door, homes));
  }
  return {};
}

std::vector<Intruder> Watch::intruders() const {
  std::vector<Intruder> intruders;
  for (const auto& [key, intruder] : found_) {
    const auto& [resident, place, access, text] = key;
    const bool is_surer_elsewhere = access == Access::depends && knows(resident, place, Access::yes, intruder.ports);
    if (!is_surer_elsewhere) intruders.push_back(intruder);
  }
  return intruders;
}

}  // namespace

Result<std::vector<PortSet>> split(const PortSet& ports, const std::set<PortSet>& sets) {
  std::vector<PortSet> parts = {ports};
  if (ports.empty()) parts.clear();
  for (const PortSet& set : sets) {
    std::vector<PortSet> finer;
    for (const PortSet& part : parts) {
      if (set.contains(part) || !set.meets(part)) {
        finer.push_back(part);
        continue;
      }
      finer.push_back(part.intersected(set));
      finer.push_back(part.without(set));
    }
    if (finer.size() > kPartsMax)
      return base::input_error("the rules tell too many ports apart to decide who else could come", std::nullopt,
                               "name the ports of the claim");
    parts = std::move(finer);
  }
  return parts;
}

Result<std::vector<Intruder>> find_intruders(const Reachability& reach, const OpenWorldQuestion& question) {
  Watch watch(reach, question);
  for (const Resident& resident : question.residents) TRY(watch.look(resident));
  return watch.intruders();
}

}  // namespace gantry::netpol

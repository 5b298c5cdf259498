#include "netpol/sets/strangers.h"

#include "netpol/doors.h"
#include "netpol/homes.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace gantry::netpol {

using base::Result;
using kube::Direction;
using kube::NetworkPolicy;
using kube::Protocol;

namespace {

// What a pod to come would be called by is its own: said of one whose ports have names.
constexpr std::string_view kNamedText = "a pod that gives its ports such names";

Flow flow_on(const PortSet& ports) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp, Protocol::sctp})
    if (!ports.ranges(protocol).empty())
      return {.source = {}, .destination = {}, .protocol = protocol, .port = ports.ranges(protocol).front().first};
  return {};
}

// Where nothing decides at the one side, the other has the say.
Passage join(const Passage& a, const Passage& b) {
  Passage joined = a;
  if (joined.by.empty()) joined.by = b.by;
  joined.holds.insert(joined.holds.end(), b.holds.begin(), b.holds.end());
  joined.fails.insert(joined.fails.end(), b.fails.begin(), b.fails.end());
  return joined;
}

bool has_name(const kube::PolicyRule& rule) {
  return std::ranges::any_of(rule.ports, [](const kube::PolicyPort& port) {
    return port.port && std::holds_alternative<std::string>(*port.port);
  });
}

bool has_name(const kube::AdminRule& rule) {
  return std::ranges::any_of(rule.ports, [](const kube::AdminPort& port) { return !port.name.empty(); });
}

// One end that is there, a port of many that are alike, and how doubts turn out.
struct Case {
  EndpointId resident;
  Direction direction = Direction::ingress;
  PortSet part;
  DoorQuestion let;
  DoorQuestion stop;
};

// A home, and the ways through its side in the set that opens, and to a stop there in the other.
struct HomeWays {
  const Home* home = nullptr;
  std::vector<Passage> lets;
  std::vector<Passage> stops;
};

class SetWatch {
 public:
  SetWatch(const Reachability& open, const Reachability& shut, const kube::Snapshot& both, Likeness& likeness)
      : open_(open), shut_(shut), both_(both), likeness_(likeness) {}

  Result<void> look(EndpointId resident, Direction direction);
  std::vector<SetIntruder> found() const;
  bool is_certain() const {
    return std::ranges::any_of(found_, [](const auto& each) { return std::get<Access>(each.first) == Access::yes; });
  }

 private:
  using Key = std::tuple<EndpointId, Direction, std::string, Access>;

  std::vector<Home> homes_of(EndpointId resident, Direction direction);
  Result<void> look(const Case& each, const std::vector<Home>& homes, Doors& let, Doors& stop);
  // Whether somebody of that home gets through by that passage in the one set, and is stopped in the other.
  Result<bool> find(const Case& each, const Passage& let, const HomeWays& ways, const std::vector<Passage>& stops);
  Result<bool> find_stop(const Case& each, const Passage& both, const Home& home, const std::vector<Passage>& stops);
  Result<std::optional<Stranger>> ask(const Home& home, const Passage& passage);
  void note(const Case& each, const Passage& let, const Passage& stop, Stranger stranger);
  bool knows(const Case& each, const Passage& let) const;
  std::vector<RulePlace> named_places(EndpointId resident, const std::vector<Home>& homes);
  void note_names(EndpointId resident, const std::vector<Home>& homes);

  const Reachability& open_;
  const Reachability& shut_;
  const kube::Snapshot& both_;
  Likeness& likeness_;
  StrangerBudget budget_;
  std::map<Key, SetIntruder> found_;
};

std::string decider(const Passage& passage) {
  return passage.by.empty() ? std::string() : to_string(passage.by.front());
}

Access access_by(Doubt doubt) { return doubt == Doubt::against_it ? Access::yes : Access::depends; }

// Only where something could come out otherwise: the resident's side differs, or the stranger's.
std::vector<Home> SetWatch::homes_of(EndpointId resident, Direction direction) {
  const std::string& own = open_.endpoints()[resident].name_space;
  Sight sight;
  sight.add_name(own);
  for (const kube::AdminPolicy& policy : both_->admin_policies) sight.add(policy);
  for (const NetworkPolicy& policy : kube::in_namespace(both_->network_policies, own)) sight.add(policy, direction);
  std::vector<Home> homes = collect_homes(both_, sight);
  if (likeness_.grows(resident, direction))
    std::erase_if(homes, [&](const Home& home) {
      return home.name_space() ? likeness_.grows_in(home.name_space()->name(), opposite(direction))
                               : likeness_.admin_is_same();
    });
  return homes;
}

std::vector<Case> cases_of(EndpointId resident, Direction direction, const PortSet& part, kube::IpFamily family,
                           bool let_has_ties, bool stop_has_ties) {
  const Flow flow = flow_on(part);
  std::vector<Case> cases;
  for (const Doubt doubt : {Doubt::against_it, Doubt::for_it})
    for (const bool let_reversed : {false, true})
      for (const bool stop_reversed : {false, true}) {
        if ((let_reversed && !let_has_ties) || (stop_reversed && !stop_has_ties)) continue;
        DoorQuestion let{.wanted = Outcome::open,
                         .doubt = doubt,
                         .protocol = flow.protocol,
                         .port = flow.port,
                         .family = family,
                         .ties_reversed = let_reversed};
        DoorQuestion stop = let;
        stop.wanted = Outcome::shut;
        stop.ties_reversed = stop_reversed;
        cases.push_back({.resident = resident, .direction = direction, .part = part, .let = let, .stop = stop});
      }
  return cases;
}

Result<std::optional<Stranger>> SetWatch::ask(const Home& home, const Passage& passage) {
  return find_stranger(home, {.holds = passage.holds, .fails = passage.fails, .one_of_each = {}}, budget_);
}

bool SetWatch::knows(const Case& each, const Passage& let) const {
  return std::ranges::any_of(found_, [&](const auto& entry) {
    const auto& [resident, direction, place, access] = entry.first;
    return resident == each.resident && direction == each.direction && place == decider(let) &&
           access >= access_by(each.let.doubt) && entry.second.intruder.ports.contains(each.part);
  });
}

void SetWatch::note(const Case& each, const Passage& let, const Passage& stop, Stranger stranger) {
  SetIntruder& found = found_[{each.resident, each.direction, decider(let), access_by(each.let.doubt)}];
  found.direction = each.direction;
  found.intruder.resident = each.resident;
  found.intruder.access = access_by(each.let.doubt);
  found.intruder.ports = found.intruder.ports.united(each.part);
  // The first stands for all who come by the same rule.
  if (!found.intruder.stranger.text.empty()) return;
  found.intruder.by = let.by;
  found.intruder.stranger = std::move(stranger);
  found.against = stop.by;
}

// `both`: through both sides in the set that opens. It suffices that one side stops it in the other.
Result<bool> SetWatch::find_stop(const Case& each, const Passage& both, const Home& home,
                                 const std::vector<Passage>& stops) {
  for (const Passage& stop : stops) {
    std::optional<Stranger> stranger = TRY(ask(home, join(both, stop)));
    if (!stranger) continue;
    note(each, both, stop, *std::move(stranger));
    return true;
  }
  return false;
}

Result<bool> SetWatch::find(const Case& each, const Passage& let, const HomeWays& ways,
                            const std::vector<Passage>& stops) {
  if (!TRY(ask(*ways.home, let))) return false;
  for (const Passage& own : ways.lets) {
    const Passage both = join(let, own);
    if (!TRY(ask(*ways.home, both))) continue;
    if (TRY(find_stop(each, both, *ways.home, stops))) return true;
    if (TRY(find_stop(each, both, *ways.home, ways.stops))) return true;
  }
  return false;
}

Result<void> SetWatch::look(const Case& each, const std::vector<Home>& homes, Doors& let, Doors& stop) {
  const Direction own_side = opposite(each.direction);
  const std::vector<Passage> stops = stop.at_resident(each.resident, each.direction, each.stop);
  std::vector<HomeWays> ways;
  for (const Home& home : homes)
    ways.push_back({.home = &home,
                    .lets = let.at_stranger(home, each.resident, own_side, each.let),
                    .stops = stop.at_stranger(home, each.resident, own_side, each.stop)});
  for (const Passage& passage : let.at_resident(each.resident, each.direction, each.let))
    for (const HomeWays& home : ways)
      if (knows(each, passage) || TRY(find(each, passage, home, stops))) break;
  return {};
}

// On the way out, the stranger is whom the names of ports are looked up on, and the search takes it to bear them all: what a set opens
// by a name alone may stay shut in the other.
std::vector<RulePlace> SetWatch::named_places(EndpointId resident, const std::vector<Home>& homes) {
  std::vector<RulePlace> places;
  const auto add = [&](const kube::Object& object, Direction direction, const auto& rules) {
    for (std::size_t r = 0; r < rules.size(); ++r)
      if (has_name(rules[r]))
        places.push_back({.policy = object.id,
                          .direction = direction,
                          .rule = r,
                          .peer = std::nullopt,
                          .port = std::nullopt,
                          .where = rules[r].where});
  };
  const auto add_those_of = [&](const std::string& name_space, Direction direction) {
    for (const NetworkPolicy& policy : kube::in_namespace(shut_.snapshot()->network_policies, name_space))
      add(policy.object, direction, policy.rules(direction));
  };
  if (!likeness_.grows(resident, Direction::egress))
    add_those_of(open_.endpoints()[resident].name_space, Direction::egress);
  for (const Home& home : homes)
    if (home.name_space() && !likeness_.grows_in(home.name_space()->name(), Direction::ingress))
      add_those_of(home.name_space()->name(), Direction::ingress);
  if (likeness_.admin_is_same()) return places;
  for (const kube::AdminPolicy& policy : shut_.snapshot()->admin_policies) {
    add(policy.object, Direction::ingress, policy.ingress);
    add(policy.object, Direction::egress, policy.egress);
  }
  return places;
}

void SetWatch::note_names(EndpointId resident, const std::vector<Home>& homes) {
  std::vector<RulePlace> places = named_places(resident, homes);
  if (places.empty()) return;
  SetIntruder& found = found_[{resident, Direction::egress, to_string(places.front()), Access::depends}];
  found = {.direction = Direction::egress, .intruder = {}, .against = {}};
  found.intruder.resident = resident;
  found.intruder.access = Access::depends;
  found.intruder.ports = PortSet::everything();
  found.intruder.by = std::move(places);
  found.intruder.stranger.text = kNamedText;
}

Result<void> SetWatch::look(EndpointId resident, Direction direction) {
  const std::vector<Home> homes = homes_of(resident, direction);
  if (homes.empty()) return {};
  Doors let(open_, {});
  Doors stop(shut_, {});
  std::set<PortSet> sets = let.port_sets(resident, direction);
  sets.merge(stop.port_sets(resident, direction));
  for (const PortSet& part : TRY(split(PortSet::everything(), sets)))
    for (const kube::IpFamily family : open_.endpoints().families())
      for (const Case& each : cases_of(resident, direction, part, family, let.has_ties(), stop.has_ties()))
        TRY(look(each, homes, let, stop));
  if (direction == Direction::egress) note_names(resident, homes);
  return {};
}

std::vector<SetIntruder> SetWatch::found() const {
  std::vector<SetIntruder> all;
  for (const auto& [key, each] : found_) {
    const auto& [resident, direction, place, access] = key;
    const auto surer = found_.find({resident, direction, place, Access::yes});
    const bool is_surer_elsewhere = access == Access::depends && surer != found_.end() &&
                                    surer->second.intruder.ports.contains(each.intruder.ports);
    if (!is_surer_elsewhere) all.push_back(each);
  }
  return all;
}

}  // namespace

Result<std::vector<SetIntruder>> find_strangers(const Reachability& open, const Reachability& shut,
                                                const kube::Snapshot& both, Likeness& likeness) {
  SetWatch watch(open, shut, both, likeness);
  for (std::uint32_t i = 0; i < open.endpoints().pod_class_count(); ++i)
    if (open.endpoints()[EndpointId(i)].kind == Endpoint::Kind::pods)
      for (const Direction direction : {Direction::ingress, Direction::egress})
        TRY(watch.look(EndpointId(i), direction));
  return watch.found();
}

Result<std::vector<SetIntruder>> find_strangers_at(const std::vector<EndpointId>& newcomers, const Reachability& open,
                                                   const Reachability& shut, const kube::Snapshot& both,
                                                   Likeness& likeness) {
  SetWatch watch(open, shut, both, likeness);
  for (const EndpointId id : newcomers) {
    TRY(watch.look(id, Direction::ingress));
    if (watch.is_certain()) break;
  }
  return watch.found();
}

}  // namespace gantry::netpol

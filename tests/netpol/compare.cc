#include "netpol/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace gantry::netpol {

namespace {

using kube::Direction;
using kube::IpFamily;
using kube::Port;
using kube::Protocol;

constexpr Protocol kProtocols[] = {Protocol::tcp, Protocol::udp, Protocol::sctp};
constexpr IpFamily kFamilies[] = {IpFamily::v4, IpFamily::v6};
constexpr ProfileTopic kTopics[] = {ProfileTopic::ip_block_on_pods,  ProfileTopic::host_network_pods,
                                    ProfileTopic::end_port,          ProfileTopic::sctp,
                                    ProfileTopic::own_node_egress,   ProfileTopic::sidecar_port_names,
                                    ProfileTopic::baseline_finality, ProfileTopic::admin_tiers};

// ---- Who and which ports ----

// An end of a flow, as both sides know it.
struct Party {
  EndpointId id;
  TwinEnd twin;
  std::string name;
  bool several = false;  // the class can have two pods
};

bool has_family(const Party& party, IpFamily family) {
  if (party.twin.pod == nullptr) return party.twin.address.family == family;
  return std::any_of(party.twin.pod->addresses.begin(), party.twin.pod->addresses.end(),
                     [&](const kube::IpAddress& address) { return address.family == family; });
}

bool is_certain_pod_address(const TwinWorld& world, const kube::IpAddress& address) {
  return std::any_of(world.pods.begin(), world.pods.end(), [&](const TwinPod& pod) {
    if (pod.host_network) return false;
    const auto of_family = std::count_if(pod.addresses.begin(), pod.addresses.end(),
                                         [&](const kube::IpAddress& a) { return a.family == address.family; });
    return of_family == 1 && std::find(pod.addresses.begin(), pod.addresses.end(), address) != pod.addresses.end();
  });
}

void add_around(Port port, std::set<Port>& ports) {
  for (const int offset : {-1, 0, 1}) {
    const int number = port.value() + offset;
    if (number >= 1 && number <= 65535) ports.insert(Port{static_cast<std::uint16_t>(number)});
  }
}

// Every port at which some rule or container makes a difference, and its neighbours.
std::vector<Port> telling_ports(const kube::Snapshot& snapshot) {
  std::set<Port> ports = {Port{1}, Port{443}, Port{65535}};
  for (const kube::NetworkPolicy& policy : snapshot->network_policies) {
    for (const auto* rules : {&policy.ingress, &policy.egress}) {
      for (const kube::PolicyRule& rule : *rules) {
        for (const kube::PolicyPort& port : rule.ports) {
          if (port.port && std::holds_alternative<Port>(*port.port)) add_around(std::get<Port>(*port.port), ports);
          if (port.end_port) add_around(*port.end_port, ports);
        }
      }
    }
  }
  for (const kube::AdminPolicy& policy : snapshot->admin_policies) {
    for (const auto* rules : {&policy.ingress, &policy.egress}) {
      for (const kube::AdminRule& rule : *rules) {
        for (const kube::AdminPort& port : rule.ports) {
          if (!port.range) continue;
          add_around(port.range->first, ports);
          add_around(port.range->last, ports);
        }
      }
    }
  }
  for (const kube::Pod& pod : snapshot->pods) {
    for (const auto* containers : {&pod.spec->containers, &pod.spec->init_containers}) {
      for (const kube::Container& container : *containers) {
        for (const kube::ContainerPort& port : container.ports)
          if (port.port != Port{}) ports.insert(port.port);  // a rejected object may have none; no packet goes there
      }
    }
  }
  return {ports.begin(), ports.end()};
}

// ---- One cluster ----

class Comparison {
 public:
  Comparison(const Reachability& reach, const TwinWorld& world, const Questions& questions, std::uint32_t seed,
             Compared& compared)
      : reach_(reach), world_(world), questions_(questions), dice_(seed), compared_(compared) {}

  std::optional<std::string> run() {
    collect_parties();
    if (wrong_) return wrong_;
    ports_ = telling_ports(reach_.snapshot());
    ask_flows();
    if (questions_.openings && !wrong_) ask_openings();
    if (questions_.facts && !wrong_) ask_facts();
    return wrong_;
  }

 private:
  struct Question {
    const Party* source = nullptr;
    const Party* destination = nullptr;
    TwinFlow twin;
    Flow flow;
  };

  void collect_parties() {
    // Enough for every kind of range, few enough for most flows to have a pod.
    constexpr std::size_t kAddressesMax = 12;
    collect_pods();
    collect_hypothetical();
    std::vector<Party> addresses;
    for (const kube::IpAddress& address : telling_addresses(reach_.snapshot(), reach_.options().endpoints)) {
      if (is_certain_pod_address(world_, address) || !speaks(address.family)) continue;
      const std::optional<EndpointId> region = reach_.endpoints().region_of(address);
      if (!region) {
        wrong_ = fmt::format("{} is in no region", to_string(address));
        return;
      }
      addresses.push_back({*region, {.pod = nullptr, .address = address}, to_string(address), true});
    }
    while (addresses.size() > kAddressesMax) {
      addresses.erase(addresses.begin() + static_cast<std::ptrdiff_t>(dice_.below(addresses.size())));
    }
    parties_.insert(parties_.end(), addresses.begin(), addresses.end());
  }

  void collect_pods() {
    for (std::size_t i = 0; i < reach_.snapshot()->pods.size(); ++i) {
      const std::optional<EndpointId> id = reach_.endpoints().class_of(i);
      const TwinPod& pod = world_.pods[i];
      const std::string name = pod.name_space + "/" + pod.name;
      if (reach_.snapshot()->pods[i].terminal() != !id.has_value())
        wrong_ = name + " has ended and a class, or neither";
      if (id) parties_.push_back({*id, {.pod = &pod, .address = {}}, name, reach_.endpoints()[*id].count > 1});
    }
  }

  void collect_hypothetical() {
    std::size_t next = reach_.snapshot()->pods.size();
    for (std::size_t i = 0; i < reach_.endpoints().size() && next < world_.pods.size(); ++i) {
      if (reach_.endpoints().all()[i].kind != Endpoint::Kind::hypothetical) continue;
      const TwinPod& pod = world_.pods[next++];
      parties_.push_back({EndpointId{static_cast<std::uint32_t>(i)}, {.pod = &pod, .address = {}}, pod.name, false});
    }
    if (next != world_.pods.size()) wrong_ = "a hypothetical pod is missing";
  }

  bool speaks(IpFamily family) const {
    const std::vector<IpFamily>& families = reach_.endpoints().families();
    return std::find(families.begin(), families.end(), family) != families.end();
  }

  // Two pods of one class are two pods; a pod and itself is loopback, which classes of several do not ask about.
  bool is_asked(const Party& source, const Party& destination, IpFamily family) const {
    if (!speaks(family)) return false;
    if (source.twin.pod != nullptr && source.twin.pod == destination.twin.pod && source.several) return false;
    return has_family(source, family) && has_family(destination, family);
  }

  static Question question(const Party& source, const Party& destination, IpFamily family, Protocol protocol,
                           Port port) {
    return {
        &source,
        &destination,
        {.source = source.twin, .destination = destination.twin, .family = family, .protocol = protocol, .port = port},
        {.source = source.id, .destination = destination.id, .protocol = protocol, .port = port, .family = family}};
  }

  void ask_flows() {
    const std::size_t all = parties_.size() * parties_.size() * ports_.size() * std::size(kProtocols) * 2;
    if (all <= questions_.flows_max) {
      for (std::size_t i = 0; i < all && !wrong_; ++i) ask_number(i);
    } else {
      for (std::size_t i = 0; i < questions_.flows_max && !wrong_; ++i) ask_number(dice_.below(all));
    }
  }

  void ask_number(std::size_t number) {
    const auto next = [&](std::size_t size) {
      const std::size_t digit = number % size;
      number /= size;
      return digit;
    };
    const Party& source = parties_[next(parties_.size())];
    const Party& destination = parties_[next(parties_.size())];
    const IpFamily family = kFamilies[next(2)];
    const Protocol protocol = kProtocols[next(std::size(kProtocols))];
    const Port port = ports_[next(ports_.size())];
    // Between addresses no policy has a say.
    if (source.twin.pod == nullptr && destination.twin.pod == nullptr && port != ports_.front()) return;
    if (is_asked(source, destination, family)) ask(question(source, destination, family, protocol, port));
  }

  void ask(const Question& q) {
    const Access said = reach_.access(q.flow);
    const TwinAnswer answer = judge(world_, q.twin);
    ++compared_.flows;
    compared_.allowed += answer.access == Access::yes;
    if (answer.access != Access::depends) {
      if (said != answer.access) return differ(q, "access", said, answer.access);
    } else {
      ask_open(q, said);
    }
    if (questions_.explained_every != 0 && compared_.flows % questions_.explained_every == 0) ask_why(q, said, answer);
    if (questions_.profiles) ask_profiles(q, said, answer.access);
  }

  void ask_open(const Question& q, Access said) {
    ++compared_.open;
    const std::optional<Access> exact = complete(world_, q.twin);
    if (!exact) {
      ++compared_.skipped;
    } else if (said != *exact && (said != Access::depends)) {
      differ(q, "access, every completion tried", said, *exact);
    } else if (said != *exact) {
      ++compared_.vague;
    }
  }

  void ask_why(const Question& q, Access said, const TwinAnswer& answer) {
    if (const Access decided = reach_.decide(q.flow).access; decided != said) return differ(q, "decide", decided, said);
    const Explanation why = reach_.explain(q.flow);
    if (why.access != said) return differ(q, "explain", why.access, said);
    if (q.twin.source.pod != nullptr && q.twin.source.pod == q.twin.destination.pod) return;
    ask_why_side(q, why.egress, answer.egress, Direction::egress);
    ask_why_side(q, why.ingress, answer.ingress, Direction::ingress);
  }

  void ask_why_side(const Question& q, const SideExplanation& said, const TwinSide& twin, Direction direction) {
    if (twin.access == Access::depends || wrong_) return;
    if (said.access != twin.access) return differ(q, std::string(kube::to_string(direction)), said.access, twin.access);
    if (no_tier_was_asked(twin.decided_by) && no_tier_was_asked(said.decided_by)) return;
    if (twin.decided_by != said.decided_by) {
      wrong_ = fmt::format("{}: {} decided by {}, twin: {}", describe(q), kube::to_string(direction),
                           to_string(said.decided_by), to_string(twin.decided_by));
      return;
    }
    if (said.decided_by != DecidedBy::network_policy || said.access != Access::yes) return;
    std::set<TwinRule> admitting;
    for (const RulePlace& place : said.admitting) {
      if (place.policy.kind == "NetworkPolicy") admitting.insert({place.policy, place.rule.value_or(999)});
    }
    const std::vector<TwinRule> rules = admitting_rules(world_, q.twin, direction);
    if (std::set<TwinRule>(rules.begin(), rules.end()) == admitting) return;
    wrong_ = fmt::format("{}: {} admitted by {}, twin: {}", describe(q), kube::to_string(direction), list(admitting),
                         list(std::set<TwinRule>(rules.begin(), rules.end())));
  }

  // Of a hostNetwork pod and its own node, either is a reason.
  static bool no_tier_was_asked(DecidedBy decided) {
    return decided == DecidedBy::not_policed || decided == DecidedBy::own_node;
  }

  void ask_profiles(const Question& q, Access said, Access twin) {
    if (twin == Access::depends || wrong_) return;
    const Verdict verdict = reach_.decide(q.flow);
    if (verdict.access != said) return differ(q, "decide", verdict.access, said);
    for (const ProfileTopic topic : kTopics) {
      TwinWorld& other = flipped_[static_cast<std::size_t>(topic)];
      if (other.pods.empty()) {
        other = world_;
        other.profile = world_.profile.flipped(topic);
      }
      const Access otherwise = judge(other, q.twin).access;
      const bool depends = otherwise != twin;
      const bool listed =
          std::find(verdict.depends_on.begin(), verdict.depends_on.end(), topic) != verdict.depends_on.end();
      if (depends == listed) continue;
      wrong_ =
          fmt::format("{}: {} on {}, but the twin says {} under the one answer and {} under the other", describe(q),
                      listed ? "depends" : "does not depend", to_string(topic), to_string(twin), to_string(otherwise));
      return;
    }
  }

  // ---- sources_of and destinations_of, one flow at a time ----

  void ask_openings() {
    for (const Party& party : parties_) {
      const IpFamily family = kFamilies[dice_.below(2)];
      if (!has_family(party, family)) continue;
      ask_openings_of(party, family, Direction::ingress);
      ask_openings_of(party, family, Direction::egress);
      if (wrong_) return;
    }
  }

  void ask_openings_of(const Party& party, IpFamily family, Direction direction) {
    const bool ingress = direction == Direction::ingress;
    const std::vector<Opening> openings =
        ingress ? reach_.sources_of(party.id, family) : reach_.destinations_of(party.id, family);
    for (const Opening& opening : openings) {
      if (opening.ports.empty() || opening.possible.empty() || !opening.possible.contains(opening.certain)) {
        wrong_ =
            fmt::format("{}: an opening without ports or peers, or with more certain than possible peers", party.name);
        return;
      }
    }
    const PortSet among = random_ports();
    if (ingress) ask_few_sources(party, family, among, openings);
    const std::vector<Opening> within =
        ingress ? reach_.sources_of(party.id, family, among) : reach_.destinations_of(party.id, family, among);
    if (by_peer(within, PortSet::everything()) != by_peer(openings, among)) {
      wrong_ = fmt::format("{}: {} of {} alone are not those among all", party.name,
                           ingress ? "sources" : "destinations", to_string(among));
      return;
    }
    for (const Party& other : parties_) {
      const Party& source = ingress ? other : party;
      const Party& destination = ingress ? party : other;
      // A class of one pod has no flows to itself.
      if (other.id == party.id && !party.several) continue;
      // Between addresses no policy has a say, and nobody is told about it.
      if (other.twin.pod == nullptr && party.twin.pod == nullptr) continue;
      if (!is_asked(source, destination, family)) continue;
      for (const Protocol protocol : kProtocols) {
        const Port port = ports_[dice_.below(ports_.size())];
        ask_opening(openings, question(source, destination, family, protocol, port), other.id);
        if (wrong_) return;
      }
    }
  }

  void ask_few_sources(const Party& party, IpFamily family, const PortSet& among,
                       const std::vector<Opening>& openings) {
    EndpointSet few;
    for (std::size_t i = dice_.below(4); i > 0; --i) few.add(dice_.pick(parties_).id);
    auto expected = by_peer(openings, among);
    std::erase_if(expected, [&](const auto& each) { return !few.contains(each.first); });
    if (by_peer(reach_.sources_of(party.id, family, among, few), PortSet::everything()) != expected)
      wrong_ = fmt::format("{}: a few of its sources on {} are not those among all", party.name, to_string(among));
  }

  PortSet random_ports() {
    PortSet ports;
    for (std::size_t i = 1 + dice_.below(3); i > 0; --i) {
      const auto [first, last] = std::minmax(dice_.pick(ports_), dice_.pick(ports_));
      ports =
          ports.united(PortSet::of(kProtocols[dice_.below(std::size(kProtocols))],
                                   dice_.percent(50) ? kube::PortRange{first, last} : kube::PortRange{first, first}));
    }
    return ports;
  }

  // The ports among these that are certainly, and perhaps, open for each peer.
  static std::map<EndpointId, std::pair<PortSet, PortSet>> by_peer(const std::vector<Opening>& openings,
                                                                   const PortSet& among) {
    std::map<EndpointId, std::pair<PortSet, PortSet>> found;
    for (const Opening& opening : openings) {
      const PortSet ports = opening.ports.intersected(among);
      if (ports.empty()) continue;
      for (const EndpointId peer : opening.possible.ids()) {
        auto& [certain, possible] = found[peer];
        possible = possible.united(ports);
        if (opening.certain.contains(peer)) certain = certain.united(ports);
      }
    }
    return found;
  }

  void ask_opening(const std::vector<Opening>& openings, const Question& q, EndpointId other) {
    std::size_t holding = 0;
    Access said = Access::no;
    for (const Opening& opening : openings) {
      if (!opening.ports.contains(q.flow.protocol, q.flow.port)) continue;
      ++holding;
      if (opening.possible.contains(other)) said = Access::depends;
      if (opening.certain.contains(other)) said = Access::yes;
    }
    ++compared_.flows;
    compared_.allowed += said == Access::yes;
    if (holding > 1) {
      wrong_ = fmt::format("{}: the port is in {} openings", describe(q), holding);
    } else if (const Access access = reach_.access(q.flow); said != access) {
      differ(q, "openings", said, access);
    } else if (const Access twin = judge(world_, q.twin).access; twin != Access::depends && twin != said) {
      differ(q, "openings", said, twin);
    }
  }

  // ---- isolating, selected_by, resolve ----

  void ask_facts() {
    for (const Party& party : parties_) {
      if (party.twin.pod == nullptr || party.twin.pod->spec == nullptr) continue;
      for (const Direction direction : {Direction::ingress, Direction::egress}) ask_isolating(party, direction);
      ask_selected(party);
      ask_resolve(party);
      if (wrong_) return;
    }
  }

  void ask_isolating(const Party& party, Direction direction) {
    std::vector<std::string> said;
    std::vector<std::string> twin;
    for (const kube::NetworkPolicy* policy : reach_.isolating(party.id, direction)) {
      said.push_back(to_string(policy->object.id));
    }
    ask_selecting(party, direction);
    for (const kube::NetworkPolicy* policy : world_.policies) {
      if (policy->isolates(direction) && selects(world_, *policy, *party.twin.pod) == Access::yes) {
        twin.push_back(to_string(policy->object.id));
      }
    }
    if (said == twin) return;
    wrong_ = fmt::format("{} is isolated for {} by [{}], twin: [{}]", party.name, kube::to_string(direction),
                         fmt::join(said, ", "), fmt::join(twin, ", "));
  }

  void ask_selecting(const Party& party, Direction direction) {
    std::vector<SelectingPolicy> twin;
    for (const kube::NetworkPolicy* policy : world_.policies) {
      if (!policy->isolates(direction)) continue;
      const Access selected = selects(world_, *policy, *party.twin.pod);
      if (selected != Access::no) twin.push_back({policy, selected == Access::yes});
    }
    if (reach_.selecting(party.id, direction) != twin)
      wrong_ =
          fmt::format("{}: the policies that may apply to its {} are others", party.name, kube::to_string(direction));
  }

  void ask_selected(const Party& party) {
    for (const kube::NetworkPolicy* policy : world_.policies) {
      const Access twin = selects(world_, *policy, *party.twin.pod);
      const bool said = reach_.selected_by(*policy).contains(party.id);
      if (twin == Access::depends || said == (twin == Access::yes)) continue;
      wrong_ =
          fmt::format("{} selects {}: {}, twin: {}", to_string(policy->object.id), party.name, said, to_string(twin));
    }
  }

  void ask_resolve(const Party& party) {
    for (const std::string_view name : {"http", "dns", "web"}) {
      for (const Protocol protocol : kProtocols) {
        const PortSet said = reach_.resolve(party.id, protocol, std::string(name));
        PortSet twin;
        for (const Port port : ports_) {
          if (resolves(*party.twin.pod, name, protocol, port)) twin = twin.united(PortSet::of(protocol, port));
        }
        if (said == twin) continue;
        wrong_ = fmt::format("{} has {}/{} at {}, twin: {}", party.name, name, kube::to_string(protocol),
                             to_string(said), to_string(twin));
      }
    }
  }

  bool resolves(const TwinPod& pod, std::string_view name, Protocol protocol, Port port) const {
    const auto declares = [&](const kube::Container& container) {
      return std::any_of(container.ports.begin(), container.ports.end(), [&](const kube::ContainerPort& p) {
        return p.name == name && p.protocol == protocol && p.port == port;
      });
    };
    const auto& init = pod.spec->init_containers;
    return std::any_of(pod.spec->containers.begin(), pod.spec->containers.end(), declares) ||
           std::any_of(init.begin(), init.end(), [&](const kube::Container& container) {
             return container.sidecar && world_.profile.sidecar_port_names_count && declares(container);
           });
  }

  // ---- Messages ----

  static std::string describe(const Question& q) {
    return fmt::format("{} -> {} {}/{} {}", q.source->name, q.destination->name, q.flow.port.value(),
                       kube::to_string(q.flow.protocol), q.flow.family == IpFamily::v4 ? "IPv4" : "IPv6");
  }

  static std::string list(const std::set<TwinRule>& rules) {
    std::vector<std::string> names;
    for (const TwinRule& rule : rules) names.push_back(fmt::format("{} rule {}", to_string(rule.policy), rule.rule));
    return fmt::format("[{}]", fmt::join(names, ", "));
  }

  void differ(const Question& q, std::string_view what, Access said, Access twin) {
    wrong_ = fmt::format("{}: {} says {}, expected {}", describe(q), what, to_string(said), to_string(twin));
  }

  const Reachability& reach_;
  const TwinWorld& world_;
  const Questions& questions_;
  Dice dice_;
  Compared& compared_;
  std::vector<Party> parties_;
  std::vector<Port> ports_;
  std::array<TwinWorld, std::size(kTopics)> flipped_;
  std::optional<std::string> wrong_;
};

Profile with_turned(const std::vector<ProfileTopic>& topics) {
  Profile profile;
  for (const ProfileTopic topic : topics) profile = profile.flipped(topic);
  return profile;
}

std::vector<ProfileTopic> draw_topics(Dice& dice) {
  std::vector<ProfileTopic> topics;
  for (const ProfileTopic topic : kTopics) {
    if (dice.percent(30)) topics.push_back(topic);
  }
  return topics;
}

bool has_rejected(const std::vector<base::Node>& documents) {
  const base::Result<kube::Snapshot> snapshot = kube::build_snapshot(documents);
  if (!snapshot) return true;
  const auto& objects = (*snapshot)->objects;
  return std::any_of(objects.begin(), objects.end(), [](const kube::Object& object) { return object.rejected(); });
}

std::string describe(const std::vector<ProfileTopic>& topics) {
  std::vector<std::string_view> names;
  for (const ProfileTopic topic : topics) names.push_back(to_string(topic));
  return names.empty() ? "the default profile" : fmt::format("a profile with {} turned round", fmt::join(names, ", "));
}

}  // namespace

Compared& Compared::operator+=(const Compared& other) {
  clusters += other.clusters;
  flows += other.flows;
  allowed += other.allowed;
  open += other.open;
  vague += other.vague;
  skipped += other.skipped;
  return *this;
}

std::optional<std::string> find_disagreement(const kube::Snapshot& snapshot, const AnalysisOptions& options,
                                             const Questions& questions, std::uint32_t seed, Compared& compared) {
  const base::Result<Reachability> reach = analyse(snapshot, options);
  if (!reach) return "the analysis failed: " + reach.error().message;
  const TwinWorld world = make_twin_world(snapshot, options);
  return Comparison(*reach, world, questions, seed, compared).run();
}

std::optional<std::string> find_disagreement(std::vector<base::Node> documents, const AnalysisOptions& options,
                                             const Questions& questions, std::uint32_t seed, Compared& compared) {
  const base::Result<kube::Snapshot> snapshot = kube::build_snapshot(std::move(documents));
  // Shrinking takes away what makes a document one: then there is nothing to compare.
  if (!snapshot) return std::nullopt;
  // What a pod that the API server would refuse is, nobody can say.
  for (const kube::Pod& pod : (*snapshot)->pods) {
    if (pod.object.rejected()) return std::nullopt;
  }
  return find_disagreement(*snapshot, options, questions, seed, compared);
}

std::string run_campaign(const Campaign& campaign, std::uint32_t seed, Compared& compared) {
  const std::size_t flows_before = compared.flows;
  for (std::uint32_t number = 0; compared.flows - flows_before < campaign.flows; ++number) {
    const std::uint32_t own_seed = seed + number;
    Dice dice(own_seed);
    const RandomCluster cluster = make_random_cluster(own_seed, campaign.theme);
    const std::vector<ProfileTopic> topics = campaign.random_profile ? draw_topics(dice) : std::vector<ProfileTopic>();
    const AnalysisOptions options{
        .endpoints = cluster.options, .profile = with_turned(topics), .without_rejected = campaign.without_rejected};
    ++compared.clusters;
    const std::optional<std::string> found =
        find_disagreement(cluster.documents, options, campaign.questions, own_seed, compared);
    if (!found) continue;
    Compared ignored;
    Questions thorough = campaign.questions;
    thorough.flows_max = std::max<std::size_t>(thorough.flows_max, 20'000);
    const auto differs = [&](const std::vector<base::Node>& documents) {
      if (campaign.theme.rejected == 0 && has_rejected(documents)) return false;
      return find_disagreement(documents, options, thorough, own_seed, ignored).has_value();
    };
    const std::vector<base::Node> smallest =
        differs(cluster.documents) ? shrink(cluster.documents, differs) : cluster.documents;
    return fmt::format("GANTRY_SEED={} finds, under {}{}: {}\nOn a smaller cluster: {}\n{}", own_seed, describe(topics),
                       cluster.options.one_class_per_pod ? " with one class for each pod" : "", *found,
                       find_disagreement(smallest, options, thorough, own_seed, ignored).value_or("the same"),
                       to_yaml(smallest));
  }
  return {};
}

std::uint32_t test_seed() {
  constexpr std::uint32_t kDefault = 20260404;
  const char* given = std::getenv("GANTRY_SEED");
  return given == nullptr ? kDefault : static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10));
}

}  // namespace gantry::netpol

#include "netpol/newcomers.h"

#include "netpol/homes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>

namespace gantry::netpol {

using base::Result;
using kube::Direction;
using kube::NetworkPolicy;
using kube::Snapshot;

namespace {

// Each is analysed with the whole system; a claim as people write them has a few.
constexpr std::size_t kNewcomersMax = 1000;
// Each doubles the ways to name ports.
constexpr std::size_t kNamesMax = 4;

std::unexpected<base::Error> too_many(std::string_view what) {
  return base::input_error(fmt::format("there are too many {} to decide about every destination that could come", what),
                           std::nullopt, "claim less of the destination, name a workload, or say `world: closed`");
}

bool matches(const Wish& wish, const Stranger& stranger) {
  return wish.namespaces.matches(stranger.namespace_labels) && wish.pods.matches(stranger.pod_labels);
}

// ---- Kinds: which selectors match

class Kinds {
 public:
  Kinds(const Snapshot& snapshot, const NewcomerQuestion& question);

  Result<void> find(const Home& home);
  std::vector<Home> homes() const { return collect_homes(snapshot_, sight_); }
  std::vector<Stranger> take() { return std::move(found_); }

 private:
  void add(Wish wish);
  // Those that may match a pod of that home which is as the question holds, and may not.
  Result<std::vector<const Wish*>> undecided(const Home& home, const StrangerQuestion& held, const Stranger& one);
  Result<void> part(const Home& home, StrangerQuestion& held, const Stranger& one, std::span<const Wish* const> wishes);

  const Snapshot& snapshot_;
  const NewcomerQuestion& question_;
  Sight sight_;
  std::map<std::string, Wish> everywhere_;  // by text, each once
  StrangerBudget budget_;
  std::vector<Stranger> found_;
};

Kinds::Kinds(const Snapshot& snapshot, const NewcomerQuestion& question) : snapshot_(snapshot), question_(question) {
  for (const Wish& wish : question.among) sight_.add(wish);
  const Direction others = opposite(question.side);
  for (const NetworkPolicy& policy : snapshot->network_policies)
    for (const kube::PolicyRule& rule : policy.rules(others))
      for (const kube::PolicyPeer& peer : rule.peers)
        if (!peer.ip_block)
          add({.namespaces = peer.namespace_selector.value_or(namespace_named(policy.name_space())),
               .pods = peer.pod_selector.value_or(kube::LabelSelector())});
  for (const kube::AdminPolicy& policy : snapshot->admin_policies) {
    add({.namespaces = policy.subject.namespaces, .pods = policy.subject.pods});
    for (const kube::AdminRule& rule : others == Direction::ingress ? policy.ingress : policy.egress)
      for (const kube::AdminPeer& peer : rule.peers)
        if (peer.kind == kube::AdminPeer::Kind::pods) add({.namespaces = peer.pods.namespaces, .pods = peer.pods.pods});
  }
}

void Kinds::add(Wish wish) {
  sight_.add(wish);
  std::string text = fmt::format("{}|{}", to_string(wish.namespaces), to_string(wish.pods));
  everywhere_.try_emplace(std::move(text), std::move(wish));
}

Result<std::vector<const Wish*>> Kinds::undecided(const Home& home, const StrangerQuestion& held, const Stranger& one) {
  std::vector<const Wish*> undecided;
  for (const auto& [text, wish] : everywhere_) {
    StrangerQuestion other = held;
    (matches(wish, one) ? other.fails : other.holds).push_back(&wish);
    const std::optional<Stranger> found = TRY(find_stranger(home, other, budget_));
    if (found) undecided.push_back(&wish);
  }
  return undecided;
}

Result<void> Kinds::find(const Home& home) {
  std::map<std::string, Wish> own;  // of policies that may apply
  if (home.name_space())
    for (const NetworkPolicy& policy : kube::in_namespace(snapshot_->network_policies, home.name_space()->name()))
      own.try_emplace(to_string(policy.pod_selector), Wish{.namespaces = {}, .pods = policy.pod_selector});
  for (const Wish& meant : question_.among) {
    StrangerQuestion held{.holds = {&meant}, .fails = {}, .one_of_each = {}};
    const std::optional<Stranger> one = TRY(find_stranger(home, held, budget_));
    if (!one) continue;
    std::vector<const Wish*> wishes = TRY(undecided(home, held, *one));
    for (const auto& [text, wish] : own) wishes.push_back(&wish);
    TRY(part(home, held, *one, wishes));
  }
  return {};
}

// `one` is as `held` asks. Of the next wish it is on one side; whether anybody is on the other is searched.
Result<void> Kinds::part(const Home& home, StrangerQuestion& held, const Stranger& one,
                         std::span<const Wish* const> wishes) {
  if (wishes.empty()) {
    // Once more, for the words: what it matches by chance is now asked for.
    std::optional<Stranger> whole = TRY(find_stranger(home, held, budget_));
    if (whole) found_.push_back(*std::move(whole));
    if (found_.size() > kNewcomersMax) return too_many("kinds of pods");
    return {};
  }
  const bool is_met = matches(*wishes.front(), one);
  std::vector<const Wish*>& here = is_met ? held.holds : held.fails;
  std::vector<const Wish*>& there = is_met ? held.fails : held.holds;
  there.push_back(wishes.front());
  const std::optional<Stranger> other = TRY(find_stranger(home, held, budget_));
  if (other) TRY(part(home, held, *other, wishes.subspan(1)));
  there.pop_back();
  here.push_back(wishes.front());
  TRY(part(home, held, one, wishes.subspan(1)));
  here.pop_back();
  return {};
}

// ---- Names of ports

using Names = std::set<std::string>;

Names names_of_admin(const Snapshot& snapshot) {
  Names names;
  for (const kube::AdminPolicy& policy : snapshot->admin_policies)
    for (const auto* rules : {&policy.ingress, &policy.egress})
      for (const kube::AdminRule& rule : *rules)
        for (const kube::AdminPort& port : rule.ports)
          if (!port.name.empty()) names.insert(port.name);
  return names;
}

Names names_of_policies(const Snapshot& snapshot) {
  Names names;
  for (const NetworkPolicy& policy : snapshot->network_policies)
    for (const auto* rules : {&policy.ingress, &policy.egress})
      for (const kube::PolicyRule& rule : *rules)
        for (const kube::PolicyPort& port : rule.ports)
          if (const auto* name = port.port ? std::get_if<std::string>(&*port.port) : nullptr) names.insert(*name);
  return names;
}

// Which names a newcomer gives its ports. Each way is tried of those in question; of the others one way is the better.
struct Naming {
  Names in_question;
  Names given;
  bool gives_others = true;
  bool gives(const std::string& name) const { return in_question.contains(name) ? given.contains(name) : gives_others; }
};

// Once for each way to give those in question.
template <typename Try>
void try_each_way(Naming& naming, const Try& try_way) {
  for (std::size_t way = 0; way < (std::size_t{1} << naming.in_question.size()); ++way) {
    naming.given.clear();
    std::size_t bit = 0;
    for (const std::string& name : naming.in_question)
      if ((way >> bit++ & 1U) != 0) naming.given.insert(name);
    try_way();
  }
}

// A rule that loses all its ports is not there: without any it would be about every port.
template <typename Rule, typename NameOf, typename Forget>
void name_ports(std::vector<Rule>& rules, const Naming& naming, const NameOf& name_of, const Forget& forget) {
  std::erase_if(rules, [&](Rule& rule) {
    if (rule.ports.empty()) return false;
    std::erase_if(rule.ports, [&](auto& port) {
      const std::string* name = name_of(port);
      if (!name) return false;
      if (!naming.gives(*name)) return true;
      forget(port);
      return false;
    });
    return rule.ports.empty();
  });
}

Snapshot name_ports(const Snapshot& snapshot, const Naming& naming) {
  kube::SnapshotData data = *snapshot;
  for (NetworkPolicy& policy : data.network_policies.edit())
    for (auto* rules : {&policy.ingress, &policy.egress})
      name_ports(
          *rules, naming,
          [](const kube::PolicyPort& port) { return port.port ? std::get_if<std::string>(&*port.port) : nullptr; },
          [](kube::PolicyPort& port) { port.port.reset(); });
  for (kube::AdminPolicy& policy : data.admin_policies.edit())
    for (auto* rules : {&policy.ingress, &policy.egress})
      name_ports(
          *rules, naming, [](const kube::AdminPort& port) { return port.name.empty() ? nullptr : &port.name; },
          [](kube::AdminPort& port) { port.name.clear(); });
  return Snapshot(std::make_shared<const kube::SnapshotData>(std::move(data)));
}

}  // namespace

Result<std::vector<Stranger>> find_newcomers(const Snapshot& snapshot, const NewcomerQuestion& question) {
  Kinds kinds(snapshot, question);
  for (const Home& home : kinds.homes()) TRY(kinds.find(home));
  return kinds.take();
}

void add_to(EndpointOptions& options, const std::vector<Stranger>& newcomers) {
  for (const Stranger& each : newcomers)
    options.hypothetical.push_back({.name = each.text,
                                    .name_space = each.name_space,
                                    .namespace_labels = each.namespace_labels,
                                    .labels = each.pod_labels});
}

// Names that only NetworkPolicies speak of open, and never shut.
Result<std::vector<Snapshot>> name_ports(const Snapshot& snapshot, Outcome wanted) {
  Naming naming{.in_question = names_of_admin(snapshot), .given = {}, .gives_others = wanted == Outcome::open};
  if (naming.in_question.empty() && names_of_policies(snapshot).empty()) return std::vector<Snapshot>{snapshot};
  if (naming.in_question.size() > kNamesMax) return too_many("names of ports");
  std::vector<Snapshot> ways;
  try_each_way(naming, [&] { ways.push_back(name_ports(snapshot, naming)); });
  return ways;
}

// Names that both sets speak of may turn out either way; one that only NetworkPolicies of the one speak of is for what they open.
Result<std::vector<NamedSets>> name_ports(const NamedSets& sets) {
  const Names of_open = names_of_policies(sets.open);
  const Names of_shut = names_of_policies(sets.shut);
  Naming naming{.in_question = names_of_admin(sets.open), .given = {}};
  naming.in_question.merge(names_of_admin(sets.shut));
  if (naming.in_question.empty() && of_open.empty() && of_shut.empty()) return std::vector<NamedSets>{sets};
  std::ranges::set_intersection(of_open, of_shut, std::inserter(naming.in_question, naming.in_question.end()));
  if (naming.in_question.size() > kNamesMax) return too_many("names of ports");
  std::vector<NamedSets> ways;
  try_each_way(naming, [&] {
    Naming in_shut = naming;
    in_shut.gives_others = false;
    ways.push_back({.open = name_ports(sets.open, naming), .shut = name_ports(sets.shut, in_shut)});
  });
  return ways;
}

}  // namespace gantry::netpol

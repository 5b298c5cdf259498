#include "launch/checks/system/describe_policies.h"

#include "launch/checks/system/rule_place.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace gantry::launch {

using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyRule;

namespace {

// Names on one line; a peer that means more of them means "everybody" to a reader.
constexpr std::size_t kNamesMax = 20;

std::string list_owners(const std::set<std::string>& owners) {
  if (owners.empty()) return "nobody";
  std::vector<std::string_view> listed(owners.begin(), owners.end());
  const std::size_t more = listed.size() > kNamesMax ? listed.size() - kNamesMax : 0;
  listed.resize(listed.size() - more);
  return fmt::format("{}{}", fmt::join(listed, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

std::string block_text(const kube::IpBlock& block) {
  if (block.except.empty()) return to_string(block.cidr);
  std::vector<std::string> except;
  for (const kube::Cidr& range : block.except) except.push_back(to_string(range));
  return fmt::format("{} except {}", to_string(block.cidr), fmt::join(except, ", "));
}

std::string isolated_directions(const NetworkPolicy& policy) {
  if (policy.isolates_ingress && policy.isolates_egress) return "ingress and egress";
  if (policy.isolates_ingress) return "ingress";
  return policy.isolates_egress ? "egress" : "nothing";
}

std::string describe_ports(const PolicyRule& rule) {
  std::vector<std::string> texts;
  for (const kube::PolicyPort& port : rule.ports) texts.push_back(to_string(port));
  return texts.empty() ? "every port" : fmt::format("{}", fmt::join(texts, ", "));
}

std::string describe_selectors(const NetworkPolicy& policy, const PolicyPeer& peer) {
  const std::string pods = peer.pod_selector ? fmt::format("pods {}", to_string(*peer.pod_selector)) : "pods <all>";
  return peer.namespace_selector ? fmt::format("{} of namespaces {}", pods, to_string(*peer.namespace_selector))
                                 : fmt::format("{} of {}", pods, policy.name_space());
}

class Describer {
 public:
  Describer(const kube::Snapshot& snapshot, const std::vector<PodClass>& classes, const NetworkPolicy& policy)
      : snapshot_(snapshot), classes_(classes), policy_(policy) {}

  std::string describe();

 private:
  void describe_rule(Direction direction, std::size_t index);
  void describe_peer(std::string_view list, std::size_t index, const PolicyPeer& peer);
  void line(std::string_view label, std::string_view value) { text_ += fmt::format("  {:<14}{}\n", label, value); }

  // Whether a peer of selectors means pods of the class, or may.
  bool may_mean(const PolicyPeer& peer, const PodClass& pods) const;

  const kube::Snapshot& snapshot_;
  const std::vector<PodClass>& classes_;
  const NetworkPolicy& policy_;
  std::string text_;
};

std::string Describer::describe() {
  std::set<std::string> selected;
  for (const PodClass* pods : select(in_namespace(classes_, policy_.name_space()), policy_.pod_selector))
    selected.insert(pods->owner_name());
  text_ = fmt::format("{}  ({})\n", to_string(policy_.object.id), base::to_string(policy_.object.pos()));
  line("selects", to_string(policy_.pod_selector));
  line("", list_owners(selected));
  line("isolates", isolated_directions(policy_));
  for (const Direction direction : {Direction::ingress, Direction::egress}) {
    if (!policy_.isolates(direction)) continue;
    if (policy_.rules(direction).empty()) line(to_string(direction), "nothing is admitted");
    for (std::size_t r = 0; r < policy_.rules(direction).size(); ++r) describe_rule(direction, r);
  }
  return std::move(text_);
}

void Describer::describe_rule(Direction direction, std::size_t index) {
  const PolicyRule& rule = policy_.rules(direction)[index];
  const std::string_view list = direction == Direction::ingress ? "from" : "to";
  line(fmt::format("{}[{}]", to_string(direction), index), describe_ports(rule));
  if (rule.peers.empty()) line(fmt::format("  {}", list), "everybody, inside the cluster and outside");
  for (std::size_t p = 0; p < rule.peers.size(); ++p) describe_peer(list, p, rule.peers[p]);
}

bool Describer::may_mean(const PolicyPeer& peer, const PodClass& pods) const {
  // Selectors overlook pods on the host network (network policy reference, §7).
  if (pods.on_host_network()) return false;
  if (!peer.namespace_selector && pods.name_space() != policy_.name_space()) return false;
  if (peer.namespace_selector &&
      kube::match(*peer.namespace_selector, namespace_labels(snapshot_, pods.name_space())) == kube::Match::no)
    return false;
  return !peer.pod_selector || kube::match(*peer.pod_selector, pods.pod.labels) != kube::Match::no;
}

void Describer::describe_peer(std::string_view list, std::size_t index, const PolicyPeer& peer) {
  const std::string label = fmt::format("  {}[{}]", list, index);
  if (peer.ip_block) return line(label, fmt::format("addresses of {}", block_text(*peer.ip_block)));
  std::set<std::string> members;
  for (const PodClass& pods : classes_)
    if (may_mean(peer, pods)) members.insert(pods.owner_name());
  line(label, describe_selectors(policy_, peer));
  line("", list_owners(members));
}

}  // namespace

std::string describe_policy(const kube::Snapshot& snapshot, const std::vector<PodClass>& classes,
                            const NetworkPolicy& policy) {
  return Describer(snapshot, classes, policy).describe();
}

}  // namespace gantry::launch

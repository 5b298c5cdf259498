#include "launch/checks/reach/nearest_rule.h"

#include "kube/selector_hint.h"
#include "launch/checks/reach/address_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace gantry::launch {

using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyPort;
using kube::PolicyRule;

namespace {

struct Candidate {
  RulePlace place;
  std::size_t lacking_count = 0;
  std::vector<std::string> lacking;

  void lack(std::size_t count, std::string what) {
    lacking_count += count;
    lacking.push_back(std::move(what));
  }
};

void compare_ports(const PolicyRule& rule, const PodClass& destination, FlowPort port, Candidate& candidate) {
  if (Reachability::holds_port(rule, destination, port)) return;
  std::vector<std::string> texts;
  for (const PolicyPort& each : rule.ports) texts.push_back(to_string(each));
  candidate.lack(1, fmt::format("it opens {}, not {}", fmt::join(texts, ", "), to_string(port)));
}

void compare_peer(const Reachability& reach, const NetworkPolicy& policy, const PolicyPeer& peer, const PodClass& pods,
                  Candidate& candidate) {
  if (reach.holds_peer(policy, peer, pods) != Access::no) return;
  if (peer.ip_block) return candidate.lack(2, fmt::format("it admits {} only", to_string(*peer.ip_block)));
  if (pods.on_host_network()) return candidate.lack(2, "selectors overlook pods on the host network");
  if (!peer.namespace_selector && policy.name_space() != pods.name_space())
    candidate.lack(2, fmt::format("without a namespaceSelector it means pods of {} only", policy.name_space()));
  if (peer.namespace_selector) {
    const kube::LabelSet labels = namespace_labels(reach.snapshot(), pods.name_space()).known;
    if (const std::size_t failed = count_failed(*peer.namespace_selector, labels); failed > 0)
      candidate.lack(failed, fmt::format("namespace {}: {}", pods.name_space(),
                                         describe_difference(*peer.namespace_selector, labels)));
  }
  if (!peer.pod_selector) return;
  if (const std::size_t failed = count_failed(*peer.pod_selector, pods.pod.labels.known); failed > 0)
    candidate.lack(failed, fmt::format("{}: {}", pods.owner_name(),
                                       describe_difference(*peer.pod_selector, pods.pod.labels.known)));
}

}  // namespace

std::string to_string(const PolicyPort& port) {
  if (!port.port) return fmt::format("every {} port", to_string(port.protocol));
  const std::string last = port.end_port ? fmt::format("-{}", port.end_port->value()) : "";
  return fmt::format("{}{}/{}", to_string(*port.port), last, to_string(port.protocol));
}

std::optional<NearestRule> find_nearest_rule(const Reachability& reach, Direction direction,
                                             const FlowQuestion& question) {
  const bool is_ingress = direction == Direction::ingress;
  const PodClass& destination = reach.classes()[question.destination];
  const PodClass& other = reach.classes()[is_ingress ? question.source : question.destination];
  std::optional<Candidate> nearest;
  for (const NetworkPolicy* policy : reach.isolating(direction, is_ingress ? question.destination : question.source)) {
    const std::vector<PolicyRule>& rules = policy->rules(direction);
    for (std::size_t r = 0; r < rules.size(); ++r) {
      // A rule without peers lacks only its port.
      const std::size_t peers = rules[r].peers.empty() ? 1 : rules[r].peers.size();
      for (std::size_t p = 0; p < peers; ++p) {
        Candidate candidate;
        candidate.place = {.policy = policy, .direction = direction, .rule = r, .peer = std::nullopt};
        if (!rules[r].peers.empty()) candidate.place.peer = p;
        compare_ports(rules[r], destination, question.port, candidate);
        if (candidate.place.peer) compare_peer(reach, *policy, rules[r].peers[p], other, candidate);
        if (!nearest || candidate.lacking_count < nearest->lacking_count) nearest = std::move(candidate);
      }
    }
  }
  if (!nearest) return std::nullopt;
  return NearestRule{.place = nearest->place, .lacking = fmt::format("{}", fmt::join(nearest->lacking, "; "))};
}

}  // namespace gantry::launch

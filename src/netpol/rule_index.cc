#include "netpol/rule_index.h"

#include "netpol/peer_match.h"

#include <algorithm>
#include <variant>

namespace gantry::netpol {

using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPort;
using kube::PolicyRule;

namespace {

// So few are asked one by one: most policies have no more, and a shelf for each would cost more than it saves.
constexpr std::size_t kFewRules = 16;

std::uint32_t key_of(kube::Protocol protocol, kube::Port port) {
  return static_cast<std::uint32_t>(std::to_underlying(protocol)) << 16U | port.value();
}

bool is_one_number(const PolicyPort& port) {
  return port.port && std::holds_alternative<kube::Port>(*port.port) && !port.end_port;
}

}  // namespace

const RuleIndex::Policies& RuleIndex::isolating(const std::string& name_space, Direction direction) {
  const auto [at, is_new] = policies_.try_emplace({name_space, direction});
  if (!is_new) return at->second;
  for (const NetworkPolicy& policy : kube::in_namespace(reach_.snapshot()->network_policies, name_space))
    if (policy.isolates(direction) && !(policy.object.rejected() && reach_.options().without_rejected))
      at->second.push_back(&policy);
  return at->second;
}

const RuleIndex::Shelf& RuleIndex::shelf(const NetworkPolicy& policy, Direction direction) {
  const auto [at, is_new] = shelves_.try_emplace({&policy, direction});
  Shelf& shelf = at->second;
  if (!is_new) return shelf;
  const std::vector<PolicyRule>& rules = policy.rules(direction);
  for (std::size_t r = 0; r < rules.size(); ++r) {
    if (rules[r].ports.empty() || !std::ranges::all_of(rules[r].ports, is_one_number)) {
      shelf.others.push_back(r);
      continue;
    }
    for (const PolicyPort& port : rules[r].ports) {
      std::vector<std::size_t>& places = shelf.by_port[key_of(port.protocol, std::get<kube::Port>(*port.port))];
      if (places.empty() || places.back() != r) places.push_back(r);
    }
  }
  return shelf;
}

std::vector<std::size_t> RuleIndex::opening(const NetworkPolicy& policy, Direction direction, kube::Protocol protocol,
                                            kube::Port port, std::optional<EndpointId> destination) {
  const std::vector<PolicyRule>& rules = policy.rules(direction);
  std::vector<std::size_t> found;
  const auto ask = [&](std::size_t r) {
    if (opens(rules[r], protocol, port, destination, reach_)) found.push_back(r);
  };
  if (rules.size() <= kFewRules) {
    for (std::size_t r = 0; r < rules.size(); ++r) ask(r);
    return found;
  }
  const Shelf& shelf = this->shelf(policy, direction);
  if (const auto places = shelf.by_port.find(key_of(protocol, port)); places != shelf.by_port.end())
    std::ranges::for_each(places->second, ask);
  std::ranges::for_each(shelf.others, ask);
  std::ranges::sort(found);
  return found;
}

}  // namespace gantry::netpol

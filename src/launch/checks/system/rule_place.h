#pragma once

// A peer of a rule of a NetworkPolicy, for checks that look at what is written rather than at what it opens.

#include "kube/snapshot.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::launch {

// One peer of one rule; without a peer, a rule for everybody.
struct RulePlace {
  const kube::NetworkPolicy* policy = nullptr;
  kube::Direction direction = kube::Direction::ingress;
  std::size_t rule = 0;
  std::optional<std::size_t> peer;

  const kube::PolicyRule& get_rule() const { return policy->rules(direction)[rule]; }
  const kube::PolicyPeer* get_peer() const { return peer ? &get_rule().peers[*peer] : nullptr; }
  const base::SourcePos& pos() const { return peer ? get_peer()->where : get_rule().where; }
  friend bool operator==(const RulePlace&, const RulePlace&) = default;
};
std::string to_string(const RulePlace& place);        // "NetworkPolicy shop/allow-web ingress[0].from[1]"
std::string to_string(const kube::PolicyPort& port);  // "4222/TCP", "8000-8010/TCP", "metrics/TCP", "every TCP port"

// What is known of the labels of a namespace; for one that the snapshot does not know, only its name.
kube::LabelKnowledge namespace_labels(const kube::Snapshot& snapshot, std::string_view name);

}  // namespace gantry::launch

#pragma once

// Policies as conditions on a stranger: how somebody who does not exist yet gets through one side of a flow, or is stopped there
// (network policy reference, §2 and §12). Admin tier, NetworkPolicies, baseline tier, each in its order; what an earlier rule has
// decided is taken from the later ones ("difference of conjunctions").
//
// One end of the flow is there, the resident; the other is the stranger. What is not known of the resident (an address, a label
// of its namespace) is resolved for or against the passage that is looked for: who finds one in spite of all doubt has a
// counterexample, who finds none in spite of all favour has a proof.

#include "netpol/peer_match.h"
#include "netpol/reachability.h"
#include "netpol/rule_index.h"
#include "netpol/stranger.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::netpol {

struct Passage {
  std::vector<const Wish*> holds;
  std::vector<const Wish*> fails;
  std::vector<RulePlace> by;  // the rule that decided, if any; for a stop by isolation the policies
};

enum class Outcome : std::uint8_t { open, shut };
enum class Doubt : std::uint8_t { for_it, against_it };

struct DoorQuestion {
  Outcome wanted = Outcome::open;
  Doubt doubt = Doubt::against_it;
  kube::Protocol protocol = kube::Protocol::tcp;
  kube::Port port{1};
  kube::IpFamily family = kube::IpFamily::v4;
  // Two administrator's policies of equal priority: which comes first is undefined (§12.2).
  bool ties_reversed = false;
};

kube::Direction opposite(kube::Direction direction);

class Doors {
 public:
  // Both must outlive it. Ranges whose addresses do not count as admitting the stranger: a claim names them itself.
  Doors(const Reachability& reach, std::vector<kube::Cidr> claimed_ranges);

  // How strangers fare at the resident's side of flows in that direction (ingress: the resident is the destination).
  std::vector<Passage> at_resident(EndpointId resident, kube::Direction direction, const DoorQuestion& question);
  // And at their own: `direction` is that of the stranger's policies.
  std::vector<Passage> at_stranger(const Home& home, EndpointId resident, kube::Direction direction,
                                   const DoorQuestion& question);

  // The port sets that rules tell apart, for flows of which the resident is an end and `direction` its side.
  std::set<PortSet> port_sets(EndpointId resident, kube::Direction direction);
  // The same in two parts: what holds for everybody in the resident's namespace, and what names of ports mean on it.
  const std::set<PortSet>& numbered_port_sets(const std::string& name_space, kube::Direction direction);
  std::set<PortSet> named_port_sets(EndpointId resident, kube::Direction direction);
  // Whether the answers may depend on the order of equal priorities.
  bool has_ties() const { return has_ties_; }

 private:
  // An alternative of a rule: the stranger is as wished, or anybody (null); certain unless the resident's part is in doubt.
  struct Condition {
    const Wish* wish = nullptr;
    bool certain = true;
    RulePlace place;
  };
  struct TierRule {
    kube::AdminAction action = kube::AdminAction::deny;
    std::vector<Condition> conditions;
  };
  using TierRules = std::vector<TierRule>;
  using Passages = std::vector<Passage>;
  struct Sides {
    EndpointId resident;
    kube::Direction direction;  // of the rules, at whichever side they hold
    bool at_resident;
  };

  std::vector<const kube::AdminPolicy*> sorted(kube::AdminTier tier, bool reversed) const;
  TierRules rules_of_tier(kube::AdminTier tier, const Sides& sides, const DoorQuestion& question);
  TierRule resident_rule(const kube::AdminPolicy& policy, std::size_t rule, const Sides& sides,
                         const DoorQuestion& question);
  TierRule stranger_rule(const kube::AdminPolicy& policy, std::size_t rule, const Sides& sides,
                         const DoorQuestion& question);
  Passages run_tier(const TierRules& rules, const Passages& in, const DoorQuestion& question, Passages& found) const;
  // The baseline tier, and what nothing decides: open.
  void finish(const TierRules& rules, const Passages& in, const DoorQuestion& question, Passages& found) const;

  // Policies that apply at the resident's side, and the alternatives of their rules for the stranger.
  Passages run_resident_policies(const Sides& sides, const Passages& in, const DoorQuestion& question, Passages& found);
  void add_alternatives(const kube::NetworkPolicy& policy, bool certain, const Sides& sides,
                        const DoorQuestion& question, std::vector<Condition>& conditions);
  std::optional<Condition> alternative(const kube::NetworkPolicy& policy, const kube::PolicyPeer& peer,
                                       kube::IpFamily family);
  // Policies that may apply to the stranger, and whether a rule of them means the resident.
  Passages run_stranger_policies(const Home& home, const Sides& sides, const Passages& in, const DoorQuestion& question,
                                 Passages& found);
  kube::Match admits_resident(const kube::NetworkPolicy& policy, const Sides& sides, const DoorQuestion& question,
                              RulePlace& place);

  // Where a pod that is isolated in one direction is beyond the baseline tier in both.
  void leave_isolated(const Home& home, const Sides& sides, const DoorQuestion& question, Passages& left,
                      Passages& found);

  // What rules say about ports: numbers mean the same on every destination, names do not.
  struct RulePorts {
    std::set<PortSet> numbers;
    std::vector<const kube::PolicyRule*> named;
    std::vector<const kube::AdminRule*> named_by_admin;
  };
  RulePorts collect_ports(std::span<const kube::NetworkPolicy> policies, kube::Direction direction) const;
  // Of all NetworkPolicies, and of those of one namespace with what the administrator's and the opposite ones of all say.
  const RulePorts& rule_ports(kube::Direction direction);
  const RulePorts& rule_ports(const std::string& name_space, kube::Direction direction);

  const Wish* keep(Wish wish);
  // Whom the policy selects, of strangers that live in its namespace.
  const Wish* subject_of(const kube::NetworkPolicy& policy);
  bool is_policed(const Endpoint& endpoint) const;
  bool counts(const kube::AdminPolicy& policy) const;

  const Reachability& reach_;
  std::vector<kube::Cidr> claimed_;
  std::deque<Wish> wishes_;  // addresses stay
  RuleIndex index_;
  std::unordered_map<const kube::NetworkPolicy*, const Wish*> wished_subjects_;
  std::unordered_map<const kube::PolicyPeer*, const Wish*> wished_peers_;
  std::map<kube::Direction, RulePorts> rule_ports_;
  std::map<std::pair<std::string, kube::Direction>, RulePorts> ports_at_home_;
  bool has_ties_ = false;
};

}  // namespace gantry::netpol

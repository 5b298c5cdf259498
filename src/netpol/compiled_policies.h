#pragma once

// Policies with their selectors resolved, for one family of addresses under one profile. Above this line policies speak
// of labels, names and ranges; below it a subject or peer is a set of endpoints, and nothing reads a label.

#include "kube/admin_policy.h"
#include "kube/network.h"
#include "kube/snapshot.h"
#include "netpol/endpoints.h"
#include "netpol/port_set.h"
#include "netpol/profile.h"
#include "netpol/tri_set.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gantry::netpol {

// A port by name: looked up on the destination of each flow (§4).
struct PortName {
  std::optional<kube::Protocol> protocol;  // absent: whatever the container says (admin tiers)
  std::string name;
  friend auto operator<=>(const PortName&, const PortName&) = default;
};

struct CompiledPorts {
  PortSet numbers;
  std::vector<PortName> names;
};

struct CompiledRule {
  std::vector<const TriSet*> peers;  // one for each that is written; for a rule without peers one, everybody
  CompiledPorts ports;
  kube::AdminAction action = kube::AdminAction::allow;
};

// A NetworkPolicy, or one of the administrator's: exactly one pointer is set. None: it has been removed.
struct CompiledPolicy {
  using Rules = std::array<std::vector<CompiledRule>, 2>;  // by direction

  const kube::NetworkPolicy* network = nullptr;
  const kube::AdminPolicy* admin = nullptr;
  const TriSet* subject = nullptr;
  std::shared_ptr<const Rules> rules;

  const kube::Object& object() const { return network ? network->object : admin->object; }
  bool applies(kube::Direction direction) const;
  const std::vector<CompiledRule>& of(kube::Direction direction) const {
    return rules->at(static_cast<std::size_t>(std::to_underlying(direction)));
  }
};

struct CompileOptions {
  Profile profile;
  kube::IpFamily family = kube::IpFamily::v4;
  bool without_rejected = true;
  // Ranges of the caller, see EndpointOptions.
  std::vector<kube::Cidr> pod_ranges;
  std::vector<kube::Cidr> node_ranges;
  // Pod classes that questions will be about; absent: all. Others are in no set, and policies that can't apply to these
  // are left out.
  std::optional<EndpointSet> among;
};

class CompiledPolicies {
 public:
  // All outlive this; the snapshot's policies are pointed to.
  CompiledPolicies(const kube::Snapshot& snapshot, const Endpoints& endpoints, const CompileOptions& options);
  // The same policies in another snapshot that differs in one NetworkPolicy. What the others mean is taken over, and
  // every policy keeps its index; a new one is the last.
  CompiledPolicies(const CompiledPolicies& before, const kube::Snapshot& after, const kube::ObjectId& changed);
  // The same policies where a network plugin gives the other answer to a topic; only those that speak of it are compiled
  // again. For topics that leave all subjects as they are, see changes_rows_only().
  CompiledPolicies(const CompiledPolicies& before, ProfileTopic topic);
  ~CompiledPolicies();
  CompiledPolicies(CompiledPolicies&&) noexcept;
  CompiledPolicies& operator=(CompiledPolicies&&) = delete;

  const std::vector<CompiledPolicy>& all() const { return policies_; }
  std::optional<std::uint32_t> find(const kube::ObjectId& network_policy) const;
  // Those that are there.
  std::size_t count() const;
  const Profile& profile() const { return profile_; }
  // Pods that can have an address of the family, and its regions.
  const EndpointSet& universe() const;
  // The numbers behind a name on one endpoint, and each different answer with those that give it.
  PortSet resolve(EndpointId endpoint, const PortName& name) const;
  const std::vector<std::pair<PortSet, EndpointSet>>& resolutions(const PortName& name) const;
  std::size_t selector_count() const;

 private:
  class Peers;
  void compile_network_policies(std::span<const kube::NetworkPolicy> policies);
  void compile_admin_policies(std::span<const kube::AdminPolicy> policies);
  CompiledPolicy compile(const kube::NetworkPolicy& policy);
  CompiledRule compile(const kube::NetworkPolicy& policy, const kube::PolicyRule& rule);
  CompiledRule compile(const kube::AdminRule& rule);

  const Endpoints& endpoints_;
  Profile profile_;
  bool without_rejected_ = true;
  std::shared_ptr<Peers> peers_;  // shared with those before and after a change, and with other answers
  std::vector<CompiledPolicy> policies_;
};

// Whether the policy says a thing that the topic is about: its rules mean something else under the other answer.
bool speaks_of(const kube::NetworkPolicy& policy, ProfileTopic topic);
bool speaks_of(const CompiledPolicy& policy, ProfileTopic topic);
// Whether the topic's answer decides only what rules mean: which policies apply to whom, and who is policed at all, does
// not turn on it.
bool changes_rows_only(ProfileTopic topic);

// Numbers of a port entry under a profile; a name goes to `names`.
void add_port(const kube::PolicyPort& port, const Profile& profile, CompiledPorts& ports);

}  // namespace gantry::netpol

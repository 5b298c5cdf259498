#pragma once

// Policies with their selectors resolved, for one family of addresses under one profile. Above this line policies speak of labels,
// names and ranges; below it a subject or peer is a set of endpoints, and nothing reads a label.

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

// A NetworkPolicy, or one of the administrator's: exactly one pointer is set.
struct CompiledPolicy {
  const kube::NetworkPolicy* network = nullptr;
  const kube::AdminPolicy* admin = nullptr;
  const TriSet* subject = nullptr;
  std::array<std::vector<CompiledRule>, 2> rules;  // by direction

  const kube::Object& object() const { return network ? network->object : admin->object; }
  bool applies(kube::Direction direction) const;
  const std::vector<CompiledRule>& of(kube::Direction direction) const {
    return rules.at(static_cast<std::size_t>(std::to_underlying(direction)));
  }
};

struct CompileOptions {
  Profile profile;
  kube::IpFamily family = kube::IpFamily::v4;
  bool without_rejected = true;
  // Ranges of the caller, see EndpointOptions.
  std::vector<kube::Cidr> pod_ranges;
  std::vector<kube::Cidr> node_ranges;
};

class CompiledPolicies {
 public:
  // All outlive this; the snapshot's policies are pointed to.
  CompiledPolicies(const kube::Snapshot& snapshot, const Endpoints& endpoints, const CompileOptions& options);
  ~CompiledPolicies();
  CompiledPolicies(CompiledPolicies&&) noexcept;
  CompiledPolicies& operator=(CompiledPolicies&&) = delete;

  const std::vector<CompiledPolicy>& all() const { return policies_; }
  // Pods that can have an address of the family, and its regions.
  const EndpointSet& universe() const;
  // The numbers behind a name on one endpoint, and each different answer with those that give it.
  PortSet resolve(EndpointId endpoint, const PortName& name) const;
  const std::vector<std::pair<PortSet, EndpointSet>>& resolutions(const PortName& name) const;
  std::size_t selector_count() const;

 private:
  class Peers;
  void compile_network_policies(const kube::Snapshot& snapshot, const CompileOptions& options);
  void compile_admin_policies(const kube::Snapshot& snapshot, const CompileOptions& options);
  CompiledRule compile(const kube::NetworkPolicy& policy, const kube::PolicyRule& rule, const Profile& profile);
  CompiledRule compile(const kube::AdminRule& rule);

  const Endpoints& endpoints_;
  Profile profile_;
  std::unique_ptr<Peers> peers_;
  std::vector<CompiledPolicy> policies_;
};

// Numbers of a port entry under a profile; a name goes to `names`.
void add_port(const kube::PolicyPort& port, const Profile& profile, CompiledPorts& ports);

}  // namespace gantry::netpol

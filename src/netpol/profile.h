#pragma once

// Where network plugins differ (network policy reference, §18). The default is what the upstream conformance tests ask for.

#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// One question that plugins answer differently.
enum class ProfileTopic : std::uint8_t {
  ip_block_on_pods,    // does an ipBlock match the addresses of pods?
  host_network_pods,   // do selectors match pods with hostNetwork, and do policies hold for them?
  end_port,            // is endPort enforced, or only the first port of the range?
  sctp,                // do rules about SCTP admit anything?
  own_node_egress,     // is a pod's egress to its own node exempt?
  sidecar_port_names,  // do port names of restartable init containers count?
  baseline_finality,   // is an isolated pod beyond the baseline tier per direction, or in both as soon as in one?
  admin_tiers,         // are AdminNetworkPolicy and its kin enforced at all?
  // Of flows through a Service; who reaches which port of whom does not turn on them.
  service_hairpin,          // is what a pod sends to itself through its Service subject to policies?
  ip_block_on_cluster_ips,  // does an ipBlock that holds the Service's address admit what goes through it?
  service_ports,            // may a Service's port differ from the container's, where policies apply?
};
std::string_view to_string(ProfileTopic topic);  // "ip-block-on-pods", …
// What the conformant default says and what others do, one sentence, for explanations.
std::string_view describe(ProfileTopic topic);

// The answers. The first enumerator or `true` is the conformant one, save admin_tiers: they are enforced where they exist.
struct Profile {
  bool ip_block_matches_pods = true;
  bool host_network_pods_are_policed = false;
  bool end_port_is_enforced = true;
  bool sctp_is_enforced = true;
  bool own_node_egress_is_exempt = true;
  bool sidecar_port_names_count = true;
  bool baseline_is_decided_per_direction = true;
  bool admin_tiers_are_enforced = true;
  bool service_hairpin_is_policed = true;
  bool ip_block_sees_pods_behind_services = true;
  bool service_ports_may_differ = true;

  // The same with the answer to one topic turned round.
  Profile flipped(ProfileTopic topic) const;
  friend bool operator==(const Profile&, const Profile&) = default;
};

}  // namespace gantry::netpol

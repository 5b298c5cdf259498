#include "netpol/profiles.h"

#include <algorithm>
#include <array>

namespace gantry::netpol {

namespace {

constexpr std::array kTopics = {
    ProfileTopic::ip_block_on_pods,  ProfileTopic::host_network_pods,
    ProfileTopic::end_port,          ProfileTopic::sctp,
    ProfileTopic::own_node_egress,   ProfileTopic::sidecar_port_names,
    ProfileTopic::baseline_finality, ProfileTopic::admin_tiers,
    ProfileTopic::service_hairpin,   ProfileTopic::ip_block_on_cluster_ips,
    ProfileTopic::service_ports,
};
static_assert(kTopics.size() == static_cast<std::size_t>(ProfileTopic::service_ports) + 1);

// Network policy reference, §18, §5 and §7. Only what was found stated is here; everything else is as the conformance tests ask.
constexpr std::array kProfiles = {
    NamedProfile{"conformant", "as the upstream conformance tests ask", Profile{}},
    NamedProfile{"cilium",
                 "an ipBlock never matches a pod of the cluster (a limitation that Cilium documents), and a pod "
                 "reaches itself through its Service",
                 Profile{.ip_block_matches_pods = false, .service_hairpin_is_policed = false}},
    NamedProfile{"basic", "an old or minimal plugin: first port of a range only, no SCTP, no administrator's tiers",
                 Profile{.end_port_is_enforced = false, .sctp_is_enforced = false, .admin_tiers_are_enforced = false}},
};

}  // namespace

std::span<const ProfileTopic> profile_topics() { return kTopics; }

std::optional<ProfileTopic> find_topic(std::string_view name) {
  const auto* const found = std::ranges::find(kTopics, name, [](ProfileTopic topic) { return to_string(topic); });
  return found == kTopics.end() ? std::nullopt : std::optional(*found);
}

std::span<const NamedProfile> named_profiles() { return kProfiles; }

const NamedProfile* find_profile(std::string_view name) {
  const auto* const found = std::ranges::find(kProfiles, name, &NamedProfile::name);
  return found == kProfiles.end() ? nullptr : found;
}

}  // namespace gantry::netpol

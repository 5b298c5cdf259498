#include "netpol/profile.h"

#include <algorithm>
#include <array>

namespace gantry::netpol {

namespace {

struct Row {
  ProfileTopic topic;
  std::string_view name;
  bool Profile::*answer;
  std::string_view description;
};
constexpr std::array kTopics = {
    Row{ProfileTopic::ip_block_on_pods, "ip-block-on-pods", &Profile::ip_block_matches_pods,
        "upstream tests want an ipBlock to match the addresses of pods; Cilium and its kin never match pods with one"},
    Row{ProfileTopic::host_network_pods, "host-network-pods", &Profile::host_network_pods_are_policed,
        "most plugins ignore pods with hostNetwork in every selector; some treat them like other pods"},
    Row{ProfileTopic::end_port, "end-port", &Profile::end_port_is_enforced,
        "endPort makes a range; old plugins enforce its first port only"},
    Row{ProfileTopic::sctp, "sctp", &Profile::sctp_is_enforced,
        "SCTP is enforced as TCP and UDP are; plugins without it admit nothing by a rule about SCTP, and still "
        "isolate"},
    Row{ProfileTopic::own_node_egress, "own-node-egress", &Profile::own_node_egress_is_exempt,
        "a pod may always reach its own node; some plugins hold egress rules against that too"},
    Row{ProfileTopic::sidecar_port_names, "sidecar-port-names", &Profile::sidecar_port_names_count,
        "port names of restartable init containers are looked up too; whether every plugin does is not settled"},
    Row{ProfileTopic::baseline_finality, "baseline-finality", &Profile::baseline_is_decided_per_direction,
        "an isolated pod is beyond the baseline tier in the isolated direction; some plugins take both directions"},
    Row{ProfileTopic::admin_tiers, "admin-tiers", &Profile::admin_tiers_are_enforced,
        "administrators' policies are enforced where they exist; many plugins ignore them"},
    Row{ProfileTopic::service_hairpin, "service-hairpin", &Profile::service_hairpin_is_policed,
        "what a pod sends to itself through a Service is subject to policies; some plugins let it pass whatever they "
        "say"},
    Row{ProfileTopic::ip_block_on_cluster_ips, "ip-block-on-cluster-ips", &Profile::ip_block_sees_pods_behind_services,
        "policies see the pod behind a Service, so that an ipBlock with the Service's address admits nothing; some "
        "plugins look at that address too"},
    Row{ProfileTopic::service_ports, "service-ports", &Profile::service_ports_may_differ,
        "policies see the container's port whatever the Service's is; one cloud's plugin wants both equal"},
};

const Row& row_of(ProfileTopic topic) { return *std::ranges::find(kTopics, topic, &Row::topic); }

}  // namespace

std::string_view to_string(ProfileTopic topic) { return row_of(topic).name; }
std::string_view describe(ProfileTopic topic) { return row_of(topic).description; }

Profile Profile::flipped(ProfileTopic topic) const {
  Profile other = *this;
  bool& answer = other.*row_of(topic).answer;
  answer = !answer;
  return other;
}

}  // namespace gantry::netpol

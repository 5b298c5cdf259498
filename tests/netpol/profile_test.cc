#include "netpol/profile.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace gantry::netpol {
namespace {

constexpr ProfileTopic kTopics[] = {ProfileTopic::ip_block_on_pods,  ProfileTopic::host_network_pods,
                                    ProfileTopic::end_port,          ProfileTopic::sctp,
                                    ProfileTopic::own_node_egress,   ProfileTopic::sidecar_port_names,
                                    ProfileTopic::baseline_finality, ProfileTopic::admin_tiers,
                                    ProfileTopic::service_hairpin,   ProfileTopic::ip_block_on_cluster_ips,
                                    ProfileTopic::service_ports};

TEST(Profile, EveryTopicHasAnAnswerOfItsOwn) {
  std::set<std::string_view> names;
  for (const ProfileTopic topic : kTopics) {
    const Profile other = Profile{}.flipped(topic);
    EXPECT_NE(other, Profile{}) << to_string(topic);
    EXPECT_EQ(other.flipped(topic), Profile{}) << to_string(topic);
    for (const ProfileTopic second : kTopics)
      EXPECT_EQ(other == Profile{}.flipped(second), topic == second) << to_string(topic) << " " << to_string(second);
    EXPECT_TRUE(names.insert(to_string(topic)).second) << to_string(topic);
    EXPECT_FALSE(describe(topic).empty()) << to_string(topic);
  }
}

TEST(Profile, ByDefaultWhatTheConformanceTestsAskFor) {
  const Profile conformant;
  EXPECT_TRUE(conformant.ip_block_matches_pods);
  EXPECT_FALSE(conformant.host_network_pods_are_policed);
  EXPECT_TRUE(conformant.end_port_is_enforced);
  EXPECT_TRUE(conformant.sctp_is_enforced);
  EXPECT_TRUE(conformant.own_node_egress_is_exempt);
  EXPECT_TRUE(conformant.sidecar_port_names_count);
  EXPECT_TRUE(conformant.baseline_is_decided_per_direction);
  EXPECT_TRUE(conformant.admin_tiers_are_enforced);
  EXPECT_TRUE(conformant.service_hairpin_is_policed);
  EXPECT_TRUE(conformant.ip_block_sees_pods_behind_services);
  EXPECT_TRUE(conformant.service_ports_may_differ);
}

}  // namespace
}  // namespace gantry::netpol

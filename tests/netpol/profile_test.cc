#include "netpol/profile.h"

#include "base/yaml.h"
#include "netpol/profiles.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>
#include <vector>

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

// ---- What people say of their plugin

base::Result<PluginChoice> parse(std::string_view text) {
  return parse_plugin(*base::load_yaml_document(text, "plan.md"));
}

TEST(PluginChoice, IsWhatTheBlockSays) {
  EXPECT_EQ(parse("{check: net.only}")->answers(), Profile());
  EXPECT_EQ(parse("{profile: cilium}")->answers(), find_profile("cilium")->profile);
  EXPECT_EQ(parse("{differs: [sctp]}")->answers(), Profile().flipped(ProfileTopic::sctp));
  EXPECT_EQ(parse("{profile: basic, differs: [sctp, end-port]}")->answers(),
            Profile().flipped(ProfileTopic::admin_tiers));
}

TEST(PluginChoice, NamesTheNearestRightWord) {
  const struct {
    std::string_view text, message, help;
  } cases[] = {
      {"profile: cillium", "there is no profile \"cillium\"", "did you mean cilium?"},
      {"profile: calico", "there is no profile \"calico\"", "there are: conformant, cilium, basic"},
      {"profile: [cilium]", "\"profile\" must be text", ""},
      {"differs: end-port", "\"differs\" is a list of topics", "for example [end-port]"},
      {"differs: [end-prot]", "there is no topic \"end-prot\"", "did you mean end-port?"},
  };
  for (const auto& c : cases) {
    const base::Result<PluginChoice> choice = parse(c.text);
    ASSERT_FALSE(choice) << c.text;
    EXPECT_EQ(choice.error().message, c.message);
    EXPECT_EQ(choice.error().help, c.help);
    EXPECT_TRUE(choice.error().where) << c.text;
  }
}

TEST(PluginChoice, WhoNamesAProfileHasSaidEverything) {
  const PluginChoice all = *parse("{profile: cilium, differs: [sctp]}");
  EXPECT_EQ(PluginChoice().or_else(all), all);
  EXPECT_EQ(parse("profile: basic")->or_else(all), *parse("profile: basic"));
  EXPECT_EQ(parse("differs: [end-port]")->or_else(all), *parse("{profile: cilium, differs: [end-port]}"));
  EXPECT_EQ(parse("differs: []")->or_else(all), *parse("{profile: cilium, differs: []}"));
}

}  // namespace
}  // namespace gantry::netpol

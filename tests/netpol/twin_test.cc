// The engine against its stupid twin, on random clusters: at least 1,000,000 flows a run, each case about one part of
// the reference. GANTRY_SEED=n repeats a find; its message is the smallest cluster that shows it.

#include "netpol/compare.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>

namespace gantry::netpol {
namespace {

// What all cases come to. Each checks its own share.
constexpr std::size_t kFlowsInAll = 1'000'000;

struct Share {
  const char* name;
  Campaign campaign;
  friend std::ostream& operator<<(std::ostream& out, const Share& share) { return out << share.name; }
};

ClusterTheme everything_known() {
  return {.policies_max = 8, .host_network = 8, .nodes_max = 2, .admin_policies_max = 3};
}

// Enough of everything that plugins answer differently.
ClusterTheme everything_that_differs() {
  return {.policies_max = 8,
          .named_ports = 35,
          .end_ports = 40,
          .other_protocols = 45,
          .ip_blocks = 40,
          .host_network = 20,
          .nodes_max = 2,
          .sidecars = 50,
          .admin_policies_max = 3};
}

const Share kShares[] = {
    {"Labels", {.theme = {.policies_max = 10, .named_ports = 0, .ip_blocks = 0, .sidecars = 0}, .flows = 120'000}},
    {"Ports",
     {.theme = {.named_ports = 45, .end_ports = 40, .other_protocols = 60, .ip_blocks = 0, .sidecars = 40},
      .flows = 120'000}},
    {"Addresses", {.theme = {.named_ports = 5, .ip_blocks = 70, .dual_stack = 60}, .flows = 120'000}},
    {"AdminTiers",
     {.theme = {.policies_max = 4, .dual_stack = 40, .nodes_max = 2, .admin_policies_max = 5}, .flows = 120'000}},
    {"HostNetwork",
     {.theme = {.ip_blocks = 40, .host_network = 35, .nodes_max = 3, .admin_policies_max = 2}, .flows = 100'000}},
    {"Explanations",
     {.theme = everything_known(), .questions = {.flows_max = 400, .explained_every = 2}, .flows = 30'000}},
    {"Openings", {.theme = everything_known(), .questions = {.flows_max = 100, .openings = true}, .flows = 120'000}},
    {"Facts", {.theme = everything_known(), .questions = {.flows_max = 50, .facts = true}, .flows = 10'000}},
    {"OtherProfiles", {.theme = everything_that_differs(), .random_profile = true, .flows = 120'000}},
    {"WhatProfilesChange",
     {.theme = everything_that_differs(), .questions = {.flows_max = 300, .profiles = true}, .flows = 20'000}},
    {"UnknownLabels", {.theme = {.admin_policies_max = 2, .derived = 40, .mentioned = 50}, .flows = 80'000}},
    {"UnknownAddresses",
     {.theme = {.ip_blocks = 60, .dual_stack = 40, .admin_policies_max = 2, .without_address = 60}, .flows = 80'000}},
    {"EqualPriorities",
     {.theme = {.policies_max = 3, .admin_policies_max = 4, .equal_priorities = 90, .domain_names = 30},
      .flows = 80'000}},
    {"Hypothetical", {.theme = {.ip_blocks = 5, .admin_policies_max = 3, .hypothetical_max = 4}, .flows = 60'000}},
    {"RejectedLeftOut", {.theme = {.admin_policies_max = 2, .rejected = 40}, .flows = 30'000}},
    {"RejectedTakenAsRead",
     {.theme = {.admin_policies_max = 2, .rejected = 40}, .without_rejected = false, .flows = 30'000}},
};

class TwinTest : public testing::TestWithParam<Share> {};

TEST_P(TwinTest, AgreesWithTheEngine) {
  const Campaign& campaign = GetParam().campaign;
  Compared compared;
  const std::string found = run_campaign(campaign, test_seed(), compared);
  EXPECT_EQ(found, "") << "after " << compared.clusters << " clusters";
  EXPECT_GE(compared.flows, campaign.flows);
  // Clusters in which all or nothing is allowed would prove little.
  EXPECT_GT(compared.allowed, compared.flows / 10);
  EXPECT_LT(compared.allowed, compared.flows * 9 / 10);
  RecordProperty("clusters", std::to_string(compared.clusters));
  RecordProperty("open", std::to_string(compared.open));
  RecordProperty("vague", std::to_string(compared.vague));
}

INSTANTIATE_TEST_SUITE_P(Random, TwinTest, testing::ValuesIn(kShares),
                         [](const testing::TestParamInfo<Share>& share) { return std::string(share.param.name); });

TEST(TwinShares, ComeToAMillionFlows) {
  std::size_t flows = 0;
  for (const Share& share : kShares) flows += share.campaign.flows;
  EXPECT_GE(flows, kFlowsInAll);
}

}  // namespace
}  // namespace gantry::netpol

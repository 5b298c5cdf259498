#include "kube/policy.h"

#include "kube/workload.h"

#include <gtest/gtest.h>

#include <string>

namespace gantry::kube {
namespace {

// Disruption reference, §6.1: surge rounds up, unavailable down, never both zero.
TEST(RollingBounds, RoundsAsTheDeploymentControllerDoes) {
  const IntOrPercent zero = IntOrPercent::count(0);
  const struct {
    UpdateStrategy strategy;
    std::int64_t replicas, surge, unavailable;
  } cases[] = {
      {{}, 1, 1, 0},
      {{}, 2, 1, 0},
      {{}, 3, 1, 0},
      {{}, 4, 1, 1},
      {{}, 5, 2, 1},
      {{}, 10, 3, 2},
      {{.max_surge = IntOrPercent::count(1), .max_unavailable = zero}, 2, 1, 0},
      {{.max_surge = zero, .max_unavailable = IntOrPercent::percent(10)}, 3, 0, 1},  // 10% of 3 rounds to 0
      {{.max_surge = IntOrPercent::percent(200), .max_unavailable = zero}, 3, 6, 0},
      {{}, 0, 0, 1},
  };
  for (const auto& c : cases) {
    const RollingBounds bounds = rolling_bounds(c.strategy, c.replicas);
    EXPECT_EQ(bounds.surge, c.surge) << c.replicas;
    EXPECT_EQ(bounds.unavailable, c.unavailable) << c.replicas;
  }
}

ResourceList amounts(std::initializer_list<std::pair<const char*, const char*>> pairs) {
  ResourceList list;
  for (const auto& [name, amount] : pairs) list.emplace(name, *Quantity::parse(amount));
  return list;
}

// LimitRanger's defaults, after core/v1's own.
TEST(EffectiveResources, FillsInWhatAdmissionDoes) {
  LimitRange range;
  range.items.push_back({.type = "Container",
                         .max = {},
                         .min = {},
                         .default_limit = amounts({{"cpu", "500m"}, {"memory", "256Mi"}}),
                         .default_request = amounts({{"cpu", "100m"}, {"memory", "128Mi"}}),
                         .max_limit_request_ratio = {}});
  range.items.push_back({.type = "Pod",
                         .max = {},
                         .min = {},
                         .default_limit = amounts({{"cpu", "9"}}),
                         .default_request = {},
                         .max_limit_request_ratio = {}});
  const struct {
    const char* what;
    ResourceList requests, limits;
    ResourceList expected_requests, expected_limits;
  } cases[] = {
      {"nothing written",
       {},
       {},
       amounts({{"cpu", "100m"}, {"memory", "128Mi"}}),
       amounts({{"cpu", "500m"}, {"memory", "256Mi"}})},
      {"a limit alone is the request before defaults are looked at",
       {},
       amounts({{"cpu", "2"}}),
       amounts({{"cpu", "2"}, {"memory", "128Mi"}}),
       amounts({{"cpu", "2"}, {"memory", "256Mi"}})},
      {"what is written stays", amounts({{"cpu", "1"}}), amounts({{"cpu", "1"}, {"memory", "1Gi"}}),
       amounts({{"cpu", "1"}, {"memory", "1Gi"}}), amounts({{"cpu", "1"}, {"memory", "1Gi"}})},
  };
  for (const auto& c : cases) {
    Container container;
    container.requests = c.requests;
    container.limits = c.limits;
    const EffectiveResources effective = effective_resources(container, {&range});
    EXPECT_EQ(effective.requests, c.expected_requests) << c.what;
    EXPECT_EQ(effective.limits, c.expected_limits) << c.what;
  }
}

}  // namespace
}  // namespace gantry::kube

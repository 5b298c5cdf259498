// What admission makes of a container's resources (LimitRanger plugin, then core/v1 defaults).

#include "kube/policy.h"

namespace gantry::kube {

EffectiveResources effective_resources(const Container& container, const std::vector<const LimitRange*>& limit_ranges) {
  EffectiveResources effective{.requests = container.requests, .limits = container.limits};
  // core/v1 defaulting comes before admission: a limit alone is the request as well.
  for (const auto& [name, amount] : container.limits) effective.requests.emplace(name, amount);
  for (const LimitRange* range : limit_ranges) {
    for (const LimitRangeItem& item : range->items) {
      if (item.type != "Container") continue;
      for (const auto& [name, amount] : item.default_limit) effective.limits.emplace(name, amount);
      for (const auto& [name, amount] : item.default_request) effective.requests.emplace(name, amount);
    }
  }
  return effective;
}

}  // namespace gantry::kube

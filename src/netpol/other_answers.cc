// The same system where a network plugin answers one topic otherwise. Most topics are about few policies: what these say
// is compiled again, the rows of those that they apply to are computed again, and everything else is shared.

#include "netpol/analysis.h"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace gantry::netpol {

using kube::IpFamily;

namespace {

std::shared_ptr<const Side> with_other_rows(const CompiledPolicies& policies, ProfileTopic topic,
                                            const std::shared_ptr<const Side>& before) {
  std::vector<bool> changed;
  for (const CompiledPolicy& policy : policies.all()) changed.push_back(speaks_of(policy, topic));
  return before->asks_any(changed) ? std::make_shared<const Side>(*before, policies, changed) : before;
}

}  // namespace

Plane::Plane(const Plane& before, ProfileTopic topic)
    : family(before.family),
      policies(before.policies, topic),
      ingress(with_other_rows(policies, topic, before.ingress)),
      egress(with_other_rows(policies, topic, before.egress)),
      own_nodes(before.own_nodes) {}

Reachability Reachability::Impl::other(ProfileTopic topic) const {
  const std::lock_guard lock(looking_for_others);
  if (const auto known = others.find(topic); known != others.end()) return known->second;
  AnalysisOptions other_options = options;
  other_options.profile = options.profile.flipped(topic);
  Reachability made = changes_rows_only(topic) ? share_most(topic, other_options)
                                               : *analyse_endpoints(snapshot, endpoints, other_options, {});
  return others.emplace(topic, std::move(made)).first->second;
}

Reachability Reachability::Impl::share_most(ProfileTopic topic, const AnalysisOptions& other_options) const {
  const std::lock_guard lock(*changing);
  auto impl = std::make_shared<Impl>();
  impl->snapshot = snapshot;
  impl->endpoints = endpoints;
  impl->options = other_options;
  impl->topics = topics;
  impl->counts = counts;
  impl->changing = changing;
  impl->make_planes([&](IpFamily family) { return Plane(plane(family), topic); });
  return Reachability(std::move(impl));
}

std::optional<Reachability> Reachability::Impl::other_at_hand(ProfileTopic topic) const {
  if (changes_rows_only(topic)) return other(topic);
  const std::lock_guard lock(looking_for_others);
  const auto known = others.find(topic);
  return known == others.end() ? std::nullopt : std::optional(known->second);
}

}  // namespace gantry::netpol

#pragma once

// What a Reachability holds: the endpoints, and for each family of addresses the policies and both sides of every flow.

#include "netpol/compiled_policies.h"
#include "netpol/own_nodes.h"
#include "netpol/reachability.h"
#include "netpol/side.h"

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace gantry::netpol {

struct Plane {
  kube::IpFamily family;
  CompiledPolicies policies;
  std::shared_ptr<const Side> ingress;
  std::shared_ptr<const Side> egress;
  std::shared_ptr<const OwnNodes> own_nodes;

  Plane(const kube::Snapshot& snapshot, const Endpoints& endpoints, const CompileOptions& options);
  // After a change of one NetworkPolicy.
  Plane(const Plane& before, const kube::Snapshot& after, const Endpoints& endpoints, const kube::ObjectId& changed);
  // Under the other answer to a topic that changes rows only.
  Plane(const Plane& before, ProfileTopic topic);
  const Side& side(kube::Direction direction) const {
    return direction == kube::Direction::ingress ? *ingress : *egress;
  }
};

struct Reachability::Impl {
  kube::Snapshot snapshot;
  std::shared_ptr<const Endpoints> endpoints;
  AnalysisOptions options;
  std::vector<ProfileTopic> topics;
  AnalysisCounts counts;

  // By family. Those of the endpoints are there from the start, another is made when somebody asks about it.
  struct LazyPlane {
    std::once_flag once;
    std::unique_ptr<const Plane> plane;
  };
  mutable std::array<LazyPlane, 2> planes;

  // Held while a change is looked at: what selectors mean is remembered in one place for all that came of one analysis.
  std::shared_ptr<std::mutex> changing = std::make_shared<std::mutex>();

  // The same under the other answer to one topic: made when it is first asked for, kept for whoever asks next.
  mutable std::mutex looking_for_others;
  mutable std::map<ProfileTopic, Reachability> others;

  const Plane& plane(kube::IpFamily family) const;
  Reachability other(ProfileTopic topic) const;
  Reachability share_most(ProfileTopic topic, const AnalysisOptions& other_options) const;
  // Only when it is there, or costs little to make.
  std::optional<Reachability> other_at_hand(ProfileTopic topic) const;
  // What does not depend on the family.
  const Plane& any_plane() const { return plane(endpoints->families().front()); }
  LazyPlane& lazy_plane(kube::IpFamily family) const {
    return planes.at(static_cast<std::size_t>(std::to_underlying(family)));
  }
  // Fills the planes of all families of the endpoints; before anybody else sees this.
  template <typename Make>
  void make_planes(const Make& make) {
    for (const kube::IpFamily family : endpoints->families()) {
      LazyPlane& lazy = lazy_plane(family);
      std::call_once(lazy.once, [&] { lazy.plane = std::make_unique<const Plane>(make(family)); });
    }
  }
};

// An analysis of endpoints that are told apart already. Errors: as analyse().
base::Result<Reachability> analyse_endpoints(const kube::Snapshot& snapshot, std::shared_ptr<const Endpoints> endpoints,
                                             const AnalysisOptions& options, const std::stop_token& stop);
// The last steps of every analysis: topics and counts.
void finish(Reachability::Impl& impl);
CompileOptions compile_options(const AnalysisOptions& options, const Profile& profile, kube::IpFamily family);
// One flow under another profile, without analysing the rest.
Access judge_alone(const Reachability::Impl& impl, const Flow& flow, const Profile& profile);

}  // namespace gantry::netpol

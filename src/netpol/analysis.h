#pragma once

// What a Reachability holds: the endpoints, and for each family of addresses the policies and both sides of every flow.

#include "netpol/compiled_policies.h"
#include "netpol/own_nodes.h"
#include "netpol/reachability.h"
#include "netpol/side.h"

#include <array>
#include <memory>
#include <mutex>
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

  const Plane& plane(kube::IpFamily family) const;
  // What does not depend on the family.
  const Plane& any_plane() const { return plane(endpoints->families().front()); }
  LazyPlane& lazy_plane(kube::IpFamily family) const {
    return planes.at(static_cast<std::size_t>(std::to_underlying(family)));
  }
};

// The last steps of every analysis: topics and counts.
void finish(Reachability::Impl& impl);
CompileOptions compile_options(const AnalysisOptions& options, const Profile& profile, kube::IpFamily family);
// One flow under another profile, without analysing the rest.
Access judge_alone(const Reachability::Impl& impl, const Flow& flow, const Profile& profile);

}  // namespace gantry::netpol

#pragma once

// What a Reachability holds: the endpoints, and for each family of addresses the policies and both sides of every flow.

#include "netpol/compiled_policies.h"
#include "netpol/own_nodes.h"
#include "netpol/reachability.h"
#include "netpol/side.h"

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace gantry::netpol {

struct Plane {
  kube::IpFamily family;
  CompiledPolicies policies;
  Side ingress;
  Side egress;
  OwnNodes own_nodes;

  Plane(const kube::Snapshot& snapshot, const Endpoints& endpoints, const CompileOptions& options);
  const Side& side(kube::Direction direction) const { return direction == kube::Direction::ingress ? ingress : egress; }
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

  // The same under one other answer each, made when somebody asks.
  struct Alternative {
    std::once_flag once;
    std::optional<Reachability> reach;
  };
  mutable std::vector<Alternative> alternatives;

  const Plane& plane(kube::IpFamily family) const;
  // What does not depend on the family.
  const Plane& any_plane() const { return plane(endpoints->families().front()); }
  const Reachability& alternative(std::size_t topic) const;
};

}  // namespace gantry::netpol

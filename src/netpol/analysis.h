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
  std::vector<std::unique_ptr<const Plane>> planes;  // one for each family of the endpoints
  std::vector<ProfileTopic> topics;
  AnalysisCounts counts;

  // The same under one other answer each, made when somebody asks.
  struct Alternative {
    std::once_flag once;
    std::optional<Reachability> reach;
  };
  mutable std::vector<Alternative> alternatives;

  // The first plane stands in for a family that the cluster does not have.
  const Plane& plane(kube::IpFamily family) const;
  const Reachability& alternative(std::size_t topic) const;
};

}  // namespace gantry::netpol

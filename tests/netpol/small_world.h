#pragma once

// Clusters as short text, for tests that look at few pods closely.

#include "kube/snapshot.h"
#include "netpol/netpol.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::netpol {

// Workloads as "shop/web:8080" (namespace, name, container port; the label app is the name), policies as YAML documents.
struct SmallWorld {
  std::vector<std::string> workloads;
  std::string policies;
};

// Fails the running test, and gives an empty one, when something cannot be read.
kube::Snapshot build(const SmallWorld& world);
Reachability analyse_or_fail(const kube::Snapshot& snapshot, const AnalysisOptions& options = {});

// "shop/web -> shop/db:5432" as a declared flow.
Needs declare(const kube::Snapshot& snapshot, const std::vector<std::string>& flows);

}  // namespace gantry::netpol

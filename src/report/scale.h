#pragma once

// What capacity found out, as text: a sizing with its arithmetic, a simulated autoscaler as answers, as a chart and step by step. As in
// report.h: pure, and no name from a manifest leaves the line it stands on.
//
// Machines get JSON with documented schemas (docs/formats/capacity.md) and OpenMetrics; people get the rest, which may change.

#include "base/finding.h"
#include "base/time.h"
#include "capacity/capacity.h"
#include "report/report.h"

#include <string>
#include <vector>

namespace gantry::report {

struct SimulatedScale {
  const capacity::PreparedSimulation& prepared;
  const capacity::Allowance& allowance;
  const capacity::Simulation& simulation;
  const std::vector<base::Finding>& findings;
};

std::string render_simulation(const SimulatedScale& scale, const RenderOptions& options);
std::string render_simulation_json(const SimulatedScale& scale);
// A picture that stands alone: what arrives against what is served, and replicas, over time.
std::string render_simulation_svg(const SimulatedScale& scale);
// Each step as samples in OpenMetrics text, named as kube-state-metrics names them where it has a name, for Prometheus to read
// (promtool tsdb create-blocks-from openmetrics). The first step is at `start`.
std::string render_simulation_openmetrics(const SimulatedScale& scale, base::Timestamp start);

struct SizedService {
  const capacity::SizingInput& input;
  const capacity::Sizing& sizing;
};

std::string render_sizing(const SizedService& sized, const RenderOptions& options);
std::string render_sizing_json(const SizedService& sized);

}  // namespace gantry::report

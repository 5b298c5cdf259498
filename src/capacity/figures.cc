#include "capacity/figures.h"

#include "kube/quantity.h"

#include <fmt/format.h>

#include <cmath>

namespace gantry::capacity {

std::string shown_cpu(double milli) {
  // Tenths of a millicore are noise of a measurement.
  const double whole = std::ceil(milli - 1e-6);
  return to_string(kube::Quantity::from_milli(static_cast<std::int64_t>(std::min(whole, 9e15))));
}

std::string shown_memory(double bytes) {
  constexpr double kMebi = 1024.0 * 1024;
  if (bytes < kMebi) return fmt::format("{:.0f}Ki", std::ceil(bytes / 1024 - 1e-9));
  return fmt::format("{:.0f}Mi", std::ceil(bytes / kMebi - 1e-9));
}

std::string describe_survival(std::int64_t needed, std::int64_t replicas, const Survival& survival) {
  const std::int64_t lost = survival.zones > 1 ? (replicas + survival.zones - 1) / survival.zones : 0;
  std::string text = fmt::format("of {}", replicas);
  if (survival.zones > 1) text += fmt::format(" ⌈{}/{}⌉ = {} go with a zone", replicas, survival.zones, lost);
  if (survival.absent > 0) text += fmt::format("{} {} may be away", survival.zones > 1 ? "," : "", survival.absent);
  return fmt::format("{}: {} are left, {} are needed", text, replicas - lost - survival.absent, needed);
}

std::string write_autoscaler(const SizingInput& input, const Sizing& sizing) {
  const Figure* target = sizing.find("hpa_target");
  const Figure* min = sizing.find("replicas_min");
  const Figure* max = sizing.find("replicas_max");
  if (!target || !min || !max) return "";
  std::string kind = "Deployment";
  std::string name = "NAME";
  std::string name_space = "NAMESPACE";
  if (input.workload && input.workload->workload) {
    kind = to_string(input.workload->workload->kind);
    name = input.workload->workload->name();
    name_space = input.workload->workload->name_space();
  }
  return fmt::format(
      "apiVersion: autoscaling/v2\n"
      "kind: HorizontalPodAutoscaler\n"
      "metadata: {{name: {1}, namespace: {2}}}\n"
      "spec:\n"
      "  scaleTargetRef: {{apiVersion: apps/v1, kind: {0}, name: {1}}}\n"
      "  minReplicas: {3:.0f}\n"
      "  maxReplicas: {4:.0f}\n"
      "  metrics:\n"
      "    - type: Resource\n"
      "      resource: {{name: cpu, target: {{type: Utilization, averageUtilization: {5:.0f}}}}}\n"
      "  behavior:\n"
      "    scaleUp:\n"
      "      stabilizationWindowSeconds: 0\n"
      "      policies: [{{type: Percent, value: 100, periodSeconds: 15}}, {{type: Pods, value: 4, periodSeconds: "
      "15}}]\n"
      "    scaleDown:\n"
      "      stabilizationWindowSeconds: 300\n",
      kind, name, name_space, min->value, max->value, target->value);
}

}  // namespace gantry::capacity

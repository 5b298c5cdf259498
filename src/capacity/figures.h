#pragma once

// How figures of a sizing are written. Private to capacity.

#include "capacity/sizing.h"

#include <cstdint>
#include <string>

namespace gantry::capacity {

std::string shown_cpu(double milli);     // "180m", "2", "1500m"
std::string shown_memory(double bytes);  // "256Mi", "1.5Gi" as "1536Mi"

// "6 replicas: 2 go with a zone, 1 is away, 3 are left"
std::string describe_survival(std::int64_t needed, std::int64_t replicas, const Survival& survival);

// The HorizontalPodAutoscaler that the figures make; "" without a CPU target.
std::string write_autoscaler(const SizingInput& input, const Sizing& sizing);

}  // namespace gantry::capacity

#pragma once

// What the kernel has counted of a process: how long it ran on processors.

#include <chrono>

namespace gantry::base {

enum class CpuOf {
  self,      // all threads of this process
  children,  // those that it started, that have ended and that it has waited for
};

// In user and kernel mode together, since the process began.
std::chrono::microseconds cpu_time(CpuOf whose);

}  // namespace gantry::base

#include "base/cpu_time.h"

#include <sys/resource.h>

namespace gantry::base {

std::chrono::microseconds cpu_time(CpuOf whose) {
  rusage usage{};
  ::getrusage(whose == CpuOf::self ? RUSAGE_SELF : RUSAGE_CHILDREN, &usage);
  return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

}  // namespace gantry::base

#include "base/cpu_time.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::base {
namespace {

// Until the kernel, which counts in ticks on some machines, has seen it.
void work_until_counted() {
  const auto before = cpu_time(CpuOf::self);
  while (cpu_time(CpuOf::self) == before) continue;
}

TEST(CpuTime, GrowsWithWork) {
  const auto before = cpu_time(CpuOf::self);
  work_until_counted();
  EXPECT_GT(cpu_time(CpuOf::self), before);
}

TEST(CpuTime, OfChildrenCountsThoseThatHaveEnded) {
  const auto before = cpu_time(CpuOf::children);
  const pid_t child = ::fork();
  if (child == 0) {
    work_until_counted();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_GT(cpu_time(CpuOf::children), before);
}

}  // namespace
}  // namespace gantry::base

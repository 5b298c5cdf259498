// Ctrl-C while a check runs: the check ends, what was found is kept, the store opens.

#include "cli/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::cli {
namespace {

using test::TempDir;

// Far longer than an interrupted run may take, and far shorter than the program that it interrupts.
constexpr std::chrono::seconds kEndsWithin{20};

// A plan whose check opens `started` and then sleeps for five minutes.
void write_sleeping_workspace(const TempDir& dir) {
  ASSERT_EQ(::mkfifo(dir.path("started").c_str(), 0600), 0);
  dir.write("runbook.md", "# Runbook\n\nCall the person on duty, then read the logs of the shop.\n");
  dir.write("plan.md",
            "# A plan\n\n### Track A: Tests\n1. The runbook is there\n2. The tests pass\n\n## Exit Criteria\n\n- [ ] "
            "The tests pass\n");
  dir.write("gantry.yaml",
            "bindings:\n"
            "  A.1: [{check: doc.exists, path: runbook.md}]\n"
            "  A.2: [{check: command, name: tests}]\n"
            "criteria:\n  1: [A.1, A.2]\n"
            "commands:\n"
            "  tests: {run: [sh, -c, \"echo now > started; exec sleep 300\"]}\n");
}

// Blocks until the check runs: the pipe has no writer before that.
void wait_until_started(const TempDir& dir) {
  const int fd = ::open(dir.path("started").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  pollfd started = {fd, POLLIN, 0};
  EXPECT_EQ(::poll(&started, 1, std::chrono::milliseconds(kEndsWithin).count()), 1) << "the check never started";
  ::close(fd);
}

class Interrupt : public testing::TestWithParam<int> {};

TEST_P(Interrupt, EndsTheRunAndKeepsTheStore) {
  const TempDir dir;
  write_sleeping_workspace(dir);
  RunningProgram program({"run", "plan.md"}, dir.path());
  wait_until_started(dir);
  program.signal(GetParam());
  EXPECT_TRUE(program.ends_within(kEndsWithin));
  const Ran ran = program.wait();
  EXPECT_EQ(ran.status, 130) << ran;
  EXPECT_EQ(ran.out, "") << ran;
  EXPECT_TRUE(ran.err.contains("interrupted")) << ran;

  const Ran after = gantry({"status", "plan.md", "--json"}, dir);
  EXPECT_EQ(after.status, 1) << after;
  EXPECT_TRUE(after.out.contains("\"passed\"")) << "what was found before the interrupt is kept\n" << after;
}

INSTANTIATE_TEST_SUITE_P(BySignal, Interrupt, testing::Values(SIGINT, SIGTERM),
                         [](const testing::TestParamInfo<int>& signal_number) {
                           return signal_number.param == SIGINT ? "CtrlC" : "Terminate";
                         });

}  // namespace
}  // namespace gantry::cli

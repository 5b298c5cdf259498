#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace gantry::cli {
namespace {

// The program's contract with scripts and CI.
TEST(ExitCode, OfDecisions) {
  EXPECT_EQ(exit_code(report::Decision::go), 0);
  EXPECT_EQ(exit_code(report::Decision::no_go), 1);
  EXPECT_EQ(exit_code(report::Decision::undecided), 3);
}

TEST(ExitCode, OfErrors) {
  EXPECT_EQ(exit_code(base::ErrorKind::usage), 2);
  EXPECT_EQ(exit_code(base::ErrorKind::input), 2);
  EXPECT_EQ(exit_code(base::ErrorKind::environment), 3);
  EXPECT_EQ(exit_code(base::ErrorKind::internal), 3);
}

}  // namespace
}  // namespace gantry::cli

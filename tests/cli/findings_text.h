#pragma once

// What a run found out, as lines that a person can review: the expected.txt of every workspace with a mistake.

#include "cli/program.h"

#include <gtest/gtest.h>

#include <string>

namespace gantry::cli {

// The exit status and the decision; the findings, "severity rule file:line object: message", those about the plan first, then under
// each step and check; then what stands between now and GO. Where no board was made, stderr.
std::string in_lines(const Ran& ran);

// Of a run of a few steps alone: each that did not pass, what the board says of it, and the first findings of each check, with the
// number of the others.
std::string steps_in_lines(const Ran& ran);

// "a-pod-…" -> "APod…", since the names of tests are identifiers.
std::string test_name(const testing::TestParamInfo<std::string>& workspace);

}  // namespace gantry::cli

#pragma once

// What a load test's figures say about its target, and what they do not: a threshold that nothing was measured for, a rate that the
// script set and not the target, a generator that was busy itself. Unknown never becomes pass.

#include "launch/check.h"
#include "launch/checks/load/expectation.h"
#include "launch/checks/load/measured.h"
#include "launch/checks/load/memory_watch.h"
#include "launch/checks/load/page.h"
#include "launch/checks/load/run_record.h"

#include <string>
#include <vector>

namespace gantry::launch {

struct LoadTest {
  std::string script;  // its path: the object of findings
  const load::RunOutcome& outcome;
  Measured measured;
  std::vector<Expectation> expectations;
  TargetRecord target = {};
  Place place = {};                      // where the target is; no host: whoever was there
  std::vector<std::string> others = {};  // "host:port" of whom the script may ask besides
  MemoryCurve memory = {};
};

// What was asked, as it was judged.
struct Judged {
  std::vector<AskedOf> thresholds;
  std::vector<AskedOf> expectations;
};

// Findings, metrics, summary and verdict: fail where the figures refute something, error where they leave something undecided and refute
// nothing, else pass.
Judged judge_load_test(const LoadTest& test, CheckOutcome& outcome);

}  // namespace gantry::launch

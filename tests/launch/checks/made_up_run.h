#pragma once

// The evidence of a load test, made up: 29,000 requests in a minute, p95 3.1 ms.

#include "launch/checks/check_run.h"
#include "launch/checks/load/run_record.h"

#include <functional>
#include <span>
#include <string>

namespace gantry::launch::test {

// A summary whose intervals have these values in ms at every percentile, and 400 requests each second, of which so many failed.
std::string summary_of(std::span<const double> latencies, int failed = 0);

// Evidence of the step B.2 of `script`, with its artifacts, which `evidence` keeps.
FoundEvidence::Found load_evidence(
    MadeUpEvidence& evidence, const std::string& script, const std::string& summary,
    const std::function<void(LoadRecord&)>& change = [](LoadRecord&) {});
// The one load test of a plan.
MadeUpEvidence one_load_test();

}  // namespace gantry::launch::test

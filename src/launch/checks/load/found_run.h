#pragma once

// The load test that another check of the plan is about.

#include "launch/check.h"
#include "launch/checks/load/baseline_text.h"

#include <optional>

namespace gantry::launch {

// The load.run of the plan whose evidence holds, of the block's `script` and `step` where it names them; noted as an input. Errors: input: there is
// none of those, or more than one.
base::Result<FoundEvidence::Found> find_load_evidence(CheckContext& context);
// What it measured. Errors: also those of reading its artifacts.
base::Result<MeasuredRun> find_run(CheckContext& context);
// An artifact of evidence, as JSON. Errors: input: it has none of that name.
base::Result<base::Node> read_json_artifact(const CheckContext& context, const base::Evidence& evidence,
                                            std::string_view name);

}  // namespace gantry::launch

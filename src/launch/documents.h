#pragma once

// What `--write` changes in the documents: a tick is a view of evidence, so ticks and ledger follow the board, and the entropy budget
// what it took to get there.

#include "base/result.h"
#include "launch/session.h"
#include "report/report.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::launch {

// Edits the plan in place, one atomic write, and only where something changes. Each of `retries`, failed checks that ran again after
// a change, takes gantry.yaml's retry_cost from the budget, as far as it reaches; a budget that is used up halts the plan.
// Gives one line for each change: "saas-phase7.md: criterion 2 ticked". Errors: environment (the plan cannot be written, or has
// changed since it was read).
base::Result<std::vector<std::string>> write_documents(const Session& session, const report::Board& board,
                                                       std::int64_t retries);

}  // namespace gantry::launch

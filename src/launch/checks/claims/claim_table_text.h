#pragma once

// Who reaches what, as a table of text: a row for each workload, a column for each port, a part for each destination.

#include "netpol/claims.h"

#include <string>

namespace gantry::launch {

std::string render(const netpol::ClaimTable& table);

}  // namespace gantry::launch

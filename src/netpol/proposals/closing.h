#pragma once

// Closing what nobody needs: rules, peers and ports that go, and policies that isolate who was not isolated.

#include "netpol/judgement.h"
#include "netpol/proposals/edits.h"

#include <vector>

namespace gantry::netpol {

// The fewest edits found that close the unneeded openings. Needs that relied on a part that goes have to be admitted again. An
// opening stays where closing it would cut a need of somebody whose other end is not in the input: nobody could verify that.
std::vector<TypedEdit> close_openings(const Reachability& reach, const Needs& needs, const Judgement& judgement);

}  // namespace gantry::netpol

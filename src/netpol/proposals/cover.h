#pragma once

// Weighted set cover: the cheapest candidates that together grant every demand. Exact for as many as people look at, greedy beyond.

#include "netpol/proposals/demands.h"

#include <cstddef>
#include <vector>

namespace gantry::netpol {

// Indices into the candidates. Demands that no candidate grants are left ungranted.
std::vector<std::size_t> cheapest_cover(const std::vector<Candidate>& candidates, std::size_t demand_count);

}  // namespace gantry::netpol

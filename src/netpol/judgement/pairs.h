#pragma once

// Verdicts on needs: the flows of each, decided.

#include "netpol/judgement.h"
#include "netpol/judgement/parties.h"

#include <vector>

namespace gantry::netpol {

// The need's flows between endpoints of both parties.
std::vector<JudgedNeed> judge_pairs(const Reachability& reach, const Parties& parties, const Needs& needs);
// Of each the topics of the profile on which it turns, whatever the way to the destination is.
void add_topics(const Reachability& reach, const Needs& needs, std::vector<JudgedNeed>& judged);
// The known side of needs whose other party is nobody of the input.
std::vector<OneSidedNeed> judge_one_sided(const Reachability& reach, const Parties& parties, const Needs& needs);

}  // namespace gantry::netpol

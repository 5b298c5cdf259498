#pragma once

// Judging a part of the system: what lies outside of it is left out, not admitted.

#include "netpol/judgement.h"
#include "netpol/judgement/openings.h"

#include <vector>

namespace gantry::netpol {

void narrow(std::vector<JudgedNeed>& needs, const NeedScope& scope);
void narrow(std::vector<OneSidedNeed>& needs, const NeedScope& scope);
void narrow(Openings& openings, const NeedScope& scope);

}  // namespace gantry::netpol

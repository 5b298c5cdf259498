#pragma once

// What verdicts on needs mean to people: one finding for what one edit would mend.

#include "netpol/judgement.h"
#include "netpol/judgement/openings.h"

#include <vector>

namespace gantry::netpol {

// net.blocked-need, net.wrong-port, net.half-open, net.undecided-need, and net.dns-missing where DNS is among the pods.
void report_pairs(const Reachability& reach, const Needs& needs, const std::vector<JudgedNeed>& judged,
                  std::vector<base::Finding>& findings);
// The same where one party is not in the input.
void report_one_sided(const Reachability& reach, const Needs& needs, const std::vector<OneSidedNeed>& judged,
                      std::vector<base::Finding>& findings);
// net.need-profile
void report_topics(const Reachability& reach, const Needs& needs, const std::vector<JudgedNeed>& judged,
                   std::vector<base::Finding>& findings);
// net.need-dangling
void report_dangling(const Reachability& reach, const Needs& needs, std::vector<base::Finding>& findings);
// net.unneeded-opening, net.open-to-all
void report_openings(const Reachability& reach, const Openings& openings, std::vector<base::Finding>& findings);

}  // namespace gantry::netpol

#include "netpol/judgement.h"

#include "netpol/judgement/findings.h"
#include "netpol/judgement/openings.h"
#include "netpol/judgement/pairs.h"
#include "netpol/judgement/parties.h"

namespace gantry::netpol {

Judgement judge_needs(const Reachability& reach, const Needs& needs) {
  const Parties parties(reach);
  Judgement judgement;
  judgement.needs = judge_pairs(reach, parties, needs);
  judgement.one_sided = judge_one_sided(reach, parties, needs);
  const Openings openings = find_openings(reach, parties, needs);
  judgement.openings = list_pairs(openings);

  report_pairs(reach, needs, judgement.needs, judgement.findings);
  report_one_sided(reach, needs, judgement.one_sided, judgement.findings);
  report_dangling(reach, needs, judgement.findings);
  report_openings(reach, openings, judgement.findings);
  base::sort_findings(judgement.findings);
  return judgement;
}

}  // namespace gantry::netpol

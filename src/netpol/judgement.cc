#include "netpol/judgement.h"

#include "netpol/judgement/findings.h"
#include "netpol/judgement/openings.h"
#include "netpol/judgement/pairs.h"
#include "netpol/judgement/parties.h"
#include "netpol/judgement/scope.h"

namespace gantry::netpol {

Judgement judge_needs(const Reachability& reach, const Needs& needs) { return judge_needs(reach, needs, NeedScope{}); }

Judgement judge_needs(const Reachability& reach, const Needs& all, const NeedScope& scope) {
  const Parties parties(reach);
  const Needs needs = select_needs(reach, all, scope);
  // From here on every need is in scope; of its pairs of classes, and of the openings, some may not be.
  Judgement judgement;
  judgement.needs = judge_pairs(reach, parties, needs);
  judgement.one_sided = judge_one_sided(reach, parties, needs);
  Openings openings = find_openings(reach, parties, all);
  narrow(judgement.needs, scope);
  narrow(judgement.one_sided, scope);
  narrow(openings, scope);
  if (scope.ask_every_topic) add_topics(reach, needs, judgement.needs);
  judgement.openings = list_pairs(openings);

  report_pairs(reach, needs, judgement.needs, judgement.findings);
  report_topics(reach, needs, judgement.needs, judgement.findings);
  report_one_sided(reach, needs, judgement.one_sided, judgement.findings);
  report_dangling(reach, needs, judgement.findings);
  report_openings(reach, openings, judgement.findings);
  base::sort_findings(judgement.findings);
  return judgement;
}

}  // namespace gantry::netpol

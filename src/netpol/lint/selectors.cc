// Selectors that select nobody, or not whom they should: what selector_problems.h found, rule by rule.

#include "netpol/lint/rules.h"
#include "netpol/lint/selector_problems.h"

namespace gantry::netpol::linting {

namespace {

void report_cause(const Context& context, SelectorCause cause, Report& report) {
  for (const SelectorProblem& problem : context.selector_problems) {
    if (problem.cause != cause) continue;
    // What is wrong with namespaces is the same mistake for all policies that ask for them.
    const bool shared = cause == SelectorCause::label_never_set || cause == SelectorCause::outside;
    const std::string mistake = shared ? problem.mistake : name_of(*problem.policy) + '\0' + problem.mistake;
    base::Finding& finding =
        report.add_shared(mistake, name_of(*problem.policy), problem.where, problem.message, problem.fix);
    if (problem.severity) finding.severity = *problem.severity;
  }
}

}  // namespace

void find_subjects_of_nobody(const Context& context, Report& report) {
  report_cause(context, SelectorCause::no_pod, report);
}
void find_peers_of_nobody(const Context& context, Report& report) {
  report_cause(context, SelectorCause::peer_is_nobody, report);
}
void find_alternatives(const Context& context, Report& report) {
  report_cause(context, SelectorCause::or_not_and, report);
}
void find_workload_labels(const Context& context, Report& report) {
  report_cause(context, SelectorCause::workload_labels, report);
}
void find_labels_never_set(const Context& context, Report& report) {
  report_cause(context, SelectorCause::label_never_set, report);
}
void find_wrong_namespaces(const Context& context, Report& report) {
  report_cause(context, SelectorCause::wrong_namespace, report);
}
void find_contradictions(const Context& context, Report& report) {
  report_cause(context, SelectorCause::unsatisfiable, report);
}
void find_job_labels(const Context& context, Report& report) {
  report_cause(context, SelectorCause::job_labels, report);
}
void find_leaked_labels(const Context& context, Report& report) {
  report_cause(context, SelectorCause::leaked_label, report);
}
void find_outside_namespaces(const Context& context, Report& report) {
  report_cause(context, SelectorCause::outside, report);
}

}  // namespace gantry::netpol::linting

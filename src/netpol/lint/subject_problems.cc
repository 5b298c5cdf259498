// Subjects that select nobody, or not whom they should.

#include "netpol/lint/diagnosis.h"
#include "netpol/lint/peer_text.h"

#include <fmt/format.h>

namespace gantry::netpol::linting {

using base::Node;
using base::Severity;
using kube::LabelSelector;
using kube::NetworkPolicy;
using kube::Requirement;

namespace {

SelectorProblem describe_nobody(const Diagnosis& diagnosis, const NetworkPolicy& policy) {
  const LabelSelector& selector = policy.pod_selector;
  const std::string own[] = {policy.name_space()};
  SelectorProblem problem{.cause = SelectorCause::no_pod, .policy = &policy};
  if (const std::string* other = diagnosis.find_only_other(policy.name_space(), selector)) {
    problem.cause = SelectorCause::wrong_namespace;
    problem.message = fmt::format("{} selects {}: no pod of {} has that, and pods of namespace {} have",
                                  name_of(policy), to_string(selector), policy.name_space(), *other);
    problem.fix = fmt::format("write `namespace: {}` in its metadata", *other);
    return problem;
  }
  if (diagnosis.index().in_namespace(policy.name_space()).empty()) {
    problem.severity = Severity::medium;
    problem.message = fmt::format("{} selects {}, and no manifest puts a pod in namespace {}", name_of(policy),
                                  to_string(selector), policy.name_space());
    problem.fix = "give the manifests of its pods as well, correct the namespace, or remove the policy";
    return problem;
  }
  problem.message =
      fmt::format("{} selects no pod: none in {} has {}", name_of(policy), policy.name_space(), to_string(selector));
  problem.fix = hinted_fix(selector, diagnosis.candidates(own), "correct podSelector, or remove the policy");
  return problem;
}

// The cause of a selection of nobody.
SelectorProblem find_cause(const Diagnosis& diagnosis, const NetworkPolicy& policy, const Node* node) {
  const LabelSelector& selector = policy.pod_selector;
  const std::string own[] = {policy.name_space()};
  const std::optional<LabelSelector> meant = diagnosis.without_leaked(policy, node, selector);
  if (meant && !diagnosis.index().select(policy.name_space(), *meant).empty()) {
    SelectorProblem problem{.cause = SelectorCause::leaked_label, .policy = &policy};
    problem.message = fmt::format(
        "labels of a kustomization have become part of podSelector of {}: {} would select pods, "
        "{} selects none",
        name_of(policy), to_string(*meant), to_string(selector));
    problem.fix =
        "list the labels under `labels` with includeSelectors: false, or keep policies in a kustomization of "
        "their own";
    return problem;
  }
  if (const kube::Workload* workload = diagnosis.find_labelled_workload(own, selector))
    return describe_labelled(policy, selector, *workload);
  return describe_nobody(diagnosis, policy);
}

}  // namespace

void diagnose_subject(const Diagnosis& diagnosis, const NetworkPolicy& policy, std::vector<SelectorProblem>& problems) {
  const LabelSelector& selector = policy.pod_selector;
  // An empty selector is meant for the pods of today and tomorrow: that there is none yet is no mistake.
  if (selector.selects_everything()) return;
  const Node* node = policy.object.document ? policy.object.document->find("spec", "podSelector") : nullptr;
  const auto add = [&](SelectorProblem problem, const base::SourcePos& where) {
    problem.where = where;
    problem.mistake = problem.message;
    problems.push_back(std::move(problem));
  };
  if (const std::optional<Contradiction> contradiction = find_contradiction(selector)) {
    SelectorProblem problem{.cause = SelectorCause::unsatisfiable, .policy = &policy};
    problem.message =
        fmt::format("podSelector of {} can match no pod at all: {}", name_of(policy), contradiction->text);
    problem.fix = "remove one of the two requirements";
    return add(std::move(problem), place_of(node, contradiction->second, policy.pod_selector_where));
  }
  const std::string own[] = {policy.name_space()};
  if (const Requirement* generated = diagnosis.find_generated(own, selector))
    return add(describe_generated(policy, *generated), place_of(node, *generated, policy.pod_selector_where));
  if (!diagnosis.index().select(policy.name_space(), selector).empty()) return;
  if (diagnosis.index().groups().empty() || diagnosis.reported_by_rendering(node)) return;
  add(find_cause(diagnosis, policy, node), policy.pod_selector_where);
}

}  // namespace gantry::netpol::linting

#include "launch/checks/system/rules.h"

#include <algorithm>
#include <utility>

namespace gantry::launch {

using base::Rule;
using base::Severity;

namespace {

// Marks in brackets: the lint catalogue of the network policy reference (§15), the disruption reference (§11).
constexpr Rule kRules[] = {
    // ---- Drains; what one rehearsal finds has its rules in disruption/catalogue
    {"drain.quorum-course", Severity::critical,
     "Drains and what comes together with them may happen in any order: in this one the group takes no writes."},
    {"drain.sampled", Severity::low, "What was not tried is not known; what was tried held."},
    {"drain.stuck-course", Severity::critical,
     "Drains may meet the group in this state, and then an upgrade waits for ever."},
    {"drain.timed-out", Severity::high, "kubectl gives up after --timeout and leaves the node half empty."},

    // ---- Rendering, applying
    {"manifests.disagree", Severity::high,
     "One object comes from two places that differ, so what the cluster ends up with depends on which was applied last "
     "(network policy reference, §10; disruption T2 and T6)."},
    {"manifests.immutable", Severity::high,
     "The API server refuses the change while everything else that is applied still lands; selectors and claim "
     "templates "
     "have the labels that kustomize's commonLabels adds [T3, T4]."},
    {"manifests.missing", Severity::high, "Nothing can be applied from a path that is not there."},
    {"manifests.not-applied", Severity::high,
     "Everything else was judged from the manifests; a cluster that holds something else is not what was judged."},
    {"manifests.rejected", Severity::high,
     "The API server would refuse this object while the others still land, so the cluster ends up with a part of "
     "them."},
    {"manifests.unreadable", Severity::high,
     "What cannot be rendered cannot be applied, and nothing about it is proved."},
    {"manifests.warned", Severity::low, "The API server accepts the object and says that something about it is wrong."},

    // ---- Reachability
    {"net.cluster-closes", Severity::high, "What the manifests admit, and the launch counts on, is refused there."},
    {"net.cluster-opens", Severity::high, "Whatever was proved of the manifests, the cluster lets this pass."},
    {"net.cluster-unclear", Severity::medium,
     "One of the two depends on what neither says, so nobody can tell whether they differ."},
    {"net.ignored-in-vain", Severity::info, "An exception that nobody needs any more hides the next mistake."},
    {"net.labels-differ", Severity::high,
     "Policies choose by labels: with others, the same policy means somebody else."},
    {"net.not-applied", Severity::high,
     "Everything else was judged with this policy; in the cluster nothing of it holds."},
    {"net.not-compared", Severity::info, "Who reaches pods that are not there cannot be compared."},
    {"net.not-in-manifests", Severity::high,
     "Everything else was judged without this policy; in the cluster it isolates, and admits, besides the others."},
    {"net.policy-differs", Severity::high,
     "Everything else was judged with the text of the manifests; the cluster goes by another."},
    {"net.no-policy", Severity::high, "Without a policy every pod of the namespace is open to everybody."},

    // ---- Budgets
    {"pdb.allows-too-few", Severity::high,
     "A drain that takes so many pods at once waits, and one with a time limit fails."},
    {"pdb.blocks-forever", Severity::high,
     "The budget admits no eviction even with every pod healthy: each drain of a node with one of these pods waits for "
     "ever [B1]."},
    {"pdb.claims-too-much", Severity::low,
     "A budget limits evictions: rollouts, deletes and the loss of a node do not ask it [B17]."},
    {"pdb.missing", Severity::medium, "Without a budget, a drain may take every pod of the workload at once [B10]."},
    {"pdb.none", Severity::high, "Without a budget, a drain may take every pod of a workload at once [B10]."},
    {"pdb.overlap", Severity::high,
     "The eviction API answers 500 for a pod that two budgets select, so no drain can ever move it [B6]."},
    {"pdb.protects-nothing", Severity::medium,
     "A budget that admits the eviction of the only pod protects nothing [B3]."},
    {"pdb.quorum-not-covered", Severity::high,
     "Evictions that the budget admits leave fewer voters than a majority: writes stop (disruption reference, §9.2)."},
    {"pdb.quorum-unhealthy", Severity::medium,
     "A member that is catching up is not ready; AlwaysAllow lets it be evicted while the quorum hangs on it [B12]."},
    {"pdb.selects-none-running", Severity::high,
     "Labels of running pods change with a rollout, a budget's selector at once: until then it guards nobody [T3]."},
    {"pdb.selects-nothing", Severity::high,
     "The budget protects nobody, and the workload that it was meant for has none [B4]."},
    {"pdb.selects-several", Severity::medium,
     "Pods of one workload lend their share of the budget to the other: all of one may go while the other stays [B5]."},
    {"pdb.sync-fails", Severity::high,
     "The disruption controller cannot count what these pods should be and fails safe: it admits no eviction, for ever "
     "[B8]."},

    // ---- NetworkPolicies
    {"policy.dead-rules", Severity::high, "Rules of a direction that policyTypes leaves out do nothing [NP006]."},
    {"policy.namespace-label-missing", Severity::high,
     "The rule admits nobody, or the wrong ones once somebody sets the label [NP016]."},
    {"policy.namespace-unknown", Severity::medium,
     "The rule admits nobody until a namespace of that name exists [NP044]."},
    {"policy.no-default-deny", Severity::medium,
     "A pod that no policy selects is open to everybody, also the next one that is added [NP024]."},
    {"policy.peer-matches-nothing", Severity::medium, "The rule admits nobody [NP002]."},
    {"policy.peers-empty", Severity::high,
     "A list of peers that is null or empty means everybody, inside the cluster and outside [NP004]."},
    {"policy.port-undeclared", Severity::high,
     "A port name is looked up on the destination; where no container declares it, the rule opens nothing [NP010]."},
    {"policy.port-undeclared-partly", Severity::medium,
     "A port name is looked up on each destination; on those that do not declare it, the rule opens nothing [NP010]."},
    {"policy.selects-everything-of-nothing", Severity::low, "The policy waits for pods: its namespace has none."},
    {"policy.selects-nothing", Severity::high, "The pods that the policy was meant for are not policed by it [NP001]."},
    {"policy.service-port", Severity::high,
     "Policies see the container's port, not the Service's: this rule opens a port on which nobody listens [NP009]."},

    // ---- References
    {"ref.backend-missing", Severity::high, "Requests for the route are answered with an error."},
    {"ref.backend-port-missing", Severity::high, "Requests for the route are answered with an error."},
    {"ref.budget-selects-nothing", Severity::high, "The budget protects nobody [B4]."},
    {"ref.claim-missing", Severity::high, "The pod stays Pending until the claim exists."},
    {"ref.class-unknown", Severity::info, "It has to be in the cluster already: no manifest makes it."},
    {"ref.configmap-key-missing", Severity::high, "The container does not start without the key."},
    {"ref.configmap-missing", Severity::high, "The container does not start without the ConfigMap."},
    {"ref.namespace-missing", Severity::high, "The API server refuses objects of a namespace that does not exist."},
    {"ref.optional-missing", Severity::info, "The container starts without it."},
    {"ref.pull-secret-missing", Severity::medium, "Images of a private registry cannot be pulled."},
    {"ref.role-missing", Severity::high, "A binding to a role that does not exist grants nothing."},
    {"ref.scale-target-missing", Severity::high, "The autoscaler scales nothing."},
    {"ref.secret-key-missing", Severity::high, "The container does not start without the key."},
    {"ref.secret-missing", Severity::high, "The container does not start without the Secret."},
    {"ref.service-account-missing", Severity::high, "The API server refuses pods whose ServiceAccount does not exist."},
    {"ref.service-port-undeclared", Severity::high,
     "A Service leads to no port of a pod that does not declare the name of its targetPort."},
    {"ref.service-port-undeclared-partly", Severity::medium,
     "A Service leads to no port of a pod that does not declare the name of its targetPort."},
    {"ref.service-selects-nothing", Severity::high, "The Service has no endpoint: connections to it fail."},
    {"ref.stateful-service", Severity::high,
     "Members of a StatefulSet get their names in DNS from this Service [W11]."},
    {"ref.subject-missing", Severity::medium, "The rights are granted to nobody."},
};

static_assert(std::ranges::is_sorted(kRules, {}, [](const Rule& rule) { return rule.id.substr(0, rule.id.find('.')); }),
              "rules of one area stand together");

}  // namespace

std::span<const base::Rule> manifest_rules() { return kRules; }

base::Finding make_finding(std::string_view rule, std::string object, base::SourcePos where, std::string message,
                           std::string fix) {
  return base::make_finding(base::find_rule(kRules, rule), std::move(object), std::move(where), std::move(message),
                            std::move(fix));
}

}  // namespace gantry::launch

// The catalogue of lints, and how it is gone through.

#include "netpol/lint.h"

#include "netpol/lint/context.h"
#include "netpol/lint/needs_view.h"
#include "netpol/lint/rules.h"
#include "netpol/lint/selector_problems.h"

#include <array>

namespace gantry::netpol {

using base::Severity;
using linting::Context;
using linting::Report;

namespace {

// E of the reference is high, and critical where it opens or breaks something as soon as it is applied; W is medium, I low.
struct Row {
  LintRule rule;
  void (*run)(const Context& context, Report& report);
};

using namespace linting;  // the functions of the table, and nothing else in this file

constexpr Row kRows[] = {
    {{"NP001", Severity::high, "Policy selects no pod",
      "The pods that it was written for stay as they are without it: open, or without what it should admit."},
     find_subjects_of_nobody},
    {{"NP002", Severity::medium, "Peer selects nothing",
      "The rule looks as if it admitted somebody and admits nobody; whoever was meant is refused."},
     find_peers_of_nobody},
    {{"NP003", Severity::critical, "OR instead of AND",
      "Each element of the list admits by itself. With a dash too many a rule for some pods of a namespace admits all "
      "of "
      "them."},
     find_alternatives},
    {{"NP004", Severity::critical, "Empty peer list",
      "A key without a value is as good as no key: the rule holds for every pod, node and address there is."},
     find_empty_peers},
    {{"NP005", Severity::critical, "Egress isolation without DNS",
      "Every connection by name fails from the first moment, and what is logged are timeouts."},
     find_missing_dns},
    {{"NP006", Severity::high, "policyTypes omits a direction that has rules",
      "Rules of a direction that is not listed are read and ignored; the pods stay open in that direction unless "
      "another "
      "policy isolates them."},
     find_dead_rules},
    {{"NP007", Severity::medium, "Missing policyTypes with egress rules",
      "Without policyTypes a policy always isolates ingress, whether or not it has a word about it."},
     find_missing_types},
    {{"NP008", Severity::medium, "Empty egress list without policyTypes",
      "The API server adds Egress to the types only when there is an egress rule: pods can still send everywhere."},
     find_egress_without_type},
    {{"NP009", Severity::high, "Service port instead of container port",
      "Traffic to a Service arrives at the container's port. The port that the rule names is one on which nobody "
      "listens, and the real one stays closed."},
     find_service_ports},
    {{"NP010", Severity::high, "Named port that nobody declares",
      "A name is looked up among the ports of the destination's containers; where it is not found the rule admits "
      "nothing."},
     find_undeclared_names},
    {{"NP011", Severity::high, "Protocol defaulted to TCP",
      "A port without a protocol is a TCP port. The datagrams that were meant are dropped."},
     find_defaulted_protocols},
    {{"NP012", Severity::medium, "Address range inside the cluster",
      "Some network plugins never match pods by address, and none sees a Service's address reliably; addresses change "
      "with every restart."},
     find_cluster_blocks},
    {{"NP013", Severity::medium, "0.0.0.0/0 without exceptions",
      "It holds every pod, every node and the cloud's metadata service, which hands out credentials, besides the "
      "Internet that was meant."},
     find_unbounded_blocks},
    {{"NP014", Severity::medium, "\"Anywhere\" in IPv4 only",
      "0.0.0.0/0 holds no IPv6 address. Clients and servers that prefer IPv6 are refused, which looks like an outage "
      "of "
      "some."},
     find_single_family_blocks},
    {{"NP015", Severity::high, "Labels of the workload, not of its pods",
      "Policies select pods by the labels of the pod template. Labels of the Deployment itself are on no pod."},
     find_workload_labels},
    {{"NP016", Severity::high, "Namespace label that is never set",
      "No namespace has it, so the rule admits nobody, until somebody sets it on a namespace of their own."},
     find_labels_never_set},
    {{"NP017", Severity::medium, "Trust in a namespace label that others can set",
      "The label decides who reaches a sensitive port, and more people may label namespaces than may reach it."},
     find_settable_labels},
    {{"NP018", Severity::medium, "Trust in a pod label alone, across namespaces",
      "Whoever may create a pod anywhere in the cluster may give it the label, and is then admitted."},
     find_forgeable_labels},
    {{"NP019", Severity::medium, "Policy in the wrong namespace",
      "A policy holds for pods of its own namespace only. Where it is, it protects nothing; where it is meant to be, "
      "it "
      "is missing."},
     find_wrong_namespaces},
    {{"NP020", Severity::low, "Redundant policy or rule",
      "It changes nothing today. Who reads it believes that it does, and who removes the other one opens or closes "
      "more "
      "than expected."},
     find_redundant},
    {{"NP021", Severity::low, "Selector that nothing can match", "No labels meet both requirements."},
     find_contradictions},
    {{"NP022", Severity::high, "Object given twice",
      "Which of the two counts depends on the order in which files are applied."},
     restate_duplicates},
    {{"NP023", Severity::medium, "Unprotected pods",
      "Without a policy a pod takes connections from, or makes them to, everybody; its neighbours are protected, so it "
      "was probably forgotten."},
     find_unprotected_pods},
    {{"NP024", Severity::medium, "No default deny",
      "A pod that somebody adds tomorrow is open until somebody thinks of a policy for it."},
     find_missing_default_deny},
    {{"NP025", Severity::low, "Allow-all makes other policies moot",
      "Policies only add up: what the others allow in detail is allowed already."},
     find_moot_policies},
    {{"NP026", Severity::critical, "Monitoring blocked",
      "The target looks down, or is missing from every graph and alert on launch day."},
     find_blocked_scrapes},
    {{"NP027", Severity::critical, "Ingress controller blocked",
      "Users get 502 or 504 for every request that the route is about."},
     find_blocked_ingress_controllers},
    {{"NP028", Severity::critical, "Webhook or API service blocked",
      "The API server waits for the answer: objects cannot be created or changed, or go unchecked. It calls from a "
      "node's "
      "address, which only an ipBlock means."},
     find_blocked_webhooks},
    {{"NP029", Severity::critical, "API server out of reach",
      "The API server is behind addresses of nodes; no selector means them."},
     find_blocked_api_server},
    {{"NP030", Severity::medium, "Pod on the host network",
      "The verdict is not defined: most plugins let such a pod pass as its node, which no selector means and no policy "
      "stops."},
     find_host_network},
    {{"NP031", Severity::medium, "Clustered pods cannot talk to each other",
      "The members of the ensemble cannot form a cluster, elect a leader or replicate; often each of them looks "
      "ready."},
     find_separated_peers},
    {{"NP032", Severity::medium, "Job's pods missed",
      "The pods of a run do not have the labels that the rule asks for, so the run fails when it is due."},
     find_job_labels},
    {{"NP033", Severity::low, "Wrong kubernetes.io/metadata.name",
      "The API server overwrites it with the namespace's name: whoever selects the written value selects nothing."},
     restate_name_labels},
    {{"NP034", Severity::high, "Overlay broke a selector or reference",
      "The base was right; what is applied is the rendering, and there the policy means something else."},
     restate_renderings},
    {{"NP035", Severity::medium, "Equal priorities with different actions",
      "Which of the two rules decides is not defined, and may change with a restart of the plugin."},
     find_equal_priorities},
    {{"NP036", Severity::medium, "Every address denied before rules about pods",
      "Pods have addresses too: traffic between pods is cut before a rule or NetworkPolicy that allows it is asked."},
     find_denied_networks},
    {{"NP037", Severity::low, "Pass where nothing follows", "What it passes would have left the tier anyway."},
     find_useless_passes},
    {{"NP038", Severity::high, "Refused by the API server",
      "The verdicts are those of a cluster without it: a default deny beside it holds, and what it should allow is "
      "closed."},
     restate_rejections},
    {{"NP039", Severity::medium, "Unknown field in a policy",
      "A selector that is dropped for its spelling makes the rule wider: it then means everybody."},
     restate_unknown_fields},
    {{"NP040", Severity::medium, "Exposed Service without a policy to match",
      "A door to the outside either leads nowhere, or is open to everybody without anybody having said so."},
     find_exposed_services},
    {{"NP041", Severity::low, "More ports than needed",
      "Ports that nobody uses are open for what will listen there one day: a debugger, an admin page, a shell."},
     find_wide_ports},
    {{"NP042", Severity::medium, "Depends on the network plugin", "What holds here may not hold in the cluster."},
     find_plugin_features},
    {{"NP043", Severity::medium, "Label that is no text",
      "YAML reads it as a number or boolean; the API server takes only texts, and refuses the object."},
     find_label_types},
    {{"NP044", Severity::medium, "Namespace outside the manifests",
      "Whether the rule admits whom it should cannot be checked before the launch: an inventory of the namespaces and "
      "their labels would tell."},
     find_outside_namespaces},
};

constexpr std::size_t kCount = std::size(kRows);
static_assert(kCount == 44);

constexpr std::array<LintRule, kCount> kRules = [] {
  std::array<LintRule, kCount> rules;
  for (std::size_t i = 0; i < kCount; ++i) rules[i] = kRows[i].rule;
  return rules;
}();

}  // namespace

std::span<const LintRule> lint_rules() { return kRules; }

std::vector<base::Finding> lint(const Reachability& reach, const Needs& needs) {
  const kube::Snapshot& snapshot = reach.snapshot();
  const Index index(snapshot);
  const std::vector<SelectorProblem> selectors = diagnose_selectors(snapshot, index);
  const std::vector<BlockedNeed> none;
  const std::vector<BlockedNeed> blocked = find_blocked_needs({reach, needs, snapshot, index, selectors, none});
  const Context context{reach, needs, snapshot, index, selectors, blocked};
  std::vector<base::Finding> findings;
  for (std::size_t i = 0; i < kCount; ++i) {
    Report report(kRules[i], findings);
    kRows[i].run(context, report);
  }
  base::sort_findings(findings);
  return findings;
}

}  // namespace gantry::netpol

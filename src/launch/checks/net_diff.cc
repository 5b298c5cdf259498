// net.diff: is what the cluster goes by what the manifests say? Which policies are in one and not in the other, which have another
// text, which labels that policies choose by are others; and what all of it together opens and closes for the pods that run. Only
// a cluster can tell: without --context nobody has looked.

#include "kube/kubectl.h"
#include "kube/sources.h"
#include "launch/checks/checks.h"
#include "launch/checks/drift/applied_world.h"
#include "launch/checks/flows/ignored.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"
#include "launch/checks/system/plugin.h"
#include "launch/checks/system/rules.h"
#include "netpol/diff.h"
#include "report/net.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace gantry::launch {

using base::Finding;
using base::Result;
using kube::Snapshot;
using netpol::FlowChange;

namespace {

constexpr Field kIgnoreField{kIgnoreKey, FieldKind::any, Need::optional,
                             "policies of the cluster that others answer for: a list of {policy: KIND NAMESPACE/NAME, "
                             "reason: WHY}"};
constexpr Field kPolicyField{"policy", FieldKind::text, Need::required,
                             "KIND NAMESPACE/NAME, as findings call it: NetworkPolicy shop/mesh"};
constexpr std::array kFields = {kIgnoreField, kProfileField, kDiffersField};

Result<std::vector<Ignored>> read_policies_to_ignore(const base::Node& block) {
  return read_ignored(block, kPolicyField, IgnoreForm::subject_alone);
}

Result<void> validate(const base::Node& block) {
  TRY(read_policies_to_ignore(block));
  return validate_plugin(block);
}

// ---- What is compared

Result<Snapshot> read_cluster(CheckContext& context) {
  kube::LoadOptions options;
  options.snapshot.documents = kube::SnapshotOptions::Documents::without_live_pods;
  options.kubectl = context.kubectl;
  options.stop = context.stop;
  return base::with_context(kube::load_snapshot(context.files, {kube::Source::cluster(context.kube_context)}, options),
                            fmt::format("while reading cluster {}", context.kube_context));
}

struct Sides {
  Snapshot cluster;
  Snapshot manifests;
  ManifestScope scope;
  std::string cluster_name;  // "cluster prod"
};

// ---- Texts

Finding policy_finding(const PolicyPair& pair, const Sides& sides, const base::SourcePos& block) {
  if (!pair.in_cluster) {
    const kube::Object& written = *pair.in_manifests;
    const bool is_rejected = written.admission == kube::Admission::rejected;
    return make_finding("net.not-applied", to_string(written.id), written.pos(),
                        fmt::format("{} is in the manifests, and not in {}", to_string(written.id), sides.cluster_name),
                        is_rejected ? "mend it first: the API server refuses it as it is" : "apply it");
  }
  const std::string name = to_string(pair.in_cluster->id);
  if (!pair.in_manifests)
    return make_finding(
        "net.not-in-manifests", name, block,
        fmt::format("{} is in {}, and not in the manifests", name, sides.cluster_name),
        "write it into the manifests, remove it from the cluster, or name it in \"ignore\" with a reason");
  return make_finding(
      "net.policy-differs", name, pair.in_manifests->pos(),
      fmt::format("{} in {} is not as it is written: {} differs", name, sides.cluster_name, *pair.difference),
      "apply it again, or write down what the cluster has");
}

std::size_t report_policies(const Sides& sides, const base::SourcePos& block, std::vector<Finding>& findings) {
  std::size_t same = 0;
  for (const PolicyPair& pair : pair_policies(sides.cluster, sides.manifests, sides.scope)) {
    if (pair.in_cluster && pair.in_manifests && !pair.difference) {
      ++same;
    } else {
      findings.push_back(policy_finding(pair, sides, block));
    }
  }
  return same;
}

void report_labels(const Sides& sides, std::vector<Finding>& findings) {
  for (const LabelDifference& each : find_label_differences(sides.cluster, sides.manifests)) {
    const std::string name = to_string(each.object->id);
    const std::string has =
        each.in_cluster ? fmt::format("{}={}", each.key, *each.in_cluster) : fmt::format("no label {}", each.key);
    findings.push_back(make_finding("net.labels-differ", name, each.object->pos(),
                                    fmt::format("{} is written with {}={}, and has {} in {}", name, each.key,
                                                each.in_manifests, has, sides.cluster_name),
                                    "apply it again, or write down what the cluster has"));
  }
}

void report_absent(const Sides& sides, std::vector<Finding>& findings) {
  for (const kube::Workload* each : find_absent_workloads(sides.cluster, sides.manifests)) {
    const std::string name = to_string(each->object.id);
    findings.push_back(make_finding("net.not-compared", name, each->object.pos(),
                                    fmt::format("{} is not in {}", name, sides.cluster_name),
                                    "apply it, then compare again"));
  }
}

// ---- Flows

// `opened` and `closed` are said of the way from the cluster to the manifests.
struct FlowText {
  std::string_view rule;
  std::string_view text;  // cluster, sources, destination, ports
  std::string_view fix;
};
constexpr std::array<FlowText, 3> kFlowTexts = {{
    {"net.cluster-closes", "{0} does not let {1} reach {2} on {3}, and the manifests do",
     "apply the policies that admit it"},
    {"net.cluster-opens", "{0} lets {1} reach {2} on {3}, and the manifests do not",
     "apply the policies that keep it out, and remove what opens it"},
    {"net.cluster-unclear", "nobody can say whether {1} reaches {2} on {3} as the manifests say in {0}",
     "say it with labels rather than with addresses"},
}};
static_assert(kFlowTexts.size() == static_cast<std::size_t>(FlowChange::Kind::perhaps) + 1);

std::string list_names(std::vector<std::string> names) {
  constexpr std::size_t kNamesMax = 5;
  std::ranges::sort(names);
  const std::size_t others = names.size() > kNamesMax ? names.size() - kNamesMax : 0;
  names.resize(names.size() - others);
  return fmt::format("{}{}", fmt::join(names, ", "), others > 0 ? fmt::format(" and {} others", others) : "");
}

bool is_range(const std::string& name) { return kube::Cidr::parse(name).has_value(); }

// From pods and addresses to pods; and from pods to addresses.
enum class Way : std::uint8_t { in, out };

// One finding for whatever changes for one pod in the same way.
struct FlowKey {
  FlowChange::Kind kind;
  Way way;
  std::string pods;
  friend auto operator<=>(const FlowKey&, const FlowKey&) = default;
};
struct FlowGroup {
  std::vector<std::string> others;
  netpol::PortSet ports;
  std::vector<netpol::RulePlace> rules;
};

std::map<FlowKey, FlowGroup> group_flows(const std::vector<FlowChange>& changes) {
  // A pod reaches itself there, whatever the policies say.
  constexpr std::array<std::string_view, 2> kLoopback = {"127.0.0.0/8", "::1/128"};
  std::map<FlowKey, FlowGroup> groups;
  for (const FlowChange& change : changes) {
    const Way way = is_range(change.destination) ? Way::out : Way::in;
    const std::string& pods = way == Way::in ? change.destination : change.source;
    const std::string& other = way == Way::in ? change.source : change.destination;
    if (std::ranges::find(kLoopback, other) != kLoopback.end()) continue;
    FlowGroup& group = groups[{change.kind, way, pods}];
    group.others.push_back(other);
    group.ports = group.ports.united(change.ports);
    for (const netpol::RulePlace& rule : change.because)
      if (std::ranges::find(group.rules, rule) == group.rules.end()) group.rules.push_back(rule);
  }
  return groups;
}

Finding flow_finding(const FlowKey& key, const FlowGroup& group, const Sides& sides, const base::SourcePos& block) {
  const FlowText& text = kFlowTexts.at(static_cast<std::size_t>(key.kind));
  const std::string others = list_names(group.others);
  const auto& [sources, destinations] = key.way == Way::in ? std::tie(others, key.pods) : std::tie(key.pods, others);
  Finding finding = make_finding(
      text.rule, key.pods, block,
      fmt::format(fmt::runtime(text.text), sides.cluster_name, sources, destinations, to_string(group.ports)),
      std::string(text.fix));
  for (const netpol::RulePlace& rule : group.rules) {
    const std::string note = fmt::format("admitted by {}", to_string(rule));
    if (key.kind == FlowChange::Kind::opened) {
      finding.related.push_back({rule.where, note});
      if (finding.where == block) finding.where = rule.where;
    } else {
      finding.explanation += fmt::format(" In the cluster it is {}.", note);  // which stands in no file
    }
  }
  return finding;
}

void report_flows(const netpol::PolicyDiff& diff, const Sides& sides, const base::SourcePos& block,
                  std::vector<Finding>& findings) {
  for (const auto& [key, group] : group_flows(diff.changes)) findings.push_back(flow_finding(key, group, sides, block));
}

// ---- The check

// Without a policy on the manifests' side nothing is compared, and nothing is what a pass would be worth.
Result<void> check_something_is_written(const Sides& sides, const base::SourcePos& block) {
  if (!sides.manifests->network_policies.empty() || !sides.manifests->admin_policies.empty()) return {};
  return base::input_error("the manifests have no policy to compare the cluster with", block,
                           "write policies, the first of them one that denies by default");
}

void report_ignored_in_vain(const std::vector<Ignored>& others, const Snapshot& cluster,
                            std::vector<Finding>& findings) {
  std::set<std::string> names;
  for (const kube::NetworkPolicy& policy : cluster->network_policies) names.insert(to_string(policy.object.id));
  for (const kube::AdminPolicy& policy : cluster->admin_policies) names.insert(to_string(policy.object.id));
  for (const Ignored& ignored : others)
    if (!names.contains(ignored.what)) findings.push_back(ignored_in_vain(ignored));
}

std::vector<base::Metric> metrics_of(const netpol::PolicyDiff& diff, std::size_t same_count,
                                     const std::vector<Finding>& findings) {
  const auto flows = [&](FlowChange::Kind kind) {
    return static_cast<double>(std::ranges::count(diff.changes, kind, &FlowChange::kind));
  };
  const auto found = [&](std::string_view rule) {
    return static_cast<double>(std::ranges::count(findings, rule, &Finding::rule));
  };
  return {{"policies_same_count", static_cast<double>(same_count)},
          {"policies_not_applied_count", found("net.not-applied")},
          {"policies_not_in_manifests_count", found("net.not-in-manifests")},
          {"policies_differing_count", found("net.policy-differs")},
          {"flows_only_in_cluster_count", flows(FlowChange::Kind::closed)},
          {"flows_only_in_manifests_count", flows(FlowChange::Kind::opened)},
          {"flows_unclear_count", flows(FlowChange::Kind::perhaps)}};
}

void keep_unclear_undecided(CheckOutcome& outcome) {
  const auto unclear = std::ranges::find(outcome.findings, "net.cluster-unclear", &Finding::rule);
  if (outcome.verdict != base::Verdict::pass || unclear == outcome.findings.end()) return;
  outcome.verdict = base::Verdict::error;
  outcome.summary = unclear->message;
}

Result<CheckOutcome> run(CheckContext& context) {
  LoadedManifests loaded = TRY(load_world(context));
  if (loaded.problem) return fail_by(*std::move(loaded.problem));
  Sides sides{.cluster = TRY(read_cluster(context)),
              .manifests = loaded.snapshot(),
              .scope = find_scope(loaded.snapshot()),
              .cluster_name = "cluster " + context.kube_context};
  const std::vector<Ignored> others = TRY(read_policies_to_ignore(context.block));
  for (const Ignored& ignored : others) sides.scope.ignored.insert(ignored.what);
  TRY(check_something_is_written(sides, context.where()));
  // From here on both sides have the same pods: those that run.
  const Snapshot as_written = with_manifests(sides.cluster, sides.manifests, sides.scope);
  netpol::AnalysisOptions options;
  options.profile = TRY(read_plugin(context));
  const netpol::PolicyDiff diff = TRY(netpol::compare(sides.cluster, as_written, options));

  CheckOutcome outcome;
  outcome.evidence_class = base::EvidenceClass::live_read;
  const std::size_t same_count = report_policies(sides, context.where(), outcome.findings);
  report_labels(sides, outcome.findings);
  report_flows(diff, sides, context.where(), outcome.findings);
  report_absent(sides, outcome.findings);
  report_ignored_in_vain(others, sides.cluster, outcome.findings);
  outcome.metrics = metrics_of(diff, same_count, outcome.findings);
  outcome.summary =
      fmt::format("{} in {} as written, and no flow opens or closes",
                  same_count == 1 ? "1 policy" : fmt::format("{} policies", same_count), sides.cluster_name);
  outcome.artifacts.push_back(
      {.name = "net-diff.json", .media_type = "application/json", .content = report::render_policy_diff_json(diff)});
  conclude(outcome);
  keep_unclear_undecided(outcome);
  return outcome;
}

}  // namespace

const CheckType kNetDiff = {.name = "net.diff",
                            .summary = "the cluster goes by the policies that the manifests say",
                            .fields = kFields,
                            .version = 1,
                            .run = run,
                            .missing_engine = {},
                            .cluster = ClusterUse::required,
                            .validate = validate};

}  // namespace gantry::launch

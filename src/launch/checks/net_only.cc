// net.only, top to bottom: read the claim, find in the system what it is about, decide every flow, then look from each side at
// what must not be: pods that get in, addresses that get in, those who might later, and those who must and do not.

#include "launch/checks/checks.h"
#include "launch/checks/reach/claim.h"
#include "launch/checks/reach/judge.h"
#include "launch/checks/reach/other_policies.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"

#include <fmt/format.h>

#include <array>
#include <set>

namespace gantry::launch {

using base::Finding;
using base::Result;

namespace {

constexpr std::array kFields = {
    Field{"destination", FieldKind::any, Need::required,
          "the pods that may be reached: {namespace: NAME, pods: {LABEL: VALUE}}"},
    Field{"ports", FieldKind::any, Need::required,
          "container ports: numbers or names, with /UDP or /SCTP behind where it is not TCP"},
    Field{"sources", FieldKind::any, Need::required,
          "everyone who may reach them: {namespaces: {LABEL: VALUE}, pods: {LABEL: VALUE}} or {cidr: RANGE}"},
    Field{"needed", FieldKind::any, Need::optional, "everyone who must reach them, in the same form"},
    Field{"pod_ranges", FieldKind::any, Need::optional, "the ranges that pods get their addresses from"},
};

struct Reaching {
  std::set<std::string> open;
  std::set<std::string> all;
};

Reaching count_reaching(const ClaimView& view) {
  Reaching reaching;
  for (std::size_t source = 0; source < view.reach.classes().size(); ++source) {
    const std::string owner = view.reach.classes()[source].owner_name();
    for (std::size_t i = 0; i < view.targets.size(); ++i) {
      if (FlowTable::is_loopback(view.reach, view.targets[i], source)) continue;
      reaching.all.insert(owner);
      if (view.flows.at(i, source) != Access::no) reaching.open.insert(owner);
    }
  }
  return reaching;
}

std::string describe_targets(const ClaimView& view) {
  std::set<std::string> destinations;
  std::set<FlowPort> ports;
  for (const Target& target : view.targets) {
    destinations.insert(view.destination(target).owner_name());
    ports.insert(target.port);
  }
  const std::string others = destinations.size() > 1 ? fmt::format(" and {} more", destinations.size() - 1) : "";
  return fmt::format("{} of {}{}", join_ports({ports.begin(), ports.end()}), *destinations.begin(), others);
}

void describe(const ClaimView& view, const NeededCounts& needed, CheckOutcome& outcome) {
  const Reaching reaching = count_reaching(view);
  outcome.summary = fmt::format("{}: {} of {} reach it, all among the sources", describe_targets(view),
                                reaching.open.size(), count_of(reaching.all.size(), "workload"));
  if (!view.claim.needed.empty()) outcome.summary += fmt::format("; {} open", count_of(needed.open, "needed flow"));
  outcome.metrics = {{"workloads_reaching_count", static_cast<double>(reaching.open.size())},
                     {"workloads_count", static_cast<double>(reaching.all.size())},
                     {"flows_decided_count", static_cast<double>(view.flows.size())},
                     {"needed_flows_open_count", static_cast<double>(needed.open)},
                     {"needed_flows_blocked_count", static_cast<double>(needed.blocked)}};
  outcome.artifacts.push_back({.name = "matrix.txt", .media_type = "text/plain", .content = render_matrix(view)});
}

// What is not known never becomes a pass: without anything that fails, the claim is undecided (launch reference, §8).
void keep_unknown_undecided(CheckOutcome& outcome) {
  if (outcome.verdict != base::Verdict::pass) return;
  const auto unknown = std::ranges::find_if(outcome.findings, [](const Finding& finding) {
    return finding.rule == "net.only-depends" || finding.rule == "net.needed-depends";
  });
  if (unknown == outcome.findings.end()) return;
  outcome.verdict = base::Verdict::error;
  outcome.summary = unknown->message;
}

Result<CheckOutcome> run(CheckContext& context) {
  const Claim claim = TRY(parse_claim(context.block));
  LoadedManifests loaded = TRY(load_world(context));
  if (loaded.problem) return fail_by(*std::move(loaded.problem));
  const kube::Snapshot& system = loaded.snapshot();
  TRY(refuse_admin_policies(system));

  const std::vector<PodClass> classes = collect_pod_classes(system);
  const Reachability reach(system, classes, claim.pod_ranges);
  // From here on everything that the claim names is there, and ports are numbers.
  const std::vector<Target> targets = TRY(find_targets(claim, reach));
  const FlowTable flows = TRY(FlowTable::compute(claim, reach, targets));
  const ClaimView view{.claim = claim, .reach = reach, .targets = targets, .flows = flows};

  CheckOutcome outcome;
  judge_pods(view, outcome.findings);
  judge_addresses(view, outcome.findings);
  TRY(judge_strangers(view, outcome.findings));
  const NeededCounts needed = judge_needed(view, outcome.findings);
  report_other_policies(system, outcome.findings);
  report_rejected_policies(system, outcome.findings);

  describe(view, needed, outcome);
  conclude(outcome);
  keep_unknown_undecided(outcome);
  return outcome;
}

}  // namespace

const CheckType kNetOnly = {.name = "net.only",
                            .summary = "nobody but the named sources reaches the ports, and those who must do",
                            .fields = kFields,
                            .version = 1,
                            .run = run,
                            .missing_engine = {}};

}  // namespace gantry::launch

#include "launch/checks/claims/claim_check.h"

#include "launch/checks/claims/claim_table_text.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"
#include "launch/checks/system/plugin.h"
#include "netpol/policy_sets.h"
#include "netpol/reachability.h"
#include "report/net.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

namespace gantry::launch {

using base::Finding;
using base::Result;
using netpol::ClaimVerdict;

namespace {

std::vector<base::Metric> metrics_of(const netpol::ClaimResult& result) {
  return {{"workloads_reaching_count", static_cast<double>(result.workloads_reaching)},
          {"workloads_count", static_cast<double>(result.workloads)},
          {"flows_decided_count", static_cast<double>(result.flows_decided)},
          {"needed_flows_open_count", static_cast<double>(result.needed_open)},
          {"needed_flows_blocked_count", static_cast<double>(result.needed_blocked)}};
}

// What is not known never becomes a pass: without anything that fails, the claim is undecided (launch reference, §8).
void keep_unknown_undecided(ClaimVerdict verdict, CheckOutcome& outcome) {
  if (outcome.verdict != base::Verdict::pass || verdict != ClaimVerdict::depends) return;
  outcome.verdict = base::Verdict::error;
  const auto unknown =
      std::ranges::find_if(outcome.findings, [](const Finding& finding) { return finding.rule.ends_with("-depends"); });
  if (unknown != outcome.findings.end()) outcome.summary = unknown->message;
}

// The verdict, with what it leaves out of the policies that it was asked about.
void tell(netpol::ClaimResult result, const std::vector<kube::Snapshot>& asked, CheckOutcome& outcome) {
  outcome.summary = std::move(result.summary);
  outcome.findings = std::move(result.findings);
  for (const kube::Snapshot& each : asked)
    std::ranges::move(netpol::report_unjudged(each), std::back_inserter(outcome.findings));
  conclude(outcome);
  keep_unknown_undecided(result.verdict, outcome);
}

}  // namespace

Result<CheckOutcome> run_claim(CheckContext& context, netpol::ClaimKind kind) {
  const netpol::Claim claim = TRY(netpol::parse_claim(context.block, kind));
  LoadedManifests loaded = TRY(load_world(context));
  if (loaded.problem) return fail_by(*std::move(loaded.problem));
  netpol::AnalysisOptions options;
  options.profile = TRY(read_plugin(context));
  add_to(options.endpoints, {claim});
  const netpol::Reachability reach = TRY(netpol::analyse(loaded.snapshot(), options, context.stop));
  netpol::ClaimResult result = TRY(netpol::judge_claim(reach, claim));

  CheckOutcome outcome;
  const auto table = TRY(netpol::tabulate(reach, claim));
  outcome.artifacts.push_back({.name = "matrix.txt", .media_type = "text/plain", .content = render(table)});
  outcome.metrics = metrics_of(result);
  tell(std::move(result), {loaded.snapshot()}, outcome);
  return outcome;
}

Result<CheckOutcome> run_sets(CheckContext& context, netpol::ClaimKind kind) {
  const netpol::Claim claim = TRY(netpol::parse_claim(context.block, kind));
  LoadedManifests system = TRY(load_world(context));
  LoadedManifests policies = claim.policies.empty() ? system : TRY(load_path(context, claim.policies, claim.where));
  LoadedManifests others = TRY(load_path(context, claim.others, claim.where));
  for (LoadedManifests* each : {&system, &policies, &others})
    if (each->problem) return fail_by(*std::move(each->problem));
  netpol::AnalysisOptions options;
  options.profile = TRY(read_plugin(context));
  add_to(options.endpoints, {claim});
  const netpol::PolicySets sets{
      .system = system.snapshot(), .policies = policies.snapshot(), .others = others.snapshot()};
  netpol::ClaimResult result = TRY(netpol::judge_sets(sets, claim, options, context.stop));

  CheckOutcome outcome;
  outcome.metrics = {{"workloads_count", static_cast<double>(result.workloads)},
                     {"flows_decided_count", static_cast<double>(result.flows_decided)}};
  const report::JudgedClaim judged{.claim = claim, .result = result};
  outcome.artifacts.push_back({.name = "net-check.json",
                               .media_type = "application/json",
                               .content = report::render_claims_json(std::span(&judged, 1))});
  tell(std::move(result), {policies.snapshot(), others.snapshot()}, outcome);
  return outcome;
}

}  // namespace gantry::launch

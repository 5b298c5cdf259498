// Judging a claim, top to bottom: find in the system what it is about; then look from each side at what must not be: those who are
// there and get in, those who must and do not, those who could come.

#include "netpol/claims.h"

#include "netpol/claim_judge.h"
#include "netpol/claim_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace gantry::netpol {

using base::Result;

namespace {

std::string count_of(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string describe_targets(const ClaimView& view) {
  std::set<std::string> owners;
  PortSet ports;
  for (const Target& target : view.scope.targets) {
    owners.insert(view.owner(target.endpoint));
    ports = ports.united(target.ports);
  }
  const std::string others = owners.size() > 1 ? fmt::format(" and {} more", owners.size() - 1) : "";
  return fmt::format("{} of {}{}", to_string(ports), *owners.begin(), others);
}

std::string describe_proof(const ClaimView& view, const ClaimResult& result) {
  const std::string targets = describe_targets(view);
  switch (view.claim.kind) {
    case ClaimKind::only: {
      std::string text = fmt::format("{}: {} of {} reach it, all among the sources", targets, result.workloads_reaching,
                                     count_of(result.workloads, "workload"));
      if (!view.claim.needed.empty()) text += fmt::format("; {} open", count_of(result.needed_open, "needed flow"));
      return text;
    }
    case ClaimKind::never: return fmt::format("{}: none of the sources reaches it", targets);
    case ClaimKind::must:
      return fmt::format("{}: every source reaches it, {} open", targets, count_of(result.needed_open, "flow"));
    case ClaimKind::isolated:
      return view.side() == kube::Direction::egress
                 ? fmt::format("{} reaches nobody", describe_targets(view).substr(targets.find(" of ") + 4))
                 : fmt::format("{}: nobody reaches it", targets);
    case ClaimKind::equal:
    case ClaimKind::contained: break;  // policy_sets.cc
  }
  return targets;
}

ClaimVerdict verdict_on_who_is_there(const ClaimView& view) {
  const ClaimVerdict blocked = verdict_on_blocked(view);
  if (view.claim.kind == ClaimKind::must || blocked == ClaimVerdict::refuted) return blocked;
  const ClaimVerdict openings = verdict_on_openings(view);
  return openings == ClaimVerdict::proved ? blocked : openings;
}

// The verdict, and the topics on which it turns. Only of those who are there: with a stranger, the same rules are in
// question.
void judge_profiles(const ClaimView& view, ClaimDraft& draft) {
  const ClaimVerdict verdict = verdict_on_who_is_there(view);
  draft.refuted = verdict == ClaimVerdict::refuted;
  draft.depends = verdict == ClaimVerdict::depends;
  for (const ProfileTopic topic : view.reach.topics()) {
    const Reachability other = view.reach.with_profile(view.reach.options().profile.flipped(topic));
    const Result<ClaimScope> scope = resolve(view.claim, other);
    if (scope && verdict_on_who_is_there({.claim = view.claim, .reach = other, .scope = *scope}) == verdict) continue;
    draft.add_topic(topic, view.claim);
  }
}

}  // namespace

std::string_view to_string(ClaimVerdict verdict) {
  constexpr std::array<std::string_view, 3> kNames = {"proved", "refuted", "depends"};
  return kNames.at(static_cast<std::size_t>(verdict));
}

void add_to(EndpointOptions& options, const std::vector<Claim>& claims) {
  for (const Claim& claim : claims) {
    options.pod_ranges.insert(options.pod_ranges.end(), claim.pod_ranges.begin(), claim.pod_ranges.end());
    for (const auto* parties : {&claim.destinations, &claim.sources, &claim.needed})
      for (const Party& party : *parties) {
        if (party.range) options.ranges.push_back(*party.range);
        if (party.pods) options.pod_selectors.push_back(*party.pods);
        if (party.namespaces) options.namespace_selectors.push_back(*party.namespaces);
      }
  }
}

Result<ClaimResult> judge_claim(const Reachability& reach, const Claim& claim) {
  if (is_about_sets(claim.kind)) return base::internal_error("a claim about policy sets was judged as one of parties");
  const ClaimScope scope = TRY(resolve(claim, reach));
  // From here on everything that the claim names is there, and ports are numbers.
  const ClaimView view{.claim = claim, .reach = reach, .scope = scope};
  ClaimDraft draft;
  // First, since explanations of what is found below ask each flow under the same other profiles.
  judge_profiles(view, draft);
  if (claim.kind != ClaimKind::must) judge_openings(view, draft);
  judge_blocked(view, draft);
  for (const Concern concern : concerns_of(claim)) TRY(judge_strangers(view, concern, draft));
  TRY(judge_newcomers(view, draft));

  const ClaimVerdict verdict = draft.verdict();
  ClaimResult result = std::move(draft.result);
  result.verdict = verdict;
  result.workloads = count_workloads(reach);
  base::sort_findings(result.findings);
  const bool is_proved = result.verdict == ClaimVerdict::proved;
  result.summary =
      is_proved || result.findings.empty() ? describe_proof(view, result) : result.findings.front().message;
  return result;
}

}  // namespace gantry::netpol

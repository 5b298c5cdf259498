// The rules of findings about claims: how bad each is, and why it matters. Ids are stable, since waivers and reports name them.

#include "base/rule.h"
#include "netpol/claim_judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gantry::netpol {

using base::Rule;
using base::Severity;

namespace {

constexpr std::string_view kOpenWorld =
    "The claim holds for the pods that the manifests have. Whoever may create such a namespace or pod gets in later, "
    "without a "
    "change to any policy (network policy reference, §16).";
constexpr std::string_view kUnknownReach =
    "What manifests do not say decides whether it is reached, so the claim is not proved.";
constexpr std::string_view kHostNetwork =
    "Policies overlook pods on the host network in most clusters, and a pod is always reached from its own node "
    "(network "
    "policy reference, §7).";
constexpr std::string_view kBlocked =
    "Something that must work will not: isolated from everybody is no proof of a rule for somebody.";
constexpr std::string_view kUnknownWork = "What manifests do not say decides whether it works, so it is not proved.";

constexpr std::string_view kStopped =
    "The claim holds for the pods that the manifests have. A pod to come that it speaks of would be stopped.";

constexpr std::string_view kUnknownSets =
    "What manifests do not say decides whether both policy sets allow it, so the claim is not proved.";
constexpr std::string_view kOpenSets =
    "For the pods that the manifests have the claim holds. For one that somebody could create the two policy sets "
    "differ (network "
    "policy reference, §16).";

constexpr Rule kRules[] = {
    {"claim-profile", Severity::info,
     "Network plugins differ here (network policy reference, §18): with another one the claim is judged otherwise."},
    {"contained-depends", Severity::medium, kUnknownSets},
    {"contained-open-world", Severity::medium, kOpenSets},
    {"contained-violated", Severity::high,
     "The claim says that this policy set opens nothing that the other does not."},
    {"equal-depends", Severity::medium, kUnknownSets},
    {"equal-open-world", Severity::medium, kOpenSets},
    {"equal-violated", Severity::high, "The claim says that both policy sets allow the same flows."},
    {"isolated-depends", Severity::medium, kUnknownReach},
    {"isolated-host-network", Severity::medium, kHostNetwork},
    {"isolated-open-world", Severity::medium, kOpenWorld},
    {"isolated-violated", Severity::high, "The claim says that nobody passes here."},
    {"must-blocked", Severity::high, kBlocked},
    {"must-depends", Severity::medium, kUnknownWork},
    {"must-open-world", Severity::medium, kStopped},
    {"needed-blocked", Severity::high, kBlocked},
    {"needed-depends", Severity::medium, kUnknownWork},
    {"needed-open-world", Severity::medium, kStopped},
    {"never-depends", Severity::medium, kUnknownReach},
    {"never-host-network", Severity::medium, kHostNetwork},
    {"never-open-world", Severity::medium, kOpenWorld},
    {"never-violated", Severity::high, "The claim says that these never reach this port."},
    {"only-depends", Severity::medium, kUnknownReach},
    {"only-host-network", Severity::medium, kHostNetwork},
    {"only-open-world", Severity::medium, kOpenWorld},
    {"only-violated", Severity::high, "The claim says that nobody else may reach this port."},
};
static_assert(std::ranges::is_sorted(kRules, {}, &Rule::id));

// Names that one explanation lists; a table has all of them.
constexpr std::size_t kNamesMax = 12;

}  // namespace

base::Finding make_claim_finding(std::string_view rule, std::string object, base::SourcePos where, std::string message,
                                 std::string fix) {
  base::Finding finding = base::make_finding(base::find_rule(kRules, rule), std::move(object), std::move(where),
                                             std::move(message), std::move(fix));
  finding.rule = fmt::format("net.{}", rule);
  return finding;
}

std::string rule_of(ClaimKind kind, std::string_view what) { return fmt::format("{}-{}", to_string(kind), what); }

std::string rule_of(const Claim& claim, Concern concern, std::string_view what) {
  const bool is_needed = concern == Concern::needs && claim.kind != ClaimKind::must;
  return is_needed ? fmt::format("needed-{}", what) : rule_of(claim.kind, what);
}

std::vector<Concern> concerns_of(const Claim& claim) {
  if (claim.kind == ClaimKind::must) return {Concern::needs};
  if (claim.needed.empty()) return {Concern::openings};
  return {Concern::openings, Concern::needs};
}

std::string list_names(const std::set<std::string>& names) {
  std::vector<std::string_view> listed(names.begin(), names.end());
  const bool more = listed.size() > kNamesMax;
  if (more) listed.resize(kNamesMax);
  return fmt::format("{}{}", fmt::join(listed, ", "), more ? " and others" : "");
}

std::string name_policies(const std::vector<RulePlace>& places) {
  std::set<std::string> names;
  for (const RulePlace& place : places) names.insert(to_string(place.policy));
  return fmt::format("{}", fmt::join(names, ", "));
}

// As many as owner_name() tells apart, without putting the names of thousands together.
std::size_t count_workloads(const Reachability& reach) {
  std::vector<bool> is_counted(reach.snapshot()->workloads.size(), false);
  std::set<std::string> others;
  for (std::uint32_t i = 0; i < reach.endpoints().pod_class_count(); ++i) {
    const Endpoint& endpoint = reach.endpoints()[EndpointId(i)];
    if (endpoint.kind != Endpoint::Kind::pods) continue;
    if (endpoint.workload) {
      is_counted[*endpoint.workload] = true;
    } else {
      others.insert(owner_name(EndpointId(i), reach));
    }
  }
  return static_cast<std::size_t>(std::ranges::count(is_counted, true)) + others.size();
}

ClaimVerdict ClaimDraft::verdict() const {
  if (refuted) return ClaimVerdict::refuted;
  return depends ? ClaimVerdict::depends : ClaimVerdict::proved;
}

void ClaimDraft::add_topic(ProfileTopic topic, const Claim& claim) {
  result.depends_on.push_back(topic);
  result.findings.push_back(make_claim_finding(
      "claim-profile", to_string(claim), claim.where,
      fmt::format("the verdict depends on the network plugin ({}): {}", to_string(topic), describe(topic)),
      "find out what the cluster's plugin does, and choose the profile"));
}

void ClaimDraft::add(Counterexample counterexample) {
  if (result.counterexamples.size() < kCounterexamplesMax) result.counterexamples.push_back(std::move(counterexample));
}

}  // namespace gantry::netpol

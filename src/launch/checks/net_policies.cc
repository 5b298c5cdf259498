// net.policies: the inventory of NetworkPolicies, the machine's `kubectl describe networkpolicy`: which pods each policy selects,
// whom its rules mean, and which namespaces are still open.

#include "base/text.h"
#include "launch/checks/checks.h"
#include "launch/checks/references/references.h"
#include "launch/checks/system/describe_policies.h"
#include "launch/checks/system/fields.h"
#include "launch/checks/system/loading.h"
#include "launch/checks/system/outcome.h"
#include "launch/checks/system/rules.h"
#include "netpol/reachability.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace gantry::launch {

using base::Finding;
using base::Result;
using kube::NetworkPolicy;

namespace {

constexpr std::array kFields = {kNamespaceField, kPathField, kRawField, kRecursiveField, kIntoField};

// Descriptions of all policies of a large system are a book nobody reads.
constexpr std::size_t kTextBytesMax = 4U << 20;

using Policies = std::vector<const NetworkPolicy*>;

Policies policies_in_scope(const kube::Snapshot& judged, std::string_view name_space) {
  Policies policies;
  for (const NetworkPolicy& policy : judged->network_policies)
    if (name_space.empty() || policy.name_space() == name_space) policies.push_back(&policy);
  return policies;
}

// A policy that selects every pod of its namespace for ingress: whoever comes later is isolated too (NP024).
bool denies_by_default(const NetworkPolicy& policy) {
  return policy.isolates_ingress && policy.pod_selector.selects_everything();
}

void judge_default_deny(const World& world, const std::set<std::string>& namespaces, std::vector<Finding>& findings) {
  for (const std::string& name : namespaces) {
    if (World::is_given_namespace(name) || in_namespace(world.pods(), name).empty()) continue;
    const auto policies = kube::in_namespace(world.snapshot()->network_policies, name);
    if (std::ranges::any_of(policies, denies_by_default)) continue;
    const kube::Namespace* known = world.snapshot().find_namespace(name);
    findings.push_back(
        make_finding("policy.no-default-deny", fmt::format("Namespace {}", name),
                     known && known->defined ? known->object.pos() : base::SourcePos{},
                     fmt::format("namespace {} has pods, and no policy that isolates the ingress of every pod", name),
                     "add a NetworkPolicy with an empty podSelector and policyTypes [Ingress]"));
  }
}

std::set<std::string> namespaces_in_scope(const CheckContext& context, const World& world, const Policies& policies) {
  if (const std::string name = context.text("namespace"); !name.empty()) return {name};
  std::set<std::string> names;
  for (const NetworkPolicy* policy : policies) names.insert(policy->name_space());
  // A path is only about its own namespaces; the whole system is about all that have pods.
  if (!context.block.get("path"))
    for (const PodClass& pods : world.pods()) names.insert(pods.name_space());
  return names;
}

Finding no_policy(const World& world, const CheckContext& context) {
  const std::string name = context.text("namespace");
  const std::string where = name.empty() ? "the manifests" : fmt::format("namespace {}", name);
  std::vector<std::string_view> known;
  for (const NetworkPolicy& policy : world.snapshot()->network_policies) known.push_back(policy.name_space());
  const bool is_known = name.empty() || world.snapshot().find_namespace(name);
  return make_finding("net.no-policy", name.empty() ? "" : fmt::format("Namespace {}", name), context.where(),
                      fmt::format("there is no NetworkPolicy in {}", where),
                      is_known ? "add policies, the first of them one that denies by default"
                               : nearest_fix(name, known, "name a namespace that is there"));
}

void describe(const World& world, const Policies& policies, const std::set<std::string>& namespaces,
              CheckOutcome& outcome) {
  std::string text;
  std::size_t selected = 0;
  for (const NetworkPolicy* policy : policies) {
    selected += select(in_namespace(world.pods(), policy->name_space()), policy->pod_selector).empty() ? 0U : 1U;
    if (text.size() > kTextBytesMax) continue;
    text += (text.empty() ? "" : "\n") + describe_policy(world.snapshot(), world.pods(), *policy);
  }
  outcome.summary = fmt::format("{} in {}, each selects pods",
                                policies.size() == 1 ? "1 policy" : fmt::format("{} policies", policies.size()),
                                count_of(namespaces.size(), "namespace"));
  outcome.metrics = {{"policies_count", static_cast<double>(policies.size())},
                     {"policies_selecting_pods_count", static_cast<double>(selected)},
                     {"namespaces_count", static_cast<double>(namespaces.size())}};
  outcome.artifacts.push_back({.name = "policies.txt", .media_type = "text/plain", .content = std::move(text)});
}

Result<CheckOutcome> run(CheckContext& context) {
  LoadedManifests judged = TRY(load_block(context));
  if (judged.problem) return fail_by(*std::move(judged.problem));
  LoadedManifests system = TRY(load_world(context));
  if (system.problem) return fail_by(*std::move(system.problem));
  const World world(TRY(join_snapshots(system.snapshot(), judged.snapshot())));
  const Policies policies = policies_in_scope(judged.snapshot(), context.text("namespace"));
  if (policies.empty()) return fail_by(no_policy(world, context));

  CheckOutcome outcome;
  for (const NetworkPolicy* policy : policies) judge_policy_selectors(world, *policy, outcome.findings);
  const std::set<std::string> namespaces = namespaces_in_scope(context, world, policies);
  judge_default_deny(world, namespaces, outcome.findings);
  std::ranges::move(netpol::report_unjudged(world.snapshot()), std::back_inserter(outcome.findings));
  describe(world, policies, namespaces, outcome);
  conclude(outcome);
  return outcome;
}

}  // namespace

const CheckType kNetPolicies = {.name = "net.policies",
                                .summary = "each policy selects pods, and each peer means somebody",
                                .fields = kFields,
                                .version = 2,
                                .run = run,
                                .missing_engine = {}};

}  // namespace gantry::launch

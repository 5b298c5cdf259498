// Policies and rules that could go without a change (NP020).
//
// First what holds in every world: a rule whose subject, peers and ports lie within those of another. Then, for what is left,
// what holds among the pods that are here: each of its peers has each of its ports by other rules anyway. Both stop at the first
// thing that only this rule opens, which for most rules is the first that is looked at.

#include "netpol/lint/containment.h"
#include "netpol/lint/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gantry::netpol::linting {

using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPeer;
using kube::PolicyRule;

namespace {

// Rules of one namespace and direction that are compared with each other: more are generated ones.
constexpr std::size_t kRulesMax = 400;
// Pods of a rule that are looked at one by one; wider rules are not judged in the closed world.
constexpr std::size_t kGroupsMax = 64;

struct RuleSite {
  const NetworkPolicy* policy;
  const PolicyRule* rule;
  std::size_t index;
};

// What makes a rule or policy redundant; empty text: nothing does.
using Reasons = std::map<const PolicyRule*, std::string>;

bool opens_everything(const PolicyRule& rule) { return rule.peers.empty() && rule.ports.empty(); }

class NamespaceSearch {
 public:
  NamespaceSearch(const Context& context, std::span<const NetworkPolicy* const> policies, Report& report)
      : context_(context), policies_(policies), report_(report) {}

  void run() {
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
      collect(direction);
      for (const RuleSite& site : rules_)
        if (std::string reason = find_reason(site, direction); !reason.empty()) reasons_.emplace(site.rule, reason);
    }
    for (const NetworkPolicy* policy : policies_.first(std::min(policies_.size(), kRulesMax))) report_policy(*policy);
  }

 private:
  void collect(Direction direction) {
    rules_.clear();
    for (const NetworkPolicy* policy : policies_) {
      if (!policy->isolates(direction)) continue;
      const std::vector<PolicyRule>& rules = policy->rules(direction);
      for (std::size_t i = 0; i < rules.size() && rules_.size() < kRulesMax; ++i)
        rules_.push_back({policy, &rules[i], i});
    }
  }

  std::string find_reason(const RuleSite& site, Direction direction) const {
    for (const RuleSite& other : rules_) {
      if (other.rule == site.rule || reasons_.contains(other.rule) || opens_everything(*other.rule)) continue;
      if (!contains(other.policy->pod_selector, site.policy->pod_selector)) continue;
      if (contains(*other.rule, *site.rule))
        return fmt::format("{} allows all that it allows",
                           other.policy == site.policy ? "another rule of it" : name_of(*other.policy));
    }
    return is_covered(site, direction) ? "each of the pods that it admits today is admitted by other rules" : "";
  }

  // ---- The closed world
  bool is_covered(const RuleSite& site, Direction direction) const {
    const std::vector<GroupId>& subjects = context_.index.selected_by(*site.policy);
    if (subjects.empty() || subjects.size() > kGroupsMax || site.rule->peers.empty()) return false;
    for (const PolicyPeer& peer : site.rule->peers) {
      const std::vector<GroupId>& sources = context_.index.select(*site.policy, peer);
      if (peer.ip_block || sources.empty() || sources.size() > kGroupsMax) return false;
      for (const GroupId subject : subjects)
        for (const GroupId source : sources)
          if (!is_pair_covered(site, direction, subject, source)) return false;
    }
    return true;
  }

  bool is_pair_covered(const RuleSite& site, Direction direction, GroupId subject, GroupId source) const {
    const kube::PodSpec& spec = *context_.index[direction == Direction::ingress ? subject : source].spec;
    const PortSet wanted = ports_on(*site.rule, spec);
    if (wanted.empty()) return false;
    PortSet covered;
    for (const NetworkPolicy* policy : context_.index.isolating(subject, direction)) {
      for (const PolicyRule& rule : policy->rules(direction)) {
        if (&rule == site.rule || reasons_.contains(&rule) || opens_everything(rule)) continue;
        const bool admits = rule.peers.empty() || std::ranges::any_of(rule.peers, [&](const PolicyPeer& peer) {
                              return std::ranges::binary_search(context_.index.select(*policy, peer), source);
                            });
        if (admits) covered = covered.united(ports_on(rule, spec));
        if (covered.contains(wanted)) return true;
      }
    }
    return false;
  }

  // ---- Telling it
  // What another rule of the catalogue tells better: dead rules (NP006), a list without its type (NP008), a second copy (NP022).
  bool is_told_otherwise(const NetworkPolicy& policy) const {
    const bool dead = (!policy.isolates_egress && policy.egress_written != kube::Written::absent) ||
                      (!policy.isolates_ingress && !policy.ingress.empty());
    return dead || std::ranges::any_of(context_.snapshot->findings, [&](const base::Finding& finding) {
             return finding.rule == "object.duplicate" && finding.where == policy.object.pos();
           });
  }

  // Another policy that isolates all of its pods as it does, whatever pods come.
  const NetworkPolicy* find_isolating_instead(const NetworkPolicy& policy) const {
    const auto instead = std::ranges::find_if(policies_, [&](const NetworkPolicy* other) {
      // A default deny is worth having beside policies that open something, however much they select.
      const auto opens = [&](Direction d) {
        return policy.isolates(d) && policy.rules(d).empty() && !other->rules(d).empty();
      };
      if (opens(Direction::ingress) || opens(Direction::egress)) return false;
      if (other == &policy || removed_.contains(other) || !contains(other->pod_selector, policy.pod_selector))
        return false;
      return (!policy.isolates_ingress || other->isolates_ingress) &&
             (!policy.isolates_egress || other->isolates_egress);
    });
    return instead == policies_.end() ? nullptr : *instead;
  }

  void report_policy(const NetworkPolicy& policy) {
    std::vector<std::pair<Direction, const PolicyRule*>> redundant;
    std::size_t count = 0;
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
      if (!policy.isolates(direction)) continue;
      for (const PolicyRule& rule : policy.rules(direction)) {
        ++count;
        if (reasons_.contains(&rule)) redundant.emplace_back(direction, &rule);
      }
    }
    const bool isolates = policy.isolates_ingress || policy.isolates_egress;
    if (isolates && redundant.size() == count && !is_told_otherwise(policy)) {
      if (const NetworkPolicy* instead = find_isolating_instead(policy)) {
        removed_.insert(&policy);
        report_.add(
            name_of(policy), policy.object.pos(),
            fmt::format("{} could go without a change: {} isolates the same pods, and its own rules add nothing",
                        name_of(policy), name_of(*instead)),
            "remove it, or say in a comment why it stays");
        return;
      }
    }
    for (const auto& [direction, rule] : redundant)
      report_.add(name_of(policy), rule->where,
                  fmt::format("an {} rule of {} for {} could go without a change: {}", to_string(direction),
                              name_of(policy), describe_ports(*rule), reasons_.at(rule)),
                  "remove the rule, or say in a comment why it stays");
  }

  const Context& context_;
  std::span<const NetworkPolicy* const> policies_;
  Report& report_;
  std::vector<RuleSite> rules_;
  Reasons reasons_;
  std::set<const NetworkPolicy*> removed_;
};

}  // namespace

void find_redundant(const Context& context, Report& report) {
  for (const kube::Namespace& name_space : context.snapshot->namespaces) {
    const auto policies = context.index.policies_in(name_space.name());
    if (policies.empty()) continue;
    NamespaceSearch(context, policies, report).run();
  }
}

}  // namespace gantry::netpol::linting

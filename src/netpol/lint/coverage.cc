// Pods that no policy protects, and policies that protect nothing (§2, §13).

#include "netpol/lint/admission.h"
#include "netpol/lint/fixes.h"
#include "netpol/lint/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gantry::netpol::linting {

using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyRule;
using kube::Service;
using kube::ServicePort;

namespace {

// The cluster's own namespaces: their pods are not the application's.
constexpr std::string_view kSystemNamespaces[] = {"kube-node-lease", "kube-public", "kube-system"};

// Policies of one namespace that one of them is compared with: more are generated ones, all alike.
constexpr std::size_t kComparedMax = 1000;

std::string_view type_word(Direction direction) { return direction == Direction::ingress ? "Ingress" : "Egress"; }

// What one namespace does about one direction.
struct Coverage {
  const kube::Namespace* name_space = nullptr;
  Direction direction = Direction::ingress;
  bool has_policies = false;     // that isolate in this direction
  bool has_default = false;      // one of them for all pods
  std::vector<GroupId> policed;  // groups that policies can hold for
  std::vector<GroupId> unprotected;
};

Coverage cover(const Context& context, const kube::Namespace& name_space, Direction direction) {
  Coverage coverage{.name_space = &name_space, .direction = direction, .policed = {}, .unprotected = {}};
  for (const NetworkPolicy* policy : context.index.policies_in(name_space.name())) {
    if (!policy->isolates(direction)) continue;
    coverage.has_policies = true;
    coverage.has_default |= policy->pod_selector.selects_everything();
  }
  for (const GroupId id : context.index.in_namespace(name_space.name())) {
    const PodGroup& group = context.index[id];
    if (group.host_network || closed_by_administrator(context, group, direction)) continue;
    coverage.policed.push_back(id);
    if (!context.index.isolated(id, direction)) coverage.unprotected.push_back(id);
  }
  return coverage;
}

template <typename Look>
void each_coverage(const Context& context, Look&& look) {
  for (const kube::Namespace& name_space : context.snapshot->namespaces) {
    if (std::ranges::find(kSystemNamespaces, name_space.name()) != std::end(kSystemNamespaces)) continue;
    for (const Direction direction : {Direction::ingress, Direction::egress})
      look(cover(context, name_space, direction));
  }
}

std::string default_deny(const Coverage& coverage) {
  return fmt::format(
      "apply `{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: default-deny-{}, "
      "namespace: {}}}, spec: {{podSelector: {{}}, policyTypes: [{}]}}}}`, and rules for what is needed",
      to_string(coverage.direction), coverage.name_space->name(), type_word(coverage.direction));
}

base::SourcePos place_of_group(const PodGroup& group) {
  return group.workload ? group.workload->object.pos() : base::SourcePos();
}

bool has_unprotected(const Coverage& coverage) { return coverage.has_policies && !coverage.unprotected.empty(); }

bool opens_everything(const PolicyRule& rule) {
  return rule.peers_written == kube::Written::absent && rule.ports.empty();
}

// ---- NP040

std::vector<kube::Port> targets_of(const ServicePort& port, const kube::PodSpec& spec) {
  if (const kube::Port* number = std::get_if<kube::Port>(&port.target)) return {*number};
  return find_named_ports(spec, std::get<std::string>(port.target), port.protocol);
}

void check_exposure(const Context& context, const Service& service, Report& report) {
  const std::string what = fmt::format("{} {}", to_string(service.type), to_string(service.object.id));
  for (const GroupId id : context.index.endpoints_of(service)) {
    const PodGroup& group = context.index[id];
    if (group.host_network || closed_by_administrator(context, group, Direction::ingress)) continue;
    for (const ServicePort& port : service.ports) {
      for (const kube::Port target : targets_of(port, *group.spec)) {
        const std::string port_text = fmt::format("{}/{}", target.value(), to_string(port.protocol));
        if (!context.index.isolated(id, Direction::ingress)) {
          if (!service.source_ranges.empty()) continue;
          report.add(
              to_string(service.object.id), port.where,
              fmt::format("{} opens {} of {} to every address, and no policy says who may come in", what, port_text,
                          group.name),
              fmt::format("add a policy for its pods with `ingress: [{{from: [{{ipBlock: {{cidr: 0.0.0.0/0}}}}], "
                          "ports: [{{protocol: {}, port: {}}}]}}]`, which says that this is meant and closes the rest",
                          to_string(port.protocol), target.value()));
        } else if (!admits(context, id, Direction::ingress, port.protocol, target, is_address)) {
          report.add(to_string(service.object.id), port.where,
                     fmt::format("{} leads to {} of {}, and no policy admits an address from outside there", what,
                                 port_text, group.name),
                     admit(context, id, Direction::ingress, "{ipBlock: {cidr: 0.0.0.0/0}}",
                           fmt::format("{{protocol: {}, port: {}}}", to_string(port.protocol), target.value())) +
                         "; or make the Service a ClusterIP");
        }
      }
    }
  }
}

}  // namespace

void find_unprotected_pods(const Context& context, Report& report) {
  each_coverage(context, [&](const Coverage& coverage) {
    if (!has_unprotected(coverage)) return;
    std::vector<std::string> names;
    for (const GroupId id : coverage.unprotected) names.push_back(context.index[id].name);
    report.add("Namespace " + coverage.name_space->name(), place_of_group(context.index[coverage.unprotected.front()]),
               fmt::format("no policy isolates the {} of {}, while other pods of namespace {} are isolated",
                           to_string(coverage.direction), join_names(names), coverage.name_space->name()),
               default_deny(coverage));
  });
}

void find_missing_default_deny(const Context& context, Report& report) {
  each_coverage(context, [&](const Coverage& coverage) {
    if (coverage.policed.empty() || coverage.has_default || has_unprotected(coverage)) return;
    // Whether to police egress at all is a decision; that ingress is, is what a launch expects.
    if (coverage.direction == Direction::egress && !coverage.has_policies) return;
    const kube::Namespace& name_space = *coverage.name_space;
    const base::SourcePos where =
        name_space.defined ? name_space.object.pos() : place_of_group(context.index[coverage.policed.front()]);
    report.add("Namespace " + name_space.name(), where,
               fmt::format("namespace {} has no policy that denies {} by default", name_space.name(),
                           to_string(coverage.direction)),
               default_deny(coverage));
  });
}

void find_moot_policies(const Context& context, Report& report) {
  for (const NetworkPolicy* policy : context.index.policies()) {
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
      const std::vector<PolicyRule>& rules = policy->rules(direction);
      const auto rule = std::ranges::find_if(rules, opens_everything);
      if (!policy->isolates(direction) || rule == rules.end()) continue;
      std::vector<std::string> moot;
      std::size_t looked_at = 0;
      for (const NetworkPolicy* other : context.index.policies_in(policy->name_space())) {
        if (++looked_at > kComparedMax) break;
        if (other == policy || !other->isolates(direction) || other->rules(direction).empty()) continue;
        const std::vector<GroupId>& theirs = context.index.selected_by(*other);
        // All of its pods are open to everybody anyway.
        if (!theirs.empty() && std::ranges::includes(context.index.selected_by(*policy), theirs))
          moot.push_back(name_of(*other));
      }
      if (moot.empty()) continue;
      report.add(name_of(*policy), rule->where,
                 fmt::format("{} allows all {}, so that the rules of {} change nothing", name_of(*policy),
                             to_string(direction), join_names(moot)),
                 "remove the rule without conditions, or the policies that it makes moot");
    }
  }
}

void find_exposed_services(const Context& context, Report& report) {
  for (const Service& service : context.snapshot->services) {
    const bool outside =
        service.type == kube::ServiceType::load_balancer || service.type == kube::ServiceType::node_port;
    if (outside) check_exposure(context, service, report);
  }
}

}  // namespace gantry::netpol::linting

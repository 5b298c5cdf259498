// How policies and rules are written: forms that mean something else than they look like (§2).

#include "netpol/lint/known_ports.h"
#include "netpol/lint/needs_view.h"
#include "netpol/lint/peer_text.h"
#include "netpol/lint/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gantry::netpol::linting {

using base::Finding;
using base::Severity;
using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPort;
using kube::PolicyRule;
using kube::Written;

namespace {

// A range that holds more ports than any one service listens on.
constexpr int kWideRange = 1000;

std::string_view type_word(Direction direction) { return direction == Direction::ingress ? "Ingress" : "Egress"; }

base::SourcePos list_place(const NetworkPolicy& policy, Direction direction) {
  const base::Node* spec = policy.object.document ? policy.object.document->get("spec") : nullptr;
  const base::SourcePos* where = spec ? spec->key_pos(to_string(direction)) : nullptr;
  return where ? *where : policy.object.pos();
}

}  // namespace

void find_empty_peers(const Context& context, Report& report) {
  for (const NetworkPolicy* policy : context.index.policies()) {
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
      if (!policy->isolates(direction)) continue;
      for (const PolicyRule& rule : policy->rules(direction)) {
        if (rule.peers_written != Written::empty) continue;
        const std::string key = list_key(direction);
        const std::string whom = direction == Direction::ingress
                                     ? fmt::format("opens {} to everybody", describe_ports(rule))
                                     : fmt::format("lets its pods reach {} everywhere", describe_ports(rule));
        report.add(name_of(*policy), rule.peers_where,
                   fmt::format("{} {}: `{}` stands there with nothing in it, and that means every peer",
                               name_of(*policy), whom, key),
                   fmt::format("list the peers under `{0}`; remove the rule if nobody is meant, or the key `{0}` if "
                               "everybody is",
                               key));
      }
    }
  }
}

void find_dead_rules(const Context& context, Report& report) {
  for (const NetworkPolicy* policy : context.index.policies()) {
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
      if (policy->isolates(direction) || policy->rules(direction).empty()) continue;
      report.add(name_of(*policy), policy->types_where,
                 fmt::format("policyTypes of {} leaves out {}: its {} rules do nothing, and it does not isolate {}",
                             name_of(*policy), type_word(direction), to_string(direction), to_string(direction)),
                 fmt::format("write `policyTypes: [Ingress, Egress]`, or remove the {} rules", to_string(direction)));
    }
  }
}

void find_missing_types(const Context& context, Report& report) {
  for (const NetworkPolicy* policy : context.index.policies()) {
    const bool by_side_effect = policy->written_types.empty() && policy->isolates_egress && policy->ingress.empty();
    if (!by_side_effect) continue;
    const std::vector<std::string> cut_off = blocked_sources_of(context, *policy);
    Finding& finding = report.add(
        name_of(*policy), list_place(*policy, Direction::egress),
        fmt::format("{} has egress rules and no policyTypes, so it denies all ingress of its pods as well",
                    name_of(*policy)),
        "write `policyTypes: [Egress]` if only egress is meant, `policyTypes: [Ingress, Egress]` if both are");
    if (cut_off.empty()) continue;
    finding.severity = Severity::high;
    finding.explanation += fmt::format(" {} cannot reach its pods any more.", join_names(cut_off));
  }
}

void find_egress_without_type(const Context& context, Report& report) {
  for (const NetworkPolicy* policy : context.index.policies()) {
    if (!policy->written_types.empty() || policy->egress_written != Written::empty) continue;
    report.add(
        name_of(*policy), list_place(*policy, Direction::egress),
        fmt::format("{} has an empty egress list and no policyTypes, so it does not isolate egress", name_of(*policy)),
        "write `policyTypes: [Ingress, Egress]` if egress is to be denied, or remove `egress`");
  }
}

namespace {

void check_range(const NetworkPolicy& policy, const PolicyPort& port, Report& report) {
  const kube::Port* first = port.port ? std::get_if<kube::Port>(&*port.port) : nullptr;
  if (!first || !port.end_port || port.end_port->value() - first->value() < kWideRange) return;
  report.add(
      name_of(policy), port.where,
      fmt::format("{} opens the port range {}, wider than any one service needs", name_of(policy), describe(port)),
      "list the ports that something listens on");
}

// A rule for every port, on pods that keep data.
void check_store(const Context& context, const NetworkPolicy& policy, const PolicyRule& rule, Report& report) {
  const bool every_port =
      rule.ports.empty() || std::ranges::any_of(rule.ports, [](const PolicyPort& port) { return !port.port; });
  const bool general =
      policy.pod_selector.selects_everything() && rule.peers.empty();  // an allow-all: not about this store
  if (!every_port || general) return;
  for (const GroupId id : context.index.selected_by(policy)) {
    const PodGroup& group = context.index[id];
    const KnownPort* store = find_data_store(*group.spec);
    if (!store) continue;
    std::vector<std::string> ports;
    for (const kube::ContainerPort* port : ports_of(*group.spec))
      ports.push_back(fmt::format("{{protocol: {}, port: {}}}", to_string(port->protocol), port->port.value()));
    report.add(
        name_of(policy), rule.where,
        fmt::format("{} opens every port of {}, which keeps data ({})", name_of(policy), group.name, store->what),
        fmt::format("write the ports that its clients use, out of `ports: [{}]`", fmt::join(ports, ", ")));
    return;
  }
}

}  // namespace

void find_wide_ports(const Context& context, Report& report) {
  for (const NetworkPolicy* policy : context.index.policies()) {
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
      if (!policy->isolates(direction)) continue;
      for (const PolicyRule& rule : policy->rules(direction)) {
        if (rule.peers_written == Written::empty) continue;  // NP004 has told it
        for (const PolicyPort& port : rule.ports) check_range(*policy, port, report);
        if (direction == Direction::ingress) check_store(context, *policy, rule, report);
      }
    }
  }
}

}  // namespace gantry::netpol::linting

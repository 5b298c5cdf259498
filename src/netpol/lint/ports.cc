// Ports of rules against what the pods behind them listen on (§4, §8).

#include "netpol/lint/known_ports.h"
#include "netpol/lint/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace gantry::netpol::linting {

using base::Severity;
using kube::ContainerPort;
using kube::Direction;
using kube::NetworkPolicy;
using kube::PolicyPort;
using kube::PolicyRule;
using kube::Protocol;
using kube::Service;
using kube::ServicePort;

namespace {

using PortNumber = std::pair<Protocol, kube::Port>;

// What the pods behind a rule listen on, gathered once for all of its ports.
struct Listeners {
  struct Behind {
    const Service* service = nullptr;
    kube::Port target{1};
    GroupId group = 0;
  };
  std::map<PortNumber, GroupId> declared;      // by containers: the first that does
  std::set<PortNumber> targets;                // of Services
  std::map<PortNumber, Behind> service_ports;  // and where they lead
};

// A port of a rule, and the pods on which it is looked up.
struct PortSite {
  const NetworkPolicy& policy;
  Direction direction;
  const PolicyRule& rule;
  const PolicyPort& port;
  const Listeners& listeners;
  const std::vector<GroupId>& destinations;  // as far as the snapshot has them
  bool others_possible;                      // or the rule means pods that the snapshot does not have
};

// A rule for more groups of pods than this is a general one: its ports are not meant for each of them.
constexpr std::size_t kDestinationsMax = 256;

// The pods at the far end of an egress rule, or those that an ingress rule protects. None when they are too many.
std::vector<GroupId> destinations_of(const Context& context, const NetworkPolicy& policy, Direction direction,
                                     const PolicyRule& rule, bool& others_possible) {
  others_possible = false;
  std::vector<GroupId> ids;
  const auto append = [&](const std::vector<GroupId>& found) {
    const bool fits = ids.size() + found.size() <= kDestinationsMax;
    if (fits) ids.insert(ids.end(), found.begin(), found.end());
    others_possible |= !fits;
  };
  if (direction == Direction::ingress) {
    append(context.index.selected_by(policy));
    return ids;
  }
  others_possible = rule.peers.empty();
  for (const kube::PolicyPeer& peer : rule.peers) {
    const std::vector<GroupId>& found = context.index.select(policy, peer);
    // Pods of namespaces that the manifests do not hold are unknown, as are those behind addresses.
    others_possible |= found.empty() || (peer.namespace_selector && peer.namespace_selector->selects_everything());
    append(found);
  }
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

// The container ports that a Service's port leads to on those pods.
std::vector<kube::Port> targets_of(const ServicePort& port, const kube::PodSpec& spec) {
  if (const kube::Port* number = std::get_if<kube::Port>(&port.target)) return {*number};
  return find_named_ports(spec, std::get<std::string>(port.target), port.protocol);
}

Listeners gather(const Context& context, const std::vector<GroupId>& destinations) {
  Listeners listeners;
  for (const GroupId id : destinations) {
    const kube::PodSpec& spec = *context.index[id].spec;
    for (const ContainerPort* port : ports_of(spec))
      listeners.declared.emplace(PortNumber(port->protocol, port->port), id);
    for (const Service* service : context.index.services_of(id)) {
      for (const ServicePort& port : service->ports) {
        const std::vector<kube::Port> targets = targets_of(port, spec);
        for (const kube::Port target : targets) listeners.targets.emplace(port.protocol, target);
        if (!targets.empty())
          listeners.service_ports.emplace(PortNumber(port.protocol, port.port),
                                          Listeners::Behind{service, targets.front(), id});
      }
    }
  }
  return listeners;
}

template <typename Look>
void each_port(const Context& context, Look&& look) {
  for (const NetworkPolicy* policy : context.index.policies()) {
    for (const Direction direction : {Direction::ingress, Direction::egress}) {
      if (!policy->isolates(direction)) continue;
      std::optional<Listeners> of_policy;  // what an ingress rule protects is the same for all of them
      for (const PolicyRule& rule : policy->rules(direction)) {
        if (rule.ports.empty()) continue;
        bool others_possible = false;
        const std::vector<GroupId> destinations = destinations_of(context, *policy, direction, rule, others_possible);
        if (!of_policy || direction == Direction::egress) of_policy = gather(context, destinations);
        for (const PolicyPort& port : rule.ports)
          look(PortSite{*policy, direction, rule, port, *of_policy, destinations, others_possible});
      }
    }
  }
}

std::string verb(Direction direction) { return direction == Direction::ingress ? "opens" : "lets its pods reach"; }

base::SourcePos field_place(const PortSite& site, std::string_view field) {
  const base::Node* rule = rule_node(site.policy, site.direction, site.rule);
  const base::Node* port = rule ? find_at(rule->get("ports"), site.port.where) : nullptr;
  return place_of(port, field, site.port.where);
}

// ---- NP009

void check_service_port(const Context& context, const PortSite& site, Report& report) {
  const kube::Port* number = site.port.port ? std::get_if<kube::Port>(&*site.port.port) : nullptr;
  if (!number || site.port.end_port) return;
  const PortNumber key(site.port.protocol, *number);
  const auto behind = site.listeners.service_ports.find(key);
  if (behind == site.listeners.service_ports.end() || site.listeners.declared.contains(key) ||
      site.listeners.targets.contains(key))
    return;
  PolicyPort meant = site.port;
  meant.port = behind->second.target;
  report.add(name_of(site.policy), field_place(site, "port"),
             fmt::format("{} {} {}, the port of {}; its pods, {}, listen on {}", name_of(site.policy),
                         verb(site.direction), describe(site.port), to_string(behind->second.service->object.id),
                         context.index[behind->second.group].name, describe(meant)),
             fmt::format("write `- {}`: policies see the container's port", yaml(meant)));
}

// ---- NP010 and NP011

bool declares(const PodGroup& group, const PolicyPort& port, Protocol protocol) {
  return std::ranges::any_of(ports_of(*group.spec), [&](const ContainerPort* declared) {
    if (declared->protocol != protocol) return false;
    if (const kube::Port* number = std::get_if<kube::Port>(&*port.port)) return declared->port == *number;
    return declared->name == std::get<std::string>(*port.port);
  });
}

// The first of the pods that declare the port for the protocol; "" when none does.
std::string declaring(const Context& context, const PortSite& site, Protocol protocol) {
  if (const kube::Port* number = std::get_if<kube::Port>(&*site.port.port)) {
    const auto it = site.listeners.declared.find({protocol, *number});
    return it == site.listeners.declared.end() ? "" : context.index[it->second].name;
  }
  for (const GroupId id : site.destinations)
    if (declares(context.index[id], site.port, protocol)) return context.index[id].name;
  return "";
}

// Whether nothing says UDP for a port that is one of UDP: not the entry, not another of the rule.
bool lacks_protocol(const Context& context, const PortSite& site, std::string& reason) {
  if (site.port.protocol_written || !site.port.port) return false;
  const std::string udp = declaring(context, site, Protocol::udp);
  const bool tcp = !declaring(context, site, Protocol::tcp).empty();
  const kube::Port* number = std::get_if<kube::Port>(&*site.port.port);
  const std::string_view service = number ? udp_service(*number) : std::string_view();
  if (!udp.empty() && (!tcp || !service.empty())) {
    reason = fmt::format("{} declares it for UDP{}", udp, tcp ? " as well" : "");
  } else if (!service.empty() && !tcp) {
    reason = fmt::format("{} speaks UDP", service);
  }
  return !reason.empty() && std::ranges::none_of(site.rule.ports, [&](const PolicyPort& other) {
    return other.protocol == Protocol::udp && (!other.port || other.port == site.port.port);
  });
}

void check_name(const Context& context, const PortSite& site, Report& report) {
  const std::string* name = site.port.port ? std::get_if<std::string>(&*site.port.port) : nullptr;
  std::string ignored;
  if (!name || site.destinations.empty() || lacks_protocol(context, site, ignored)) return;
  std::vector<std::string> without;
  for (const GroupId id : site.destinations)
    if (!declares(context.index[id], site.port, site.port.protocol)) without.push_back(context.index[id].name);
  if (without.empty()) return;
  const bool nowhere = without.size() == site.destinations.size();
  if (nowhere && site.others_possible) return;
  // A rule for all pods of a namespace means those that have the port.
  if (!nowhere && (site.others_possible || site.policy.pod_selector.selects_everything())) return;
  base::Finding& finding = report.add(
      name_of(site.policy), field_place(site, "port"),
      fmt::format("{} {} the port {}, and {} {} no container port of that name and protocol", name_of(site.policy),
                  verb(site.direction), describe(site.port), join_names(without), without.size() == 1 ? "has" : "have"),
      "name the port in the container's `ports`, or write its number");
  if (!nowhere) finding.severity = Severity::medium;
}

void check_protocol(const Context& context, const PortSite& site, Report& report) {
  std::string reason;
  if (!lacks_protocol(context, site, reason)) return;
  PolicyPort udp = site.port;
  udp.protocol = Protocol::udp;
  const bool dns = reason.starts_with("DNS") || *site.port.port == kube::PortRef(kube::Port(53));
  const std::string both = dns ? fmt::format(", and beside it `- {}`", yaml(site.port)) : "";
  report.add(name_of(site.policy), site.port.where,
             fmt::format("{} {} port {} without a protocol, which means TCP; {}", name_of(site.policy),
                         verb(site.direction), to_string(*site.port.port), reason),
             fmt::format("write `- {}`{}", yaml(udp), both));
}

}  // namespace

void find_service_ports(const Context& context, Report& report) {
  each_port(context, [&](const PortSite& site) { check_service_port(context, site, report); });
}

void find_undeclared_names(const Context& context, Report& report) {
  each_port(context, [&](const PortSite& site) { check_name(context, site, report); });
}

void find_defaulted_protocols(const Context& context, Report& report) {
  each_port(context, [&](const PortSite& site) { check_protocol(context, site, report); });
}

}  // namespace gantry::netpol::linting

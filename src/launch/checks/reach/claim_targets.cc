// The claim against the system: what it names must be there. A claim about nothing always holds, so a typo in it would be the
// quietest way to a GO.

#include "launch/checks/reach/claim.h"

#include "base/text.h"
#include "kube/selector_hint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace gantry::launch {

using base::Result;
using kube::ContainerPort;
using kube::Match;

namespace {

std::string nearest_help(std::string_view name, const std::vector<std::string_view>& known) {
  if (const std::optional<std::string_view> nearest = base::nearest_name(name, known))
    return fmt::format("did you mean {}?", *nearest);
  return known.empty() ? std::string() : fmt::format("there are {}", fmt::join(known, ", "));
}

// ---- Pods

std::string nearest_pods(const kube::LabelSelector& selector, const std::vector<kube::Labelled>& candidates) {
  const std::optional<kube::NearestMatch> nearest = find_nearest(selector, candidates);
  return nearest ? fmt::format("the nearest is {}: {}", nearest->name, nearest->difference) : "no pod is there at all";
}

Result<std::vector<std::size_t>> find_destinations(const Claim& claim, const Reachability& reach) {
  const std::vector<PodClass>& classes = reach.classes();
  if (!reach.snapshot().find_namespace(claim.name_space)) {
    std::vector<std::string_view> names;
    for (const kube::Namespace& known : reach.snapshot()->namespaces) names.push_back(known.name());
    return base::input_error(fmt::format("the manifests know no namespace {}", claim.name_space),
                             claim.destination_where, nearest_help(claim.name_space, names));
  }
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < classes.size(); ++i)
    if (classes[i].name_space() == claim.name_space && kube::match(claim.pods, classes[i].pod.labels) == Match::yes)
      found.push_back(i);
  if (found.empty())
    return base::input_error(fmt::format("no pod of {} has the labels {}", claim.name_space, to_string(claim.pods)),
                             claim.destination_where,
                             nearest_pods(claim.pods, with_labels(in_namespace(classes, claim.name_space))));
  return found;
}

// ---- Ports

std::vector<ContainerPort> declared_ports(const PodClass& pods) {
  std::vector<ContainerPort> ports;
  for (const kube::Container& container : pods.pod.spec->containers)
    ports.insert(ports.end(), container.ports.begin(), container.ports.end());
  for (const kube::Container& container : pods.pod.spec->init_containers)
    if (container.sidecar) ports.insert(ports.end(), container.ports.begin(), container.ports.end());
  return ports;
}

// The number that a claim means on one destination; several when containers share a name; none when it is not declared.
std::vector<kube::Port> numbers_on(const ClaimPort& port, const PodClass& destination) {
  if (const auto* name = std::get_if<std::string>(&port.port))
    return kube::find_named_ports(*destination.pod.spec, *name, port.protocol);
  const kube::Port number = std::get<kube::Port>(port.port);
  const std::vector<ContainerPort> declared = declared_ports(destination);
  // A pod that declares nothing may listen anywhere: containerPort is documentation (§4).
  const bool is_there = declared.empty() || std::ranges::any_of(declared, [&](const ContainerPort& each) {
                          return each.port == number && each.protocol == port.protocol;
                        });
  return is_there ? std::vector{number} : std::vector<kube::Port>{};
}

// The target port of a Service of the destination whose own port was named instead.
std::string service_help(const ClaimPort& port, const Reachability& reach,
                         const std::vector<std::size_t>& destinations) {
  for (const kube::Service& service : reach.snapshot()->services) {
    const PodClass& pods = reach.classes()[destinations.front()];
    if (!service.selector || service.name_space() != pods.name_space()) continue;
    if (kube::match(*service.selector, pods.pod.labels) != Match::yes) continue;
    for (const kube::ServicePort& each : service.ports) {
      const bool is_meant = each.protocol == port.protocol &&
                            (kube::PortRef(each.port) == port.port || kube::PortRef(each.name) == port.port);
      if (is_meant)
        return fmt::format("that is the port of Service {}, which leads to container port {}: name that one",
                           service.name(), to_string(each.target));
    }
  }
  return {};
}

std::string port_help(const ClaimPort& port, const Reachability& reach, const std::vector<std::size_t>& destinations) {
  if (std::string help = service_help(port, reach, destinations); !help.empty()) return help;
  std::set<std::string> declared;
  for (const std::size_t i : destinations)
    for (const ContainerPort& each : declared_ports(reach.classes()[i])) {
      declared.insert(fmt::format("{}/{}", each.port.value(), to_string(each.protocol)));
      if (!each.name.empty()) declared.insert(fmt::format("{}/{}", each.name, to_string(each.protocol)));
    }
  return nearest_help(to_string(port), {declared.begin(), declared.end()});
}

// ---- Sources

Result<void> check_source(const ClaimSource& source, const Reachability& reach) {
  if (source.range) return {};
  std::vector<kube::Labelled> namespaces;
  bool has_namespace = false;
  for (const kube::Namespace& each : reach.snapshot()->namespaces) {
    namespaces.push_back({fmt::format("namespace {}", each.name()), &each.labels.known});
    has_namespace = has_namespace || kube::match(*source.namespaces, each.labels) == Match::yes;
  }
  if (!has_namespace) {
    const std::optional<kube::NearestMatch> nearest = find_nearest(*source.namespaces, namespaces);
    return base::input_error(
        fmt::format("no namespace of the manifests has the labels {}", to_string(*source.namespaces)), source.where,
        nearest ? fmt::format("the nearest is {}: {}", nearest->name, nearest->difference) : "");
  }
  if (!source.pods) return {};
  std::vector<const PodClass*> candidates;
  for (const PodClass& pods : reach.classes()) {
    if (holds(source, pods, reach) == Access::yes) return {};
    const ClaimSource anyone{
        .namespaces = source.namespaces, .pods = std::nullopt, .range = std::nullopt, .where = source.where};
    if (holds(anyone, pods, reach) == Access::yes) candidates.push_back(&pods);
  }
  return base::input_error(fmt::format("there are no {}", to_string(source)), source.where,
                           nearest_pods(*source.pods, with_labels(candidates)));
}

Result<void> check_sources(const Claim& claim, const Reachability& reach) {
  for (const ClaimSource& source : claim.sources) TRY(check_source(source, reach));
  for (const ClaimSource& source : claim.needed) {
    TRY(check_source(source, reach));
    for (const PodClass& pods : reach.classes())
      if (holds(source, pods, reach) == Access::yes && holds(claim.sources, pods, reach) == Access::no)
        return base::input_error(fmt::format("{} is needed, and not among the sources", pods.owner_name()),
                                 source.where,
                                 "who must reach the port has to be one of those who may: add it to \"sources\"");
  }
  return {};
}

}  // namespace

Access holds(const ClaimSource& source, const PodClass& pods, const Reachability& reach) {
  if (source.range) return reach.holds_address({.cidr = *source.range, .except = {}, .where = source.where}, pods);
  const Match in_namespace = kube::match(*source.namespaces, namespace_labels(reach.snapshot(), pods.name_space()));
  const Match by_labels = source.pods ? kube::match(*source.pods, pods.pod.labels) : Match::yes;
  if (in_namespace == Match::no || by_labels == Match::no) return Access::no;
  return in_namespace == Match::yes && by_labels == Match::yes ? Access::yes : Access::depends;
}

Access holds(const std::vector<ClaimSource>& sources, const PodClass& pods, const Reachability& reach) {
  Access best = Access::no;
  for (const ClaimSource& source : sources) {
    const Access access = holds(source, pods, reach);
    // A range in the claim speaks of addresses: that a pod might have one of them makes it no claimed pod.
    if (source.range && access != Access::yes) continue;
    best = std::max(best, access);
  }
  return best;
}

Result<std::vector<Target>> find_targets(const Claim& claim, const Reachability& reach) {
  const std::vector<std::size_t> destinations = TRY(find_destinations(claim, reach));
  TRY(check_sources(claim, reach));
  std::set<Target> targets;
  for (const ClaimPort& port : claim.ports) {
    bool is_there = false;
    for (const std::size_t destination : destinations)
      for (const kube::Port number : numbers_on(port, reach.classes()[destination])) {
        is_there = true;
        targets.insert({.destination = destination, .port = {.protocol = port.protocol, .number = number}});
      }
    if (!is_there)
      return base::input_error(fmt::format("no container of the destination declares port {}", to_string(port)),
                               port.where, port_help(port, reach, destinations));
  }
  return std::vector<Target>(targets.begin(), targets.end());
}

}  // namespace gantry::launch

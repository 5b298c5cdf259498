#include "netpol/needs/collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gantry::netpol {

namespace {

void merge_ports(std::vector<kube::Port>& into, const std::vector<kube::Port>& ports) {
  into.insert(into.end(), ports.begin(), ports.end());
  std::ranges::sort(into);
  const auto repeated = std::ranges::unique(into);
  into.erase(repeated.begin(), repeated.end());
}

// Surest first; of equals, the one that was found first.
void merge_evidence(std::vector<NeedEvidence>& into, NeedEvidence evidence) {
  const auto is_same = [&](const NeedEvidence& known) {
    return known.where == evidence.where && known.text == evidence.text && known.origin == evidence.origin;
  };
  if (std::ranges::any_of(into, is_same)) return;
  const auto weaker =
      std::ranges::find_if(into, [&](const NeedEvidence& known) { return known.confidence < evidence.confidence; });
  into.insert(weaker, std::move(evidence));
  if (into.size() > kEvidenceMax) into.pop_back();
}

// A host of the outside that is none, or that nobody said was to be called.
bool is_implausible(const HostReference& reference, const Resolution& resolution) {
  if (reference.only_inside && !resolution.is_service) return true;
  const bool is_outside = std::ranges::any_of(
      resolution.listeners, [](const Listener& l) { return std::holds_alternative<NeedOutside>(l.party); });
  return is_outside && !resolution.is_service && !reference.host.is_address() &&
         !is_plausible_outside(reference.host.host);
}

}  // namespace

Confidence confidence_of(Wording wording, const Resolution& resolution) {
  if (wording == Wording::word || resolution.port_is_guessed) return Confidence::weak;
  if (!resolution.is_service && !resolution.is_missing)
    return wording == Wording::name ? Confidence::weak : Confidence::strong;
  return wording == Wording::with_port ? Confidence::certain : Confidence::strong;
}

bool has_peers(const kube::Snapshot& snapshot, std::size_t workload) {
  const kube::Workload& it = snapshot->workloads[workload];
  if (it.kind == kube::WorkloadKind::daemon_set || it.replicas() > 1) return true;
  const auto scales = [&](const kube::HorizontalPodAutoscaler& autoscaler) {
    return autoscaler.target_name == it.name() && autoscaler.target_kind == it.object.id.kind;
  };
  return std::ranges::any_of(kube::in_namespace(snapshot->autoscalers, it.name_space()), scales);
}

const kube::Service* find_translating(const kube::Snapshot& snapshot, const std::optional<ServiceRoute>& route) {
  if (!route || !route->service_port) return nullptr;
  const kube::Service* service = kube::find_named(snapshot->services, route->name_space, route->service);
  return service && !service->headless && service->type != kube::ServiceType::external_name ? service : nullptr;
}

NeedCollector::NeedCollector(const kube::Snapshot& snapshot, const NeedOptions& options)
    : directory_(snapshot, options.cluster_domain), options_(options) {}

bool NeedCollector::is_loopback(const NeedParty& source, const NeedParty& destination) const {
  if (source != destination) return false;
  const NeedWorkload* workload = std::get_if<NeedWorkload>(&source);
  return workload == nullptr || !has_peers(snapshot(), workload->workload);
}

void NeedCollector::note_name(const NeedParty& source, const NeedEvidence& evidence) {
  if (const NeedWorkload* workload = std::get_if<NeedWorkload>(&source))
    names_by_workload_.emplace(workload->workload, evidence);
}

void NeedCollector::add_host(const NeedParty& source, std::string_view name_space, const HostReference& reference,
                             NeedOrigin origin) {
  const Resolution resolution = directory_.resolve({.name_space = name_space,
                                                    .host = reference.host.host,
                                                    .port = reference.port,
                                                    .likely_port = reference.likely_port,
                                                    .protocol = reference.host.protocol()});
  NeedEvidence evidence{.origin = origin,
                        .confidence = confidence_of(reference.wording, resolution),
                        .where = reference.where,
                        .text = reference.text};
  const bool is_single_word = reference.host.host.find('.') == std::string::npos;
  if (reference.wording == Wording::word) {
    // Believed only as far as it is the name of a Service, and of another workload's.
    if (!is_single_word || !resolution.is_service) return;
    for (const Listener& listener : resolution.listeners) {
      if (listener.party != source) add_flow(source, listener, resolution.route, evidence);
    }
    return;
  }
  if (is_implausible(reference, resolution)) return;
  if (resolution.listeners.empty() && !resolution.problem.empty()) {
    if (!reference.dangles) return;
    add_dangling({source, reference.host.host, reference.port, resolution.problem, resolution.nearest, evidence});
  }
  if (!reference.host.is_address()) note_name(source, evidence);
  add_resolution(source, resolution, evidence);
}

void NeedCollector::add_hosts(const NeedParty& source, std::string_view name_space,
                              const std::vector<HostReference>& references, NeedOrigin origin,
                              std::string_view prefix) {
  for (const HostReference& reference : references) {
    HostReference named = reference;
    named.text.insert(0, prefix);
    const bool is_pair = reference.wording == Wording::pair && origin == NeedOrigin::environment;
    add_host(source, name_space, named, is_pair ? NeedOrigin::host_port_pair : origin);
  }
}

void NeedCollector::add_service(const NeedParty& source, const ServiceRoute& service,
                                const std::optional<kube::PortRef>& port, NeedEvidence evidence) {
  const Resolution resolution = directory_.resolve_service(service.name_space, service.service, port);
  if (resolution.port_is_guessed) evidence.confidence = std::min(evidence.confidence, Confidence::weak);
  if (resolution.listeners.empty() && !resolution.problem.empty()) {
    add_dangling({source, fmt::format("{}.{}", service.service, service.name_space), service.service_port,
                  resolution.problem, resolution.nearest, evidence});
  }
  add_resolution(source, resolution, evidence);
}

void NeedCollector::add_resolution(const NeedParty& source, const Resolution& resolution,
                                   const NeedEvidence& evidence) {
  for (const Listener& listener : resolution.listeners) add_flow(source, listener, resolution.route, evidence);
}

void NeedCollector::add_flow(const NeedParty& source, const Listener& destination,
                             const std::optional<ServiceRoute>& route, NeedEvidence evidence) {
  if (is_loopback(source, destination.party)) {
    if (!std::holds_alternative<NeedWorkload>(source) || !find_translating(snapshot(), route)) return;
    // Who names its own Service tells others of it more often than it calls itself.
    evidence.confidence = Confidence::weak;
  }
  Need& need = needs_[Key(source, destination.party, destination.protocol, route)];
  need.source = source;
  need.destination = destination.party;
  need.protocol = destination.protocol;
  need.route = route;
  // A surer reason names the port, and what was only guessed before is forgotten.
  const bool is_surer = need.evidence.empty() || evidence.confidence > need.confidence;
  if (is_surer && need.confidence == Confidence::weak) need.ports.clear();
  if (is_surer || evidence.confidence > Confidence::weak || need.confidence == Confidence::weak)
    merge_ports(need.ports, destination.ports);
  need.confidence = std::max(need.confidence, evidence.confidence);
  merge_evidence(need.evidence, std::move(evidence));
}

void NeedCollector::add_dangling(DanglingNeed dangling) {
  dangling_.try_emplace({dangling.source, dangling.host, dangling.port}, dangling);
}

void NeedCollector::override_between(const NeedParty& source, const NeedParty& destination) {
  std::erase_if(needs_, [&](const auto& entry) {
    const Need& need = entry.second;
    return need.source == source && need.destination == destination && need.confidence == Confidence::weak;
  });
}

Needs NeedCollector::take() {
  Needs needs;
  for (auto& [key, need] : needs_) needs.needs.push_back(std::move(need));
  for (auto& [key, dangling] : dangling_) needs.dangling.push_back(std::move(dangling));
  needs_.clear();
  dangling_.clear();
  names_by_workload_.clear();
  return needs;
}

}  // namespace gantry::netpol

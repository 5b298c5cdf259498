// The Prometheus operator's objects: ServiceMonitor, PodMonitor, Probe, ScrapeConfig (monitoring.coreos.com).

#include "netpol/needs/containers.h"
#include "netpol/needs/known_parties.h"
#include "netpol/needs/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::netpol {

namespace {

using base::Node;
using kube::Object;
using kube::PortRef;

// The namespaces that `namespaceSelector` means: its own when nothing is written.
struct Namespaces {
  bool any = false;
  std::vector<std::string> names;
  bool holds(std::string_view name) const { return any || std::ranges::find(names, name) != names.end(); }
};

Namespaces namespaces_of(const Object& object) {
  Namespaces namespaces;
  const Node* selector = object.document->find("spec", "namespaceSelector");
  const Node* any = selector ? selector->get("any") : nullptr;
  namespaces.any = any && any->is_bool() && any->boolean();
  const Node* names = selector ? selector->get("matchNames") : nullptr;
  if (names && names->is_array()) {
    for (const Node& name : names->array())
      if (name.is_string()) namespaces.names.push_back(name.string());
  }
  if (namespaces.names.empty()) namespaces.names.push_back(object.id.name_space);
  return namespaces;
}

std::optional<kube::LabelSelector> selector_of(const Object& object) {
  const Node* written = object.document->find("spec", "selector");
  if (written == nullptr) return kube::LabelSelector();
  base::Result<kube::LabelSelector> parsed = kube::LabelSelector::parse(*written);
  return parsed ? std::optional(*std::move(parsed)) : std::nullopt;
}

std::optional<PortRef> port_of(const Node* node) {
  constexpr std::int64_t kPortMax = 65535;
  if (node && node->is_integer() && node->integer() > 0 && node->integer() <= kPortMax)
    return kube::Port{static_cast<std::uint16_t>(node->integer())};
  if (node && node->is_string() && !node->string().empty()) return node->string();
  return std::nullopt;
}

const Node::Array& list_of(const Node* node) {
  static const Node::Array kNone;
  return node && node->is_array() ? node->array() : kNone;
}

NeedEvidence evidence_of(const Object& object, const Node& node) {
  return {.origin = NeedOrigin::service_monitor,
          .confidence = Confidence::certain,
          .where = node.pos(),
          .text = fmt::format("{} scrapes it", to_string(object.id))};
}

// An endpoint names a port of the Service, or one of the pods (`targetPort`).
void add_endpoint(NeedCollector& needs, const Object& object, const NeedParty& scraper, const kube::Service& service,
                  const Node& endpoint) {
  const NeedEvidence evidence = evidence_of(object, endpoint);
  if (const std::optional<PortRef> port = port_of(endpoint.get("port"))) {
    return needs.add_service(scraper, {service.name_space(), service.name(), {}}, port, evidence);
  }
  const std::optional<PortRef> target = port_of(endpoint.get("targetPort"));
  if (!target) return;
  const ServiceRoute route{service.name_space(), service.name(), {}};
  for (const std::size_t workload : needs.directory().workloads_behind(service)) {
    const std::vector<kube::Port> ports = needs.directory().ports_of(workload, *target, kube::Protocol::tcp);
    if (!ports.empty()) needs.add_flow(scraper, {NeedWorkload{workload}, kube::Protocol::tcp, ports}, route, evidence);
  }
}

void add_service_monitor(NeedCollector& needs, const Object& object, const NeedParty& scraper) {
  const Namespaces namespaces = namespaces_of(object);
  const std::optional<kube::LabelSelector> selector = selector_of(object);
  if (!selector) return;
  bool found = false;
  for (const kube::Service& service : needs.snapshot()->services) {
    if (!namespaces.holds(service.name_space()) || !selector->matches(service.object.labels)) continue;
    found = true;
    for (const Node& endpoint : list_of(object.document->find("spec", "endpoints")))
      add_endpoint(needs, object, scraper, service, endpoint);
  }
  if (found) return;
  needs.add_dangling({scraper,
                      to_string(*selector),
                      {},
                      "no Service has the labels that it selects",
                      "",
                      evidence_of(object, *object.document)});
}

void add_pod_monitor(NeedCollector& needs, const Object& object, const NeedParty& scraper) {
  const Namespaces namespaces = namespaces_of(object);
  const std::optional<kube::LabelSelector> selector = selector_of(object);
  if (!selector) return;
  for (const std::size_t index : independent_workloads(needs.snapshot())) {
    const kube::Workload& workload = needs.snapshot()->workloads[index];
    if (!namespaces.holds(workload.name_space())) continue;
    if (kube::match(*selector, needs.directory().labels_of(index)) == kube::Match::no) continue;
    for (const Node& endpoint : list_of(object.document->find("spec", "podMetricsEndpoints"))) {
      std::optional<PortRef> port;
      for (const char* key : {"portNumber", "targetPort", "port"})
        if (const std::optional<PortRef> written = port_of(endpoint.get(key))) port = written;
      if (!port) continue;
      const std::vector<kube::Port> ports = needs.directory().ports_of(index, *port, kube::Protocol::tcp);
      if (ports.empty()) {
        needs.add_dangling({scraper,
                            workload.name_space() + "/" + workload.name(),
                            {},
                            fmt::format("no container declares the port {}", to_string(*port)),
                            "",
                            evidence_of(object, endpoint)});
      } else {
        needs.add_flow(scraper, {NeedWorkload{index}, kube::Protocol::tcp, ports}, {}, evidence_of(object, endpoint));
      }
    }
  }
}

void add_hosts(NeedCollector& needs, const Object& object, const NeedParty& scraper, const Node* list) {
  std::vector<Setting> targets;
  for (const Node& target : list_of(list))
    if (target.is_string()) targets.push_back({"target", target.string(), target.pos()});
  needs.add_hosts(scraper, object.id.name_space, read_settings(targets), NeedOrigin::service_monitor,
                  to_string(object.id) + ": ");
}

// Prometheus asks the prober, and the prober the target.
void add_probe(NeedCollector& needs, const Object& object, const NeedParty& scraper) {
  const Node* url = object.document->find("spec", "prober", "url");
  if (url == nullptr || !url->is_string()) return;
  const std::vector<Setting> prober = {{"url", url->string(), url->pos()}};
  const std::vector<HostReference> hosts = read_settings(prober);
  needs.add_hosts(scraper, object.id.name_space, hosts, NeedOrigin::service_monitor, to_string(object.id) + ": ");
  for (const HostReference& host : hosts) {
    const Resolution resolution = needs.directory().resolve({.name_space = object.id.name_space,
                                                             .host = host.host.host,
                                                             .port = host.port,
                                                             .likely_port = {},
                                                             .protocol = kube::Protocol::tcp});
    for (const Listener& listener : resolution.listeners)
      add_hosts(needs, object, listener.party, object.document->find("spec", "targets", "staticConfig", "static"));
  }
}

void add_scrape_config(NeedCollector& needs, const Object& object, const NeedParty& scraper) {
  for (const Node& config : list_of(object.document->find("spec", "staticConfigs")))
    add_hosts(needs, object, scraper, config.get("targets"));
}

struct Reader {
  std::string_view kind;
  void (*add)(NeedCollector& needs, const Object& object, const NeedParty& scraper);
};
constexpr std::array kReaders = {
    Reader{"PodMonitor", add_pod_monitor},
    Reader{"Probe", add_probe},
    Reader{"ScrapeConfig", add_scrape_config},
    Reader{"ServiceMonitor", add_service_monitor},
};

}  // namespace

void collect_monitors(NeedCollector& needs) {
  for (const Object& object : needs.snapshot()->others) {
    if (object.id.group != "monitoring.coreos.com" || !object.document) continue;
    const auto reader = std::ranges::find(kReaders, object.id.kind, &Reader::kind);
    if (reader == kReaders.end()) continue;
    for (const NeedParty& scraper : prometheus_pods(needs)) reader->add(needs, object, scraper);
  }
}

}  // namespace gantry::netpol

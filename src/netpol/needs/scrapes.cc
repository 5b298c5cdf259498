// The convention of prometheus.io annotations, where no scraper's configuration is in the input: then it is the usual one that
// pods and Services can rely on. Where one is, scrape_configs.cc has run it, and an annotation that it does not look at is no need.

#include "netpol/needs/containers.h"
#include "netpol/needs/known_parties.h"
#include "netpol/needs/scrape_targets.h"
#include "netpol/needs/sources.h"

#include <fmt/format.h>

namespace gantry::netpol {

namespace {

using kube::LabelSet;
using kube::Port;

constexpr std::string_view kScrape = "prometheus.io/scrape";

bool wants_scraping(const LabelSet& annotations) {
  const std::string* scrape = annotations.find(kScrape);
  return scrape && *scrape == "true";
}

std::optional<Port> annotated_port(const LabelSet& annotations) {
  const std::string* written = annotations.find("prometheus.io/port");
  const std::vector<HostText> parsed = written ? read_hosts("h:" + *written) : std::vector<HostText>();
  return parsed.size() == 1 ? parsed.front().port : std::nullopt;
}

std::vector<Port> declared_ports(const kube::PodSpec& spec) {
  std::vector<Port> ports;
  for (const kube::Container* container : containers_of(spec))
    for (const kube::ContainerPort& port : container->ports)
      if (port.protocol == kube::Protocol::tcp) ports.push_back(port.port);
  return ports;
}

NeedEvidence evidence_of(const base::SourcePos& where, const std::optional<Port>& port) {
  return {.origin = NeedOrigin::scrape_annotation,
          .confidence = port ? Confidence::certain : Confidence::weak,
          .where = where,
          .text = port ? fmt::format("prometheus.io/port: {}", port->value())
                       : "prometheus.io/scrape without a port: any that is declared"};
}

void add_pods(NeedCollector& needs, const NeedParty& scraper, std::size_t index) {
  const kube::Workload& workload = needs.snapshot()->workloads[index];
  if (!wants_scraping(workload.pod_template.annotations)) return;
  const std::optional<Port> port = annotated_port(workload.pod_template.annotations);
  const std::vector<Port> ports = port ? std::vector<Port>{*port} : declared_ports(*workload.pod_template.spec);
  needs.add_flow(scraper, {NeedWorkload{index}, kube::Protocol::tcp, ports}, {},
                 evidence_of(annotation_place(workload, kScrape), port));
}

// Discovery goes by endpoints: the port is one of the pods'.
void add_service(NeedCollector& needs, const NeedParty& scraper, const kube::Service& service) {
  if (!wants_scraping(service.object.annotations)) return;
  const std::optional<Port> port = annotated_port(service.object.annotations);
  const ServiceRoute route{service.name_space(), service.name(), {}};
  const NeedEvidence evidence = evidence_of(annotation_place(service.object, kScrape), port);
  for (const std::size_t workload : needs.directory().workloads_behind(service)) {
    if (port) needs.add_flow(scraper, {NeedWorkload{workload}, kube::Protocol::tcp, {*port}}, route, evidence);
  }
  if (port) return;
  for (const kube::ServicePort& candidate : service.ports)
    for (const Listener& listener : needs.directory().listeners_of(service, candidate).listeners)
      needs.add_flow(scraper, listener, route, evidence);
}

}  // namespace

void collect_scrapes(NeedCollector& needs) {
  if (needs.has_scraper()) return;
  for (const NeedParty& scraper : prometheus_pods(needs)) {
    for (const std::size_t index : independent_workloads(needs.snapshot())) add_pods(needs, scraper, index);
    for (const kube::Service& service : needs.snapshot()->services) add_service(needs, scraper, service);
  }
}

}  // namespace gantry::netpol

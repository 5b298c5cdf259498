// The OpenTelemetry collector's configuration: only components that a pipeline names are started.

#include "netpol/needs/documents.h"

#include <array>
#include <map>
#include <set>
#include <string>

namespace gantry::netpol {

namespace {

using base::Node;

using Names = std::set<std::string, std::less<>>;

void add_names(const Node* list, Names& names) {
  if (list == nullptr || !list->is_array()) return;
  for (const Node& name : list->array())
    if (name.is_string()) names.insert(name.string());
}

// The components of a kind ("receivers") that some pipeline uses.
Names used_components(const Node& root, std::string_view kind) {
  Names names;
  if (kind == "extensions") add_names(root.find("service", "extensions"), names);
  const Node* pipelines = root.find("service", "pipelines");
  if (pipelines == nullptr || !pipelines->is_map()) return names;
  for (const Node::Member& pipeline : pipelines->map()) add_names(pipeline.value.get(kind), names);
  return names;
}

// Components that ask the API server, whatever their settings.
constexpr std::array<std::string_view, 5> kApiClients = {"k8s_cluster", "k8s_events", "k8s_observer", "k8sattributes",
                                                         "k8sobjects"};

void read_component(NeedCollector& needs, const ConfigFile& file, std::string_view name, const Node& settings) {
  // Ports on which a receiver listens stand under its protocols; what a Prometheus receiver scrapes, under its config.
  constexpr std::array<std::string_view, 2> kOwnReading = {"protocols", "scrape_configs"};
  read_members(needs, file, settings, NeedOrigin::config_document, kOwnReading, true);
  if (const Node* scrapes = settings.find("config", "scrape_configs")) read_scrape_configs(needs, file, *scrapes);
  for (const std::string_view client : kApiClients) {
    if (name.substr(0, name.find('/')) != client) continue;
    needs.add_flow(file.source, {NeedSpecial::api_server, kube::Protocol::tcp, {kube::Port{443}, kube::Port{6443}}}, {},
                   {.origin = NeedOrigin::api_server,
                    .confidence = Confidence::strong,
                    .where = file.place_of(settings),
                    .text = file.name + ": " + std::string(name)});
  }
}

}  // namespace

void read_otel_collector(NeedCollector& needs, const ConfigFile& file, const Node& root) {
  for (const std::string_view kind : {"receivers", "processors", "exporters", "extensions", "connectors"}) {
    const Names used = used_components(root, kind);
    const Node* components = root.get(kind);
    if (components == nullptr || !components->is_map()) continue;
    for (const Node::Member& component : components->map())
      if (used.contains(component.key)) read_component(needs, file, component.key, component.value);
  }
}

}  // namespace gantry::netpol

#include "netpol/needs/documents.h"

#include <algorithm>
#include <array>

namespace gantry::netpol {

namespace {

using base::Node;

bool is_list(const Node* node) { return node && node->is_array(); }

bool is_kong(const Node& root) { return root.get("_format_version") != nullptr; }
bool is_promtail(const Node& root) { return is_list(root.get("clients")) && root.get("scrape_configs") != nullptr; }
bool is_prometheus(const Node& root) { return is_list(root.get("scrape_configs")) && root.get("clients") == nullptr; }
bool is_otel_collector(const Node& root) { return root.find("service", "pipelines") != nullptr; }
bool is_grafana_sources(const Node& root) { return is_list(root.get("datasources")); }
bool is_envoy(const Node& root) { return root.find("static_resources", "clusters") != nullptr; }
bool is_dashboard(const Node& root) { return is_list(root.get("panels")) && root.get("schemaVersion") != nullptr; }
bool is_alert_rules(const Node& root) {
  const Node* groups = root.get("groups");
  return is_list(groups) && std::ranges::any_of(groups->array(), [](const Node& g) { return is_list(g.get("rules")); });
}
bool is_alertmanager(const Node& root) { return root.get("route") != nullptr && is_list(root.get("receivers")); }
bool is_log_store(const Node& root) {  // Loki, Mimir, Tempo
  return root.get("schema_config") || root.get("ingester") || root.get("distributor") || root.get("memberlist");
}

// Whether a data source is asked by Grafana, or by the browser of who looks at it.
void read_grafana_sources(NeedCollector& needs, const ConfigFile& file, const Node& root) {
  constexpr std::array<std::string_view, 1> kNotCalled = {"jsonData"};
  for (const Node& source : root.get("datasources")->array()) {
    const std::string_view access = source.text("access");
    if (access == "direct" || access == "browser") continue;
    read_members(needs, file, source, NeedOrigin::grafana, kNotCalled, true);
  }
}

}  // namespace

void read_envoy(NeedCollector& needs, const ConfigFile& file, const Node& root) {
  read_members(needs, file, *root.find("static_resources", "clusters"), NeedOrigin::config_document, {}, true);
}

void read_promtail(NeedCollector& needs, const ConfigFile& file, const Node& root) {
  for (const Node& job : root.get("scrape_configs")->is_array() ? root.get("scrape_configs")->array() : Node::Array()) {
    const Node* discovery = job.get("kubernetes_sd_configs");
    if (discovery == nullptr) continue;
    needs.add_flow(file.source, {NeedSpecial::api_server, kube::Protocol::tcp, {kube::Port{443}, kube::Port{6443}}}, {},
                   {.origin = NeedOrigin::api_server,
                    .confidence = Confidence::strong,
                    .where = file.place_of(*discovery),
                    .text = file.name + ": kubernetes_sd_configs"});
  }
}

std::span<const DocumentFormat> document_formats() {
  static const std::vector<DocumentFormat> kFormats = {
      // Routes say which names and paths are let in.
      {.name = "Kong", .origin = NeedOrigin::kong, .recognises = is_kong, .skipped = {"routes"}},
      {.name = "Promtail", .recognises = is_promtail, .skipped = {"scrape_configs"}, .read = read_promtail},
      {.name = "Prometheus",
       .origin = NeedOrigin::scrape_config,
       .recognises = is_prometheus,
       .skipped = {"scrape_configs"},
       .read = read_prometheus},
      {.name = "OpenTelemetry collector",
       .recognises = is_otel_collector,
       .skipped = {"receivers", "exporters", "extensions", "processors", "connectors", "service"},
       .read = read_otel_collector},
      {.name = "Grafana data sources",
       .origin = NeedOrigin::grafana,
       .recognises = is_grafana_sources,
       .skipped = {"datasources"},
       .read = read_grafana_sources},
      {.name = "Envoy", .recognises = is_envoy, .skipped = {"static_resources", "admin", "node"}, .read = read_envoy},
      {.name = "Grafana dashboard", .recognises = is_dashboard, .skipped = {}, .calls_nobody = true},
      {.name = "alert rules", .recognises = is_alert_rules, .skipped = {}, .calls_nobody = true},
      {.name = "Alertmanager", .recognises = is_alertmanager, .skipped = {"templates", "inhibit_rules"}},
      {.name = "Loki, Mimir or Tempo", .recognises = is_log_store, .skipped = {"receivers"}},
  };
  return kFormats;
}

}  // namespace gantry::netpol

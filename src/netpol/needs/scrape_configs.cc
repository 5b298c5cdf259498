// Prometheus' scrape configurations, run as Prometheus would run them: discovery, relabelling, and then whoever is left.

#include "netpol/needs/documents.h"
#include "netpol/needs/scrape_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::netpol {

namespace {

using base::Node;

struct Job {
  const ConfigFile& file;
  const Node& node;
  std::string name;
  std::string scheme = "http";
  Relabelling relabelling;
};

// What is left of a target's address after relabelling: "host:port", the port by the scheme when it has none.
std::optional<HostText> address_of(const TargetLabels& labels) {
  const auto address = labels.find("__address__");
  const auto scheme = labels.find("__scheme__");
  if (address == labels.end() || address->second.empty()) return std::nullopt;
  std::vector<HostText> hosts = read_hosts(address->second);
  if (hosts.empty()) return std::nullopt;
  const bool is_https = scheme != labels.end() && scheme->second == "https";
  if (!hosts.front().port) hosts.front().port = kube::Port{static_cast<std::uint16_t>(is_https ? 443 : 80)};
  return hosts.front();
}

void add_target(NeedCollector& needs, const Job& job, const ScrapeTarget& target, TargetLabels labels) {
  labels["__scheme__"] = job.scheme;
  labels["job"] = job.name;
  if (!job.relabelling.apply(labels)) return;
  const std::optional<HostText> address = address_of(labels);
  if (!address || address->is_loopback()) return;
  const bool by_annotation = target.annotation.file != nullptr;
  NeedEvidence evidence{
      .origin = by_annotation ? NeedOrigin::scrape_annotation : NeedOrigin::scrape_config,
      .confidence = Confidence::certain,
      .where = by_annotation ? target.annotation : job.file.place_of(job.node),
      .text = fmt::format("{}: job {} scrapes port {}", job.file.name, job.name, address->port->value())};
  if (address->host == kPodAddress) {
    needs.add_flow(job.file.source, {target.party, kube::Protocol::tcp, {*address->port}}, target.route, evidence);
    return;
  }
  // Relabelled to somebody else, who asks the target in turn (a blackbox exporter).
  HostReference reference;
  reference.host = *address;
  reference.port = address->port;
  reference.wording = Wording::with_port;
  reference.dangles = true;
  reference.where = job.file.place_of(job.node);
  reference.text = fmt::format("{}: job {} scrapes {}", job.file.name, job.name, to_string(*address));
  needs.add_host(job.file.source, job.file.name_space, reference, NeedOrigin::scrape_config);
}

void read_static_targets(NeedCollector& needs, const Job& job) {
  const Node* configs = job.node.get("static_configs");
  if (configs == nullptr || !configs->is_array()) return;
  for (const Node& config : configs->array()) {
    const Node* targets = config.get("targets");
    if (targets == nullptr || !targets->is_array()) continue;
    for (const Node& written : targets->array()) {
      if (!written.is_string()) continue;
      const Job at_target{job.file, written, job.name, job.scheme, job.relabelling};
      add_target(needs, at_target, {}, {{"__address__", written.string()}});
    }
  }
}

void read_discovery(NeedCollector& needs, const Job& job) {
  const Node* configs = job.node.get("kubernetes_sd_configs");
  if (configs == nullptr || !configs->is_array()) return;
  for (const Node& config : configs->array()) {
    needs.note_scraper();
    needs.add_flow(job.file.source, {NeedSpecial::api_server, kube::Protocol::tcp, {kube::Port{443}, kube::Port{6443}}},
                   {},
                   {.origin = NeedOrigin::api_server,
                    .confidence = Confidence::strong,
                    .where = job.file.place_of(config),
                    .text = fmt::format("{}: job {} discovers its targets", job.file.name, job.name)});
    for (const ScrapeTarget& target : discover(needs, job.file.name_space, config))
      add_target(needs, job, target, target.labels);
  }
}

}  // namespace

void read_scrape_configs(NeedCollector& needs, const ConfigFile& file, const Node& list) {
  if (!list.is_array()) return;
  // Other ways of discovery name a server to ask.
  constexpr std::array<std::string_view, 3> kOwnReading = {"static_configs", "kubernetes_sd_configs", "params"};
  for (const Node& node : list.array()) {
    Job job{.file = file,
            .node = node,
            .name = std::string(node.text("job_name")),
            .relabelling = Relabelling::parse(node.get("relabel_configs"))};
    if (!node.text("scheme").empty()) job.scheme = node.text("scheme");
    read_static_targets(needs, job);
    read_discovery(needs, job);
    read_members(needs, file, node, NeedOrigin::scrape_config, kOwnReading, true);
  }
}

void read_prometheus(NeedCollector& needs, const ConfigFile& file, const Node& root) {
  read_scrape_configs(needs, file, *root.get("scrape_configs"));
}

}  // namespace gantry::netpol

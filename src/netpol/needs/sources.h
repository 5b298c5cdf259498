#pragma once

// Every place where the manifests say who needs whom: one function and one file for each, in the table of sources.cc.

#include "netpol/needs/collector.h"

#include <span>
#include <string_view>

namespace gantry::netpol {

struct EvidenceSource {
  std::string_view name;
  void (*collect)(NeedCollector& needs) = nullptr;
};

// In an order in which each may look at what those before it found.
std::span<const EvidenceSource> evidence_sources();

void collect_environment(NeedCollector& needs);       // environment.cc
void collect_command_lines(NeedCollector& needs);     // command_lines.cc
void collect_config_files(NeedCollector& needs);      // config_files.cc
void collect_probes(NeedCollector& needs);            // probes.cc
void collect_stateful_peers(NeedCollector& needs);    // stateful_peers.cc
void collect_ingresses(NeedCollector& needs);         // ingresses.cc
void collect_gateway_routes(NeedCollector& needs);    // gateway_routes.cc
void collect_other_routes(NeedCollector& needs);      // other_routes.cc
void collect_exposed_services(NeedCollector& needs);  // exposed_services.cc
void collect_api_server_calls(NeedCollector& needs);  // api_server_calls.cc: webhooks, aggregated APIs, conversions
void collect_scrapes(NeedCollector& needs);           // scrapes.cc: configurations of scrapers, annotations
void collect_monitors(NeedCollector& needs);          // monitors.cc: ServiceMonitor and its kin
void collect_api_clients(NeedCollector& needs);       // api_clients.cc: pods that call the API server
void collect_autoscalers(NeedCollector& needs);       // autoscalers.cc
void collect_declared(NeedCollector& needs);          // declared.cc
void collect_dns(NeedCollector& needs);               // dns.cc

}  // namespace gantry::netpol

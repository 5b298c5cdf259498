// What the API server calls: webhooks, aggregated APIs, conversions of custom resources (§13). It comes from a node's address.

#include "netpol/needs/sources.h"

#include <fmt/format.h>

namespace gantry::netpol {

namespace {

void add_call(NeedCollector& needs, const kube::Object& object, const kube::CalledService& service, NeedOrigin origin) {
  needs.add_service(NeedSpecial::api_server, {service.name_space, service.name, service.port},
                    kube::PortRef(service.port),
                    {.origin = origin,
                     .confidence = Confidence::certain,
                     .where = service.where,
                     .text = fmt::format("{} calls {}/{}", to_string(object.id), service.name_space, service.name)});
}

void add_url(NeedCollector& needs, const kube::Object& object, const kube::Webhook& webhook) {
  const std::vector<Setting> url = {{"url", webhook.url, webhook.where}};
  needs.add_hosts(NeedSpecial::api_server, "default", read_settings(url), NeedOrigin::webhook,
                  to_string(object.id) + ": ");
}

}  // namespace

void collect_api_server_calls(NeedCollector& needs) {
  for (const kube::WebhookConfiguration& configuration : needs.snapshot()->webhooks) {
    for (const kube::Webhook& webhook : configuration.webhooks) {
      if (webhook.service) add_call(needs, configuration.object, *webhook.service, NeedOrigin::webhook);
      if (!webhook.url.empty()) add_url(needs, configuration.object, webhook);
    }
  }
  for (const kube::ApiService& api : needs.snapshot()->api_services)
    if (api.service) add_call(needs, api.object, *api.service, NeedOrigin::api_service);
  for (const kube::CustomResourceDefinition& resource : needs.snapshot()->custom_resources)
    if (resource.conversion) add_call(needs, resource.object, *resource.conversion, NeedOrigin::webhook);
}

}  // namespace gantry::netpol

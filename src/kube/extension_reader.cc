// Custom resources, webhooks and aggregated APIs: apiextensions.k8s.io, admissionregistration.k8s.io, apiregistration.k8s.io.

#include "kube/readers.h"

namespace gantry::kube {

namespace {

constexpr Choice<Scope> kScopes[] = {{"Namespaced", Scope::namespaced}, {"Cluster", Scope::cluster}};

// `clientConfig` and APIService's `spec` name a Service the same way.
std::optional<CalledService> parse_called(const Fields& holder) {
  const Fields service = holder.map("service");
  if (!service.present()) return std::nullopt;
  CalledService called;
  called.name_space = service.text("namespace");
  called.name = service.text("name");
  called.path = service.text("path");
  called.port = service.port("port").value_or(Port{443});
  called.where = service.pos();
  return called;
}

}  // namespace

CustomResourceDefinition parse_custom_resource(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields spec = root.map("spec");
  const Fields names = spec.map("names");
  const Fields conversion = spec.map("conversion");
  const Fields webhook = conversion.map("webhook");
  const Fields client = webhook.map("clientConfig");
  CustomResourceDefinition definition;
  definition.object = object;
  spec.require("group");
  spec.require("scope");
  names.require("kind");
  definition.group = spec.text("group");
  definition.kind = names.text("kind");
  definition.plural = names.text("plural");
  definition.scope = spec.choice<Scope>("scope", kScopes).value_or(Scope::namespaced);
  spec.each("versions", [&](const Fields& version) {
    if (version.flag("served")) definition.served_versions.push_back(version.text("name"));
  });
  definition.conversion = parse_called(client);
  return definition;
}

WebhookConfiguration parse_webhooks(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  WebhookConfiguration configuration;
  configuration.object = object;
  configuration.kind = object.id.kind == "MutatingWebhookConfiguration" ? WebhookConfiguration::Kind::mutating
                                                                        : WebhookConfiguration::Kind::validating;
  root.each("webhooks", [&](const Fields& fields) {
    const Fields client = fields.map("clientConfig");
    Webhook webhook;
    webhook.name = fields.text("name");
    webhook.service = parse_called(client);
    webhook.url = client.text("url");
    webhook.failure_policy = fields.text("failurePolicy", "Fail");
    webhook.where = fields.pos();
    configuration.webhooks.push_back(std::move(webhook));
  });
  return configuration;
}

ApiService parse_api_service(const Object& object, Problems& problems) {
  const Fields root(*object.document, problems);
  const Fields spec = root.map("spec");
  ApiService service;
  service.object = object;
  service.service = parse_called(spec);
  return service;
}

}  // namespace gantry::kube

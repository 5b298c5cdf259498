#include "netpol/needs/known_parties.h"

#include "netpol/needs/containers.h"

#include <algorithm>
#include <array>

namespace gantry::netpol {

namespace {

// A maker's controllers: how classes refer to them, and how their pods can be known.
struct Product {
  std::string_view controller;  // IngressClass and GatewayClass: what the controller's name begins with
  std::string_view class_name;  // the class that is usual, for the older annotation
  std::string_view name;        // of app.kubernetes.io/name, app or k8s-app
  std::string_view image;       // a part of the image's name
};
constexpr std::array kProducts = {
    Product{"k8s.io/ingress-nginx", "nginx", "ingress-nginx", "ingress-nginx/controller"},
    Product{"nginx.org/ingress-controller", "nginx", "nginx-ingress", "nginx/nginx-ingress"},
    Product{"ingress-controllers.konghq.com/kong", "kong", "kong", "kong"},
    Product{"konghq.com/", "kong", "kong", "kong"},
    Product{"traefik.io/", "traefik", "traefik", "traefik"},
    Product{"haproxy", "haproxy", "haproxy-ingress", "haproxy"},
    Product{"projectcontour.io/", "contour", "contour", "envoy"},
    Product{"gateway.envoyproxy.io/", "envoy", "envoy", "envoyproxy/envoy"},
    Product{"istio.io/", "istio", "istio-ingressgateway", "istio/proxyv2"},
    Product{"gateway.nginx.org/", "nginx", "nginx-gateway", "nginx-gateway-fabric"},
    Product{"io.cilium/", "cilium", "cilium-envoy", "cilium-envoy"},
};

std::vector<NeedParty> as_parties(const std::vector<std::size_t>& workloads, NeedSpecial otherwise) {
  std::vector<NeedParty> parties;
  for (const std::size_t workload : workloads) parties.emplace_back(NeedWorkload{workload});
  if (parties.empty()) parties.emplace_back(otherwise);
  return parties;
}

std::vector<std::size_t> selected(const NeedCollector& needs, const kube::LabelSelector& selector) {
  std::vector<std::size_t> found;
  for (const std::size_t index : independent_workloads(needs.snapshot())) {
    if (kube::match(selector, needs.directory().labels_of(index)) != kube::Match::no) found.push_back(index);
  }
  return found;
}

bool has_name(const kube::Workload& workload, std::string_view name) {
  constexpr std::array<std::string_view, 3> kNameLabels = {"app.kubernetes.io/name", "app", "k8s-app"};
  return std::ranges::any_of(kNameLabels, [&](std::string_view key) {
    const std::string* value = workload.pod_template.labels.find(key);
    return value && *value == name;
  });
}

// The last part of an image's path without its tag ("kong" of "docker.io/library/kong:3.9") is, or the path ends in, the product's.
bool has_image(const kube::Workload& workload, std::string_view image) {
  return std::ranges::any_of(workload.pod_template.spec->containers, [&](const kube::Container& container) {
    const std::string_view path = std::string_view(container.image).substr(0, container.image.find_first_of(":@"));
    return path == image || path.ends_with("/" + std::string(image));
  });
}

std::vector<std::size_t> pods_of(const NeedCollector& needs, const Product& product) {
  std::vector<std::size_t> found;
  for (const std::size_t index : independent_workloads(needs.snapshot())) {
    const kube::Workload& workload = needs.snapshot()->workloads[index];
    if (has_name(workload, product.name) || has_image(workload, product.image)) found.push_back(index);
  }
  return found;
}

// The controller that a class names; the default class when the Ingress names none.
std::string_view controller_of(const kube::Snapshot& snapshot, const kube::Ingress& ingress) {
  for (const kube::IngressClass& candidate : snapshot->ingress_classes) {
    const bool is_it =
        ingress.class_name.empty() ? candidate.is_default : candidate.object.id.name == ingress.class_name;
    if (is_it) return candidate.controller;
  }
  return {};
}

}  // namespace

std::vector<NeedParty> ingress_controllers(const NeedCollector& needs, const kube::Ingress& ingress) {
  if (needs.options().ingress_controller)
    return as_parties(selected(needs, *needs.options().ingress_controller), NeedSpecial::ingress_controller);
  const std::string_view controller = controller_of(needs.snapshot(), ingress);
  std::vector<std::size_t> found;
  for (const Product& product : kProducts) {
    const bool is_any = controller.empty() && ingress.class_name.empty();
    const bool is_it =
        controller.empty() ? product.class_name == ingress.class_name : controller.starts_with(product.controller);
    if (!is_it && !is_any) continue;
    for (const std::size_t index : pods_of(needs, product)) found.push_back(index);
  }
  std::ranges::sort(found);
  const auto repeated = std::ranges::unique(found);
  found.erase(repeated.begin(), repeated.end());
  return as_parties(found, NeedSpecial::ingress_controller);
}

std::vector<NeedParty> gateway_pods(const NeedCollector& needs, const kube::Gateway& gateway) {
  // Implementations label the pods that they start for a Gateway with its name (Gateway API, GEP-1762).
  kube::LabelSet label;
  label.set("gateway.networking.k8s.io/gateway-name", gateway.object.id.name);
  const std::vector<std::size_t> labelled =
      needs.directory().workloads_matching(gateway.object.id.name_space, kube::LabelSelector::from_labels(label));
  if (!labelled.empty()) return as_parties(labelled, NeedSpecial::ingress_controller);
  const auto& classes = needs.snapshot()->gateway_classes;
  const auto it = std::ranges::find_if(
      classes, [&](const kube::GatewayClass& c) { return c.object.id.name == gateway.class_name; });
  if (it != classes.end()) {
    for (const Product& product : kProducts)
      if (it->controller.starts_with(product.controller))
        return as_parties(pods_of(needs, product), NeedSpecial::ingress_controller);
  }
  return {NeedSpecial::ingress_controller};
}

std::vector<NeedParty> kong_proxies(const NeedCollector& needs) {
  const auto kong = std::ranges::find(kProducts, std::string_view("kong"), &Product::name);
  return as_parties(pods_of(needs, *kong), NeedSpecial::ingress_controller);
}

std::vector<NeedParty> openshift_routers(const NeedCollector& needs) {
  return as_parties(pods_of(needs, {"", "", "router", "openshift/router"}), NeedSpecial::ingress_controller);
}

std::vector<NeedParty> prometheus_pods(const NeedCollector& needs) {
  if (needs.options().prometheus)
    return as_parties(selected(needs, *needs.options().prometheus), NeedSpecial::prometheus);
  return as_parties(pods_of(needs, {"", "", "prometheus", "prom/prometheus"}), NeedSpecial::prometheus);
}

}  // namespace gantry::netpol

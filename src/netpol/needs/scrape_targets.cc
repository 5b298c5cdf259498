#include "netpol/needs/scrape_targets.h"

#include "netpol/needs/containers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::netpol {

namespace {

using base::Node;
using kube::Workload;

constexpr std::string_view kScrape = "prometheus.io/scrape";

void add_labels(std::string_view kind, const kube::LabelSet& labels, TargetLabels& target) {
  for (const auto& [key, value] : labels) {
    target[label_name(fmt::format("__meta_kubernetes_{}_", kind), key)] = value;
    target[label_name(fmt::format("__meta_kubernetes_{}present_", kind), key)] = "true";
  }
}

// Which namespaces, and which pods or Services in them, an element of kubernetes_sd_configs is about.
struct Scope {
  std::vector<std::string> names;  // empty: all
  std::vector<kube::LabelSelector> selectors;

  bool holds(std::string_view name_space) const {
    return names.empty() || std::ranges::find(names, name_space) != names.end();
  }
  bool holds(std::string_view name_space, const kube::LabelSet& labels) const {
    return holds(name_space) &&
           std::ranges::all_of(selectors, [&](const kube::LabelSelector& s) { return s.matches(labels); });
  }
};

Scope scope_of(const Node& discovery, std::string_view role, std::string_view own) {
  Scope scope;
  if (const Node* names = discovery.find("namespaces", "names"); names && names->is_array()) {
    for (const Node& name : names->array())
      if (name.is_string()) scope.names.push_back(name.string());
  }
  const Node* own_namespace = discovery.find("namespaces", "own_namespace");
  if (own_namespace && own_namespace->is_bool() && own_namespace->boolean()) scope.names.emplace_back(own);
  const Node* selectors = discovery.get("selectors");
  if (selectors == nullptr || !selectors->is_array()) return scope;
  for (const Node& selector : selectors->array()) {
    if (selector.text("role") != role) continue;
    if (auto parsed = kube::LabelSelector::parse_text(selector.text("label"))) scope.selectors.push_back(*parsed);
  }
  return scope;
}

class Discovery {
 public:
  Discovery(const NeedCollector& needs, Scope scope) : needs_(needs), scope_(std::move(scope)) {}

  void find_pods() {
    for (const std::size_t index : independent_workloads(needs_.snapshot())) {
      const Workload& workload = needs_.snapshot()->workloads[index];
      if (scope_.holds(workload.name_space(), workload.pod_template.labels)) add_pod(index, workload);
    }
  }

  void find_endpoints() {
    for (const kube::Service& service : needs_.snapshot()->services) {
      if (!scope_.holds(service.name_space(), service.object.labels)) continue;
      for (const kube::ServicePort& port : service.ports) add_endpoints(service, port);
    }
  }

  void find_services() {
    for (const kube::Service& service : needs_.snapshot()->services) {
      if (!scope_.holds(service.name_space(), service.object.labels)) continue;
      for (const kube::ServicePort& port : service.ports) {
        ScrapeTarget target;
        add_service(service, target);
        target.labels["__meta_kubernetes_service_port_name"] = port.name;
        target.labels["__meta_kubernetes_service_port_number"] = std::to_string(port.port.value());
        target.labels["__meta_kubernetes_service_port_protocol"] = to_string(port.protocol);
        target.labels["__address__"] =
            fmt::format("{}.{}.svc:{}", service.name(), service.name_space(), port.port.value());
        targets_.push_back(std::move(target));
      }
    }
  }

  void find_nodes() {
    ScrapeTarget target;
    target.party = NeedSpecial::nodes;
    constexpr int kKubeletPort = 10250;
    target.labels["__address__"] = fmt::format("{}:{}", kPodAddress, kKubeletPort);
    target.labels["__meta_kubernetes_node_name"] = "node";
    targets_.push_back(std::move(target));
  }

  std::vector<ScrapeTarget> take() { return std::move(targets_); }

 private:
  static void describe_pod(std::size_t index, const Workload& workload, ScrapeTarget& target) {
    target.party = NeedWorkload{index};
    TargetLabels& labels = target.labels;
    labels["__meta_kubernetes_namespace"] = workload.name_space();
    labels["__meta_kubernetes_pod_name"] = workload.name() + "-0";
    labels["__meta_kubernetes_pod_ip"] = kPodAddress;
    labels["__meta_kubernetes_pod_phase"] = "Running";
    labels["__meta_kubernetes_pod_ready"] = "true";
    labels["__meta_kubernetes_pod_node_name"] = "node";
    labels["__meta_kubernetes_pod_controller_kind"] = to_string(workload.kind);
    labels["__meta_kubernetes_pod_controller_name"] = workload.name();
    add_labels("pod_label", workload.pod_template.labels, labels);
    add_labels("pod_annotation", workload.pod_template.annotations, labels);
    if (workload.pod_template.annotations.find(kScrape)) target.annotation = annotation_place(workload, kScrape);
  }

  static void describe_container(const kube::Container& container, const kube::ContainerPort* port, bool is_init,
                                 TargetLabels& labels) {
    labels["__meta_kubernetes_pod_container_name"] = container.name;
    labels["__meta_kubernetes_pod_container_image"] = container.image;
    labels["__meta_kubernetes_pod_container_init"] = is_init ? "true" : "false";
    if (port == nullptr) return;
    labels["__meta_kubernetes_pod_container_port_name"] = port->name;
    labels["__meta_kubernetes_pod_container_port_number"] = std::to_string(port->port.value());
    labels["__meta_kubernetes_pod_container_port_protocol"] = to_string(port->protocol);
    labels["__address__"] = fmt::format("{}:{}", kPodAddress, port->port.value());
  }

  void add_pod(std::size_t index, const Workload& workload) {
    const kube::PodSpec& spec = *workload.pod_template.spec;
    for (const auto* containers : {&spec.containers, &spec.init_containers}) {
      for (const kube::Container& container : *containers) {
        ScrapeTarget target;
        describe_pod(index, workload, target);
        const bool is_init = containers == &spec.init_containers;
        // A container without ports is one target, without a port.
        target.labels["__address__"] = kPodAddress;
        describe_container(container, nullptr, is_init, target.labels);
        if (container.ports.empty()) targets_.push_back(target);
        for (const kube::ContainerPort& port : container.ports) {
          describe_container(container, &port, is_init, target.labels);
          targets_.push_back(target);
        }
      }
    }
  }

  static void add_service(const kube::Service& service, ScrapeTarget& target) {
    target.labels["__meta_kubernetes_namespace"] = service.name_space();
    target.labels["__meta_kubernetes_service_name"] = service.name();
    target.labels["__meta_kubernetes_endpoints_name"] = service.name();
    add_labels("service_label", service.object.labels, target.labels);
    add_labels("service_annotation", service.object.annotations, target.labels);
    if (service.object.annotations.find(kScrape)) target.annotation = annotation_place(service.object, kScrape);
  }

  void add_endpoints(const kube::Service& service, const kube::ServicePort& port) {
    for (const Listener& listener : needs_.directory().listeners_of(service, port).listeners) {
      for (const kube::Port number : listener.ports) {
        ScrapeTarget target;
        if (const NeedWorkload* pods = std::get_if<NeedWorkload>(&listener.party))
          describe_pod(pods->workload, needs_.snapshot()->workloads[pods->workload], target);
        add_service(service, target);
        target.party = listener.party;
        target.route = ServiceRoute{service.name_space(), service.name(), port.port};
        target.labels["__meta_kubernetes_endpoint_ready"] = "true";
        target.labels["__meta_kubernetes_endpoint_port_name"] = port.name;
        target.labels["__meta_kubernetes_endpointslice_port_name"] = port.name;
        target.labels["__meta_kubernetes_endpoint_port_protocol"] = to_string(port.protocol);
        target.labels["__meta_kubernetes_endpoint_address_target_kind"] = "Pod";
        target.labels["__address__"] = fmt::format("{}:{}", kPodAddress, number.value());
        targets_.push_back(std::move(target));
      }
    }
  }

  const NeedCollector& needs_;
  Scope scope_;
  std::vector<ScrapeTarget> targets_;
};

base::SourcePos place_in(const Node* metadata, std::string_view key, const base::SourcePos& otherwise) {
  const Node* annotations = metadata ? metadata->get("annotations") : nullptr;
  const base::SourcePos* found = annotations ? annotations->key_pos(key) : nullptr;
  return found ? *found : otherwise;
}

}  // namespace

std::vector<ScrapeTarget> discover(const NeedCollector& needs, std::string_view name_space,
                                   const Node& discovery_config) {
  const std::string_view role = discovery_config.text("role");
  Discovery discovery(needs, scope_of(discovery_config, role, name_space));
  struct Role {
    std::string_view name;
    void (Discovery::*find)();
  };
  constexpr std::array kRoles = {
      Role{"endpoints", &Discovery::find_endpoints}, Role{"endpointslice", &Discovery::find_endpoints},
      Role{"node", &Discovery::find_nodes},          Role{"pod", &Discovery::find_pods},
      Role{"service", &Discovery::find_services},
  };
  const auto known = std::ranges::find(kRoles, role, &Role::name);
  if (known != kRoles.end()) (discovery.*known->find)();
  return discovery.take();
}

base::SourcePos annotation_place(const kube::Object& object, std::string_view key) {
  return place_in(object.document ? object.document->get("metadata") : nullptr, key, object.pos());
}

base::SourcePos annotation_place(const Workload& workload, std::string_view key) {
  if (workload.kind == kube::WorkloadKind::pod) return annotation_place(workload.object, key);
  const Node* document = workload.object.document.get();
  const Node* spec = document ? document->get("spec") : nullptr;
  if (workload.kind == kube::WorkloadKind::cron_job && spec) spec = spec->find("jobTemplate", "spec");
  return place_in(spec ? spec->find("template", "metadata") : nullptr, key, workload.pod_template.where);
}

}  // namespace gantry::netpol

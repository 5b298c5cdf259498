#include "launch/checks/references/references.h"
#include "launch/checks/system/rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace gantry::launch {

using base::Finding;
using kube::Service;
using kube::ServicePort;
using kube::Workload;

namespace {

std::vector<std::string_view> service_names(const World& world, std::string_view name_space) {
  std::vector<std::string_view> names;
  for (const Service& service : kube::in_namespace(world.snapshot()->services, name_space))
    names.push_back(service.name());
  return names;
}

// ---- What is behind a Service

bool declares(const PodClass& pods, const std::string& name, kube::Protocol protocol) {
  return !kube::find_named_ports(*pods.pod.spec, name, protocol).empty();
}

std::vector<std::string> declared_names(const std::vector<const PodClass*>& selected) {
  std::set<std::string> names;
  for (const PodClass* pods : selected)
    for (const kube::Container& container : pods->pod.spec->containers)
      for (const kube::ContainerPort& port : container.ports)
        if (!port.name.empty()) names.insert(port.name);
  return {names.begin(), names.end()};
}

void judge_target_port(const Service& service, const ServicePort& port, const std::vector<const PodClass*>& selected,
                       std::vector<Finding>& findings) {
  const auto* name = std::get_if<std::string>(&port.target);
  if (!name) return;
  std::set<std::string> lacking;
  for (const PodClass* pods : selected)
    if (!declares(*pods, *name, port.protocol)) lacking.insert(pods->owner_name());
  if (lacking.empty()) return;
  const bool is_partly =
      std::ranges::any_of(selected, [&](const PodClass* pods) { return declares(*pods, *name, port.protocol); });
  const std::vector<std::string> known = declared_names(selected);
  findings.push_back(make_finding(
      is_partly ? "ref.service-port-undeclared-partly" : "ref.service-port-undeclared", to_string(service.object.id),
      port.where,
      fmt::format("{} leads to port {}/{}, which {} does not declare", to_string(service.object.id), *name,
                  to_string(port.protocol), fmt::join(lacking, ", ")),
      nearest_fix(*name, {known.begin(), known.end()}, "name a port that the container declares, or its number")));
}

void judge_service(const World& world, const Service& service, std::vector<Finding>& findings) {
  // Without a selector somebody else writes the endpoints.
  if (!service.selector || service.selector->selects_everything() || service.type == kube::ServiceType::external_name)
    return;
  const std::span<const PodClass> candidates = in_namespace(world.pods(), service.name_space());
  const std::vector<const PodClass*> selected = select(candidates, *service.selector);
  if (!selected.empty()) {
    for (const ServicePort& port : service.ports) judge_target_port(service, port, selected, findings);
    return;
  }
  const std::string name = to_string(service.object.id);
  findings.push_back(make_finding(
      "ref.service-selects-nothing", name, position_of(service.object, "spec", "selector"),
      fmt::format("{} selects {}, and no pod of {} matches", name, to_string(*service.selector), service.name_space()),
      hinted_fix(*service.selector, with_labels(candidates),
                 "make the selector equal to the labels of the pod template")));
}

// ---- The Service of a StatefulSet

void judge_stateful_set(const World& world, const Workload& set, std::vector<Finding>& findings) {
  const std::string name = to_string(set.object.id);
  const auto report = [&](base::Severity severity, std::string message, std::string fix) {
    findings.push_back(make_finding("ref.stateful-service", name, position_of(set.object, "spec", "serviceName"),
                                    std::move(message), std::move(fix)));
    findings.back().severity = severity;
  };
  if (set.service_name.empty())
    return report(base::Severity::medium, fmt::format("{} names no Service", name),
                  "give it a headless Service in serviceName");
  const Service* service = kube::find_named(world.snapshot()->services, set.name_space(), set.service_name);
  if (!service)
    return report(
        base::Severity::high,
        fmt::format("{} names Service {}, which {} does not have", name, set.service_name, set.name_space()),
        nearest_fix(set.service_name, service_names(world, set.name_space()), "add a headless Service of that name"));
  if (!service->headless)
    report(base::Severity::medium, fmt::format("{} names Service {}, which is not headless", name, set.service_name),
           "give the Service `clusterIP: None`");
  const bool is_selected = service->selector && service->selector->matches(set.pod_template.labels);
  if (!is_selected)
    report(base::Severity::high,
           fmt::format("{} names Service {}, which does not select its pods", name, set.service_name),
           "make the Service's selector equal to the labels of the pod template");
}

}  // namespace

void judge_services(const World& world, const kube::Snapshot& judged, std::vector<Finding>& findings) {
  for (const Service& service : judged->services) judge_service(world, service, findings);
  for (const Workload& workload : judged->workloads)
    if (workload.kind == kube::WorkloadKind::stateful_set) judge_stateful_set(world, workload, findings);
}

}  // namespace gantry::launch

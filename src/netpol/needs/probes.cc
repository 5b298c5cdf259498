// Probes: an httpGet or tcpSocket is asked by the kubelet, so another host in it is called from the node; an exec probe runs in
// the container.

#include "netpol/needs/command_lines.h"
#include "netpol/needs/containers.h"
#include "netpol/needs/sources.h"

#include <fmt/format.h>

namespace gantry::netpol {

namespace {

void read_exec(NeedCollector& needs, std::size_t index, const kube::Container& container,
               const kube::Handler& handler) {
  const kube::Workload& workload = needs.snapshot()->workloads[index];
  const Environment environment = environment_of(needs.snapshot(), workload.name_space(), container);
  std::vector<CommandText> words;
  for (const std::string& word : handler.command) words.push_back({expand_variables(word, environment), handler.where});
  needs.add_hosts(NeedWorkload{index}, workload.name_space(), read_command(words), NeedOrigin::probe);
}

void read_host(NeedCollector& needs, std::string_view name_space, const kube::Handler& handler) {
  for (HostText& host : read_hosts(handler.host)) {
    if (host.is_loopback()) continue;
    HostReference reference;
    if (const kube::Port* port = std::get_if<kube::Port>(&handler.port)) reference.port = *port;
    reference.wording = reference.port ? Wording::with_port : Wording::name;
    reference.where = handler.where;
    reference.text = fmt::format("host of a probe: {}", to_string(host));
    reference.host = std::move(host);
    needs.add_host(NeedSpecial::nodes, name_space, reference, NeedOrigin::probe);
  }
}

void read_handler(NeedCollector& needs, std::size_t index, const kube::Container& container,
                  const kube::Handler& handler) {
  if (handler.kind == kube::Handler::Kind::exec) return read_exec(needs, index, container, handler);
  if (!handler.host.empty()) read_host(needs, needs.snapshot()->workloads[index].name_space(), handler);
}

}  // namespace

void collect_probes(NeedCollector& needs) {
  for (const std::size_t index : independent_workloads(needs.snapshot())) {
    for (const kube::Container* container : containers_of(*needs.snapshot()->workloads[index].pod_template.spec)) {
      for (const auto* probe : {&container->startup, &container->readiness, &container->liveness})
        if (*probe) read_handler(needs, index, *container, (*probe)->handler);
      for (const auto* hook : {&container->post_start, &container->pre_stop})
        if (*hook) read_handler(needs, index, *container, **hook);
    }
  }
}

}  // namespace gantry::netpol

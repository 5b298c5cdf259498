// Environment variables: those written, those of ConfigMaps, and (by their names alone) those of Secrets. The values of Secrets
// never leave the loader, and a guess that is marked as one is worth less than that rule.

#include "netpol/needs/containers.h"
#include "netpol/needs/sources.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace gantry::netpol {

namespace {

using kube::Port;

// Words for what many products do, and the ports of those products.
struct Purpose {
  std::string_view word;
  std::array<std::uint16_t, 4> ports;
};
constexpr std::array kPurposes = {
    Purpose{"broker", {5672, 9092, 4222, 1883}},    Purpose{"cache", {6379, 11211, 0, 0}},
    Purpose{"database", {5432, 3306, 27017, 1433}}, Purpose{"db", {5432, 3306, 27017, 1433}},
    Purpose{"queue", {5672, 9092, 4222, 6379}},
};

// The ports that a variable of that name is about.
std::vector<Port> suggested_ports(std::string_view name) {
  if (const UrlScheme* product = scheme_named_in(name)) return {Port{product->port}};
  std::vector<Port> ports;
  for (const std::string_view word : base::split(name, '_')) {
    const auto purpose = std::ranges::find(kPurposes, base::to_lower_ascii(word), &Purpose::word);
    if (purpose == kPurposes.end()) continue;
    for (const std::uint16_t port : purpose->ports)
      if (port != 0) ports.push_back(Port{port});
  }
  return ports;
}

struct Guess {
  const kube::Service* service = nullptr;
  const kube::ServicePort* port = nullptr;
};

// The one Service that the name can mean: in the pod's namespace, else in the whole cluster. Several are none.
Guess guess_service(const Directory& directory, std::string_view name_space, const std::vector<Port>& ports) {
  std::vector<Guess> own;
  std::vector<Guess> others;
  std::set<std::vector<std::size_t>> seen;  // a headless Service beside a usual one stands for the same pods
  for (const kube::Service& service : directory.snapshot()->services) {
    const auto port = std::ranges::find_if(
        service.ports, [&](const kube::ServicePort& p) { return std::ranges::find(ports, p.port) != ports.end(); });
    if (port == service.ports.end() || !seen.insert(directory.workloads_behind(service)).second) continue;
    (service.name_space() == name_space ? own : others).push_back({&service, &*port});
  }
  if (own.size() == 1) return own.front();
  return own.empty() && others.size() == 1 ? others.front() : Guess();
}

void collect_secret(NeedCollector& needs, std::size_t workload, const SecretVariable& variable) {
  if (!names_a_host(variable.name) || names_no_destination(variable.name)) return;
  const std::vector<Port> ports = suggested_ports(variable.name);
  if (ports.empty()) return;
  const std::string& name_space = needs.snapshot()->workloads[workload].name_space();
  const Guess guess = guess_service(needs.directory(), name_space, ports);
  if (guess.service == nullptr) return;
  needs.add_service(NeedWorkload{workload}, {guess.service->name_space(), guess.service->name(), guess.port->port},
                    guess.port->port,
                    {.origin = NeedOrigin::secret_reference,
                     .confidence = Confidence::weak,
                     .where = variable.where,
                     .text = fmt::format("{} from Secret {}/{} (guessed by the variable's name)", variable.name,
                                         name_space, variable.secret)});
}

}  // namespace

void collect_environment(NeedCollector& needs) {
  for (const std::size_t index : independent_workloads(needs.snapshot())) {
    const kube::Workload& workload = needs.snapshot()->workloads[index];
    for (const kube::Container* container : containers_of(*workload.pod_template.spec)) {
      const Environment environment = environment_of(needs.snapshot(), workload.name_space(), *container);
      needs.add_hosts(NeedWorkload{index}, workload.name_space(), read_settings(environment.settings),
                      NeedOrigin::environment);
      for (const SecretVariable& variable : environment.secrets) collect_secret(needs, index, variable);
    }
  }
}

}  // namespace gantry::netpol

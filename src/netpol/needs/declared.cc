// Flows that the team states. They are never doubted, and weaker guesses about the same pair are forgotten.

#include "netpol/needs/containers.h"
#include "netpol/needs/sources.h"

#include "base/text.h"
#include "kube/address.h"

#include <fmt/format.h>

#include <map>

namespace gantry::netpol {

namespace {

struct SpecialName {
  std::string_view name;
  NeedSpecial party;
};
constexpr SpecialName kSpecials[] = {
    {"api-server", NeedSpecial::api_server},
    {"cluster-dns", NeedSpecial::cluster_dns},
    {"ingress-controller", NeedSpecial::ingress_controller},
    {"internet", NeedSpecial::internet},
    {"nodes", NeedSpecial::nodes},
    {"prometheus", NeedSpecial::prometheus},
};

// "namespace/workload" in the snapshot; nothing when it is not there.
std::optional<NeedParty> find_workload(const kube::Snapshot& snapshot, std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  for (const std::size_t index : independent_workloads(snapshot)) {
    const kube::Workload& workload = snapshot->workloads[index];
    if (workload.name_space() == text.substr(0, slash) && workload.name() == text.substr(slash + 1))
      return NeedWorkload{index};
  }
  return std::nullopt;
}

// A workload, one of the special parties, or somebody outside.
std::optional<NeedParty> party_of(const kube::Snapshot& snapshot, std::string_view text) {
  if (const std::optional<NeedParty> workload = find_workload(snapshot, text)) return workload;
  for (const SpecialName& special : kSpecials)
    if (special.name == text) return special.party;
  const bool is_outside = kube::Cidr::parse(text).has_value() || kube::IpAddress::parse(text).has_value() ||
                          text.find('/') == std::string_view::npos;
  if (!is_outside) return std::nullopt;
  return NeedOutside{std::string(text)};
}

std::string nearest_workload(const kube::Snapshot& snapshot, std::string_view text) {
  std::vector<std::string> names;
  for (const kube::Workload& workload : snapshot->workloads)
    names.push_back(fmt::format("{}/{}", workload.name_space(), workload.name()));
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return std::string(base::nearest_name(text, candidates).value_or(""));
}

}  // namespace

void collect_declared(NeedCollector& needs) {
  for (const DeclaredFlow& flow : needs.options().declared) {
    const NeedEvidence evidence{.origin = NeedOrigin::declared,
                                .confidence = Confidence::declared,
                                .where = flow.where,
                                .text = fmt::format("declared: {} to {}", flow.source, flow.destination)};
    const std::optional<NeedParty> source = party_of(needs.snapshot(), flow.source);
    const std::optional<NeedParty> destination = party_of(needs.snapshot(), flow.destination);
    if (!source || !destination) {
      const std::string& missing = source ? flow.destination : flow.source;
      needs.add_dangling({source.value_or(NeedOutside{flow.source}), flow.destination, flow.port,
                          fmt::format("no workload {}", missing), nearest_workload(needs.snapshot(), missing),
                          evidence});
      continue;
    }
    needs.override_between(*source, *destination);
    std::vector<kube::Port> ports;
    if (flow.port) ports.push_back(*flow.port);
    needs.add_flow(*source, {*destination, flow.protocol, ports}, {}, evidence);
  }
}

}  // namespace gantry::netpol

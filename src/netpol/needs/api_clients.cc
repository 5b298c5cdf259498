// Pods that may call the API server: their ServiceAccount is bound to a role, and its token is mounted (§14.1).

#include "netpol/needs/containers.h"
#include "netpol/needs/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace gantry::netpol {

namespace {

using kube::Port;

// The first binding of each account.
using Bindings = std::map<std::pair<std::string, std::string>, const kube::RoleBinding*>;

Bindings bindings_of(const kube::Snapshot& snapshot) {
  Bindings bindings;
  for (const kube::RoleBinding& binding : snapshot->role_bindings) {
    for (const kube::AccessSubject& subject : binding.subjects)
      if (subject.kind == "ServiceAccount") bindings.try_emplace({subject.name_space, subject.name}, &binding);
  }
  return bindings;
}

bool has_token(const kube::Snapshot& snapshot, const kube::Workload& workload) {
  const kube::PodSpec& spec = *workload.pod_template.spec;
  const bool is_projected = std::ranges::any_of(spec.volumes, [](const kube::Volume& volume) {
    return std::ranges::any_of(volume.projected, [](const kube::VolumeSource& part) {
      return part.kind == kube::VolumeKind::service_account_token;
    });
  });
  if (is_projected) return true;
  if (spec.automount_token) return *spec.automount_token;
  const kube::ServiceAccount* account =
      kube::find_named(snapshot->service_accounts, workload.name_space(), spec.service_account);
  return account == nullptr || account->automount_token.value_or(true);
}

}  // namespace

void collect_api_clients(NeedCollector& needs) {
  const Bindings bindings = bindings_of(needs.snapshot());
  for (const std::size_t index : independent_workloads(needs.snapshot())) {
    const kube::Workload& workload = needs.snapshot()->workloads[index];
    const auto binding = bindings.find({workload.name_space(), workload.pod_template.spec->service_account});
    if (binding == bindings.end() || !has_token(needs.snapshot(), workload)) continue;
    const Resolution server = needs.directory().resolve({.name_space = workload.name_space(),
                                                         .host = "kubernetes.default.svc",
                                                         .port = Port{443},
                                                         .likely_port = {},
                                                         .protocol = kube::Protocol::tcp});
    needs.add_resolution(
        NeedWorkload{index}, server,
        {.origin = NeedOrigin::api_server,
         .confidence = Confidence::strong,
         .where = binding->second->object.pos(),
         .text = fmt::format("ServiceAccount {} is bound by {}", workload.pod_template.spec->service_account,
                             to_string(binding->second->object.id))});
  }
}

}  // namespace gantry::netpol

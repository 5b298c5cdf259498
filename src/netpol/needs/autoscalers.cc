// KEDA's triggers: its operator asks the systems that they name (§14.1).

#include "netpol/needs/containers.h"
#include "netpol/needs/sources.h"

#include <algorithm>

namespace gantry::netpol {

namespace {

using base::Node;

std::vector<NeedParty> keda_operators(const NeedCollector& needs) {
  std::vector<NeedParty> found;
  for (const std::size_t index : independent_workloads(needs.snapshot())) {
    const std::string* name = needs.snapshot()->workloads[index].pod_template.labels.find("app.kubernetes.io/name");
    if (name && *name == "keda-operator") found.emplace_back(NeedWorkload{index});
  }
  return found;
}

void add_triggers(NeedCollector& needs, const NeedParty& keda, const kube::Object& object) {
  const Node* triggers = object.document->find("spec", "triggers");
  if (triggers == nullptr || !triggers->is_array()) return;
  for (const Node& trigger : triggers->array()) {
    const Node* metadata = trigger.get("metadata");
    if (metadata == nullptr || !metadata->is_map()) continue;
    std::vector<Setting> settings;
    for (const Node::Member& member : metadata->map())
      if (member.value.is_string()) settings.push_back({member.key, member.value.string(), member.value.pos()});
    std::vector<HostReference> references = read_settings(settings);
    std::erase_if(references, [](const HostReference& r) { return r.wording == Wording::word; });
    needs.add_hosts(keda, object.id.name_space, references, NeedOrigin::autoscaler, to_string(object.id) + ": ");
  }
}

}  // namespace

void collect_autoscalers(NeedCollector& needs) {
  const std::vector<NeedParty> operators = keda_operators(needs);
  for (const kube::Object& object : needs.snapshot()->others) {
    const bool is_trigger =
        object.id.group == "keda.sh" && (object.id.kind == "ScaledObject" || object.id.kind == "ScaledJob");
    if (!is_trigger || !object.document) continue;
    for (const NeedParty& keda : operators) add_triggers(needs, keda, object);
  }
}

}  // namespace gantry::netpol

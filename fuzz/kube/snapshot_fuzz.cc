// Any bytes as a manifest. What loads becomes a snapshot in which every promise of snapshot.h holds; what does not is an
// input error with its place.

#include "base/yaml.h"
#include "kube/snapshot.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <tuple>

namespace gantry::kube {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <typename Typed>
void require_sorted(const Snapshot& snapshot, const SharedList<Typed>& typed) {
  require(std::is_sorted(typed.begin(), typed.end(), [](const Typed& a, const Typed& b) {
    return std::tie(a.object.id.name_space, a.object.id.name) < std::tie(b.object.id.name_space, b.object.id.name);
  }));
  for (const Typed& t : typed) {
    require(find_named(typed, t.object.id.name_space, t.object.id.name) != nullptr);
    if (t.object.document) require(snapshot.find(t.object.id) != nullptr);
  }
}

void require_no_values(const base::Node* entries) {
  if (entries == nullptr || !entries->is_map()) return;
  for (const base::Node::Member& member : entries->map()) require(!member.value.is_string());
}

void require_silent_secrets(const Snapshot& snapshot) {
  for (const Secret& secret : snapshot->secrets) {
    require_no_values(secret.object.document->get("data"));
    require_no_values(secret.object.document->get("stringData"));
  }
}

void require_joined_pods(const Snapshot& snapshot) {
  std::size_t joined = 0;
  for (const Pod& pod : snapshot->pods) {
    require(pod.spec != nullptr);
    joined += pod.workload.has_value();
    if (const Workload* workload = snapshot.workload_of(pod)) require(workload->name_space() == pod.name_space());
  }
  for (const Workload& workload : snapshot->workloads) {
    require(workload.pod_template.spec != nullptr);
    joined -= snapshot.pods_of(workload).size();
  }
  require(joined == 0);
}

void require_findings(const Snapshot& snapshot) {
  for (const base::Finding& finding : snapshot->findings) {
    require(!finding.rule.empty() && !finding.message.empty() && !finding.object.empty());
    require(finding.where.file_name() == "fuzz.yaml" && finding.where.line >= 1);
  }
}

void build(std::vector<base::Node> documents) {
  // Pods enough for every way of deriving them, few enough to be quick.
  const base::Result<Snapshot> snapshot = build_snapshot(std::move(documents), {.derived_pods_max = 50});
  if (!snapshot) {
    require(snapshot.error().kind == base::ErrorKind::input && snapshot.error().where.has_value());
    return;
  }
  const SnapshotData& data = **snapshot;
  require_sorted(*snapshot, data.namespaces);
  require_sorted(*snapshot, data.workloads);
  require_sorted(*snapshot, data.pods);
  require_sorted(*snapshot, data.services);
  require_sorted(*snapshot, data.network_policies);
  require_sorted(*snapshot, data.config_maps);
  require_sorted(*snapshot, data.secrets);
  require_silent_secrets(*snapshot);
  require_joined_pods(*snapshot);
  require_findings(*snapshot);
  require(dump(*snapshot).size() >= data.objects.size());
}

}  // namespace
}  // namespace gantry::kube

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gantry::base::Result<std::vector<gantry::base::Node>> documents = gantry::base::load_yaml(text, "fuzz.yaml");
  if (documents) gantry::kube::build(*std::move(documents));
  return 0;
}

#include "disruption/invariants.h"

#include "disruption/budget.h"
#include "disruption/systems/known_systems.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace gantry::disruption {

using base::Result;
using kube::Snapshot;
using kube::Workload;
using kube::WorkloadKind;

using Kind = Invariant::Kind;
using Origin = Invariant::Origin;

namespace {

const kube::HorizontalPodAutoscaler* autoscaler_of(const Snapshot& snapshot, const Workload& workload) {
  for (const kube::HorizontalPodAutoscaler& each : kube::in_namespace(snapshot->autoscalers, workload.name_space()))
    if (each.target_kind == workload.object.id.kind && each.target_name == workload.name()) return &each;
  return nullptr;
}

// "nats", "shop/nats", "StatefulSet shop/nats".
struct Reference {
  std::string_view kind;
  std::string_view name_space;
  std::string_view name;

  explicit Reference(std::string_view text) {
    if (const std::size_t space = text.find(' '); space != std::string_view::npos) {
      kind = text.substr(0, space);
      text.remove_prefix(space + 1);
    }
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
      name_space = text.substr(0, slash);
      text.remove_prefix(slash + 1);
    }
    name = text;
  }
  bool means(const kube::ObjectId& id) const {
    return id.name == name && (name_space.empty() || id.name_space == name_space) && (kind.empty() || id.kind == kind);
  }
};

template <typename Typed>
std::vector<std::size_t> find_all(const kube::SharedList<Typed>& objects, const Reference& reference) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < objects.size(); ++i)
    if (reference.means(objects[i].object.id)) found.push_back(i);
  return found;
}

std::unexpected<base::Error> not_one(std::string_view what, const std::string& text, std::size_t count,
                                     const std::optional<base::SourcePos>& where) {
  if (count == 0)
    return base::input_error(fmt::format("there is no {} {}", what, text), where, "name one that the manifests have");
  return base::input_error(fmt::format("{} names {} things", text, count), where,
                           "write kind, namespace and name: StatefulSet shop/db");
}

// Pods at the scale that a rehearsal begins with; of controllers that nobody gave, those that are there.
std::size_t count_selected(const Snapshot& snapshot, const kube::Service& service) {
  std::size_t count = 0;
  for (const Workload& workload : kube::in_namespace(snapshot->workloads, service.name_space())) {
    if (workload.kind == WorkloadKind::cron_job || workload.kind == WorkloadKind::job) continue;
    // The pods of a Deployment's ReplicaSet are the Deployment's.
    if (snapshot.controller_of(workload) != nullptr) continue;
    if (!service.selector->matches(workload.pod_template.labels)) continue;
    count += static_cast<std::size_t>(starting_replicas(snapshot, workload));
  }
  for (const kube::Pod& pod : kube::in_namespace(snapshot->pods, service.name_space()))
    count += !pod.workload && !pod.terminal() && service.selector->matches(pod.labels.known);
  return count;
}

class Collector {
 public:
  Collector(const Snapshot& snapshot, const InvariantOptions& options) : snapshot_(snapshot), options_(options) {}

  Result<std::vector<Invariant>> collect() {
    for (const QuorumClaim& claim : options_.quorums) TRY(add(claim));
    for (const AvailabilityClaim& claim : options_.available) TRY(add(claim));
    if (!options_.infer) return std::move(found_);
    for (std::size_t i = 0; i < snapshot_->workloads.size(); ++i) infer_quorum(i);
    for (std::size_t i = 0; i < snapshot_->services.size(); ++i) infer_service(i);
    return std::move(found_);
  }

 private:
  Result<void> add(const QuorumClaim& claim);
  Result<void> add(const AvailabilityClaim& claim);
  Result<void> insert(Invariant invariant);
  void infer_quorum(std::size_t index);
  void infer_service(std::size_t index);
  void describe_system(const Workload& workload, Invariant& invariant) const;

  const Snapshot& snapshot_;
  const InvariantOptions& options_;
  std::vector<Invariant> found_;
};

// The same claim twice is one; two that differ are a contradiction.
Result<void> Collector::insert(Invariant invariant) {
  for (const Invariant& other : found_) {
    if (other.kind != invariant.kind || other.subject != invariant.subject) continue;
    if (other.of == invariant.of && other.needs == invariant.needs) return {};
    return base::input_error(fmt::format("two claims about {} contradict each other: {} of {}, and {} of {}",
                                         other.subject, other.needs, other.of, invariant.needs, invariant.of),
                             invariant.where, "keep one of them");
  }
  found_.push_back(std::move(invariant));
  return {};
}

void Collector::describe_system(const Workload& workload, Invariant& invariant) const {
  const std::optional<KnownSystem> system = recognise(snapshot_, workload);
  if (!system) {
    invariant.readiness.reason = "nobody knows what its readiness waits for";
    invariant.data.reason = "nobody knows how its data is kept";
    return;
  }
  invariant.system = system->name;
  invariant.reason = system->reason;
  invariant.readiness = judge_readiness(*system);
  invariant.data = find_data_replicas(snapshot_, workload, *system);
}

Result<void> Collector::add(const QuorumClaim& claim) {
  const std::vector<std::size_t> found = find_all(snapshot_->workloads, Reference(claim.pods));
  if (found.size() != 1) return not_one("workload", claim.pods, found.size(), claim.where);
  const Workload& workload = snapshot_->workloads[found.front()];
  const std::int64_t replicas = starting_replicas(snapshot_, workload);
  const std::int64_t of = claim.of == 0 ? replicas : claim.of;
  const std::int64_t needs = claim.needs == 0 ? majority_of(of) : claim.needs;
  const std::string name = to_string(workload.object.id);
  if (of < 1 || needs < 1)
    return base::input_error(fmt::format("a quorum of {} members that needs {} is none", of, needs), claim.where,
                             "write of and needs: 1 or more");
  if (needs > of)
    return base::input_error(fmt::format("a quorum of {} members cannot need {}", of, needs), claim.where,
                             "write needs: at most of");
  if (of != replicas)
    return base::input_error(
        fmt::format("the quorum is said to have {} members, but {} has {} replicas", of, name, replicas), claim.where,
        "make of and replicas the same");
  Invariant invariant{
      .kind = Kind::quorum, .subject = name, .name_space = workload.name_space(), .of = of, .needs = needs};
  describe_system(workload, invariant);
  invariant.reason = "the plan says so";
  invariant.where = claim.where.value_or(workload.object.pos());
  invariant.workload = found.front();
  return insert(std::move(invariant));
}

Result<void> Collector::add(const AvailabilityClaim& claim) {
  const Reference reference(claim.service);
  if (claim.min < 0)
    return base::input_error(fmt::format("a service cannot keep {} pods", claim.min), claim.where,
                             "write min: 1 or more, or 0 where it may be down");
  Invariant invariant{.kind = Kind::available, .needs = claim.min, .reason = "the plan says so"};
  const std::vector<std::size_t> services = find_all(snapshot_->services, reference);
  if (services.size() > 1) return not_one("Service", claim.service, services.size(), claim.where);
  if (services.size() == 1) {
    const kube::Service& service = snapshot_->services[services.front()];
    if (!service.selector)
      return base::input_error(fmt::format("{} selects no pods", to_string(service.object.id)), claim.where,
                               "name a Service with a selector, or a workload");
    invariant.service = services.front();
    invariant.subject = to_string(service.object.id);
    invariant.name_space = service.name_space();
    invariant.of = static_cast<std::int64_t>(count_selected(snapshot_, service));
  } else {
    const std::vector<std::size_t> workloads = find_all(snapshot_->workloads, reference);
    if (workloads.size() != 1) return not_one("Service or workload", claim.service, workloads.size(), claim.where);
    const Workload& workload = snapshot_->workloads[workloads.front()];
    invariant.workload = workloads.front();
    invariant.subject = to_string(workload.object.id);
    invariant.name_space = workload.name_space();
    invariant.of = starting_replicas(snapshot_, workload);
  }
  if (claim.min > invariant.of)
    return base::input_error(
        fmt::format("{} cannot keep {} ready pods: it has {}", invariant.subject, claim.min, invariant.of), claim.where,
        "run more replicas, or ask for fewer");
  if (claim.where) invariant.where = *claim.where;
  return insert(std::move(invariant));
}

void Collector::infer_quorum(std::size_t index) {
  const Workload& workload = snapshot_->workloads[index];
  const std::int64_t replicas = starting_replicas(snapshot_, workload);
  const std::string name = to_string(workload.object.id);
  const auto is_known = [&](const Invariant& each) { return each.kind == Kind::quorum && each.subject == name; };
  if (replicas < 2 || workload.object.rejected() || std::ranges::any_of(found_, is_known)) return;
  if (!recognise(snapshot_, workload)) return;
  Invariant invariant{
      .kind = Kind::quorum, .origin = Origin::inferred, .subject = name, .name_space = workload.name_space()};
  invariant.of = replicas;
  invariant.needs = majority_of(replicas);
  invariant.where = workload.object.pos();
  invariant.workload = index;
  describe_system(workload, invariant);
  found_.push_back(std::move(invariant));
}

void Collector::infer_service(std::size_t index) {
  const kube::Service& service = snapshot_->services[index];
  const std::string name = to_string(service.object.id);
  const auto is_known = [&](const Invariant& each) { return each.kind == Kind::available && each.subject == name; };
  if (!service.selector || std::ranges::any_of(found_, is_known)) return;
  const auto count = static_cast<std::int64_t>(count_selected(snapshot_, service));
  if (count == 0) return;
  found_.push_back({.kind = Kind::available,
                    .origin = Origin::inferred,
                    .subject = name,
                    .name_space = service.name_space(),
                    .of = count,
                    .needs = 1,
                    .reason = "without a ready endpoint the Service is down",
                    .where = service.object.pos(),
                    .service = index});
}

}  // namespace

std::string to_string(const Invariant& invariant) {
  const std::string system = invariant.system.empty() ? "" : fmt::format(" ({})", invariant.system);
  return fmt::format("{} of {} {} of {}{}", invariant.needs, invariant.of,
                     invariant.kind == Kind::quorum ? "members" : "ready pods", invariant.subject, system);
}

// Zero replicas switch an autoscaler off.
std::int64_t lowest_replicas(const Snapshot& snapshot, const Workload& workload) {
  const kube::HorizontalPodAutoscaler* autoscaler = autoscaler_of(snapshot, workload);
  return autoscaler == nullptr || workload.written_replicas == 0 ? workload.replicas() : autoscaler->min_replicas;
}

std::int64_t highest_replicas(const Snapshot& snapshot, const Workload& workload) {
  const kube::HorizontalPodAutoscaler* autoscaler = autoscaler_of(snapshot, workload);
  return autoscaler == nullptr || workload.written_replicas == 0 ? workload.replicas() : autoscaler->max_replicas;
}

std::int64_t starting_replicas(const Snapshot& snapshot, const Workload& workload) {
  return workload.object.origin == kube::Origin::live ? workload.replicas() : lowest_replicas(snapshot, workload);
}

Result<std::vector<Invariant>> collect_invariants(const Snapshot& snapshot, const InvariantOptions& options) {
  return Collector(snapshot, options).collect();
}

}  // namespace gantry::disruption

// How long pods take (disruption reference, §8).

#include "disruption/model/build.h"

#include <algorithm>

namespace gantry::disruption {

namespace {

// The first moment on the probe's grid that is not before `from`, both counted from the container's start; then as many more
// successes as it asks for.
Milliseconds first_success(const kube::Probe& probe, Milliseconds from) {
  const Milliseconds period = std::max<Milliseconds>(probe.period, std::chrono::seconds(1));
  Milliseconds at = probe.initial_delay;
  if (at < from) at += (from - at + period - Milliseconds(1)) / period * period;
  return at + period * (std::max<std::int64_t>(1, probe.success_threshold) - 1);
}

const PodTimes* find_times(const Model& model, const Kind& kind) {
  const auto it = model.options.times.workloads.find(model.workloads[kind.workload].name);
  return it == model.options.times.workloads.end() ? nullptr : &it->second;
}

const Invariant* quorum_of(const Model& model, const Kind& kind) {
  for (const std::uint32_t index : kind.invariants)
    if (model.invariants[index].kind == Invariant::Kind::quorum) return &model.invariants[index];
  return nullptr;
}

}  // namespace

Milliseconds first_ready(const kube::PodSpec& spec) {
  Milliseconds last{0};
  for (const kube::Container& container : spec.containers) {
    const Milliseconds started =
        container.startup ? first_success(*container.startup, Milliseconds(0)) : Milliseconds(0);
    last = std::max(last, container.readiness ? first_success(*container.readiness, started) : started);
  }
  return last;
}

// A member whose readiness tells the truth is Ready once it has caught up; another is Ready before it is of use.
void add_times(Model& model, const std::vector<const kube::PodSpec*>& spec_of_kind) {
  const TimeOptions& options = model.options.times;
  for (std::size_t i = 0; i < model.kinds.size(); ++i) {
    Kind& kind = model.kinds[i];
    const PodTimes* times = find_times(model, kind);
    const auto given = [&](std::optional<Milliseconds> PodTimes::*member, Milliseconds otherwise) {
      return times && times->*member ? *(times->*member) : otherwise;
    };
    kind.stop = given(&PodTimes::stop, spec_of_kind[i]->termination_grace);
    kind.stop_measured = times && times->stop;
    const Milliseconds running = given(&PodTimes::start, options.start);
    kind.running_after = running;
    kind.ready_after = running + first_ready(*spec_of_kind[i]);
    kind.useful_after = kind.ready_after;
    const Invariant* quorum = quorum_of(model, kind);
    if (quorum == nullptr) continue;
    const Milliseconds caught_up = running + given(&PodTimes::catch_up, options.catch_up);
    kind.useful_after = std::max(kind.ready_after, caught_up);
    if (quorum->readiness.answer == ReadinessTruth::Answer::tells) kind.ready_after = kind.useful_after;
  }
}

}  // namespace gantry::disruption

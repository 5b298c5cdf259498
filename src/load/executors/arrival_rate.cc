#include "load/executors/kinds.h"

#include <fmt/format.h>

#include <deque>

namespace gantry::load {

namespace {

Arrivals arrivals_of(const Scenario& scenario) {
  if (const auto* constant = std::get_if<ConstantArrivalRate>(&scenario.plan))
    return Arrivals::constant(
        {.rate = constant->rate, .time_unit = constant->time_unit, .duration = constant->duration}, scenario.part);
  const auto& ramping = std::get<RampingArrivalRate>(scenario.plan);
  return Arrivals::ramping({.start_rate = ramping.start_rate, .time_unit = ramping.time_unit, .stages = ramping.stages},
                           scenario.part);
}

// Iterations begin when they are due, whatever the target does. Where no VU is idle then, the iteration is dropped, and one more VU is
// made ready, up to maxVUs.
class ArrivalRateExecutor final : public Executor {
 public:
  ArrivalRateExecutor(Troupe& troupe, const Scenario& scenario, SteadyTime start)
      : Executor(troupe, scenario, start), arrivals_(arrivals_of(scenario)), due_(arrivals_.next()) {}

  void work(VuSlot& slot) override {
    for (;;) {
      if (slot.is_called) {
        slot.is_called = false;
        iterate(slot);
        idle_.push_back(&slot);
        note_free();
      } else if (is_through_ || is_stopped()) {
        break;
      } else {
        troupe_.crew.park(slot.member);
      }
    }
    leave(slot);
  }

  void on_ready(VuSlot& slot) override {
    is_making_ = false;
    engage(slot);
  }

 private:
  // From the start: a VU need not have come as far as work() to be called.
  void on_engage(VuSlot& slot) override {
    idle_.push_back(&slot);
    note_free();
  }

  void finish() override { note_free(); }

  SteadyTime schedule(SteadyTime now) override {
    for (; due_ && start_ + *due_ <= now; due_ = arrivals_.next()) begin_one(start_ + *due_);
    is_through_ = !due_ || now >= end_;
    return due_ ? start_ + *due_ : kNever;
  }

  void begin_one(SteadyTime due) {
    if (!idle_.empty()) {
      VuSlot& slot = *idle_.front();
      idle_.pop_front();
      slot.is_called = true;
      slot.due = due;
      troupe_.crew.crew.wake_due(slot.member);
      return;
    }
    drop_arrival(due);
    const auto most = static_cast<std::size_t>(most_vus(scenario_));
    if (is_making_) return;
    if (slots_.size() < most) {
      is_making_ = true;
      troupe_.make_one(*this);
    } else if (!has_warned_) {
      has_warned_ = true;
      troupe_.crew.log(LogLevel::warning,
                       fmt::format("Insufficient VUs, reached {} active VUs and cannot initialize more", most), "");
    }
  }

  std::size_t vus_at_start() const override { return static_cast<std::size_t>(first_vus(scenario_)); }

  Arrivals arrivals_;
  std::optional<Duration> due_;
  // The one that has waited longest begins next, as in k6: whose data go by __VU are those of all VUs, however few are busy at once.
  std::deque<VuSlot*> idle_;
  bool is_through_ = false;  // nothing more is due: not before the director has looked for the last time
  bool is_making_ = false;
  bool has_warned_ = false;
};

}  // namespace

std::unique_ptr<Executor> make_arrival_rate(Troupe& troupe, const Scenario& scenario, SteadyTime start) {
  return std::make_unique<ArrivalRateExecutor>(troupe, scenario, start);
}

}  // namespace gantry::load

#include "load/run/watchdog.h"

#include "load/options/duration.h"
#include "load/run/standstill.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <utility>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

constexpr auto kLookEvery = std::chrono::milliseconds(50);
// Who has the turn and is to be interrupted gets this long to hand it on by itself, which every script that waits does.
constexpr auto kPatience = std::chrono::milliseconds(500);
constexpr auto kStandstillPatience = std::chrono::milliseconds(100);

}  // namespace

Watchdog::Watchdog(const Crew& crew, ScriptIsolate& isolate, WatchdogOrders orders)
    : crew_(crew), isolate_(isolate), orders_(std::move(orders)), thread_([this](const std::stop_token& token) {
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock(mutex);
        while (!wake.wait_for(lock, token, kLookEvery, [&] { return token.stop_requested(); }))
          if (!look()) return;
      }) {}

bool Watchdog::is_over(SteadyTime now) {
  const bool is_stopped = orders_.stop && *orders_.stop;
  const std::scoped_lock lock(mutex_);
  return std::ranges::any_of(watches_, [&](const Watch* watch) { return watch->is_over(now, is_stopped); });
}

bool Watchdog::look() {
  const SteadyTime now = steady_clock::now();
  const SteadyTime turn = crew_.turn_began();
  if (now - turn < kPatience || !is_over(now)) return true;
  if (turn != interrupted_turn_) interrupted_turn_ = turn, interrupted_ = now;
  // Between this look and the interruption the turn may pass on: then an iteration of somebody else is interrupted, at the end of a run.
  isolate_.interrupt();
  if (!orders_.give_up || now - interrupted_ < orders_.give_up_after) return true;
  if (!bring_to_a_standstill(scripts_, {crew_.turn_clock(), turn.time_since_epoch().count()}, kStandstillPatience))
    return true;
  orders_.give_up();
  return false;
}

Watch::Watch(Watchdog& watchdog, OnStop on_stop) : watchdog_(watchdog), on_stop_(on_stop) {
  const std::scoped_lock lock(watchdog_.mutex_);
  watchdog_.watches_.push_back(this);
}

Watch::~Watch() {
  const std::scoped_lock lock(watchdog_.mutex_);
  std::erase(watchdog_.watches_, this);
}

bool Watch::is_over(SteadyTime now, bool is_stopped) const {
  const SteadyTime end(SteadyTime::duration(end_.load(std::memory_order_relaxed)));
  return (is_stopped && on_stop_ == OnStop::ends) || (end != kNever && now >= end + kPatience);
}

base::Result<void> load_in_time(Vu& vu, const std::string& script, std::chrono::nanoseconds time_max,
                                Watchdog& watchdog, OnStop on_stop) {
  const SteadyTime deadline = steady_clock::now() + time_max;
  Watch watch(watchdog, on_stop);
  watch.expect_end(deadline);
  base::Result<void> loaded = vu.load(script);
  if (loaded) return loaded;
  vu.shared().isolate.resume();
  if (steady_clock::now() < deadline) return loaded;
  return base::input_error(
      fmt::format("the top level of {} did not end within {}", script, format_go_duration(time_max)), {},
      "move what takes long into setup(), or out of its loop");
}

}  // namespace gantry::load

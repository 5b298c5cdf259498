#include "load/run/watchdog.h"

#include "load/options/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>

namespace gantry::load {

namespace {

using std::chrono::steady_clock;

constexpr auto kLookEvery = std::chrono::milliseconds(50);
// Who has the turn and is to be interrupted gets this long to hand it on by itself, which every script that waits does.
constexpr auto kPatience = std::chrono::milliseconds(500);

}  // namespace

Watchdog::Watchdog(const Crew& crew, ScriptIsolate& isolate, const std::atomic<bool>* stop)
    : crew_(crew), isolate_(isolate), stop_(stop), thread_([this](const std::stop_token& token) {
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock(mutex);
        while (!wake.wait_for(lock, token, kLookEvery, [&] { return token.stop_requested(); })) look();
      }) {}

void Watchdog::look() const {
  const SteadyTime now = steady_clock::now();
  const bool is_stopped = stop_ && *stop_;
  const std::scoped_lock lock(mutex_);
  const bool is_over =
      std::ranges::any_of(watches_, [&](const Watch* watch) { return watch->is_over(now, is_stopped); });
  // Between this look and the interruption the turn may pass on: then an iteration of somebody else is interrupted, at the end of a run.
  if (is_over && now - crew_.turn_began() >= kPatience) isolate_.interrupt();
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

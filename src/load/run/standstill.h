#pragma once

// Stops a thread for good, wherever it is in V8. JavaScript has functions that look at no order to end until they are done, such as
// Array.prototype.sort of millions, and one of them may take for ever. A thread in C++ cannot be ended from outside, and what it runs on
// cannot be taken away from it; but it can be made to wait where it is, by a signal (as Go stops loops that never look up, and by the same
// one). Then it touches nothing any more, and others may use what it has left.
//
// It must not wait where it holds what others need: malloc's locks, a log's. So the signal does nothing while the thread is in code other
// than V8's, and is sent again.

#include "load/crew/crew.h"

#include <pthread.h>
#include <atomic>
#include <chrono>

namespace gantry::load {

// Of whom has it: the same one as long as `began` says when it did.
struct Turn {
  const std::atomic<SteadyTime::rep>& began;  // lives as long as the thread is in V8
  SteadyTime::rep at = began;
};

// Stops the thread while it has that turn, and never in one behind it: who comes back meanwhile goes on. False where it was not found in V8
// in that turn within `patience`. By another thread; one after the other.
bool bring_to_a_standstill(pthread_t thread, const Turn& turn, std::chrono::nanoseconds patience);

// Whether a thread of this process stands still in V8. It may hold what any isolate needs, so that none should be used any more.
bool stands_still_in_v8();

}  // namespace gantry::load

#pragma once

// Stops a thread for good, wherever it is in V8. JavaScript has functions that look at no order to end until they are done, such as
// Array.prototype.sort of millions, and one of them may take for ever. A thread in C++ cannot be ended from outside, and what it runs on
// cannot be taken away from it; but it can be made to wait where it is, by a signal (as Go stops loops that never look up, and by the same
// one). Then it touches nothing any more, and others may use what it has left.
//
// It must not wait where it holds what others need: malloc's locks, a log's. So the signal does nothing while the thread is in code other
// than V8's, and is sent again.

#include <pthread.h>
#include <chrono>
#include <functional>

namespace gantry::load {

// False where the thread was never found in V8 within `patience`, or came back from there by itself, which `is_stuck` tells: then it goes
// on. By another thread; one after the other.
bool bring_to_a_standstill(pthread_t thread, std::chrono::nanoseconds patience, const std::function<bool()>& is_stuck);

// Whether a thread of this process stands still in V8. It may hold what any isolate needs, so that none should be used any more.
bool stands_still_in_v8();

}  // namespace gantry::load

#pragma once

// What sanitizers are told of a change of stacks, which they cannot see; nothing without them. The address sanitizer wants to know where
// a stack lies, the thread sanitizer takes each for a thread of its own, so that what one has done happened before what the next does.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define GANTRY_SANITIZES_ADDRESSES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GANTRY_SANITIZES_ADDRESSES 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define GANTRY_SANITIZES_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GANTRY_SANITIZES_THREADS 1
#endif
#endif

#ifdef GANTRY_SANITIZES_ADDRESSES
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef GANTRY_SANITIZES_THREADS
#include <sanitizer/tsan_interface.h>
#endif

namespace gantry::load {

// A stack: from its lowest address on, and as the thread sanitizer knows it.
struct Stack {
  const void* bottom = nullptr;
  std::size_t bytes = 0;
  void* traced = nullptr;
};

// The one that runs.
inline Stack own_stack() {
  Stack stack = {};
#ifdef GANTRY_SANITIZES_THREADS
  stack.traced = __tsan_get_current_fiber();
#endif
  return stack;
}

// One that was made, and what is to be said once nothing will run on it any more; not by itself.
inline Stack new_stack(const void* bottom, std::size_t bytes) {
  Stack stack = {.bottom = bottom, .bytes = bytes};
#ifdef GANTRY_SANITIZES_THREADS
  stack.traced = __tsan_create_fiber(0);
#endif
  return stack;
}
inline void forget_stack([[maybe_unused]] Stack& stack) {
#ifdef GANTRY_SANITIZES_THREADS
  __tsan_destroy_fiber(stack.traced);
  stack.traced = nullptr;
#endif
}

// By who leaves a stack; `fake` is where it keeps what is its own until it is back, null where it never comes back.
inline void announce_switch([[maybe_unused]] void** fake, [[maybe_unused]] const Stack& to) {
#ifdef GANTRY_SANITIZES_ADDRESSES
  __sanitizer_start_switch_fiber(fake, to.bottom, to.bytes);
#endif
#ifdef GANTRY_SANITIZES_THREADS
  __tsan_switch_to_fiber(to.traced, 0);
#endif
}

// By who has arrived on one: first of all. `from` gets the bounds of the stack that was left.
inline void finish_switch([[maybe_unused]] void* fake, [[maybe_unused]] Stack& from) {
#ifdef GANTRY_SANITIZES_ADDRESSES
  __sanitizer_finish_switch_fiber(fake, &from.bottom, &from.bytes);
#endif
}

}  // namespace gantry::load

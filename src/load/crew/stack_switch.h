#pragma once

// What the address sanitizer is told of a change of stacks, which it cannot see; nothing without it.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define GANTRY_SANITIZES_ADDRESSES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GANTRY_SANITIZES_ADDRESSES 1
#endif
#endif

#ifdef GANTRY_SANITIZES_ADDRESSES
#include <sanitizer/common_interface_defs.h>
#endif

namespace gantry::load {

// From its lowest address on.
struct StackBounds {
  const void* bottom = nullptr;
  std::size_t bytes = 0;
};

// By who leaves a stack; `fake` is where it keeps what is its own until it is back, null where it never comes back.
inline void announce_switch([[maybe_unused]] void** fake, [[maybe_unused]] const StackBounds& to) {
#ifdef GANTRY_SANITIZES_ADDRESSES
  __sanitizer_start_switch_fiber(fake, to.bottom, to.bytes);
#endif
}

// By who has arrived on one: first of all. `from` gets the bounds of the stack that was left.
inline void finish_switch([[maybe_unused]] void* fake, [[maybe_unused]] StackBounds& from) {
#ifdef GANTRY_SANITIZES_ADDRESSES
  __sanitizer_finish_switch_fiber(fake, &from.bottom, &from.bytes);
#endif
}

}  // namespace gantry::load

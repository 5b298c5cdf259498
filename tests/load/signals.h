#pragma once

// Whether a signal comes to a thread wherever it is. The thread sanitizer keeps it back until the thread makes a call that it knows; V8, which
// was built without it, makes none while it computes, so that bring_to_a_standstill() finds nobody.

#include "load/crew/stack_switch.h"

namespace gantry::load {

#ifdef GANTRY_SANITIZES_THREADS
inline constexpr bool kSignalsComeAtOnce = false;
#else
inline constexpr bool kSignalsComeAtOnce = true;
#endif

}  // namespace gantry::load

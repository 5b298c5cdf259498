#pragma once

// Handlers and callbacks are others' code and may let an exception out; this room lets none through. Private to the room.

#include <utility>

namespace gantry::http {

// Whether the call returned.
template <typename Function>
[[nodiscard]] bool call_guarded(Function&& function) noexcept {
  try {
    std::forward<Function>(function)();
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace gantry::http

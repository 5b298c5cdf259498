#pragma once

// Why the server itself turns a request down. Private to the room.

#include <string_view>

namespace gantry::http {

struct Refusal {
  int status;
  std::string_view message;  // a literal

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

}  // namespace gantry::http

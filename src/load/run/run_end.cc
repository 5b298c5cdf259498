#include "load/load.h"

#include <array>

namespace gantry::load {

int exit_code(RunEnd end) {
  constexpr std::array<int, 10> kCodes = {0, 99, 100, 101, 104, 105, 107, 108, 110, 255};
  return kCodes[static_cast<std::size_t>(end)];
}

}  // namespace gantry::load

#pragma once

// A port for a server that wants to be told one, and cannot say which one it got.

#include <cstdint>

namespace gantry::test {

// A TCP port of the loopback address on which nobody listens now. Another process may be there before the server is: then that ends, and has
// to be started again on another.
std::uint16_t free_port();

}  // namespace gantry::test

#include "support/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace gantry::test {

namespace {

bool is_free(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool is_bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return is_bound;
}

}  // namespace

std::uint16_t free_port() {
  // Below the ports that the system gives to outgoing connections, one of which could be there when the server comes. Two
  // tests at the same time begin at different places.
  constexpr int kFirst = 20'000;
  constexpr int kCount = 12'000;
  static int next = static_cast<int>(::getpid()) * 37 % kCount;
  for (int tries = 0; tries < kCount; ++tries) {
    next = (next + 1) % kCount;
    if (is_free(kFirst + next)) return static_cast<std::uint16_t>(kFirst + next);
  }
  throw std::runtime_error("no port is free");
}

}  // namespace gantry::test

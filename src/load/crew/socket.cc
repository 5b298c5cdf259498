#include "load/crew/socket.h"

#include <sys/socket.h>
#include <cerrno>

namespace gantry::load {

std::expected<std::optional<std::size_t>, int> Socket::receive(std::span<char> into) {
  ssize_t count = 0;
  do count = ::recv(fd, into.data(), into.size(), 0);
  while (count < 0 && errno == EINTR);
  if (count < 0 && errno != EAGAIN) return std::unexpected(errno);
  // A short read has emptied the socket: the next byte is news.
  if (count < 0 || static_cast<std::size_t>(count) < into.size()) use_up_readable();
  if (count < 0) return std::nullopt;
  return static_cast<std::size_t>(count);
}

int Socket::send(std::string_view& bytes) {
  ssize_t count = 0;
  do count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  while (count < 0 && errno == EINTR);
  if (count >= 0) {
    bytes.remove_prefix(static_cast<std::size_t>(count));
    return 0;
  }
  if (errno == EAGAIN) events &= ~writable;
  return errno;
}

}  // namespace gantry::load

#include "load/crew/socket.h"

#include "base/time.h"
#include "load/crew/stack_switch.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace gantry::load {

namespace {

// The C library's calls are points at which a thread may be cancelled, and mark it on their way in and out; nobody cancels one here. The
// sanitizers know those alone.
#if defined(GANTRY_SANITIZES_ADDRESSES) || defined(GANTRY_SANITIZES_THREADS)
ssize_t receive_now(int fd, std::span<char> into) { return ::recv(fd, into.data(), into.size(), 0); }
ssize_t send_now(int fd, std::string_view bytes) { return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
#else
ssize_t receive_now(int fd, std::span<char> into) {
  return ::syscall(SYS_recvfrom, fd, into.data(), into.size(), 0, nullptr, nullptr);
}
ssize_t send_now(int fd, std::string_view bytes) {
  return ::syscall(SYS_sendto, fd, bytes.data(), bytes.size(), MSG_NOSIGNAL, nullptr, 0);
}
#endif

}  // namespace

void Socket::tell_when_it_comes() const {
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
}

ssize_t Socket::receive_and_see(std::span<char> into) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> notes;
  iovec where{.iov_base = into.data(), .iov_len = into.size()};
  msghdr message{};
  message.msg_iov = &where;
  message.msg_iovlen = 1;
  message.msg_control = notes.data();
  message.msg_controllen = notes.size();
  const ssize_t count = ::recvmsg(fd, &message, 0);
  if (count <= 0) return count;
  for (const cmsghdr* note = CMSG_FIRSTHDR(&message); note; note = CMSG_NXTHDR(&message, const_cast<cmsghdr*>(note))) {
    if (note->cmsg_level != SOL_SOCKET || note->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec came;
    std::memcpy(&came, CMSG_DATA(note), sizeof came);
    const std::chrono::system_clock::time_point instant(std::chrono::seconds(came.tv_sec) +
                                                        std::chrono::nanoseconds(came.tv_nsec));
    // Somebody may have set that clock since.
    seen = std::clamp(base::to_steady(instant), unseen_since, seen);
    is_exact = true;
  }
  unseen_since = seen;
  return count;
}

std::expected<std::optional<std::size_t>, int> Socket::receive(std::span<char> into) {
  ssize_t count = 0;
  do count = unseen_since < seen ? receive_and_see(into) : receive_now(fd, into);
  while (count < 0 && errno == EINTR);
  if (count < 0 && errno != EAGAIN) return std::unexpected(errno);
  // A short read has emptied the socket: the next byte is news.
  if (count < 0 || static_cast<std::size_t>(count) < into.size()) use_up_readable();
  if (count < 0) return std::nullopt;
  return static_cast<std::size_t>(count);
}

int Socket::send(std::string_view& bytes) {
  ssize_t count = 0;
  do count = send_now(fd, bytes);
  while (count < 0 && errno == EINTR);
  if (count >= 0) {
    bytes.remove_prefix(static_cast<std::size_t>(count));
    return 0;
  }
  if (errno == EAGAIN) events &= ~writable;
  return errno;
}

ArrivalNotes::ArrivalNotes() {
  socket_.fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  socket_.tell_when_it_comes();
}

ArrivalNotes::~ArrivalNotes() {
  if (socket_.fd >= 0) ::close(socket_.fd);
}

}  // namespace gantry::load

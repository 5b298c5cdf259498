#include "load/crew/socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace gantry::load {
namespace {

// One end is watched, the other is the test's.
class Pair {
 public:
  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    socket.fd = ends[0];
    other = ends[1];
    socket.events = Socket::readable | Socket::writable;
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    ::close(socket.fd);
    if (other >= 0) ::close(other);
  }
  void say(std::string_view text) const { EXPECT_EQ(::write(other, text.data(), text.size()), std::ssize(text)); }
  void hang_up() { ::close(std::exchange(other, -1)); }

  Socket socket;
  int other = -1;
};

TEST(Socket, IsReadUntilThereIsNothingMore) {
  Pair pair;
  std::array<char, 4> buffer{};
  pair.say("abcdef");
  // Whoever fills the buffer may not have seen all.
  EXPECT_EQ(*pair.socket.receive(buffer), 4U);
  EXPECT_NE(pair.socket.events & Socket::readable, 0U);
  EXPECT_EQ(*pair.socket.receive(buffer), 2U);
  EXPECT_EQ(pair.socket.events & Socket::readable, 0U);
  pair.socket.events |= Socket::readable;  // an event about nothing
  EXPECT_EQ(*pair.socket.receive(buffer), std::nullopt);
  EXPECT_EQ(pair.socket.events & Socket::readable, 0U);
}

TEST(Socket, HasItsEndForWhoeverAsksNext) {
  Pair pair;
  std::array<char, 4> buffer{};
  pair.say("a");
  pair.hang_up();
  pair.socket.events |= Socket::ended;
  EXPECT_EQ(*pair.socket.receive(buffer), 1U);
  EXPECT_NE(pair.socket.events & Socket::readable, 0U);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(*pair.socket.receive(buffer), 0U);
}

TEST(Socket, TakesWhatTheKernelTakes) {
  Pair pair;
  const std::string much(1 << 24, 'x');
  std::string_view left = much;
  int error = 0;
  while (error == 0 && !left.empty()) error = pair.socket.send(left);
  EXPECT_EQ(error, EAGAIN);
  EXPECT_GT(much.size(), left.size());
  EXPECT_EQ(pair.socket.events & Socket::writable, 0U);
  pair.hang_up();
  EXPECT_EQ(pair.socket.send(left), EPIPE);
}

TEST(Socket, SaysWhatIsWrong) {
  Pair pair;
  std::array<char, 4> buffer{};
  Socket none{.fd = -1};
  EXPECT_EQ(none.receive(buffer).error(), EBADF);
}

}  // namespace
}  // namespace gantry::load

#pragma once

// A socket that a crew watches: the one way that members and the crew read it and write it.

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

namespace gantry::load {

using SteadyTime = std::chrono::steady_clock::time_point;

class Member;
struct Incoming;  // crew.h

// What is known of it, edge-triggered: what an attempt finds gone, or full, is used up, and the next event is news. What has been heard
// since is not: so whoever waits looks at `events`, and clears none of them.
struct Socket {
  static constexpr std::uint32_t readable = 1;
  static constexpr std::uint32_t writable = 2;
  static constexpr std::uint32_t ended =
      4;  // the other side sends nothing more: stays readable, which the end is part of

  int fd = -1;
  std::uint32_t events = 0;  // that were seen and not used up yet
  std::uint32_t wanted = 0;  // by the waiter
  Member* waiter = nullptr;
  Incoming* incoming = nullptr;  // of the waiter, who wants it fetched
  SteadyTime seen = {};          // when something last came, or the end, as far as is known
  SteadyTime unseen_since = {};  // since when it may have come, where the crew was late to look; `seen` elsewhere
  bool is_exact = false;         // whether `seen` is the kernel's own word

  // What has come, as much of it as there is room for: 0 at the end of the connection, nothing where there is nothing for now. Where it may
  // have come long before it was seen, `seen` is when the kernel had it, if tell_when_it_comes() was called. Errors: an errno.
  std::expected<std::optional<std::size_t>, int> receive(std::span<char> into);
  // Takes from `bytes` what the kernel takes of them. An errno: 0 where it took something, EAGAIN where it takes nothing for now.
  int send(std::string_view& bytes);

  // Has the kernel note when something comes over TCP.
  void tell_when_it_comes() const;

 private:
  ssize_t receive_and_see(std::span<char> into);

  // Of an end there is no second event: it stays to be read.
  void use_up_readable() {
    if ((events & ended) == 0) events &= ~readable;
  }
};

// While one is there, the kernel notes when anything comes. It would begin to, and cease, with each lone connection, and interrupts all
// processors for that.
class ArrivalNotes {
 public:
  ArrivalNotes();
  ArrivalNotes(const ArrivalNotes&) = delete;
  ArrivalNotes& operator=(const ArrivalNotes&) = delete;
  ~ArrivalNotes();

 private:
  Socket socket_ = {};  // that nobody sends to
};

}  // namespace gantry::load

#pragma once

// Threads that take turns. A VU is a thread, so that a script may block wherever it likes; but an isolate runs one thread at a time, and
// a thousand threads that fight over its lock spend more time on that than on scripts. So they do not fight: exactly one member of
// a crew runs, the one that holds the baton. Who has to wait (for a socket, for a moment, for another member) gives the baton to
// the next member that is ready; where none is, the waiting member itself watches the sockets of all until one is. With one VU there is
// no change of threads at all, with many there is one per wait, and nobody is ever woken in vain.
//
// What only members touch needs no lock: the baton is one.
//
//   crew.join(member);                                       // blocks until it is this member's turn
//   const Wake wake = crew.wait(member, socket, Socket::readable, deadline);
//   crew.leave(member);                                      // the next one's turn

#include "base/result.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <utility>

namespace gantry::load {

using SteadyTime = std::chrono::steady_clock::time_point;
inline constexpr SteadyTime kNever = SteadyTime::max();

enum class Wake : std::uint8_t { ready, timed_out, interrupted };

class Crew;

// One thread's place in a crew. Lives from before join() until after leave().
class Member {
 public:
  Member() = default;
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  bool is_interrupted() const { return is_interrupted_; }

 private:
  friend class Crew;
  std::atomic<std::uint32_t> has_baton_{0};  // a futex
  bool is_waiting_ = false;
  bool is_interrupted_ = false;
  SteadyTime deadline_ = kNever;  // of its wait
  SteadyTime alarm_ = kNever;     // that is set for it: not after the deadline of its wait
  Wake wake_ = Wake::ready;
};

// A socket that a crew watches, and what is known of it. Edge-triggered: who gets EAGAIN says so (`events &= ~readable`).
struct Socket {
  static constexpr std::uint32_t readable = 1;
  static constexpr std::uint32_t writable = 2;
  static constexpr std::uint32_t ended =
      4;  // the other side sends nothing more: stays readable, which the end is part of

  int fd = -1;
  std::uint32_t events = 0;  // that were seen and not used up yet
  std::uint32_t wanted = 0;  // by the waiter
  Member* waiter = nullptr;
};

class Crew {
 public:
  // Errors: environment (no more descriptors).
  static base::Result<std::unique_ptr<Crew>> create();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();

  // Before start(): the members there will be at first, in the order of their turns. Later, by a member: one more.
  void expect(Member& member);
  // By whoever made the crew, once: the first turn.
  void start();
  // By a member's own thread: its first turn. And its last: from then on it runs beside the others.
  void join(Member& member);
  void leave(Member& member);

  // The rest is for the member that holds the baton.

  // Errors: environment (no memory for one more).
  base::Result<void> watch(Socket& socket);
  void unwatch(Socket& socket);
  // At once where the socket has what is wanted already.
  Wake wait(Member& member, Socket& socket, std::uint32_t wanted, SteadyTime deadline);
  // `timed_out` when the time has come; never `ready`.
  Wake sleep(Member& member, SteadyTime until);
  // Until another member calls wake().
  Wake park(Member& member, SteadyTime deadline = kNever);
  void wake(Member& member);  // of one that parks; of any other, nothing happens
  // Ends the member's wait, and each that it begins from now on until resume().
  void interrupt(Member& member);
  void resume(Member& member) { member.is_interrupted_ = false; }

  // Since when the same member has been running; by anyone. For whoever must end a script that never waits.
  SteadyTime turn_began() const {
    return SteadyTime(SteadyTime::duration(turn_began_.load(std::memory_order_relaxed)));
  }

 private:
  explicit Crew(int poll) : poll_(poll) {}
  Wake suspend(Member& member, SteadyTime deadline);
  void finish_wait(Member& member, Wake wake);
  void set_alarm(Member& member, SteadyTime at);
  void ring(SteadyTime now);
  void poll(SteadyTime until);
  void look_around();
  Member* next_ready();
  void pass_to(Member& member);
  void take(Member& member);

  int poll_;  // epoll
  std::deque<Member*> ready_;
  std::set<std::pair<SteadyTime, Member*>> alarms_;  // one of a member at most
  std::size_t members_ = 0;
  SteadyTime polled_{};
  std::atomic<SteadyTime::rep> turn_began_{0};
};

}  // namespace gantry::load

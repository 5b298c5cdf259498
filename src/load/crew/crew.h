#pragma once

// Fibers that take turns. A VU's script may block wherever it likes, so that it needs a stack of its own; but an isolate runs one of
// them at a time, and threads that hand its lock on spend more time on that than on scripts. So all members of a crew live on one
// thread, each with a stack: exactly one of them runs. Who has to wait (for a socket, for a moment, for another member) gives the turn
// to the next member that is ready (ready_queue.h), which is a dozen instructions; where none is, it watches the sockets of all until one is, so that
// one look at the kernel serves many.
//
// What members send goes out together too, when none of them is ready or enough has come together, and what has come for them is fetched
// together: the way through the kernel and the scripts do not drive each other out of the processor's caches at each request, and none
// is timed later than the kernel can tell.
//
// What only members touch needs no lock.
//
//   crew.adopt(self);                                        // the calling thread itself is the first member, and has the turn
//   crew.spawn(member, [&] { … });                           // one more, behind those that are ready
//   const Wake wake = crew.wait(member, socket, Socket::readable, deadline);

#include "load/crew/ready_queue.h"
#include "load/crew/socket.h"
#include "load/crew/stack_switch.h"

#include "base/result.h"

#include <boost/context/fiber.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

struct epoll_event;

namespace gantry::load {

inline constexpr SteadyTime kNever = SteadyTime::max();

enum class Wake : std::uint8_t { ready, timed_out, interrupted };

class Crew;

// The number of the fiber that runs, or of the thread where none does: from 1, and never given twice in a process.
int running_number();

// A stack and a place in a crew. Lives until its work has ended.
class Member {
 public:
  // How much stack its work has; the thread's own stack is another matter.
  static constexpr std::size_t kStackBytes = std::size_t{1} << 20;

  Member() = default;
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  bool is_interrupted() const { return is_interrupted_; }

 private:
  friend class Crew;
  friend class ReadyQueue;
  boost::context::fiber fiber_ = {};  // while it waits
  int number_ = 0;
  Stack stack_ = {};
  bool is_waiting_ = false;
  bool is_interrupted_ = false;
  SteadyTime deadline_ = kNever;  // of its wait
  SteadyTime alarm_ = kNever;     // that is set for it: not after the deadline of its wait
  Wake wake_ = Wake::ready;
  TurnsOf turns_ = {};
};

// What a member sends by converse().
struct Outgoing {
  std::string_view bytes = {};  // what is left of it
  SteadyTime begun = {};        // when the kernel was given it; never, where it still waits for its turn
  SteadyTime ended = {};
  int error = 0;  // errno
};

// What comes back.
struct Incoming {
  std::span<char> buffer = {};
  std::optional<std::size_t> count =
      {};                 // of the bytes in it, 0 for the end of the connection; nothing where the socket was not asked
  int error = 0;          // errno
  SteadyTime seen = {};   // when the kernel said that there is something
  SteadyTime ended = {};  // when it was here
};

class Crew {
 public:
  // Errors: environment (no more descriptors).
  static base::Result<std::unique_ptr<Crew>> create();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();

  // Once, before anything else: the thread that calls is the first member from now on, and has the turn. It is the last to be there:
  // when the crew is destroyed, the work of all others has ended. From now on the thread's timers are as exact as the kernel has them.
  void adopt(Member& member);
  // One more member. Its first turn comes behind those that are ready. `work` must not throw. Errors: environment (no memory for a stack).
  base::Result<void> spawn(Member& member, std::function<void()> work, std::size_t stack_bytes = Member::kStackBytes);

  // The rest is for the member whose turn it is.

  // Errors: environment (no memory for one more).
  base::Result<void> watch(Socket& socket);
  void unwatch(Socket& socket);
  // At once where the socket has what is wanted already.
  Wake wait(Member& member, Socket& socket, std::uint32_t wanted, SteadyTime deadline);
  // For the first of some sockets that has it.
  Wake wait_for_any(Member& member, std::span<Socket* const> sockets, std::uint32_t wanted, SteadyTime deadline);
  // Sends, and waits for the first of what comes back. `ready`: something has come, or what is to be sent is not all gone, or it is for
  // the member to ask the socket.
  Wake converse(Member& member, Socket& socket, Outgoing& outgoing, Incoming& incoming, SteadyTime deadline);
  // `timed_out` when the time has come; never `ready`.
  Wake sleep(Member& member, SteadyTime until);
  // Until another member calls wake().
  Wake park(Member& member, SteadyTime deadline = kNever);
  void wake(Member& member);  // of one that parks; of any other, nothing happens
  // The same, of one that is to begin something now: it does not wait behind those that only go on.
  void wake_due(Member& member);
  // Those that are ready go first. It waits for nothing, so that nothing interrupts it.
  void give_way(Member& member);
  // Ends the member's wait, and each that it begins from now on until resume().
  void interrupt(Member& member);
  void resume(Member& member) { member.is_interrupted_ = false; }

  // Since when the same member has been running; by anyone. For whoever must end a script that never waits.
  SteadyTime turn_began() const {
    return SteadyTime(SteadyTime::duration(turn_began_.load(std::memory_order_relaxed)));
  }
  // The same, for a signal handler.
  const std::atomic<SteadyTime::rep>& turn_clock() const { return turn_began_; }

 private:
  explicit Crew(int poll) : poll_(poll) {}
  Wake suspend(Member& member, SteadyTime deadline);
  Wake go_on(Member& member, SteadyTime deadline);
  bool end_wait(Member& member, Wake wake);
  void finish_wait(Member& member, Wake wake);
  void set_alarm(Member& member, SteadyTime at);
  void ring(SteadyTime now);
  SteadyTime send_posted();
  bool fetch(Socket& socket);
  int wait_for_events(std::span<epoll_event> events, std::chrono::nanoseconds at_most);
  void poll(SteadyTime now, SteadyTime until);
  SteadyTime look_around();
  Member& next_ready();
  void switch_to(Member& from, Member& to);
  // First of all on the stack that was switched to.
  void arrive(void* fake_stack, boost::context::fiber from);

  int poll_;                // epoll
  bool has_pwait2_ = true;  // which kernels before 5.11 have not, and some sandboxes
  struct Posted {
    Socket* socket;
    Outgoing* outgoing;
  };

  ArrivalNotes notes_;
  ReadyQueue ready_;
  std::vector<Posted> outbox_;                       // empty whenever the sockets are looked at
  std::set<std::pair<SteadyTime, Member*>> alarms_;  // one of a member at most
  SteadyTime polled_{};
  int unwaited_ = 0;         // waits that were none, since somebody last waited
  std::size_t spawned_ = 0;  // whose work has not ended
  Member* left_ = nullptr;   // who ran before the one that runs
  std::atomic<SteadyTime::rep> turn_began_{0};
};

}  // namespace gantry::load

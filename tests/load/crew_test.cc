#include "load/crew/crew.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <functional>
#include <list>
#include <random>
#include <set>
#include <string>
#include <thread>

namespace gantry::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A crew whose members each run a function; everything that they do goes to one list, which needs no lock. The test's own thread is the
// captain, who waits for all.
class Ship {
 public:
  using Work = std::function<void(Member&)>;

  Ship() { crew->adopt(captain_); }
  // By the test before sail(), or by a member.
  Member& add(Work work) {
    Sailor& sailor = sailors_.emplace_back(std::move(work));
    ++at_work_;
    const auto spawned = crew->spawn(sailor.member, [this, &sailor] {
      sailor.work(sailor.member);
      if (--at_work_ == 0) crew->wake(captain_);
    });
    EXPECT_TRUE(spawned);
    return sailor.member;
  }
  void sail() {
    while (at_work_ > 0) EXPECT_EQ(crew->park(captain_, steady_clock::now() + std::chrono::seconds(60)), Wake::ready);
  }
  Member& member(std::size_t index) { return std::next(sailors_.begin(), static_cast<std::ptrdiff_t>(index))->member; }
  std::string text() const { return fmt::format("{}", fmt::join(log, " ")); }

  std::unique_ptr<Crew> crew = *Crew::create();
  std::vector<std::string> log;

 private:
  struct Sailor {
    explicit Sailor(Work w) : work(std::move(w)) {}
    Work work;
    Member member;
  };
  Member captain_;
  std::size_t at_work_ = 0;
  std::list<Sailor> sailors_;
};

SteadyTime in(milliseconds time) { return steady_clock::now() + time; }

TEST(Crew, TakesTurnsInOrder) {
  Ship ship;
  for (const char* name : {"a", "b", "c"})
    ship.add([&ship, name](Member& self) {
      for (int round = 0; round < 3; ++round) {
        ship.log.push_back(fmt::format("{}{}", name, round));
        ship.crew->give_way(self);
      }
    });
  ship.sail();
  EXPECT_EQ(ship.text(), "a0 b0 c0 a1 b1 c1 a2 b2 c2");
}

// As kernels before 5.11 answer, or a sandbox.
void take_away_pwait2(unsigned int error) {
  std::array<sock_filter, 4> filter = {{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
                                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
                                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    std::_Exit(2);
}

TEST(CrewDeathTest, WaitsOnOldKernels) {
  const auto wait_for_both = [](unsigned int error) {
    take_away_pwait2(error);
    Ship ship;
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) != 0) std::_Exit(3);
    Socket socket{.fd = ends[0]};
    ship.add([&](Member& self) {
      const bool is_watched = ship.crew->watch(socket).has_value();
      const Wake wake = ship.crew->wait(self, socket, Socket::readable, in(milliseconds(20'000)));
      ship.log.push_back(is_watched && wake == Wake::ready ? "heard" : "missed");
      ship.crew->unwatch(socket);
    });
    ship.add([&](Member& self) {
      const Wake wake = ship.crew->sleep(self, in(milliseconds(5)));
      ship.log.push_back(wake == Wake::timed_out ? "slept" : "woken");
      if (::write(ends[1], "x", 1) != 1) std::_Exit(4);
    });
    ship.sail();
    std::_Exit(ship.text() == "slept heard" ? 0 : 5);
  };
  EXPECT_EXIT(wait_for_both(ENOSYS), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(wait_for_both(EPERM), testing::ExitedWithCode(0), "");
}

TEST(Crew, SleepsUntilItsTime) {
  Ship ship;
  for (const int ms : {30, 10, 20})
    ship.add([&ship, ms](Member& self) {
      const SteadyTime until = in(milliseconds(ms));
      EXPECT_EQ(ship.crew->sleep(self, until), Wake::timed_out);
      EXPECT_GE(steady_clock::now(), until);
      ship.log.push_back(std::to_string(ms));
    });
  ship.sail();
  EXPECT_EQ(ship.text(), "10 20 30");
}

// Both have turns while the others have not had one yet.
TEST(Crew, LetsThoseGoOnWhoHaveJustBeenThere) {
  Ship ship;
  for (const std::size_t other : {1u, 0u})
    ship.add([&, other](Member& self) {
      for (int round = 0; round < 3; ++round) {
        ship.log.push_back(fmt::format("{}{}", other == 1 ? "a" : "b", round));
        ship.crew->wake(ship.member(other));
        if (round < 2) ship.crew->park(self);
      }
    });
  for (const char* name : {"c", "d"}) ship.add([&ship, name](Member&) { ship.log.emplace_back(name); });
  ship.sail();
  EXPECT_EQ(ship.text(), "a0 b0 a1 b1 a2 b2 c d");
}

// However fast their waits end: nobody gets a second row of turns before all others have had one.
TEST(Crew, LetsNobodyGoOnForEver) {
  constexpr int kOthers = 40;
  Ship ship;
  std::size_t turns = 0;
  std::vector<std::size_t> others_had;
  for (const std::size_t other : {1u, 0u})
    ship.add([&, other](Member& self) {
      for (; others_had.size() < kOthers && turns < 10'000; ++turns) {
        ship.crew->wake(ship.member(other));
        ship.crew->park(self, in(std::chrono::seconds(20)));
      }
      ship.crew->wake(ship.member(other));
    });
  for (int i = 0; i < kOthers; ++i) ship.add([&](Member&) { others_had.push_back(turns); });
  ship.sail();
  ASSERT_EQ(others_had.size(), kOthers);
  EXPECT_LE(others_had.back(), 2 * (ReadyQueue::kInRowMax + 1));
}

// Those that are to begin by the clock do not wait behind all that are ready, the hundredth time neither; nor for ever those behind them.
TEST(Crew, BeginsInTime) {
  constexpr int kTimes = 100;
  constexpr std::size_t kOthers = 50;
  Ship ship;
  std::size_t turns = 0;
  std::size_t turns_before = 0;
  std::size_t most_before = 0;
  bool is_over = false;
  Member& called = ship.add([&](Member& self) {
    for (int i = 0; i < kTimes; ++i) {
      EXPECT_EQ(ship.crew->park(self, in(std::chrono::seconds(20))), Wake::ready);
      most_before = std::max(most_before, turns - turns_before);
    }
    is_over = true;
  });
  ship.add([&](Member& self) {
    while (!is_over) {
      ship.crew->sleep(self, steady_clock::now() + std::chrono::microseconds(50));
      turns_before = turns;
      ship.crew->wake_due(called);
    }
  });
  for (std::size_t i = 0; i < kOthers; ++i)
    ship.add([&](Member& self) {
      for (int round = 0; !is_over && round < 100'000; ++round) {
        ++turns;
        ship.crew->give_way(self);
      }
    });
  ship.sail();
  EXPECT_TRUE(is_over);
  EXPECT_LE(most_before, 2U);
  EXPECT_GE(turns, 2 * kOthers);
}

// A thousand who talk to somebody who answers at once: each gets through, and none gets far ahead of the others.
TEST(Crew, TakesAThousandInRows) {
  constexpr int kMembers = 1'000;
  constexpr int kRounds = 40;
  Ship ship;
  std::vector<int> rounds(kMembers, 0);
  std::vector<int> waiting;
  int lead = 0;
  for (int i = 0; i < kMembers; ++i)
    ship.add([&, i](Member& self) {
      int& own = rounds[static_cast<std::size_t>(i)];
      while (own < kRounds) {
        // Who was before this one is answered while it has the turn.
        for (const int one : std::exchange(waiting, {})) ship.crew->wake(ship.member(static_cast<std::size_t>(one)));
        waiting.push_back(i);
        ship.crew->park(self, in(milliseconds(own < kRounds - 1 ? 20'000 : 1)));
        ++own;
        lead = std::max(lead, own - *std::ranges::min_element(rounds));
      }
    });
  ship.sail();
  EXPECT_LE(lead, 2 * static_cast<int>(ReadyQueue::kInRowMax + 1));
  EXPECT_GT(lead, static_cast<int>(ReadyQueue::kInRowMax) / 2);
}

// While all of a thousand always have something to do, few of them have the turns of any short time: those whose rows they are.
TEST(Crew, MixesNoRows) {
  constexpr std::size_t kMembers = 1'000;
  constexpr std::size_t kTurns = 100'000;
  constexpr std::size_t kOut = 64;  // at most: then half of them are answered at once
  constexpr std::size_t kWindow = 2'000;
  Ship ship;
  std::deque<std::size_t> out;
  std::set<std::size_t> seen;
  std::size_t turns = 0;
  std::size_t most = 0;
  for (std::size_t i = 0; i < kMembers; ++i)
    ship.add([&, i](Member& self) {
      while (turns < kTurns) {
        seen.insert(i);
        if (++turns % kWindow == 0) {
          most = std::max(most, seen.size());
          seen.clear();
        }
        out.push_back(i);
        if (out.size() == kOut)
          for (; out.size() > kOut / 2; out.pop_front()) ship.crew->wake(ship.member(out.front()));
        ship.crew->park(self, in(milliseconds(20'000)));
      }
      for (; !out.empty(); out.pop_front()) ship.crew->wake(ship.member(out.front()));
    });
  ship.sail();
  EXPECT_LE(most, kMembers / 3);
}

struct Pair {
  Pair() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
    near.fd = fds[0];
    far = fds[1];
  }
  ~Pair() {
    ::close(near.fd);
    ::close(far);
  }
  Socket near;
  int far = -1;
};

std::string read_some(Socket& socket) {
  std::array<char, 64> buffer;
  const ssize_t count = ::read(socket.fd, buffer.data(), buffer.size());
  if (count < 0) socket.events &= ~Socket::readable;
  return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : "";
}

TEST(Crew, WaitsForSockets) {
  Ship ship;
  Pair pair;
  ASSERT_TRUE(ship.crew->watch(pair.near));
  ship.add([&](Member& self) {
    EXPECT_EQ(ship.crew->wait(self, pair.near, Socket::writable, in(milliseconds(1'000))), Wake::ready);
    for (const char* expected : {"one", "two"}) {
      while (read_some(pair.near) != expected)
        ASSERT_EQ(ship.crew->wait(self, pair.near, Socket::readable, in(milliseconds(5'000))), Wake::ready);
      ship.log.emplace_back(expected);
    }
    EXPECT_EQ(read_some(pair.near), "");
    EXPECT_EQ(ship.crew->wait(self, pair.near, Socket::readable, in(milliseconds(5))), Wake::timed_out);
    ship.crew->unwatch(pair.near);
  });
  ship.add([&](Member& self) {
    for (const std::string text : {"one", "two"}) {
      ship.crew->sleep(self, in(milliseconds(5)));
      EXPECT_EQ(::write(pair.far, text.data(), text.size()), 3);
    }
  });
  ship.sail();
  EXPECT_EQ(ship.text(), "one two");
}

std::string read_all(int fd) {
  std::array<char, 64> buffer;
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : "";
}

// Nothing is on its way before all had their turn; each gets what is its own.
TEST(Crew, SendsWhatItsMembersSayTogether) {
  constexpr int kMembers = 40;  // more than wait to be sent together
  Ship ship;
  std::vector<std::unique_ptr<Pair>> pairs;
  std::string sent_at_first;
  for (int i = 0; i < kMembers; ++i) {
    Pair& pair = *pairs.emplace_back(std::make_unique<Pair>());
    ASSERT_TRUE(ship.crew->watch(pair.near));
    ship.add([&, i](Member& self) {
      if (i > 0) sent_at_first += read_all(pairs[0]->far);
      const std::string question = std::to_string(i);
      std::array<char, 8> buffer;
      Outgoing outgoing{.bytes = question};
      Incoming incoming{.buffer = buffer};
      EXPECT_EQ(ship.crew->converse(self, pair.near, outgoing, incoming, in(milliseconds(20'000))), Wake::ready);
      EXPECT_TRUE(outgoing.bytes.empty());
      EXPECT_LE(outgoing.begun, outgoing.ended);
      EXPECT_LE(outgoing.ended, incoming.seen);
      EXPECT_LE(incoming.seen, incoming.ended);
      ASSERT_TRUE(incoming.count);
      EXPECT_EQ(std::string_view(buffer.data(), *incoming.count), "to " + question);
      EXPECT_EQ(pair.near.events & Socket::readable, 0U);
      ship.crew->unwatch(pair.near);
    });
  }
  ship.add([&](Member& self) {
    ship.crew->sleep(self, in(milliseconds(5)));
    for (int i = 0; i < kMembers; ++i) {
      const std::string question = (i == 0 ? sent_at_first : "") + read_all(pairs[static_cast<std::size_t>(i)]->far);
      EXPECT_EQ(question, std::to_string(i));
      const std::string answer = "to " + question;
      EXPECT_EQ(::write(pairs[static_cast<std::size_t>(i)]->far, answer.data(), answer.size()),
                static_cast<ssize_t>(answer.size()));
    }
  });
  ship.sail();
}

// How a conversation may go otherwise: what the other side does, and what comes of it.
TEST(Crew, SaysHowAConversationWent) {
  struct Case {
    const char* name;
    std::function<void(Pair&)> before = {};  // it is sent
    std::function<void(Pair&)> after = {};
    std::size_t bytes = 1;
    Wake wake = Wake::ready;
    std::optional<std::size_t> count = {};
    int send_error = 0;
    bool is_all_sent = true;
  };
  const auto write = [](std::size_t count) {
    return [count](Pair& pair) {
      EXPECT_EQ(::write(pair.far, std::string(count, 'x').data(), count), static_cast<ssize_t>(count));
    };
  };
  const auto shut = [](Pair& pair) { EXPECT_EQ(::shutdown(pair.far, SHUT_RDWR), 0); };
  constexpr std::size_t kMuch = std::size_t{8} << 20;
  const std::vector<Case> cases = {
      {.name = "no answer", .wake = Wake::timed_out},
      {.name = "an answer", .after = write(3), .count = 3},
      {.name = "more than there is room for", .after = write(9), .count = 8},
      {.name = "the end", .after = shut, .count = 0},
      {.name = "the end before", .before = shut, .send_error = EPIPE, .is_all_sent = false},
      {.name = "an answer to nothing", .before = write(2)},
      {.name = "more than goes at once", .bytes = kMuch, .is_all_sent = false},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    Ship ship;
    Pair pair;
    ASSERT_TRUE(ship.crew->watch(pair.near));
    ship.add([&](Member& self) {
      if (each.before) each.before(pair);
      ship.crew->sleep(self, in(milliseconds(1)));  // what has come by now is seen
      const std::string text(each.bytes, 'q');
      std::array<char, 8> buffer;
      Outgoing outgoing{.bytes = text};
      Incoming incoming{.buffer = buffer};
      EXPECT_EQ(ship.crew->converse(self, pair.near, outgoing, incoming, in(milliseconds(each.after ? 20'000 : 20))),
                each.wake);
      EXPECT_EQ(incoming.count, each.count);
      EXPECT_EQ(outgoing.error, each.send_error);
      EXPECT_EQ(outgoing.bytes.empty(), each.is_all_sent);
      ship.crew->unwatch(pair.near);
    });
    if (each.after)
      ship.add([&](Member& self) {
        while (read_all(pair.far).empty()) ship.crew->sleep(self, in(milliseconds(1)));
        each.after(pair);
      });
    ship.sail();
  }
}

// On a busy machine the crew may have sent it before: then it says so.
TEST(Crew, TakesBackWhatNobodyWantsSentAnyMore) {
  constexpr std::size_t kTries = 50;
  Ship ship;
  Pair pair;
  ASSERT_TRUE(ship.crew->watch(pair.near));
  std::size_t sent = 0;
  bool is_over = false;
  ship.add([&](Member& self) {
    for (std::size_t i = 0; i < kTries; ++i) {
      Outgoing outgoing{.bytes = "x"};
      Incoming incoming;
      EXPECT_EQ(ship.crew->converse(self, pair.near, outgoing, incoming, kNever), Wake::interrupted);
      if (outgoing.begun != SteadyTime()) ++sent;
      ship.crew->resume(self);
      ship.crew->sleep(self, in(milliseconds(1)));
    }
    is_over = true;
    ship.crew->unwatch(pair.near);
  });
  ship.add([&](Member& self) {
    while (!is_over) {
      ship.crew->interrupt(ship.member(0));
      ship.crew->resume(ship.member(0));
      ship.crew->give_way(self);
    }
  });
  ship.sail();
  EXPECT_EQ(::fcntl(pair.far, F_SETFL, O_NONBLOCK), 0);
  EXPECT_EQ(read_all(pair.far), std::string(sent, 'x'));
  EXPECT_LT(sent, kTries);
}

TEST(Crew, WaitsForEachOther) {
  Ship ship;
  ship.add([&](Member& self) {
    EXPECT_EQ(ship.crew->park(self), Wake::ready);
    ship.log.emplace_back("woken");
    EXPECT_EQ(ship.crew->park(self, in(milliseconds(5))), Wake::timed_out);
    EXPECT_EQ(ship.crew->park(self), Wake::interrupted);
    EXPECT_EQ(ship.crew->sleep(self, in(std::chrono::hours(1))), Wake::interrupted);
    ship.crew->resume(self);
    EXPECT_EQ(ship.crew->sleep(self, in(milliseconds(1))), Wake::timed_out);
    ship.log.emplace_back("done");
  });
  ship.add([&](Member& self) {
    ship.log.emplace_back("wakes");
    ship.crew->wake(ship.member(0));
    ship.crew->wake(ship.member(0));  // it is ready already
    ship.crew->sleep(self, in(milliseconds(40)));
    ship.log.emplace_back("interrupts");
    ship.crew->interrupt(ship.member(0));
  });
  ship.sail();
  EXPECT_EQ(ship.text(), "wakes woken interrupts done");
}

// The alarm of a wait that ended before its time rings in the middle of the next one, and must not end it.
TEST(Crew, SleepsThroughTheAlarmsOfEarlierWaits) {
  Ship ship;
  ship.add([&](Member& self) {
    EXPECT_EQ(ship.crew->park(self, in(milliseconds(20))), Wake::ready);
    for (const int ms : {60, 5, 30}) {
      const SteadyTime until = in(milliseconds(ms));
      EXPECT_EQ(ship.crew->sleep(self, until), Wake::timed_out);
      EXPECT_GE(steady_clock::now(), until);
    }
  });
  ship.add([&](Member&) { ship.crew->wake(ship.member(0)); });
  ship.sail();
}

TEST(Crew, TakesMoreMembersOnTheWay) {
  Ship ship;
  ship.add([&](Member& self) {
    ship.add([&](Member&) {
      ship.log.emplace_back("late");
      ship.crew->wake(ship.member(0));
    });
    EXPECT_EQ(ship.crew->park(self), Wake::ready);
    ship.log.emplace_back("first");
  });
  ship.sail();
  EXPECT_EQ(ship.text(), "late first");
}

TEST(Crew, NumbersItsMembers) {
  Ship ship;
  std::set<int> numbers = {running_number()};
  for (int i = 0; i < 3; ++i)
    ship.add([&](Member& self) {
      const int number = running_number();
      EXPECT_TRUE(numbers.insert(number).second);
      ship.crew->sleep(self, in(milliseconds(1)));
      EXPECT_EQ(running_number(), number);
    });
  ship.sail();
  EXPECT_EQ(numbers.size(), 4U);
  std::jthread([&] { EXPECT_TRUE(numbers.insert(running_number()).second); }).join();
  EXPECT_TRUE(numbers.contains(running_number()));
}

// What is on a stack stays there, however many others run meanwhile, and is destroyed when the work ends.
TEST(Crew, KeepsStacksApart) {
  Ship ship;
  const auto kept = std::make_shared<int>(0);
  for (int i = 0; i < 5; ++i)
    ship.add([&, kept, i](Member& self) {
      std::array<int, 10'000> own{};
      own.fill(i);
      ship.crew->sleep(self, in(milliseconds(1)));
      EXPECT_TRUE(std::ranges::all_of(own, [i](int each) { return each == i; }));
    });
  ship.sail();
}

// Whoever reads when its turn comes, behind all others, can still tell when it came.
TEST(Crew, KnowsWhenCameWhatIsReadLate) {
  constexpr int kWaits = 40;
  constexpr int kOthers = 30;
  Ship ship;
  Pair pair;
  ASSERT_TRUE(ship.crew->watch(pair.near));
  std::vector<SteadyTime> turns;
  std::ptrdiff_t most_behind = 0;
  bool is_over = false;
  ship.add([&](Member& self) {
    for (int i = 0; i < kWaits; ++i) {
      turns.clear();
      EXPECT_EQ(::write(pair.far, "x", 1), 1);
      EXPECT_EQ(ship.crew->wait(self, pair.near, Socket::readable, in(milliseconds(20'000))), Wake::ready);
      EXPECT_LE(pair.near.seen, steady_clock::now());
      const auto is_later = [&](SteadyTime turn) { return turn > pair.near.seen; };
      most_behind = std::max(most_behind, std::ranges::count_if(turns, is_later));
      while (!read_some(pair.near).empty()) continue;
    }
    is_over = true;
    ship.crew->unwatch(pair.near);
  });
  for (int i = 0; i < kOthers; ++i)
    ship.add([&](Member& self) {
      for (int round = 0; !is_over && round < 10'000; ++round) {
        turns.push_back(steady_clock::now());
        // Long enough for sockets to be looked at again.
        for (const SteadyTime until = turns.back() + std::chrono::microseconds(250); steady_clock::now() < until;)
          continue;
        ship.crew->give_way(self);
      }
    });
  ship.sail();
  EXPECT_GE(most_behind, kOthers / 2);
}

// A connection over loopback: what is written is there when write() comes back.
class Connected {
 public:
  Connected() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    near.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(near.fd, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::fcntl(near.fd, F_SETFL, O_NONBLOCK), 0);
    near.tell_when_it_comes();
    far = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    ::close(listener);
  }
  Connected(const Connected&) = delete;
  Connected& operator=(const Connected&) = delete;
  ~Connected() {
    ::close(near.fd);
    ::close(far);
  }

  Socket near;
  int far;
};

// Who computes meanwhile keeps all others from looking: the kernel is asked when it came.
TEST(Crew, KnowsWhenCameWhatNobodyLookedFor) {
  Ship ship;
  Connected pair;
  ASSERT_TRUE(ship.crew->watch(pair.near));
  SteadyTime answered;
  constexpr milliseconds kComputes{40};
  const auto converse = [&](Member& self) {
    std::array<char, 8> buffer;
    Outgoing outgoing{.bytes = "question"};
    Incoming incoming{.buffer = buffer};
    EXPECT_EQ(ship.crew->converse(self, pair.near, outgoing, incoming, in(milliseconds(20'000))), Wake::ready);
    EXPECT_EQ(incoming.count, 6U);
    EXPECT_LE(outgoing.ended, incoming.seen);
    EXPECT_LE(incoming.seen, incoming.ended);
    return incoming.ended;
  };
  ship.add([&](Member& self) {
    const SteadyTime came = converse(self);
    EXPECT_LT(came, answered + kComputes / 2);
    converse(self);  // is about something else
    ship.crew->unwatch(pair.near);
  });
  ship.add([&](Member& self) {
    for (const milliseconds computes : {kComputes, milliseconds(0)}) {
      while (read_all(pair.far).empty()) ship.crew->sleep(self, in(milliseconds(1)));
      EXPECT_EQ(::write(pair.far, "answer", 6), 6);
      answered = steady_clock::now();
      while (steady_clock::now() < answered + computes) continue;
    }
  });
  ship.sail();
}

// Nothing guards the counters but that one runs at a time: a lost turn would lose a count, a lost wake would never end.
TEST(Crew, OfHundredsLosesNobody) {
  constexpr int kMembers = 300;
  constexpr int kRounds = 30;
  Ship ship;
  std::vector<std::unique_ptr<Pair>> pairs;
  std::uint64_t turns = 0;
  for (int i = 0; i < kMembers; ++i) {
    Pair& pair = *pairs.emplace_back(std::make_unique<Pair>());
    ASSERT_TRUE(ship.crew->watch(pair.near));
    ship.add([&, i](Member& self) {
      std::mt19937 random(static_cast<std::uint32_t>(i));  // NOLINT(cert-msc51-cpp): each repeats its own waits
      for (int round = 0; round < kRounds; ++round) {
        const std::uint64_t before = ++turns;
        const bool writes = random() % 2 == 0;
        if (writes) {
          EXPECT_EQ(::write(pair.far, "x", 1), 1);
        }
        EXPECT_EQ(turns, before);
        const Wake wake =
            ship.crew->wait(self, pair.near, Socket::readable, in(milliseconds(writes ? 20'000 : random() % 3)));
        EXPECT_EQ(wake, writes ? Wake::ready : Wake::timed_out);
        while (!read_some(pair.near).empty()) continue;
      }
      ship.crew->unwatch(pair.near);
    });
  }
  ship.sail();
  EXPECT_EQ(turns, std::uint64_t{kMembers} * kRounds);
}

TEST(Crew, SaysFromOutsideSinceWhenATurnLasts) {
  Ship ship;
  ship.add([&](Member& self) {
    const SteadyTime before = ship.crew->turn_began();
    EXPECT_GT(before, SteadyTime());
    ship.crew->sleep(self, in(milliseconds(2)));
    EXPECT_GT(ship.crew->turn_began(), before);
  });
  ship.sail();
}

// Its time is up, and before it runs its socket gets ready too: that is one turn, not two.
TEST(Crew, GivesOneTurnForOneWait) {
  Ship ship;
  Pair pair;
  ASSERT_TRUE(ship.crew->watch(pair.near));
  const auto pass_time = [](milliseconds time) {
    for (const SteadyTime until = in(time); steady_clock::now() < until;) continue;
  };
  ship.add([&](Member& self) {
    EXPECT_EQ(ship.crew->wait(self, pair.near, Socket::readable, in(milliseconds(1))), Wake::timed_out);
    const SteadyTime until = in(milliseconds(20));
    EXPECT_EQ(ship.crew->sleep(self, until), Wake::timed_out);
    EXPECT_GE(steady_clock::now(), until);
    ship.crew->unwatch(pair.near);
  });
  ship.add([&](Member& self) { ship.crew->park(self); });
  ship.add([&](Member& self) {
    ship.crew->wake(ship.member(1));  // has the next turn
    pass_time(milliseconds(3));       // meanwhile the alarm of the first is due: it rings when this member waits
    ship.crew->sleep(self, steady_clock::now());
  });
  ship.add([&](Member&) {
    EXPECT_EQ(::write(pair.far, "x", 1), 1);
    pass_time(milliseconds(1));  // long enough for sockets to be looked at again
  });
  ship.sail();
}

}  // namespace
}  // namespace gantry::load

#pragma once

// Who is ready, in the order in which they get the turn.
//
// A member that left the turn a moment ago finds its stack, its script and its context in the processor's caches, and needs a half or a
// third of the time of one that comes after a thousand others. So whoever got what it waited for while few others had the turn goes
// before those who have been away for longer; not more than some times in a row, then it is behind all. What is due by the clock is among
// those before, as it comes. Nobody waits for ever: after some turns before them one of those behind has its own.

#include <cstddef>
#include <cstdint>
#include <deque>

namespace gantry::load {

class Member;

// What the queue remembers of a member.
struct TurnsOf {
  std::uint64_t left_at = 0;  // how many turns there had been when its last one ended
  std::size_t in_row = 0;     // before others, since it was behind them
};

class ReadyQueue {
 public:
  // How many turns others may have had meanwhile.
  static constexpr std::uint64_t kAwayMax = 128;
  static constexpr std::size_t kInRowMax = 16;  // of one member
  // Where many are ready, rows are shorter: each has the turn once within about so many turns (a second, where a turn lasts 60 µs).
  static constexpr std::size_t kRoundMax = std::size_t{1} << 14;

  bool is_empty() const { return near_.empty() && far_.empty(); }
  // The member whose turn it is gives it away.
  void leave(Member& member);
  void push_last(Member& member) { far_.push_back(&member); }
  void push(Member& member);
  void push_due(Member& member);  // begins a row
  // Not of an empty one.
  Member& pop();

 private:
  std::deque<Member*> near_ = {};
  std::deque<Member*> far_ = {};
  std::uint64_t turns_ = 0;
  std::size_t in_row_ = 0;  // of those before
};

}  // namespace gantry::load

#pragma once

// Who is ready, in the order in which they get the turn.
//
// A member that left the turn a moment ago finds its stack, its script and its context in the processor's caches, and needs a half or a
// third of the time of one that comes after a thousand others. So whoever got what it waited for while few others had the turn goes
// before those who have been away for longer, and so does whoever is to begin at a time, which is now. But not more than some times in a
// row, then it is behind all. Nobody waits for ever: each that is ready has the turn once before anybody has used up its times twice.
// Who comes back late, or gave the turn away, takes its place in the order of coming.

#include <cstddef>
#include <cstdint>
#include <deque>

namespace gantry::load {

class Member;

// What the queue remembers of a member.
struct TurnsOf {
  std::uint64_t left_at = 0;  // how many turns there had been when its last one ended
  std::size_t in_row = 0;     // before others
};

class ReadyQueue {
 public:
  // How many turns others may have had meanwhile.
  static constexpr std::uint64_t kAwayMax = 128;
  static constexpr std::size_t kInRowMax = 16;
  // However many are ready, each has the turn once within about so many turns (a second, where a turn lasts 60 µs).
  static constexpr std::size_t kRoundMax = std::size_t{1} << 14;

  bool is_empty() const { return near_.empty() && far_.empty(); }
  // The member whose turn it is gives it away.
  void leave(Member& member);
  void push_last(Member& member) { far_.push_back(&member); }
  void push(Member& member);
  void push_due(Member& member);  // its time has come
  // Not of an empty one.
  Member& pop();

 private:
  bool is_in_row(const TurnsOf& turns) const;

  std::deque<Member*> near_ = {};
  std::deque<Member*> far_ = {};
  std::uint64_t turns_ = 0;
};

}  // namespace gantry::load

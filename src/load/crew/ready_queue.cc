#include "load/crew/ready_queue.h"

#include "load/crew/crew.h"

#include <algorithm>

namespace gantry::load {

namespace {

// So many before one of those behind, which otherwise come in when none of those before is ready. If it were often, more would share the
// caches at a time.
constexpr std::size_t kBeforeFarMax = 8 * ReadyQueue::kInRowMax;

}  // namespace

void ReadyQueue::leave(Member& member) { member.turns_.left_at = turns_; }

void ReadyQueue::push(Member& member) {
  const TurnsOf& turns = member.turns_;
  const std::size_t in_row_max = std::min(kInRowMax, kRoundMax / (far_.size() + 1));
  const bool is_near = turns_ - turns.left_at <= kAwayMax && turns.in_row < in_row_max;
  (is_near ? near_ : far_).push_back(&member);
}

void ReadyQueue::push_due(Member& member) {
  member.turns_.in_row = 0;
  near_.push_back(&member);
}

Member& ReadyQueue::pop() {
  const bool is_near = far_.empty() || (!near_.empty() && in_row_ < kBeforeFarMax);
  std::deque<Member*>& queue = is_near ? near_ : far_;
  Member& member = *queue.front();
  queue.pop_front();
  in_row_ = is_near ? in_row_ + 1 : 0;
  member.turns_.in_row = is_near ? member.turns_.in_row + 1 : 0;
  ++turns_;
  return member;
}

}  // namespace gantry::load

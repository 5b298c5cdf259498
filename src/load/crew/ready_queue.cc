#include "load/crew/ready_queue.h"

#include "load/crew/crew.h"

#include <algorithm>

namespace gantry::load {

void ReadyQueue::leave(Member& member) { member.turns_.left_at = turns_; }

bool ReadyQueue::is_in_row(const TurnsOf& turns) const {
  return turns.in_row < std::min(kInRowMax, kRoundMax / (far_.size() + 1));
}

void ReadyQueue::push(Member& member) {
  const bool is_near = turns_ - member.turns_.left_at <= kAwayMax && is_in_row(member.turns_);
  (is_near ? near_ : far_).push_back(&member);
}

void ReadyQueue::push_due(Member& member) { (is_in_row(member.turns_) ? near_ : far_).push_back(&member); }

Member& ReadyQueue::pop() {
  const bool is_near = !near_.empty();
  std::deque<Member*>& queue = is_near ? near_ : far_;
  Member& member = *queue.front();
  queue.pop_front();
  member.turns_.in_row = is_near ? member.turns_.in_row + 1 : 0;
  ++turns_;
  return member;
}

}  // namespace gantry::load

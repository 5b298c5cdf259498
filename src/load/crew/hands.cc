#include "load/crew/hands.h"

#include <cassert>
#include <utility>

namespace gantry::load {

Hands::~Hands() {
  assert(idle_.size() == all_.size());
  is_over_ = true;
  for (Hand* hand : idle_) crew_.wake(hand->member_);
  while (serving_ > 0) crew_.give_way(owner_);
}

base::Result<Hand*> Hands::lend(std::function<void(Member&)> work) {
  if (!idle_.empty()) {
    Hand* hand = idle_.back();
    idle_.pop_back();
    hand->work_ = std::move(work);
    crew_.wake(hand->member_);
    return hand;
  }
  auto made = std::make_unique<Hand>();
  Hand* hand = made.get();
  hand->work_ = std::move(work);
  TRY(crew_.spawn(
      hand->member_, [this, hand] { serve(*hand); }, kStackBytes));
  ++serving_;
  all_.push_back(std::move(made));
  return hand;
}

void Hands::serve(Hand& hand) {
  while (!is_over_) {
    std::exchange(hand.work_, nullptr)(hand.member_);
    crew_.resume(hand.member_);
    idle_.push_back(&hand);
    while (!hand.work_ && !is_over_) crew_.park(hand.member_);
  }
  --serving_;
}

}  // namespace gantry::load

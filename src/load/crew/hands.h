#pragma once

// Spare fibers of a crew, for what a member wants done while it goes on, such as the requests of a batch: that never touches V8, so that
// their stacks are small. Who has done its work waits for the next, whoever has it.
//
//   const base::Result<Hand*> hand = hands.lend([&](Member& member) { … });   // begins behind those that are ready

#include "load/crew/crew.h"

#include <functional>
#include <memory>
#include <vector>

namespace gantry::load {

// One of them, as long as its work lasts.
class Hand {
 public:
  Member& member() { return member_; }

 private:
  friend class Hands;
  Member member_ = {};
  std::function<void(Member&)> work_ = {};
};

class Hands {
 public:
  // `owner` is the member that destroys this, when no work is left.
  Hands(Crew& crew, Member& owner) : crew_(crew), owner_(owner) {}
  Hands(const Hands&) = delete;
  Hands& operator=(const Hands&) = delete;
  ~Hands();

  // `work` must not throw; once it has returned the hand is somebody else's. Errors: environment (no memory for a stack).
  base::Result<Hand*> lend(std::function<void(Member&)> work);

 private:
  // What it takes to resolve a name and to shake hands by TLS, and as much again; only what is touched takes memory.
  static constexpr std::size_t kStackBytes = std::size_t{256} << 10;

  void serve(Hand& hand);

  Crew& crew_;
  Member& owner_;
  std::vector<std::unique_ptr<Hand>> all_ = {};
  std::vector<Hand*> idle_ = {};
  std::size_t serving_ = 0;
  bool is_over_ = false;
};

}  // namespace gantry::load

#pragma once

// Events that wait to be sent, oldest first, with a limit. A batch at a time is taken out to be sent; it still counts as
// waiting until it was confirmed, and goes back to the front when it was not.
//
// When the queue is full, the oldest goes, and is counted: what happened last is what people will ask about. Only events that
// are being sent stay whatever their age, since they may have arrived already. Not safe for threads.

#include "api/event.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace kgents {

class EventQueue {
 public:
  explicit EventQueue(std::size_t events_max) : events_max_(events_max) {}

  void push(Event event);
  // The oldest, as many as wait but no more than that. confirm() or give_back() must follow before the next take().
  std::vector<Event> take(std::size_t count_max);
  void confirm() { sending_ = 0; }
  void give_back(std::vector<Event> batch);

  // What waits, the batch that is being sent included.
  std::size_t depth() const { return waiting_.size() + sending_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::size_t events_max_;
  std::deque<Event> waiting_;
  std::size_t sending_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace kgents

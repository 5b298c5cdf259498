#include "api/event_queue.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace kgents {

void EventQueue::push(Event event) {
  waiting_.push_back(std::move(event));
  if (depth() <= events_max_) return;
  waiting_.pop_front();
  ++dropped_;
}

std::vector<Event> EventQueue::take(std::size_t count_max) {
  assert(sending_ == 0);
  sending_ = std::min(count_max, waiting_.size());
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(sending_);
  std::vector<Event> batch(std::move_iterator(waiting_.begin()), std::move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return batch;
}

void EventQueue::give_back(std::vector<Event> batch) {
  assert(batch.size() == sending_);
  sending_ = 0;
  waiting_.insert(waiting_.begin(), std::move_iterator(batch.begin()), std::move_iterator(batch.end()));
}

}  // namespace kgents

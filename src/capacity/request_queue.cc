#include "capacity/request_queue.h"

#include <algorithm>

namespace gantry::capacity {

namespace {

constexpr double kNothing = 1e-9;  // of a request: what is left by rounding

}  // namespace

RequestQueue::Served RequestQueue::step(double now, double arrivals, double capacity) {
  Served out;
  out.lost = drop_timed_out(now);
  // By far the usual second: nobody waits, and nobody has to.
  if (batches_.empty() && arrivals <= capacity) {
    out.served = arrivals;
    return out;
  }
  if (arrivals > 0) batches_.push_back({now, now + 1, arrivals});
  double left = capacity;
  double clock = now;
  while (!batches_.empty() && left > kNothing) {
    Batch& first = batches_.front();
    const double count = std::min(first.count, left);
    const double split = first.from + (first.to - first.from) * count / first.count;
    const double end = clock + count / capacity;
    out.late += late_of({first.from, split, count}, clock, end);
    out.served += count;
    left -= count;
    clock = end;
    first.from = split;
    first.count -= count;
    if (first.count <= kNothing) batches_.pop_front();
  }
  waiting_ = 0;
  for (const Batch& batch : batches_) waiting_ += batch.count;
  return out;
}

// The wait goes evenly from that of the first to that of the last. One that would be served before it came is served at once.
double RequestQueue::late_of(const Batch& part, double served_from, double served_to) const {
  const double first = served_from - part.from;
  const double last = served_to - part.to;
  const double longest = std::max(first, last);
  const double shortest = std::min(first, last);
  if (longest <= late_after_) return 0;
  if (shortest >= late_after_) return part.count;
  return part.count * (longest - late_after_) / (longest - shortest);
}

double RequestQueue::drop_timed_out(double now) {
  double lost = 0;
  while (!batches_.empty() && batches_.front().to + timeout_ <= now) {
    lost += batches_.front().count;
    waiting_ -= batches_.front().count;
    batches_.pop_front();
  }
  if (batches_.empty()) waiting_ = 0;
  return lost;
}

}  // namespace gantry::capacity

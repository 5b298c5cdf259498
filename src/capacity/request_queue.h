#pragma once

// Requests that wait for a pod, first come first served. Private to capacity.
//
// A fluid, not single requests: those of one second arrive evenly over it and are served evenly. Who waited how long is then exact
// within each second, since along a part that is served in one go the wait changes evenly, too.

#include <deque>

namespace gantry::capacity {

class RequestQueue {
 public:
  // Seconds.
  RequestQueue(double late_after, double timeout) : late_after_(late_after), timeout_(timeout) {}

  struct Served {
    double served = 0;
    double late = 0;  // of those
    double lost = 0;  // went away
  };
  // One second that begins at `now`: so many arrive, so many can be served.
  Served step(double now, double arrivals, double capacity);

  double waiting() const { return waiting_; }

 private:
  // Arrived evenly from one time to another.
  struct Batch {
    double from = 0;
    double to = 0;
    double count = 0;
  };
  double late_of(const Batch& part, double served_from, double served_to) const;
  double drop_timed_out(double now);

  double late_after_;
  double timeout_;
  double waiting_ = 0;
  std::deque<Batch> batches_;
};

}  // namespace gantry::capacity

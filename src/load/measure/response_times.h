#pragma once

// What people would have waited who come when they like (k6 reference, §19). http_req_duration counts from the first byte that is sent on
// a ready connection: while a target stands still hardly anything is sent, so that its percentiles hardly notice. Here a request counts
// from when it was due, and those that were never sent count too:
//
// * Where iterations begin by the clock, the first request of one is as late as the iteration, and an arrival that found no VU free
//   waited at least until one was.
// * Where a VU asks again once it has its answer, nothing is due. But as long as the target does not stand still, the VUs ask at a steady
//   pace: that pace stands for people, and when the VUs have their answers at less than half of it, those are added who would have come
//   meanwhile. An estimate, and named so. A request that is slow by itself, while other VUs have their answers, adds nothing.
//
// One for each scenario. Times count from when the scenarios began.

#include "load/metrics/sink.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace gantry::load {

class ResponseTimes {
 public:
  enum class Model : std::uint8_t { open, closed };  // by the clock; by answers
  using Time = std::chrono::nanoseconds;

  struct Wait {
    Time from = Time::max();
    Time until = Time::min();
    Time length() const { return until > from ? until - from : Time(0); }
  };

  // What one VU is at in the scenario.
  struct Turn {
    Time due{0};
    Time begun{0};
    // The last time without a break in which it waited for answers, by which requests that are out at once count once. What its script does, and
    // waits of VUs for each other, are not the target's.
    Wait last = {};
    Time given_up_at = Time::min();
    std::uint64_t requests = 0;
    bool is_first = true;
    bool was_stalled = false;
  };

  explicit ResponseTimes(Model model) : model_(model) {}
  // As another process measured them.
  ResponseTimes(Model model, TrendSink corrected, TrendSink totals, std::uint64_t dropped, std::uint64_t unasked)
      : model_(model),
        corrected_(std::move(corrected)),
        totals_(std::move(totals)),
        dropped_(dropped),
        unasked_(unasked) {}

  void begin(Turn& turn, Time due, Time now);
  // From asking for a connection until the last byte of the answer.
  void answer(Turn& turn, Time asked, Time answered);
  // There is no answer, for nobody waits any longer: it would have taken longer than until now.
  void give_up(Turn& turn, Time asked, Time now);
  // `vus` are playing the scenario, this one included.
  enum class Ended : std::uint8_t { whole, cut_off };
  void end(Turn& turn, Time now, std::size_t vus, Ended how);
  // An arrival that no VU was free for.
  void drop(Time due);
  // A VU is free: whoever waited for one is done waiting. And at the end: whoever still waits is.
  void free(Time now);

  // What another process measured of the same scenario, when both are over.
  void merge(const ResponseTimes& other);

  Model model() const { return model_; }
  // ms, all of them. From when a request was due; and the same requests from asking for a connection, as they came.
  const TrendSink& corrected() const { return corrected_; }
  const TrendSink& totals() const { return totals_; }
  std::uint64_t dropped() const { return dropped_; }
  // Requests that the VUs would have sent at their usual pace, had the target not stood still.
  std::uint64_t unasked() const { return unasked_; }

 private:
  // What an iteration is usually like, in ms.
  struct Usual {
    double interval = 0;     // from one request of a VU to its next, in the mean
    double wait = 0;         // for an answer
    double wait_at_p95 = 0;  // more than this is rare
    double requests = 1;     // of an iteration
  };
  struct Waiting {
    Time due{0};
    std::uint64_t count = 0;
  };

  // So many requests of all VUs had been answered at that time.
  struct Mark {
    Time at{0};
    std::uint64_t answers = 0;
  };

  void wait(Turn& turn, Time from, Time until);
  void end_wait(Turn& turn);
  void mark(Time answered);
  double share_kept_away(const Wait& wait) const;
  void look_at_pace();
  void add_unasked(double stalled_ms, double share);

  Model model_;
  TrendSink corrected_ = {};
  TrendSink totals_ = {};
  std::uint64_t dropped_ = 0;
  std::uint64_t unasked_ = 0;
  std::vector<Waiting> waiting_ = {};  // arrivals that found no VU, as they were due
  std::uint64_t stride_ = 1;           // so many go into one entry of waiting_
  std::uint64_t ended_ = 0;            // iterations
  std::size_t vus_ = 0;                // when the last of them ended
  std::uint64_t requests_ = 0;
  std::deque<Mark> marks_ = {};  // of late, a fraction of the usual interval apart
  double cycles_ms_ = 0;         // of all VUs, from one beginning to the next
  std::uint64_t cycles_ = 0;
  double steady_cycles_ms_ = 0;  // without those in which a target stood still
  std::uint64_t steady_cycles_ = 0;
  TrendSink waits_ = {};
  Usual usual_ = {};
  std::uint64_t next_look_ = 100;  // iterations: fewer have no pace, and no rare ones
  double carry_ = 0;               // part of a request that is owed
};

}  // namespace gantry::load

#include "load/measure/response_times.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace gantry::load {

namespace {

// Who waits for less would not have come again meanwhile.
constexpr double kStallCycles = 1;
// And it is an iteration in which a VU waits for longer than this many times what all but a few wait.
constexpr double kStallFactor = 2;
constexpr double kStandsStill = 0.5;
// How many answers there were is remembered so many times in a cycle, for the last 64 cycles: of a longer wait these say what it was.
constexpr double kMarksOfCycle = 16;
constexpr std::size_t kMarksMax = 1024;
// How long the answers that end a standstill may take to come to all VUs, in cycles. They are not others going on.
constexpr double kRush = 0.25;
// Of one stall, at most so many values are recorded, each for as many requests as it takes: a thousandth of the stall apart.
constexpr double kStepsMax = 1000;
// Arrivals that wait are kept one by one up to here, then in pairs, and so on: 16 bytes each.
constexpr std::size_t kWaitingMax = 4096;

using Milliseconds = std::chrono::duration<double, std::milli>;

double to_ms(std::chrono::nanoseconds time) { return Milliseconds(time).count(); }

}  // namespace

void ResponseTimes::merge(const ResponseTimes& other) {
  corrected_.merge(other.corrected_);
  totals_.merge(other.totals_);
  dropped_ += other.dropped_;
  unasked_ += other.unasked_;
}

void ResponseTimes::begin(Turn& turn, Time due, Time now) {
  if (!turn.is_first) {
    cycles_ms_ += to_ms(now - turn.begun);
    ++cycles_;
  }
  if (!turn.is_first && !turn.was_stalled) {
    steady_cycles_ms_ += to_ms(now - turn.begun);
    ++steady_cycles_;
  }
  turn.is_first = false;
  turn.was_stalled = false;
  turn.due = due;
  turn.begun = now;
  turn.waited = Time(0);
  turn.last = {};
  turn.longest = {};
  turn.is_unanswered = false;
  turn.requests = 0;
}

// Answers come in the order of their ends, or nearly so: the one that was asked for first may be the last.
void ResponseTimes::wait(Turn& turn, Time from, Time until) {
  const bool is_apart = from > turn.last.until || until < turn.last.from;
  const Time known = is_apart ? Time(0) : turn.last.length();
  turn.last = is_apart ? Wait{from, until} : Wait{std::min(turn.last.from, from), std::max(turn.last.until, until)};
  turn.waited += turn.last.length() - known;
  if (turn.last.length() > turn.longest.length()) turn.longest = turn.last;
}

void ResponseTimes::give_up(Turn& turn, Time asked, Time now) {
  wait(turn, asked, now);
  turn.is_unanswered = true;
}

void ResponseTimes::answer(Turn& turn, Time asked, Time answered) {
  wait(turn, asked, answered);
  const Time took = answered - asked;
  totals_.add(to_ms(took));
  // Later requests of an iteration follow the one before: only the first was due at a time.
  const bool was_due = model_ == Model::open && turn.requests == 0;
  corrected_.add(to_ms(was_due ? took + (turn.begun - turn.due) : took));
  ++turn.requests;
  ++requests_;
  if (model_ == Model::closed) mark(answered);
}

void ResponseTimes::end(Turn& turn, Time now, std::size_t vus, Ended how) {
  ++ended_;
  if (model_ == Model::closed)
    end_closed(turn, vus);
  else if (how == Ended::cut_off && turn.requests == 0)
    corrected_.add(to_ms(now - turn.due));
}

void ResponseTimes::end_closed(Turn& turn, std::size_t vus) {
  if (requests_ == 0) return;
  const double waited = to_ms(turn.waited);
  if (ended_ >= next_look_) look_at_pace();
  const double stalled = to_ms(turn.longest.length());
  const bool is_stall = usual_.cycle > 0 && stalled >= kStallCycles * usual_.cycle + usual_.waited / usual_.requests &&
                        waited >= kStallFactor * usual_.waited_at_p95;
  waited_.add(waited);
  if (!is_stall) return;
  turn.was_stalled = true;
  if (turn.is_unanswered) corrected_.add(stalled);
  const double share = share_kept_away(turn.longest, vus);
  if (share > kStandsStill) add_unasked(stalled, share);
}

void ResponseTimes::mark(Time answered) {
  if (!marks_.empty() && to_ms(answered - marks_.back().at) < usual_.cycle / kMarksOfCycle) return;
  if (marks_.size() == kMarksMax) marks_.pop_front();
  marks_.push_back({answered, requests_});
}

// Of those who would have come meanwhile. Where the others had their answers at half their pace or more, nobody was kept away.
double ResponseTimes::share_kept_away(const Wait& wait, std::size_t vus) const {
  const auto behind = [this](Time time) { return std::ranges::upper_bound(marks_, time, {}, &Mark::at); };
  const Time end = wait.until - std::chrono::duration_cast<Time>(Milliseconds(kRush * usual_.cycle));
  const auto first = behind(wait.from);
  const auto last = behind(end);
  const Mark& before = first == marks_.begin() ? *first : *std::prev(first);
  if (last == marks_.begin() || end <= before.at) return 0;  // too long ago
  const auto answers = static_cast<double>(std::prev(last)->answers - before.answers);
  const double cycles = to_ms(end - std::max(wait.from, before.at)) * static_cast<double>(cycles_) / cycles_ms_;
  return 1 - answers / std::max(static_cast<double>(vus) * cycles * usual_.requests, 1.0);
}

void ResponseTimes::look_at_pace() {
  if (steady_cycles_ == 0 || waited_.empty()) return;
  usual_ = {.cycle = steady_cycles_ms_ / static_cast<double>(steady_cycles_),
            .waited = waited_.percentile(50),
            .waited_at_p95 = waited_.percentile(95),
            .requests = std::max(static_cast<double>(requests_) / static_cast<double>(ended_), 1.0)};
  next_look_ = ended_ + ended_ / 4;
}

// Requests were due at a steady interval from when the one began that was not answered; the first waited nearly as long.
void ResponseTimes::add_unasked(double stalled_ms, double share) {
  const double interval = usual_.cycle / usual_.requests;
  const double shortest = usual_.waited / usual_.requests;
  if (interval <= 0) return;
  const double count = std::floor((stalled_ms - shortest) / interval);
  const double stride = std::max(std::ceil(count / kStepsMax), 1.0);
  for (double k = 1; k <= count; k += stride) {
    const double in_this = std::min(stride, count - k + 1);
    carry_ += in_this * share;
    const auto times = static_cast<std::uint64_t>(carry_);
    carry_ -= static_cast<double>(times);
    if (times == 0) continue;
    corrected_.add(stalled_ms - (k + (in_this - 1) / 2) * interval, times);
    unasked_ += times;
  }
}

void ResponseTimes::drop(Time due) {
  ++dropped_;
  if (!waiting_.empty() && waiting_.back().count < stride_) {
    ++waiting_.back().count;
    return;
  }
  if (waiting_.size() == kWaitingMax) {
    // Neighbours go together, as what is between them.
    for (std::size_t i = 0; i < kWaitingMax / 2; ++i) {
      const Waiting& first = waiting_[2 * i];
      const Waiting& second = waiting_[2 * i + 1];
      waiting_[i] = {first.due + (second.due - first.due) / 2, first.count + second.count};
    }
    waiting_.resize(kWaitingMax / 2);
    stride_ *= 2;
  }
  waiting_.push_back({due, 1});
}

void ResponseTimes::free(Time now) {
  for (const Waiting& waiting : waiting_) corrected_.add(to_ms(std::max(now - waiting.due, Time(0))), waiting.count);
  waiting_.clear();
  stride_ = 1;
}

}  // namespace gantry::load

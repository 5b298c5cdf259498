#include "load/measure/response_times.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace gantry::load {

namespace {

// A wait for answers is a stall where the VU would have asked again meanwhile, and where it is longer than this many times what all but a few
// are.
constexpr double kStallFactor = 2;
constexpr double kStandsStill = 0.5;
// How many answers there were is remembered so many times in the time from one request of a VU to its next, for the last 64 of those: of a
// longer wait these say what it was.
constexpr double kMarksOfInterval = 16;
constexpr std::size_t kMarksMax = 1024;
// The answers that end a standstill may take this part of that time to come to all VUs. They are not others going on.
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
  turn.last = {};
  turn.given_up_at = Time::min();
  turn.requests = 0;
}

// Answers come in the order of their ends, or nearly so: the one that was asked for first may be the last.
void ResponseTimes::wait(Turn& turn, Time from, Time until) {
  const bool is_apart = from > turn.last.until || until < turn.last.from;
  if (is_apart) end_wait(turn);
  turn.last = {std::min(turn.last.from, from), std::max(turn.last.until, until)};
}

// The next one is another.
void ResponseTimes::end_wait(Turn& turn) {
  const Wait wait = std::exchange(turn.last, Wait());
  if (model_ == Model::open || wait.length() == Time(0)) return;
  const double waited = to_ms(wait.length());
  const bool is_stall =
      usual_.interval > 0 && waited >= usual_.interval + usual_.wait && waited >= kStallFactor * usual_.wait_at_p95;
  waits_.add(waited);
  if (!is_stall) return;
  turn.was_stalled = true;
  const bool has_no_answer = wait.until == turn.given_up_at;
  if (has_no_answer) corrected_.add(waited);
  const double share = share_kept_away(wait);
  if (share > kStandsStill) add_unasked(waited, share);
}

void ResponseTimes::give_up(Turn& turn, Time asked, Time now) {
  wait(turn, asked, now);
  turn.given_up_at = now;
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
  vus_ = vus;
  if (ended_ >= next_look_) look_at_pace();
  end_wait(turn);
  const bool waits_still = model_ == Model::open && how == Ended::cut_off && turn.requests == 0;
  if (waits_still) corrected_.add(to_ms(now - turn.due));
}

void ResponseTimes::mark(Time answered) {
  if (!marks_.empty() && to_ms(answered - marks_.back().at) < usual_.interval / kMarksOfInterval) return;
  if (marks_.size() == kMarksMax) marks_.pop_front();
  marks_.push_back({answered, requests_});
}

// Of those who would have come meanwhile. Where the others had their answers at half their pace or more, nobody was kept away.
double ResponseTimes::share_kept_away(const Wait& wait) const {
  const auto behind = [this](Time time) { return std::ranges::upper_bound(marks_, time, {}, &Mark::at); };
  const Time end = wait.until - std::chrono::duration_cast<Time>(Milliseconds(kRush * usual_.interval));
  const auto first = behind(wait.from);
  const auto last = behind(end);
  const Mark& before = first == marks_.begin() ? *first : *std::prev(first);
  if (last == marks_.begin() || end <= before.at) return 0;  // too long ago
  const auto answers = static_cast<double>(std::prev(last)->answers - before.answers);
  const double cycles = to_ms(end - std::max(wait.from, before.at)) * static_cast<double>(cycles_) / cycles_ms_;
  return 1 - answers / std::max(static_cast<double>(vus_) * cycles * usual_.requests, 1.0);
}

void ResponseTimes::look_at_pace() {
  if (steady_cycles_ == 0 || waits_.empty()) return;
  const double requests = std::max(static_cast<double>(requests_) / static_cast<double>(ended_), 1.0);
  usual_ = {.interval = steady_cycles_ms_ / static_cast<double>(steady_cycles_) / requests,
            .wait = waits_.percentile(50),
            .wait_at_p95 = waits_.percentile(95),
            .requests = requests};
  next_look_ = ended_ + ended_ / 4;
}

// Requests were due at a steady interval from when the one began that was not answered; the first waited nearly as long.
void ResponseTimes::add_unasked(double stalled_ms, double share) {
  const double interval = usual_.interval;
  const double count = std::floor((stalled_ms - usual_.wait) / interval);
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

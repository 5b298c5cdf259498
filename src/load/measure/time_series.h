#pragma once

// How a run went, second by second: what was begun and what was dropped, what was answered, how fast, and what failed. In bounded memory:
// a run that is longer than kIntervalsMax seconds has intervals of 2, 4, 8, … seconds.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace gantry::load {

// Percentiles within 1.6 %, in 3.5 KiB: enough for a curve, and cheap enough for hundreds of them.
class LatencyCurve {
 public:
  void add(double ms);
  void merge(const LatencyCurve& other);
  std::uint64_t count() const { return count_; }
  double max() const { return max_; }  // exact; 0 where there is none
  double percentile(double percent) const;

  // For files: buckets that have any, and how many; and what another process had. False where there is no such bucket.
  std::vector<std::pair<std::int64_t, std::int64_t>> buckets() const;
  bool add_bucket(std::int64_t bucket, std::int64_t count);
  void note_max(double ms) { max_ = std::max(max_, ms); }

 private:
  static constexpr std::size_t kBuckets = 960;
  static constexpr int kOctaveMin = -10;  // about 1 µs
  static constexpr int kOctaveMax = 20;   // about 17 minutes
  static constexpr int kParts = 32;       // of an octave
  static std::size_t bucket_of(double ms);

  std::vector<std::uint32_t> buckets_ = {};  // none until there is a value
  std::uint64_t count_ = 0;
  double max_ = 0;
};

class TimeSeries {
 public:
  static constexpr std::size_t kIntervalsMax = 512;
  using Time = std::chrono::nanoseconds;  // since the scenarios began

  struct Interval {
    std::uint64_t begun = 0;    // iterations
    std::uint64_t dropped = 0;  // iterations
    std::uint64_t failed = 0;   // requests
    std::size_t vus = 0;        // active at once, at most
    LatencyCurve latency = {};  // of each request that ended in it, as http_req_duration has it
    void merge(const Interval& other);
  };

  TimeSeries() = default;
  // As another process had it. At most kIntervalsMax.
  TimeSeries(std::chrono::seconds width, std::vector<Interval> intervals)
      : width_(width), intervals_(std::move(intervals)) {}
  // Of a process that began at the same time. Widths are powers of two.
  void merge(TimeSeries other);

  void begin(Time at) { ++interval_at(at).begun; }
  void drop(Time at) { ++interval_at(at).dropped; }
  // So many VUs are active from now on. By itself that is no reason for one more interval.
  void look(Time at, std::size_t vus);
  void answer(Time at, double ms, bool has_failed);

  std::chrono::seconds width() const { return width_; }
  const std::vector<Interval>& intervals() const { return intervals_; }

 private:
  Interval& interval_at(Time at);
  void fold();

  std::chrono::seconds width_{1};
  std::vector<Interval> intervals_ = {};
  std::size_t vus_ = 0;  // when last looked
};

}  // namespace gantry::load

#include "capacity/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gantry::capacity {

using base::Result;

namespace {

double seconds(Millis duration) { return static_cast<double>(duration.count()) / 1000.0; }

double rate_within(const RatePoint& from, const RatePoint& to, Millis time) {
  if (from.at == to.at) return to.per_second;
  const double share = seconds(time - from.at) / seconds(to.at - from.at);
  return from.per_second + (to.per_second - from.per_second) * share;
}

}  // namespace

Result<Traffic> Traffic::from_points(std::vector<RatePoint> points, base::SourcePos where) {
  const auto refuse = [&](std::string message, std::string help = {}) {
    return base::input_error(std::move(message), where.file ? std::optional(where) : std::nullopt, std::move(help));
  };
  if (points.size() < 2) return refuse("the traffic has fewer than two points", "say how the rate changes over time");
  if (points.size() > kTracePointsMax)
    return refuse(fmt::format("the traffic has more than {} points", kTracePointsMax), "give a part of it");
  for (std::size_t i = 0; i < points.size(); ++i) {
    const RatePoint& point = points[i];
    if (!(point.per_second >= 0 && point.per_second <= kRateMax))
      return refuse(fmt::format("{} requests a second is no rate", point.per_second),
                    fmt::format("rates are from 0 to {:.0f}", kRateMax));
    if (point.at < Millis(0) || (i > 0 && point.at < points[i - 1].at))
      return refuse("the times of the traffic go back", "sort its points by time");
  }
  if (points.back().at > kTraceMax)
    return refuse(fmt::format("the traffic lasts longer than {} days", kTraceMax.count() / 24), "give a part of it");
  points.front().at = Millis(0);
  if (points.back().at < Millis(1000))
    return refuse("the traffic lasts less than a second", "say how long the rate is what it is");
  return Traffic(std::move(points));
}

double Traffic::peak() const { return std::ranges::max_element(points_, {}, &RatePoint::per_second)->per_second; }

double Traffic::rate_at(Millis time) const {
  const auto after = std::ranges::upper_bound(points_, time, {}, &RatePoint::at);
  if (after == points_.begin()) return points_.front().per_second;
  if (after == points_.end()) return points_.back().per_second;
  return rate_within(*(after - 1), *after, time);
}

double Traffic::requests_between(Millis from, Millis to) const {
  TrafficCursor cursor(*this);
  cursor.requests_until(from);
  return cursor.requests_until(to);
}

double TrafficCursor::requests_until(Millis to) {
  double requests = 0;
  while (now_ < to) {
    if (next_ == points_.size()) {
      requests += points_.back().per_second * seconds(to - now_);
      now_ = to;
      break;
    }
    const RatePoint& start = points_[next_ - 1];
    const RatePoint& end = points_[next_];
    const Millis until = std::min(to, end.at);
    if (until > now_)
      requests += (rate_within(start, end, now_) + rate_within(start, end, until)) / 2 * seconds(until - now_);
    now_ = std::max(now_, until);
    if (now_ == end.at) ++next_;
  }
  return requests;
}

Result<Traffic> make_doubling(const Doubling& doubling) {
  const double to = doubling.to.value_or(2 * doubling.from);
  if (!(doubling.from > 0)) return base::input_error("a rate of 0 cannot double", {}, "say from which rate");
  return Traffic::from_points({{Millis(0), doubling.from},
                               {doubling.after, doubling.from},
                               {doubling.after + doubling.ramp, to},
                               {doubling.after + doubling.ramp + doubling.hold, to}});
}

}  // namespace gantry::capacity

#include "load/measure/knee_search.h"

#include <algorithm>
#include <iterator>

namespace gantry::load {

std::optional<KneeSearch::Tried> KneeSearch::broke() const {
  const auto at = std::ranges::find_if(tried_, [](const auto& each) { return !each.second.holds(); });
  if (at == tried_.end()) return std::nullopt;
  return Tried{at->first, at->second.held, at->second.all};
}

std::optional<KneeSearch::Tried> KneeSearch::held() const {
  const auto at = std::ranges::find_if(tried_, [](const auto& each) { return !each.second.holds(); });
  if (at == tried_.begin()) return std::nullopt;
  const auto below = std::prev(at);
  return Tried{below->first, below->second.held, below->second.all};
}

std::optional<std::int64_t> KneeSearch::next() const {
  if (trials_ >= kTrialsMax) return std::nullopt;
  if (tried_.empty()) return first_;
  const std::optional<Tried> good = held();
  const std::optional<Tried> bad = broke();
  if (!bad) {
    if (good->rate >= kRateMax) return std::nullopt;
    return std::min(good->rate * 2, kRateMax);
  }
  const std::int64_t low = good ? good->rate : 0;
  const bool is_wide =
      static_cast<double>(bad->rate - low) > std::max(kPrecision * static_cast<double>(bad->rate), 1.0);
  if (is_wide) return low + (bad->rate - low) / 2;
  if (good && good->trials < kTrials) return good->rate;
  if (bad->trials < kTrials) return bad->rate;
  return std::nullopt;
}

void KneeSearch::tell(std::int64_t rate, bool holds) {
  Trials& trials = tried_[rate];
  ++trials.all;
  if (holds) ++trials.held;
  ++trials_;
}

}  // namespace gantry::load

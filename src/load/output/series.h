#pragma once

// Each metric with each set of tags that it was seen with: what an output keeps of it. Found without a search. Private to load.

#include "load/metrics/recorder.h"

#include <cstddef>
#include <deque>
#include <vector>

namespace gantry::load {

template <typename Series>
class SeriesTable {
 public:
  // `make` is called for a series that is not there yet.
  Series& at(MetricId metric, TagSetId set, auto make) {
    if (places_.size() <= set) places_.resize(set + 1);
    std::vector<Series*>& of_set = places_[set];
    if (of_set.size() <= metric) of_set.resize(metric + 1);
    if (!of_set[metric]) of_set[metric] = &all_.emplace_back(make());
    return *of_set[metric];
  }
  std::deque<Series>& all() { return all_; }

 private:
  std::deque<Series> all_ = {};  // as they were first seen
  std::vector<std::vector<Series*>> places_ = {};
};

}  // namespace gantry::load

#pragma once

// Where the samples of a crew go: into the sink of their metric, and into those of its sub-metrics whose tags they have. Used by
// whoever has the turn, so that nothing is locked. Which sinks a set of tags leads to is found once.

#include "load/metrics/registry.h"
#include "load/metrics/sink.h"
#include "load/metrics/threshold.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::load {

using Tag = std::pair<std::string, std::string>;
// Sorted by name, each name once.
using Tags = std::vector<Tag>;
// In place of the one of that name, where there is one.
void set_tag(Tags& tags, std::string_view name, std::string_view value);
// Null where there is none of that name.
const std::string* find_tag(const Tags& tags, std::string_view name);
// Stands for a set of tags of one recorder; 0 for none.
using TagSetId = std::uint32_t;

struct TakenSample {
  MetricId metric;
  double value;
  TagSetId set;  // stands for its tags
  const Tags& tags;
  const Tags& metadata;  // said beside it, and part of nothing that tells series apart: sorted by name
  SampleTime at;
};

// One of several that are taken at once.
struct Reading {
  BuiltInMetric metric;
  double value;  // finite
};

// Sees each sample that a recorder gets.
class SampleTap {
 public:
  virtual ~SampleTap() = default;
  virtual void on_sample(const TakenSample& sample) = 0;
};

class Recorder {
 public:
  // `registry` outlives this; metrics may be declared later, sub-metrics not.
  explicit Recorder(const MetricRegistry& registry);

  // A part of a metric that is kept apart. The metric exists. The same selector again is the same part.
  void keep_apart(const MetricSelector& selector);

  // Nobody sees the samples themselves: from now on sets differ only by tags that a sub-metric is about, so that their number does not
  // grow with the URLs of a script. After the last keep_apart().
  void forget_other_tags();
  TagSetId intern(Tags tags);
  const Tags& tags(TagSetId id) const { return *tag_sets_[id]; }
  std::size_t tag_sets() const { return tag_sets_.size(); }

  // `value` is finite.
  void add(MetricId metric, double value, TagSetId tags, SampleTime at, const Tags& metadata = kNoMetadata);
  void add(BuiltInMetric metric, double value, TagSetId tags, SampleTime at, const Tags& metadata = kNoMetadata) {
    add(static_cast<MetricId>(metric), value, tags, at, metadata);
  }

  // Those of one moment, which have their tags in common.
  void add(std::span<const Reading> readings, TagSetId tags, SampleTime at, const Tags& metadata = kNoMetadata);

  // From now on, null for nobody; outlives this, or is taken back.
  void set_tap(SampleTap* tap) { tap_ = tap; }

  // What another process recorded, of a metric or of a part of it that is kept apart from now on. Types agree.
  void merge(MetricId metric, const Sink& sink);
  void merge(const MetricSelector& selector, const Sink& sink);
  void replace(MetricId metric, Sink sink);
  // Those parts of a metric that are kept apart.
  std::vector<MetricSelector> parts(MetricId metric) const;

  // Null where the metric has no sample yet; of a sub-metric, by its selector's text.
  const Sink* sink(MetricId metric) const;
  const Sink* sink(std::string_view selector) const;

 private:
  static inline const Tags kNoMetadata = {};
  struct Part {
    MetricSelector selector;
    Sink sink;
  };
  using Route = std::vector<Sink*>;  // none where it was not found yet
  std::vector<Route>& routes(TagSetId tags) {
    if (routes_.size() <= tags) routes_.resize(tag_sets_.size());
    return routes_[tags];
  }
  const Route& route(std::vector<Route>& of_tags, MetricId metric, TagSetId tags) {
    return metric < of_tags.size() && !of_tags[metric].empty() ? of_tags[metric] : find_route(of_tags, metric, tags);
  }
  const Route& find_route(std::vector<Route>& of_tags, MetricId metric, TagSetId tags);
  Sink& whole(MetricId metric);

  const MetricRegistry& registry_;
  SampleTap* tap_ = nullptr;
  std::optional<std::vector<std::string>> remembered_ = {};  // names, sorted; all where there is nothing
  std::deque<std::unique_ptr<Sink>> whole_;                  // by metric; null until there is a sample
  std::map<MetricId, std::deque<Part>> parts_;
  std::map<Tags, TagSetId> ids_;
  std::vector<const Tags*> tag_sets_;       // keys of ids_
  std::vector<std::vector<Route>> routes_;  // by tag set and metric
};

}  // namespace gantry::load

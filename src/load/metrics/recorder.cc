#include "load/metrics/recorder.h"

#include <algorithm>
#include <memory>

namespace gantry::load {

namespace {

void merge_sinks(Sink& into, const Sink& from) {
  std::visit(
      [&](auto& sink) {
        if (const auto* same = std::get_if<std::remove_reference_t<decltype(sink)>>(&from)) sink.merge(*same);
      },
      into);
}

const std::string& name_of(const Tags::value_type& tag) { return tag.first; }

bool has_all(const Tags& tags, const std::vector<std::pair<std::string, std::string>>& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& tag) { return std::ranges::binary_search(tags, tag); });
}

}  // namespace

void set_tag(Tags& tags, std::string_view name, std::string_view value) {
  const auto at = std::ranges::lower_bound(tags, name, {}, name_of);
  if (at != tags.end() && at->first == name)
    at->second = value;
  else
    tags.insert(at, {std::string(name), std::string(value)});
}

const std::string* find_tag(const Tags& tags, std::string_view name) {
  const auto at = std::ranges::lower_bound(tags, name, {}, name_of);
  return at != tags.end() && at->first == name ? &at->second : nullptr;
}

Recorder::Recorder(const MetricRegistry& registry) : registry_(registry) { intern({}); }

void Recorder::keep_apart(const MetricSelector& selector) {
  const MetricId metric = *registry_.find(selector.metric);
  std::deque<Part>& parts = parts_[metric];
  if (std::ranges::any_of(parts, [&](const Part& part) { return part.selector.text == selector.text; })) return;
  parts.push_back({selector, make_sink(registry_[metric].type)});
}

void Recorder::forget_other_tags() {
  std::vector<std::string>& names = remembered_.emplace();
  for (const auto& [metric, parts] : parts_)
    for (const Part& part : parts)
      for (const auto& [name, value] : part.selector.tags) names.push_back(name);
  std::ranges::sort(names);
}

TagSetId Recorder::intern(Tags tags) {
  if (remembered_)
    std::erase_if(tags, [&](const auto& tag) { return !std::ranges::binary_search(*remembered_, tag.first); });
  const auto [at, is_new] = ids_.emplace(std::move(tags), static_cast<TagSetId>(tag_sets_.size()));
  if (is_new) tag_sets_.push_back(&at->first);
  return at->second;
}

Sink& Recorder::whole(MetricId metric) {
  if (whole_.size() <= metric) whole_.resize(registry_.size());
  if (!whole_[metric]) whole_[metric] = std::make_unique<Sink>(make_sink(registry_[metric].type));
  return *whole_[metric];
}

const Recorder::Route& Recorder::find_route(std::vector<Route>& of_tags, MetricId metric, TagSetId tags) {
  if (of_tags.size() <= metric) of_tags.resize(registry_.size());
  Route& route = of_tags[metric];
  route.push_back(&whole(metric));
  if (const auto parts = parts_.find(metric); parts != parts_.end())
    for (Part& part : parts->second)
      if (has_all(*tag_sets_[tags], part.selector.tags)) route.push_back(&part.sink);
  return route;
}

void Recorder::add(MetricId metric, double value, TagSetId tags, SampleTime at, const Tags& metadata) {
  for (Sink* sink : route(routes(tags), metric, tags)) add_sample(*sink, value, at);
  if (tap_) tap_->on_sample({metric, value, tags, *tag_sets_[tags], metadata, at});
}

void Recorder::add(std::span<const Reading> readings, TagSetId tags, SampleTime at, const Tags& metadata) {
  std::vector<Route>& of_tags = routes(tags);
  for (const auto& [metric, value] : readings)
    for (Sink* sink : route(of_tags, static_cast<MetricId>(metric), tags)) add_sample(*sink, value, at);
  if (!tap_) return;
  for (const auto& [metric, value] : readings)
    tap_->on_sample({static_cast<MetricId>(metric), value, tags, *tag_sets_[tags], metadata, at});
}

void Recorder::merge(MetricId metric, const Sink& sink) { merge_sinks(whole(metric), sink); }

void Recorder::merge(const MetricSelector& selector, const Sink& sink) {
  keep_apart(selector);
  for (Part& part : parts_[*registry_.find(selector.metric)])
    if (part.selector.text == selector.text) merge_sinks(part.sink, sink);
}

void Recorder::replace(MetricId metric, Sink sink) { whole(metric) = std::move(sink); }

std::vector<MetricSelector> Recorder::parts(MetricId metric) const {
  std::vector<MetricSelector> selectors;
  if (const auto parts = parts_.find(metric); parts != parts_.end())
    for (const Part& part : parts->second) selectors.push_back(part.selector);
  return selectors;
}

const Sink* Recorder::sink(MetricId metric) const { return metric < whole_.size() ? whole_[metric].get() : nullptr; }

const Sink* Recorder::sink(std::string_view selector) const {
  for (const auto& [metric, parts] : parts_)
    for (const Part& part : parts)
      if (part.selector.text == selector) return &part.sink;
  return nullptr;
}

}  // namespace gantry::load

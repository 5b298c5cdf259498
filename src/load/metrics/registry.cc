#include "load/metrics/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gantry::load {

namespace {

struct BuiltIn {
  BuiltInMetric id;
  std::string_view name;
  MetricType type;
  Contains contains;
};
constexpr std::array<BuiltIn, 24> kBuiltIns = {
    {{BuiltInMetric::vus, "vus", MetricType::gauge, Contains::plain},
     {BuiltInMetric::vus_max, "vus_max", MetricType::gauge, Contains::plain},
     {BuiltInMetric::iterations, "iterations", MetricType::counter, Contains::plain},
     {BuiltInMetric::iteration_duration, "iteration_duration", MetricType::trend, Contains::time},
     {BuiltInMetric::dropped_iterations, "dropped_iterations", MetricType::counter, Contains::plain},
     {BuiltInMetric::checks, "checks", MetricType::rate, Contains::plain},
     {BuiltInMetric::group_duration, "group_duration", MetricType::trend, Contains::time},
     {BuiltInMetric::http_reqs, "http_reqs", MetricType::counter, Contains::plain},
     {BuiltInMetric::http_req_failed, "http_req_failed", MetricType::rate, Contains::plain},
     {BuiltInMetric::http_req_duration, "http_req_duration", MetricType::trend, Contains::time},
     {BuiltInMetric::http_req_blocked, "http_req_blocked", MetricType::trend, Contains::time},
     {BuiltInMetric::http_req_connecting, "http_req_connecting", MetricType::trend, Contains::time},
     {BuiltInMetric::http_req_tls_handshaking, "http_req_tls_handshaking", MetricType::trend, Contains::time},
     {BuiltInMetric::http_req_sending, "http_req_sending", MetricType::trend, Contains::time},
     {BuiltInMetric::http_req_waiting, "http_req_waiting", MetricType::trend, Contains::time},
     {BuiltInMetric::http_req_receiving, "http_req_receiving", MetricType::trend, Contains::time},
     {BuiltInMetric::data_sent, "data_sent", MetricType::counter, Contains::data},
     {BuiltInMetric::data_received, "data_received", MetricType::counter, Contains::data},
     {BuiltInMetric::ws_sessions, "ws_sessions", MetricType::counter, Contains::plain},
     {BuiltInMetric::ws_msgs_sent, "ws_msgs_sent", MetricType::counter, Contains::plain},
     {BuiltInMetric::ws_msgs_received, "ws_msgs_received", MetricType::counter, Contains::plain},
     {BuiltInMetric::ws_ping, "ws_ping", MetricType::trend, Contains::time},
     {BuiltInMetric::ws_session_duration, "ws_session_duration", MetricType::trend, Contains::time},
     {BuiltInMetric::ws_connecting, "ws_connecting", MetricType::trend, Contains::time}}};
static_assert(std::ranges::is_sorted(kBuiltIns, {}, &BuiltIn::id) &&
              static_cast<std::size_t>(kBuiltIns.back().id) + 1 == kBuiltIns.size());

constexpr std::size_t kNameMax = 129;

bool is_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return name.size() >= 2 && name.size() <= kNameMax && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

std::string_view to_string(Contains contains) {
  constexpr std::array<std::string_view, 3> kNames = {"default", "time", "data"};
  return kNames[static_cast<std::size_t>(contains)];
}

MetricRegistry::MetricRegistry() {
  for (const BuiltIn& metric : kBuiltIns) {
    ids_.emplace(metric.name, static_cast<MetricId>(metric.id));
    metrics_.push_back({std::string(metric.name), metric.type, metric.contains});
  }
}

base::Result<MetricId> MetricRegistry::declare(std::string_view name, MetricType type, Contains contains) {
  if (!is_name(name))
    return base::input_error(fmt::format("\"{}\" is no name for a metric", name), {},
                             "take 2 to 129 letters, digits and underscores, no digit first");
  if (const MetricId* known = find(name)) {
    const Metric& metric = metrics_[*known];
    if (metric.type == type && metric.contains == contains) return *known;
    return base::input_error(fmt::format("metric {} is there already, as a {} of {} values", name,
                                         to_string(metric.type), to_string(metric.contains)),
                             {}, "give the second one another name");
  }
  const auto id = static_cast<MetricId>(metrics_.size());
  metrics_.push_back({std::string(name), type, contains});
  ids_.emplace(name, id);
  return id;
}

const MetricId* MetricRegistry::find(std::string_view name) const {
  const auto at = ids_.find(name);
  return at == ids_.end() ? nullptr : &at->second;
}

}  // namespace gantry::load

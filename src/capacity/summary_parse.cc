// Summaries of load tests (k6 reference, §13.3 to §13.5).

#include "capacity/baseline.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <set>

namespace gantry::capacity {

using base::Node;
using base::Result;

namespace {

// Percentiles have other names in each form.
struct LatencyName {
  std::string_view written;
  std::string_view name;
};
constexpr std::array<LatencyName, 15> kLatencyNames = {{{"avg", "avg"},
                                                        {"mean", "avg"},
                                                        {"min", "min"},
                                                        {"med", "p50"},
                                                        {"p(50)", "p50"},
                                                        {"p50", "p50"},
                                                        {"p(90)", "p90"},
                                                        {"p90", "p90"},
                                                        {"p(95)", "p95"},
                                                        {"p95", "p95"},
                                                        {"p(99)", "p99"},
                                                        {"p99", "p99"},
                                                        {"p(99.9)", "p99.9"},
                                                        {"max", "max"},
                                                        {"p99.9", "p99.9"}}};

// A number that a load test can have measured.
std::optional<double> number_at(const Node* node) {
  if (!node || !node->is_number()) return std::nullopt;
  const double number = node->number();
  if (!std::isfinite(number) || number < 0 || number > 1e15) return std::nullopt;
  return number;
}

std::optional<double> first_number(const Node* values, std::initializer_list<std::string_view> names) {
  if (!values) return std::nullopt;
  for (const std::string_view name : names)
    if (const std::optional<double> number = number_at(values->get(name))) return number;
  return std::nullopt;
}

void read_latency(const Node* values, Baseline& baseline) {
  if (!values) return;
  for (const LatencyName& each : kLatencyNames)
    if (const std::optional<double> number = number_at(values->get(each.written)))
      baseline.latency_ms.emplace(each.name, *number);
}

// In handleSummary's data {"expr": {"ok": true}}; in an export {"expr": false}, where true means failed.
void read_thresholds(std::string_view metric, const Node& body, bool measured, Baseline& baseline) {
  const Node* thresholds = body.get("thresholds");
  if (!thresholds || !thresholds->is_map()) return;
  for (const Node::Member& member : thresholds->map()) {
    const Node* ok = member.value.get("ok");
    const bool passed = ok ? ok->is_bool() && ok->boolean() : member.value.is_bool() && !member.value.boolean();
    baseline.thresholds.push_back({std::string(metric), member.key, passed, measured});
  }
}

// A trend or counter without a sample says 0 everywhere.
bool has_samples(const Node* values) {
  if (!values || !values->is_map()) return false;
  for (const Node::Member& member : values->map())
    if (number_at(&member.value).value_or(0) > 0) return true;
  return false;
}

// Both forms with `metrics` as a map: values apart, or beside the type.
Result<Baseline> parse_metrics_map(const Node& document, const Node& metrics) {
  Baseline baseline;
  const Node* const first = metrics.map().empty() ? nullptr : &metrics.map().front().value;
  baseline.format = first && first->get("values") ? "k6 handleSummary data" : "k6 --summary-export";
  const auto values = [&](std::string_view name) -> const Node* {
    const Node* metric = metrics.get(name);
    const Node* inner = metric ? metric->get("values") : nullptr;
    return inner ? inner : metric;
  };
  baseline.rate = first_number(values("http_reqs"), {"rate"}).value_or(0);
  baseline.requests = first_number(values("http_reqs"), {"count"});
  baseline.error_share = first_number(values("http_req_failed"), {"rate", "value"});
  baseline.dropped_iterations = first_number(values("dropped_iterations"), {"count"});
  baseline.vus = first_number(values("vus_max"), {"value", "max"});
  read_latency(values("http_req_duration"), baseline);
  if (const std::optional<double> duration = number_at(document.find("state", "testRunDurationMs")))
    baseline.duration = Millis(std::llround(*duration));
  for (const Node::Member& member : metrics.map()) {
    const Node* inner = member.value.get("values");
    read_thresholds(member.key, member.value, has_samples(inner ? inner : &member.value), baseline);
  }
  return baseline;
}

// The newer form: results.metrics is a list.
Result<Baseline> parse_metrics_list(const Node& document, const Node& metrics) {
  Baseline baseline;
  baseline.format = "k6 machine-readable summary";
  for (const Node& metric : metrics.array()) {
    const std::string_view name = metric.text("name");
    const Node* values = metric.get("values");
    if (name == "http_reqs") {
      baseline.rate = first_number(values, {"rate"}).value_or(0);
      baseline.requests = first_number(values, {"count"});
    }
    if (name == "http_req_failed") baseline.error_share = first_number(values, {"rate"});
    if (name == "dropped_iterations") baseline.dropped_iterations = first_number(values, {"count"});
    if (name == "vus_max") baseline.vus = first_number(values, {"value", "max"});
    if (name == "http_req_duration") read_latency(values, baseline);
  }
  if (const std::optional<double> seconds = number_at(document.find("config", "duration"))) {
    baseline.duration = Millis(std::llround(*seconds * 1000));
    // Its counters have a count and no rate.
    if (baseline.rate <= 0 && baseline.requests && *seconds > 0) baseline.rate = *baseline.requests / *seconds;
  }
  return baseline;
}

Result<Baseline> parse_flat(const Node& document) {
  Baseline baseline;
  baseline.format = "flat summary";
  baseline.rate = number_at(document.get("requests_per_second")).value_or(0);
  baseline.requests = number_at(document.get("requests"));
  baseline.error_share = number_at(document.get("error_rate"));
  baseline.dropped_iterations = number_at(document.get("dropped_iterations"));
  baseline.vus = number_at(document.get("vus"));
  if (const std::optional<double> seconds = number_at(document.get("duration_seconds")))
    baseline.duration = Millis(std::llround(*seconds * 1000));
  read_latency(document.get("http_req_duration_ms"), baseline);
  if (const Node* thresholds = document.get("thresholds"); thresholds && thresholds->is_map())
    for (const Node::Member& member : thresholds->map())
      baseline.thresholds.push_back({member.key, "", member.value.is_bool() && member.value.boolean(), true});
  return baseline;
}

Result<Baseline> parse_form(const Node& document) {
  const Node* metrics = document.get("metrics");
  if (metrics && metrics->is_map()) return parse_metrics_map(document, *metrics);
  const Node* list = document.find("results", "metrics");
  if (list && list->is_array()) return parse_metrics_list(document, *list);
  if (document.get("requests_per_second")) return parse_flat(document);
  return base::input_error("this is no summary of a load test", document.pos(),
                           "give what k6's handleSummary gets, what --summary-export writes, or a map with "
                           "requests_per_second and http_req_duration_ms");
}

}  // namespace

Result<Baseline> parse_summary(const Node& document) {
  Baseline baseline = TRY(parse_form(document));
  baseline.where = document.pos();
  if (!(baseline.rate > 0))
    return base::input_error(fmt::format("the summary ({}) has no rate of requests above 0", baseline.format),
                             document.pos(), "a run without requests is no baseline");
  if (baseline.error_share.value_or(0) > 1)
    return base::input_error("the summary's share of failed requests is above 1", document.pos(),
                             "it is a share, not a percentage");
  return baseline;
}

}  // namespace gantry::capacity

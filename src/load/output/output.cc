#include "load/output/output.h"

#include "base/text.h"
#include "load/output/kinds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace gantry::load {

namespace {

struct OutputKind {
  std::string_view name;
  base::Result<std::unique_ptr<SampleOutput>> (*make)(const OutputSetup& setup);
};
constexpr std::array kKinds = {
    OutputKind{"json", make_json_output},
    OutputKind{"csv", make_csv_output},
    OutputKind{"experimental-prometheus-rw", make_prometheus_output},
    OutputKind{"influxdb", make_influxdb_output},
    OutputKind{"opentelemetry", make_opentelemetry_output},
    OutputKind{"experimental-opentelemetry", make_opentelemetry_output},
};

// Those of k6 that are gone, or are somebody's service.
struct GoneKind {
  std::string_view name;
  std::string_view why;
  std::string_view help;
};
constexpr std::array kGone = {
    GoneKind{"kafka", "k6 has had no output to Kafka since 0.34", "write --out json=FILE, and send that"},
    GoneKind{"datadog", "k6 has had no output to Datadog since 0.34",
             "--out opentelemetry sends to Datadog's agent, which understands OTLP"},
    GoneKind{"statsd", "k6 has had no output to StatsD since 0.55",
             "--out opentelemetry sends to whatever understands OTLP"},
    GoneKind{"cloud", "Grafana Cloud takes runs from k6 alone",
             "--out experimental-prometheus-rw sends to its Prometheus"},
};

}  // namespace

base::Result<std::unique_ptr<SampleOutput>> make_output(std::string_view what,
                                                        const std::map<std::string, std::string>& environment,
                                                        const OutputFiles& files) {
  const std::size_t at = what.find('=');
  const std::string_view name = what.substr(0, at);
  const auto* kind = std::ranges::find(kKinds, name, &OutputKind::name);
  if (kind != kKinds.end())
    return kind->make({at == std::string_view::npos ? std::string_view() : what.substr(at + 1), environment, files});
  if (const auto* gone = std::ranges::find(kGone, name, &GoneKind::name); gone != kGone.end())
    return base::usage_error(fmt::format("there is no output {}: {}", name, gone->why), std::string(gone->help));
  std::vector<std::string_view> names;
  for (const OutputKind& each : kKinds) names.push_back(each.name);
  return base::usage_error(fmt::format("there is no output {}", name),
                           fmt::format("there are: {}", fmt::join(names, ", ")));
}

}  // namespace gantry::load

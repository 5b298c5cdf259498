// What is rendered of names that mean harm; the whole forms are kept beside tests/cli/scale.

#include "report/scale.h"

#include "report/xml_check.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace gantry::report {
namespace {

capacity::PreparedSimulation prepare(std::string name) {
  kube::HorizontalPodAutoscaler hpa;
  hpa.object.id.name = std::move(name);
  hpa.object.id.name_space = "shop";
  hpa.min_replicas = 1;
  hpa.max_replicas = 5;
  kube::ScaleMetric metric;
  metric.name = "cpu\x1b[31m\n\"";
  metric.utilization_percent = 50;
  hpa.metrics = {metric};
  capacity::Scenario scenario{.autoscaler = hpa,
                              .requests_milli = {100},
                              .signals = {capacity::Signal{}},
                              .traffic = *capacity::make_doubling({.from = 20}),
                              .pod = {}};
  scenario.pod.cpu_ms_per_request = 10;
  return {.scenario = std::move(scenario), .workload = {}, .assumptions = {"a\x07 pod"}};
}

struct Rendered {
  std::string text, json, svg, metrics;
};

Rendered render_all(const std::string& name) {
  const capacity::PreparedSimulation prepared = prepare(name);
  const capacity::Simulation simulation = *capacity::simulate(prepared.scenario);
  const std::vector<base::Finding> findings;
  const SimulatedScale scale{prepared, {}, simulation, findings};
  return {render_simulation(scale, {}), render_simulation_json(scale), render_simulation_svg(scale),
          render_simulation_openmetrics(scale, {})};
}

TEST(Scale, HostileNamesStayOnTheirLine) {
  const Rendered rendered = render_all("web\x1b[2J\n</svg><script>\"\\");
  for (const std::string* text : {&rendered.text, &rendered.json, &rendered.svg, &rendered.metrics}) {
    EXPECT_EQ(text->find('\x1b'), std::string::npos);
    EXPECT_EQ(text->find('\x07'), std::string::npos);
  }
  EXPECT_EQ(rendered.svg.find("<script"), std::string::npos);
  EXPECT_TRUE(rendered.metrics.ends_with("# EOF\n"));
  EXPECT_NE(rendered.metrics.find("script>\\\"\\\\\""), std::string::npos) << "quotes and backslashes are escaped";
}

// OpenMetrics: the samples of a family stand together, each line is a comment or a sample with a timestamp.
TEST(Scale, OpenMetricsIsWellFormed) {
  const std::string text = render_all("web").metrics;
  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size(); ++lines) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    if (!line.starts_with("# ")) {
      EXPECT_NE(line.find("{namespace=\"shop\",horizontalpodautoscaler=\"web\""), std::string::npos) << line;
    }
    at = end + 1;
  }
  EXPECT_EQ(lines, 12 * 2 + 12 * 140 + 1) << "35 min are 140 syncs";
}

TEST(Scale, ASvgIsXml) {
  const std::string declared = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + render_all("a<b>&\"c").svg;
  EXPECT_EQ(find_xml_error(declared), std::nullopt);
}

}  // namespace
}  // namespace gantry::report

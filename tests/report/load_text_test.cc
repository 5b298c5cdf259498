// The summary of a load test as text, as k6 has it.

#include "report/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace gantry::report {
namespace {

using load::BuiltInMetric;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHome = "http_req_duration{name:home}";

// Two requests that took 10 ms and 30 ms, and only the first as expected.
load::RunOutcome outcome_with(const load::MetricSelector& judged) {
  load::RunOutcome outcome;
  outcome.duration = std::chrono::seconds(1);
  outcome.thresholds = {{judged, {}}};
  for (const std::string_view part : {std::string_view(load::kExpectedResponses), std::string_view(judged.text)})
    outcome.recorder->keep_apart(*load::parse_metric_selector(part));
  const load::TagSetId expected = outcome.recorder->intern({{"expected_response", "true"}, {"name", "away"}});
  const load::TagSetId other = outcome.recorder->intern({{"expected_response", "false"}, {"name", "home"}});
  outcome.recorder->add(BuiltInMetric::http_req_duration, 10, expected, {});
  outcome.recorder->add(BuiltInMetric::http_req_duration, 30, other, {});
  return outcome;
}

TEST(LoadText, HasThePartsOfAMetric) {
  const std::string text = render_load_summary(outcome_with(*load::parse_metric_selector(kHome)), {});
  EXPECT_THAT(text, testing::ContainsRegex("\n    http_req_duration\\.+: avg=20ms .*"
                                           "\n      \\{ expected_response:true \\}\\.+: avg=10ms .*"
                                           "\n      \\{ name:home \\}\\.+: avg=30ms "));
  const std::string once =
      render_load_summary(outcome_with(*load::parse_metric_selector(load::kExpectedResponses)), {});
  EXPECT_EQ(once.find("expected_response"), once.rfind("expected_response"));
  load::RunOutcome none;
  none.recorder->keep_apart(*load::parse_metric_selector(load::kExpectedResponses));
  none.recorder->add(BuiltInMetric::http_req_duration, 10, 0, {});
  EXPECT_THAT(render_load_summary(none, {}), Not(HasSubstr("expected_response")));
}

}  // namespace
}  // namespace gantry::report

// The page of a load test: it stands alone, its markup is whole, and nothing that a script names breaks out of it.

#include "report/load.h"
#include "report/xml_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gantry::report {
namespace {

using load::BuiltInMetric;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

// A run of 5 s in which everything has that name.
load::RunOutcome outcome_of(const std::string& name) {
  load::RunOutcome outcome;
  outcome.options.set("scenarios", base::Node::Map{{name, name, {}}});
  outcome.duration = std::chrono::seconds(5);
  load::MetricSelector selector = *load::parse_metric_selector("http_req_duration{name:x}");
  selector.text = "http_req_duration{name:" + name + "}";
  outcome.recorder->keep_apart(selector);
  for (int i = 0; i < 50; ++i) {
    const std::chrono::nanoseconds at = milliseconds(100 * i);
    const double ms = i == 20 ? 900 : 10 + i % 7;
    outcome.recorder->add(BuiltInMetric::http_reqs, 1, 0, at);
    outcome.recorder->add(BuiltInMetric::http_req_failed, i % 10 == 0 ? 1 : 0, 0, at);
    outcome.recorder->add(BuiltInMetric::http_req_duration, ms, 0, at);
    outcome.recorder->add(BuiltInMetric::iterations, 1, 0, at);
    outcome.recorder->add(BuiltInMetric::checks, 1, 0, at);
    outcome.measurement.series.look(at, 3);
    outcome.measurement.series.begin(at);
    outcome.measurement.series.answer(at, ms, i % 10 == 0);
  }
  load::ScenarioTimes& scenario =
      outcome.measurement.scenarios.emplace_back(name, load::ResponseTimes(load::ResponseTimes::Model::open));
  load::ResponseTimes::Turn turn;
  scenario.responses.begin(turn, milliseconds(0), milliseconds(40));
  scenario.responses.answer(turn, milliseconds(40), milliseconds(50));
  outcome.measurement.generator.played = std::chrono::seconds(5);
  check_of(outcome.checks.groups.checks, name).count(true);
  check_of(outcome.checks.groups.at("::" + name).checks, name).count(false);
  outcome.thresholds = {
      {selector, {{{.source = "p(95)<" + name}, {.holds = false, .value = 16}}}},
      {*load::parse_metric_selector("http_reqs"), {{{.source = "count>1"}, {.holds = true, .is_undecided = true}}}}};
  return outcome;
}

std::string page_of(const std::string& name) {
  return render_load_html(outcome_of(name), {.script = name, .ended = base::Timestamp(milliseconds(0))});
}

TEST(LoadHtml, ShowsWhatK6SaysAndWhatUsersSaw) {
  const std::string page = page_of("shop.js");
  for (const std::string_view text :
       {"<title>shop.js</title>", "1970-01-01T00:00:00.000Z", "1 of 2 thresholds do not hold",
        "http_req_duration, as k6 has it", "as users see it", "p(95)=16ms", "✗ does not hold", "? judged nothing",
        "the threshold count&gt;1 of http_reqs had no samples", "the second from 2s on, in which a request took 900ms",
        "failed requests a second", "virtual users at work", "10.00%", "prefers-color-scheme:dark"})
    EXPECT_THAT(page, HasSubstr(text));
  // Of each chart one picture, and what it shows as figures too.
  EXPECT_THAT(page, HasSubstr("<tr><th scope=\"row\">2s</th><td class=\"figure\">10</td>"));
}

TEST(LoadHtml, NeedsNothingElse) {
  const std::string page = page_of("shop.js");
  for (const std::string_view text :
       {"<script", "src=", "href=", "url(", "http://", "https://", "@import", "nan", "inf"})
    EXPECT_THAT(page, Not(HasSubstr(text)));
}

TEST(LoadHtml, IsWholeWhateverTheNames) {
  const std::string_view names[] = {
      "plain",       "</style><script>alert(1)</script>",
      "<!-- ",       "]]>",
      "\"'&<>",      "a\nb\tc",
      "\x1b[31mred", "\xe2\x80\xae turned",
      "\xff\xfe",    "",
  };
  for (const std::string_view name : names) {
    std::string page = page_of(std::string(name));
    EXPECT_THAT(page, Not(HasSubstr("<script"))) << name;
    EXPECT_THAT(page, Not(HasSubstr("\x1b"))) << name;
    // What HTML has before its root is no XML.
    page.replace(0, page.find("<html"), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    EXPECT_EQ(find_xml_error(page), std::nullopt) << name;
  }
}

TEST(LoadHtml, SaysHowARunEnded) {
  load::RunOutcome failed = outcome_of("x");
  failed.error = base::Error{.kind = base::ErrorKind::input, .message = "setup() did not end within 1s"};
  EXPECT_THAT(render_load_html(failed, {}), HasSubstr("<p class=\"verdict bad\">setup() did not end within 1s</p>"));
  load::RunOutcome empty;
  EXPECT_THAT(render_load_html(empty, {}), HasSubstr("No threshold says what would have been good enough"));
}

}  // namespace
}  // namespace gantry::report
